// Package measure runs workloads under disciplines and measures them. What it is careful about:
//
//   - Nothing is reported whose result was not checked and right.
//   - Throughput is measured without looking at the clock in between. Only the flag that ends it is looked
//     at before each operation; what that costs is measured too, by [Overhead].
//   - Latency is measured in a time of its own, with operations that arrive by the clock, whether the one
//     before has ended or not (an open loop). It counts from when an operation should have started, so that
//     one that is slow cannot hide those that wait behind it (Tene's coordinated omission).
//   - Every goroutine has a histogram, a tally and random numbers of its own.
//   - Rounds interleave: each goes through all measurements once, so that drift hits all alike.
package measure

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/workload"
)

// Settings are how to measure.
type Settings struct {
	Seed     uint64
	Time     time.Duration // for throughput, and again for latency
	WarmUp   time.Duration
	Patience time.Duration // how much longer than planned a measurement may take before it counts as hanging
}

// ErrHangs says that a measurement does not end. Its goroutines are left behind, so nothing that is measured
// after it in this process is to be trusted.
var ErrHangs = errors.New("it hangs")

// One makes one measurement. Its error is a [workload.Refused] if the discipline cannot do it, that of the
// context if it has ended, ErrHangs, ErrNothing, or else what is wrong with the discipline or its result.
func One(ctx context.Context, w *workload.Workload, d *discipline.Discipline, key result.Key, round int, s Settings) (result.Point, error) {
	if err := w.Cannot(d); err != nil {
		return result.Point{}, err
	}
	runtime.GOMAXPROCS(key.Procs)
	m := &measurement{workload: w, settings: s, point: result.Point{Key: key, Round: round}}
	m.at("setting up")
	setup := workload.Setup{Discipline: d, Case: key.Case, Goroutines: key.Goroutines, Seed: s.Seed + uint64(round)}
	ended := make(chan error, 1)
	go func() { ended <- m.run(ctx, setup) }()

	watchdog := time.NewTimer(s.WarmUp + 2*s.Time + s.Patience)
	defer watchdog.Stop()
	select {
	case err := <-ended:
		return m.point, err
	case <-watchdog.C:
		return result.Point{}, fmt.Errorf("%w: still %s after %s more than planned", ErrHangs, m.stage.Load(), s.Patience)
	}
}

// ErrNothing says that no operation was done: the discipline never ends one, or the time was too short for a machine as
// busy as this one is.
var ErrNothing = errors.New("no operation was done in the time there was")

type measurement struct {
	workload *workload.Workload
	settings Settings
	point    result.Point
	stage    atomic.Value // a string: what it is doing
}

func (m *measurement) at(stage string) { m.stage.Store(stage) }

func (m *measurement) run(ctx context.Context, setup workload.Setup) (err error) {
	defer recovered(&err)
	load, err := m.workload.New(setup)
	if err != nil {
		return err
	}
	if load == nil {
		return fmt.Errorf("workload %q: New returned nothing", m.workload.Name)
	}
	defer m.close(load) // also after a failure: there may be processes behind it
	if err := complete(load); err != nil {
		return fmt.Errorf("workload %q: its Load has %w", m.workload.Name, err)
	}
	if load.Measure != nil {
		return m.byItself(ctx, load)
	}
	return m.byCrew(ctx, load, setup)
}

// complete returns an error for what nothing can be measured of, or nothing be believed.
func complete(load *workload.Load) error {
	switch {
	case load.Worker == nil && load.Measure == nil:
		return errors.New("neither Worker nor Measure")
	case load.Worker != nil && load.Measure != nil:
		return errors.New("both Worker and Measure")
	case load.Worker != nil && load.Check == nil: // what a Measure returns it has to check itself
		return errors.New("no Check, so nobody would know that its result is right")
	}
	return nil
}

func (m *measurement) close(load *workload.Load) {
	m.at("closing")
	for _, object := range load.Objects {
		object.Close()
	}
}

// byItself has a load do what it measures by itself.
func (m *measurement) byItself(ctx context.Context, load *workload.Load) error {
	m.at("measuring")
	runtime.GC()
	before := readGauges()
	figures, err := load.Measure(ctx, 2*m.settings.Time)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	if figures.Ops == 0 {
		return ErrNothing
	}
	p := &m.point
	p.Ops, p.Elapsed, p.Memory, p.Extra = figures.Ops, figures.Elapsed, figures.Memory, figures.Extra
	readGauges().since(before).into(p)
	if len(figures.Latencies) > 0 {
		all := newHistogram()
		for _, latency := range figures.Latencies {
			record(all, latency)
		}
		p.Latency = summary(all, 0)
	}
	return check(load, p.Ops)
}

// byCrew measures throughput, then latency, then checks.
func (m *measurement) byCrew(ctx context.Context, load *workload.Load, setup workload.Setup) error {
	crew := newCrew(load, setup)
	runtime.GC()
	m.at("warming up")
	if _, err := crew.shift(ctx, m.settings.WarmUp, crew.closed); err != nil {
		return err
	}
	if err := m.throughput(ctx, crew); err != nil {
		return err
	}
	if err := m.latency(ctx, crew); err != nil {
		return err
	}
	m.at("checking the result")
	return check(load, crew.total())
}

func (m *measurement) throughput(ctx context.Context, crew *crew) error {
	m.at("measuring throughput")
	gauges, clashes := readGauges(), crew.clashes()
	done, err := crew.shift(ctx, m.settings.Time, crew.closed)
	if err != nil {
		return err
	}
	p := &m.point
	p.Ops, p.Elapsed, p.Clashes = done.ops, done.elapsed, crew.clashes()-clashes
	if p.Ops == 0 {
		return ErrNothing
	}
	readGauges().since(gauges).into(p)
	if crew.load.Beside != nil {
		m.extra(crew.load.BesideUnit, float64(done.beside)/done.elapsed.Seconds())
	}
	return nil
}

func (m *measurement) latency(ctx context.Context, crew *crew) error {
	m.at("measuring latency")
	rate := m.workload.Rate
	if rate == 0 {
		rate = workload.DefaultRate
	}
	work := crew.arriving(rate, m.settings.Time)
	if crew.load.Together {
		rate, work = 0, crew.timed
	}
	if _, err := crew.shift(ctx, m.settings.Time, work); err != nil {
		return err
	}
	waited, service, unserved := crew.latencies()
	m.point.Latency = summary(waited, rate)
	if rate > 0 && service.TotalCount() > 0 {
		m.extra("service-p50-ns", float64(service.ValueAtQuantile(50)))
		m.extra("service-p99-ns", float64(service.ValueAtQuantile(99)))
	}
	if rate > 0 {
		m.extra("unserved-share", float64(unserved)/float64(max(1, waited.TotalCount())))
	}
	return nil
}

func (m *measurement) extra(unit string, value float64) {
	if m.point.Extra == nil {
		m.point.Extra = map[string]float64{}
	}
	m.point.Extra[unit] = value
}

// check has the load look at its result.
func check(load *workload.Load, done uint64) error {
	if load.Check == nil {
		return nil
	}
	if err := load.Check(done); err != nil {
		return fmt.Errorf("the result is wrong: %w", err)
	}
	return nil
}

// recovered makes an error of a panic. It says where, if that is known.
func recovered(err *error) {
	r := recover()
	if r == nil {
		return
	}
	*err = fmt.Errorf("panic: %v", r)
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for frame, more := frames.Next(); more; frame, more = frames.Next() {
		if !strings.HasPrefix(frame.Function, "runtime.") {
			*err = fmt.Errorf("panic: %v, in %s, %s:%d", r, frame.Function, filepath.Base(frame.File), frame.Line)
			return
		}
	}
}
