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
// The functions must be pure: they change neither the state nor the command that they are given.
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
	// it holds in whatever order the commands of a program take effect. Nil: all may.
	Pre func(state S, command C) bool

	// Equal compares states; nil means reflect.DeepEqual. Same does so for results.
	Equal func(a, b S) bool
	Same  func(a, b R) bool

	// Hash may speed up the comparison of states. Equal states have the same hash.
	Hash func(state S) uint64

	// Partition returns the key of the part of the object that a command touches. Commands of different
	// parts must not influence each other; their histories are then checked apart, which is much faster.
	Partition func(command C) string

	// Shrink returns simpler commands, the simplest first. Nil: what the generator has to offer.
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

// withDefaults fills in what was left out and turns a panic of the user's functions into a [*SpecPanic].
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
	step, pre, blocks := s.Step, s.Pre, s.Blocks
	s.Step = func(state S, c C) (S, R) {
		defer s.blame("Step", state, c)
		return step(state, c)
	}
	s.Pre = func(state S, c C) bool {
		defer s.blame("Pre", state, c)
		return pre == nil || pre(state, c)
	}
	s.Blocks = func(state S, c C) bool {
		defer s.blame("Blocks", state, c)
		return blocks != nil && blocks(state, c)
	}
	return s
}

// errSpec marks errors of the spec itself.
var errSpec = errors.New("the spec is wrong")

func (s *Spec[S, C, R]) blame(function string, state S, c C) {
	if p := recover(); p != nil {
		panic(fmt.Errorf("proptest: %w: %s of %q panicked on %v in state %v: %v", errSpec, function, s.Name, c, state, p))
	}
}
