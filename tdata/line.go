package tdata

import (
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A line is those who wait for something, first come first served. It is a list with links in both directions, so that
// who gives up can leave.
type line struct {
	list  []tvar.Option // immutable: of those who wait
	first link[waiter]
	last  tvar.TVar[*waiter]
}

type waiter struct {
	wants      int64 // immutable
	served     tvar.TVar[bool]
	prev, next tvar.TVar[*waiter]
}

func (l *line) init(o *origin) {
	l.list = o.passing("line")
	l.first.variable().Init(nil, o.part("line")...)
	l.last.Init(nil, o.part("line")...)
}

// head returns the first in line.
func (l *line) head(tx *stm.Tx) *waiter { return l.first.variable().Get(tx) }

// isEmpty reports whether nobody is in line by now.
func (l *line) isEmpty() bool { return l.first.load() == nil }

// join adds a waiter to the end.
func (l *line) join(tx *stm.Tx, wants int64) *waiter {
	w := &waiter{wants: wants}
	last := l.last.Get(tx)
	w.served.Init(false, l.list...)
	w.prev.Init(last, l.list...)
	w.next.Init(nil, l.list...)
	if last == nil {
		l.first.overwrite(tx, w)
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
		l.first.overwrite(tx, next)
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
	for w := l.head(tx); w != nil; w = w.next.Get(tx) {
		n++
	}
	return n
}
