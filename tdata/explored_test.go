//go:build rinsesched

package tdata_test

import (
	"fmt"
	"testing"
	"unsafe"

	memory "github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/proptest"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// The models again, under schedules that interrupt clients not only where the test says so, but before every access to
// memory that others see too: in the middle of a commit, or of an operation without a transaction.

// accesses has the scheduler of a program decide before each access who goes on.
type accesses struct {
	*proptest.Env
	over *bool // clients are being ended, perhaps with locks that they hold: nobody goes on
}

func (a accesses) Access(unsafe.Pointer, bool) { a.step(func() { a.Yield() }) }

func (a accesses) Until(what string, _, _ unsafe.Pointer, _ bool, holds func() bool) {
	a.step(func() {
		a.Yield()
		a.Env.Until(holds, what)
	})
}

func (a accesses) step(wait func()) {
	if *a.over {
		panic("the program is over")
	}
	over := true
	defer func() { *a.over = over }()
	wait()
	over = false
}

// explore checks implementations against their model.
func explore[S, C, R any](t *testing.T, spec proptest.Spec[S, C, R], impls ...proptest.Impl[C, R]) {
	t.Cleanup(func() { memory.Hook = nil })
	for i, impl := range impls {
		impls[i].New = func(env *proptest.Env) func(C) R {
			memory.Hook = accesses{env, new(bool)}
			return impl.New(env)
		}
	}
	t.Log(proptest.Check(t, spec, impls,
		proptest.WithShape(proptest.Shape{Clients: 3, PerClient: 2, Prefix: 2, Suffix: 1}),
		proptest.WithPrograms(15),
		proptest.WithSchedulers(proptest.Random(15), proptest.PCT(3, 40), proptest.PCT(6, 40)),
	))
}

func TestQueuesAreTheirModelsStepByStep(t *testing.T) {
	for _, k := range queueKinds {
		t.Run(k.name, func(t *testing.T) { explore(t, queueSpec(k), queueImpls(k)...) })
	}
}

func TestMapsAreTheirModelsStepByStep(t *testing.T) {
	explore(t, mapSpec("map", common...), mapImpl)
	explore(t, mapSpec("ordered map", orderedWhats...), orderedMapImpl)
}

func TestCacheIsItsModelStepByStep(t *testing.T) {
	spec, same := cacheSpec, map[string]string{"view": "get", "remove": "delete", "snapshot": "sum"}
	spec.Gen = proptest.Commands(drawKeyed("get", "view", "set", "delete", "swap", "move", "sum", "snapshot", "clear", "store",
		"store", "load", "remove", "remove"))
	spec.Step = func(s [3]int, c keyed) ([3]int, string) {
		if op := same[c.Op]; op != "" {
			c.Op = op
		}
		return cacheSpec.Step(s, c)
	}
	explore(t, spec, proptest.Impl[keyed, string]{Name: "tdata.Cache", New: exploredCache})
}

// exploredCache is modelCache with more of what is done without a transaction.
func exploredCache(env *proptest.Env) func(keyed) string {
	o := stm.NewOwner()
	cache := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 20}, tdata.In(o))
	cache.Reseed()
	return func(c keyed) (result string) {
		switch run := o.Atomically; c.Op {
		case "load":
			v, _ := cache.Load(c.K)
			return fmt.Sprint(v)
		case "store":
			cache.Store(c.K, c.V+1)
			return ""
		case "remove":
			return fmt.Sprint(cache.Remove(c.K))
		case "snapshot":
			sum := 0
			for _, v := range cache.Snapshot() {
				sum += v
			}
			return fmt.Sprint(sum)
		case "view":
			run, c.Op = o.View, "get"
			fallthrough
		default:
			_ = run(env.Context(), func(tx *stm.Tx) error {
				result = cacheCommand(env, tx, cache, c)
				return nil
			})
			return result
		}
	}
}
