package tvar

import (
	"fmt"
	"reflect"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// An Option is given to [New] or [TVar.Init].
type Option struct {
	apply func(*config)
	of    reflect.Type // the T it was made for, nil if it suits any
	what  string
}

// config is what the options amount to.
type config struct {
	name  string
	owner *engine.Owner
	clone any // func(T) T
	equal any // func(a, b T) bool
	merge any // func(base, mine, theirs T) (T, error)
}

// options is what a cell keeps for the few variables that have any.
type options[T any] struct {
	clone func(T) T
	equal func(a, b T) bool
	merge func(base, mine, theirs T) (T, error)
}

// Name names the variable for clash reports and error messages.
func Name(name string) Option {
	return Option{what: "Name", apply: func(c *config) { c.name = name }}
}

// In puts the variable under another owner than the default one. It panics if o is nil.
func In(o *stm.Owner) Option {
	if o == nil {
		panic("tvar: In: nil owner; make one with stm.NewOwner")
	}
	return Option{what: "In", apply: func(c *config) { c.owner = ownerOf(o) }}
}

// Clone has values copied whenever they go into or come out of the variable, so that they can be
// changed in place: a map or a slice, say. Without it values are shared, and what was read must not
// be changed. fn runs where the variable is read or set, never under a lock, and costs what it costs.
func Clone[T any](fn func(T) T) Option {
	if fn == nil {
		panic("tvar: Clone: nil function")
	}
	return optionFor[T]("Clone", func(c *config) { c.clone = fn })
}

// Equal makes a Set, Modify, Commute, Store or Update to an equal value no change: nobody clashes
// with it or is woken by it. Such a Set reads the variable first, and so relies on what was there.
func Equal[T any](fn func(a, b T) bool) Option {
	if fn == nil {
		panic("tvar: Equal: nil function")
	}
	return optionFor[T]("Equal", func(c *config) { c.equal = fn })
}

// Merge has [stm.Tx.Rebase] merge values that were changed on both sides: in the checkout, and by others
// meanwhile. fn gets the value that both began with, the checkout's, and the others', and returns what
// the checkout's becomes, or an error if it cannot tell, which Rebase reports as a clash. Like all values
// they are shared: fn must not change what they point to, unless the variable has [Clone]. It runs on
// the goroutine of Rebase, on no lock, and must use its arguments only.
//
// The idea is the three-way merge of version control systems.
func Merge[T any](fn func(base, mine, theirs T) (T, error)) Option {
	if fn == nil {
		panic("tvar: Merge: nil function")
	}
	return optionFor[T]("Merge", func(c *config) { c.merge = fn })
}

func optionFor[T any](what string, apply func(*config)) Option {
	return Option{apply, reflect.TypeFor[T](), what}
}

// configure applies options of a variable of type T.
func configure[T any](list []Option) (c config, opts *options[T]) {
	c.owner = engine.Default
	for _, o := range list {
		if o.apply == nil {
			panic("tvar: the zero Option; use Name, In, Clone, Equal or Merge")
		}
		if want := reflect.TypeFor[T](); o.of != nil && o.of != want {
			panic(fmt.Sprintf("tvar: option %s for type %v given to a variable of type %v", o.what, o.of, want))
		}
		o.apply(&c)
	}
	if c.clone == nil && c.equal == nil && c.merge == nil {
		return c, nil
	}
	opts = new(options[T])
	opts.clone, _ = c.clone.(func(T) T)
	opts.equal, _ = c.equal.(func(a, b T) bool)
	opts.merge, _ = c.merge.(func(base, mine, theirs T) (T, error))
	return c, opts
}

// copied returns x, cloned if the variable was told so.
func (o *options[T]) copied(x T) T {
	if o != nil && o.clone != nil {
		return o.clone(x)
	}
	return x
}

// same reports whether a change from a to b is none.
func (o *options[T]) same(a, b T) bool { return o != nil && o.equal != nil && o.equal(a, b) }

// compares reports whether it can tell.
func (o *options[T]) compares() bool { return o != nil && o.equal != nil }
