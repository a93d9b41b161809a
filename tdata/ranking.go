package tdata

import (
	"math/bits"
	"math/rand/v2"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
)

// A ranking is the list of a [PriorityQueue]'s values, in order, with hints that lead into it.
//
//		head ─▶ taken last ──▶ first ──▶ second ──▶ end
//		              ▲                    ▲
//		hints   ──────┴────────────────────┘
//
//	 1. Who is taken becomes the head's, and the one that was it is passed: its next is gone from then on. So a take changes
//	    the head and the link before what it takes, and does not look at the one behind.
//	 2. A put changes the link that leads over the place where it puts, and no other that is in the list. So it clashes with
//	    a take only if that takes what comes next, and with another put only at that place.
//	 3. A value has a next exactly while it is in the list, be it the one taken last: nil before, gone after. So who relies on
//	    the next of a value that has to be before, and on where that leads, has found the place, however he came there. Who
//	    puts before the first relies on the head too.
//	 4. The hints are a skip list of some of the values, of those whose transactions have not ended too. They lead the way;
//	    no transaction relies on them. They change under a mutex, under which no user code runs: what was found by comparisons
//	    is checked by comparing pointers. Whoever put a value, or passed it, takes its hints away when his transaction has
//	    ended, unless the value is in the list.
//	 5. Nothing that has left leads to what is in the list or has been: its next is gone, and so are its hints. So what has
//	    been taken is garbage, also if a snapshot has what was taken before. The first value of a next is nil, so that no
//	    snapshot keeps what is put later.
type ranking[T any] struct {
	head  link[ranked[T]]
	heads *engine.Rare // immutable, as is links
	links *engine.Rare
	end   ranked[T] // its address is the end of the list, and
	gone  ranked[T] // its, the next of what was passed

	mu   shared.Mutex
	top  tower[T] // before all others
	left tower[T] // its address is where the hints of those lead that have left
}

// A ranked value.
type ranked[T any] struct {
	next  link[ranked[T]]
	tower *tower[T] // immutable once it is in the list; nil if it has no hints
	value T         // immutable
}

// A tower has the hints of a value: on each level, which is the next tower.
type tower[T any] struct {
	*ranked[T]
	of *ranking[T] // immutable
	up []hint[T]   // immutable length
}

type hint[T any] struct {
	next shared.Pointer[tower[T]] // changed under the ranking's mutex
	prev *tower[T]                // guarded by the mutex
}

// hintLevels suffice for 4^hintLevels values with hints.
const hintLevels = 13

// height draws how many levels a value is on: each has a quarter of the values of the one below. The lowest is the list.
func height() int { return 1 + min(bits.TrailingZeros64(rand.Uint64())/2, hintLevels) }

// newRanking returns a list whose head, and the end that it leads to, are to be set.
func newRanking[T any](heads, links *engine.Rare) *ranking[T] {
	r := &ranking[T]{heads: heads, links: links}
	r.head.init(heads, 0, nil)
	r.top.up = make([]hint[T], hintLevels)
	return r
}

// place returns the last value that is to be before, and what comes next. The transaction relies on both being neighbours.
func (r *ranking[T]) place(t *engine.Tx, behind func(T) bool) (before, after *ranked[T]) {
	for {
		n, isHead := r.near(t, behind)
		if isHead {
			n = r.head.get(t, r.heads)
		}
		after = n.next.get(t, r.links)
		if after == &r.end || r.isIn(after) && !behind(after.value) {
			return n, after
		}
	}
}

// isIn reports whether this is the next of a value that is in the list.
func (r *ranking[T]) isIn(next *ranked[T]) bool { return next != nil && next != &r.gone }

// near returns what seems to be the last value that is to be before, and whether it is the one taken last for want of others.
func (r *ranking[T]) near(t *engine.Tx, behind func(T) bool) (n *ranked[T], isHead bool) {
	p := r.trail(behind)
	if n = r.standing(t, &p); n == nil {
		if n, isHead = r.head.glimpse(t), true; n == nil {
			n = r.head.load() // who clears the queue is about to say
		}
	}
	for next := n.next.glimpse(t); next != &r.end && r.isIn(next) && behind(next.value); next = n.next.glimpse(t) {
		n, isHead = next, false
	}
	return n, isHead
}

// standing returns the last value on a trail that is in the list, nil if there is none.
func (r *ranking[T]) standing(t *engine.Tx, p *trail[T]) *ranked[T] {
	for _, n := range p.before {
		if n != &r.top && r.isIn(n.ranked.next.glimpse(t)) {
			return n.ranked
		}
	}
	return nil
}

// A trail is, on each level, the last tower that is to be before, and the next.
type trail[T any] struct{ before, after [hintLevels]*tower[T] }

func (r *ranking[T]) trail(behind func(T) bool) (p trail[T]) {
	n := &r.top
	var beyond *tower[T] // known not to be before
	for level := hintLevels - 1; level >= 0; level-- {
		after := n.up[level].next.Load()
		for after != beyond && after != nil && after != &r.left && behind(after.value) {
			n = after
			after = n.up[level].next.Load()
		}
		if after == &r.left { // n has left: from the top again
			n, beyond, level = &r.top, nil, hintLevels
			continue
		}
		p.before[level], p.after[level], beyond = n, after, after
	}
	return p
}

// hint gives a value hints, which stay if the transaction commits.
func (r *ranking[T]) hint(t *engine.Tx, n *ranked[T], levels int, behind func(T) bool) {
	n.tower = &tower[T]{n, r, make([]hint[T], levels)}
	for p := r.trail(behind); !r.enter(n.tower, &p); {
		p = r.trail(behind)
	}
	t.Hold(n.tower)
}

// enter puts a tower where a trail leads. It reports false if that has changed.
func (r *ranking[T]) enter(n *tower[T], p *trail[T]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for level := range n.up {
		if p.before[level].up[level].next.Load() != p.after[level] {
			return false
		}
	}
	for level := range n.up {
		r.link(p.before[level], n, level)
		r.link(n, p.after[level], level)
	}
	return true
}

// link makes two towers neighbours. The caller holds the mutex.
func (r *ranking[T]) link(n, after *tower[T], level int) {
	if after != nil {
		after.up[level].prev = n
	}
	n.up[level].next.Store(after)
}

// LetGo takes a tower down unless its value is in the list.
func (n *tower[T]) LetGo() {
	if r := n.of; !r.isIn(n.ranked.next.load()) {
		r.leave(n)
	}
}

// leave takes a tower down, from its top: so who has come to it by one level finds those below it as they were, and who
// finds that it has left does not come to it again.
func (r *ranking[T]) leave(n *tower[T]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n.up[0].prev == nil {
		return // it has left
	}
	for level := len(n.up) - 1; level >= 0; level-- {
		h := &n.up[level]
		r.link(h.prev, h.next.Load(), level)
		h.prev = nil
		h.next.Store(&r.left)
	}
}
