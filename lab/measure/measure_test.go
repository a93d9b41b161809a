package measure_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/measure"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/workload"
)

var quick = measure.Settings{Seed: 1, Time: 5 * time.Millisecond, WarmUp: time.Millisecond, Patience: time.Minute}

func find(t *testing.T, name string) *discipline.Discipline {
	t.Helper()
	d, ok := discipline.Find(name)
	require.True(t, ok, name)
	return &d
}

func one(w *workload.Workload, d *discipline.Discipline, name string, goroutines int) (result.Point, error) {
	settings := quick
	for {
		point, err := measure.One(context.Background(), w, d, keyOf(w, d, name, goroutines), 0, settings)
		if !errors.Is(err, measure.ErrNothing) {
			return point, err
		}
		settings.Time *= 4 // others are at work on this machine
	}
}

func keyOf(w *workload.Workload, d *discipline.Discipline, name string, goroutines int) result.Key {
	return result.Key{Workload: w.Name, Case: name, Discipline: d.Name, Goroutines: goroutines, Procs: runtime.NumCPU()}
}

// casesOf leaves out what differs from others in shares only and takes long.
func casesOf(w *workload.Workload) []string {
	switch {
	case w.Cases == nil:
		return []string{""}
	case w.Name == workload.STMBench7.Name:
		return []string{"short-60/40", "long-90/10"}
	}
	return w.Cases
}

func TestEveryWorkloadRunsUnderEveryDiscipline(t *testing.T) {
	for _, w := range workload.All() {
		goroutines := []int{1, 5}
		switch {
		case w.Goroutines != nil:
			goroutines = []int{1000} // the race detector cannot see more than some thousands
		case len(w.Cases) > 1:
			goroutines = []int{5}
		}
		t.Run(w.Name, func(t *testing.T) {
			for _, d := range discipline.All() {
				for _, name := range casesOf(&w) {
					for _, n := range goroutines {
						runs(t, &w, &d, name, n)
					}
				}
			}
		})
	}
}

func runs(t *testing.T, w *workload.Workload, d *discipline.Discipline, name string, goroutines int) {
	point, err := one(w, d, name, goroutines)
	var cannot workload.Refused
	if errors.As(err, &cannot) {
		assert.NotEmpty(t, cannot)
		return
	}
	if assert.NoError(t, err, "%s %s %d", name, d.Name, goroutines) {
		requirePlausible(t, point)
	}
}

func requirePlausible(t *testing.T, p result.Point) {
	t.Helper()
	require.Positive(t, p.Ops, p.Key)
	require.Positive(t, p.Elapsed, p.Key)
	require.NotNil(t, p.Latency, p.Key)
	l := p.Latency
	require.Positive(t, l.Count, p.Key)
	require.True(t, 0 < l.P50 && l.P50 <= l.P99 && l.P99 <= l.P999 && l.P999 <= l.Max, "%v: %v", p.Key, l)
	require.True(t, 0 <= p.GCShare && p.GCShare <= 1, p.Key)
}

func right(uint64) error { return nil }

// A workload that does nothing: what is left is the measuring.
var nothing = workload.Workload{
	Name: "nothing",
	Rate: 1000,
	New: func(workload.Setup) (*workload.Load, error) {
		return &workload.Load{Check: right, Worker: func(int) workload.Op {
			return func(context.Context) error { return nil }
		}}, nil
	},
}

// undisturbed tries until something is so, since others may be at work on this machine, who can only make it worse.
func undisturbed(t *testing.T, what string, try func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !try(); {
		require.True(t, time.Now().Before(end), "never in three minutes: %s", what)
	}
}

// The work that there is is done, and what is measured is no less than it takes.
func TestTheWorkIsMeasured(t *testing.T) {
	const each, long = 10, 100 * time.Microsecond
	w := workload.Workload{Name: "spin", Rate: 100, New: func(s workload.Setup) (*workload.Load, error) {
		counter := s.Discipline.Counter()
		op := func(context.Context) error {
			for range each {
				counter.Inc()
			}
			spin(long)
			return nil
		}
		check := func(done uint64) error {
			assert.EqualValues(t, each*done, counter.Value())
			return nil
		}
		return &workload.Load{Objects: []workload.Object{counter}, Worker: func(int) workload.Op { return op }, Check: check}, nil
	}}
	p, err := one(&w, find(t, "mutex"), "", 1)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, p.Elapsed, time.Duration(p.Ops)*long)
	assert.GreaterOrEqual(t, p.Latency.P50, long*99/100, "to two digits")
}

// An operation that takes long makes those wait that arrive meanwhile, and their wait is counted.
func TestWhoWaitsBehindASlowOperationIsCounted(t *testing.T) {
	var slow atomic.Bool
	w := workload.Workload{Name: "stall", Rate: 10_000, New: func(workload.Setup) (*workload.Load, error) {
		return &workload.Load{Check: right, Worker: func(int) workload.Op {
			n := 0
			return func(context.Context) error {
				if n++; slow.Load() && n%200 == 0 { // one of 200 stalls as long as 100 arrivals take
					spin(10 * time.Millisecond)
				}
				return nil
			}
		}}, nil
	}}
	settings := quick
	settings.Time = 200 * time.Millisecond
	slow.Store(true)
	key := result.Key{Workload: "stall", Goroutines: 1, Procs: runtime.NumCPU()}
	var point result.Point
	undisturbed(t, "most operations take no time", func() bool {
		var err error
		point, err = measure.One(context.Background(), &w, &discipline.Discipline{}, key, 0, settings)
		require.NoError(t, err)
		return point.Extra["service-p50-ns"] < 1e6
	})
	at := func(q float64) (v time.Duration) {
		for _, b := range point.Latency.Buckets {
			if b.Quantile <= q {
				v = b.Value
			}
		}
		return v
	}
	assert.Greater(t, at(0.72), time.Millisecond, "but a good part of those that arrive wait for milliseconds")
}

func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

func TestWhatArrivesAndIsNeverServedIsCounted(t *testing.T) {
	w := workload.Workload{Name: "overload", Rate: 100_000, New: func(workload.Setup) (*workload.Load, error) {
		return &workload.Load{Check: right, Worker: func(int) workload.Op {
			return func(ctx context.Context) error { <-ctx.Done(); return nil } // the first takes all the time
		}}, nil
	}}
	point, err := one(&w, &discipline.Discipline{}, "", 1)
	require.NoError(t, err)
	assert.InDelta(t, 500, point.Latency.Count, 150, "all that arrived in 5 ms: the seed says how many")
	assert.GreaterOrEqual(t, point.Extra["unserved-share"], 1-1/float64(point.Latency.Count))
	assert.Greater(t, point.Latency.P50, 1500*time.Microsecond)
}

func failing(op workload.Op, check func(uint64) error) *workload.Workload {
	return &workload.Workload{Name: "failing", New: func(workload.Setup) (*workload.Load, error) {
		return &workload.Load{Worker: func(int) workload.Op { return op }, Check: check}, nil
	}}
}

func TestNoFigureComesFromAFailure(t *testing.T) {
	fine := func(context.Context) error { return nil }
	for name, c := range map[string]struct {
		workload *workload.Workload
		want     string
	}{
		"wrong result":     {failing(fine, func(uint64) error { return errors.New("two are lost") }), "the result is wrong: two are lost"},
		"error":            {failing(func(context.Context) error { return errors.New("no way") }, right), "no way"},
		"panic":            {failing(func(context.Context) error { panic("help") }, right), "panic: help, in "},
		"panic of a check": {failing(fine, func(uint64) error { panic("help") }), "panic: help, in "},
		"own cancellation": {failing(func(context.Context) error { return context.Canceled }, right), "context canceled"},
	} {
		_, err := one(c.workload, &discipline.Discipline{}, "", 2)
		require.ErrorContains(t, err, c.want, name)
		assert.NotErrorIs(t, err, measure.ErrHangs, name)
	}
}

func TestAWaitIsEndedAndDoesNotCount(t *testing.T) {
	w := failing(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, right)
	key := result.Key{Goroutines: 2, Procs: runtime.NumCPU()}
	_, err := measure.One(context.Background(), w, &discipline.Discipline{}, key, 0, quick)
	assert.ErrorIs(t, err, measure.ErrNothing)
}

// hanging is a workload whose operations wait for something that only comes when the test lets it; then they fail. It is
// for a bubble of synctest: there the patience with it runs out when all that there is to do is done, and no sooner.
func hanging() (w *workload.Workload, release func()) {
	released := make(chan struct{})
	op := func(context.Context) error { <-released; return errors.New("too late") }
	return failing(op, right), func() { close(released) }
}

func TestAHangIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, release := hanging()
		defer release()
		key := result.Key{Goroutines: 1, Procs: runtime.NumCPU()}
		_, err := measure.One(context.Background(), w, &discipline.Discipline{}, key, 0, quick)
		require.ErrorIs(t, err, measure.ErrHangs)
		assert.ErrorContains(t, err, "still warming up")
	})
}

func TestALoadThatIsNotCompleteIsRefused(t *testing.T) {
	worker := func(int) workload.Op { return func(context.Context) error { return nil } }
	itself := func(context.Context, time.Duration) (workload.Figures, error) { return workload.Figures{Ops: 1}, nil }
	for want, load := range map[string]*workload.Load{
		`workload "odd": New returned nothing`:                   nil,
		`workload "odd": its Load has neither Worker nor Meas`:   {Check: right},
		`workload "odd": its Load has both Worker and Measure`:   {Check: right, Worker: worker, Measure: itself},
		`workload "odd": its Load has no Check, so nobody would`: {Worker: worker},
	} {
		w := workload.Workload{Name: "odd", New: func(workload.Setup) (*workload.Load, error) { return load, nil }}
		_, err := one(&w, &discipline.Discipline{}, "", 1)
		assert.ErrorContains(t, err, want)
	}
}
