package model

import (
	"context"
	"math/rand"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Table is philosophers at a table. Its state has a bit for each seat, set while that one has both of
// its forks.
func Table(seats int) proptest.Spec[uint64, Command, Result] {
	bit := func(seat int) uint64 { return 1 << ((seat + seats) % seats) }
	return proptest.Spec[uint64, Command, Result]{
		Name: "table",
		Gen: draw(func(r *rand.Rand) Command {
			return command([]string{"pickup", "putdown"}[r.Intn(2)], int64(r.Intn(seats)))
		}),
		Pre: func(eating uint64, c Command) bool { return c.Op == "pickup" || eating&bit(int(c.A)) != 0 },
		Blocks: func(eating uint64, c Command) bool {
			near := bit(int(c.A)-1) | bit(int(c.A)) | bit(int(c.A)+1)
			return c.Op == "pickup" && eating&near != 0
		},
		Step: func(eating uint64, c Command) (uint64, Result) {
			return eating ^ bit(int(c.A)), done
		},
		Equal:  func(a, b uint64) bool { return a == b },
		Shrink: simpler,
	}
}

// TableImpl makes an implementation of [Table] with as many seats.
func TableImpl(name string, make func(seats int) discipline.Table, seats int) proptest.Impl[Command, Result] {
	open := func() discipline.Table { return make(seats) }
	return implement(name, open, onTable)
}

// onTable has a command carried out.
func onTable(ctx context.Context, o discipline.Table, c Command) Result {
	if c.Op == "pickup" {
		return whether(o.PickUp(ctx, int(c.A)) == nil)
	}
	o.PutDown(int(c.A))
	return done
}
