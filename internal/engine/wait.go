package engine

import "github.com/rinse-go/rinse/internal/shared"

// A waiter sleeps until one of the cells that it read changes.
type waiter struct {
	ready chan struct{}
	nodes []waitNode // one a read, few in place
	few   [1]waitNode

	notice *Notice // which it is, if nobody sleeps on it
}

// A waitNode is a waiter's place on the list of one cell.
type waitNode struct {
	waiter     *waiter
	list       *waitList
	prev, next *waitNode   // guarded by list.mu
	on         shared.Bool // cleared, once, by the one who takes it off; then nobody else uses it
}

// Wait sleeps until something that the attempt read has changed, or done. It reports false for done.
func (t *Tx) Wait(done <-chan struct{}) bool {
	w := &waiter{ready: make(chan struct{}, 1)}
	for slept := false; ; slept = true {
		w.prepare(len(t.reads))
		for i := range t.reads {
			w.enlist(i, t.reads[i].cell)
		}
		if t.readsChanged() {
			w.leave()
			return true
		}
		if !slept {
			t.owner.Tally.Waits.Add(1)
		}
		woken := shared.Receive(w.ready, done)
		w.leave()
		if !woken || t.readsChanged() {
			return woken
		}
		// A commit that was read already has found the waiter late: go on sleeping.
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

// prepare makes room for a number of cells.
func (w *waiter) prepare(cells int) {
	w.nodes = w.few[:]
	if cells > len(w.few) {
		w.nodes = make([]waitNode, cells)
	}
	w.nodes = w.nodes[:cells]
}

// enlist puts w on the list of a cell.
func (w *waiter) enlist(i int, c *Cell) {
	n := &w.nodes[i]
	n.waiter, n.list = w, &c.ownRare().waiting
	n.list.mu.Lock()
	defer n.list.mu.Unlock()
	n.list.push(n)
	n.list.count.Add(1)
	n.on.Store(true)
}

// push puts n first. The caller holds l.mu.
func (l *waitList) push(n *waitNode) {
	n.prev, n.next = nil, l.first
	if n.next != nil {
		n.next.prev = n
	}
	l.first = n
}

// leave takes w off every list that it is still on.
func (w *waiter) leave() {
	for i := range w.nodes {
		if n := &w.nodes[i]; n.on.Load() {
			n.list.remove(n)
		}
	}
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
		for _, n := range r.waiting.wake(c) {
			n.drop()
		}
	}
}

// wake wakes those on the list, and returns those of them that are to be dropped.
func (l *waitList) wake(c *Cell) (told []*Notice) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, stay := l.first, int32(0)
	l.first = nil
	for n != nil {
		next, w := n.next, n.waiter
		switch {
		case w.notice == nil:
			n.on.Store(false)      // n is the waiter's again
			shared.Signal(w.ready) // unless woken already by another of its cells
		case w.notice.concerns(c):
			n.on.Store(false)
			w.notice.tell()
			told = append(told, w.notice)
		default: // one who published what it knows already has found it late
			l.push(n)
			stay++
		}
		n = next
	}
	l.count.Store(stay) // not before: a committer who finds none here must be right
	return told
}
