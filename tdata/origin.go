package tdata

import (
	"context"
	"reflect"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// origin is what the variables of one structure have in common. The zero origin is that of structures
// which were not made by a constructor: the default owner, and no name.
type origin struct {
	owner *stm.Owner // nil for the default one
	name  string
}

func originOf(options []Option) origin {
	c := configure(options)
	if c.owner == stm.Default() {
		c.owner = nil
	}
	return origin{c.owner, c.name}
}

// originFor is originOf for a structure that is called by its type if it has no name.
func originFor[S any](options []Option) origin {
	o := originOf(options)
	if o.name == "" {
		o.name = reflect.TypeFor[S]().String()
	}
	return o
}

// in returns the owner.
func (o *origin) in() *stm.Owner {
	if o.owner == nil {
		return stm.Default()
	}
	return o.owner
}

// part returns the options for a variable of the structure. There are none for the zero origin, whose
// variables are ready as they are.
func (o *origin) part(name string) (list []tvar.Option) {
	if o.owner != nil {
		list = append(list, tvar.In(o.owner))
	}
	if o.name != "" {
		list = append(list, tvar.Name(o.name+"."+name))
	}
	return list
}

// record returns the rare record of those variables of the structure that are links or slots. It has a name.
func (o *origin) record(part string) *engine.Rare {
	name := o.name + "." + part
	return engine.PartsOf(engineOf(o.in()), func(*engine.Cell) string { return name })
}

// alone runs fn as a transaction of its own, which nothing can end but its commit.
func alone(o *origin, fn func(*stm.Tx)) {
	_ = o.in().Atomically(context.Background(), func(tx *stm.Tx) error {
		fn(tx)
		return nil
	})
}

// soon is runAlone for one who must not wait any more. If it cannot commit, since another transaction has the gate shut,
// it is left to a goroutine of its own: until the gate is open, nobody else commits anything either.
func soon(owner *stm.Owner, fn func(*stm.Tx)) {
	for range stm.MaxClashes {
		if owner.Try(func(tx *stm.Tx) error { fn(tx); return nil }) == nil {
			return
		}
	}
	go runAlone(owner, fn)
}

// seen returns what fn finds at one moment, in a View.
func seen[R any](o *origin, fn func(*stm.Tx) R) (result R) {
	_ = o.in().View(context.Background(), func(tx *stm.Tx) error {
		result = fn(tx)
		return nil
	})
	return result
}
