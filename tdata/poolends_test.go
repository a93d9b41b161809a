package tdata_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// What becomes of resources when a transaction, a constructor or the pool ends in the middle of something.

// ends are the ways to give up what is in a pool.
var ends = map[string]func(*tdata.Pool[int], *stm.Tx){"Close": (*tdata.Pool[int]).Close, "Reset": (*tdata.Pool[int]).Reset}

// A checkout that has decided something about a place of a pool clashes with a Close or Reset, and is not rebased over it:
// or it would leave something in a closed pool, or what is older than the Reset. So does a Close or Reset that is checked out.
func TestACheckoutIsNotRebasedOverTheEndOfAPool(t *testing.T) {
	uses := map[string]func(tx *stm.Tx, p *tdata.Pool[int], lent *tdata.Resource[int]){
		"Park":      func(tx *stm.Tx, p *tdata.Pool[int], _ *tdata.Resource[int]) { succeed(p.Park(tx, 100)) },
		"Borrow":    func(tx *stm.Tx, p *tdata.Pool[int], _ *tdata.Resource[int]) { _, _ = p.Borrow(tx) },
		"BorrowAll": func(tx *stm.Tx, p *tdata.Pool[int], _ *tdata.Resource[int]) { p.BorrowAll(tx) },
		"Return":    func(tx *stm.Tx, _ *tdata.Pool[int], lent *tdata.Resource[int]) { lent.Return(tx) },
	}
	for end, endIn := range ends {
		for use, useIn := range uses {
			for _, held := range []string{use, end} {
				t.Run(fmt.Sprintf("%s and %s, which is checked out", use, held), func(t *testing.T) {
					works := newPlant()
					p, o := works.pool(5)
					lent, idle := acquire(t, p), acquire(t, p)
					idle.Release()
					first := func(tx *stm.Tx) { useIn(tx, p, lent) }
					second := func(tx *stm.Tx) { endIn(p, tx) }
					if held == end {
						first, second = second, first
					}
					tx := o.Checkout()
					defer tx.Discard()
					first(tx)
					atomically(t, o, second)
					_, err := tx.Commit()
					require.ErrorIs(t, err, stm.ErrClash)
					assert.ErrorIs(t, tx.Rebase(), stm.ErrClash)
				})
			}
		}
	}
}

// What a transaction has borrowed is idle as before if that does not commit.
func TestWhatWasBorrowedInVainIsIdle(t *testing.T) {
	works := newPlant()
	p, o := works.pool(1)
	value := acquire(t, p)
	value.Release()
	back := func(how string) {
		t.Helper()
		assert.Equal(t, 1, p.Stats().Idle, how)
		r, ok := p.TryAcquire()
		require.True(t, ok, how)
		assert.Equal(t, value.Value(), r.Value(), how)
		r.Release()
	}
	borrow := func(tx *stm.Tx) *tdata.Resource[int] {
		r, err := p.Borrow(tx)
		assert.NoError(t, err)
		return r
	}
	assert.Equal(t, errNoSuch, o.Atomically(t.Context(), func(tx *stm.Tx) error { borrow(tx); return errNoSuch }))
	back("aborted")
	assert.PanicsWithValue(t, "bang", func() { _ = o.Atomically(t.Context(), func(tx *stm.Tx) error { borrow(tx); panic("bang") }) })
	back("panicked")
	assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error { borrow(tx); tx.Retry(); return nil }), stm.ErrRetry)
	back("retried")
	atomically(t, o, func(tx *stm.Tx) {
		assert.NoError(t, tx.OrElse(
			func(tx *stm.Tx) error { borrow(tx); tx.Retry(); return nil },
			func(tx *stm.Tx) error { borrow(tx).Return(tx); return nil },
		))
	})
	back("another alternative")
	var escaped *tdata.Resource[int]
	tx := o.Checkout()
	escaped = borrow(tx)
	tx.Discard()
	back("discarded")
	assert.Panics(t, escaped.Release, "nobody has borrowed it")
	back("not given back")
	tx = o.Checkout()
	defer tx.Discard()
	borrow(tx)
	_, ok := p.TryAcquire()
	require.True(t, ok, "nobody else is kept from it")
	assert.ErrorIs(t, tx.Rebase(), stm.ErrClash, "two would have it")
}

// A value that is parked twice is there twice: a pool does not compare what is in it.
func TestParkTwice(t *testing.T) {
	o := stm.NewOwner()
	p := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 2}, tdata.In(o))
	atomically(t, o, func(tx *stm.Tx) {
		require.NoError(t, p.Park(tx, "a"))
		require.NoError(t, p.Park(tx, "a"))
	})
	assert.Equal(t, 2, p.Stats().Idle)
	assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error { return p.Park(tx, "a") }), stm.ErrRetry, "it is full")
}

// A resource goes back to the pool that it was borrowed from, and nowhere else: the value of another pool's resource may be
// parked, and then is in both until it is hijacked there.
func TestParkWhatWasBorrowedElsewhere(t *testing.T) {
	works := newPlant()
	here, o := works.pool(1)
	there := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1}, tdata.In(o))
	r := acquire(t, here)
	atomically(t, o, func(tx *stm.Tx) { require.NoError(t, there.Park(tx, r.Hijack(tx))) })
	assert.Panics(t, r.Release, "it is not the pool's any more")
	assert.Zero(t, here.Stats().Size())
	moved, ok := there.TryAcquire()
	require.True(t, ok)
	assert.Equal(t, r.Value(), moved.Value())
	moved.Release()
	assert.Equal(t, 1, there.Stats().Idle)
	other := stm.NewOwner()
	assert.Panics(t, func() { _ = other.Atomically(t.Context(), func(tx *stm.Tx) error { return there.Park(tx, 1) }) },
		"a transaction of another owner")
}

// New may use the same pool: its place is taken, and the others are there for it.
func TestNewMayBorrowFromTheSamePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *tdata.Pool[int]
		depth, goOn := 0, make(chan struct{})
		p = tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 2, New: func(ctx context.Context) (int, error) {
			if depth++; depth == 1 {
				r, err := p.Acquire(ctx) // makes another one
				if err != nil {
					return 0, err
				}
				defer r.Release()
				return r.Value() * 10, nil
			}
			<-goOn
			return depth, nil
		}}, tdata.In(stm.NewOwner()))
		got := make(chan *tdata.Resource[int])
		go func() { got <- acquire(t, p) }()
		synctest.Wait()
		assert.Equal(t, 2, p.Stats().Making)
		close(goOn)
		assert.Equal(t, 20, (<-got).Value())
		assert.Equal(t, 1, p.Stats().Idle)

		full := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1, New: func(ctx context.Context) (int, error) {
			r, err := p.Acquire(ctx)
			if err == nil {
				r.Release()
			}
			return 0, err
		}}, tdata.In(stm.NewOwner()))
		_, err := full.Acquire(t.Context())
		assert.NoError(t, err)
	})
}

// One that waits for itself, since New wants another of a pool of one, ends with its context, and leaves nothing behind.
func TestNewThatWaitsForItselfEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *tdata.Pool[int]
		p = tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1, New: func(ctx context.Context) (int, error) {
			_, err := p.Acquire(ctx)
			return 0, err
		}}, tdata.In(stm.NewOwner()))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { _, err := p.Acquire(ctx); ended <- err }()
		synctest.Wait()
		cancel()
		assert.Equal(t, context.Canceled, <-ended)
		assert.Zero(t, p.Stats().Size())
	})
}

// The place of one whose New fails goes to the one who waits.
func TestWhoWaitsGetsThePlaceOfOneThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outcome := make(chan error)
		p := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1, New: func(context.Context) (int, error) { return 7, <-outcome }},
			tdata.In(stm.NewOwner()))
		ended := make(chan error)
		get := func() { _, err := p.Acquire(context.Background()); ended <- err }
		go get()
		synctest.Wait()
		go get()
		synctest.Wait()
		outcome <- errNoSuch
		assert.Equal(t, errNoSuch, <-ended)
		outcome <- nil
		assert.NoError(t, <-ended)
		assert.Equal(t, 1, p.Stats().Borrowed)
	})
}

// Resources that are being made when the pool closes are all destroyed when New returns, and those that are lent when they
// come back, by whatever way; the pool is empty then.
func TestAPoolClosesWhileMuchIsGoingOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		works, goOn := newPlant(), make(chan struct{})
		o := stm.NewOwner()
		p := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 5, Destroy: works.destroy, New: func(ctx context.Context) (int, error) {
			<-goOn
			return works.make(ctx)
		}}, tdata.In(o))
		ended := make(chan error, 3)
		go func() { goOn <- struct{}{} }()
		lent := acquire(t, p)
		for range 2 {
			go func() { _, err := p.Acquire(context.Background()); ended <- err }()
		}
		go func() { _, err := p.Warm(context.Background()); ended <- err }()
		synctest.Wait()
		require.Equal(t, 3, p.Stats().Making)
		atomically(t, o, p.Close)
		close(goOn)
		for range 3 {
			assert.Equal(t, tdata.ErrPoolClosed, <-ended)
		}
		assert.Equal(t, map[int]bool{lent.Value(): true}, works.live)
		atomically(t, o, p.Close)
		assert.ErrorIs(t, o.Atomically(t.Context(), func(tx *stm.Tx) error { lent.Return(tx); return errNoSuch }), errNoSuch)
		assert.Len(t, works.live, 1)
		lent.Release()
		assert.Empty(t, works.live)
		assert.Zero(t, p.Stats().Size())
		assert.Panics(t, lent.Release)
	})
}

// A deadline that ends just as a resource gets free: it is lent, or idle; never lost.
func TestAResourceIsNotLostWhenTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		works := newPlant()
		p, _ := works.pool(1)
		for range 100 {
			lent := acquire(t, p)
			ctx, cancel := context.WithCancel(t.Context())
			got, other := make(chan *tdata.Resource[int], 1), make(chan *tdata.Resource[int], 1)
			go func() {
				r, err := p.Acquire(ctx)
				assert.True(t, err == nil || errors.Is(err, context.Canceled))
				got <- r
			}()
			synctest.Wait()
			go func() { other <- acquire(t, p) }() // waits behind
			synctest.Wait()
			go cancel()
			go lent.Release()
			if r := <-got; r != nil {
				r.Release()
			}
			(<-other).Release()
		}
		assert.Equal(t, 1, p.Stats().Idle)
		assert.Equal(t, 1, works.made)
	})
}
