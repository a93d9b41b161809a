package engine

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/history"
	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/internal/waiting"
)

// An Owner is in charge of a set of cells: it has their clock, their gate, and the snapshots that
// somebody holds. The first group of fields is read by every transaction and seldom written.
type Owner struct {
	ID    uint64 // immutable
	plain *Rare  // immutable: the rare record of cells that need none; nil for Default

	clock   shared.Uint64        // multiples of Stride, never goes back
	gate    shared.Pointer[Gate] // set while somebody alone may commit
	newest  shared.Uint64        // snapshot of the newest pin, 0 if none; stored with pins.mu held
	_       [cacheLine]byte
	turn    chan struct{} // held by the one whose turn it is to shut the gate, first come first served
	pins    pinList
	history history.Table
	_       [cacheLine]byte
	queues  [64]waiting.Queue
	Tally   Tally
}

const cacheLine = 64

// Default owns every cell that was given no other owner. Package stm provides it.
var Default *Owner

// Init makes the zero Owner ready, as the owner of no cells yet, with a random id.
func (o *Owner) Init() {
	o.ID = rand.Uint64() | 1
	o.turn = make(chan struct{}, 1)
	if o != Default {
		o.plain = &Rare{owner: o, shared: true}
	}
}

// Clock returns the owner's time. No version is above it plus Stride.
func (o *Owner) Clock() uint64 {
	return o.clock.Load()
}

// advance brings the clock to version at least and returns it.
func (o *Owner) advance(version uint64) uint64 {
	target := (version + Stride - 1) / Stride * Stride
	for {
		now := o.Clock()
		if now >= target {
			return now
		}
		if o.clock.CompareAndSwap(now, target) {
			return target
		}
	}
}

// tick advances the clock by one stride, from version at least, and returns it. Everybody who
// loads the clock from now on gets versions above.
func (o *Owner) tick(version uint64) uint64 {
	o.advance(version)
	return o.clock.Add(Stride)
}

// Gate is shut by a transaction that must not clash: from then on no other commit gets past it.
// Those already past it hold all their locks, so whoever shut the gate need only wait for each
// locked cell when it comes to it.
type Gate struct{ opened chan struct{} }

// Shut waits for its turn and shuts the gate. It returns nil if done ended the wait.
func (o *Owner) Shut(done <-chan struct{}) *Gate {
	if !shared.Send(o.turn, done) {
		return nil
	}
	g := &Gate{opened: make(chan struct{})}
	o.gate.Store(g)
	o.Tally.Gates.Add(1)
	return g
}

// Open opens the gate that the caller shut.
func (o *Owner) Open(g *Gate) {
	o.gate.Store(nil)
	shared.Close(g.opened)
	shared.Receive(o.turn, nil)
}

// passes reports whether one who holds mine, or nothing, may commit.
func (o *Owner) passes(mine *Gate) bool {
	g := o.gate.Load()
	return g == nil || g == mine
}

// AwaitGate waits until the gate is open. It reports false if done ended the wait.
func (o *Owner) AwaitGate(done <-chan struct{}) bool {
	o.checkGate()
	g := o.gate.Load()
	return g == nil || shared.Receive(g.opened, done)
}

// Tally counts what happened, for Stats. Commits are counted by descriptor, in package stm.
type Tally struct {
	Retries, Waits, Gates, Extensions, Pins atomic.Uint64
	Clashes                                 [Causes]atomic.Uint64
}
