package tdata

import (
	"math/bits"
	"runtime"
	"strconv"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// A Counter is a number that many goroutines add to without clashing. Its value is exact: what a
// transaction, or Load, sees is the sum of everything that has committed before.
//
// The number is spread over several variables, each on a cache line of its own, and an addition goes to
// one of them that nobody else is likely to be at. So adding is cheap and reading is dear: it reads all
// of them, and a transaction that reads the counter clashes with every addition. For a number that is
// read as often as it is changed, a tvar.TVar[int64] is the better choice.
//
// The zero Counter is ready, holds 0, and belongs to the default owner. A Counter must not be copied.
//
// The idea is Doug Lea's LongAdder.
type Counter struct {
	stripes atomic.Pointer[stripes] // nil: 0, with no options
}

// NewCounter returns a counter that holds 0.
func NewCounter(options ...Option) *Counter {
	c := new(Counter)
	c.stripes.Store(newStripes(newStructure[Counter](options), "", 8, 16))
	return c
}

func (c *Counter) use() *stripes {
	mustHave(c != nil, "Counter; make it with tdata.NewCounter or take the address of one")
	if s := c.stripes.Load(); s != nil {
		return s
	}
	c.stripes.CompareAndSwap(nil, newStripes(newStructure[Counter](nil), "", 8, 16))
	return c.stripes.Load()
}

// Add adds n, which may be negative, when the transaction commits. It relies on nothing, so it clashes
// with nobody else's Add. The sum wraps around like any int64. About 40 ns with its share of the commit.
func (c *Counter) Add(tx *stm.Tx, n int64) { c.use().add(inside(tx), n) }

// Get returns the number in the transaction, with its own additions. From then on the transaction
// relies on it.
func (c *Counter) Get(tx *stm.Tx) int64 { return c.use().sum(inside(tx)) }

// Set makes the number n in the transaction. It relies on what the number was, so it clashes with every
// addition of others.
func (c *Counter) Set(tx *stm.Tx, n int64) { c.use().set(inside(tx), n) }

// Increase adds n, which may be negative, as a transaction of its own. It waits while a transaction has
// shut the gate, and for nobody else. About four times as much as an atomic addition.
func (c *Counter) Increase(n int64) {
	if c != nil {
		if x := c.stripes.Load(); x != nil {
			if _, verdict := engine.Add(x.pick(0), x.parts, n); verdict == engine.Committed {
				return
			}
		}
	}
	c.use().increase(n)
}

// Load returns the number, as a transaction of its own.
func (c *Counter) Load() int64 { return c.use().load() }

// MarshalJSON returns the number as Load does.
func (c *Counter) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, c.Load(), 10), nil }

// stripes are cells whose sum is what counts.
type stripes struct {
	structure
	parts *engine.Rare
	cells []stripe // as many as a power of two
}

// A stripe is a cell with a cache line of its own.
type stripe struct {
	cell engine.Cell
	_    [64 - 32]byte
}

// newStripes returns so many stripes a processor, and no less than least.
func newStripes(s structure, label string, each, least int) *stripes {
	count := min(max(least, each*runtime.GOMAXPROCS(0)), 256)
	x := &stripes{structure: s, cells: make([]stripe, 1<<bits.Len(uint(count-1)))}
	x.parts = s.recordOf(func(*engine.Cell) string { return label })
	for i := range x.cells {
		engine.InitPartWith(&x.cells[i].cell, x.parts, 0, engine.Raw, engine.Value{})
	}
	return x
}

// pick returns the stripe for the calling goroutine's attempt-th try.
func (x *stripes) pick(attempt int) *engine.Cell {
	i := here()>>32 + uint64(attempt)
	return &x.cells[i&uint64(len(x.cells)-1)].cell
}

// any returns one of the cells, for what holds for all of them.
func (x *stripes) any() *engine.Cell { return &x.cells[0].cell }

// writable panics unless the transaction may change the structure.
func (x *stripes) writable(t *engine.Tx) { t.Writable(x.any()) }

func (x *stripes) add(t *engine.Tx, n int64) { t.Increase(x.pick(0), n) }

func (x *stripes) sum(t *engine.Tx) int64 {
	n := uint64(0)
	for i := range x.cells {
		_, v := t.Read(&x.cells[i].cell)
		n += v.Raw
	}
	return int64(n)
}

// set has one of the cells hold the number. A Rebase cannot go past a change of any.
func (x *stripes) set(t *engine.Tx, n int64) {
	x.writable(t)
	for i := range x.cells {
		c := &x.cells[i].cell
		t.Read(c)
		e := t.Write(c)
		e.Form, e.Value.Raw = engine.Raw, uint64(n)
		n = 0
	}
}

func (x *stripes) increase(n int64) {
	for attempt := 1; ; attempt++ {
		switch _, verdict := engine.Add(x.pick(attempt), x.parts, n); verdict {
		case engine.Committed:
			return
		case engine.Shut:
			engineOf(x.owner).AwaitGate(nil)
		}
	}
}

func (x *stripes) load() (n int64) {
	viewAlone(x.owner, func(tx *stm.Tx) { n = x.sum(inside(tx)) })
	return n
}

func (x *stripes) at(p *engine.Pin) int64 {
	n := uint64(0)
	for i := range x.cells {
		_, v := engine.At(&x.cells[i].cell, p)
		n += v.Raw
	}
	return int64(n)
}
