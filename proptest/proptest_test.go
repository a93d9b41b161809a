package proptest_test

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest"
)

// one makes the list of a single implementation.
func one[C, R any](new func(*proptest.Env) func(C) R) []proptest.Impl[C, R] {
	return []proptest.Impl[C, R]{{Name: "it", New: new}}
}

// failure looks for the failure of one implementation and replays it twice.
func failure[S, C, R any](spec proptest.Spec[S, C, R], name string, new func(*proptest.Env) func(C) R) func(*testing.T, ...proptest.Option) *proptest.Failure {
	return func(t *testing.T, options ...proptest.Option) *proptest.Failure {
		impls := []proptest.Impl[C, R]{{Name: name, New: new}}
		_, err := proptest.Find(spec, impls, options...)
		var f *proptest.Failure
		require.ErrorAs(t, err, &f)
		for range 2 {
			again, err := proptest.Reproduce(spec, impls, f.Token, options...)
			require.NoError(t, err)
			require.NotNil(t, again, "the minimum still fails")
			require.Equal(t, f.Log, again.Log)
			require.Equal(t, f.Kind, again.Kind)
			require.Equal(t, f.Program, again.Program)
		}
		return f
	}
}

type classic struct {
	name   string
	find   func(*testing.T, ...proptest.Option) *proptest.Failure
	kind   proptest.Kind
	minima []string // the smallest programs, any of them
}

var classics = []classic{
	{"lost update", failure(counter, "unsynchronised", newCounter), proptest.NotLinearizable,
		[]string{"client inc|client inc"}},
	{"torn read", failure(pair, "two words", newTornPair), proptest.NotLinearizable,
		[]string{"client read()|client write(1)"}},
	{"ABA", failure(stack, "recycled nodes", newABAStack), proptest.NotLinearizable,
		[]string{"first push(0)|client pop()|client pop(); push(1)", "first push(1)|client pop()|client pop(); push(0)"}},
	{"lost wake-up", failure(buffer, "checks, then waits", newSleepyBuffer), proptest.Deadlock,
		[]string{"client put(0)|client take()"}},
	{"lock-order deadlock", failure(accounts, "locks in any order", newCrossingAccounts), proptest.Deadlock,
		[]string{"client transfer(0→1)|client transfer(1→0)"}},
}

func TestClassicBugsShrinkToTheirMinimum(t *testing.T) {
	schedulers := map[string]proptest.Scheduler{
		"exhaustive": proptest.Exhaustive(2, 2000),
		"pct":        proptest.PCT(3, 500),
		"random":     proptest.Random(500),
	}
	for _, c := range classics {
		for name, scheduler := range schedulers {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				for seed := range uint64(2) {
					f := c.find(t, proptest.WithSeed(seed), proptest.InBubble(t), proptest.WithSchedulers(scheduler))
					assert.Equal(t, c.kind, f.Kind)
					assert.Equal(t, 1, f.Preemptions)
					assert.Contains(t, c.minima, normal(f.Program), "%s", f)
				}
			})
		}
	}
}

// normal is a printed program on one line, without the names of clients and in an order of its own.
func normal(program string) string {
	var first, clients []string
	for line := range strings.Lines(program) {
		words := strings.Fields(line)
		if words[0] == "client" {
			words = append(words[:1], words[2:]...)
			clients = append(clients, strings.Join(words, " "))
		} else {
			first = append(first, strings.Join(words, " "))
		}
	}
	slices.Sort(clients)
	return strings.Join(append(first, clients...), "|")
}

func TestClassicBugsAreFoundOnCoroutinesAsWell(t *testing.T) {
	for _, c := range classics {
		t.Run(c.name, func(t *testing.T) {
			f := c.find(t, proptest.WithSeed(1), proptest.WithSchedulers(proptest.Exhaustive(2, 5000)))
			assert.Equal(t, c.kind, f.Kind)
			assert.Contains(t, c.minima, normal(f.Program), "%s", f)
		})
	}
}

func TestTheSameSeedTellsTheSameStory(t *testing.T) {
	for _, c := range classics {
		one := c.find(t, proptest.WithSeed(5), proptest.InBubble(t), proptest.WithSchedulers(proptest.PCT(3, 500)))
		two := c.find(t, proptest.WithSeed(5), proptest.InBubble(t), proptest.WithSchedulers(proptest.PCT(3, 500)))
		assert.Equal(t, one.Error(), two.Error())
	}
}

func TestCorrectImplementationsPass(t *testing.T) {
	every := proptest.WithSchedulers(proptest.Exhaustive(2, 300), proptest.PCT(3, 30), proptest.Random(20), proptest.Stress(5))
	fewer := proptest.WithPrograms(20)
	t.Run("counter", func(t *testing.T) {
		r := proptest.Check(t, counter, []proptest.Impl[string, int]{
			{Name: "lock", New: newLockCounter}, {Name: "queue", New: newQueueCounter},
		}, every, fewer)
		assert.Equal(t, 40, r.Programs)
		assert.Equal(t, 200, r.Stressed)
		assert.Equal(t, r.Schedules+r.Stressed, r.Histories)
		assert.Zero(t, r.Unknown)
		assert.Greater(t, r.Schedules, 40*50)
		assert.Positive(t, r.Complete)
	})
	t.Run("accounts", func(t *testing.T) {
		proptest.Check(t, accounts, one(newOrderedAccounts), every, fewer)
	})
	t.Run("bounded buffer", func(t *testing.T) {
		proptest.Check(t, buffer, []proptest.Impl[bufferCommand, int]{
			{Name: "cond", New: newCondBuffer}, {Name: "sync.Cond", New: newSyncCondBuffer}, {Name: "channel", New: newChannelBuffer},
		}, every, fewer, proptest.WithShape(proptest.Shape{Clients: 3, PerClient: 2, Prefix: 1, Suffix: 1}))
	})
}

func TestThePreconditionHoldsInEveryOrder(t *testing.T) {
	type command = stackCommand
	spec := stack
	spec.Pre = func(s []int, c command) bool { return c >= 0 || len(s) > 0 } // no pop of an empty stack
	impl := func(wrong bool) func(env *proptest.Env) func(command) int {
		return func(env *proptest.Env) func(command) int {
			var values []int
			return func(c command) int {
				env.Yield("all at once")
				if c < 0 && len(values) == 0 {
					return 99 // the precondition does not hold
				}
				var result int
				values, result = stack.Step(values, c)
				if wrong && len(values) == 2 {
					return 7
				}
				return result
			}
		}
	}
	shape := proptest.WithShape(proptest.Shape{Clients: 3, PerClient: 3, Prefix: 3, Suffix: 2})
	r := proptest.Check(t, spec, one(impl(false)), shape, controlled, proptest.WithSeed(2))
	assert.Positive(t, r.Discarded)
	assert.Equal(t, 50, r.Programs)

	for seed := range uint64(4) {
		f := failure(spec, "wrong", impl(true))(t, shape, proptest.WithSchedulers(proptest.PCT(2, 20)), proptest.WithSeed(seed))
		assert.Equal(t, "first push(0); push(0)", normal(f.Program), "shrinking keeps to the precondition")
	}
}

// A program that is wrong in another way is no smaller version of this one.
func TestShrinkingKeepsToTheKindOfFailure(t *testing.T) {
	spec := counter
	spec.Gen = proptest.Commands(func(*rand.Rand) string { return "inc" })
	spec.Shrink = func(command string) []string { return []string{"panic"} }
	f := failure(spec, "wrong twice", func(env *proptest.Env) func(string) int {
		n := 0
		return func(c string) int {
			if c == "panic" {
				panic(c)
			}
			if n++; n == 2 {
				return 0
			}
			return n
		}
	})(t, proptest.WithSeed(1), controlled)
	assert.Equal(t, proptest.NotLinearizable, f.Kind)
	assert.Equal(t, "first inc; inc", normal(f.Program))
}

// Random schedules interrupt a lot. The program is as small as can be from the start, so it is not the
// search for a smaller one that finds a simpler schedule.
func TestTheScheduleInterruptsNoMoreThanNeeded(t *testing.T) {
	spec := counter
	spec.Gen = proptest.Commands(func(*rand.Rand) string { return "inc" })
	for seed := range uint64(10) {
		f := failure(spec, "it", newCounter)(t, proptest.WithSeed(seed), proptest.WithSchedulers(proptest.Random(100)),
			proptest.WithShape(proptest.Shape{Clients: 2, PerClient: 1}))
		assert.Equal(t, 1, f.Preemptions)
	}
}

// newHandshake is wrong if two clients answer each other three times, for which both must be interrupted again and
// again.
func newHandshake(env *proptest.Env) func(string) int {
	asked, answered := 0, 0
	return func(command string) int {
		for i := 1; i <= 3; i++ {
			env.Yield(command)
			switch {
			case command == "ask" && answered == i-1:
				asked = i
			case command == "answer" && asked == i:
				answered = i
			}
		}
		env.Yield("compare")
		if command == "ask" && answered == 3 {
			return 1
		}
		return 0
	}
}

// What takes many preemptions shrinks like everything else.
func TestABugThatTakesManyPreemptionsShrinks(t *testing.T) {
	spec := proptest.Spec[int, string, int]{
		Name: "handshake",
		Gen:  proptest.Commands(func(r *rand.Rand) string { return []string{"ask", "answer", "nothing"}[r.Intn(3)] }),
		Step: func(int, string) (int, int) { return 0, 0 },
	}
	for _, s := range []proptest.Scheduler{proptest.Exhaustive(5, 20_000), proptest.Random(2000)} {
		for seed := range uint64(2) {
			f := failure(spec, "it", newHandshake)(t, proptest.WithSeed(seed), proptest.WithSchedulers(s),
				proptest.WithShape(proptest.Shape{Clients: 3, PerClient: 3, Prefix: 2, Suffix: 2}))
			assert.Equal(t, "client answer|client ask", normal(f.Program), "%s", f)
		}
	}
}

// When a program is over, its clients do not go on.
func TestNothingIsCalledAfterTheProgram(t *testing.T) {
	var calls, programs atomic.Int64
	_, _ = proptest.Find(buffer, one(func(env *proptest.Env) func(bufferCommand) int {
		programs.Add(1)
		return func(bufferCommand) int {
			calls.Add(1)
			<-env.Context().Done()
			return 0
		}
	}), proptest.InBubble(t), proptest.WithSchedulers(proptest.Stress(3)), proptest.WithPrograms(3),
		proptest.WithShape(proptest.Shape{Clients: 1, PerClient: 5}))
	require.Positive(t, programs.Load())
	assert.Equal(t, programs.Load(), calls.Load(), "one client, which waits in its first command")
}

// The generator's own shrinker is used, within its sieve.
func TestValuesShrinkWithTheirGenerator(t *testing.T) {
	spec := proptest.Spec[int, int, int]{
		Name: "sum",
		Gen:  gen.IntRange(0, 1000).SuchThat(func(n int) bool { return n%3 == 0 }),
		Step: func(sum, n int) (int, int) { return sum + n, sum + n },
	}
	f := failure(spec, "overflows", func(env *proptest.Env) func(int) int {
		sum := 0
		return func(n int) int {
			sum += n
			return min(sum, 100)
		}
	})(t, proptest.WithSeed(1), controlled)
	assert.Equal(t, "first 102", normal(f.Program))
}

// An addition is a command with something of everything.
type addition struct {
	By    int
	Twice bool
	Why   any
}

// Commands have nothing but a function that draws them.
func TestCommandsShrinkByBeingDrawnAgain(t *testing.T) {
	spec := proptest.Spec[int, addition, int]{
		Name: "sum",
		Gen: proptest.Commands(func(r *rand.Rand) addition {
			c := addition{Twice: r.Intn(2) == 1, By: r.Intn(1000)}
			for c.Why == nil { // which draws for ever if it is given nothing but zeros
				if n := r.Intn(3); n > 0 {
					c.Why = n
				}
			}
			return c
		}),
		Step: func(sum int, c addition) (int, int) {
			if c.Twice {
				c.By *= 2
			}
			return sum + c.By, sum + c.By
		},
	}
	for seed := range uint64(4) {
		f := failure(spec, "overflows", func(env *proptest.Env) func(addition) int {
			sum := 0
			return func(c addition) int {
				sum, _ = spec.Step(sum, c)
				return min(sum, 25)
			}
		})(t, proptest.WithSeed(seed), controlled)
		assert.Equal(t, "first {26 false 1}", normal(f.Program))
	}
}

func TestASequentialBugShrinksToASequentialProgram(t *testing.T) {
	f := failure(counter, "jumps", func(env *proptest.Env) func(string) int {
		n := 0
		return func(c string) int {
			n, _ = counter.Step(n, c)
			if n == 3 {
				n++
			}
			return n
		}
	})(t, proptest.WithSeed(1), controlled, proptest.WithShape(proptest.Shape{Clients: 3, PerClient: 3}))
	assert.Equal(t, "first inc; inc; inc", normal(f.Program))
	assert.Zero(t, f.Preemptions)
	assert.Contains(t, f.Error(), "shrunk from")
}

// Two clients meet in the middle of their increments, whatever the processor does: no race, no yield point.
func TestStressFindsWhatHasNoYieldPoints(t *testing.T) {
	meet := func(env *proptest.Env) func(string) int {
		var n atomic.Int64
		return func(c string) int {
			v := n.Load()
			if c == "inc" {
				if !env.Controlled() {
					time.Sleep(time.Nanosecond) // in the bubble: until all others have come here as well, or have ended
				}
				v++
				n.Store(v)
			}
			return int(v)
		}
	}
	impls := one(meet)
	_, err := proptest.Find(counter, impls, proptest.WithSeed(1), proptest.InBubble(t), proptest.WithSchedulers(proptest.Stress(20)))
	var f *proptest.Failure
	require.ErrorAs(t, err, &f)
	assert.Equal(t, proptest.NotLinearizable, f.Kind)
	assert.Equal(t, "client inc|client inc", normal(f.Program))
	assert.Contains(t, f.Error(), "found on real threads only")
	again, err := proptest.Reproduce(counter, impls, f.Token, proptest.InBubble(t), proptest.WithSchedulers(proptest.Stress(200)))
	require.NoError(t, err)
	require.NotNil(t, again)
}

// One client sees what it did before: real time counts on real threads as well.
func TestStressKnowsTheOrderOfOperations(t *testing.T) {
	stale := func(env *proptest.Env) func(string) int {
		n := 0
		return func(c string) int {
			before := n
			n, _ = counter.Step(n, c)
			if c == "get" {
				return max(0, before-1)
			}
			return n
		}
	}
	_, err := proptest.Find(counter, one(stale), proptest.WithSeed(1), proptest.InBubble(t),
		proptest.WithSchedulers(proptest.Stress(1)), proptest.WithShape(proptest.Shape{Clients: 1, PerClient: 5}))
	assert.ErrorContains(t, err, "not linearizable")
}

// What real threads find is made repeatable where the implementation has yield points.
func TestStressFailuresBecomeSchedules(t *testing.T) {
	slow := func(env *proptest.Env) func(string) int {
		var n atomic.Int64
		return func(c string) int {
			env.Yield("load")
			v := n.Load()
			if c == "inc" {
				v++
				for range 50 {
					env.Yield("store")
					if env.Controlled() {
						break
					}
				}
				n.Store(v)
			}
			return int(v)
		}
	}
	f := failure(counter, "slow", slow)(t, proptest.WithSeed(1), proptest.InBubble(t), proptest.WithSchedulers(proptest.Stress(200)))
	assert.Equal(t, "client inc|client inc", normal(f.Program))
	assert.Equal(t, 1, f.Preemptions)
	assert.NotEmpty(t, f.Log)
}

func TestEachImplementationHasItsOwnVerdict(t *testing.T) {
	r, err := proptest.Find(counter, []proptest.Impl[string, int]{
		{Name: "lock", New: newLockCounter}, {Name: "none", New: newCounter}, {Name: "queue", New: newQueueCounter},
	}, proptest.InBubble(t), controlled, proptest.WithPrograms(10))
	require.ErrorContains(t, err, `implementation "none" is wrong`)
	assert.NotContains(t, err.Error(), `"lock"`)
	assert.NotContains(t, err.Error(), `"queue"`)
	assert.Greater(t, r.Programs, 20)
	assert.Positive(t, r.Shrinks)
	assert.Contains(t, r.String(), "counter: ")
	assert.Contains(t, r.String(), fmt.Sprintf("seed %#x", r.Seed))
}

func TestThePageIsWritten(t *testing.T) {
	dir := t.TempDir()
	f := failure(counter, "un/synchronised", newCounter)(t, proptest.WithSeed(1), proptest.InBubble(t), controlled, proptest.WithHTML(dir))
	assert.Equal(t, filepath.Join(dir, "counter-un_synchronised.html"), f.HTML)
	page, err := os.ReadFile(f.HTML)
	require.NoError(t, err)
	assert.Contains(t, string(page), "inc → 1")
	assert.Contains(t, f.Error(), "page: "+f.HTML)

	f = failure(counter, "x", newCounter)(t, proptest.WithSeed(1), controlled, proptest.WithHTML(filepath.Join(dir, "absent")))
	assert.Empty(t, f.HTML)
	assert.Contains(t, f.Error(), "the page could not be written")
}

func TestPropIsAGopterProperty(t *testing.T) {
	run := func(new func(*proptest.Env) func(string) int) (bool, string) {
		parameters := gopter.DefaultTestParametersWithSeed(4)
		parameters.MinSuccessfulTests = 20
		properties := gopter.NewProperties(parameters)
		properties.Property("counts", proptest.Prop(counter, proptest.Impl[string, int]{Name: "it", New: new}, controlled, proptest.InBubble(t)))
		var out strings.Builder
		passed := properties.Run(gopter.NewFormatedReporter(false, 200, &out))
		return passed, out.String()
	}
	passed, out := run(newLockCounter)
	assert.True(t, passed, out)
	assert.Contains(t, out, "passed 20 tests")
	passed, out = run(newCounter)
	assert.False(t, passed)
	assert.Contains(t, out, "proptest.Replay(t, spec, impls, \"pt1-")
	_, again := run(newCounter)
	assert.Equal(t, out, again)

	broken := counter
	broken.Gen = nil
	result := proptest.Prop(broken, proptest.Impl[string, int]{Name: "it", New: newCounter})(gopter.DefaultGenParameters())
	assert.Equal(t, gopter.PropError, result.Status, "a broken spec is an error, not a counterexample")
}

// A recording TB, to see what Check and Replay tell their test.
type tb struct {
	testing.TB
	errors, logs []string
}

func (t *tb) Helper()           {}
func (t *tb) Error(args ...any) { t.errors = append(t.errors, fmt.Sprint(args...)) }
func (t *tb) Log(args ...any)   { t.logs = append(t.logs, fmt.Sprint(args...)) }

func TestCheckAndReplayFailTheirTest(t *testing.T) {
	rec := &tb{TB: t}
	proptest.Check(rec, counter, one(newCounter), proptest.WithSeed(1), controlled)
	require.Len(t, rec.errors, 1)
	_, rest, found := strings.Cut(rec.errors[0], "spec, impls, \"")
	require.True(t, found)
	token, _, _ := strings.Cut(rest, "\"")

	rec = &tb{TB: t}
	f := proptest.Replay(rec, counter, one(newCounter), token, proptest.WithSeed(1))
	require.NotNil(t, f)
	assert.Equal(t, []string{f.Error()}, rec.errors)

	rec = &tb{TB: t}
	assert.Nil(t, proptest.Replay(rec, counter, one(func(env *proptest.Env) func(string) int {
		n := 0
		return func(c string) int { // mended, with as many yield points
			env.Yield("read n")
			if c == "inc" {
				env.Yield("write n")
			}
			n, _ = counter.Step(n, c)
			return n
		}
	}), token))
	assert.Empty(t, rec.errors)
	assert.Len(t, rec.logs, 1)

	rec = &tb{TB: t}
	assert.Nil(t, proptest.Replay(rec, counter, one(newCounter), "pt1-nonsense"))
	assert.Len(t, rec.errors, 1)
}
