package tdata

import (
	"container/heap"
	"math/bits"
	"sync"
	"sync/atomic"
)

// A cachePolicy decides what a part of a cache's keys is to be evicted. It is not transactional: it
// hears of a change after the commit, and looks at what the slot holds by then (settle), so it does not
// matter in which order it hears. Between a commit and that moment an entry is in the cache, but not in
// the queues.
//
// The policy is S3-FIFO: new keys go to a small queue, and move on to the main queue only if they were
// used there, or if they come back while they are remembered. So what is set once and never used passes
// through without touching the rest. A use only sets a counter beside the slot, without a lock and
// without a transaction; since it is a hint, a lost update does no harm.
//
// The idea is from Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you need for cache eviction"
// (2023). Theirs has a small queue of a tenth, moves on what was used twice, and remembers fewer; that is
// better by a point where popularity is all, and worse by several for loops and for keys that are used
// for a while and then no more.
type cachePolicy[K comparable, V any] struct {
	mu     sync.Mutex // guards all that follows, and the places of this part's slots
	small  cacheQueue[K, V]
	main   cacheQueue[K, V]
	ghosts cacheGhosts
	due    cacheDeadlines[K, V]
}

// A cachePlace is a slot's place in the policy.
type cachePlace[K comparable, V any] struct {
	queue      *cacheQueue[K, V] // nil: in none
	prev, next *cacheSlot[K, V]  // in the queue
	weight     int64             // what the queue has counted for it
	expires    int64             // as the heap of deadlines has it
	deadline   int               // where it is in that heap, from 1; 0: it is not
	uses       atomic.Uint32     // how often it was used lately, 0 to mostUses; a hint
}

const mostUses = 3

// use notes that a slot was used.
func (p *cachePlace[K, V]) use() {
	if n := p.uses.Load(); n < mostUses {
		p.uses.Store(n + 1)
	}
}

// settle brings the policy up to date with what the slot holds now, and returns by how much the weight
// of everything in the queues has changed. What weighs more than most is not taken in: it is returned, to
// be evicted.
func (p *cachePolicy[K, V]) settle(s *cacheSlot[K, V], most int64) (change int64, tooMuch *cacheEntry[V]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, entry := s.place.weight, s.entry.Load()
	switch {
	case entry == nil || entry.flight != nil:
		p.forget(s)
		return -before, nil
	case entry.weight > most: // also of a slot that was in a queue with less
		p.forget(s)
		return -before, entry
	case s.place.queue == nil:
		p.enter(s)
	}
	s.place.queue.weight += entry.weight - before
	s.place.weight = entry.weight
	p.due.schedule(s, entry.expires)
	return entry.weight - before, nil
}

// enter puts a slot into the queue for it.
func (p *cachePolicy[K, V]) enter(s *cacheSlot[K, V]) {
	s.place.uses.Store(0)
	if p.ghosts.take(s.hash) {
		p.main.push(s)
	} else {
		p.small.push(s)
	}
}

// forget takes a slot out of everything.
func (p *cachePolicy[K, V]) forget(s *cacheSlot[K, V]) {
	if q := s.place.queue; q != nil {
		q.remove(s)
		s.place.weight = 0
	}
	p.due.schedule(s, 0)
}

// victim takes the slot that is to be evicted next out of the queues and returns it with what it
// holds, nil if there is nothing to evict.
func (p *cachePolicy[K, V]) victim() (*cacheSlot[K, V], *cacheEntry[V], int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.next()
	if s == nil {
		return nil, nil, 0
	}
	weight := s.place.weight
	p.forget(s)
	return s, s.entry.Load(), weight
}

// next chooses what is to be evicted next, nil if there is nothing. The loop is bounded: each turn takes
// a use from a slot or moves one to the main queue, and uses noted meanwhile are not waited for.
func (p *cachePolicy[K, V]) next() *cacheSlot[K, V] {
	for patience := (mostUses + 1) * (p.small.count + p.main.count); ; patience-- {
		fromMain := p.small.tail == nil || p.main.tail != nil && p.small.weight*smallShare <= p.small.weight+p.main.weight
		switch {
		case fromMain && p.main.tail == nil:
			return nil
		case fromMain:
			s := p.main.tail
			uses := s.place.uses.Load()
			if uses == 0 || patience <= 0 {
				return s
			}
			s.place.uses.Store(uses - 1)
			p.main.remove(s)
			p.main.push(s)
		default:
			s := p.small.tail
			if s.place.uses.Load() == 0 || patience <= 0 {
				p.ghosts.remember(s.hash, p.small.count+p.main.count)
				return s
			}
			s.place.uses.Store(0)
			p.small.remove(s)
			p.main.push(s)
		}
	}
}

// overdue takes a slot whose entry has expired out of the queues, like victim. A slot that holds something
// else by now is left alone: whoever changed it will settle it.
func (p *cachePolicy[K, V]) overdue(now int64) (*cacheSlot[K, V], *cacheEntry[V], int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.due) > 0 && p.due[0].place.expires <= now {
		s, e := p.due[0], p.due[0].entry.Load()
		if e == nil || e.expires != s.place.expires {
			p.due.schedule(s, 0)
			continue
		}
		weight := s.place.weight
		p.forget(s)
		return s, e, weight
	}
	return nil, nil, 0
}

const smallShare = 5 // the small queue is one part of so many

// A cacheQueue is a list of slots, the youngest first. Its policy's mu guards it.
type cacheQueue[K comparable, V any] struct {
	head, tail *cacheSlot[K, V]
	count      int
	weight     int64
}

func (q *cacheQueue[K, V]) push(s *cacheSlot[K, V]) {
	p := &s.place
	p.queue, p.prev, p.next = q, nil, q.head
	if q.head != nil {
		q.head.place.prev = s
	} else {
		q.tail = s
	}
	q.head = s
	q.count++
	q.weight += p.weight
}

func (q *cacheQueue[K, V]) remove(s *cacheSlot[K, V]) {
	p := &s.place
	if p.prev != nil {
		p.prev.place.next = p.next
	} else {
		q.head = p.next
	}
	if p.next != nil {
		p.next.place.prev = p.prev
	} else {
		q.tail = p.prev
	}
	q.count--
	q.weight -= p.weight
	p.queue, p.prev, p.next = nil, nil, nil
}

// cacheGhosts remembers hashes of what was evicted lately, about as many as the queues have slots.
// It is a table of marks, each half a hash and half the time when it was made, two to choose from for
// each hash.
type cacheGhosts struct {
	marks []uint64
	made  uint32 // how many so far, which is the time
	limit uint32 // older marks do not count
}

func (g *cacheGhosts) remember(hash uint64, limit int) {
	if len(g.marks) < 2*limit || g.marks == nil {
		g.grow(limit)
	}
	g.limit = uint32(limit)
	g.made++
	at := g.place(hash)
	if g.age(at) < g.age(at^1) {
		at ^= 1
	}
	g.marks[at] = hash&^0xFFFFFFFF | uint64(g.made)
}

// take reports whether a hash is remembered, and forgets it.
func (g *cacheGhosts) take(hash uint64) bool {
	if g.marks == nil {
		return false
	}
	at := g.place(hash)
	for _, i := range [2]uint64{at, at ^ 1} {
		if m := g.marks[i]; m != 0 && m>>32 == hash>>32 {
			remembered := g.age(i) < g.limit
			g.marks[i] = 0
			return remembered
		}
	}
	return false
}

func (g *cacheGhosts) place(hash uint64) uint64 { return hash >> 32 & uint64(len(g.marks)-1) }

// age returns how many marks are younger than one, and much for none.
func (g *cacheGhosts) age(at uint64) uint32 {
	if g.marks[at] == 0 {
		return 1<<32 - 1
	}
	return g.made - uint32(g.marks[at])
}

// grow makes room for twice the limit, and keeps what is there.
func (g *cacheGhosts) grow(limit int) {
	old := g.marks
	g.marks = make([]uint64, max(16, 1<<bits.Len(uint(2*limit))))
	for _, m := range old {
		if m != 0 {
			g.marks[g.place(m)] = m
		}
	}
}

// cacheDeadlines is a heap of the slots that expire, the next one first. Its policy's mu guards it.
type cacheDeadlines[K comparable, V any] []*cacheSlot[K, V]

// schedule gives a slot another time to expire, 0 for never.
func (d *cacheDeadlines[K, V]) schedule(s *cacheSlot[K, V], expires int64) {
	p := &s.place
	switch p.expires = expires; {
	case p.deadline == 0 && expires != 0:
		heap.Push(d, s)
	case p.deadline != 0 && expires == 0:
		heap.Remove(d, p.deadline-1)
	case p.deadline != 0:
		heap.Fix(d, p.deadline-1)
	}
}

// Len, Less, Swap, Push and Pop are for package heap.
func (d cacheDeadlines[K, V]) Len() int           { return len(d) }
func (d cacheDeadlines[K, V]) Less(i, j int) bool { return d[i].place.expires < d[j].place.expires }

func (d cacheDeadlines[K, V]) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place.deadline, d[j].place.deadline = i+1, j+1
}

func (d *cacheDeadlines[K, V]) Push(s any) {
	*d = append(*d, s.(*cacheSlot[K, V]))
	(*d)[len(*d)-1].place.deadline = len(*d)
}

func (d *cacheDeadlines[K, V]) Pop() any {
	last := len(*d) - 1
	s := (*d)[last]
	s.place.deadline = 0
	(*d)[last] = nil
	*d = (*d)[:last]
	return s
}
