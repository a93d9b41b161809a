package tdata

import "container/heap"

// cacheDeadlines is a heap of the slots that expire, the next one first. Its policy's mu guards it.
type cacheDeadlines[K comparable, V any] []*cacheSlot[K, V]

// schedule puts a slot where what is counted for it belongs, if it expires, or takes it out.
func (d *cacheDeadlines[K, V]) schedule(s *cacheSlot[K, V], expires bool) {
	switch at := int(s.place.deadline); {
	case at == 0 && expires:
		heap.Push(d, s)
	case at != 0 && !expires:
		heap.Remove(d, at-1)
	case at != 0:
		heap.Fix(d, at-1)
	}
}

// Len, Less, Swap, Push and Pop are for package heap.
func (d cacheDeadlines[K, V]) Len() int { return len(d) }

func (d cacheDeadlines[K, V]) Less(i, j int) bool {
	return d[i].place.counted.expires < d[j].place.counted.expires
}

func (d cacheDeadlines[K, V]) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place.deadline, d[j].place.deadline = int32(i)+1, int32(j)+1
}

func (d *cacheDeadlines[K, V]) Push(s any) {
	*d = append(*d, s.(*cacheSlot[K, V]))
	(*d)[len(*d)-1].place.deadline = int32(len(*d))
}

func (d *cacheDeadlines[K, V]) Pop() any {
	last := len(*d) - 1
	s := (*d)[last]
	s.place.deadline = 0
	(*d)[last] = nil
	*d = (*d)[:last]
	return s
}
