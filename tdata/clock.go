package tdata

import (
	"sync/atomic"
	"time"
)

// A Clock tells the time to structures that depend on it, and calls back when some has passed. Give them
// one of your own to test what would take long, or use testing/synctest, in which the usual one suffices.
//
// A clock may stand still. If it goes back, the structures take it to stand still.
type Clock interface {
	Now() time.Time

	// AfterFunc calls f once, on a goroutine of its own, when d has passed. stop prevents that, and reports
	// whether it did.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// systemClock is the clock of the machine.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// A stopwatch tells a clock's time in nanoseconds, from 1 on, and never goes back. The zero stopwatch begins by the
// system's clock when it is first looked at.
type stopwatch struct {
	clock  Clock                     // immutable; nil: the system's, which does not go back
	start  time.Time                 // immutable; zero for the zero stopwatch
	first  atomic.Pointer[time.Time] // when the zero stopwatch was first looked at
	latest atomic.Int64              // what was told last, unless it is the system's clock
}

func (w *stopwatch) begin(clock Clock) {
	w.clock, w.start = clock, time.Now()
	if clock != nil {
		w.start = clock.Now()
	}
}

func (w *stopwatch) now() int64 {
	if w.clock == nil {
		return int64(time.Since(w.begun())) + 1
	}
	now := int64(w.clock.Now().Sub(w.start)) + 1
	for {
		latest := w.latest.Load()
		if now <= latest {
			return latest
		}
		if w.latest.CompareAndSwap(latest, now) {
			return now
		}
	}
}

// begun returns the start by the system's clock.
func (w *stopwatch) begun() time.Time {
	if !w.start.IsZero() {
		return w.start
	}
	if w.first.Load() == nil {
		now := time.Now()
		w.first.CompareAndSwap(nil, &now)
	}
	return *w.first.Load()
}

// afterFunc is the clock's AfterFunc.
func (w *stopwatch) afterFunc(d time.Duration, f func()) (stop func() bool) {
	if w.clock == nil {
		return systemClock{}.AfterFunc(d, f)
	}
	return w.clock.AfterFunc(d, f)
}

// alarm calls f at a time. A clock that jumps between the look at it and the call is looked at again.
func (w *stopwatch) alarm(at int64, f func()) (stop func() bool) {
	for {
		now := w.now()
		stop = w.afterFunc(time.Duration(max(at-now, 0)), f)
		if w.clock == nil || at <= now || w.now()-now < int64(time.Millisecond) || !stop() {
			return stop
		}
	}
}
