package proptest

import "fmt"

// mostTried bounds the commands that pure tries.
const mostTried = 8

// pure gives each of some commands in each of the states that they lead to one after the other, and returns an
// error if that shows Step to depend on more than what it is given, or to change it: a map that it writes to,
// or a slice that it appends to where there is room. Such a spec would accuse implementations of its own faults.
//
// States are compared as %#v prints them, so what lies behind pointers in them is not seen.
func (m model[S, C, R]) pure(commands []C) error {
	commands = commands[:min(len(commands), mostTried)]
	state := m.spec.Init
	for _, next := range commands {
		if err := m.pureIn(state, commands); err != nil {
			return err
		}
		if m.spec.Pre(state, next) && !m.spec.Blocks(state, next) {
			state, _ = m.spec.Step(state, next)
		}
	}
	return nil
}

func (m model[S, C, R]) pureIn(state S, commands []C) error {
	given := fmt.Sprintf("%#v", state)
	type outcome struct {
		command C
		after   S
		printed string
	}
	var outcomes []outcome
	for _, c := range commands {
		if !m.spec.Pre(state, c) || m.spec.Blocks(state, c) {
			continue
		}
		after, first := m.spec.Step(state, c)
		outcomes = append(outcomes, outcome{c, after, fmt.Sprintf("%#v", after)})
		_, second := m.spec.Step(state, c)
		if now := fmt.Sprintf("%#v", state); now != given {
			return m.impure("%s changed the state that it was given, from %s to %s: return a new state", m.spec.Print(c), given, now)
		}
		if m.spec.Same(first, first) && !m.spec.Same(first, second) {
			return m.impure("%s in state %s returned %s and then %s", m.spec.Print(c), given, printResult(first), printResult(second))
		}
	}
	for _, o := range outcomes {
		if now := fmt.Sprintf("%#v", o.after); now != o.printed {
			return m.impure("the state after %s changed from %s to %s when another command was given in the state before: "+
				"clone what states share, such as a slice before it is appended to", m.spec.Print(o.command), o.printed, now)
		}
	}
	return nil
}

func (m model[S, C, R]) impure(what string, args ...any) error {
	return fmt.Errorf("proptest: %w: Step of %q is not pure: %s", errSpec, m.spec.Name, fmt.Sprintf(what, args...))
}
