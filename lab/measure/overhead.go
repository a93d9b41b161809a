package measure

import (
	"context"
	"errors"
	"time"

	"github.com/rinse-go/rinse/lab/workload"
)

// Overhead measures, for about this long, what an operation that does nothing takes: the part of every
// figure that is the lab's. It is in nanoseconds, for one goroutine.
func Overhead(ctx context.Context, about time.Duration) (float64, error) {
	nothing := &workload.Load{Worker: func(int) workload.Op {
		return func(context.Context) error { return nil }
	}}
	crew := newCrew(nothing, workload.Setup{Goroutines: 1})
	done, err := crew.shift(ctx, about, crew.closed)
	if err != nil {
		return 0, err
	}
	if done.ops == 0 {
		return 0, errors.New("measure: not even nothing was done in the time there was")
	}
	return float64(done.elapsed.Nanoseconds()) / float64(done.ops), nil
}
