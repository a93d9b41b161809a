package stm

import (
	"fmt"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/token"
)

// A token is a moment of its owner: a version that the clock had reached when the token was made. The
// commits up to that version were decided by then, and all later ones have higher versions. So a
// variable has changed since if and only if its version is above the token's; and a token from above
// the clock, where nothing is decided yet, is none that the owner has made.

// Resume goes on under a token of the default owner; see [Owner.Resume].
func Resume(t token.Token, vars ...Var) (*Tx, error) { return defaultOwner.Resume(t, vars...) }

// Resume goes on under a token that was made earlier: in another request, or before a file was saved.
// It returns a held checkout if none of the variables has changed since, and otherwise a [*ClashError]
// that names each one that has, with the token's version and its own. A token of another owner, of an
// earlier life of the program or from the future gives [ErrForeign], and so does a variable of another
// owner.
//
// The checkout is one of the present, in which the variables are as they were under the token. They
// count as read: its commit clashes if others change them from now on. Name all that the work done so
// far relies on, and what it is to change; nothing is said of other variables. A variable that was made
// anew in place of another has never changed, so name what led to it as well.
//
// It costs as much as [Owner.Checkout], does not block, and is to be ended like one. Without
// variables it checks the token only.
func (o *Owner) Resume(t token.Token, vars ...Var) (*Tx, error) {
	o.mustBeMade()
	if err := o.knows(t); err != nil {
		return nil, err
	}
	tx, kept := o.Checkout(), false
	defer func() {
		if !kept {
			tx.Discard()
		}
	}()
	if err := tx.Expect(t, vars...); err != nil {
		return nil, err
	}
	kept = true
	return tx, nil
}

// Expect returns a [*ClashError] if any of the variables has changed since the token was made, as
// this transaction sees them. They count as read. A token of another owner, of an earlier life of
// the program, or from the future gives [ErrForeign], and so does a variable of another owner.
//
// A held checkout can meet a token that is younger than itself. Then a variable has changed if it is
// not any more what was checked out.
func (tx *Tx) Expect(t token.Token, vars ...Var) error {
	tx.mustBeOpen()
	if err := tx.owner.knows(t); err != nil {
		return err
	}
	tx.core.Reach(t.Version())
	clash := &ClashError{Base: t}
	for _, v := range vars {
		c := engine.CellOf(v)
		if err := tx.owner.owns(c); err != nil {
			return err
		}
		if v, changed := tx.since(t.Version(), c); changed {
			clash.Vars = append(clash.Vars, v)
		}
	}
	if clash.Vars != nil {
		return clash
	}
	return nil
}

// since reads c and reports whether it has changed since a version.
func (tx *Tx) since(version uint64, c *engine.Cell) (VarClash, bool) {
	base, current := version, tx.core.VersionOf(c)
	if version > tx.core.Base() { // it is pinned, to before that version
		base, current = current, engine.Version(c)
	}
	change := engine.Change{Cell: c, Base: base, Current: current, Written: tx.core.HasWritten(c), By: engine.By(c, current)}
	return varClash(change), current > base
}

// knows returns an error unless o has made t in this life of the program.
func (o *Owner) knows(t token.Token) error {
	if t.Owner() != o.core.ID || t.Version() > o.core.Clock() {
		return fmt.Errorf("%w: token %v was not made by owner %x in this life of the program", ErrForeign, t, o.core.ID)
	}
	return nil
}

// owns returns an error if c is a variable of another owner.
func (o *Owner) owns(c *engine.Cell) error {
	if c != nil && engine.OwnerOf(c) != &o.core {
		return engine.Foreign(c, &o.core)
	}
	return nil
}
