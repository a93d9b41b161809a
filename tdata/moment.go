package tdata

import (
	"runtime"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// A Moment is the state of all variables of one owner at one time, to take snapshots of several structures
// that belong together:
//
//	moment := tdata.Now(stm.Default())
//	defer moment.Close()
//	stock, orders := stock.SnapshotAt(moment), orders.SnapshotAt(moment)
//
// It is made in constant time and copies nothing. While it is held, what writers overwrite is kept: one
// value a variable and moment at most, and the nodes of keys that are deleted. Writers do not wait for it.
// It is safe for use by several goroutines.
//
// The idea is multi-version concurrency control.
type Moment struct {
	owner   *stm.Owner
	pin     *engine.Pin
	closed  *atomic.Bool
	cleanup runtime.Cleanup
}

// Now returns the present moment of an owner. End it with [Moment.Close].
func Now(owner *stm.Owner) *Moment {
	mustHave(owner != nil, "owner; stm.Default returns one")
	core := engineOf(owner)
	m := &Moment{owner: owner, pin: core.Pin(0), closed: new(atomic.Bool)}
	m.cleanup = runtime.AddCleanup(m, func(pin *engine.Pin) { core.Unpin(pin) }, m.pin)
	return m
}

func (m *Moment) use() { mustBeMade(m != nil && m.owner != nil, "a Moment", "Now") }

// Close lets go of what is kept for the moment. Whoever uses one of its snapshots afterwards panics.
// Closing it again does nothing. A moment that was forgotten is closed when it is garbage.
func (m *Moment) Close() {
	m.use()
	if m.closed.CompareAndSwap(false, true) {
		m.cleanup.Stop()
		engineOf(m.owner).Unpin(m.pin)
	}
}

// check panics if the moment is over. What was read before a check that passes is right.
func (m *Moment) check() {
	if m.closed.Load() {
		panic("tdata: a snapshot was used after its Close")
	}
}

// of panics unless s belongs to the moment's owner.
func (m *Moment) of(s structure) *Moment {
	m.use()
	m.check()
	if m.owner != s.owner {
		panic("tdata: " + s.String() + " belongs to another owner than the moment; make the moment with its owner")
	}
	return m
}
