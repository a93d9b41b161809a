package proptest

import (
	"math/rand"
	"reflect"

	"github.com/leanovate/gopter"
)

// Commands makes a generator of commands from a function that draws one. It is the direct way to mix
// commands of several kinds, also where C is an interface; a [Spec]'s Shrink makes their values simpler.
func Commands[C any](draw func(r *rand.Rand) C) gopter.Gen {
	of := reflect.TypeFor[C]()
	return func(p *gopter.GenParameters) *gopter.GenResult {
		return &gopter.GenResult{Result: draw(p.Rng), ResultType: of, Shrinker: gopter.NoShrinker}
	}
}
