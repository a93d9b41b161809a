//go:build rinsesched

package explore

import (
	"fmt"
	"strings"
)

// Vars is how many variables a program has.
const Vars = 3

// A Program is what each of a few threads does, one call after the other.
type Program struct {
	Name    string
	Init    [Vars]int
	Pairs   bool // variables of two words, kept behind a pointer, or
	Sums    bool // parts of a structure, to which the engine adds
	Default bool // on the default owner
	Merges  bool // variables merge changes by adding them up
	Limits  Limits
	Threads [][]Call
}

// Limits are those of the engine, see engine.SetLimits; zero is the least that makes sense.
type Limits struct {
	Stride                uint64
	Clashes, Spins, Tries int
}

// A Call is one use of the engine: a transaction, or an operation on one variable.
type Call struct {
	Form   Form
	Body   []Op // of a transaction
	Next   []Op // what a Chained one does after its Checkpoint
	Var    int  // of the others
	Value  int
	Cancel bool // it can be cancelled by a call of that form
}

// Form says what kind of call it is.
type Form uint8

const (
	Atomically Form = iota
	View
	Irrevocably
	Try
	Held    // Checkout, the body, Commit
	Resumed // Resume(the thread's token, Var): notes whether that has changed; if not, the body, Commit
	Rebased // Checkout, the body, Rebase, a look at all variables that it uses, Commit
	Chained // Checkout, the body, Checkpoint, Next, Commit
	Load
	Store
	Update // adds Value
	LoadToken
	Notice // waits until Var has changed since the thread's token
	Cancel // ends the context of every call that can be cancelled
)

// An Op is one step of a transaction.
type Op struct {
	Act   Act
	Var   int
	Value int
	Body  [][]Op // of OrElse one an alternative, of Nested one
}

// Act says what an Op does.
type Act uint8

const (
	Read     Act = iota
	Write        // sets Value
	Add          // Modify: adds Value
	Commute      // adds Value
	Await        // Check that Var is Value at least
	OrElse       // see Body
	Nested       // see Body
	Fail         // returns an error from the innermost function
	Explode      // panics
	OnCommit     // registers a hook numbered Value, which loads Var
	OnAbort      // registers a hook numbered Value
	OnToken      // has the commit's token remembered by the thread
	Expect       // Expect(the thread's token, Var): notes whether it has changed
)

func (p *Program) String() string {
	var b strings.Builder
	if p.Name != "" {
		fmt.Fprintf(&b, "%s: ", p.Name)
	}
	for i, calls := range p.Threads {
		if i > 0 {
			b.WriteString(" ‖ ")
		}
		for j, c := range calls {
			if j > 0 {
				b.WriteString("; ")
			}
			b.WriteString(c.String())
		}
	}
	return b.String()
}

var forms = [...]string{"", "View", "Irrevocably", "Try", "Held", "Resumed", "Rebased", "Chained",
	"Load", "Store", "Update", "LoadToken", "Notice", "Cancel"}

func (c Call) String() string {
	switch c.Form {
	case Load, LoadToken, Notice:
		return fmt.Sprintf("%s %c", forms[c.Form], 'x'+c.Var)
	case Store, Update:
		return fmt.Sprintf("%s %c %d", forms[c.Form], 'x'+c.Var, c.Value)
	case Cancel:
		return "Cancel"
	}
	s := forms[c.Form] + "{" + listing(c.Body)
	if c.Form == Resumed {
		s = fmt.Sprintf("%s{unless %c has changed: %s", forms[c.Form], 'x'+c.Var, listing(c.Body))
	}
	if c.Next != nil {
		s += "; " + listing(c.Next)
	}
	return s + "}"
}

func listing(ops []Op) string {
	var all []string
	for _, op := range ops {
		all = append(all, op.String())
	}
	return strings.Join(all, " ")
}

func (op Op) String() string {
	v := string(rune('x' + op.Var))
	switch op.Act {
	case Read:
		return "r" + v
	case Write:
		return fmt.Sprintf("w%s=%d", v, op.Value)
	case Add:
		return fmt.Sprintf("%s+=%d", v, op.Value)
	case Commute:
		return fmt.Sprintf("commute(%s+=%d)", v, op.Value)
	case Await:
		return fmt.Sprintf("await(%s>=%d)", v, op.Value)
	case OrElse, Nested:
		var all []string
		for _, b := range op.Body {
			all = append(all, "{"+listing(b)+"}")
		}
		name := "orElse"
		if op.Act == Nested {
			name = "nested"
		}
		return name + "(" + strings.Join(all, " ") + ")"
	case OnCommit:
		return fmt.Sprintf("onCommit(%d, load %s)", op.Value, v)
	case OnAbort:
		return fmt.Sprintf("onAbort(%d)", op.Value)
	case Expect:
		return "expect " + v
	}
	return [...]string{Fail: "fail", Explode: "panic", OnToken: "token"}[op.Act]
}
