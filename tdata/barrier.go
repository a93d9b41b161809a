package tdata

import (
	"context"
	"fmt"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A Barrier holds up those who arrive until a number of them have, and then lets them go on together; and again, the next ones. It
// is made by [NewBarrier] and must not be copied.
//
// Await is all that most need. To arrive and to wait for the others are two transactions, since the others have to see the arrival:
// where they are parts of larger ones, use Arrive in one and [Arrival.Wait] in the other. Who waits is woken once, by the last to
// arrive; all go on, in no order. All who arrive clash with each other. A round takes about a microsecond a party.
//
// The idea is that of Java's CyclicBarrier; but one who gives up just leaves, and the others go on waiting.
type Barrier struct {
	origin
	parties int // immutable
	phase   tvar.TVar[*phase]
	arrived tvar.TVar[int] // in this phase
}

// A phase ends when all have arrived.
type phase struct{ over tvar.TVar[bool] }

// NewBarrier returns a barrier for so many parties. It panics if that is not positive. In clash reports its variables are name.phase,
// name.arrived, name.over and name.here.
func NewBarrier(parties int, options ...Option) *Barrier {
	if parties < 1 {
		panic(fmt.Sprintf("tdata: NewBarrier: %d parties, must be at least 1", parties))
	}
	b := &Barrier{origin: originFor[Barrier](options), parties: parties}
	b.phase.Init(b.newPhase(), b.part("phase")...)
	b.arrived.Init(0, b.part("arrived")...)
	return b
}

func (b *Barrier) newPhase() *phase {
	p := new(phase)
	p.over.Init(false, b.passing("over")...)
	return p
}

func (b *Barrier) use() *Barrier {
	mustBeMade(b != nil && b.parties > 0, "a Barrier", "NewBarrier")
	return b
}

// Arrive arrives at the barrier. It does not wait; the last of the parties lets all go on.
func (b *Barrier) Arrive(tx *stm.Tx) *Arrival {
	p, arrived := b.use().phase.Get(tx), b.arrived.Get(tx)+1
	if arrived == b.parties {
		p.over.Set(tx, true)
		b.phase.Set(tx, b.newPhase())
		arrived = 0
	}
	b.arrived.Set(tx, arrived)
	a := &Arrival{barrier: b, phase: p}
	a.here.Init(false, b.passing("here")...)
	a.here.Set(tx, true) // by the commit: who aborts has not arrived, and cannot leave
	return a
}

// Arrived returns how many have arrived in this phase and are held up.
func (b *Barrier) Arrived(tx *stm.Tx) int { return b.use().arrived.Get(tx) }

// Await arrives and waits until all parties have, as transactions of its own. If ctx ends first, it takes the arrival back and
// returns ctx's error; so if it returns nil, all have arrived, and if it returns an error, they still wait for one to come.
func (b *Barrier) Await(ctx context.Context) error {
	arrival, err := stm.DoIn(ctx, b.use().in(), func(tx *stm.Tx) (*Arrival, error) { return b.Arrive(tx), nil })
	if err != nil {
		return err
	}
	err = b.in().Atomically(ctx, func(tx *stm.Tx) error {
		arrival.Wait(tx)
		return nil
	})
	if err != nil {
		left := false
		if alone(&b.origin, func(tx *stm.Tx) { left = arrival.Leave(tx) }); !left {
			return nil
		}
	}
	return err
}

// An Arrival is one party's, at one phase of a [Barrier].
type Arrival struct {
	barrier *Barrier        // immutable
	phase   *phase          // immutable
	here    tvar.TVar[bool] // arrived and not left
}

func (a *Arrival) use() *Arrival {
	mustBeMade(a != nil && a.phase != nil, "an Arrival", "Barrier.Arrive")
	return a
}

// Wait waits, by Retry, until all parties have arrived. In the transaction that has arrived it waits forever, unless that was the last
// to arrive.
func (a *Arrival) Wait(tx *stm.Tx) { tx.Check(a.use().phase.over.Get(tx)) }

// Over reports whether all parties have arrived.
func (a *Arrival) Over(tx *stm.Tx) bool { return a.use().phase.over.Get(tx) }

// Leave takes the arrival back, so that the others wait for somebody else. It reports false, and does nothing, if all have arrived
// already, this one has left already, or the transaction in which it arrived did not commit.
func (a *Arrival) Leave(tx *stm.Tx) bool {
	if a.use().phase.over.Get(tx) || !a.here.Get(tx) {
		return false
	}
	a.here.Set(tx, false)
	a.barrier.arrived.Set(tx, a.barrier.arrived.Get(tx)-1)
	return true
}
