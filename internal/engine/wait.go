package engine

import "github.com/rinse-go/rinse/internal/shared"

// A waiter sleeps until one of the cells that it read changes.
type waiter struct {
	ready chan struct{}
	nodes []waitNode // one a read, few in place
	few   [1]waitNode
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
		w.enlist(t.reads)
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

// enlist puts w on the list of every cell that was read.
func (w *waiter) enlist(reads []read) {
	w.nodes = w.few[:]
	if len(reads) > len(w.few) {
		w.nodes = make([]waitNode, len(reads))
	}
	w.nodes = w.nodes[:len(reads)]
	for i := range reads {
		n := &w.nodes[i]
		n.waiter, n.list, n.prev = w, &reads[i].cell.ownRare().waiting, nil
		n.on.Store(true)
		n.list.add(n)
	}
}

func (l *waitList) add(n *waitNode) {
	l.mu.Lock()
	n.next = l.first
	if n.next != nil {
		n.next.prev = n
	}
	l.first = n
	l.count.Add(1)
	l.mu.Unlock()
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
		r.waiting.wake()
	}
}

func (l *waitList) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.first
	l.first = nil
	l.count.Store(0)
	for n != nil {
		next, w := n.next, n.waiter
		n.on.Store(false)      // n is the waiter's again
		shared.Signal(w.ready) // unless woken already by another of its cells
		n = next
	}
}
