package main

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rinse-go/rinse/stm"
)

// A sample is what one measurement gave, by unit.
type sample map[string]float64

// A benchmark is one workload under one variant with a number of goroutines.
type benchmark struct {
	workload   string
	goroutines int
	stretch    int
	variant
}

// benchmarks lists every workload under every variant, in the order in which a round measures them.
func benchmarks() (all []benchmark) {
	for _, w := range workloads {
		for _, goroutines := range w.goroutines {
			for _, v := range w.variants {
				all = append(all, benchmark{w.name, goroutines, max(1, w.stretch), v})
			}
		}
	}
	return all
}

// name is the benchmark's name as go test would print it, but for the prefix and GOMAXPROCS.
func (b benchmark) name() string {
	return fmt.Sprintf("%s/%s/g=%d", b.workload, b.variant.name, b.goroutines)
}

// calibrate tells how many operations take about as long as target.
func (b benchmark) calibrate(target time.Duration) (int, error) {
	if b.weigh != nil {
		return 1, nil
	}
	target *= time.Duration(b.stretch)
	r := b.setup(b.goroutines)
	done := make([]int, r.workers)
	n := r.workers
	for {
		elapsed := r.perform(n, done, func() {})
		if elapsed > target/8 {
			n = int(float64(n) * float64(target) / float64(elapsed))
			return max(n, r.workers), r.finish(done)
		}
		n *= 4
	}
}

// measure makes the benchmark ready, warms it up, performs n operations and refuses the figures of a wrong result.
func (b benchmark) measure(n int) (sample, error) {
	if b.weigh != nil {
		return b.weigh()
	}
	r := b.setup(b.goroutines)
	done := make([]int, r.workers)
	r.perform(n/8+r.workers, done, func() {})
	runtime.GC()

	var before, after runtime.MemStats
	var stats stm.Stats
	elapsed := r.perform(n, done, func() {
		stats = stm.Default().Stats()
		runtime.ReadMemStats(&before)
	})
	runtime.ReadMemStats(&after)
	stats = stm.Default().Stats().Sub(stats)
	if err := r.finish(done); err != nil {
		return nil, err
	}

	operations := float64(n * max(1, r.per))
	s := sample{
		"ns/op":     float64(elapsed.Nanoseconds()) / operations,
		"allocs/op": float64(after.Mallocs-before.Mallocs) / operations,
		"B/op":      float64(after.TotalAlloc-before.TotalAlloc) / operations,
	}
	s.add("clashes/op", float64(stats.Clashes.Total())/operations)
	s.add("waits/op", float64(stats.Waits)/operations)
	s.add("gates/op", float64(stats.Gates)/operations)
	if r.also != nil {
		maps.Copy(s, r.also())
	}
	return s, nil
}

// add keeps a figure that says something.
func (s sample) add(unit string, value float64) {
	if value > 0 {
		s[unit] = value
	}
}

// usual are the units that every timed benchmark has, in the order of go test.
var usual = []string{"ns/op", "B/op", "allocs/op"}

// units lists what the sample holds, the usual first.
func (s sample) units() (units []string) {
	for _, unit := range usual {
		if _, ok := s[unit]; ok {
			units = append(units, unit)
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(s)) {
		if !slices.Contains(usual, unit) {
			units = append(units, unit)
		}
	}
	return units
}

// perform lets the run's workers perform n operations in all, started together after ready, and adds to done how
// many each performed. Workers take batches from a common stock, so that all of them are busy to the end.
func (r run) perform(n int, done []int, ready func()) time.Duration {
	batch := int64(max(1, n/(32*r.workers)))
	var stock, busy atomic.Int64
	stock.Store(int64(n))
	busy.Store(int64(r.workers))
	var finished time.Time
	var arrived, ended sync.WaitGroup
	start := make(chan struct{})
	arrived.Add(r.workers)
	for worker := range r.workers {
		ended.Go(func() {
			arrived.Done()
			<-start
			performed := 0
			for {
				left := stock.Add(-batch)
				if left <= -batch {
					break
				}
				size := int(batch + min(0, left))
				r.op(worker, size)
				performed += size
			}
			if busy.Add(-1) == 0 {
				finished = time.Now()
			}
			done[worker] += performed
		})
	}
	arrived.Wait()
	ready()
	began := time.Now()
	close(start)
	ended.Wait()
	return finished.Sub(began)
}

// finish ends what the setup started and checks what all operations came to.
func (r run) finish(done []int) error {
	if r.close != nil {
		r.close()
	}
	return r.check(done)
}
