package model

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rinse-go/rinse/lab/result"
)

// ErrCores is returned by [Calibrate] where there is nothing to share: Go has one core only.
var ErrCores = errors.New("model: the costs of sharing need two cores (GOMAXPROCS 2)")

const (
	warmUps    = 5 // trials of each cost that are not counted
	operations = 10_000
	passes     = 1000 // from core to core, or from goroutine to goroutine
)

// enough reports whether there were enough trials of a cost, those to warm up included. Where another program has a core
// each pass may have to wait until that is interrupted, and a trial takes seconds.
func enough(trials int, took time.Duration) bool {
	switch {
	case took < 400*time.Millisecond:
		return trials >= warmUps+160
	case took < 4*time.Second:
		return trials >= warmUps+10
	}
	return trials >= 1
}

// Calibrate measures what sharing costs on this machine. It takes one to three seconds, keeps two cores
// busy meanwhile, and wants nothing else to run; if something does, it takes longer and tells less. It returns the context's error if that ends, and
// [ErrCores] on one core.
func Calibrate(ctx context.Context) (*result.Costs, error) {
	if runtime.GOMAXPROCS(0) < 2 || runtime.NumCPU() < 2 {
		return nil, ErrCores
	}
	costs := &result.Costs{}
	for _, of := range []struct {
		cost    *result.Cost
		measure func() float64
	}{
		{&costs.Transfer, transfer}, {&costs.Atomic, addAlone}, {&costs.Shared, addTogether},
		{&costs.Lock, lockAlone}, {&costs.HandOff, lockTogether}, {&costs.Message, message},
	} {
		var all []float64
		for start := time.Now(); !enough(len(all), time.Since(start)); {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			all = append(all, of.measure())
		}
		all = all[min(warmUps, len(all)-1):]
		slices.Sort(all)
		n := len(all)
		*of.cost = result.Cost{Median: all[n/2], Low: all[n/4], High: all[n-1-n/4]}
	}
	return costs, nil
}

// A word is an atomic word with a cache line to itself, and the one before it, which is fetched along.
type word struct {
	_ [128]byte
	n atomic.Int64
	_ [120]byte
}

// transfer has two cores wait for each other's change of one word.
func transfer() float64 {
	var turn word
	pass := func(parity int64) func() {
		return func() {
			for i := range int64(passes) {
				waitFor(func() bool { return turn.n.Load() == 2*i+parity })
				turn.n.Add(1)
			}
		}
	}
	return both(pass(0), pass(1)) / (2 * passes)
}

func addAlone() float64 {
	var w word
	return timed(func() { add(&w) }) / operations
}

func addTogether() float64 {
	var w word
	return both(func() { add(&w) }, func() { add(&w) }) / (2 * operations)
}

func add(w *word) {
	for range operations {
		w.n.Add(1)
	}
}

func lockAlone() float64 {
	var mu sync.Mutex
	return timed(func() { lock(&mu) }) / operations
}

func lockTogether() float64 {
	var mu sync.Mutex
	return both(func() { lock(&mu) }, func() { lock(&mu) }) / (2 * operations)
}

func lock(mu *sync.Mutex) {
	inside := 0
	for range operations {
		mu.Lock()
		inside++
		mu.Unlock()
	}
}

// message has two goroutines send one value to and fro.
func message() float64 {
	there, back := make(chan struct{}), make(chan struct{})
	return both(
		func() {
			for range passes / 10 {
				there <- struct{}{}
				<-back
			}
		},
		func() {
			for range passes / 10 {
				<-there
				back <- struct{}{}
			}
		},
	) / (2 * passes / 10)
}

func timed(work func()) (nanoseconds float64) {
	start := time.Now()
	work()
	return float64(time.Since(start))
}

// both runs two functions at the same time, and returns how long it took until both had ended.
func both(one, other func()) (nanoseconds float64) {
	var ready atomic.Int64
	var done sync.WaitGroup
	together := func(work func()) func() {
		return func() {
			ready.Add(1)
			waitFor(func() bool { return ready.Load() == 3 })
			work()
		}
	}
	done.Go(together(one))
	done.Go(together(other))
	waitFor(func() bool { return ready.Load() == 2 })
	return timed(func() {
		ready.Add(1)
		done.Wait()
	})
}

// waitFor keeps its core busy, so that it goes on at once; but the one waited for may need it.
func waitFor(happened func() bool) {
	for spins := 1; !happened(); spins++ {
		if spins%1000 == 0 {
			runtime.Gosched()
		}
	}
}
