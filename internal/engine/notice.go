package engine

import "github.com/rinse-go/rinse/internal/shared"

// A Notice tells, once, that one of some cells has changed since a version. It waits on their lists
// like one who sleeps, but the committer that tells it takes it off all of them.
type Notice struct {
	waiter
	since uint64
	cells []*Cell
	told  shared.Bool
	stop  func() bool // immutable once the notice is posted
}

// NewNotice returns a notice that is to be posted.
func NewNotice(since uint64, cells ...*Cell) *Notice {
	n := &Notice{since: since, cells: cells}
	n.ready = make(chan struct{})
	n.notice = n
	n.prepare(len(cells))
	return n
}

// Post puts n on the lists. Whoever tells it calls stop, on no lock, if that is not nil.
func (n *Notice) Post(stop func() bool) {
	n.stop = stop
	for i, c := range n.cells {
		n.enlist(i, c)
	}
	for _, c := range n.cells {
		if n.concerns(c) {
			n.tell()
			n.drop()
			return
		}
	}
}

// concerns reports whether c has changed since.
func (n *Notice) concerns(c *Cell) bool { return versionOf(Word(c)) > n.since }

// tell closes the channel.
func (n *Notice) tell() {
	if n.told.CompareAndSwap(false, true) {
		shared.Close(n.ready)
	}
}

// drop takes n, which was told, off the lists that it is still on.
func (n *Notice) drop() {
	n.leave()
	if n.stop != nil {
		n.stop()
	}
}

// Withdraw takes n off all lists. It may be called while it is posted, and often.
func (n *Notice) Withdraw() { n.leave() }

// C returns the channel that is closed when n is told.
func (n *Notice) C() <-chan struct{} { return n.ready }

// Await sleeps until c has changed since a version, or done. It reports false for done.
func Await(c *Cell, since uint64, done <-chan struct{}) bool {
	n := NewNotice(since, c)
	n.Post(nil)
	defer n.Withdraw()
	return shared.Receive(n.ready, done)
}
