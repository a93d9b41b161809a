package measure_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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

func planOf(w *workload.Workload, disciplines ...discipline.Discipline) measure.Plan {
	return measure.Plan{
		Studies:     []measure.Study{{Workload: w}},
		Disciplines: disciplines,
		Goroutines:  []int{1, 2},
		Procs:       []int{1, 2},
		Rounds:      3,
		Settings:    measure.Settings{Seed: 1, Time: time.Millisecond, WarmUp: time.Millisecond, Patience: time.Minute},
	}
}

// watch does nothing but write down in which order things happen.
func watch(order *[]string) measure.Watch {
	return measure.Watch{
		Step: func(done, all int, next measure.Step) {
			*order = append(*order, fmt.Sprintf("%d/%d %s %d", done, all, next, next.Round))
		},
		Keep: func(run *result.Run) error {
			*order = append(*order, fmt.Sprintf("keep %d, partial %t", len(run.Points), run.Partial))
			return nil
		},
	}
}

func TestRoundsInterleave(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	a, b := discipline.Discipline{Name: "a"}, discipline.Discipline{Name: "b"}
	var order []string
	run := measure.Describe()
	require.NoError(t, planOf(&nothing, a, b).Run(context.Background(), run, watch(&order)))

	require.Len(t, run.Points, 24)
	assert.Equal(t, []string{
		"0/24 nothing a 1×1 0", "1/24 nothing b 1×1 0", "2/24 nothing a 2×1 0", "3/24 nothing b 2×1 0",
		"4/24 nothing a 1×2 0", "5/24 nothing b 1×2 0", "6/24 nothing a 2×2 0", "7/24 nothing b 2×2 0",
		"8/24 nothing a 1×1 1",
	}, order[:9])
	assert.Equal(t, "keep 24, partial false", order[len(order)-1])
	assert.Equal(t, before, runtime.GOMAXPROCS(0), "GOMAXPROCS is left as it was")
}

func TestAnInterruptKeepsWhatWasMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var order []string
	w := watch(&order)
	step := w.Step
	w.Step = func(done, all int, next measure.Step) {
		if step(done, all, next); done == 5 {
			cancel()
		}
	}
	run := measure.Describe()
	err := planOf(&nothing, discipline.Discipline{Name: "a"}).Run(ctx, run, w)
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, run.Points, 5)
	assert.True(t, run.Partial)
	assert.Equal(t, "keep 5, partial true", order[len(order)-1])
}

// Who is wrong once is not reported at all, also not of the rounds before, and not asked again.
func TestWhoIsWrongOnceIsNotReported(t *testing.T) {
	w := workload.Workload{Name: "tricky", Rate: 1000, New: func(s workload.Setup) (*workload.Load, error) {
		return &workload.Load{
			Worker: func(int) workload.Op { return func(context.Context) error { return nil } },
			Check: func(uint64) error {
				if s.Seed == 2 && s.Goroutines == 2 && s.Discipline.Name == "a" { // in the second round
					return errors.Join(errors.New("one is lost"), errors.New("two are lost"))
				}
				return nil
			},
		}, nil
	}}
	run := measure.Describe()
	var order []string
	p := planOf(&w, discipline.Discipline{Name: "a"}, discipline.Discipline{Name: "b"})
	p.Procs = []int{2}
	require.NoError(t, p.Run(context.Background(), run, watch(&order)))

	wrong := result.Key{Workload: "tricky", Discipline: "a", Goroutines: 2, Procs: 2}
	assert.Equal(t, []result.Refusal{{Key: wrong, Error: "the result is wrong: one is lost (and 1 more)"}}, run.Refusals)
	assert.Len(t, run.Points, 9)
	for _, p := range run.Points {
		assert.NotEqual(t, wrong, p.Key)
	}
	assert.NotContains(t, order, "10/12 tricky a 2×2 2")
}

func TestWhatCannotBeDoneIsSaid(t *testing.T) {
	needy := nothing
	needy.Needs = []string{"Pair.TakeAny"}
	right, _ := discipline.Find("mutex")
	partly := right
	partly.Name, partly.Cannot = "partly", map[string]string{"Pair.TakeAny": "it cannot wait for two"}
	without := right
	without.Name, without.Pair, without.Cannot = "without", nil, map[string]string{"Pair": "it has one word"}
	bare := discipline.Discipline{Name: "bare"}

	p := planOf(&needy, right, partly, without, bare)
	p.Goroutines, p.Procs = []int{1}, []int{1}
	steps, refusals := p.Steps()
	assert.Len(t, steps, 3)
	reasons := map[string]string{}
	for _, r := range refusals {
		reasons[r.Discipline] = r.Cannot
	}
	assert.Equal(t, map[string]string{
		"partly": "it cannot wait for two", "without": "it has one word", "bare": "it has no Pair",
	}, reasons)
}

func TestALateRefusalIsARefusal(t *testing.T) {
	late := workload.Workload{Name: "late", New: func(workload.Setup) (*workload.Load, error) {
		return &workload.Load{Check: right, Worker: func(int) workload.Op {
			return func(context.Context) error { return discipline.ErrCannot }
		}}, nil
	}}
	run := measure.Describe()
	var order []string
	require.NoError(t, planOf(&late, discipline.Discipline{Name: "a"}).Run(context.Background(), run, watch(&order)))
	assert.Empty(t, run.Points)
	require.Len(t, run.Refusals, 4)
	assert.Equal(t, discipline.ErrCannot.Error(), run.Refusals[0].Cannot)
	assert.Empty(t, run.Refusals[0].Error)
}

// A full disk ends the run: there is no sense in measuring what cannot be kept.
func TestWhatCannotBeKeptEndsTheRun(t *testing.T) {
	w := watch(new([]string))
	full := errors.New("no space left")
	w.Keep = func(*result.Run) error { return full }
	assert.ErrorIs(t, planOf(&nothing, discipline.Discipline{Name: "a"}).Run(context.Background(), measure.Describe(), w), full)
}

func TestTheMachineIsDescribed(t *testing.T) {
	run := measure.Describe()
	for what, value := range map[string]string{
		"CPU": run.CPU, "OS": run.OS, "Arch": run.Arch, "Kernel": run.Kernel, "Go": run.Go,
	} {
		assert.NotEmpty(t, value, what)
	}
	assert.Equal(t, result.Version, run.Version)
	assert.Equal(t, runtime.NumCPU(), run.Cores)
	assert.WithinDuration(t, time.Now(), run.Start, time.Minute)
}

func TestOneSeedGivesTheSameChoices(t *testing.T) {
	draw := func(seed uint64, of string, i int) (numbers [5]int) {
		random := workload.Setup{Seed: seed, Case: of}.Rand(i)
		for n := range numbers {
			numbers[n] = random.IntN(1 << 30)
		}
		return numbers
	}
	assert.Equal(t, draw(1, "a", 0), draw(1, "a", 0))
	assert.NotEqual(t, draw(1, "a", 0), draw(2, "a", 0))
	assert.NotEqual(t, draw(1, "a", 0), draw(1, "a", 1))
	assert.NotEqual(t, draw(1, "a", 0), draw(1, "b", 0))
}

// Whatever is measured beside goroutines that do not end is not to be trusted.
func TestAHangEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, release := hanging()
		defer release()
		p := planOf(w, discipline.Discipline{Name: "a"}, discipline.Discipline{Name: "b"})
		run := &result.Run{}
		var order []string
		require.ErrorIs(t, p.Run(context.Background(), run, watch(&order)), measure.ErrHangs)
		assert.True(t, run.Partial)
		require.Len(t, run.Refusals, 1)
		assert.Contains(t, run.Refusals[0].Error, "it hangs: still warming up after 1m0s more than planned")
		assert.Len(t, order, 2, "one measurement, then what was kept: %v", order)
	})
}
