package tdata

import (
	"context"

	"github.com/rinse-go/rinse/stm"
)

// A FairSemaphore is a [Semaphore] whose permits go to those who wait in Hold in the order in which they came: one that wants
// many is not overtaken by others who want few. It is made by [NewFairSemaphore] and must not be copied.
//
// To wait in line is to be seen waiting, which a transaction is not before it commits. So only Hold waits in line. Acquire and
// TryAcquire, in a transaction, go to the end of it: they get permits only while nobody is in line.
//
// A release wakes those who get the permits, and nobody else in line. To hold and release takes some 100 ns if nobody has to wait. As in
// golang.org/x/sync/semaphore, somebody in line who wants many holds up those behind who want few.
type FairSemaphore struct {
	permits fair
	size    int64 // immutable
}

// NewFairSemaphore returns a semaphore of so many permits, all of them free. It panics if size is negative. In clash reports its
// variables are name.taken and name.line.
func NewFairSemaphore(size int64, options ...Option) *FairSemaphore {
	s := &FairSemaphore{size: permits("NewFairSemaphore", size)}
	s.permits.init(originFor[FairSemaphore](options))
	return s
}

func (s *FairSemaphore) use() *FairSemaphore {
	mustHave(s != nil, "FairSemaphore; make it with tdata.NewFairSemaphore")
	return s
}

// Acquire takes n permits. While they are not free, or somebody is in line, it waits, by Retry. It panics if n is negative, or
// more than there are.
func (s *FairSemaphore) Acquire(tx *stm.Tx, n int64) { tx.Check(s.TryAcquire(tx, n)) }

// TryAcquire is Acquire without waiting: it reports false, and takes none, if n permits are not free or somebody is in line.
func (s *FairSemaphore) TryAcquire(tx *stm.Tx, n int64) bool {
	return s.use().permits.tryAcquire(tx, n, s.size)
}

// Release gives n permits back, and hands them to those who are first in line. It panics if n is negative, or more than are
// acquired.
func (s *FairSemaphore) Release(tx *stm.Tx, n int64) { s.use().permits.release(tx, n, s.size) }

// Free returns how many permits are free.
func (s *FairSemaphore) Free(tx *stm.Tx) int64 { return s.use().size - s.permits.taken.Get(tx) }

// Waiting returns how many are in line. It counts them.
func (s *FairSemaphore) Waiting(tx *stm.Tx) int { return s.use().permits.line.len(tx) }

// Hold takes n permits, as transactions of its own. It waits in line until it has them, and returns a function that releases
// them, once, however often it is called. If ctx ends first, it leaves the line, returns ctx's error, and holds nothing. It
// panics if n is negative, or more than there are.
func (s *FairSemaphore) Hold(ctx context.Context, n int64) (release func(), err error) {
	return s.use().permits.hold(ctx, n, s.size)
}

// TryHold takes n permits as a transaction of its own, unless they are not free or somebody is in line. Its function releases
// what was acquired, and is nil if nothing was.
func (s *FairSemaphore) TryHold(n int64) (release func(), ok bool) {
	if f := &s.use().permits; !f.take(n, s.size) {
		if alone(&f.origin, func(tx *stm.Tx) { ok = s.TryAcquire(tx, n) }); !ok {
			return nil, false
		}
	}
	return s.permits.releaser(n, s.size), true
}
