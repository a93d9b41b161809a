package model

import (
	"context"
	"math/rand"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Counter is a counter.
func Counter() proptest.Spec[int64, Command, Result] {
	return proptest.Spec[int64, Command, Result]{
		Name: "counter",
		Gen: draw(func(r *rand.Rand) Command {
			return []Command{command("add", int64(r.Intn(3)+1)), command("inc"), command("value")}[r.Intn(3)]
		}),
		Step: func(n int64, c Command) (int64, Result) {
			switch c.Op {
			case "add":
				return n + c.A, done
			case "inc":
				return n + 1, number(n + 1)
			}
			return n, number(n)
		},
		Shrink: simpler,
	}
}

// CounterImpl makes an implementation of [Counter].
func CounterImpl(name string, make func() discipline.Counter) proptest.Impl[Command, Result] {
	return implement(name, make, onCounter)
}

// onCounter has a command carried out.
func onCounter(_ context.Context, o discipline.Counter, c Command) Result {
	switch c.Op {
	case "add":
		o.Add(c.A)
		return done
	case "inc":
		return number(o.Inc())
	}
	return number(o.Value())
}
