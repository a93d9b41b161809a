// Package waiting has the lists of those who sleep until something changes, which the engine's waiters and
// notices are made of, and the queues of those who wait for a moment because they have lost. It knows
// nothing of cells, and of versions only that they grow.
package waiting

import "github.com/rinse-go/rinse/internal/shared"

// A List holds those who wait for a change of one thing. The zero List is ready.
type List struct {
	count shared.Int32 // changed under mu, read without it by those who have made a change
	mu    shared.Mutex
	first *node // guarded by mu
}

// A Waiter sleeps until one of the things that it is on the lists of changes. One goroutine at a time
// uses it.
type Waiter struct {
	ready chan struct{}
	nodes []node // one a list, few in place
	few   [1]node

	notice *Notice // which it is, if nobody sleeps on it
}

// A node is a waiter's place on one list.
type node struct {
	waiter     *Waiter
	list       *List
	prev, next *node       // guarded by list.mu
	on         shared.Bool // cleared, once, by the one who takes it off; then nobody else uses it
}

// NewWaiter returns a waiter on no list.
func NewWaiter() *Waiter { return &Waiter{ready: make(chan struct{}, 1)} }

// Prepare makes room for a number of lists.
func (w *Waiter) Prepare(lists int) {
	w.nodes = w.few[:]
	if lists > len(w.few) {
		w.nodes = make([]node, lists)
	}
	w.nodes = w.nodes[:lists]
}

// Enlist puts w on a list, the i-th that it has prepared for.
func (w *Waiter) Enlist(i int, list *List) {
	n := &w.nodes[i]
	n.waiter, n.list = w, list
	n.list.mu.Lock()
	defer n.list.mu.Unlock()
	n.list.push(n)
	n.list.count.Add(1)
	n.on.Store(true)
}

// push puts n first. The caller holds l.mu.
func (l *List) push(n *node) {
	n.prev, n.next = nil, l.first
	if n.next != nil {
		n.next.prev = n
	}
	l.first = n
}

// Sleep waits for one of the lists to wake w, or done. It reports false for done.
func (w *Waiter) Sleep(done <-chan struct{}) bool { return shared.Receive(w.ready, done) }

// Leave takes w off every list that it is still on.
func (w *Waiter) Leave() {
	for i := range w.nodes {
		if n := &w.nodes[i]; n.on.Load() {
			n.list.remove(n)
		}
	}
}

func (l *List) remove(n *node) {
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

// Wake wakes everybody who waits for the change that was made under a version.
func (l *List) Wake(version uint64) {
	if l.Empty() {
		return
	}
	for _, n := range l.wake(version) {
		n.drop()
	}
}

// Empty reports whether nobody waits.
func (l *List) Empty() bool { return l.count.Load() == 0 }

// wake wakes those on the list, and returns those of them that are to be dropped.
func (l *List) wake(version uint64) (told []*Notice) {
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
		case w.notice.concerns(version):
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
