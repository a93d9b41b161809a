//lint:file-ignore SA2001 the order of locking is all that matters here

package sched_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/sched"
)

// hosts runs a test on coroutines and in a bubble.
func hosts(t *testing.T, test func(t *testing.T, options ...sched.Option)) {
	t.Run("coroutines", func(t *testing.T) { test(t) })
	t.Run("bubble", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, sched.InBubble()) })
	})
}

// steps returns tasks that yield so many times each and do nothing.
func steps(run *sched.Run, yields ...int) (tasks []func()) {
	for _, n := range yields {
		tasks = append(tasks, func() {
			for range n {
				run.Yield()
			}
		})
	}
	return tasks
}

func binomial(n, k int) int {
	b := 1
	for i := range k {
		b = b * (n - i) / (i + 1)
	}
	return b
}

func TestExhaustiveVisitsEveryInterleavingOnce(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		for n := range 5 {
			seen := map[string]bool{}
			for run := range sched.Explore(sched.Exhaustive(-1), options...) {
				require.NoError(t, run.Parallel(steps(run, n, n)...))
				require.False(t, seen[run.Schedule().String()], "visited twice")
				seen[run.Schedule().String()] = true
			}
			// A task that yields n times takes n+1 steps; all orders of two such tasks.
			assert.Len(t, seen, binomial(2*(n+1), n+1))
		}
	})
}

func TestExhaustiveVisitsEveryInterleavingOfThree(t *testing.T) {
	seen := map[string]bool{}
	for run := range sched.Explore(sched.Exhaustive(-1)) {
		require.NoError(t, run.Parallel(steps(run, 1, 2, 1)...))
		seen[run.Schedule().String()] = true
	}
	assert.Len(t, seen, binomial(7, 3)*binomial(4, 2))
}

func TestPreemptionBoundIsExact(t *testing.T) {
	all := map[int]int{}
	for run := range sched.Explore(sched.Exhaustive(-1)) {
		require.NoError(t, run.Parallel(steps(run, 2, 2, 1)...))
		all[run.Preemptions()]++
	}
	want := 0
	for bound := 0; bound < 6; bound++ {
		want += all[bound]
		got := 0
		for run := range sched.Explore(sched.Exhaustive(bound)) {
			require.NoError(t, run.Parallel(steps(run, 2, 2, 1)...))
			require.LessOrEqual(t, run.Preemptions(), bound)
			got++
		}
		assert.Equal(t, want, got, "schedules with at most %d preemptions", bound)
	}
	assert.Equal(t, 6, all[0], "orders of three tasks, none interrupted")
}

func TestLostUpdateIsFoundAndReplayed(t *testing.T) {
	strategies := map[string]func() sched.Strategy{
		"exhaustive": func() sched.Strategy { return sched.Exhaustive(1) },
		"pct":        func() sched.Strategy { return sched.PCT(1, 2, 200) },
		"random":     func() sched.Strategy { return sched.Random(1, 200) },
	}
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			hosts(t, func(t *testing.T, options ...sched.Option) {
				lost := findLostUpdate(t, strategy(), options...)
				require.NotNil(t, lost)
				again := findLostUpdate(t, sched.Replay(lost), options...)
				assert.Equal(t, lost, again)
			})
		})
	}
}

func findLostUpdate(t *testing.T, strategy sched.Strategy, options ...sched.Option) sched.Schedule {
	for run := range sched.Explore(strategy, options...) {
		n := 0
		increment := func() {
			run.Yield()
			read := n
			run.Yield()
			n = read + 1
		}
		require.NoError(t, run.Parallel(increment, increment))
		if n != 2 {
			return run.Schedule()
		}
	}
	return nil
}

func TestMutexExcludes(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		for run := range sched.Explore(sched.Exhaustive(-1), options...) {
			mu, n := run.Mutex("mu"), 0
			increment := func() {
				mu.Lock()
				defer mu.Unlock()
				read := n
				run.Yield()
				n = read + 1
			}
			require.NoError(t, run.Parallel(increment, increment, increment))
			require.Equal(t, 3, n)
		}
	})
}

func TestLockOrderDeadlockIsFound(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		found := 0
		for run := range sched.Explore(sched.Exhaustive(-1), options...) {
			a, b := run.Mutex("a"), run.Mutex("b")
			both := func(first, second *sched.Mutex) func() {
				return func() {
					first.Lock()
					defer first.Unlock()
					second.Lock()
					defer second.Unlock()
				}
			}
			var stuck *sched.StuckError
			if err := run.Parallel(both(a, b), both(b, a)); errors.As(err, &stuck) {
				found++
				assert.Equal(t, []sched.Waiting{{Task: 0, For: "b"}, {Task: 1, For: "a"}}, stuck.Waiting)
				assert.False(t, run.Lost())
				assert.ErrorContains(t, err, "task a waits for b; task b waits for a")
			} else {
				require.NoError(t, err)
			}
		}
		assert.Equal(t, binomial(4, 2), found, "both in between their locks, in each order of the steps that led there")
	})
}

func TestCondWakesExactlyTheWaiting(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		stuck, fine := 0, 0
		for run := range sched.Explore(sched.Exhaustive(-1), options...) {
			mu := run.Mutex("mu")
			c := run.Cond("c", mu)
			wait := func() { mu.Lock(); c.Wait(); mu.Unlock() } // checks nothing: loses an early signal
			signal := func() { run.Yield(); c.Signal() }
			if run.Parallel(wait, signal) == nil {
				fine++
			} else {
				stuck++
			}
		}
		assert.Positive(t, stuck)
		assert.Positive(t, fine)
	})
}

func TestBlockingOutsideTheSchedulerIsSeenInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := map[string]bool{}
		for run := range sched.Explore(sched.Exhaustive(-1), sched.InBubble()) {
			ch, order := make(chan int), ""
			var mu sync.Mutex
			say := func(s string) { mu.Lock(); order += s; mu.Unlock() }
			require.NoError(t, run.Parallel(
				func() { <-ch; run.Yield(); say("r") },
				func() { run.Yield(); ch <- 1; run.Yield(); say("s") },
				func() { run.Yield(); say("x") },
			))
			orders[order] = true
		}
		assert.Len(t, orders, 6)
	})
}

func TestGoroutinesThatAreNoTasksAreLetPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for run := range sched.Explore(sched.Exhaustive(-1), sched.InBubble()) {
			requests, served := make(chan chan int), 0
			go func() {
				for reply := range requests {
					run.Yield()
					assert.Equal(t, -1, run.Self())
					served++
					reply <- served
				}
			}()
			client := func(me int) func() {
				return func() {
					assert.Equal(t, me, run.Self())
					run.Yield()
					reply := make(chan int)
					requests <- reply
					<-reply
					assert.Equal(t, me, run.Self())
				}
			}
			require.NoError(t, run.Parallel(client(0), client(1)))
			close(requests)
			require.Equal(t, 2, served)
		}
	})
}

func TestTwoTasksThatOneStepWakesAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for run := range sched.Explore(sched.Exhaustive(-1), sched.InBubble()) {
			gate := make(chan struct{})
			wait := func(me int) func() {
				return func() { <-gate; run.Yield(); assert.Equal(t, me, run.Self()) }
			}
			require.NoError(t, run.Parallel(wait(0), wait(1), func() { run.Yield(); close(gate); run.Yield() }))
		}
	})
}

func TestTimersFireWhenNobodyElseCanGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for run := range sched.Explore(sched.Exhaustive(-1), sched.InBubble()) {
			slept := false
			require.NoError(t, run.Parallel(
				func() { run.Yield(); time.Sleep(time.Minute); slept = true },
				func() { run.Yield(); run.Yield() },
			))
			require.True(t, slept)
		}
	})
}

func TestDeadlockOnChannelsIsReported(t *testing.T) {
	strategy, runs := sched.Exhaustive(-1), 0
	explore := func() (deadlocked any) {
		defer func() { deadlocked = recover() }()
		synctest.Test(t, func(t *testing.T) {
			for run := range sched.Explore(strategy, sched.InBubble()) {
				runs++
				err := run.Parallel(func() { <-make(chan int) }, func() { run.Yield() })
				var stuck *sched.StuckError
				require.ErrorAs(t, err, &stuck)
				assert.True(t, run.Lost())
				assert.Equal(t, []sched.Waiting{{Task: 0, Outside: true}}, stuck.Waiting)
			}
		})
		return nil
	}
	for range 3 {
		assert.Contains(t, fmt.Sprint(explore()), "deadlock")
	}
	assert.Nil(t, explore(), "all schedules seen")
	assert.Equal(t, 3, runs)
}

func TestReleasingDoesNotWaitForALockOfTheUnwound(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		runs := 0
		for run := range sched.Explore(sched.Exhaustive(-1), options...) {
			runs++
			mu := run.Mutex("mu")
			run.OnFailure(func() { mu.Lock(); mu.Unlock() })
			err := run.Parallel(func() { mu.Lock(); run.Until(func() bool { return false }, "ever"); mu.Unlock() })
			assert.ErrorContains(t, err, "task a waits for ever")
		}
		assert.Equal(t, 1, runs)
	})
}

func TestTasksBlockedOutsideCanBeReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		for run := range sched.Explore(sched.Exhaustive(-1), sched.InBubble()) {
			runs++
			done := make(chan struct{})
			run.OnFailure(func() { close(done) })
			var stuck *sched.StuckError
			require.ErrorAs(t, run.Parallel(
				func() { <-done; run.Yield(); t.Error("went on after a failure") },
				func() { run.Yield() },
			), &stuck)
			assert.False(t, run.Lost())
		}
		assert.Equal(t, 3, runs)
	})
}

func TestPanicEndsTheRunAndUnwindsTheOthers(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		boom := errors.New("boom")
		runs, unwound := 0, 0
		for run := range sched.Explore(sched.Exhaustive(-1), options...) {
			runs++
			left := 0
			err := run.Parallel(
				func() { run.Yield(); panic(boom) },
				func() { left++; defer func() { left--; unwound++ }(); run.Yield(); run.Yield() },
			)
			var panicked *sched.PanicError
			require.ErrorAs(t, err, &panicked)
			require.ErrorIs(t, err, boom)
			require.Contains(t, string(panicked.Stack), "TestPanicEndsTheRun")
			require.Zero(t, left)
			require.Equal(t, err, run.Parallel(func() { t.Error("went on after a failure") }))
		}
		assert.Greater(t, runs, 5)
		assert.Greater(t, unwound, 5)
	})
}

func TestSpinningOnPauseEnds(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		runs := 0
		for run := range sched.Explore(sched.Exhaustive(-1), options...) {
			runs++
			flag := false
			require.NoError(t, run.Parallel(
				func() {
					for !flag {
						run.Pause()
					}
				},
				func() { run.Yield(); flag = true },
			))
		}
		assert.Less(t, runs, 20)
	})
}

func TestBothPausingGoOn(t *testing.T) {
	for run := range sched.Explore(sched.Exhaustive(-1)) {
		giveUp := func() {
			for range 3 {
				run.Pause()
			}
		}
		require.NoError(t, run.Parallel(giveUp, giveUp))
	}
}

func TestLivelockIsReported(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		for run := range sched.Explore(sched.Random(1, 1), append(options, sched.MaxSteps(100))...) {
			err := run.Parallel(func() {
				for {
					run.Pause()
				}
			}, func() {})
			assert.ErrorIs(t, err, sched.ErrTooLong)
			assert.Equal(t, 100, run.Steps())
		}
	})
}

func TestDivergenceIsReported(t *testing.T) {
	calls, diverged := 0, 0
	for run := range sched.Explore(sched.Exhaustive(-1)) {
		calls++
		if err := run.Parallel(steps(run, calls%3, 2)...); err != nil {
			assert.ErrorIs(t, err, sched.ErrDiverged)
			diverged++
		}
		if calls == 20 {
			break
		}
	}
	assert.Positive(t, diverged)
	assert.Less(t, calls, 20, "there is no point in going on")

	calls = 0
	for run := range sched.Explore(sched.Exhaustive(-1)) {
		if calls++; calls == 1 {
			require.NoError(t, run.Parallel(steps(run, 1, 1)...))
		} else {
			assert.ErrorIs(t, run.Parallel(steps(run, 1, 1, 1)...), sched.ErrDiverged, "another task")
		}
	}
	assert.Positive(t, calls)

	for run := range sched.Explore(sched.Replay(sched.Schedule{0, 2, 1})) {
		assert.ErrorIs(t, run.Parallel(steps(run, 1, 1)...), sched.ErrDiverged)
	}
}

func TestRunsWithoutTasksEnd(t *testing.T) {
	n := 0
	for run := range sched.Explore(sched.Exhaustive(-1)) {
		n++
		require.NoError(t, run.Parallel())
	}
	assert.Equal(t, 1, n)
}

func TestSetupAndSecondPhaseMayYield(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		for run := range sched.Explore(sched.Exhaustive(1), options...) {
			run.Yield()
			run.Pause()
			run.Until(func() bool { return true })
			mu := run.Mutex("mu")
			mu.Lock()
			assert.False(t, mu.TryLock())
			mu.Unlock()
			assert.Equal(t, -1, run.Self())
			require.NoError(t, run.Parallel(steps(run, 1, 1)...))
			require.NoError(t, run.Parallel(func() { assert.Equal(t, 0, run.Self()); run.Yield() }))
			assert.Equal(t, 6, run.Steps())
		}
	})
}

func TestExplorationCanBeLeftAndContinued(t *testing.T) {
	strategy, seen := sched.Exhaustive(-1), map[string]bool{}
	for more := true; more; {
		more = false
		n := 0
		for run := range sched.Explore(strategy) {
			require.NoError(t, run.Parallel(steps(run, 2, 2)...))
			seen[run.Schedule().String()] = true
			if n++; n == 3 {
				more = true
				break
			}
		}
	}
	assert.Len(t, seen, binomial(6, 3))
}

func TestTraceTellsEveryStop(t *testing.T) {
	hosts(t, func(t *testing.T, options ...sched.Option) {
		for run := range sched.Explore(sched.Replay(sched.Schedule{0, 1, 0, 1, 0}), options...) {
			log := ""
			run.Trace(func(s sched.Stop) {
				log += fmt.Sprint(s.Task, s.At, s.Ended, " ")
				assert.Equal(t, s.Ended, s.Callers == nil)
			})
			require.NoError(t, run.Parallel(
				func() { run.Yield("x"); run.Yield("y") },
				func() { run.Pause("z") },
			))
			assert.Equal(t, "0xfalse 1zfalse 0yfalse 1true 0true ", log)
		}
	})
}

func TestScheduleIsReadBackExactly(t *testing.T) {
	s := sched.Schedule{0, 0, 0, 1, 26, 51, 51, 0}
	assert.Equal(t, "a3bAZ2a", s.String())
	back, err := sched.ParseSchedule(s.String())
	require.NoError(t, err)
	assert.Equal(t, s, back)
	for _, bad := range []string{"3", "a-1", "a1", "aa", "a0", "a02", "a99999999999999999999", "a999999999", "ä", "a b"} {
		_, err := sched.ParseSchedule(bad)
		assert.Error(t, err, bad)
	}
}

func FuzzParseSchedule(f *testing.F) {
	f.Add("a3b2")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := sched.ParseSchedule(text); err == nil {
			assert.Equal(t, text, s.String())
		}
	})
}

// TestPCTFindsABugOfItsDepth checks the bound of the paper on a bug that one exact order in k steps shows.
func TestPCTFindsABugOfItsDepth(t *testing.T) {
	const yields, runs = 20, 2000
	found := 0
	for run := range sched.Explore(sched.PCT(7, 2, runs)) {
		at, hit := 0, false
		require.NoError(t, run.Parallel(
			func() {
				for range yields {
					run.Yield()
					at++
				}
			},
			func() { hit = at == yields/2 },
		))
		if hit {
			found++
		}
	}
	// n = 2 tasks, k ≤ 2·yields steps: at least one run in 2·k shows it. Half of that leaves room for chance.
	assert.Greater(t, found, runs/(2*2*2*yields))
}

func TestGoexitInATaskOfABubbleIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		for run := range sched.Explore(sched.Exhaustive(-1), sched.InBubble()) {
			n++
			bare := &testing.T{}
			err := run.Parallel(func() { run.Yield(); bare.SkipNow() }, func() { run.Yield() })
			assert.ErrorContains(t, err, "Goexit")
		}
		assert.Positive(t, n)
	})
}

// BenchmarkSchedules measures whole schedules of two tasks on coroutines.
func BenchmarkSchedules(b *testing.B) {
	for _, n := range []int{2, 10} {
		b.Run(fmt.Sprintf("yields=%d", n), func(b *testing.B) {
			for run := range sched.Explore(sched.Random(1, b.N)) {
				if err := run.Parallel(steps(run, n, n)...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
