//lint:file-ignore SA2001 the order of locking is all that matters here

package sched_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/sched"
)

// A step of a drawn task: it adds to what it has read, or writes it.
type step struct {
	object int
	write  bool
}

// play runs drawn tasks on two variables and returns, as text, what they did to each other: for each
// variable the order of accesses, where reads between two writes have none. Schedules with the same text
// differ in the order of independent steps only.
func play(run *sched.Run, tasks [][]step) (string, error) {
	var variables [2]int
	type log struct{ readers map[string]bool }
	logs := [2]string{}
	readers := [2]log{{map[string]bool{}}, {map[string]bool{}}}
	var fns []func()
	for i, steps := range tasks {
		fns = append(fns, func() {
			for _, s := range steps {
				if s.write {
					run.Write(&variables[s.object])
					logs[s.object] += fmt.Sprint(readers[s.object].readers, "w", i, " ")
					readers[s.object].readers = map[string]bool{}
				} else {
					run.Read(&variables[s.object])
					name := fmt.Sprint("r", i)
					for readers[s.object].readers[name] {
						name += "+"
					}
					readers[s.object].readers[name] = true
				}
			}
		})
	}
	err := run.Parallel(fns...)
	return fmt.Sprint(logs, readers), err
}

func TestReducedCompletesOneScheduleOfEachKind(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	saved := 0
	for range 80 {
		tasks := make([][]step, 2+random.IntN(2))
		for i := range tasks {
			for range 1 + random.IntN(5-len(tasks)) {
				tasks[i] = append(tasks[i], step{random.IntN(2), random.IntN(2) == 0})
			}
		}
		kinds, all := map[string]bool{}, 0
		for run := range sched.Explore(sched.Exhaustive(-1)) {
			kind, err := play(run, tasks)
			require.NoError(t, err)
			kinds[kind] = true
			all++
		}
		seen := map[string]bool{}
		for run := range sched.Explore(sched.Reduced()) {
			saved--
			kind, err := play(run, tasks)
			if errors.Is(err, sched.ErrRedundant) {
				continue
			}
			require.NoError(t, err)
			require.False(t, seen[kind], "seen before: %v", tasks)
			seen[kind] = true
		}
		saved += all
		require.Equal(t, kinds, seen, "%v", tasks)
	}
	assert.Positive(t, saved)
}

func TestIndependentTasksNeedOneSchedule(t *testing.T) {
	runs := 0
	for run := range sched.Explore(sched.Reduced()) {
		_, err := play(run, [][]step{{{0, true}, {0, true}, {0, true}}, {{1, true}, {1, true}, {1, true}}})
		if !errors.Is(err, sched.ErrRedundant) {
			require.NoError(t, err)
			runs++
		}
	}
	assert.Equal(t, 1, runs)
}

func TestPlainYieldsAreNotReduced(t *testing.T) {
	seen := map[string]bool{}
	for run := range sched.Explore(sched.Reduced()) {
		var order string
		say := func(s string) func() {
			return func() { run.Yield(); order += s; run.Yield(); order += s }
		}
		if err := run.Parallel(say("a"), say("b")); !errors.Is(err, sched.ErrRedundant) {
			require.NoError(t, err)
			seen[order] = true
		}
	}
	assert.Len(t, seen, binomial(4, 2))
}

func TestReducedFindsDeadlocks(t *testing.T) {
	stuck := 0
	for run := range sched.Explore(sched.Reduced()) {
		a, b := run.Mutex("a"), run.Mutex("b")
		err := run.Parallel(
			func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() },
			func() { b.Lock(); a.Lock(); a.Unlock(); b.Unlock() },
		)
		var e *sched.StuckError
		if errors.As(err, &e) {
			stuck++
		} else if !errors.Is(err, sched.ErrRedundant) {
			require.NoError(t, err)
		}
	}
	assert.Positive(t, stuck)
}

func TestReducedNoticesDivergence(t *testing.T) {
	calls, diverged := 0, false
	for run := range sched.Explore(sched.Reduced()) {
		calls++
		diverged = diverged || errors.Is(run.Parallel(steps(run, calls%3, 2)...), sched.ErrDiverged)
	}
	assert.True(t, diverged)
}
