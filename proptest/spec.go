package proptest

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/leanovate/gopter"
)

// A Spec says what an object does when it is used by one client at a time: a state, the commands it
// takes, and what each command does to the state and returns. S, C and R are the types of states,
// commands and results.
//
// The functions must be pure: they change neither the state nor the command that they are given. A Step that
// is seen to do so is refused.
type Spec[S, C, R any] struct {
	Name string
	Init S

	// Gen generates commands. Every value must be a C. Mapping a gopter generator to an interface type
	// panics; build such commands with [Commands].
	Gen gopter.Gen

	// Step applies a command: the state after it, and its result.
	Step func(state S, command C) (S, R)

	// Blocks reports whether the command waits in this state, for another client to change it. Nil: no
	// command ever waits.
	Blocks func(state S, command C) bool

	// Pre reports whether the command may be given in this state. Programs are generated and shrunk so that
	// it holds in whatever order the commands of a program take effect; one that has too many orders to look
	// through is cut short. Nil: all may.
	Pre func(state S, command C) bool

	// Equal compares states; nil means reflect.DeepEqual. Same does so for results.
	Equal func(a, b S) bool
	Same  func(a, b R) bool

	// Hash may speed up the comparison of states. Equal states have the same hash.
	Hash func(state S) uint64

	// Partition returns the key of the part of the object that a command touches. Commands of different
	// parts must not influence each other; their histories are then checked apart, which is much faster.
	Partition func(command C) string

	// Shrink returns simpler commands, the simplest first. Nil: what the generator has to offer, which with
	// [Commands] is a lot.
	Shrink func(command C) []C

	// Print shows a command; nil means fmt's %v, so a String method will do.
	Print func(command C) string
}

// validate says what is missing, and fills in what may be.
func (s *Spec[S, C, R]) validate() error {
	switch {
	case s.Gen == nil:
		return fmt.Errorf("proptest: spec %q has no generator: set Gen, for example to proptest.Commands", s.Name)
	case s.Step == nil:
		return fmt.Errorf("proptest: spec %q has no step function: set Step", s.Name)
	}
	return nil
}

// withDefaults fills in what was left out and has panics of the user's functions tell where they
// come from.
func (s Spec[S, C, R]) withDefaults() Spec[S, C, R] {
	if s.Equal == nil {
		s.Equal = func(a, b S) bool { return reflect.DeepEqual(a, b) }
	}
	if s.Same == nil {
		s.Same = func(a, b R) bool { return reflect.DeepEqual(a, b) }
	}
	if s.Print == nil {
		s.Print = func(c C) string { return fmt.Sprintf("%v", c) }
	}
	s.guardModel()
	s.guardRest()
	return s
}

// guardModel has panics of the functions that take states turned into errors that say who panicked on what.
func (s *Spec[S, C, R]) guardModel() {
	name, step, pre, blocks, equal, hash := s.Name, s.Step, s.Pre, s.Blocks, s.Equal, s.Hash
	s.Step = func(state S, c C) (S, R) {
		defer blame(name, "Step", func() string { return fmt.Sprintf("%v in state %v", c, state) })
		return step(state, c)
	}
	s.Pre = func(state S, c C) bool {
		defer blame(name, "Pre", func() string { return fmt.Sprintf("%v in state %v", c, state) })
		return pre == nil || pre(state, c)
	}
	s.Blocks = func(state S, c C) bool {
		defer blame(name, "Blocks", func() string { return fmt.Sprintf("%v in state %v", c, state) })
		return blocks != nil && blocks(state, c)
	}
	s.Equal = func(a, b S) bool {
		defer blame(name, "Equal", func() string { return fmt.Sprintf("states %v and %v", a, b) })
		return equal(a, b)
	}
	if hash != nil {
		s.Hash = func(state S) uint64 {
			defer blame(name, "Hash", func() string { return fmt.Sprintf("state %v", state) })
			return hash(state)
		}
	}
}

// guardRest does so for the functions that take commands or results alone.
func (s *Spec[S, C, R]) guardRest() {
	name, same, show, partition, shrink := s.Name, s.Same, s.Print, s.Partition, s.Shrink
	s.Same = func(a, b R) bool {
		defer blame(name, "Same", func() string { return fmt.Sprintf("results %v and %v", a, b) })
		return same(a, b)
	}
	s.Print = func(c C) string {
		defer blame(name, "Print", func() string { return fmt.Sprint(c) })
		return show(c)
	}
	if partition != nil {
		s.Partition = func(c C) string {
			defer blame(name, "Partition", func() string { return fmt.Sprint(c) })
			return partition(c)
		}
	}
	if shrink != nil {
		s.Shrink = func(c C) []C {
			defer blame(name, "Shrink", func() string { return fmt.Sprint(c) })
			return shrink(c)
		}
	}
}

// errSpec marks errors of the spec itself.
var errSpec = errors.New("the spec is wrong")

// blame turns a panic of a function of a spec into one with an error that says so.
func blame(spec, function string, on func() string) {
	if p := recover(); p != nil {
		panic(fmt.Errorf("proptest: %w: %s of %q panicked on %s: %v", errSpec, function, spec, on(), p))
	}
}
