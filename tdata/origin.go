package tdata

import (
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
	typed bool // the name is only that of the type
}

func originOf(options []Option) origin {
	c := configure(options)
	if c.owner == stm.Default() {
		c.owner = nil
	}
	return origin{owner: c.owner, name: c.name}
}

// originFor is originOf for a structure that is called by its type if it has no name.
func originFor[S any](options []Option) origin {
	o := originOf(options)
	if o.name == "" {
		o.name, o.typed = reflect.TypeFor[S]().String(), true
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

// passing is part for a variable that a single call needs, and whose name would cost more than the variable does: it has one if the
// structure was given one.
func (o *origin) passing(name string) []tvar.Option {
	if o.typed {
		return (&origin{owner: o.owner}).part(name)
	}
	return o.part(name)
}

// record returns the rare record of those variables of the structure that are links or slots. It has a name.
func (o *origin) record(part string) *engine.Rare {
	name := o.name + "." + part
	return engine.PartsOf(engineOf(o.in()), func(*engine.Cell) string { return name })
}
