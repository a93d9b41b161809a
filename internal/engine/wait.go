package engine

import "github.com/rinse-go/rinse/internal/waiting"

// Wait sleeps until something that the attempt read has changed, or done. It reports false for done.
func (t *Tx) Wait(done <-chan struct{}) bool {
	w := waiting.NewWaiter()
	for slept := false; ; slept = true {
		w.Prepare(len(t.reads))
		for i := range t.reads {
			w.Enlist(i, &t.reads[i].cell.ownRare().waiting)
		}
		if t.readsChanged() {
			w.Leave()
			return true
		}
		if !slept {
			t.owner.Tally.Waits.Add(1)
		}
		woken := w.Sleep(done)
		w.Leave()
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

// wake wakes everybody who waits for a change of c, which has been published.
func (c *Cell) wake() {
	if r := c.rare.Load(); r != nil && !r.waiting.Empty() {
		r.waiting.Wake(versionOf(Word(c)))
	}
}

// A Notice tells, once, that one of some cells has changed since a version.
type Notice struct {
	waiting.Notice
	cells []*Cell
}

// NewNotice returns a notice that is to be posted.
func NewNotice(since uint64, cells ...*Cell) *Notice {
	n := &Notice{cells: cells}
	n.Init(since, len(cells))
	return n
}

// Post puts n on the lists of its cells. Whoever tells it calls stop, on no lock, if that is not nil.
func (n *Notice) Post(stop func() bool) {
	n.OnTold(stop)
	for i, c := range n.cells {
		n.Enlist(i, &c.ownRare().waiting)
	}
	for _, c := range n.cells {
		if n.Tell(versionOf(Word(c))) {
			return
		}
	}
}

// Await sleeps until c has changed since a version, or done. It reports false for done.
func Await(c *Cell, since uint64, done <-chan struct{}) bool {
	n := NewNotice(since, c)
	n.Post(nil)
	defer n.Leave()
	return n.Sleep(done)
}
