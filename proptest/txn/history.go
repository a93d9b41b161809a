package txn

import (
	"fmt"
	"slices"
	"strings"
)

// A Var declares a variable of a history: an int with an initial value, or a list of ints that begins empty.
type Var struct {
	Name    string
	List    bool
	Initial int // of an int; lists begin empty
}

// Int declares an int variable.
func Int(name string, initial int) Var { return Var{Name: name, Initial: initial} }

// List declares a list variable, empty at first.
func List(name string) Var { return Var{Name: name, List: true} }

// A Kind says what an Op does.
type Kind uint8

// The kinds of operations. Ints are read and written, lists are read and appended to.
const (
	KindRead Kind = iota + 1
	KindWrite
	KindReadList
	KindAppend
)

func (k Kind) onList() bool  { return k == KindReadList || k == KindAppend }
func (k Kind) changes() bool { return k == KindWrite || k == KindAppend }

// An Op is one operation of an attempt on one variable. Make it with Read, Write, ReadList or Append.
type Op struct {
	Kind  Kind
	Var   string
	Value int   // read, written or appended
	List  []int // read
}

// Read is a read of an int variable and the value it returned.
func Read(name string, value int) Op { return Op{Kind: KindRead, Var: name, Value: value} }

// Write is a write of an int variable.
func Write(name string, value int) Op { return Op{Kind: KindWrite, Var: name, Value: value} }

// ReadList is a read of a list variable and the elements it returned.
func ReadList(name string, elements ...int) Op {
	return Op{Kind: KindReadList, Var: name, List: elements}
}

// Append adds an element to the end of a list variable. It says nothing about what was there: where an
// implementation reads the list in order to append, record that read as well.
func Append(name string, element int) Op { return Op{Kind: KindAppend, Var: name, Value: element} }

// String gives the operation as it appears in reports: "read x = 1", "append 3 to l".
func (o Op) String() string {
	switch o.Kind {
	case KindRead:
		return fmt.Sprintf("read %s = %d", o.Var, o.Value)
	case KindWrite:
		return fmt.Sprintf("write %s = %d", o.Var, o.Value)
	case KindReadList:
		return fmt.Sprintf("read %s = %v", o.Var, abridged(o.List))
	case KindAppend:
		return fmt.Sprintf("append %d to %s", o.Value, o.Var)
	}
	return fmt.Sprintf("kind %d on %s", o.Kind, o.Var)
}

// abridged prints a list, leaving out the middle of a long one.
func abridged(list []int) string {
	const ends = 6
	if len(list) <= 2*ends {
		return fmt.Sprint(list)
	}
	head := strings.TrimSuffix(fmt.Sprint(list[:ends]), "]")
	tail := strings.TrimPrefix(fmt.Sprint(list[len(list)-ends:]), "[")
	return fmt.Sprintf("%s … (%d more) … %s", head, len(list)-2*ends, tail)
}

// An Outcome says how an attempt ended. The zero Outcome is malformed, so that a forgotten one is noticed.
type Outcome uint8

// The outcomes. Unknown is an attempt of which nobody heard again: it may have committed, or not.
const (
	Committed Outcome = iota + 1
	Aborted
	Unknown
)

// String names the outcome.
func (o Outcome) String() string {
	names := [...]string{"no outcome", "committed", "aborted", "unknown"}
	if int(o) < len(names) {
		return names[o]
	}
	return fmt.Sprintf("outcome %d", uint8(o))
}

// An Attempt is one run of a transaction's body: a transaction that clashed twice and then committed is three
// attempts. Attempts are named T1, T2, … by their place in the history.
type Attempt struct {
	Client int // attempts of one client happen one after the other
	// Start is a moment not later than the attempt's beginning and End one not earlier than its end, on one clock
	// for all clients. The tighter they are, the more the real-time order shows. Where the exact moment between
	// two attempts of a client is not known, they may overlap. End of an Unknown attempt is ignored.
	Start, End int64
	Ops        []Op // in program order
	Outcome    Outcome
	Snapshot   uint64 // the version that the reads claim to be of; 0: not known
	Version    uint64 // the version that the commit claims to have made; 0: not known
}

// reads and writes report whether the attempt has an operation that does.
func (a *Attempt) reads() bool {
	return slices.ContainsFunc(a.Ops, func(o Op) bool { return !o.Kind.changes() })
}

func (a *Attempt) writes() bool {
	return slices.ContainsFunc(a.Ops, func(o Op) bool { return o.Kind.changes() })
}

// A History is what a set of clients did to a set of variables.
type History struct {
	Vars     []Var
	Attempts []Attempt // in any order
}

// String shows the history, one attempt a line.
func (h History) String() string {
	var b strings.Builder
	for i := range h.Attempts {
		b.WriteString(h.line(i))
		b.WriteByte('\n')
	}
	return b.String()
}

// line shows attempt i.
func (h History) line(i int) string {
	a := &h.Attempts[i]
	end := fmt.Sprint(a.End)
	if a.Outcome == Unknown {
		end = "?"
	}
	ops := make([]string, len(a.Ops))
	for j, o := range a.Ops {
		ops[j] = o.String()
	}
	return fmt.Sprintf("T%d client %d [%d, %s] %s: %s", i+1, a.Client, a.Start, end, a.Outcome, strings.Join(ops, ", "))
}
