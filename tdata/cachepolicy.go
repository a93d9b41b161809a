package tdata

import (
	"math"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/shared"
)

// A cachePolicy decides what a part of a cache's keys is to be evicted. It is not transactional: it
// hears of a change after the commit, and looks at what the slot holds by then (settle), so it does not
// matter in which order it hears. Between a commit and that moment an entry is in the cache, but not in
// the queue.
//
// Time is counted in generations (see cacheAges). A use stores the present one beside the slot, without
// a lock and without a transaction; since it is a hint, a lost one does no harm. The queue is in order of
// use, but put right only where it matters, at its old end: a slot that was used since it was placed is
// placed anew, by the generation of its last use, and the first that was not is evicted.
//
// What is new is placed at some depth of the queue, and only a use brings it to the top: what is set once and
// never used passes through without touching the rest. The depth is learnt. Evicting the least recently used
// key is the measure: which keys that would have kept follows from their last use, for those that are
// there and for those that were evicted lately. A hit that it would not have had makes the depth smaller,
// and one that only it would have had makes it greater.
//
// Where the ideas are from: generations are those of Linux's Multi-Gen LRU (Zhao, 2022), the depth for what is
// new is InnoDB's, and to learn from what was evicted is ARC's (Megiddo and Modha, 2003).
//
// Rejected: S3-FIFO (Yang, Zhang, Qiu, Yue and Rashmi, 2023), which finds as much by Zipf and more in loops,
// but one to three in a hundred uses less than the least recently used policy where the newest keys are the best.
type cachePolicy[K comparable, V any] struct {
	mu     shared.Mutex // guards everything but ages, and the places of this part's slots
	queue  cacheQueue[K, V]
	ghosts cacheGhosts
	due    cacheDeadlines[K, V]
	depth  float64          // of what is new: 0 is the old end, 1 the top
	tops   [agesTold]uint64 // the queue's top in each of the latest generations
	ages   cacheAges
}

// Found by trying, with the traces of the tests.
const (
	firstDepth, leastDepth, mostDepth = 0.5, 0.02, 0.95 // not 1: from the top there is nothing to learn

	learning = 10.0  // what is learnt from one hit, times the number of slots
	hopeless = 0.005 // the weight of a key that neither could have had: in a loop there are no others
)

// A cachePlace is a slot's place in the policy.
type cachePlace[K comparable, V any] struct {
	used       atomic.Uint32    // the generation of the last use, see cacheAges
	placed     uint32           // what used was when the slot was placed
	prev, next *cacheSlot[K, V] // in the queue: older, newer
	counted    *cacheEntry[V]   // what the policy has counted for the slot; nil: it is not in the queue
	rank       uint64           // in the queue
	deadline   int32            // where it is in the heap of deadlines, from 1; 0: it is not
}

func (p *cachePolicy[K, V]) init() { p.depth = firstDepth }

// settle brings the policy up to date with what the slot holds now, and returns by how much the weight
// of everything in the queue has changed. What weighs more than most is not taken in: it is returned, to
// be evicted.
func (p *cachePolicy[K, V]) settle(s *cacheSlot[K, V], most int64) (change int64, tooMuch *cacheEntry[V]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	entry := s.entry.load()
	switch {
	case !entry.isThere():
		return -p.forget(s), nil
	case entry.weight > most: // also of a slot that was in the queue with less
		return -p.forget(s), entry
	}
	change = entry.weight
	if counted := s.place.counted; counted != nil {
		change -= counted.weight
	} else {
		p.enter(s)
	}
	s.place.counted = entry
	p.due.schedule(s, entry.expires != 0)
	return change, nil
}

// enter puts a slot into the queue.
func (p *cachePolicy[K, V]) enter(s *cacheSlot[K, V]) {
	p.learn(-float64(p.ages.wins.Swap(0)))
	now, top, weight := p.ages.now.Load(), p.queue.top, 1.0
	age, remembered := p.ghosts.take(s.hash, now)
	if remembered {
		p.ages.leave(now - age)
	}
	reach := p.ages.reach.Load()
	if remembered && age <= reach {
		if age < reach {
			p.learn(1)
		}
		s.place.used.Store(now << 1)
	} else {
		p.learn(-hopeless)
		top -= uint64(math.Round((1 - p.depth) * float64(p.queue.span())))
		weight = p.depth
		s.place.used.Store(now<<1 | unused)
	}
	p.put(s, top, weight)
	p.ages.enter(now)
	if p.ages.advance(p.queue.count) {
		p.tops[p.ages.now.Load()%agesTold] = p.queue.top
	}
}

// put places a slot, which pushes down those below it: by less, the deeper it is.
func (p *cachePolicy[K, V]) put(s *cacheSlot[K, V], rank uint64, weight float64) {
	s.place.placed = s.place.used.Load()
	if weight < 1 && rank == p.queue.bottom() {
		p.queue.insertOldest(s) // of what is new, only the newest, for a loop to keep the others
	} else {
		p.queue.insert(s, rank)
	}
	if p.queue.push(weight) {
		p.tops[p.ages.now.Load()%agesTold] = p.queue.top
	}
}

func (p *cachePolicy[K, V]) learn(weight float64) {
	p.depth += weight * learning / float64(p.queue.count+1)
	p.depth = max(leastDepth, min(p.depth, mostDepth))
}

// forget takes a slot out of everything, and returns the weight that was counted for it.
func (p *cachePolicy[K, V]) forget(s *cacheSlot[K, V]) (weight int64) {
	if s.place.counted == nil {
		return 0
	}
	weight = s.place.counted.weight
	p.queue.remove(s)
	p.due.schedule(s, false)
	s.place.counted = nil
	return weight
}

// victim takes the slot that is to be evicted next out of the queue, but not the one that is to be spared, and
// returns it with what it holds, nil if there is none.
func (p *cachePolicy[K, V]) victim(spare *cacheSlot[K, V]) (*cacheSlot[K, V], *cacheEntry[V], int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.oldest(spare)
	if s == nil {
		return nil, nil, 0
	}
	p.ghosts.remember(s.hash, s.place.used.Load()>>1, p.queue.count)
	return s, s.entry.load(), p.forget(s)
}

// oldest returns the slot to be evicted next. The loop is bounded: each turn moves a slot up, and uses noted
// meanwhile are not waited for.
func (p *cachePolicy[K, V]) oldest(spare *cacheSlot[K, V]) *cacheSlot[K, V] {
	for patience := p.queue.count; ; patience-- {
		s := p.queue.oldest
		if s == spare && s != nil {
			s = s.place.next
		}
		if s == nil || patience == 0 || s.place.used.Load() == s.place.placed || !p.promote(s) {
			return s
		}
	}
}

// promote moves a slot up to where its last use belongs. It reports false if that was too long ago.
func (p *cachePolicy[K, V]) promote(s *cacheSlot[K, V]) bool {
	now, used := p.ages.now.Load(), s.place.used.Load()>>1
	if p.ages.age(now, used) >= agesTold {
		return false
	}
	rank := p.tops[used%agesTold]
	if rank <= p.queue.bottom() {
		return false
	}
	p.queue.remove(s)
	p.put(s, rank, 1)
	return true
}

// overdue takes a slot whose entry has expired out of the queue, like victim. A slot that holds something
// else by now is left alone: whoever changed it will settle it.
func (p *cachePolicy[K, V]) overdue(now int64) (*cacheSlot[K, V], *cacheEntry[V], int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.due) > 0 && p.due[0].place.counted.expires <= now {
		s := p.due[0]
		if e := s.entry.load(); e == s.place.counted {
			return s, e, p.forget(s)
		}
		p.due.schedule(s, false)
	}
	return nil, nil, 0
}
