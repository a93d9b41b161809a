package workload

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/rinse-go/rinse/discipline"
)

// WakeUp is what waiting costs when it is over.
var WakeUp = Workload{
	Name: "wakeup",
	Explain: "All goroutines wait, asleep, for one latch. It is opened; the latency is the time until each of them goes " +
		"on. Again and again, with a new latch each time. The throughput includes making it and falling asleep.",
	Needs: []string{"Latch"},
	New: func(s Setup) (*Load, error) {
		return &Load{
			Measure: func(ctx context.Context, about time.Duration) (f Figures, err error) {
				for start := time.Now(); f.Elapsed < about || f.Ops == 0; f.Elapsed = time.Since(start) {
					latencies, _, err := wakeAll(ctx, s.Discipline.Latch(), s.Goroutines, nil)
					if err != nil {
						return f, err
					}
					f.Ops += uint64(len(latencies))
					f.Latencies = append(f.Latencies, latencies...)
				}
				return f, nil
			},
		}, nil
	},
}

// wakeAll has n goroutines wait for the latch and opens it when they sleep, after a call of asleep. It
// returns how long after that each of them went on, and closes the latch.
func wakeAll(ctx context.Context, latch discipline.Latch, n int, asleep func()) ([]time.Duration, time.Duration, error) {
	defer latch.Close()
	var opened time.Time
	var wait sync.WaitGroup
	woken := make([]time.Time, n)
	failed := make([]error, n)
	sleeping := sleepers()
	for i := range n {
		wait.Go(func() {
			failed[i] = latch.Wait(ctx)
			woken[i] = time.Now()
		})
	}
	fallAsleep(ctx, sleeping+uint64(n))
	if asleep != nil {
		asleep()
	}
	opened = time.Now()
	latch.Open()
	wait.Wait()
	elapsed := time.Since(opened)
	latencies, early := make([]time.Duration, n), 0
	for i := range latencies {
		if latencies[i] = woken[i].Sub(opened); failed[i] == nil && latencies[i] < 0 {
			early++
		}
	}
	err := firstOf(failed)
	if early > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d goroutines did not wait for the latch", early, n))
	}
	return latencies, elapsed, err
}

// firstOf is the first error there is: a hundred thousand of the same tell no more.
func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// fallAsleep returns when as many goroutines wait for something, or after a second: a discipline may
// have some of them wait in another way.
func fallAsleep(ctx context.Context, goroutines uint64) {
	for end := time.Now().Add(time.Second); sleepers() < goroutines && time.Now().Before(end) && ctx.Err() == nil; {
		runtime.Gosched()
	}
}

func sleepers() uint64 {
	waiting := []metrics.Sample{{Name: "/sched/goroutines/waiting:goroutines"}}
	metrics.Read(waiting)
	return waiting[0].Value.Uint64()
}
