package measure

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/workload"
)

// A crew is the goroutines of one measurement. They work in shifts: to warm up, for throughput, for
// latency, always on the same objects.
type crew struct {
	load   *workload.Load
	hands  []hand
	stop   atomic.Bool // no more operations
	failed atomic.Pointer[error]
}

// A hand is what one goroutine works with. Nobody else touches it during a shift.
type hand struct {
	op       workload.Op
	arrivals *rand.Rand
	done     uint64 // in all shifts
	waited   *hdrhistogram.Histogram
	service  *hdrhistogram.Histogram
	unserved uint64   // that arrived and found no time, or were interrupted
	_        [64]byte // so that no two are on one cache line
}

func newCrew(load *workload.Load, setup workload.Setup) *crew {
	c := &crew{load: load, hands: make([]hand, setup.Goroutines)}
	for i := range c.hands {
		c.hands[i] = hand{
			op:       load.Worker(i),
			arrivals: rand.New(rand.NewPCG(setup.Seed, uint64(i))),
			waited:   newHistogram(),
			service:  newHistogram(),
		}
	}
	return c
}

// work is what a hand does in a shift that started then, until stop. It returns how many operations it did.
type work func(ctx context.Context, h *hand, start time.Time) (uint64, error)

// A done is what came of a shift.
type done struct {
	ops, beside uint64
	elapsed     time.Duration // until the last hand had done its last operation
}

// shift has all hands work for this long, or until one fails or the context ends.
func (c *crew) shift(ctx context.Context, long time.Duration, do work) (d done, err error) {
	c.stop.Store(false)
	var crew, beside sync.WaitGroup
	begin := make(chan struct{})
	over := make(chan struct{})
	var start time.Time
	ops := make([]uint64, len(c.hands))
	cancels := make([]context.CancelFunc, len(c.hands)+1)
	for i := range c.hands {
		// A context each: waiting on one that all share would be sharing, too.
		own, cancel := context.WithCancel(context.Background())
		cancels[i] = cancel
		crew.Go(func() {
			<-begin
			ops[i] = c.protect(func() (uint64, error) { return do(own, &c.hands[i], start) }, over)
		})
	}
	own, cancel := context.WithCancel(context.Background())
	cancels[len(c.hands)] = cancel
	if c.load.Beside != nil {
		beside.Go(func() {
			<-begin
			d.beside = c.protect(func() (uint64, error) { return c.repeat(own, c.load.Beside) }, over)
		})
	}
	start = time.Now()
	close(begin)
	await(ctx, long, over)
	c.stop.Store(true)
	for _, cancel := range cancels {
		cancel()
	}
	crew.Wait()
	d.elapsed = time.Since(start)
	beside.Wait()
	for i, n := range ops {
		d.ops += n
		c.hands[i].done += n
	}
	if failed := c.failed.Load(); failed != nil {
		return d, *failed
	}
	return d, ctx.Err()
}

func await(ctx context.Context, long time.Duration, over <-chan struct{}) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-over:
	case <-ctx.Done():
	}
}

// protect runs what one goroutine does. The first that fails or panics ends the shift.
func (c *crew) protect(do func() (uint64, error), over chan struct{}) (n uint64) {
	var err error
	func() {
		defer recovered(&err)
		n, err = do()
	}()
	if err == nil || c.stop.Load() && errors.Is(err, context.Canceled) {
		return n
	}
	if c.failed.CompareAndSwap(nil, &err) {
		close(over)
	}
	return n
}

// closed does one operation after the other, without looking at the clock.
func (c *crew) closed(ctx context.Context, h *hand, _ time.Time) (uint64, error) {
	return c.repeat(ctx, h.op)
}

// repeat does an operation until stop, but once at least: on a busy machine a shift may be over before
// some goroutine has begun.
func (c *crew) repeat(ctx context.Context, op workload.Op) (n uint64, err error) {
	for {
		if err = op(ctx); err != nil {
			return n, err
		}
		if n++; c.stop.Load() {
			return n, nil
		}
	}
}

// timed does one operation after the other, and takes the time of each.
func (c *crew) timed(ctx context.Context, h *hand, start time.Time) (n uint64, err error) {
	last := time.Since(start)
	for {
		if err = h.op(ctx); err != nil {
			return n, err
		}
		now := time.Since(start)
		record(h.waited, now-last)
		last = now
		if n++; c.stop.Load() {
			return n, nil
		}
	}
}

// arriving has operations arrive at random, at so many a second altogether (a Poisson process). Those that
// arrived in this time and were not done in it count with the time that they had waited at its end.
func (c *crew) arriving(rate float64, long time.Duration) work {
	gap := float64(len(c.hands)) / rate * float64(time.Second)
	return func(ctx context.Context, h *hand, start time.Time) (n uint64, err error) {
		clock := newClock()
		defer clock.close()
		arrival := time.Duration(0)
		next := func() { arrival += time.Duration(h.arrivals.ExpFloat64() * gap) }
		for next(); arrival < long && !c.stop.Load(); next() {
			clock.sleep(arrival - time.Since(start))
			begun := time.Since(start)
			if err = h.op(ctx); err != nil {
				break
			}
			n++
			ended := time.Since(start)
			record(h.waited, ended-arrival)
			record(h.service, ended-begun)
		}
		for ; arrival < long; next() {
			h.unserved++
			record(h.waited, long-arrival)
		}
		return n, err
	}
}

func (c *crew) latencies() (waited, service *hdrhistogram.Histogram, unserved uint64) {
	waited, service = newHistogram(), newHistogram()
	for i := range c.hands {
		waited.Merge(c.hands[i].waited)
		service.Merge(c.hands[i].service)
		unserved += c.hands[i].unserved
	}
	return waited, service, unserved
}

func (c *crew) total() (done uint64) {
	for i := range c.hands {
		done += c.hands[i].done
	}
	return done
}

func (c *crew) clashes() (n uint64) {
	for _, object := range c.load.Objects {
		if clasher, ok := object.(discipline.Clasher); ok {
			n += clasher.Clashes()
		}
	}
	return n
}
