//go:build unix

package measure_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/measure"
	"github.com/rinse-go/rinse/lab/result"
)

// A core is slower the more programs share it, so what counts is the time that this one had it.
func TestMeasuringItselfIsCheap(t *testing.T) {
	settings := measure.Settings{Seed: 1, Time: 50 * time.Millisecond, WarmUp: time.Millisecond, Patience: time.Minute}
	key := result.Key{Workload: nothing.Name, Goroutines: 1, Procs: 1}
	undisturbed(t, "an operation in 100 ns, without allocations", func() bool {
		var point result.Point
		worked, _ := had(func() {
			var err error
			point, err = measure.One(context.Background(), &nothing, &discipline.Discipline{}, key, 0, settings)
			require.NoError(t, err)
		})
		return float64(worked)/float64(point.Ops) < 100 && point.Allocs < 0.01 && point.Bytes < 1
	})
	undisturbed(t, "100 ns of overhead", func() bool {
		var overhead, late float64
		worked, took := had(func() {
			var err error
			overhead, late, err = measure.Overhead(context.Background(), 10*time.Millisecond)
			require.NoError(t, err)
		})
		assert.Positive(t, overhead)
		assert.Positive(t, late)
		return overhead*min(1, 2*float64(worked)/float64(took)) < 100 // half of the time it only waits
	})
}

// had returns how long a core worked for this process meanwhile, and how long it took.
func had(do func()) (worked, took time.Duration) {
	before, start := usage(), time.Now()
	do()
	return usage() - before, time.Since(start)
}

func usage() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
