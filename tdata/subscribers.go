package tdata

import (
	"sync"
	"weak"

	"github.com/rinse-go/rinse/internal/engine"
)

// Subscribers are the subscriptions of a topic, and how far it has cut its chain behind them. That is done while a checkout
// is held, which has a subscription, or the end, where it was at its time: from there the chain leads to everything that
// came later.
//
// A node is cut off from the next when the tail and all subscriptions are past it. Nobody comes back to it: a subscription
// is known here, with where it is to begin, before its transaction commits; and that is the end of the chain, so one that is
// not known yet begins no earlier than where the tail is by now. A checkout, and whoever else has an older snapshot, sees the link as it was,
// or clashes.
type subscribers[T any] struct {
	mu   sync.Mutex
	all  []weak.Pointer[Subscription[T]] // guarded by mu
	most int                             // guarded by mu: look for those that are gone when there are more
	from *node[T]                        // guarded by mu: not cut yet, as all that follow; nil: nothing is held
}

// add makes a subscription known.
func (s *subscribers[T]) add(new *Subscription[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) >= s.most {
		s.slowest(nil)
		s.most = 2*len(s.all) + 8
	}
	s.all = append(s.all, weak.Make(new))
}

// slowest returns the node that is the least far, of one and those where subscriptions are, and forgets subscriptions that
// are closed or garbage. The caller holds mu.
func (s *subscribers[T]) slowest(least *node[T]) *node[T] {
	alive := s.all[:0]
	for _, w := range s.all {
		sub := w.Value()
		if sub == nil {
			continue
		}
		at := sub.place()
		if at == nil {
			continue // closed, or it never began
		}
		if least != nil && least.after(at) {
			least = at
		}
		alive = append(alive, w)
	}
	clear(s.all[len(alive):])
	s.all = alive
	return least
}

// trim cuts the chain behind the slowest, if a checkout is held: one node in so many, as a Queue does.
func (s *subscribers[T]) trim(c *chain[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if engineOf(c.in()).Newest() == 0 {
		s.from = nil
		return
	}
	tail := c.tail.load()
	if s.from == nil {
		s.from = tail
	}
	for last := s.slowest(tail); last.after(s.from); {
		word, next := s.from.next.current()
		if s.from.number%stretch == 0 && s.from.next.replace(word, &c.gone, nil) != engine.Committed {
			return // the gate is shut; whoever has shut it may want mu
		}
		s.from = next
	}
}

// place returns where the subscription is, or is to begin once its transaction has committed; nil if it is closed or was aborted.
func (s *Subscription[T]) place() *node[T] {
	start := s.start.Load() // first, or it might begin in between, and be taken for closed
	if at := s.cursor.load(); at != nil || engine.Version(&s.cursor.cell) != 0 {
		return at
	}
	return start
}
