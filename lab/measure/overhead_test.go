//go:build unix

package measure_test

import (
	"context"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/measure"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/workload"
)

// What a loop takes that only calls and looks at a flag is the measure: it is slower where all is slower. What counts is
// the time that a core worked for this process, since others may be at work too.
func TestMeasuringItselfIsCheap(t *testing.T) {
	settings := measure.Settings{Seed: 1, Time: 25 * time.Millisecond, WarmUp: time.Millisecond, Patience: time.Hour}
	key := result.Key{Workload: nothing.Name, Goroutines: 1, Procs: 1}
	undisturbed(t, "an operation costs little more than to call it, and allocates nothing", func() bool {
		settings.Time *= 2 // so that what it takes to begin and to end counts for less
		var point result.Point
		worked, _ := had(func() {
			var err error
			point, err = measure.One(context.Background(), &nothing, &discipline.Discipline{}, key, 0, settings)
			require.NoError(t, err)
		})
		return float64(worked)/float64(point.Ops) < 10*bare(t) && point.Allocs < 0.01 && point.Bytes < 1
	})
	about := 5 * time.Millisecond
	undisturbed(t, "so does the overhead", func() bool {
		about *= 2
		var overhead, late float64
		worked, took := had(func() {
			var err error
			overhead, late, err = measure.Overhead(context.Background(), about)
			require.NoError(t, err)
		})
		assert.Positive(t, overhead)
		assert.Positive(t, late)
		return overhead*min(1, 2*float64(worked)/float64(took)) < 10*bare(t) // half of the time it only waits
	})
}

// bare returns how many nanoseconds of work the least is that there is to do for an operation.
func bare(t *testing.T) float64 {
	load, err := nothing.New(workload.Setup{})
	require.NoError(t, err)
	const ops = 1_000_000
	op, stop := load.Worker(0), new(atomic.Bool)
	worked, _ := had(func() {
		for n := 0; n < ops && op(context.Background()) == nil && !stop.Load(); n++ {
		}
	})
	return float64(worked) / ops
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
