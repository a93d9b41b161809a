package sched

import (
	"errors"
	"fmt"
	"strings"
)

// ErrDiverged ends a run that met other choices than its strategy expected: the tasks do not depend on
// the schedule alone (a map's order, the clock, an address), or the schedule belongs to another program.
var ErrDiverged = errors.New("sched: the run took another course than its schedule: " +
	"make the tasks depend on nothing but the order of their steps")

// ErrTooLong ends a run that took more steps than its limit, see [MaxSteps].
var ErrTooLong = errors.New("sched: the run does not come to an end: " +
	"tasks chase each other (livelock), or spin on Yield where Pause belongs")

// ErrRedundant ends a run of [Reduced] that would only repeat what another one has shown. It is no failure:
// go on with the next run.
var ErrRedundant = errors.New("sched: the run would repeat another one")

// A StuckError ends a run in which tasks remain and none can go on: a deadlock or a lost wake-up.
type StuckError struct {
	Waiting []Waiting // the tasks that remain, ascending
}

// Waiting is a task that cannot go on.
type Waiting struct {
	Task    int
	For     string // what it waits for, "" if it did not say
	Outside bool   // blocked on something that the scheduler does not know
}

func (e *StuckError) Error() string {
	var b strings.Builder
	b.WriteString("sched: deadlock: no task can go on")
	for _, w := range e.Waiting {
		fmt.Fprintf(&b, "; task %c waits", letters[w.Task])
		if w.For != "" {
			fmt.Fprintf(&b, " for %s", w.For)
		}
	}
	return b.String()
}

// A PanicError ends a run in which a task panicked.
type PanicError struct {
	Task  int
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("sched: task %c panicked: %v", letters[e.Task], e.Value)
}

// Unwrap returns the panic's value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
