package tdata_test

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

func newLimiter(rate tdata.Rate, burst int) (*tdata.RateLimiter, *fakeClock, *stm.Owner) {
	clock, o := newFakeClock(), stm.NewOwner()
	return tdata.NewRateLimiter(tdata.RateConfig{Rate: rate, Burst: burst, Clock: clock}, tdata.In(o), tdata.Named("api")), clock, o
}

// The limiter does what golang.org/x/time/rate does, as long as time does not go back.
func TestRateLimiterAgainstXTimeRate(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		limit, burst := r.Float64()*10, r.IntN(10)
		ours, clock, o := newLimiter(tdata.Rate(limit), burst)
		theirs := rate.NewLimiter(rate.Limit(limit), burst)
		var reserved []reservations
		for step := range 200 {
			clock.pass(time.Duration(r.IntN(500)) * time.Millisecond)
			now, n := clock.Now(), r.IntN(burst+2)
			switch r.IntN(7) {
			case 0:
				require.Equal(t, theirs.AllowN(now, n), ours.AllowN(n), "seed %d, step %d", seed, step)
			case 1:
				atomically(t, o, func(tx *stm.Tx) { require.Equal(t, theirs.AllowN(now, n), ours.TryTake(tx, n)) })
			case 2:
				reserved = append(reserved, reservations{ours.ReserveN(n), theirs.ReserveN(now, n)})
			case 3:
				atomically(t, o, func(tx *stm.Tx) {
					reserved = append(reserved, reservations{ours.TakeAhead(tx, n), theirs.ReserveN(now, n)})
				})
			case 4:
				if len(reserved) > 0 {
					i := r.IntN(len(reserved))
					reserved[i].ours.Cancel()
					reserved[i].theirs.CancelAt(now)
					reserved = append(reserved[:i], reserved[i+1:]...)
				}
			case 5:
				limit := r.Float64() * 10
				ours.StoreRate(tdata.Rate(limit))
				theirs.SetLimitAt(now, rate.Limit(limit))
			case 6:
				burst = r.IntN(10)
				ours.StoreBurst(burst)
				theirs.SetBurstAt(now, burst)
			}
			require.InDelta(t, theirs.TokensAt(now), ours.LoadTokens(), 1e-6, "seed %d, step %d", seed, step)
			for _, both := range reserved {
				require.Equal(t, both.theirs.OK(), both.ours.OK())
				require.InDelta(t, both.theirs.DelayFrom(now), both.ours.Delay(), 1000, "seed %d, step %d", seed, step)
			}
		}
	}
}

type reservations struct {
	ours   *tdata.Reservation
	theirs *rate.Reservation
}

// A token and a job are taken in one step, or none of them.
func TestRateLimiterComposes(t *testing.T) {
	l, _, o := newLimiter(1, 2)
	jobs := tvar.New(1, tvar.In(o))
	take := func() bool {
		ok, err := stm.DoIn(t.Context(), o, func(tx *stm.Tx) (bool, error) {
			if !l.TryTake(tx, 1) {
				return false, nil
			}
			if jobs.Get(tx) == 0 {
				return false, errNoSuch // the token goes back
			}
			jobs.Set(tx, jobs.Get(tx)-1)
			return true, nil
		})
		return ok && err == nil
	}
	assert.True(t, take())
	assert.False(t, take(), "no job")
	assert.Equal(t, 1.0, l.LoadTokens(), "no token taken")
	jobs.Store(2)
	assert.True(t, take())
	assert.False(t, take(), "no token")
	assert.Equal(t, 1, jobs.Load(), "no job taken")
}

// Take waits for time to pass, in a transaction that waits for other things as well.
func TestRateLimiterTakeWaitsForTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 10, Burst: 2}, tdata.In(o))
		jobs := tvar.New(100, tvar.In(o))
		start := time.Now()
		for range 12 {
			atomically(t, o, func(tx *stm.Tx) {
				tx.Check(jobs.Get(tx) > 0)
				jobs.Set(tx, jobs.Get(tx)-1)
				require.NoError(t, l.Take(tx, 1))
			})
		}
		assert.InDelta(t, time.Second, time.Since(start), 100)
		assert.Equal(t, 88, jobs.Load())
	})
}

// Many who wait all get their tokens, no faster than the rate allows, and in a choice between two limiters the
// first that has one wins.
func TestRateLimiterManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		a := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 1}, tdata.In(o))
		b := tdata.NewRateLimiter(tdata.RateConfig{Rate: 0.5, Burst: 1}, tdata.In(o))
		start := time.Now()
		var g sync.WaitGroup
		for range 20 {
			g.Go(func() {
				_ = o.Atomically(t.Context(), func(tx *stm.Tx) error {
					return tx.OrElse(
						func(tx *stm.Tx) error { return a.Take(tx, 1) },
						func(tx *stm.Tx) error { return b.Take(tx, 1) },
					)
				})
			})
		}
		g.Wait()
		assert.InDelta(t, 12*time.Second, time.Since(start), 1000) // 2 at first, then 1.5 a second
	})
}

// A change of the limiter wakes who waits, also where time alone never would.
func TestRateLimiterTakeWakesOnAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 0, Burst: 1}, tdata.In(o))
		require.True(t, l.Allow())
		start, done := time.Now(), make(chan struct{})
		go func() {
			defer close(done)
			atomically(t, o, func(tx *stm.Tx) { require.NoError(t, l.Take(tx, 1)) })
		}()
		synctest.Wait()
		time.Sleep(time.Hour)
		l.StoreRate(1)
		<-done
		assert.InDelta(t, time.Hour+time.Second, time.Since(start), 1000)
	})
}

// One timer at most serves all who wait, and when nobody waits any more none is left.
func TestRateLimiterLeavesNoTimerBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, clock, o := newLimiter(1, 1)
		assert.Zero(t, clock.timers())
		require.True(t, l.Allow())
		assert.Zero(t, clock.timers(), "nobody waits")
		ctx, cancel := context.WithCancel(t.Context())
		var g sync.WaitGroup
		for range 10 {
			g.Go(func() {
				_ = o.Atomically(ctx, func(tx *stm.Tx) error { return l.Take(tx, 1) })
			})
		}
		synctest.Wait()
		assert.Equal(t, 1, clock.timers())
		for range 3 {
			clock.pass(time.Second)
			synctest.Wait()
			assert.Equal(t, 1, clock.timers())
		}
		cancel()
		g.Wait()
		assert.Equal(t, 1, clock.timers(), "it was set before they left")
		clock.pass(time.Second)
		synctest.Wait()
		assert.Zero(t, clock.timers(), "and is not set again")
		assert.Equal(t, 1.0, l.LoadTokens())
	})
}

// Wait serves in the order of arrival, and gives its tokens back if its context ends.
func TestRateLimiterWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 1}, tdata.In(stm.NewOwner()))
		require.NoError(t, l.Wait(t.Context()))
		start := time.Now()
		order := make(chan int, 3)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { assert.NoError(t, l.Wait(t.Context())); order <- 1 }()
		synctest.Wait()
		left := make(chan error)
		go func() { left <- l.Wait(ctx) }()
		synctest.Wait()
		cancel()
		assert.ErrorIs(t, <-left, context.Canceled)
		go func() { assert.NoError(t, l.Wait(t.Context())); order <- 2 }()
		assert.Equal(t, 1, <-order)
		assert.Equal(t, 2, <-order)
		assert.InDelta(t, 2*time.Second, time.Since(start), 1000, "the token of the one who left was used")

		short, cancelShort := context.WithTimeout(t.Context(), time.Second/2)
		defer cancelShort()
		before := time.Now()
		assert.ErrorIs(t, l.Wait(short), context.DeadlineExceeded)
		assert.Equal(t, before, time.Now(), "told at once")
		assert.ErrorIs(t, l.WaitN(t.Context(), 2), tdata.ErrOverBurst)
		assert.ErrorIs(t, l.Wait(ctx), context.Canceled)
		l.StoreRate(0)
		assert.ErrorIs(t, l.Wait(t.Context()), context.DeadlineExceeded, "never")
	})
}

// Who waits is served in order of arrival, and nobody who comes later takes from under them what they wait for.
func TestRateLimiterWaitIsInOrderOfArrival(t *testing.T) {
	clock := newFakeClock()
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 1, Clock: clock})
	assert.True(t, l.Allow())
	const waiters = 5
	served := make(chan int, waiters)
	for who := range waiters {
		go func() {
			assert.NoError(t, l.Wait(context.Background()))
			served <- who
		}()
		for clock.timers() <= who { // it has arrived
			runtime.Gosched()
		}
	}
	for who := range waiters {
		assert.Empty(t, served)
		clock.pass(time.Second)
		assert.Equal(t, who, <-served)
		assert.False(t, l.Allow(), "the next token is somebody's")
	}
	clock.pass(time.Second)
	assert.True(t, l.Allow())
}

func TestRateLimiterTimeGoingBackwardsStandsStill(t *testing.T) {
	l, clock, _ := newLimiter(1, 10)
	require.True(t, l.AllowN(10))
	clock.pass(5 * time.Second)
	assert.Equal(t, 5.0, l.LoadTokens())
	clock.pass(-time.Hour)
	assert.Equal(t, 5.0, l.LoadTokens(), "nothing is lost")
	require.True(t, l.AllowN(5))
	clock.pass(time.Hour)
	assert.Zero(t, l.LoadTokens(), "and no time counts twice")
	clock.pass(time.Second)
	assert.Equal(t, 1.0, l.LoadTokens())
}

func TestRateLimiterInfinite(t *testing.T) {
	l, _, o := newLimiter(tdata.InfRate, 0)
	assert.True(t, l.AllowN(1_000_000))
	assert.NoError(t, l.WaitN(t.Context(), 1000))
	atomically(t, o, func(tx *stm.Tx) {
		assert.True(t, l.TryTake(tx, 5))
		assert.NoError(t, l.Take(tx, 5))
		assert.Equal(t, tdata.InfRate, l.Rate(tx))
	})
	r := l.ReserveN(7)
	assert.True(t, r.OK())
	assert.Zero(t, r.Delay())
	l.StoreRate(1)
	l.StoreBurst(3)
	r.Cancel()
	assert.LessOrEqual(t, l.LoadTokens(), 0.0, "what was free gives nothing back")
	assert.Equal(t, tdata.InfRate, tdata.Every(0))
	assert.Equal(t, tdata.Rate(4), tdata.Every(time.Second/4))
}

func TestRateLimiterCancelsOnce(t *testing.T) {
	l, _, _ := newLimiter(1, 10)
	a, b := l.ReserveN(10), l.ReserveN(5)
	assert.Equal(t, 5*time.Second, b.Delay())
	for range 3 {
		b.Cancel()
	}
	assert.Zero(t, l.LoadTokens())
	a.Cancel()
	a.Cancel()
	assert.Equal(t, 10.0, l.LoadTokens())
	none := l.ReserveN(11)
	assert.False(t, none.OK())
	assert.EqualValues(t, int64(math.MaxInt64), none.Delay())
	none.Cancel()
	assert.Equal(t, 10.0, l.LoadTokens())
}

// Who cancels what an aborted transaction reserved gives back nothing, since nothing was taken.
func TestReservationOfAnAbortedTransactionIsVoid(t *testing.T) {
	l, _, o := newLimiter(1, 10)
	require.True(t, l.AllowN(10))
	var r *tdata.Reservation
	require.ErrorIs(t, o.Atomically(t.Context(), func(tx *stm.Tx) error {
		r = l.TakeAhead(tx, 5)
		return assert.AnError
	}), assert.AnError)
	r.Cancel()
	assert.Zero(t, l.LoadTokens())
	atomically(t, o, func(tx *stm.Tx) {
		r = l.TakeAhead(tx, 5)
		_ = tx.Nested(func(tx *stm.Tx) error { l.TakeAhead(tx, 1); return assert.AnError })
	})
	assert.Equal(t, -5.0, l.LoadTokens())
	r.Cancel()
	r.Cancel()
	assert.Zero(t, l.LoadTokens())
	atomically(t, o, func(tx *stm.Tx) { l.TakeAhead(tx, 5).Undo(tx) })
	assert.Zero(t, l.LoadTokens())
}

func TestRateLimiterRefusesBadInput(t *testing.T) {
	for _, cfg := range []tdata.RateConfig{{Rate: -1}, {Rate: tdata.Rate(math.NaN())}, {Burst: -1}} {
		assert.Panics(t, func() { tdata.NewRateLimiter(cfg) }, "%+v", cfg)
	}
	l, _, o := newLimiter(1, 1)
	for name, fn := range map[string]func(){
		"tokens":  func() { l.AllowN(-1) },
		"reserve": func() { l.ReserveN(-1) },
		"wait":    func() { _ = l.WaitN(t.Context(), -1) },
		"rate":    func() { l.StoreRate(-1) },
		"NaN":     func() { l.StoreRate(tdata.Rate(math.NaN())) },
		"burst":   func() { l.StoreBurst(-1) },
		"take":    func() { _ = o.Atomically(t.Context(), func(tx *stm.Tx) error { return l.Take(tx, -1) }) },
		"try":     func() { atomically(t, o, func(tx *stm.Tx) { l.TryTake(tx, -1) }) },
		"ahead":   func() { atomically(t, o, func(tx *stm.Tx) { l.TakeAhead(tx, -1) }) },
	} {
		assert.Panics(t, fn, name)
	}
	err := o.Atomically(t.Context(), func(tx *stm.Tx) error { return l.Take(tx, 2) })
	assert.ErrorIs(t, err, tdata.ErrOverBurst)
	nothing := tdata.NewRateLimiter(tdata.RateConfig{})
	assert.False(t, nothing.Allow())
	assert.True(t, nothing.AllowN(0))
	slow := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1e-300, Burst: 1})
	assert.True(t, slow.Allow())
	assert.False(t, slow.Reserve().OK(), "longer than any time")
}

// Eight goroutines take exactly what there is.
func TestRateLimiterUnderStress(t *testing.T) {
	l, _, o := newLimiter(0, 5000)
	var taken [8]int
	together(o, func(who int) {
		for i := range 1000 {
			ok := false
			if i%2 == 0 {
				ok = l.Allow()
			} else {
				atomically(t, o, func(tx *stm.Tx) { ok = l.TryTake(tx, 1) })
			}
			if ok {
				taken[who]++
			}
		}
	})
	sum := 0
	for _, n := range taken {
		sum += n
	}
	assert.Equal(t, 5000, sum)
}

// A clash report names the limiter.
func TestRateLimiterHasAName(t *testing.T) {
	l, _, o := newLimiter(1, 5)
	tx := o.Checkout()
	defer tx.Discard()
	l.TryTake(tx, 1)
	l.Allow()
	_, err := tx.Commit()
	assert.ErrorContains(t, err, `"api.bucket"`)
}
