package stm

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/token"
)

var (
	// ErrClash is what every [*ClashError] is, for errors.Is.
	ErrClash = errors.New("stm: clash")
	// ErrRetry is returned by [Owner.Try] if the function called Retry.
	ErrRetry = errors.New("stm: the transaction would have to wait")
	// ErrClosed is in the panic or error of whatever is used after its transaction's end.
	ErrClosed = engine.ErrClosed
	// ErrForeign is in the panic or error about a variable or a token of another owner.
	ErrForeign = engine.ErrForeign
	// ErrReadOnly is in the panic about a change made in a View.
	ErrReadOnly = engine.ErrReadOnly
	// ErrManaged is in the panic about a Commit or Discard of a transaction that Atomically or its
	// like will end by itself.
	ErrManaged = errors.New("stm: the transaction is managed and ends when its function returns")
	// ErrHeld is in the panic about a Retry in a held checkout, which has no function to run again.
	ErrHeld = errors.New("stm: a held checkout cannot retry")
	// ErrBlockedForever is returned if a transaction called Retry having read nothing: no change of
	// any variable could ever wake it.
	ErrBlockedForever = errors.New("stm: retry without having read a variable would wait forever")
)

// A ClashError tells that others have changed what a transaction relied on.
// errors.Is(err, ErrClash) holds for it.
type ClashError struct {
	Base token.Token // what the checkout was made under
	Vars []VarClash  // every changed variable that was relied on, in the order of their reading
}

// A VarClash is a variable in a ClashError.
type VarClash struct {
	Name    string // as given by tvar.Name; if it is empty, there are
	Type    string // the type of its values and
	Number  int    // its number, which is its own as long as it lives: 1 for the first one reported
	Base    uint64 // its version when it was read, or that of the token it is compared with
	Current uint64 // its version now
	Written bool   // whether the transaction wanted to change it, and did not only read it
	By      string // label of the transaction that made the change to Current, if it has one
	Err     error  // what its Merge returned, in a Rebase; else nil
}

// shown is how many variables an error message names.
const shown = 8

// Error names the variables that clash, the first few if there are many, in one line.
func (e *ClashError) Error() string {
	if len(e.Vars) == 0 {
		return "stm: clash: others are committing; try again"
	}
	var b strings.Builder
	b.WriteString("stm: clash:")
	for i, v := range e.Vars[:min(len(e.Vars), shown)] {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteByte(' ')
		b.WriteString(v.String())
	}
	if more := len(e.Vars) - shown; more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	return b.String()
}

// Is reports whether target is ErrClash.
func (e *ClashError) Is(target error) bool { return target == ErrClash }

// String says what happened to the variable.
func (v VarClash) String() string {
	name, use := fmt.Sprintf("unnamed %s number %d", v.Type, v.Number), "read"
	switch {
	case v.Name != "":
		name = fmt.Sprintf("%q", v.Name)
	case v.Number == 0:
		name = "an unnamed variable"
	}
	if v.Written {
		use = "written"
	}
	s := fmt.Sprintf("%s, %s here, was at version %d and is now at %d", name, use, v.Base, v.Current)
	if v.By != "" {
		s += fmt.Sprintf(", by %q", v.By)
	}
	if v.Err != nil {
		s += fmt.Sprintf(", and cannot be merged: %v", v.Err)
	}
	return s
}

// Unwrap returns what Merge functions have returned, for errors.Is and errors.As.
func (e *ClashError) Unwrap() (all []error) {
	for _, v := range e.Vars {
		if v.Err != nil {
			all = append(all, v.Err)
		}
	}
	return all
}

// clash reports what the attempt relied on that has changed since.
func (tx *Tx) clash() *ClashError {
	return report(tx.tokenAt(tx.core.Base()), tx.core.Changes())
}

// report tells of changes since base.
func report(base token.Token, changes []engine.Change) *ClashError {
	e := &ClashError{Base: base}
	for _, c := range changes {
		e.Vars = append(e.Vars, varClash(c))
	}
	return e
}

func varClash(c engine.Change) VarClash {
	v := VarClash{Name: engine.NameOf(c.Cell), Base: c.Base, Current: c.Current, Written: c.Written, By: c.By, Err: c.Err}
	if v.Name == "" {
		v.Number = numberOf(c.Cell)
		if t := engine.TypeOf(c.Cell); t != nil {
			v.Type = t.String()
		}
	}
	return v
}
