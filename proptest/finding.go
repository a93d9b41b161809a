package proptest

import (
	"errors"

	"github.com/rinse-go/rinse/proptest/sched"
)

// A Kind says what is wrong with an implementation.
type Kind uint8

const (
	// NotLinearizable: no order of the operations explains what came back.
	NotLinearizable Kind = iota + 1
	// Deadlock: an operation never returns although the model lets it, be it a deadlock, a lost wake-up or
	// a lock that was left locked.
	Deadlock
	// Livelock: clients keep taking steps and the program does not end.
	Livelock
	// Panic: an operation, New or a Cleanup panicked.
	Panic
	// Hang: nothing happened for a long time, and the scheduler does not see why.
	Hang
	// Leak: goroutines remained after the program.
	Leak
	// NotDeterministic: the same schedule did not lead to the same steps.
	NotDeterministic
	// Stopped: the test was ended in the midst of a program, by the race detector or by FailNow.
	Stopped
	// Undecided: too many histories could not be decided.
	Undecided
)

var kindNames = map[Kind]string{
	NotLinearizable:  "not linearizable",
	Deadlock:         "deadlock",
	Livelock:         "livelock",
	Panic:            "panic",
	Hang:             "hang",
	Leak:             "leaked goroutines",
	NotDeterministic: "not deterministic",
	Stopped:          "stopped",
	Undecided:        "undecided",
}

func (k Kind) String() string { return kindNames[k] }

// A finding is an execution that is wrong.
type finding[C, R any] struct {
	kind      Kind
	program   program[C]
	execution *execution[C, R]
	stressed  bool
}

// judge decides whether an execution is wrong; nil if it is not.
func (s *search[S, C, R]) judge(p program[C], e *execution[C, R]) *finding[C, R] {
	found := func(k Kind) *finding[C, R] {
		return &finding[C, R]{kind: k, program: p, execution: e, stressed: e.schedule == nil}
	}
	var panicked *panicError
	switch {
	case errors.As(e.err, &panicked):
		return found(Panic)
	case errors.Is(e.err, sched.ErrTooLong):
		return found(Livelock)
	case errors.Is(e.err, sched.ErrDiverged):
		return found(NotDeterministic)
	case e.timedOut:
		s.report.Histories++
		s.report.Unknown++
		return nil
	}
	s.report.Histories++
	switch s.decide(e.history) {
	case ok:
		return nil
	case unknown:
		s.report.Unknown++
		return nil
	}
	returned := returnedOnly(e.history)
	if len(returned) < len(e.history) && s.decide(returned) == ok {
		return found(Deadlock)
	}
	return found(NotLinearizable)
}

func returnedOnly[C, R any](history []Op[C, R]) (returned []Op[C, R]) {
	for _, op := range history {
		if op.Outcome != Waiting {
			returned = append(returned, op)
		}
	}
	return returned
}
