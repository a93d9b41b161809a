package tdata_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// together runs a function on 8 goroutines and returns what happened to the owner meanwhile.
func together(o *stm.Owner, fn func(who int)) stm.Stats {
	before := o.Stats()
	var g sync.WaitGroup
	for who := range 8 {
		g.Go(func() { fn(who) })
	}
	g.Wait()
	return o.Stats().Sub(before)
}

// grown returns a cache whose table has room for the keys 0 to n-1, which were all there once: from then on no leaf
// is renewed for them.
func grown(t *testing.T, o *stm.Owner, capacity, n int) *tdata.Cache[int, int] {
	t.Helper()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: capacity}, tdata.In(o))
	for i := range n {
		c.Store(i, i)
	}
	return c
}

// Transactions of eight goroutines on different keys do not clash at all, whatever they do: set, get,
// find nothing, delete, set again.
func TestCacheDisjointTransactionsDoNotClash(t *testing.T) {
	o := stm.NewOwner()
	c := grown(t, o, 10_000, 800)
	stats := together(o, func(who int) {
		r := rand.New(rand.NewPCG(uint64(who), 1))
		for range 4000 {
			atomically(t, o, func(tx *stm.Tx) {
				k, other := r.IntN(100)*8+who, r.IntN(100)*8+who
				switch v, ok := c.Get(tx, k); {
				case !ok:
					c.Set(tx, k, 1)
				case v%3 == 0:
					c.Delete(tx, k)
				default:
					c.Set(tx, k, v+1)
				}
				c.Peek(tx, other)
			})
		}
	})
	assert.Zero(t, stats.Clashes.Total(), "%+v", stats)
	assert.EqualValues(t, 8*4000, stats.Commits)
}

// Hits do not clash with hits: everybody reads the same keys, and writes keys of their own.
func TestCacheHitsDoNotClash(t *testing.T) {
	o := stm.NewOwner()
	c := grown(t, o, 10_000, 1000)
	stats := together(o, func(who int) {
		for i := range 4000 {
			atomically(t, o, func(tx *stm.Tx) {
				_, ok := c.Get(tx, i%10)
				assert.True(t, ok)
				c.Set(tx, 100+i%100*8+who, i)
			})
		}
	})
	assert.Zero(t, stats.Clashes.Total(), "%+v", stats)
}

// Evicting makes nobody clash who uses other keys: at capacity everybody adds keys, which evicts others, while
// the keys that are in use stay. What is left is making room in the table, which is bounded: each leaf that is
// renewed can make each of the others run again once.
func TestCacheClashesAtCapacityAreBounded(t *testing.T) {
	o := stm.NewOwner()
	const capacity = 4000
	c := grown(t, o, capacity, 2*capacity)
	renewed := c.Renewals()
	stats := together(o, func(who int) {
		for i := range 4000 {
			atomically(t, o, func(tx *stm.Tx) {
				c.Set(tx, 1_000_000+i*8+who, i)
				c.Get(tx, 1_000_000+i*8+who)
			})
		}
	})
	renewed = c.Renewals() - renewed
	t.Logf("%d clashes, %d leaves renewed, %d commits", stats.Clashes.Total(), renewed, stats.Commits)
	assert.LessOrEqual(t, stats.Clashes.Total(), 7*renewed)
	assert.LessOrEqual(t, renewed, uint64(8*4000/2), "a leaf is renewed for several new keys")
	assert.Less(t, stats.Clashes.Total(), uint64(8*4000/100), "and then it is seldom in anybody's way")
	assert.LessOrEqual(t, c.Size(), capacity)
}

// Eviction alone, without new leaves, makes nobody clash: keys that come again and again at capacity.
func TestCacheEvictionsDoNotClash(t *testing.T) {
	o := stm.NewOwner()
	c := grown(t, o, 400, 1600)
	for i := range 1600 * 20 {
		c.Store(i%1600, i)
	}
	before := c.Renewals()
	stats := together(o, func(who int) {
		for i := range 4000 {
			k := i%200*8 + who
			_ = o.Atomically(context.Background(), func(tx *stm.Tx) error {
				c.Set(tx, k, i)
				return nil
			})
		}
	})
	t.Logf("%d evictions, %d renewed, %d clashes", c.Stats().Evictions, c.Renewals()-before, stats.Clashes.Total())
	assert.LessOrEqual(t, stats.Clashes.Total(), 7*(c.Renewals()-before))
}
