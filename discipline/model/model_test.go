package model_test

import (
	"flag"
	"testing"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/discipline/model"
	"github.com/rinse-go/rinse/proptest"
)

var long = flag.Bool("long", false, "check twenty times as many programs")

// effort is how much of each object is checked.
func effort() proptest.Option {
	if *long {
		return proptest.WithPrograms(20 * programs)
	}
	return proptest.WithPrograms(programs)
}

// TestEveryDiscipline holds every object of every discipline to its model.
func TestEveryDiscipline(t *testing.T) {
	for _, d := range discipline.All() {
		t.Run(d.Name, func(t *testing.T) {
			under := schedulers
			if d.Kernel {
				under = []proptest.Scheduler{proptest.Stress(5)}
			}
			for _, r := range model.Check(t, d, effort(), proptest.WithSchedulers(under...)) {
				t.Log(r)
				count(r)
			}
		})
	}
}

// TestLockQueueAndSTMAlike holds three versions of one object to one model in one check.
func TestLockQueueAndSTMAlike(t *testing.T) {
	var impls []proptest.Impl[model.Command, model.Result]
	for _, name := range []string{"mutex", "queue", "stm"} {
		d, _ := discipline.Find(name)
		impls = append(impls, model.CacheImpl(name, d.Cache, 2))
	}
	count(proptest.Check(t, model.Cache(2), impls, proptest.WithShape(proptest.Shape{Clients: 3, PerClient: 4}), effort(),
		proptest.WithSchedulers(proptest.Stress(5), proptest.PCT(3, 50), proptest.Exhaustive(2, 100))))
}
