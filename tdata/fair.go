package tdata

import (
	"context"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A fair is what [FairSemaphore] and [RWLock] are made of: permits of which some are taken, and a line of those who wait for
// some. It is told how many permits there are each time, so that the zero fair is ready.
//
// While nobody is in line, permits are taken and given back by the commit of one variable. Whoever joins the line has
// read that: so permits that come back are seen by it, or come after it has joined, and then who gave them back sees the
// line, at which it looks afterwards. Who takes permits has looked at it before, and overtakes only who came later.
type fair struct {
	origin
	taken tvar.TVar[int64]
	line  line
}

func (f *fair) init(o origin) {
	f.origin = o
	f.taken.Init(0, f.part("taken")...)
	f.line.init(&f.origin)
}

// tryAcquire takes n permits, unless they are not free or somebody is in line.
func (f *fair) tryAcquire(tx *stm.Tx, n, size int64) bool {
	acquirable(n, size)
	taken := f.taken.Get(tx)
	if size-taken < n || f.line.head(tx) != nil {
		return false
	}
	f.taken.Set(tx, taken+n)
	return true
}

// join has somebody wait in line, and leave takes him out of it. That counts as a change of what is taken, so that a checkout that
// has given permits back, and seen another line, is not rebased over it: nobody would serve the new one.
func (f *fair) join(tx *stm.Tx, n int64) *waiter {
	f.taken.Set(tx, f.taken.Get(tx))
	return f.line.join(tx, n)
}

func (f *fair) leave(tx *stm.Tx, w *waiter) {
	f.taken.Set(tx, f.taken.Get(tx))
	f.line.leave(tx, w)
}

// release gives n permits back, and serves the line.
func (f *fair) release(tx *stm.Tx, n, size int64) {
	f.taken.Set(tx, size-released(n, size-f.taken.Get(tx), size))
	f.grant(tx, size)
}

// grant serves the line as far as there are permits.
func (f *fair) grant(tx *stm.Tx, size int64) {
	for w := f.line.head(tx); w != nil; w = f.line.head(tx) {
		taken := f.taken.Get(tx)
		if size-taken < w.wants {
			return
		}
		f.taken.Set(tx, taken+w.wants)
		f.line.leave(tx, w)
		w.served.Set(tx, true)
	}
}

// take takes n permits by the commit of one variable, unless they are not free, somebody is in line, or the gate is shut.
func (f *fair) take(n, size int64) bool {
	acquirable(n, size)
	return f.line.isEmpty() &&
		attempt(&f.taken, engine.Raw, func(taken int64) (int64, bool) { return taken + n, size-taken >= n })
}

// putBack is release as transactions of its own.
func (f *fair) putBack(n, size int64) {
	alone := f.line.isEmpty() &&
		attempt(&f.taken, engine.Raw, func(taken int64) (int64, bool) { return size - released(n, size-taken, size), true })
	switch {
	case !alone:
		runAlone(f.in(), func(tx *stm.Tx) { f.release(tx, n, size) })
	case !f.line.isEmpty():
		runAlone(f.in(), func(tx *stm.Tx) { f.grant(tx, size) })
	}
}

// hold takes n permits, waiting in line.
func (f *fair) hold(ctx context.Context, n, size int64) (release func(), err error) {
	acquirable(n, size)
	mustHave(ctx != nil, "context")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.take(n, size) {
		return f.releaser(n, size), nil
	}
	var w *waiter
	err = f.in().Atomically(ctx, func(tx *stm.Tx) error {
		if w = nil; !f.tryAcquire(tx, n, size) {
			w = f.join(tx, n)
		}
		return nil
	})
	if err == nil && w != nil {
		err = f.await(ctx, w, size)
	}
	if err != nil {
		return nil, err
	}
	return f.releaser(n, size), nil
}

// await waits until w is served. If ctx ends first it leaves the line, and passes on what w has got meanwhile.
func (f *fair) await(ctx context.Context, w *waiter, size int64) error {
	err := f.in().Atomically(ctx, func(tx *stm.Tx) error {
		tx.Check(w.served.Get(tx))
		return nil
	})
	if err != nil {
		soon(f.in(), func(tx *stm.Tx) {
			if w.served.Get(tx) {
				f.release(tx, w.wants, size)
				return
			}
			f.leave(tx, w)
			f.grant(tx, size) // w may have held up those behind
		})
	}
	return err
}

// releaser returns a function that gives n permits back, once.
func (f *fair) releaser(n, size int64) func() {
	var done atomic.Bool
	return func() {
		if done.CompareAndSwap(false, true) {
			f.putBack(n, size)
		}
	}
}
