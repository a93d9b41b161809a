package engine

import (
	"errors"
	"fmt"
)

// What stm tells its users; documented there.
var (
	ErrClosed   = errors.New("stm: the transaction is over")
	ErrForeign  = errors.New("stm: this belongs to another owner")
	ErrReadOnly = errors.New("stm: the transaction is read-only")
)

// describe names a variable for an error message.
func describe(c *Cell) string {
	if name := NameOf(c); name != "" {
		return fmt.Sprintf("variable %q", name)
	}
	if t := TypeOf(c); t != nil {
		return fmt.Sprintf("the variable of type %v (unnamed: give it a name with tvar.Name)", t)
	}
	return "the variable (unnamed: give it a name with tvar.Name)"
}

// check panics unless c may be read by t now.
func (t *Tx) check(c *Cell) {
	switch {
	case c == nil:
		panic(errors.New("stm: nil variable; make it with tvar.New or take the address of a tvar.TVar"))
	case t == nil:
		panic(fmt.Errorf("stm: nil transaction used on %s; use the *Tx that the transaction function was given", describe(c)))
	case t.Closed():
		panic(fmt.Errorf("%w: %s was used after the function or the commit that ended it; keep no *Tx beyond that", ErrClosed, describe(c)))
	case t.flags&committing != 0:
		panic(fmt.Errorf("%w: %s was used by a function that runs at commit or in Rebase; it may use its arguments only", ErrClosed, describe(c)))
	case OwnerOf(c) != t.owner:
		panic(Foreign(c, t.owner))
	case t.Interrupted():
		panic(unwind) // recovered by user code: go on unwinding
	}
	t.CheckGoroutine()
}

// Foreign tells that c does not belong to o.
func Foreign(c *Cell, o *Owner) error {
	return fmt.Errorf("%w: %s was made in owner %x and used in a transaction of owner %x; make it with tvar.In, or run the transaction on its owner",
		ErrForeign, describe(c), OwnerOf(c).ID, o.ID)
}

// CheckOpen panics unless t may be used now.
func (t *Tx) CheckOpen() {
	if t.flags&open == 0 {
		panic(fmt.Errorf("%w: keep no *Tx beyond the function or the commit that ends it", ErrClosed))
	}
	if t.Interrupted() {
		panic(unwind)
	}
	t.CheckGoroutine()
}

func readOnly(c *Cell) error {
	return fmt.Errorf("%w: %s cannot be changed in a View; use Atomically", ErrReadOnly, describe(c))
}
