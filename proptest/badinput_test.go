package proptest_test

import (
	"errors"
	"fmt"
	"math/rand"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest"
)

// controlled leaves Stress out: most objects here are racy, which the race detector would tell first.
var controlled = proptest.WithSchedulers(proptest.Exhaustive(2, 1000), proptest.PCT(3, 100))

// find returns the failure of one implementation of the counter.
func find(t *testing.T, new func(*proptest.Env) func(string) int, options ...proptest.Option) *proptest.Failure {
	t.Helper()
	options = append([]proptest.Option{controlled, proptest.WithSeed(3), proptest.InBubble(t), proptest.WithPrograms(5)}, options...)
	_, err := proptest.Find(counter, one(new), options...)
	var f *proptest.Failure
	require.ErrorAs(t, err, &f)
	assert.Contains(t, f.Error(), fmt.Sprintf("WithSeed(%#x)", f.Seed))
	return f
}

func TestASpecThatCannotWorkIsRefused(t *testing.T) {
	impls := one(newCounter)
	change := func(f func(s *proptest.Spec[int, string, int])) proptest.Spec[int, string, int] {
		s := counter
		f(&s)
		return s
	}
	specs := map[string]proptest.Spec[int, string, int]{
		`"counter" has no generator: set Gen`:      change(func(s *proptest.Spec[int, string, int]) { s.Gen = nil }),
		`"counter" has no step function: set Step`: change(func(s *proptest.Spec[int, string, int]) { s.Step = nil }),
		`generator of spec "counter" made a int`:   change(func(s *proptest.Spec[int, string, int]) { s.Gen = gen.IntRange(0, 3) }),
		`Pre of "counter" panicked on `:            change(func(s *proptest.Spec[int, string, int]) { s.Pre = func(int, string) bool { panic("oh") } }),
		`no client may be given one (seed 0x1)`:    change(func(s *proptest.Spec[int, string, int]) { s.Pre = func(int, string) bool { return false } }),
		`generator of spec "counter" panicked: oh (seed 0x1)`: change(func(s *proptest.Spec[int, string, int]) {
			s.Gen = proptest.Commands(func(*rand.Rand) string { panic("oh") })
		}),
		`Step of "counter" panicked on inc in state`: change(func(s *proptest.Spec[int, string, int]) {
			s.Step = func(n int, c string) (int, int) {
				if c == "inc" && n > 0 {
					panic("oh")
				}
				return counter.Step(n, c)
			}
		}),
		`Equal of "counter" panicked on states`: change(func(s *proptest.Spec[int, string, int]) {
			s.Pre = func(int, string) bool { return true } // so that states are compared
			s.Equal = func(int, int) bool { panic("oh") }
		}),
		`Hash of "counter" panicked on state`:           change(func(s *proptest.Spec[int, string, int]) { s.Hash = func(int) uint64 { panic("oh") } }),
		`Same of "counter" panicked on results 0 and 0`: change(func(s *proptest.Spec[int, string, int]) { s.Same = func(int, int) bool { panic("oh") } }),
		`Partition of "counter" panicked on get`:        change(func(s *proptest.Spec[int, string, int]) { s.Partition = func(string) string { panic("oh") } }),
		`Print of "counter" panicked on get`:            change(func(s *proptest.Spec[int, string, int]) { s.Print = func(string) string { panic("oh") } }),
		`Shrink of "counter" panicked on inc`:           change(func(s *proptest.Spec[int, string, int]) { s.Shrink = func(string) []string { panic("oh") } }),
		`Blocks of "counter" panicked`: change(func(s *proptest.Spec[int, string, int]) {
			s.Blocks = func(n int, c string) bool { panic(errors.New("oh")) }
		}),
	}
	for want, spec := range specs {
		_, err := proptest.Find(spec, impls, proptest.WithSeed(1), proptest.InBubble(t), controlled)
		assert.ErrorContains(t, err, want)
		var f *proptest.Failure
		assert.NotErrorAs(t, err, &f, "the spec is to blame, not the implementation")
	}
}

// Nothing hangs for a precondition that has many orders to look through, and the program of a seed is always the
// same.
func TestAPreconditionWithManyOrdersIsNoHang(t *testing.T) {
	spec := stack // of which every order leads to another state
	spec.Pre = func([]int, stackCommand) bool { return true }
	run := func() proptest.Report {
		r, err := proptest.Find(spec, one(newABAStack), proptest.WithShape(proptest.Shape{Clients: 8, PerClient: 8}), proptest.WithSeed(1),
			proptest.WithPrograms(2), proptest.WithSchedulers(proptest.Exhaustive(0, 10)), proptest.WithPatience(3*time.Second))
		assert.NoError(t, err)
		return r
	}
	r := run()
	assert.Equal(t, 2, r.Programs)
	assert.Equal(t, r, run())
}

// However few programs are asked for, a check that runs none does not pass.
func TestAPreconditionThatNothingSatisfiesIsToldAtOnce(t *testing.T) {
	spec := counter
	spec.Pre = func(int, string) bool { return false }
	for _, n := range []int{1, 5, 1000} {
		r, err := proptest.Find(spec, one(newCounter), proptest.WithPrograms(n), controlled)
		assert.ErrorContains(t, err, `precondition of spec "counter" cannot be satisfied`)
		assert.Zero(t, r.Programs)
		assert.Positive(t, r.Discarded)
	}
	result := proptest.Prop(spec, one(newCounter)[0])(gopter.DefaultGenParameters())
	assert.Equal(t, gopter.PropError, result.Status)

	spec.Pre = func(n int, c string) bool { return n < 2 && c == "inc" } // two may be given, if the prefix leaves them
	r, err := proptest.Find(spec, one(newLockCounter), proptest.WithPrograms(30), controlled)
	assert.NoError(t, err)
	assert.Equal(t, 30, r.Programs, "programs in which nothing is left to the clients do not count")
}

// A model that is not pure must not accuse an implementation.
func TestAStepThatIsNotPureIsTold(t *testing.T) {
	put := proptest.Spec[map[string]int, string, int]{
		Name: "set",
		Init: map[string]int{},
		Gen:  counter.Gen,
		Step: func(m map[string]int, c string) (map[string]int, int) {
			m[c]++
			return m, m[c]
		},
	}
	never := func(*proptest.Env) func(string) int { return func(string) int { return 0 } }
	_, err := proptest.Find(put, one(never), proptest.WithSeed(1))
	assert.ErrorContains(t, err, `Step of "set" is not pure: get changed the state that it was given, from map[string]int{} to`)
	assert.ErrorContains(t, err, "(seed 0x1)")
	err = proptest.CheckHistory(put, []counterOp{{Command: "inc", Call: 1, Result: 7, Return: 2}})
	assert.ErrorContains(t, err, `Step of "set" is not pure: inc changed the state`)

	log := proptest.Spec[[]string, string, int]{
		Name: "log",
		Init: make([]string, 0, 8), // room for all
		Gen:  counter.Gen,
		Step: func(s []string, c string) ([]string, int) { return append(s, c), len(s) },
	}
	_, err = proptest.Find(log, one(never), proptest.WithSeed(1))
	assert.ErrorContains(t, err, `Step of "log" is not pure: the state after inc changed from []string{"inc"} to []string{"get"}`)

	calls := 0
	random := counter
	random.Step = func(n int, _ string) (int, int) { calls++; return n, calls }
	_, err = proptest.Find(random, one(never), proptest.WithSeed(1))
	assert.ErrorContains(t, err, `Step of "counter" is not pure: get in state 0 returned 1 and then 2`)
}

// Some of gopter's shrinkers do. The failure is worth more than simpler values.
func TestAGeneratorWhoseShrinkerPanicsStillHasItsFailureTold(t *testing.T) {
	spec := counter
	inner := spec.Gen
	spec.Gen = func(p *gopter.GenParameters) *gopter.GenResult {
		r := inner(p)
		r.Shrinker = func(any) gopter.Shrink { panic("oh") }
		return r
	}
	_, err := proptest.Find(spec, one(newCounter), proptest.WithSeed(1), controlled)
	var f *proptest.Failure
	require.ErrorAs(t, err, &f)
	assert.Equal(t, "client inc|client inc", normal(f.Program))
}

func TestAnOperationThatEndsItsGoroutineIsTold(t *testing.T) {
	for _, s := range []proptest.Scheduler{proptest.Exhaustive(1, 100), proptest.Stress(3)} {
		f := find(t, func(env *proptest.Env) func(string) int {
			return func(string) int { runtime.Goexit(); return 0 }
		}, proptest.WithSchedulers(s))
		assert.Equal(t, proptest.Panic, f.Kind)
		assert.Contains(t, f.Error(), "it called runtime.Goexit")
	}
	f := find(t, func(env *proptest.Env) func(string) int { runtime.Goexit(); return nil })
	assert.Equal(t, proptest.Stopped, f.Kind)
	assert.Contains(t, f.Error(), "runtime.Goexit")
}

func TestOtherArgumentsThatCannotWorkAreRefused(t *testing.T) {
	for want, options := range map[string][]proptest.Option{
		"want 1 to 26 clients":         {proptest.WithShape(proptest.Shape{})},
		"at least one command each":    {proptest.WithShape(proptest.Shape{Clients: 1, Prefix: 3})},
		"no negative number":           {proptest.WithShape(proptest.Shape{Clients: 1, PerClient: 1, Prefix: -1})},
		"no scheduler":                 {proptest.WithSchedulers()},
		"zero Scheduler":               {proptest.WithSchedulers(proptest.Scheduler{})},
		"Stress(0) runs nothing":       {proptest.WithSchedulers(proptest.Stress(0))},
		"PCT(3, 0) runs nothing":       {proptest.WithSchedulers(proptest.PCT(3, 0))},
		"0 programs":                   {proptest.WithPrograms(0)},
		"patience 0s: want more":       {proptest.WithPatience(0)},
		"-1 steps: want at least one":  {proptest.WithMaxSteps(-1)},
		"Exhaustive(2, -5) runs nothi": {proptest.WithSchedulers(proptest.Exhaustive(2, -5))},
	} {
		_, err := proptest.Find(counter, one(newCounter), options...)
		assert.ErrorContains(t, err, want)
	}
	for want, impls := range map[string][]proptest.Impl[string, int]{
		`no implementation of "counter"`: nil,
		`implementation 0 of "counter"`:  {{Name: "x"}},
		`two implementations of`:         {{Name: "x", New: newCounter}, {Name: "x", New: newCounter}},
	} {
		_, err := proptest.Find(counter, impls)
		assert.ErrorContains(t, err, want)
	}
}

func TestAnImplementationThatPanicsIsTold(t *testing.T) {
	for _, s := range []proptest.Scheduler{proptest.Exhaustive(1, 100), proptest.Stress(3)} {
		f := find(t, func(env *proptest.Env) func(string) int {
			inner := newLockCounter(env)
			return func(c string) int {
				if n := inner(c); n >= 1 && c == "get" {
					panic("a counter that is not zero")
				}
				return 0
			}
		}, proptest.WithSchedulers(s))
		assert.Contains(t, []proptest.Kind{proptest.Panic, proptest.NotLinearizable}, f.Kind)
	}
	f := find(t, func(env *proptest.Env) func(string) int {
		return func(string) int { env.Yield(); panic("no") }
	})
	assert.Equal(t, proptest.Panic, f.Kind)
	assert.Equal(t, 1, f.Commands)
	assert.Contains(t, f.Error(), "panicked: no\n  at badinput_test.go:")

	f = find(t, func(env *proptest.Env) func(string) int { panic("no") })
	assert.Contains(t, f.Error(), "New panicked: no")
	f = find(t, func(env *proptest.Env) func(string) int { return nil })
	assert.Contains(t, f.Error(), "New panicked: it returned nil, not a function")
	f = find(t, func(env *proptest.Env) func(string) int {
		env.Cleanup(func() { panic("no") })
		return newLockCounter(env)
	})
	assert.Contains(t, f.Error(), "Cleanup panicked: no")
}

// patience is how long each of these tests takes. It is more than a busy machine keeps one thread waiting while others run.
const patience = time.Second

func TestAnImplementationThatHangsIsTold(t *testing.T) {
	for name, options := range map[string][]proptest.Option{
		"coroutines": {proptest.WithSchedulers(proptest.Exhaustive(1, 100))},
		"bubble":     {proptest.WithSchedulers(proptest.Exhaustive(1, 100)), proptest.InBubble(t)},
		"stress":     {proptest.WithSchedulers(proptest.Stress(10)), proptest.InBubble(t)},
	} {
		t.Run(name, func(t *testing.T) {
			var release atomic.Bool
			defer release.Store(true)
			spin := func(env *proptest.Env) func(string) int {
				inner := newLockCounter(env)
				return func(c string) int {
					for c == "get" && !release.Load() { // without env.Pause
						time.Sleep(0)
					}
					return inner(c)
				}
			}
			_, err := proptest.Find(counter, one(spin),
				append(options, proptest.WithSeed(1), proptest.WithPatience(patience))...)
			var f *proptest.Failure
			require.ErrorAs(t, err, &f)
			assert.Equal(t, proptest.Hang, f.Kind)
			assert.Contains(t, f.Error(), "TestAnImplementationThatHangsIsTold", "the stack of who hangs")
			assert.Contains(t, f.Program, "get")
		})
	}
}

func TestAGoroutineThatSpinsIsTold(t *testing.T) {
	var release atomic.Bool
	defer release.Store(true)
	f := find(t, func(env *proptest.Env) func(string) int {
		go func() {
			for !release.Load() {
				runtime.Gosched()
			}
		}()
		return newLockCounter(env)
	}, proptest.WithPatience(patience), proptest.WithSchedulers(proptest.Exhaustive(1, 100)))
	assert.Equal(t, proptest.Hang, f.Kind)
	assert.Contains(t, f.Error(), "a goroutine that the implementation\nhas started does not block")
	assert.Contains(t, f.Error(), "TestAGoroutineThatSpinsIsTold")
}

func TestASpecThatHangsIsTold(t *testing.T) {
	done := make(chan bool)
	defer close(done)
	spec := counter
	spec.Step = func(n int, c string) (int, int) { <-done; return counter.Step(n, c) }
	_, err := proptest.Find(spec, one(newCounter), proptest.WithSeed(1), proptest.WithPatience(patience))
	assert.ErrorContains(t, err, "a function of the spec, or a Cleanup, does not come back")
	assert.ErrorContains(t, err, "WithSeed(0x1)")
}

// A sync.Mutex is what synctest does not see.
func TestAHiddenMutexHangsAndIsTold(t *testing.T) {
	var held []*sync.Mutex
	f := find(t, func(env *proptest.Env) func(string) int {
		mu := new(sync.Mutex)
		held = append(held, mu)
		inner := newCounter(env)
		return func(c string) int {
			mu.Lock()
			defer mu.Unlock()
			return inner(c)
		}
	}, proptest.WithPatience(patience), proptest.WithSchedulers(proptest.Exhaustive(1, 100)))
	assert.Equal(t, proptest.Hang, f.Kind)
	assert.Contains(t, f.Error(), "use env.Mutex")
	assert.Contains(t, f.Error(), "sync.Mutex.Lock")
	assert.NotContains(t, f.Error(), "proptest/sched", "only what is the implementation's")
	assert.Contains(t, f.Error(), "proptest.Replay(t, spec, impls, \"pt1-")
}

func TestALeakIsTold(t *testing.T) {
	for _, s := range []proptest.Scheduler{proptest.Exhaustive(1, 100), proptest.Stress(3)} {
		f := find(t, func(env *proptest.Env) func(string) int {
			requests := make(chan string)
			go func() {
				for range requests { // nobody closes it
				}
			}()
			return newLockCounter(env)
		}, proptest.WithSchedulers(s))
		assert.Equal(t, proptest.Leak, f.Kind)
		assert.Contains(t, f.Error(), "end them in env.Cleanup")
		assert.Equal(t, 1, f.Commands)
	}
}

func TestALeakUnderOneScheduleIsFoundAmongMany(t *testing.T) {
	for seed := range uint64(5) {
		f := find(t, func(env *proptest.Env) func(string) int {
			inner, increments := newLockCounter(env), 0
			return func(c string) int {
				seen := increments
				env.Yield("look")
				if c == "get" && increments != seen {
					go func() { <-make(chan int) }()
				}
				if c == "inc" {
					increments++
				}
				return inner(c)
			}
		}, proptest.WithSchedulers(proptest.Exhaustive(1, 1000)), proptest.WithSeed(seed))
		assert.Equal(t, proptest.Leak, f.Kind)
		assert.Equal(t, "client get|client inc", normal(f.Program))
		assert.Equal(t, 1, f.Preemptions)
		assert.NotContains(t, f.Error(), "beware", "this schedule leaks")
	}
}

func TestALivelockIsTold(t *testing.T) {
	f := find(t, func(env *proptest.Env) func(string) int {
		return func(string) int {
			for {
				env.Pause("look again")
			}
		}
	}, proptest.WithMaxSteps(50), proptest.WithSchedulers(proptest.Exhaustive(1, 100)))
	assert.Equal(t, proptest.Livelock, f.Kind)
	assert.Contains(t, f.Error(), "not ended after 50 steps")
}

func TestAnImplementationThatIsNotDeterministicIsTold(t *testing.T) {
	runs := 0
	f := find(t, func(env *proptest.Env) func(string) int {
		inner := newLockCounter(env)
		return func(c string) int {
			if runs++; runs%3 == 0 {
				env.Yield("sometimes")
			}
			return inner(c)
		}
	}, proptest.WithSchedulers(proptest.Exhaustive(1, 1000)))
	assert.Equal(t, proptest.NotDeterministic, f.Kind)
}

func TestTooManyUndecidedHistoriesAreAFailure(t *testing.T) {
	stuck := func(env *proptest.Env) func(string) int {
		return func(string) int { <-env.Context().Done(); return 0 }
	}
	run := func(options ...proptest.Option) (proptest.Report, error) {
		return proptest.Find(counter, one(stuck), append(options, proptest.WithPrograms(2), proptest.WithSchedulers(proptest.Stress(2)),
			proptest.WithPatience(patience))...)
	}
	r, err := run()
	var f *proptest.Failure
	require.ErrorAs(t, err, &f)
	assert.Equal(t, proptest.Undecided, f.Kind)
	assert.Equal(t, 4, r.Unknown)
	assert.ErrorContains(t, err, "4 of 4 histories were not decided")
	_, err = run(proptest.WithUnknown(1))
	assert.NoError(t, err)
	_, err = run(proptest.InBubble(t))
	require.ErrorAs(t, err, &f)
	assert.Equal(t, proptest.Deadlock, f.Kind, "in a bubble it is certain")
}

func TestADamagedTokenIsRefused(t *testing.T) {
	impls := one(newCounter)
	_, err := proptest.Find(counter, impls, proptest.WithSeed(1), controlled)
	var f *proptest.Failure
	require.ErrorAs(t, err, &f)
	for i := range f.Token {
		for _, c := range "Az09-_!" {
			damaged := f.Token[:i] + string(c) + f.Token[i+1:]
			if damaged != f.Token {
				_, err := proptest.Reproduce(counter, impls, damaged)
				assert.ErrorIs(t, err, proptest.ErrToken, damaged)
			}
		}
	}
	for _, short := range []string{"", "pt1-", f.Token[:10], f.Token + "A", f.Token[4:], strings.ToUpper(f.Token)} {
		_, err := proptest.Reproduce(counter, impls, short)
		assert.ErrorIs(t, err, proptest.ErrToken, short)
	}
	other := []proptest.Impl[string, int]{{Name: "another", New: newCounter}}
	_, err = proptest.Reproduce(counter, other, f.Token)
	assert.ErrorContains(t, err, "belongs to another spec or implementation")

	changed := counter
	changed.Gen = proptest.Commands(func(r *rand.Rand) string { return "get" })
	again, err := proptest.Reproduce(changed, impls, f.Token)
	assert.True(t, err != nil || again == nil || again.Kind == proptest.NotDeterministic, "a token of another generator: %v %v", again, err)
}

func FuzzReproduce(f *testing.F) {
	f.Add("pt1-goj_yw_n2LuslrTj9b4BAgMCAQMCAwNhMmIzYW4L3P0")
	f.Fuzz(func(t *testing.T, token string) {
		_, _ = proptest.Reproduce(counter, one(newCounter), token)
	})
}
