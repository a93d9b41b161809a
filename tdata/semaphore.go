package tdata

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A Semaphore has a number of permits, of which transactions acquire some and release them. It is not fair: whoever comes
// when there are enough permits gets them, so one that wants many can wait as long as others keep coming who want few.
// [FairSemaphore] is. It is made by [NewSemaphore] and must not be copied.
//
// In a transaction use Acquire, TryAcquire, Release and Free; as transactions of their own Hold and TryHold. Permits belong
// to nobody: any transaction may release what another one has acquired. All who acquire or release clash with each other.
// A release wakes everybody who waits. To hold and release takes some 100 ns if nobody has to wait.
type Semaphore struct {
	origin
	size int64 // immutable
	free tvar.TVar[int64]
}

// NewSemaphore returns a semaphore of so many permits, all of them free. It panics if size is negative. In clash reports its
// variable is name.free.
func NewSemaphore(size int64, options ...Option) *Semaphore {
	s := &Semaphore{origin: originFor[Semaphore](options), size: permits("NewSemaphore", size)}
	s.free.Init(size, s.part("free")...)
	return s
}

func (s *Semaphore) use() *Semaphore {
	mustHave(s != nil, "Semaphore; make it with tdata.NewSemaphore")
	return s
}

// permits panics if n is no number of permits.
func permits(what string, n int64) int64 {
	if n < 0 {
		panic(fmt.Sprintf("tdata: %s: %d permits; the number must not be negative", what, n))
	}
	return n
}

// acquirable panics if n permits of a semaphore of that size can never be free.
func acquirable(n, size int64) {
	if permits("Acquire", n) > size {
		panic(fmt.Sprintf("tdata: Acquire: %d permits of a semaphore that has %d; this would wait forever", n, size))
	}
}

// released returns how many permits are free after n more are, and panics if that is more than there are.
func released(n, free, size int64) int64 {
	if permits("Release", n) > size-free {
		panic(fmt.Sprintf("tdata: Release: %d permits, but only %d of %d are acquired", n, size-free, size))
	}
	return free + n
}

// Acquire takes n permits. If they are not free it waits, by Retry. It panics if n is negative, or more than there are.
func (s *Semaphore) Acquire(tx *stm.Tx, n int64) { tx.Check(s.TryAcquire(tx, n)) }

// TryAcquire is Acquire without waiting: it reports false, and takes none, if n permits are not free.
func (s *Semaphore) TryAcquire(tx *stm.Tx, n int64) bool {
	acquirable(n, s.use().size)
	free := s.free.Get(tx)
	if free < n {
		return false
	}
	s.free.Set(tx, free-n)
	return true
}

// Release gives n permits back. It panics if n is negative, or more than are acquired.
func (s *Semaphore) Release(tx *stm.Tx, n int64) {
	s.free.Set(tx, released(n, s.use().free.Get(tx), s.size))
}

// Free returns how many permits are free.
func (s *Semaphore) Free(tx *stm.Tx) int64 { return s.use().free.Get(tx) }

// Hold is Acquire as a transaction of its own. It waits until n permits are free, and returns a function that releases them,
// once, however often it is called. If ctx ends first, it returns ctx's error and holds nothing. It panics as Acquire does.
func (s *Semaphore) Hold(ctx context.Context, n int64) (release func(), err error) {
	acquirable(n, s.use().size)
	mustHave(ctx != nil, "context")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if attempt(&s.free, engine.Raw, func(free int64) (int64, bool) { return free - n, free >= n }) {
		return s.release(n), nil
	}
	err = s.in().Atomically(ctx, func(tx *stm.Tx) error {
		s.Acquire(tx, n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.release(n), nil
}

// TryHold is TryAcquire as a transaction of its own. Its function releases what was acquired, and is nil if nothing was.
func (s *Semaphore) TryHold(n int64) (release func(), ok bool) {
	acquirable(n, s.use().size)
	if _, ok = s.free.TryUpdate(func(free int64) (int64, bool) { return free - n, free >= n }); !ok {
		return nil, false
	}
	return s.release(n), true
}

func (s *Semaphore) release(n int64) func() {
	var done atomic.Bool
	return func() {
		if done.CompareAndSwap(false, true) {
			s.free.Update(func(free int64) int64 { return released(n, free, s.size) })
		}
	}
}
