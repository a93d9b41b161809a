package tdata

import (
	"hash/maphash"

	"github.com/rinse-go/rinse/stm"
)

// testSeed puts the keys 0, 1 and 2 into the same leaf of the smallest table.
var testSeed = func() maphash.Seed {
	for {
		seed, leaf := maphash.MakeSeed(), func(s maphash.Seed, key int) uint64 { return maphash.Comparable(s, key) % 16 }
		if leaf(seed, 0) == leaf(seed, 1) && leaf(seed, 0) == leaf(seed, 2) {
			return seed
		}
	}
}()

// Reseed makes an empty cache put the same keys to the same places as all others that were reseeded, and some ints
// into the same leaf.
func (c *Cache[K, V]) Reseed() { c.use().seed = testSeed }

// CacheLeafSize is how many keys are in the same leaf at most.
const CacheLeafSize = leafSize

// Renewals returns how many leaves of the table were renewed.
func (c *Cache[K, V]) Renewals() uint64 { return c.use().table.renewals.Load() }

// StoreSlowly is Store of a key, with something that happens after it has found where to put the value. It reports
// whether it could.
func (c *Cache[K, V]) StoreSlowly(key K, value V, meanwhile func()) bool {
	s := c.table.place(key, c.hash(key))
	if s == nil { // there is no room in the leaf
		runAlone(c.owner, func(tx *stm.Tx) { s = c.table.make(tx, key, c.hash(key)) })
	}
	meanwhile()
	_, ok := c.table.swap(s, c.newEntry(key, value, 0))
	if ok {
		c.settle(s)
	}
	return ok
}
