package proptest

import (
	"errors"
	"fmt"
)

// ErrUnknown says that a history was too large to be decided in time.
var ErrUnknown = errors.New("proptest: undecided: the history is too large to check in time; " +
	"use fewer commands, or give the spec a Partition")

// ErrToken says that a replay token cannot be used.
var ErrToken = errors.New("proptest: replay token is damaged: copy it whole, as it was printed")

// A HistoryError says that no order of a history's operations explains it.
type HistoryError struct {
	Spec        string
	Explanation string // how far the model can follow, and where it stops
}

func (e *HistoryError) Error() string {
	return fmt.Sprintf("proptest: history is not linearizable by spec %q\n%s", e.Spec, e.Explanation)
}

// recoverSpec turns the panic of a spec's function, see [Spec], into an error.
func recoverSpec(err *error) {
	p := recover()
	if p == nil {
		return
	}
	if e, ok := p.(error); ok && errors.Is(e, errSpec) {
		*err = e
		return
	}
	panic(p)
}
