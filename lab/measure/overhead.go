package measure

import (
	"context"
	"time"

	"github.com/rinse-go/rinse/lab/workload"
)

// Overhead measures, for about twice this long, what is the lab's own part in its figures, with one
// goroutine that does nothing: how long that takes, which is in every throughput, and how late it is done
// by the median, which is in every latency of operations that arrive by the clock. Both are in nanoseconds.
func Overhead(ctx context.Context, about time.Duration) (perOperation, late float64, err error) {
	nothing := &workload.Load{Worker: func(int) workload.Op {
		return func(context.Context) error { return nil }
	}}
	crew := newCrew(nothing, workload.Setup{Goroutines: 1})
	done, err := crew.shift(ctx, about, crew.closed)
	if err != nil {
		return 0, 0, err
	}
	if _, err := crew.shift(ctx, about, crew.arriving(workload.DefaultRate, about)); err != nil {
		return 0, 0, err
	}
	waited, _, _ := crew.latencies()
	return float64(done.elapsed.Nanoseconds()) / float64(done.ops), float64(waited.ValueAtQuantile(50)), nil
}
