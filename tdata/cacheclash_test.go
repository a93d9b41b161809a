package tdata_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// Evicting makes nobody clash but who used the key: of a hundred checkouts, each of which relies on a key of its own, a
// new key at capacity makes one clash, whose key had to go. The exception is making room in the table: then those
// of one leaf clash.
func TestCacheEvictionsDoNotClash(t *testing.T) {
	const capacity, rounds = 100, 60
	o := stm.NewOwner()
	c := grown(t, o, capacity, capacity)
	quiet := 0
	for i := range rounds {
		held := map[int]*stm.Tx{}
		for k := range capacity + i {
			if _, there := c.Load(k); there {
				held[k] = o.Checkout()
				c.Peek(held[k], k)
				c.Set(held[k], k, i)
			}
		}
		assert.Len(t, held, capacity)
		before := c.Renewals()
		c.Store(capacity+i, i)
		clashes := clashesOf(t, held)
		if c.Renewals() == before {
			quiet++
			assert.Equal(t, 1, clashes)
		} else {
			assert.LessOrEqual(t, clashes, 1+tdata.CacheLeafSize)
		}
	}
	assert.Positive(t, quiet)
	assert.EqualValues(t, rounds, c.Stats().Evictions)
}

// clashesOf ends checkouts and returns how many clash.
func clashesOf(t *testing.T, held map[int]*stm.Tx) (clashes int) {
	for _, tx := range held {
		if _, err := tx.Commit(); err != nil {
			assert.ErrorIs(t, err, stm.ErrClash)
			clashes++
		}
		tx.Discard()
	}
	return clashes
}

// Making room in the table is bounded: whatever comes and goes, a leaf has room for six new keys at least before it is
// renewed again. So it is seldom in anybody's way.
func TestCacheRenewalsAreBounded(t *testing.T) {
	const capacity, keys, leaves = 100, 6000, 64
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: capacity})
	for i := range keys {
		c.Store(i, i)
	}
	assert.Positive(t, c.Renewals())
	assert.LessOrEqual(t, c.Renewals(), uint64(keys/6+leaves))
}

// Eight goroutines add keys at capacity and use them: everything commits, the capacity holds, and if no leaf was
// renewed nobody has clashed.
func TestCacheAtCapacityByEight(t *testing.T) {
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
	assert.LessOrEqual(t, c.Size(), capacity)
}

// Making room is seldom, and seldom in anybody's way: eight transactions, open at the same time, add keys at capacity,
// again and again.
func TestCacheSeldomClashesAtCapacity(t *testing.T) {
	o := stm.NewOwner()
	const capacity, rounds = 4000, 1000
	c := grown(t, o, capacity, 2*capacity)
	before, clashes := c.Renewals(), 0
	for i := range rounds {
		clashes += overlap(t, o, func(tx *stm.Tx, who int) {
			c.Set(tx, 1_000_000+i*8+who, i)
			c.Get(tx, 1_000_000+i*8+who)
		}, func() {})
	}
	renewed := int(c.Renewals() - before)
	t.Logf("%d clashes, %d leaves renewed, %d commits", clashes, renewed, 8*rounds)
	assert.LessOrEqual(t, renewed-clashes, 8*rounds/4, "a leaf is renewed for at least four new keys")
	assert.Less(t, clashes, 8*rounds/100)
	assert.Equal(t, capacity, c.Size())
}

// overlap has eight transactions do something, then something else happen, and then commits them. It returns how many
// clash; those do it again.
func overlap(t *testing.T, o *stm.Owner, do func(tx *stm.Tx, who int), meanwhile func()) (clashes int) {
	var open [8]*stm.Tx
	for who := range open {
		open[who] = o.Checkout()
		do(open[who], who)
	}
	meanwhile()
	for who, tx := range open {
		if _, err := tx.Commit(); err != nil {
			require.ErrorIs(t, err, stm.ErrClash)
			clashes++
			tx.Discard()
			atomically(t, o, func(tx *stm.Tx) { do(tx, who) })
		}
	}
	return clashes
}
