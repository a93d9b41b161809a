package tdata

import (
	"iter"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// How a transaction goes through a skip list. One that logs what it reads relies on all slots and links
// on its way, and on the towers at both ends. One that does not has a snapshot that stays, so it need not
// look at links as they were: towers that were made later are empty in it, and those that have left since
// are noticed by the floor of their gap.

// A span is a range of keys: from one on, if not nil, up to another, if not nil.
type span[K any] struct {
	from, to  *K
	inclusive bool // of to
}

// scan is one transaction's way through a list.
type scan[K, V any] struct {
	*skipList[K, V]
	tx   *stm.Tx
	t    *engine.Tx
	logs bool
}

// scan begins a way: from here on the snapshot of one who does not log stays.
func (l *skipList[K, V]) scan(tx *stm.Tx) scan[K, V] {
	t := inside(tx)
	t.Check(&l.head.next.cell)
	s := scan[K, V]{l, tx, t, t.LogsNow()}
	if s.logs {
		t.Renewable()
	} else {
		t.Present()
	}
	return s
}

// value returns what a tower's slot holds, and has one who relies on nothing being there hold the tower.
// If that is too late, a link on the way to it has changed, so that the attempt cannot commit.
func (s scan[K, V]) value(n *skipTower[K, V]) content[V] {
	present := n.value.get(s.t, s.values)
	if !present.isFull() && s.logs {
		s.keep(n)
	}
	return present
}

// keep holds a tower until the attempt is over. It reports false if the tower is dead.
func (s scan[K, V]) keep(n *skipTower[K, V]) bool {
	if !n.hold() {
		return false
	}
	s.t.Hold(n)
	return true
}

// border returns the tower of a key, for one who logs.
func (s scan[K, V]) border(key *K) *skipTower[K, V] {
	if key == nil || !s.logs {
		return nil
	}
	n := s.held(s.tx, *key, nil)
	s.t.Hold(n)
	return n
}

// after returns the tower after n, nil if there is none.
func (s scan[K, V]) after(n *skipTower[K, V]) *skipTower[K, V] {
	switch {
	case !s.logs:
		next := n.next.peek()
		s.t.Cover(n.floor.Load())
		return next
	case s.t.Pinned() != nil: // whatever has left or come since is empty in the snapshot, or clashes by its slot
		return n.next.latest(s.t)
	}
	return n.next.get(s.t, s.gaps)
}

// previous returns the tower before n, or before a key, or the last one if both are nil; and nil if there
// is none.
func (s scan[K, V]) previous(n *skipTower[K, V], key *K) *skipTower[K, V] {
	for {
		before := s.lastBefore(key)
		if s.logs && before != s.head && !s.keep(before) {
			s.await()
			continue
		}
		after := s.after(before)
		switch {
		case before == s.head && (after == n || !s.logs):
			return nil
		case after == n || !s.logs:
			return s.unlike(n, before)
		case key != nil && (after == nil || s.compare(after.key, *key) >= 0): // no key has come between
			s.contradicted()
		}
	}
}

// unlike returns the tower that was found before n.
func (l *skipList[K, V]) unlike(n, before *skipTower[K, V]) *skipTower[K, V] {
	if before == n {
		l.contradicted()
	}
	return before
}

// contradicted is for what no order has, and what would be looked at again for ever.
func (l *skipList[K, V]) contradicted() {
	panic("tdata: the comparison of an OrderedMap or OrderedSet contradicts itself; it must be a strict weak order, " +
		"and 0 for keys that are the same")
}

// lastBefore returns the last tower before a key, or the last one if that is nil.
func (s scan[K, V]) lastBefore(key *K) *skipTower[K, V] {
	if key == nil {
		return s.last()
	}
	return s.skipList.before(*key)
}

// ascending iterates over the towers of a span that have values.
func (s scan[K, V]) ascending(r span[K]) iter.Seq2[*skipTower[K, V], content[V]] {
	return func(yield func(*skipTower[K, V], content[V]) bool) {
		if r.isEmpty(s.compare) {
			return
		}
		s.border(r.to)
		n := s.border(r.from)
		switch {
		case n != nil:
		case r.from != nil:
			n = s.after(s.skipList.before(*r.from))
		default:
			n = s.after(s.head)
		}
		for ; n != nil && r.reaches(s.compare, n.key); n = s.after(n) {
			if present := s.value(n); present.isFull() && !yield(n, present) {
				return
			}
		}
	}
}

// descending iterates over the towers of a span that have values, the last one first.
func (s scan[K, V]) descending(r span[K]) iter.Seq2[*skipTower[K, V], content[V]] {
	return func(yield func(*skipTower[K, V], content[V]) bool) {
		if r.isEmpty(s.compare) {
			return
		}
		from, n, key := s.border(r.from), s.border(r.to), r.to
		if r.inclusive {
			if n == nil {
				n, _ = s.find(*key)
			}
			if n != nil {
				if present := s.value(n); present.isFull() && !yield(n, present) {
					return
				}
			}
		}
		for n == nil || n != from {
			if n = s.previous(n, key); n == nil || r.from != nil && s.compare(n.key, *r.from) < 0 {
				return
			}
			if present := s.value(n); present.isFull() && !yield(n, present) {
				return
			}
			key = &n.key
		}
	}
}

// isEmpty reports whether no key can be in the span.
func (r span[K]) isEmpty(compare func(a, b K) int) bool {
	if r.from == nil || r.to == nil {
		return false
	}
	order := compare(*r.from, *r.to)
	return order > 0 || order == 0 && !r.inclusive
}

// reaches reports whether a key is not beyond the span.
func (r span[K]) reaches(compare func(a, b K) int, key K) bool {
	if r.to == nil {
		return true
	}
	order := compare(key, *r.to)
	return order < 0 || order == 0 && r.inclusive
}

// first returns the first of some towers.
func first[K, V any](towers iter.Seq2[*skipTower[K, V], content[V]]) (key K, value V, found bool) {
	for n, present := range towers {
		value, found = present.get()
		return n.key, value, found
	}
	return key, value, false
}

// entries iterates over the keys and values of towers.
func entries[K, V any](towers iter.Seq2[*skipTower[K, V], content[V]]) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for n, present := range towers {
			if value, _ := present.get(); !yield(n.key, value) {
				return
			}
		}
	}
}
