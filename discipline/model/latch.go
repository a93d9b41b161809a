package model

import (
	"context"
	"math/rand"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Latch is what holds everybody until it is opened. Its state is whether it is.
func Latch() proptest.Spec[bool, Command, Result] {
	return proptest.Spec[bool, Command, Result]{
		Name: "latch",
		Gen: draw(func(r *rand.Rand) Command {
			return command([]string{"wait", "wait", "open"}[r.Intn(3)])
		}),
		Blocks: func(open bool, c Command) bool { return c.Op == "wait" && !open },
		Step:   func(open bool, c Command) (bool, Result) { return open || c.Op == "open", done },
		Equal:  func(a, b bool) bool { return a == b },
	}
}

// LatchImpl makes an implementation of [Latch].
func LatchImpl(name string, make func() discipline.Latch) proptest.Impl[Command, Result] {
	return implement(name, make, onLatch)
}

// onLatch has a command carried out.
func onLatch(ctx context.Context, o discipline.Latch, c Command) Result {
	if c.Op == "wait" {
		return whether(o.Wait(ctx) == nil)
	}
	o.Open()
	return done
}
