package workload

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"time"
)

// Waiting is the promise of microthreads: a hundred thousand at once.
var Waiting = Workload{
	Name: "waiting",
	Explain: "100,000 goroutines wait for one latch: the memory that each of them takes, its stack and all, and how long " +
		"it takes to wake them.",
	Needs:      []string{"Latch"},
	Goroutines: []int{100_000},
	New: func(s Setup) (*Load, error) {
		return &Load{
			Measure: func(ctx context.Context, _ time.Duration) (Figures, error) {
				latch := s.Discipline.Latch()
				before, during := memory(), uint64(0)
				latencies, elapsed, err := wakeAll(ctx, latch, s.Goroutines, func() { during = memory() })
				if err == nil && during <= before {
					err = errors.New("the memory of waiting goroutines could not be seen")
				}
				return Figures{
					Ops:       uint64(s.Goroutines),
					Elapsed:   elapsed,
					Latencies: latencies,
					Memory:    float64(during-before) / float64(s.Goroutines),
				}, err
			},
		}, nil
	},
}

// memory is what heap and stacks hold after two collections: what the first finds in a sync.Pool, or runs the
// cleanup of, only the second lets go of.
func memory() (bytes uint64) {
	runtime.GC()
	runtime.GC()
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(samples)
	for _, sample := range samples {
		bytes += sample.Value.Uint64()
	}
	return bytes
}
