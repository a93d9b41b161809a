package proptest_test

import (
	"slices"
	"strings"
	"testing"

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
		"exhaustive": proptest.Exhaustive(2, 5000),
		"pct":        proptest.PCT(3, 500),
		"random":     proptest.Random(500),
	}
	for _, c := range classics {
		for name, scheduler := range schedulers {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				for seed := range uint64(3) {
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
	every := proptest.WithSchedulers(proptest.Exhaustive(2, 500), proptest.PCT(3, 50), proptest.Random(20), proptest.Stress(5))
	fewer := proptest.WithPrograms(20)
	t.Run("counter", func(t *testing.T) {
		r := proptest.Check(t, counter, []proptest.Impl[string, int]{
			{Name: "lock", New: newLockCounter}, {Name: "queue", New: newQueueCounter},
		}, every, fewer)
		assert.Equal(t, 40, r.Programs)
		assert.Equal(t, 200, r.Stressed)
		assert.Equal(t, r.Schedules+r.Stressed, r.Histories)
		assert.Zero(t, r.Unknown)
		assert.Greater(t, r.Schedules, 40*70)
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
