package tdata_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// A token and a job are taken in one step, or none of them.
func ExampleRateLimiter() {
	limiter := tdata.NewRateLimiter(tdata.RateConfig{Rate: 10, Burst: 2})
	jobs := tvar.New([]string{"a", "b", "c"})
	for range 3 {
		_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
			if limiter.TryTake(tx, 1) {
				jobs.Set(tx, jobs.Get(tx)[1:])
			}
			return nil
		})
	}
	fmt.Println(jobs.Load())
	// Output: [c]
}

// slow returns a limiter of one token in an hour, which is there.
func slow() *tdata.RateLimiter {
	return tdata.NewRateLimiter(tdata.RateConfig{Rate: tdata.Every(time.Hour), Burst: 1})
}

func ExampleNewRateLimiter() {
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 100, Burst: 10}, tdata.Named("outgoing"))
	fmt.Println(l.AllowN(10), l.AllowN(10))
	// Output: true false
}

func ExampleRateConfig() {
	clock := newFakeClock()
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 1, Clock: clock})
	fmt.Println(l.Allow(), l.Allow())
	clock.pass(time.Second)
	fmt.Println(l.Allow())
	// Output:
	// true false
	// true
}

func ExampleRate() {
	var perSecond tdata.Rate = 2.5
	fmt.Println(perSecond)
	// Output: 2.5
}

func ExampleEvery() {
	fmt.Println(tdata.Every(100 * time.Millisecond))
	// Output: 10
}

func ExampleRateLimiter_TryTake() {
	l := slow()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(l.TryTake(tx, 1), l.TryTake(tx, 1))
		return nil
	})
	// Output: true false
}

// Wait for a token or for the end of the work, whatever comes first.
func ExampleRateLimiter_Take() {
	l, quit := slow(), tvar.New(false)
	l.Allow()
	go quit.Store(true)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		return tx.OrElse(
			func(tx *stm.Tx) error { return l.Take(tx, 1) },
			func(tx *stm.Tx) error { tx.Check(quit.Get(tx)); return nil },
		)
	})
	fmt.Println(quit.Load())
	// Output: true
}

func ExampleRateLimiter_TakeAhead() {
	l := slow()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		now, later := l.TakeAhead(tx, 1), l.TakeAhead(tx, 1)
		fmt.Println(now.Delay(), later.Delay().Round(time.Minute))
		return nil
	})
	// Output: 0s 1h0m0s
}

func ExampleRateLimiter_Tokens() {
	l := tdata.NewRateLimiter(tdata.RateConfig{Burst: 3})
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		l.TryTake(tx, 1)
		fmt.Println(l.Tokens(tx))
		return nil
	})
	// Output: 2
}

func ExampleRateLimiter_LoadTokens() {
	l := tdata.NewRateLimiter(tdata.RateConfig{Burst: 3})
	l.Allow()
	fmt.Println(l.LoadTokens())
	// Output: 2
}

func ExampleRateLimiter_Rate() {
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 5, Burst: 1})
	_ = stm.View(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(l.Rate(tx))
		return nil
	})
	// Output: 5
}

func ExampleRateLimiter_Burst() {
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 5, Burst: 1})
	_ = stm.View(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(l.Burst(tx))
		return nil
	})
	// Output: 1
}

func ExampleRateLimiter_SetRate() {
	l := slow()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		l.SetRate(tx, 2*l.Rate(tx))
		fmt.Println(l.Rate(tx) == tdata.Every(30*time.Minute))
		return nil
	})
	// Output: true
}

func ExampleRateLimiter_SetBurst() {
	l := slow()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		l.SetBurst(tx, 5)
		fmt.Println(l.Burst(tx))
		return nil
	})
	// Output: 5
}

func ExampleRateLimiter_StoreRate() {
	l := slow()
	l.StoreRate(tdata.InfRate)
	fmt.Println(l.AllowN(1000))
	// Output: true
}

func ExampleRateLimiter_StoreBurst() {
	l := slow()
	l.StoreBurst(0)
	fmt.Println(l.Allow())
	// Output: false
}

func ExampleRateLimiter_Allow() {
	l := slow()
	fmt.Println(l.Allow(), l.Allow())
	// Output: true false
}

func ExampleRateLimiter_AllowN() {
	l := tdata.NewRateLimiter(tdata.RateConfig{Burst: 10})
	fmt.Println(l.AllowN(7), l.AllowN(7))
	// Output: true false
}

func ExampleRateLimiter_Reserve() {
	l := slow()
	fmt.Println(l.Reserve().Delay(), l.Reserve().Delay().Round(time.Minute))
	// Output: 0s 1h0m0s
}

func ExampleRateLimiter_ReserveN() {
	fmt.Println(slow().ReserveN(2).OK()) // more than the burst
	// Output: false
}

func ExampleRateLimiter_Wait() {
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1000, Burst: 1})
	start := time.Now()
	for range 3 {
		_ = l.Wait(context.Background())
	}
	fmt.Println(time.Since(start) >= 2*time.Millisecond-time.Microsecond)
	// Output: true
}

func ExampleRateLimiter_WaitN() {
	fmt.Println(slow().WaitN(context.Background(), 2))
	// Output: tdata: RateLimiter: more tokens than the burst allows: 2 of 1
}

func ExampleReservation() {
	l := slow()
	l.Allow()
	r := l.Reserve()
	if r.OK() && r.Delay() > time.Minute {
		r.Cancel() // too long
	}
	fmt.Println(l.LoadTokens() >= 0)
	// Output: true
}

func ExampleReservation_OK() {
	fmt.Println(slow().Reserve().OK())
	// Output: true
}

func ExampleReservation_Delay() {
	fmt.Println(slow().Reserve().Delay())
	// Output: 0s
}

func ExampleReservation_Cancel() {
	l := slow()
	l.Allow()
	l.Reserve().Cancel()
	fmt.Println(l.Reserve().Delay().Round(time.Minute))
	// Output: 1h0m0s
}

func ExampleReservation_Undo() {
	l := slow()
	l.Allow()
	r := l.Reserve()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		r.Undo(tx)
		return nil
	})
	fmt.Println(l.Reserve().Delay().Round(time.Minute))
	// Output: 1h0m0s
}
