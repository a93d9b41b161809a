package discipline

import (
	"context"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

// How those who wait for a change of one item or of several are told of it, where each item has a guard of
// its own and a condition variable would not do.

// bells are hung by those who wait for a change of an item.
type bells map[chan struct{}]bool

// ring tells all who wait to look again.
func (b bells) ring() {
	for bell := range b {
		select {
		case bell <- struct{}{}:
		default: // it rings already
		}
	}
}

// hang hangs a bell up, or takes it off.
func (b bells) hang(bell chan struct{}, up bool) {
	if up {
		b[bell] = true
	} else {
		delete(b, bell)
	}
}

// listen visits again and again, with a bell, until the visit has found what it looked for. A visit with
// give true takes the bell off and looks for nothing.
func listen(ctx context.Context, visit func(bell chan struct{}, give bool) (found bool)) error {
	bell := make(chan struct{}, 1)
	for !visit(bell, false) {
		select {
		case <-bell:
		case <-ctx.Done():
			visit(bell, true)
			return ctx.Err()
		}
	}
	return nil
}

// A belledQueue is a queue, and who waits for something to be put into it.
type belledQueue struct {
	values seq.Queue
	bells  bells
}

func newBelledQueue() belledQueue { return belledQueue{bells: bells{}} }

func (q *belledQueue) put(value int64) {
	q.values.Put(value)
	q.bells.ring()
}

// takeAny takes from the first of two queues that has a value, or hangs the bell on both.
func takeAny(first, second *belledQueue, bell chan struct{}, give bool) (value int64, found bool) {
	for _, q := range []*belledQueue{first, second} {
		if !found && !give {
			value, found = q.values.Take()
		}
	}
	first.bells.hang(bell, !found && !give)
	second.bells.hang(bell, !found && !give)
	return value, found
}

// A belledFork is used or not, and has the bells of those who wait for it.
type belledFork struct {
	used  bool
	bells bells
}

func newBelledFork() belledFork { return belledFork{bells: bells{}} }

// pickUp takes both forks, or hangs the bell on both.
func pickUp(a, b *belledFork, bell chan struct{}, give bool) bool {
	free := !a.used && !b.used && !give
	if free {
		a.used, b.used = true, true
	}
	a.bells.hang(bell, !free && !give)
	b.bells.hang(bell, !free && !give)
	return free
}

func (f *belledFork) putDown() {
	f.used = false
	f.bells.ring()
}
