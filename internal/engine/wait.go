package engine

import "sync/atomic"

// A waiter sleeps until one of the cells that it read changes.
type waiter struct {
	ready chan struct{}
	nodes []waitNode // one a read, few in place
	few   [2]waitNode
}

// A waitNode is a waiter's place on the list of one cell.
type waitNode struct {
	waiter     *waiter
	list       *waitList
	prev, next *waitNode   // guarded by list.mu
	on         atomic.Bool // cleared, once, by the one who takes it off; then nobody else uses it
}

// Wait sleeps until something that the attempt read has changed, or done. It reports false for done.
func (t *Tx) Wait(done <-chan struct{}) bool {
	w := &waiter{ready: make(chan struct{}, 1)}
	w.nodes = w.few[:0]
	if len(t.reads) > len(w.few) {
		w.nodes = make([]waitNode, 0, len(t.reads))
	}
	defer w.leave()
	for slept := false; ; slept = true {
		w.leave()
		for i := range t.reads {
			w.enlist(&t.reads[i].cell.ownRare().waiting)
		}
		if t.readsChanged() {
			return true
		}
		if !slept {
			t.owner.Tally.Waits.Add(1)
		}
		// A commit that was read already may find this waiter late: hence the loop.
		if !w.sleep(done) {
			return false
		}
	}
}

func (w *waiter) sleep(done <-chan struct{}) bool {
	if done == nil {
		<-w.ready
		return true
	}
	select {
	case <-w.ready:
		return true
	case <-done:
		return false
	}
}

// readsChanged reports whether any cell has another version than was read. One that is locked has
// not changed yet: if it does, its committer finds the waiter registered.
func (t *Tx) readsChanged() bool {
	for i := range t.reads {
		if r := &t.reads[i]; Word(r.cell)&^(hot|locked) != r.word {
			return true
		}
	}
	return false
}

// enlist puts w on a list, last in, and counts it before it goes on.
func (w *waiter) enlist(l *waitList) {
	w.nodes = append(w.nodes, waitNode{waiter: w, list: l})
	n := &w.nodes[len(w.nodes)-1]
	n.on.Store(true)
	yield()
	l.mu.Lock()
	defer l.mu.Unlock()
	n.next = l.first
	if n.next != nil {
		n.next.prev = n
	}
	l.first = n
	l.count.Add(1)
}

// leave takes w off every list that it is still on.
func (w *waiter) leave() {
	for i := range w.nodes {
		if n := &w.nodes[i]; n.on.Load() {
			n.list.remove(n)
		}
	}
	w.nodes = w.nodes[:0]
}

func (l *waitList) remove(n *waitNode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !n.on.Load() {
		return
	}
	if n.prev != nil {
		n.prev.next = n.next
	} else {
		l.first = n.next
	}
	if n.next != nil {
		n.next.prev = n.prev
	}
	n.on.Store(false)
	l.count.Add(-1)
}

// wake wakes everybody who waits for a change of c, which has been published.
func (c *Cell) wake() {
	if r := c.rare.Load(); r != nil && r.waiting.count.Load() != 0 {
		r.waiting.wake()
	}
}

func (l *waitList) wake() {
	yield()
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.first
	l.first = nil
	l.count.Store(0)
	for n != nil {
		next, w := n.next, n.waiter
		n.on.Store(false) // n is the waiter's again
		select {
		case w.ready <- struct{}{}:
		default: // woken already by another of its cells
		}
		n = next
	}
}
