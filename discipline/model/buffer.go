package model

import (
	"context"
	"math/rand"
	"slices"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Buffer is a bounded queue.
func Buffer(capacity int) proptest.Spec[[]int64, Command, Result] {
	return proptest.Spec[[]int64, Command, Result]{
		Name: "buffer",
		Gen: draw(func(r *rand.Rand) Command {
			return []Command{command("put", int64(r.Intn(10))), command("take"), command("len")}[r.Intn(3)]
		}),
		Blocks: func(values []int64, c Command) bool {
			return c.Op == "put" && len(values) == capacity || c.Op == "take" && len(values) == 0
		},
		Step: func(values []int64, c Command) ([]int64, Result) {
			switch c.Op {
			case "put":
				return append(slices.Clone(values), c.A), done
			case "take":
				return values[1:], number(values[0])
			}
			return values, number(int64(len(values)))
		},
		Equal:  slices.Equal[[]int64],
		Shrink: simpler,
	}
}

// BufferImpl makes an implementation of [Buffer] with the same capacity.
func BufferImpl(name string, make func(capacity int) discipline.Buffer, capacity int) proptest.Impl[Command, Result] {
	open := func() discipline.Buffer { return make(capacity) }
	return implement(name, open, onBuffer)
}

// onBuffer has a command carried out.
func onBuffer(ctx context.Context, o discipline.Buffer, c Command) Result {
	switch c.Op {
	case "put":
		return whether(o.Put(ctx, c.A) == nil)
	case "take":
		value, err := o.Take(ctx)
		return maybe(value, err == nil)
	}
	return number(int64(o.Len()))
}
