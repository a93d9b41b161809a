package tdata

// A cacheQueue is a list of slots in order of rank, in which a slot can be put at any rank above the
// bottom. Its policy's mu guards it.
//
//		oldest ─next▶ slot ─▶ slot ─▶ slot ─▶ newest
//		 bottom                  ▲              ▲ top
//		                         last of its rank
//
//	 1. Ranks do not fall from oldest to newest, if those below low count as low.
//	 2. For the ranks from low to top, at most ranksTold of them, last has the newest slot of each, nil if
//	    there is none.
type cacheQueue[K comparable, V any] struct {
	oldest, newest *cacheSlot[K, V]
	count          int
	low, top       uint64
	pushed         float64 // slots put at the present top, weighted
	last           [ranksTold]*cacheSlot[K, V]
}

const ranksTold = 64

// bottom returns the rank of the oldest slot.
func (q *cacheQueue[K, V]) bottom() uint64 {
	for q.low < q.top && q.last[q.low%ranksTold] == nil {
		q.low++
	}
	return q.low
}

// span returns how many ranks are above the bottom.
func (q *cacheQueue[K, V]) span() uint64 { return q.top - q.bottom() }

// rankOf returns the rank of a slot, by (1).
func (q *cacheQueue[K, V]) rankOf(s *cacheSlot[K, V]) uint64 { return max(s.place.rank, q.low) }

// insert puts a slot at a rank from low to top, as the newest of it.
func (q *cacheQueue[K, V]) insert(s *cacheSlot[K, V], rank uint64) {
	q.link(s, rank, q.before(rank))
	q.last[rank%ranksTold] = s
}

// insertOldest puts a slot below all others.
func (q *cacheQueue[K, V]) insertOldest(s *cacheSlot[K, V]) {
	q.link(s, q.low, nil)
	if last := &q.last[q.low%ranksTold]; *last == nil {
		*last = s
	}
}

// link puts a slot above another, nil for the bottom.
func (q *cacheQueue[K, V]) link(s *cacheSlot[K, V], rank uint64, below *cacheSlot[K, V]) {
	p := &s.place
	p.rank, p.prev, p.next = rank, below, q.oldest
	if p.prev != nil {
		p.next = p.prev.place.next
		p.prev.place.next = s
	} else {
		q.oldest = s
	}
	if p.next != nil {
		p.next.place.prev = s
	} else {
		q.newest = s
	}
	q.count++
}

// before returns the newest slot of a rank, or of the next lower one that has any.
func (q *cacheQueue[K, V]) before(rank uint64) *cacheSlot[K, V] {
	for ; rank > q.low; rank-- {
		if s := q.last[rank%ranksTold]; s != nil {
			return s
		}
	}
	return q.last[q.low%ranksTold]
}

func (q *cacheQueue[K, V]) remove(s *cacheSlot[K, V]) {
	p, rank := &s.place, q.rankOf(s)
	if last := &q.last[rank%ranksTold]; *last == s {
		if *last = p.prev; p.prev != nil && q.rankOf(p.prev) < rank {
			*last = nil
		}
	}
	if p.prev != nil {
		p.prev.place.next = p.next
	} else {
		q.oldest = p.next
	}
	if p.next != nil {
		p.next.place.prev = p.prev
	} else {
		q.newest = p.prev
	}
	p.prev, p.next = nil, nil
	q.count--
}

// push counts a slot that was put at the top, or less of one, and reports whether there is a new top: as soon
// as one slot in perGeneration is at this one.
func (q *cacheQueue[K, V]) push(weight float64) bool {
	if q.pushed += weight; q.pushed*perGeneration < float64(q.count) {
		return false
	}
	q.pushed = 0
	if q.top++; q.top-q.low == ranksTold { // the two lowest ranks become one
		lowest := q.last[q.low%ranksTold]
		q.last[q.low%ranksTold] = nil
		if q.low++; q.last[q.low%ranksTold] == nil {
			q.last[q.low%ranksTold] = lowest
		}
	}
	return true
}
