package model

import (
	"context"
	"errors"
	"math/rand"
	"slices"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Pair is two unbounded queues.
func Pair() proptest.Spec[[2][]int64, Command, Result] {
	return pair("put", "put", "take", "move", "takeany", "lens")
}

// PairWithoutTakeAny is Pair for implementations that cannot wait for two queues at once.
func PairWithoutTakeAny() proptest.Spec[[2][]int64, Command, Result] {
	return pair("put", "put", "take", "move", "lens")
}

func pair(ops ...string) proptest.Spec[[2][]int64, Command, Result] {
	return proptest.Spec[[2][]int64, Command, Result]{
		Name: "pair",
		Gen: draw(func(r *rand.Rand) Command {
			queue := int64(r.Intn(2))
			switch op := ops[r.Intn(len(ops))]; op {
			case "put":
				return command(op, queue, int64(r.Intn(10)))
			case "take", "move":
				return command(op, queue)
			default:
				return command(op)
			}
		}),
		Blocks: func(q [2][]int64, c Command) bool { return c.Op == "takeany" && len(q[0])+len(q[1]) == 0 },
		Step:   stepPair,
		Equal:  func(a, b [2][]int64) bool { return slices.Equal(a[0], b[0]) && slices.Equal(a[1], b[1]) },
		Shrink: simpler,
	}
}

func stepPair(q [2][]int64, c Command) ([2][]int64, Result) {
	from := c.A
	switch c.Op {
	case "put":
		q[c.A] = append(slices.Clone(q[c.A]), c.B)
		return q, done
	case "lens":
		return q, Result{N: int64(len(q[0])), M: int64(len(q[1])), OK: true}
	case "takeany":
		if from = 0; len(q[0]) == 0 {
			from = 1
		}
	}
	if len(q[from]) == 0 {
		return q, Result{}
	}
	value := q[from][0]
	q[from] = q[from][1:]
	if c.Op == "move" {
		q[1-from] = append(slices.Clone(q[1-from]), value)
	}
	return q, number(value)
}

// PairImpl makes an implementation of [Pair].
func PairImpl(name string, make func() discipline.Pair) proptest.Impl[Command, Result] {
	return implement(name, make, onPair)
}

// onPair has a command carried out.
func onPair(ctx context.Context, o discipline.Pair, c Command) Result {
	switch c.Op {
	case "put":
		o.Put(int(c.A), c.B)
		return done
	case "take":
		return maybe(o.Take(int(c.A)))
	case "move":
		return maybe(o.Move(int(c.A)))
	case "lens":
		lens := o.Lens()
		return Result{N: int64(lens[0]), M: int64(lens[1]), OK: true}
	}
	value, err := o.TakeAny(ctx)
	if errors.Is(err, discipline.ErrCannot) {
		panic(err)
	}
	return maybe(value, err == nil)
}
