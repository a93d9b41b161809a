package tdata_test

import (
	"context"
	"runtime"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A load is a value of some size.
type load struct {
	number int
	_      [1 << 10]byte
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What passes through a queue while a checkout is held is garbage when it has been taken; and the checkout has the queue as
// it was.
func TestACheckoutDoesNotKeepWhatPassesThrough(t *testing.T) {
	const before, bound = 50, 1 << 20
	n := max(many(100_000), 10*bound/(1<<10))
	named := tdata.Named("jobs")
	type queue interface {
		Send(context.Context, *load) error
		TryReceive() (*load, bool)
		Len(*stm.Tx) int
		Peek(*stm.Tx) (*load, error)
	}
	smaller := func(a, b *load) int { return a.number - b.number }
	other := stm.NewOwner()
	for name, c := range map[string]struct {
		owner *stm.Owner
		queue queue
	}{
		"Queue":                   {stm.Default(), new(tdata.Queue[*load])},
		"Queue of another owner":  {other, tdata.NewQueue[*load](tdata.In(other), named)},
		"BoundedQueue":            {other, tdata.NewBoundedQueue[*load](before+1, tdata.In(other), named)},
		"PriorityQueue":           {stm.Default(), tdata.NewPriorityQueue(smaller)},
		"PriorityQueue of others": {other, tdata.NewPriorityQueue(smaller, tdata.In(other), named)},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.queue
			for i := range before {
				require.NoError(t, q.Send(t.Context(), &load{number: i}))
			}
			old := c.owner.Checkout()
			defer old.Discard()
			start := heapInUse()
			for i := range n {
				require.NoError(t, q.Send(context.Background(), &load{number: before + i}))
				v, ok := q.TryReceive()
				require.True(t, ok)
				require.Equal(t, i, v.number)
			}
			assert.Less(t, heapInUse()-start, int64(bound), "for %d values", n)
			assert.Equal(t, before, q.Len(old))
			v, err := q.Peek(old)
			require.NoError(t, err)
			assert.Equal(t, 0, v.number)
			if p, ok := q.(*tdata.PriorityQueue[*load]); ok {
				assert.Len(t, slices.Collect(p.All(old)), before)
			}
			runtime.KeepAlive(q)
		})
	}
}

// Nor what is put and cleared.
func TestACheckoutDoesNotKeepWhatIsCleared(t *testing.T) {
	const each, bound = 33, 1 << 20 // so that no take comes to where the chain would be cut
	o := stm.NewOwner()
	q := tdata.NewQueue[*load](tdata.In(o))
	require.NoError(t, q.Send(t.Context(), new(load)))
	old := o.Checkout()
	defer old.Discard()
	start := heapInUse()
	for range 10 * bound / (1 << 10) / each {
		for range each {
			require.NoError(t, q.Send(context.Background(), new(load)))
		}
		inTx(o, q.Clear)
		require.Zero(t, q.Size())
	}
	assert.Less(t, heapInUse()-start, int64(bound))
	assert.Equal(t, 1, q.Len(old))
	require.NoError(t, q.Send(t.Context(), &load{number: 7}))
	v, ok := q.TryReceive()
	require.True(t, ok)
	assert.Equal(t, 7, v.number)
	runtime.KeepAlive(q)
}

// Nor what is taken, put back, and taken again.
func TestACheckoutDoesNotKeepWhatIsPutBack(t *testing.T) {
	const bound = 1 << 20
	o := stm.NewOwner()
	q := tdata.NewQueue[*load](tdata.In(o))
	require.NoError(t, q.Send(t.Context(), new(load)))
	old := o.Checkout()
	defer old.Discard()
	start := heapInUse()
	for i := range 10 * bound / (1 << 10) {
		require.NoError(t, q.Send(context.Background(), &load{number: i + 1}))
		v, _ := q.TryReceive()
		require.Equal(t, i, v.number)
		inTx(o, func(tx *stm.Tx) { q.Untake(tx, v) })
		v, _ = q.TryReceive()
		require.Equal(t, i, v.number)
	}
	assert.Less(t, heapInUse()-start, int64(bound))
	assert.Equal(t, 1, q.Len(old))
	assert.Equal(t, 1, q.Size())
	runtime.KeepAlive(q)
}
