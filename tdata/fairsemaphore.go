package tdata

import (
	"context"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A FairSemaphore is a [Semaphore] whose permits go to those who wait in Hold in the order in which they came: one that wants
// many is not overtaken by others who want few. It is made by [NewFairSemaphore] and must not be copied.
//
// To wait in line is to be seen waiting, which a transaction is not before it commits. So only Hold waits in line. Acquire and
// TryAcquire, in a transaction, go to the end of it: they get permits only while nobody is in line.
//
// A release wakes those who get the permits, and nobody else in line. To hold and release takes some 200 ns if nobody has to wait. As in
// golang.org/x/sync/semaphore, somebody in line who wants many holds up those behind who want few.
type FairSemaphore struct {
	origin
	size int64 // immutable
	free tvar.TVar[int64]
	line line
}

// NewFairSemaphore returns a semaphore of so many permits, all of them free. It panics if size is negative. In clash reports its
// variables are name.free and name.line.
func NewFairSemaphore(size int64, options ...Option) *FairSemaphore {
	s := new(FairSemaphore)
	s.init(permits("NewFairSemaphore", size), options)
	return s
}

func (s *FairSemaphore) init(size int64, options []Option) {
	s.origin, s.size = originOf(options), size
	s.free.Init(size, s.part("free")...)
	s.line.init(s.part("line"))
}

// Acquire takes n permits. While they are not free, or somebody is in line, it waits, by Retry. It panics if n is negative, or
// more than there are.
func (s *FairSemaphore) Acquire(tx *stm.Tx, n int64) { tx.Check(s.TryAcquire(tx, n)) }

// TryAcquire is Acquire without waiting: it reports false, and takes none, if n permits are not free or somebody is in line.
func (s *FairSemaphore) TryAcquire(tx *stm.Tx, n int64) bool {
	acquirable(n, s.size)
	free := s.free.Get(tx)
	if free < n || s.line.first.Get(tx) != nil {
		return false
	}
	s.free.Set(tx, free-n)
	return true
}

// Release gives n permits back, and hands them to those who are first in line. It panics if n is negative, or more than are
// acquired.
func (s *FairSemaphore) Release(tx *stm.Tx, n int64) {
	s.free.Set(tx, released(n, s.free.Get(tx), s.size))
	s.grant(tx)
}

// grant serves the line as far as there are permits.
func (s *FairSemaphore) grant(tx *stm.Tx) {
	for w := s.line.first.Get(tx); w != nil; w = s.line.first.Get(tx) {
		free := s.free.Get(tx)
		if free < w.wants {
			return
		}
		s.free.Set(tx, free-w.wants)
		s.line.leave(tx, w)
		w.served.Set(tx, true)
	}
}

// Free returns how many permits are free.
func (s *FairSemaphore) Free(tx *stm.Tx) int64 { return s.free.Get(tx) }

// Waiting returns how many are in line. It counts them.
func (s *FairSemaphore) Waiting(tx *stm.Tx) int { return s.line.len(tx) }

// Hold takes n permits, as transactions of its own. It waits in line until it has them, and returns a function that releases
// them, once, however often it is called. If ctx ends first, it leaves the line, returns ctx's error, and holds nothing. It
// panics if n is negative, or more than there are.
func (s *FairSemaphore) Hold(ctx context.Context, n int64) (release func(), err error) {
	acquirable(n, s.size)
	var w *waiter
	err = s.in().Atomically(ctx, func(tx *stm.Tx) error {
		if w = nil; !s.TryAcquire(tx, n) {
			w = s.line.join(tx, n)
		}
		return nil
	})
	if err == nil && w != nil {
		err = s.await(ctx, w)
	}
	if err != nil {
		return nil, err
	}
	return s.release(n), nil
}

// await waits until w is served. If ctx ends first it leaves the line, and passes on what w has got meanwhile.
func (s *FairSemaphore) await(ctx context.Context, w *waiter) error {
	err := s.in().Atomically(ctx, func(tx *stm.Tx) error {
		tx.Check(w.served.Get(tx))
		return nil
	})
	if err != nil {
		alone(&s.origin, func(tx *stm.Tx) {
			if w.served.Get(tx) {
				s.Release(tx, w.wants)
				return
			}
			s.line.leave(tx, w)
			s.grant(tx) // w may have held up those behind
		})
	}
	return err
}

// TryHold takes n permits as a transaction of its own, unless they are not free or somebody is in line. Its function releases
// what was acquired, and is nil if nothing was.
func (s *FairSemaphore) TryHold(n int64) (release func(), ok bool) {
	if alone(&s.origin, func(tx *stm.Tx) { ok = s.TryAcquire(tx, n) }); !ok {
		return nil, false
	}
	return s.release(n), true
}

func (s *FairSemaphore) release(n int64) func() {
	return once(func() { alone(&s.origin, func(tx *stm.Tx) { s.Release(tx, n) }) })
}
