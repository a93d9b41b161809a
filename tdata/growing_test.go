//go:build rinsesched

package tdata

import (
	"context"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
)

// An onlooker does something before each access to memory of one who holds the mutex of a map's segment, and must not have to
// wait for anything.
type onlooker struct {
	t       *testing.T
	m       *mapCore[int, int]
	looks   func(at *segment[int, int])
	looking bool
	at      *segment[int, int] // whose mutex is held
	steps   int                // since it is
	longest int
}

func (o *onlooker) Access(at unsafe.Pointer, _ bool) {
	switch {
	case o.looking || o.at == nil:
		return
	case at == unsafe.Pointer(&o.at.mu):
		o.at = nil
		return
	}
	o.steps++
	o.longest = max(o.longest, o.steps)
	o.looking = true
	defer func() { o.looking = false }()
	o.looks(o.at)
}

func (o *onlooker) Until(what string, at, _ unsafe.Pointer, _ bool, holds func() bool) {
	if o.looking {
		require.True(o.t, holds(), "somebody else would wait for %s", what)
		return
	}
	for s := range o.m.index.all {
		if at == unsafe.Pointer(&s.mu) {
			o.at, o.steps = s, 0
		}
	}
}

// A Map grows by one who rebuilds a segment, or splits it. At each of his steps others find the keys of this segment, and change
// them in transactions, and add keys to other segments; and he takes no more steps if the map is large.
func TestAMapGrowsWithoutStoppingOthers(t *testing.T) {
	const n = 4 * largest
	owner := stm.NewOwner()
	m := NewMap[int, int](In(owner))
	o, k, looks, elsewhere := &onlooker{t: t, m: m.use()}, 0, 0, 0
	o.looks = func(at *segment[int, int]) {
		if looks++; k == 0 {
			return
		}
		key := looks % k
		v, found := m.Load(key)
		require.True(t, found && v%n == key)
		require.NoError(t, owner.Atomically(context.Background(), func(tx *stm.Tx) error {
			v, found := m.Get(tx, key)
			require.True(t, found)
			m.Set(tx, key, v+n)
			return nil
		}))
		if s := o.m.segment(o.m.hash(-looks)); s != at && !s.table.Load().full(s.used+1) && looks%512 == 0 {
			m.Store(-looks, 0)
			elsewhere++
		}
	}
	shared.Hook = o
	defer func() { shared.Hook = nil }()
	early := 0
	for ; k < n; k++ {
		if m.Store(k, k); k == 3*largest/2 {
			early = o.longest
		}
	}
	shared.Hook = nil
	assert.Greater(t, looks, n)
	assert.Positive(t, elsewhere)
	assert.LessOrEqual(t, o.longest, 2*early, "steps of one who rebuilds a segment")
	assert.Equal(t, n+elsewhere, m.Size())
}

// A stepCounter counts accesses to memory.
type stepCounter struct{ steps int }

func (c *stepCounter) Access(unsafe.Pointer, bool)                                     { c.steps++ }
func (c *stepCounter) Until(string, unsafe.Pointer, unsafe.Pointer, bool, func() bool) { c.steps++ }

// A snapshot takes as many steps, and as much memory, of a large structure as of an empty one.
func TestSnapshotsTakeConstantTime(t *testing.T) {
	defer func() { shared.Hook = nil }()
	costs := map[int][4][2]int{}
	for _, n := range []int{0, 100, 5_000} {
		in := In(stm.NewOwner())
		m, o, s, p := NewMap[int, int](in), NewOrderedMap[int, int](in), NewSet[int](in), NewOrderedSet[int](in)
		for k := range n {
			m.Store(k, k)
			o.Store(k, k)
			s.Insert(k)
			p.Insert(k)
		}
		var cost [4][2]int
		for i, snap := range []func(){
			func() { m.Snapshot().Close() }, func() { o.Snapshot().Close() }, func() { s.Snapshot().Close() }, func() { p.Snapshot().Close() },
		} {
			snap()
			c := new(stepCounter)
			shared.Hook = c
			snap()
			shared.Hook = nil
			cost[i] = [2]int{c.steps, int(testing.AllocsPerRun(20, snap))}
		}
		costs[n] = cost
	}
	assert.Positive(t, costs[0][0][0])
	assert.Equal(t, costs[0], costs[100])
	assert.Equal(t, costs[0], costs[5_000])
	t.Log(costs[0])
}
