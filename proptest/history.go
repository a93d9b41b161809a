package proptest

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"
)

// An Op is one operation of a history: which client gave which command, what came back, and when. Times
// are any numbers that grow; an operation that returned before another was called happened before it,
// others are concurrent.
type Op[C, R any] struct {
	Client  int // from 0; -1 for the sequential parts of a program
	Command C
	Result  R // meaningless unless Returned
	Call    int64
	Return  int64 // meaningless unless Returned
	Outcome Outcome
}

// An Outcome says how an operation ended.
type Outcome uint8

const (
	// Returned: the operation returned its result.
	Returned Outcome = iota
	// Pending: the operation did not return, and may or may not have taken effect.
	Pending
	// Waiting: the operation still waits now that everything has come to rest. That is right only where the
	// model says that it blocks.
	Waiting
)

// CheckHistory checks a history that was recorded elsewhere: nil if the spec explains it, a *[HistoryError]
// if not, [ErrUnknown] if that could not be decided within ten seconds. The spec needs no generator.
func CheckHistory[S, C, R any](spec Spec[S, C, R], history []Op[C, R]) (err error) {
	if spec.Step == nil {
		return fmt.Errorf("proptest: spec %q has no step function: set Step", spec.Name)
	}
	for i, op := range history {
		if op.Outcome > Waiting {
			return fmt.Errorf("proptest: operation %d of the history has outcome %d: want Returned, Pending or Waiting", i, op.Outcome)
		}
		if op.Outcome == Returned && op.Return < op.Call {
			return fmt.Errorf("proptest: operation %d of the history returned at %d, before it was called at %d", i, op.Return, op.Call)
		}
	}
	spec = spec.withDefaults()
	defer recoverSpec(&err)
	l := &linearizer[S, C, R]{spec: &spec, timeout: 10 * time.Second}
	switch l.check(history) {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return ErrUnknown
	}
	commands := make([]C, len(history))
	for i, op := range history {
		commands[i] = op.Command
	}
	if err := (model[S, C, R]{spec: &spec}).pure(commands); err != nil {
		return err
	}
	return &HistoryError{Spec: spec.Name, Explanation: l.explain(history)}
}
