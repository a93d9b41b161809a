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
