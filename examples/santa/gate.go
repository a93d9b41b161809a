package main

import (
	"context"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A gate is shut until it is opened for a number of passers.
type gate struct {
	room tvar.TVar[int] // passers that may still go through
}

// pass goes through, once there is room.
func (g *gate) pass(tx *stm.Tx) {
	tx.Check(g.room.Get(tx) > 0)
	g.room.Modify(tx, func(n int) int { return n - 1 })
}

// open lets n through and returns when they are.
func (g *gate) open(ctx context.Context, n int) error {
	g.room.Store(n)
	return stm.Atomically(ctx, func(tx *stm.Tx) error {
		tx.Check(g.room.Get(tx) == 0)
		return nil
	})
}
