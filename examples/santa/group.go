package main

import (
	"context"
	"slices"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A group gathers at Santa's door until it has its size.
type group struct {
	size   int // immutable
	party  tvar.TVar[party]
	inside tvar.TVar[int] // how many are with Santa
}

// A party is those who gather, and the gates that they will go through. The next
// to gather get gates of their own, so that nobody slips in with the party before.
type party struct {
	names   []string // in order of arrival; never changed in place
	in, out *gate
}

func newGroup(size int) *group {
	g := &group{size: size}
	g.party.Init(newParty())
	return g
}

func newParty() party { return party{in: new(gate), out: new(gate)} }

// join waits for room at the door and gathers there.
func (g *group) join(ctx context.Context, name string) (party, error) {
	return stm.Do(ctx, func(tx *stm.Tx) (party, error) {
		tx.Check(!g.ready(tx))
		return g.party.Modify(tx, func(p party) party {
			p.names = append(slices.Clip(p.names), name) // Clip makes append copy
			return p
		}), nil
	})
}

// ready reports whether the group is complete.
func (g *group) ready(tx *stm.Tx) bool {
	return len(g.party.Get(tx).names) == g.size
}

// await takes the party from the door, once it is complete.
func (g *group) await(tx *stm.Tx) party {
	tx.Check(g.ready(tx))
	complete := g.party.Get(tx)
	g.party.Set(tx, newParty())
	return complete
}

// enter goes in to Santa.
func (g *group) enter(ctx context.Context, p party) error {
	return stm.Atomically(ctx, func(tx *stm.Tx) error {
		p.in.pass(tx)
		g.inside.Modify(tx, func(n int) int { return n + 1 })
		return nil
	})
}

// leave comes back out.
func (g *group) leave(ctx context.Context, p party) error {
	return stm.Atomically(ctx, func(tx *stm.Tx) error {
		p.out.pass(tx)
		g.inside.Modify(tx, func(n int) int { return n - 1 })
		return nil
	})
}
