// Package model says what the objects of package discipline do, as specs for package proptest, and holds
// implementations to them: those of this module, and yours.
//
//	func TestMine(t *testing.T) { model.Check(t, mine) }
//
// checks every object that a discipline offers. A single object is checked with its spec:
//
//	proptest.Check(t, model.Bank(3, 10), []proptest.Impl[model.Command, model.Result]{model.BankImpl("mine", newBank, 3, 10)})
//
// Without more, controlled schedulers take turns between operations, and wherever an operation waits. The
// locks, atomic values and transactions of this module are interrupted inside as well if the build tag
// rinsesched is given; other implementations where they call proptest's Env.
package model

import (
	"context"
	"fmt"
	"math/rand"
	"strings"
	"sync"

	"github.com/leanovate/gopter"

	"github.com/rinse-go/rinse/proptest"
)

// A Command is an operation with its arguments.
type Command struct {
	Op      string
	A, B, C int64
	args    int // how many of them are used
}

// String returns the operation with its arguments.
func (c Command) String() string {
	var b strings.Builder
	b.WriteString(c.Op)
	for _, arg := range []int64{c.A, c.B, c.C}[:c.args] {
		fmt.Fprintf(&b, " %d", arg)
	}
	return b.String()
}

// command makes a command of up to three arguments.
func command(op string, args ...int64) Command {
	c := Command{Op: op, args: len(args)}
	for i, to := range []*int64{&c.A, &c.B, &c.C}[:len(args)] {
		*to = args[i]
	}
	return c
}

// A Result is what an operation returned.
type Result struct {
	N, M int64
	OK   bool // false: it refused, or there was nothing
	void bool // it returns nothing else
}

// String returns what came back, or no.
func (r Result) String() string {
	switch {
	case !r.OK:
		return "no"
	case r.void:
		return "ok"
	case r.M != 0:
		return fmt.Sprintf("%d %d", r.N, r.M)
	}
	return fmt.Sprint(r.N)
}

// number is the result of an operation that always returns one.
func number(n int64) Result { return Result{N: n, OK: true} }

// done is the result of one that returns nothing.
var done = Result{OK: true, void: true}

// whether is the result of one that says no more than whether it was done.
func whether(ok bool) Result {
	if ok {
		return done
	}
	return Result{}
}

// maybe is the result of one that returns a value if there is one.
func maybe(n int64, ok bool) Result {
	if !ok {
		return Result{}
	}
	return number(n)
}

// draw makes a generator from a function that draws a command.
func draw(from func(r *rand.Rand) Command) gopter.Gen { return proptest.Commands(from) }

// simpler returns the command with each argument made less in turn.
func simpler(c Command) (all []Command) {
	for i := range c.args {
		less := c
		if arg := []*int64{&less.A, &less.B, &less.C}[i]; *arg > 0 {
			*arg--
			all = append(all, less)
		}
	}
	return all
}

// implement makes an implementation of a maker of objects, and of what each command does to one.
func implement[O interface{ Close() }](name string, make func() O, do func(context.Context, O, Command) Result) proptest.Impl[Command, Result] {
	return proptest.Impl[Command, Result]{Name: name, New: func(env *proptest.Env) func(Command) Result {
		attach(env)
		o := make()
		var busy sync.WaitGroup
		env.Cleanup(func() { busy.Wait(); o.Close() })
		return func(c Command) Result {
			busy.Add(1)
			defer busy.Done()
			return do(env.Context(), o, c)
		}
	}}
}
