package tdata

import (
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A line is those who wait for something, first come first served. It is a list with links in both directions, so that
// who gives up can leave.
type line struct {
	list        []tvar.Option // immutable
	first, last tvar.TVar[*waiter]
}

type waiter struct {
	wants      int64 // immutable
	served     tvar.TVar[bool]
	prev, next tvar.TVar[*waiter]
}

func (l *line) init(list []tvar.Option) {
	l.list = list
	l.first.Init(nil, list...)
	l.last.Init(nil, list...)
}

// join adds a waiter to the end.
func (l *line) join(tx *stm.Tx, wants int64) *waiter {
	w := &waiter{wants: wants}
	last := l.last.Get(tx)
	w.served.Init(false, l.list...)
	w.prev.Init(last, l.list...)
	w.next.Init(nil, l.list...)
	if last == nil {
		l.first.Set(tx, w)
	} else {
		last.next.Set(tx, w)
	}
	l.last.Set(tx, w)
	return w
}

// leave takes a waiter that is in the line out of it.
func (l *line) leave(tx *stm.Tx, w *waiter) {
	prev, next := w.prev.Get(tx), w.next.Get(tx)
	if prev == nil {
		l.first.Set(tx, next)
	} else {
		prev.next.Set(tx, next)
	}
	if next == nil {
		l.last.Set(tx, prev)
	} else {
		next.prev.Set(tx, prev)
	}
}

func (l *line) len(tx *stm.Tx) (n int) {
	for w := l.first.Get(tx); w != nil; w = w.next.Get(tx) {
		n++
	}
	return n
}
