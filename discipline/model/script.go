package model

import (
	"math/rand"

	"github.com/leanovate/gopter"

	"github.com/rinse-go/rinse/proptest"
)

// A step is a command in a script: operations in one order, in which they take effect.
type step struct {
	Command
	result Result
	waits  bool // it does not return before the step that ends its wait
	ends   int  // the step whose wait it ends, or -1
}

// script draws a script of so many commands and what they return. At most one of them waits at a time,
// so that the order is the same whoever is woken first.
func script[S any](spec proptest.Spec[S, Command, Result], seed int64, length int) (steps []step) {
	parameters := gopter.DefaultGenParameters()
	parameters.Rng = rand.New(rand.NewSource(seed))
	state, waiting := spec.Init, -1
	take := func(i int) { state, steps[i].result = spec.Step(state, steps[i].Command) }
	blocks := func(c Command) bool { return spec.Blocks != nil && spec.Blocks(state, c) }
	for range length {
		c := spec.Gen(parameters).Result.(Command)
		if spec.Pre != nil && !spec.Pre(state, c) || blocks(c) && waiting >= 0 {
			continue
		}
		i := len(steps)
		steps = append(steps, step{Command: c, ends: -1})
		if blocks(c) {
			waiting, steps[i].waits = i, true
			continue
		}
		take(i)
		if waiting >= 0 && !blocks(steps[waiting].Command) {
			take(waiting)
			waiting, steps[i].ends = -1, waiting
		}
	}
	return steps
}
