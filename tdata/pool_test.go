package tdata_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// A plant makes numbered resources and knows which of them live.
type plant struct {
	mu   sync.Mutex
	made int
	live map[int]bool
	most int
	fail error
}

func newPlant() *plant { return &plant{live: map[int]bool{}} }

func (p *plant) make(context.Context) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return 0, p.fail
	}
	p.made++
	p.live[p.made] = true
	p.most = max(p.most, len(p.live))
	return p.made, nil
}

func (p *plant) destroy(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.live[n] {
		panic("destroyed twice")
	}
	delete(p.live, n)
}

func (p *plant) pool(size int) (*tdata.Pool[int], *stm.Owner) {
	return p.poolIn(stm.NewOwner(), size)
}

func (p *plant) poolIn(o *stm.Owner, size int) (*tdata.Pool[int], *stm.Owner) {
	return tdata.NewPool(tdata.PoolConfig[int]{MaxSize: size, New: p.make, Destroy: p.destroy}, tdata.In(o), tdata.Named("conns")), o
}

func acquire(t testing.TB, p *tdata.Pool[int]) *tdata.Resource[int] {
	t.Helper()
	r, err := p.Acquire(context.Background())
	require.NoError(t, err)
	return r
}

func TestPoolMakesLendsAndTakesBack(t *testing.T) {
	works := newPlant()
	p, _ := works.pool(2)
	a, b := acquire(t, p), acquire(t, p)
	assert.NotEqual(t, a.Value(), b.Value())
	assert.Zero(t, a.LastUsed())
	a.Release()
	c := acquire(t, p)
	assert.Equal(t, a.Value(), c.Value(), "the idle one")
	assert.Equal(t, 2, works.made)
	assert.NotZero(t, c.LastUsed())
	assert.NotZero(t, c.Made())
	c.Destroy()
	assert.Equal(t, map[int]bool{b.Value(): true}, works.live)
	d := acquire(t, p)
	assert.Equal(t, 3, d.Value(), "there is room for another")
	s := p.Stats()
	s.AcquireTime = 0
	assert.Equal(t, tdata.PoolStats{MaxSize: 2, Borrowed: 2, Acquires: 4, Waits: 3}, s)
	assert.Equal(t, 2, s.Size())
}

// A resource and something else are taken in one step, or none of them.
func TestPoolComposes(t *testing.T) {
	works := newPlant()
	p, o := works.pool(1)
	jobs := tvar.New(0, tvar.In(o))
	acquire(t, p).Release()
	take := func(fail error) (r *tdata.Resource[int], err error) {
		err = o.Atomically(t.Context(), func(tx *stm.Tx) error {
			if r, err = p.Borrow(tx); err != nil {
				return err
			}
			tx.Check(jobs.Get(tx) > 0)
			jobs.Set(tx, jobs.Get(tx)-1)
			return fail
		})
		return r, err
	}
	jobs.Store(2)
	_, err := take(errNoSuch)
	assert.ErrorIs(t, err, errNoSuch)
	assert.Equal(t, 2, jobs.Load())
	assert.Equal(t, 1, p.Stats().Idle)
	r, err := take(nil)
	require.NoError(t, err)
	assert.Equal(t, 1, jobs.Load())
	assert.Zero(t, p.Stats().Idle)
	atomically(t, o, func(tx *stm.Tx) { // and given back together with something else
		r.Return(tx)
		jobs.Set(tx, 7)
	})
	assert.Equal(t, 1, p.Stats().Idle)
}

// What is given back in a transaction that does not commit was not used last then.
func TestPoolKnowsWhenOneWasReallyGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, o := newPlant().pool(1)
		r := acquire(t, p)
		assert.ErrorIs(t, o.Atomically(t.Context(), func(tx *stm.Tx) error {
			r.Return(tx)
			return errNoSuch
		}), errNoSuch)
		r.Release()
		back := time.Now()
		time.Sleep(time.Minute) // of the bubble's time
		r = acquire(t, p)       // who borrows it knows at once
		assert.True(t, back.Equal(r.LastUsed()))
		assert.ErrorIs(t, o.Atomically(t.Context(), func(tx *stm.Tx) error {
			r.Return(tx)
			for _, again := range p.BorrowAll(tx) {
				assert.True(t, time.Now().Equal(again.LastUsed()))
			}
			return errNoSuch
		}), errNoSuch)
		assert.True(t, back.Equal(r.LastUsed()), "it is still lent")
	})
}

func TestPoolTriesToAcquire(t *testing.T) {
	works := newPlant()
	p, o := works.pool(1)
	_, ok := p.TryAcquire()
	assert.False(t, ok, "none is idle, and it makes none")
	assert.Zero(t, works.made)
	acquire(t, p).Release()
	r, ok := p.TryAcquire()
	assert.True(t, ok)
	assert.Equal(t, 1, r.Value())
	none, ok := p.TryAcquire()
	assert.False(t, ok)
	assert.Nil(t, none)
	assert.EqualValues(t, 2, p.Stats().Acquires)
	assert.EqualValues(t, 1, p.Stats().Waits)
	r.Release()
	atomically(t, o, p.Close)
	_, ok = p.TryAcquire()
	assert.False(t, ok, "closed")
}

// After a Reset nobody gets what was there before: what is idle goes at once, what is lent when it comes back, by whatever way.
func TestPoolResets(t *testing.T) {
	works := newPlant()
	p, o := works.pool(4)
	idle, back, dropped, kept := acquire(t, p), acquire(t, p), acquire(t, p), acquire(t, p)
	idle.Release()
	assert.ErrorIs(t, o.Atomically(t.Context(), func(tx *stm.Tx) error {
		p.Reset(tx)
		assert.Nil(t, p.TryBorrow(tx), "it goes with the transaction")
		back.Return(tx)
		assert.Nil(t, p.TryBorrow(tx), "of before the Reset")
		return errNoSuch
	}), errNoSuch)
	assert.Len(t, works.live, 4, "the transaction did not commit")
	p.Renew()
	assert.Equal(t, map[int]bool{2: true, 3: true, 4: true}, works.live)
	back.Release()
	assert.Equal(t, map[int]bool{3: true, 4: true}, works.live)
	dropped.Destroy()
	var mine int
	atomically(t, o, func(tx *stm.Tx) { mine = kept.Hijack(tx) })
	assert.Equal(t, map[int]bool{4: true}, works.live, "it is the caller's")
	assert.Equal(t, 4, mine)
	next := acquire(t, p)
	assert.Equal(t, 5, next.Value(), "a new one")
	next.Release()
	assert.Equal(t, 5, acquire(t, p).Value(), "which is kept")
	atomically(t, o, func(tx *stm.Tx) { require.NoError(t, p.Park(tx, 9)) })
	assert.Equal(t, 1, p.Stats().Idle)
}

// What is being made when the pool is reset may have been begun with what was the reason to reset: its borrower gets it, but
// nobody else. One that was to be idle is destroyed.
func TestPoolResetsWhileOneIsMade(t *testing.T) {
	works := newPlant()
	begun, goOn := make(chan bool), make(chan bool)
	o := stm.NewOwner()
	slow := func(ctx context.Context) (int, error) {
		begun <- true
		<-goOn
		return works.make(ctx)
	}
	p := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 2, New: slow, Destroy: works.destroy}, tdata.In(o))
	got := make(chan *tdata.Resource[int])
	go func() { got <- acquire(t, p) }()
	<-begun
	p.Renew()
	goOn <- true
	r := <-got
	assert.True(t, works.live[r.Value()])
	r.Release()
	assert.Empty(t, works.live)

	warmed := make(chan bool)
	go func() {
		made, err := p.Warm(context.Background())
		assert.NoError(t, err)
		warmed <- made
	}()
	<-begun
	p.Renew()
	goOn <- true
	assert.False(t, <-warmed)
	assert.Empty(t, works.live)
	assert.Zero(t, p.Stats().Size())
}

// Whoever gives back clashes with a Reset, but not with others who give back.
func TestPoolResetClashesWithReturns(t *testing.T) {
	works := newPlant()
	p, o := works.pool(2)
	a, b := acquire(t, p), acquire(t, p)
	first, second := o.Checkout(), o.Checkout()
	a.Return(first)
	b.Return(second)
	_, err := first.Commit()
	require.NoError(t, err)
	p.Renew() // destroys a
	_, err = second.Commit()
	assert.ErrorIs(t, err, stm.ErrClash, "or b would be idle")
	second.Discard()
	b.Release()
	assert.Empty(t, works.live)
}

func TestPoolWaitsForAFreeOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, o := newPlant().pool(1)
		first := acquire(t, p)
		got := make(chan *tdata.Resource[int])
		go func() { got <- acquire(t, p) }()
		synctest.Wait()
		select {
		case <-got:
			t.Fatal("it is lent")
		default:
		}
		first.Release()
		second := <-got
		assert.Equal(t, first.Value(), second.Value())

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err := p.Acquire(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start))
		err = o.Atomically(ctx, func(tx *stm.Tx) error { _, err := p.Borrow(tx); return err })
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualValues(t, 1, p.Stats().Cancels)
		atomically(t, o, func(tx *stm.Tx) { assert.Nil(t, p.TryBorrow(tx)) })
		go func() { got <- acquire(t, p) }()
		synctest.Wait()
		second.Destroy() // room for a new one is as good
		assert.Equal(t, 2, (<-got).Value())
	})
}

// Those who wait in Acquire are served as they came, and nobody overtakes them.
func TestPoolServesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, o := newPlant().pool(2)
		a, b := acquire(t, p), acquire(t, p)
		wait := func() *holder {
			return hold(func(ctx context.Context) (func(), error) { return releasing(p.Acquire(ctx)) })
		}
		first, second, third, fourth := wait(), wait(), wait(), wait()
		assert.False(t, first.has())
		pass := func(tx *stm.Tx) { // as if one were idle, and the first in line had not noticed yet
			a.Return(tx)
			assert.Nil(t, p.TryBorrow(tx))
			assert.Empty(t, p.BorrowAll(tx))
		}
		assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error { pass(tx); return errNoSuch }), errNoSuch)
		_, ok := p.TryAcquire()
		assert.False(t, ok)
		a.Release()
		assert.True(t, first.has())
		assert.False(t, second.has() || third.has() || fourth.has())
		third.cancel()
		second.cancel()
		assert.Equal(t, context.Canceled, <-third.ended)
		assert.Equal(t, context.Canceled, <-second.ended)
		b.Destroy() // makes room for another, which is as good
		assert.True(t, fourth.has())
		first.release()
		r, ok := p.TryAcquire()
		assert.True(t, ok, "nobody is in line any more")
		r.Release()
		fourth.release()
	})
}

// A resource that comes back wakes the first of a hundred in line, and the next one, who is first then.
func TestPoolWakesNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, o := newPlant().pool(1)
		r := acquire(t, p)
		got := make(chan *tdata.Resource[int], 1)
		const many = 100
		for range many {
			go func() { got <- acquire(t, p) }()
			synctest.Wait()
		}
		before := o.Stats()
		for range many {
			r.Release()
			synctest.Wait()
			require.Len(t, got, 1)
			r = <-got
		}
		since := o.Stats().Sub(before)
		assert.LessOrEqual(t, since.Retries, uint64(many))
		assert.Zero(t, since.Clashes.Total())
	})
}

func TestPoolOfParkedResources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		p := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 2}, tdata.In(o))
		park := func(s string) {
			require.NoError(t, o.Atomically(t.Context(), func(tx *stm.Tx) error { return p.Park(tx, s) }))
		}
		got := make(chan *tdata.Resource[string])
		go func() { // Acquire without New waits for what is parked
			r, _ := p.Acquire(t.Context())
			got <- r
		}()
		synctest.Wait()
		park("a")
		a := <-got
		assert.Equal(t, "a", a.Value())
		park("b")
		parked := make(chan bool)
		go func() { park("c"); close(parked) }()
		synctest.Wait()
		assert.Equal(t, 2, p.Stats().Size(), "the third waits for room")
		atomically(t, o, func(tx *stm.Tx) { assert.Equal(t, "a", a.Hijack(tx)) })
		<-parked
		var all []*tdata.Resource[string]
		atomically(t, o, func(tx *stm.Tx) { all = p.BorrowAll(tx) })
		assert.Len(t, all, 2)
		assert.Zero(t, p.Stats().Idle)
		assert.Panics(t, func() { _, _ = p.Warm(t.Context()) }, "there is no New")
	})
}

func TestPoolWarms(t *testing.T) {
	works := newPlant()
	p, _ := works.pool(2)
	for _, want := range []bool{true, true, false} {
		made, err := p.Warm(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, made)
	}
	assert.Equal(t, 2, p.Stats().Idle)
}

// When the pool closes, idle resources are destroyed at once, others when they come back; who waits gets an error.
func TestPoolCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		works := newPlant()
		p, o := works.pool(3)
		a, b, c := acquire(t, p), acquire(t, p), acquire(t, p)
		waiting := make(chan error)
		go func() { _, err := p.Acquire(context.Background()); waiting <- err }()
		go func() {
			waiting <- o.Atomically(context.Background(), func(tx *stm.Tx) error { _, err := p.Borrow(tx); return err })
		}()
		synctest.Wait()
		atomically(t, o, func(tx *stm.Tx) { p.Close(tx) })
		assert.ErrorIs(t, <-waiting, tdata.ErrPoolClosed)
		assert.ErrorIs(t, <-waiting, tdata.ErrPoolClosed)
		assert.Len(t, works.live, 3)
		a.Release()
		assert.Len(t, works.live, 2, "destroyed when it came back")
		down := make(chan error)
		go func() { down <- p.Shutdown(context.Background()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, p.Shutdown(ctx), context.DeadlineExceeded)
		b.Destroy()
		synctest.Wait()
		select {
		case <-down:
			t.Fatal("one is still out")
		default:
		}
		c.Release()
		require.NoError(t, <-down)
		assert.Empty(t, works.live)
		_, err := p.Acquire(t.Context())
		assert.ErrorIs(t, err, tdata.ErrPoolClosed)
		_, err = p.Warm(t.Context())
		assert.ErrorIs(t, err, tdata.ErrPoolClosed)
		assert.ErrorIs(t, o.Atomically(t.Context(), func(tx *stm.Tx) error { return p.Park(tx, 9) }), tdata.ErrPoolClosed)
		assert.NoError(t, p.Shutdown(t.Context()))
	})
}

// A resource that is being made while the pool closes is destroyed, and nobody gets it.
func TestPoolClosesWhileOneIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn, destroyed := make(chan struct{}), make(chan int, 1)
		p := tdata.NewPool(tdata.PoolConfig[int]{
			MaxSize: 1,
			New:     func(context.Context) (int, error) { <-goOn; return 1, nil },
			Destroy: func(n int) { destroyed <- n },
		}, tdata.In(stm.NewOwner()))
		got := make(chan error)
		go func() { _, err := p.Acquire(context.Background()); got <- err }()
		synctest.Wait()
		assert.Equal(t, 1, p.Stats().Making)
		down := make(chan error)
		go func() { down <- p.Shutdown(context.Background()) }()
		synctest.Wait()
		close(goOn)
		assert.ErrorIs(t, <-got, tdata.ErrPoolClosed)
		assert.Equal(t, 1, <-destroyed)
		assert.NoError(t, <-down)
	})
}

// A place is free again after New has failed, panicked, or left by Goexit, and after Destroy has panicked.
func TestPoolSurvivesNewAndDestroy(t *testing.T) {
	var now func() (int, error)
	p := tdata.NewPool(tdata.PoolConfig[int]{
		MaxSize: 1,
		New:     func(context.Context) (int, error) { return now() },
		Destroy: func(int) { panic("stuck") },
	})
	now = func() (int, error) { return 5, errNoSuch }
	r, err := p.Acquire(t.Context())
	assert.Equal(t, errNoSuch, err)
	assert.Nil(t, r)
	made, err := p.Warm(t.Context())
	assert.Equal(t, errNoSuch, err)
	assert.False(t, made)
	now = func() (int, error) { panic("bang") }
	assert.PanicsWithValue(t, "bang", func() { _, _ = p.Acquire(t.Context()) })
	now = func() (int, error) { runtime.Goexit(); return 0, nil }
	left := make(chan struct{})
	go func() {
		defer close(left)
		_, _ = p.Acquire(context.Background())
	}()
	<-left
	now = func() (int, error) { return 1, nil }
	r, err = p.Acquire(t.Context())
	require.NoError(t, err)
	assert.PanicsWithValue(t, "stuck", r.Destroy)
	assert.Zero(t, p.Stats().Size())
	_, err = p.Acquire(t.Context())
	require.NoError(t, err)
}

// MaxSize bounds what lives, what is being destroyed included.
func TestPoolCountsWhatIsBeingDestroyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		p := tdata.NewPool(tdata.PoolConfig[int]{
			MaxSize: 1,
			New:     func(context.Context) (int, error) { return 1, nil },
			Destroy: func(int) { <-goOn },
		}, tdata.In(stm.NewOwner()))
		r := acquire(t, p)
		go r.Destroy()
		next := make(chan *tdata.Resource[int])
		go func() { next <- acquire(t, p) }()
		synctest.Wait()
		assert.Equal(t, 1, p.Stats().Destroying)
		assert.Zero(t, p.Stats().Borrowed)
		close(goOn)
		<-next
	})
}

func TestPoolRefusesMisuse(t *testing.T) {
	assert.PanicsWithValue(t, "tdata: NewPool: MaxSize 0; it must be positive", func() { tdata.NewPool(tdata.PoolConfig[int]{}) })
	assert.PanicsWithValue(t, "tdata: NewPool: MaxSize -3; it must be positive", func() { tdata.NewPool(tdata.PoolConfig[int]{MaxSize: -3}) })
	p, o := newPlant().pool(1)
	old := acquire(t, p)
	old.Release()
	const again = "tdata: Pool: a Resource that was given back, dropped or hijacked before; borrow anew"
	assert.PanicsWithValue(t, again, old.Release)
	now := acquire(t, p)
	assert.PanicsWithValue(t, again, old.Release, "also when somebody else has it")
	assert.PanicsWithValue(t, again, old.Destroy)
	assert.Panics(t, func() { _ = o.Atomically(t.Context(), func(tx *stm.Tx) error { old.Hijack(tx); return nil }) })
	now.Release()
	assert.Equal(t, 1, p.Stats().Idle)
}

// A clash report names the pool and the place.
func TestPoolNamesItsPlaces(t *testing.T) {
	p, o := newPlant().pool(1)
	acquire(t, p).Release()
	tx := o.Checkout()
	defer tx.Discard()
	_, err := p.Borrow(tx)
	require.NoError(t, err)
	acquire(t, p)
	_, err = tx.Commit()
	var clash *stm.ClashError
	require.ErrorAs(t, err, &clash)
	assert.Equal(t, "conns[0]", clash.Vars[0].Name)
}

// Nobody has a resource that somebody else has, no more live than may, and all are destroyed in the end.
func TestPoolUnderStress(t *testing.T) {
	works := newPlant()
	p, o := works.pool(3)
	var held [10_000]atomic.Bool
	var g sync.WaitGroup
	for who := range 8 {
		g.Go(func() {
			for i := range 500 {
				r := acquire(t, p)
				assert.False(t, held[r.Value()].Swap(true), "two have it")
				runtime.Gosched()
				held[r.Value()].Store(false)
				switch (i + who) % 10 {
				case 0:
					r.Destroy()
				case 1:
					err := o.Atomically(context.Background(), func(tx *stm.Tx) error { r.Return(tx); return errNoSuch })
					assert.True(t, errors.Is(err, errNoSuch))
					r.Release()
				default:
					r.Release()
				}
			}
		})
	}
	g.Wait()
	assert.LessOrEqual(t, works.most, 3)
	require.NoError(t, p.Shutdown(t.Context()))
	assert.Empty(t, works.live)
	assert.Zero(t, p.Stats().Size())
}

// Whatever happens while the pool is reset again and again, and then closed: everything is destroyed once, in the end, and what is
// borrowed after a Reset was not there before.
func TestPoolIsResetUnderStress(t *testing.T) {
	works := newPlant()
	p, o := works.pool(3)
	var g, renewing sync.WaitGroup
	var over atomic.Bool
	renewing.Go(func() {
		for !over.Load() {
			p.Renew()
			runtime.Gosched()
		}
	})
	for who := range 6 {
		g.Go(func() {
			for i := range 200 {
				ctx, cancel := context.WithCancel(context.Background())
				if (i+who)%4 == 0 {
					go cancel()
				}
				if r, err := p.Acquire(ctx); err == nil {
					if (i+who)%3 == 0 {
						atomically(t, o, r.Return)
					} else {
						r.Release()
					}
				}
				cancel()
				_ = o.Try(func(tx *stm.Tx) error {
					if r := p.TryBorrow(tx); r != nil {
						r.Return(tx)
					}
					return nil
				})
			}
		})
	}
	g.Wait()
	over.Store(true)
	renewing.Wait()
	require.NoError(t, p.Shutdown(t.Context()))
	assert.Empty(t, works.live)
	assert.Zero(t, p.Stats().Size())
	assert.LessOrEqual(t, works.most, 3)
}

// Transactions that give back, drop or park different resources do not clash at all, and those that borrow do only
// where two choose the same one.
func TestPoolDisjointTransactionsDoNotClash(t *testing.T) {
	const each = 40
	p, o := newPlant().pool(8 * each * 2)
	var mine [8][each]*tdata.Resource[int]
	for who := range mine {
		for i := range mine[who] {
			mine[who][i] = acquire(t, p)
		}
	}
	stats := together(o, func(who int) {
		for i, r := range mine[who] {
			if i%4 == 0 {
				r.Destroy()
			} else {
				r.Release()
			}
		}
	})
	assert.Zero(t, stats.Clashes.Total(), "%+v", stats)
}

// Transactions that borrow at the same time do not choose the same resource while there are enough, and so they
// do not clash: as many as there are places if all are idle, and eight of them also if most are lent.
func TestPoolBorrowersDoNotClash(t *testing.T) {
	for _, c := range []struct{ size, every, borrowers int }{
		{1, 1, 1}, {2, 1, 2}, {8, 1, 8}, {9, 1, 9}, {10, 1, 10}, {64, 1, 64}, {640, 1, 640},
		{96, 8, 8}, {640, 32, 8}, {641, 32, 8}, {1000, 64, 8},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			p, o := newPlant().pool(c.size)
			for range c.size {
				_, err := p.Warm(t.Context())
				require.NoError(t, err)
			}
			var all []*tdata.Resource[int] // by their places
			atomically(t, o, func(tx *stm.Tx) { all = p.BorrowAll(tx) })
			for i := 0; i < c.size; i += c.every {
				all[i].Release()
			}
			for round := range 50 {
				before := o.Stats()
				open, lent := make([]*stm.Tx, c.borrowers), make([]*tdata.Resource[int], c.borrowers)
				for i := range open {
					open[i] = o.Checkout()
					lent[i] = p.TryBorrow(open[i])
					require.NotNil(t, lent[i])
				}
				for i := range open {
					_, err := open[(i+round)%len(open)].Commit()
					require.NoError(t, err)
				}
				require.Zero(t, o.Stats().Sub(before).Clashes.Total())
				for _, r := range lent {
					r.Release()
				}
			}
		})
	}
}

func TestPoolTimeGoingBackwardsStandsStill(t *testing.T) {
	clock := newFakeClock()
	p := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1, Clock: clock, New: func(context.Context) (int, error) {
		clock.pass(-time.Hour)
		return 1, nil
	}}, tdata.In(stm.NewOwner()))
	r, err := p.Acquire(t.Context())
	require.NoError(t, err)
	r.Release()
	assert.Zero(t, p.Stats().AcquireTime)
}
