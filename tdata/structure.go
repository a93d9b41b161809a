package tdata

import (
	"fmt"
	"reflect"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// structure is what all structures have in common. It is immutable.
type structure struct {
	owner *stm.Owner
	name  string       // as given, or what
	what  reflect.Type // it is
}

func newStructure[S any](options []Option) structure {
	c := configure(options)
	return structure{owner: c.owner, name: c.name, what: reflect.TypeFor[S]()}
}

// recordOf returns the rare record of cells which reports call what label says.
func (s structure) recordOf(label func(*engine.Cell) string) *engine.Rare {
	return engine.PartsOf(engineOf(s.owner), func(c *engine.Cell) string { return s.String() + label(c) })
}

// String returns the name, or if it has none the type.
func (s structure) String() string {
	if s.name != "" {
		return s.name
	}
	return s.what.String()
}

// keyed returns how reports call a key.
func keyed(key any) string {
	if text, ok := key.(string); ok {
		return fmt.Sprintf("[%q]", text)
	}
	return fmt.Sprintf("[%v]", key)
}

// mustBeMade panics if what only its maker makes ready was not made.
func mustBeMade(ok bool, what, by string) {
	if !ok {
		panic("tdata: " + what + " that was not made by " + by)
	}
}

func mustHave(ok bool, what string) {
	if !ok {
		panic("tdata: nil " + what)
	}
}
