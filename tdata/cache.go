package tdata

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"iter"
	"maps"
	"math"
	"math/bits"
	"sync/atomic"
	"time"

	"github.com/rinse-go/rinse/stm"
)

// A Cache keeps values by key, up to a capacity, and for a time if told so. It is made by [NewCache] and
// must not be copied.
//
// Methods that take a *stm.Tx are part of that transaction, together with whatever else it does. The others
// are transactions by themselves and must not be called inside a transaction function. A transaction
// relies on the keys that it used, and clashes with changes of these only: not with other readers, not
// with changes of other keys, and not with evictions of other keys. There are two exceptions. The
// hash table makes room now and then, for six new keys at least, and then a transaction clashes with those who
// use one of the at most 32 keys in the same leaf of the table, of eight on average.
// And after All, Len or Clear in a transaction, each leaf makes room at the next new key.
//
// # Capacity
//
// After the commit of a transaction that added something, and before Atomically returns, the same
// goroutine evicts what is too much, each entry in a transaction of its own. So at most what was added by
// transactions that have not returned yet is in the cache beyond its capacity; if several evict at the same
// moment, each may take one entry more than needed.
//
// What is evicted is decided by a policy that compares itself with evicting the least recently used and
// learns to find as much or more. A use is noted without a lock and without writing anything that
// transactions see.
//
// # Time
//
// An entry that has expired is absent at once. Its memory is given back when others are added, or by
// [Cache.Expire]; there is no goroutine that does. Time goes on while a transaction runs, so an entry
// may be there the first time that a transaction looks and absent the second. The passing of time is no
// change of a variable, and does not wake who waits by Retry.
//
// # Keys
//
// Keys are compared by ==. A key that does not equal itself, NaN, can be set but never found, as in Go's
// maps; it goes by eviction, expiry or Clear. A key that cannot be compared (K is an interface type and
// holds a slice, say) panics with a runtime error, and nothing has changed.
type Cache[K comparable, V any] struct {
	owner    *stm.Owner
	config   CacheConfig[K, V] // immutable
	seed     maphash.Seed
	table    *cacheTable[K, V]
	policies []cachePolicy[K, V] // a power of two of them
	weight   atomic.Int64        // of all that is in the policies' queues
	time     stopwatch
	tally    cacheTally
}

// A cacheEntry is what a key has. It is immutable.
type cacheEntry[V any] struct {
	value   V
	weight  int64
	expires int64        // by the cache's stopwatch; 0: never
	flight  *cacheFlight // if not nil, the key is absent, and somebody is loading it
}

// isThere reports whether the key has a value, which may have expired.
func (e *cacheEntry[V]) isThere() bool { return e != nil && e.flight == nil }

// NewCache returns an empty cache. It panics if the capacity is not positive or the TTL is negative.
// A cache takes some memory from the start: about ten bytes for each entry of its capacity, three
// megabytes at most.
func NewCache[K comparable, V any](cfg CacheConfig[K, V], options ...Option) *Cache[K, V] {
	if cfg.Capacity <= 0 {
		panic(fmt.Sprintf("tdata: NewCache: capacity %d; it must be positive", cfg.Capacity))
	}
	if cfg.TTL < 0 {
		panic(fmt.Sprintf("tdata: NewCache: TTL %v is negative; leave it out for no expiry", cfg.TTL))
	}
	cfg.Capacity = int(min(int64(cfg.Capacity), mostCapacity))
	s := newStructure[Cache[K, V]](options)
	c := &Cache[K, V]{owner: s.owner, config: cfg, seed: maphash.MakeSeed()}
	buckets, parts := 1024, 1
	if cfg.Weigh == nil {
		buckets = min(max(cfg.Capacity/8, 1<<4), 1<<16)
		parts = min(max(cfg.Capacity/leastPart, 1), mostParts)
	}
	c.table = newCacheTable[K, V](buckets, s)
	c.policies = make([]cachePolicy[K, V], 1<<(bits.Len(uint(parts))-1))
	for i := range c.policies {
		c.policies[i].init()
	}
	c.time.begin(cfg.Clock)
	return c
}

// mostCapacity is such that the weights of what thousands add at the same time do not overflow.
const mostCapacity = 1 << 52

// A cache that counts entries has its eviction policy in parts, each under a lock of its own, as long as
// they are large enough to choose well. One that weighs has one part, since it may have few entries.
const leastPart, mostParts = 2048, 16

func (c *Cache[K, V]) use() *Cache[K, V] {
	mustBeMade(c != nil && c.table != nil, "a Cache", "NewCache")
	return c
}

// Get returns the value of a key, and whether there is one.
func (c *Cache[K, V]) Get(tx *stm.Tx, key K) (V, bool) {
	hash := c.hash(key)
	s := c.table.find(tx, key, hash)
	if s == nil {
		return c.missed(hash)
	}
	return c.used(s, c.table.entry(tx, s))
}

// Load is Get as a transaction of its own, without the cost of one: it returns the latest committed value.
func (c *Cache[K, V]) Load(key K) (V, bool) {
	hash := c.hash(key)
	s := c.table.peek(key, hash)
	if s == nil {
		return c.missed(hash)
	}
	return c.used(s, s.entry.load())
}

func (c *Cache[K, V]) used(s *cacheSlot[K, V], e *cacheEntry[V]) (V, bool) {
	if !c.isLive(e) {
		return c.missed(s.hash)
	}
	c.hit(s)
	return e.value, true
}

func (c *Cache[K, V]) hit(s *cacheSlot[K, V]) {
	c.policies[c.part(s.hash)].ages.use(&s.place.used)
	if c.config.CountUses {
		c.tally.of(s.hash).hits.Add(1)
	}
}

func (c *Cache[K, V]) missed(hash uint64) (none V, ok bool) {
	if c.config.CountUses {
		c.tally.of(hash).misses.Add(1)
	}
	return none, false
}

// Peek is Get without counting as a use: neither the eviction policy nor the statistics notice.
func (c *Cache[K, V]) Peek(tx *stm.Tx, key K) (V, bool) {
	if s := c.use().table.find(tx, key, c.hash(key)); s != nil {
		if e := c.table.entry(tx, s); c.isLive(e) {
			return e.value, true
		}
	}
	var none V
	return none, false
}

// Wait is [Cache.Get] that waits, by Retry, while somebody loads the key, see [Cache.Fetch]. It reports false
// at once if the key is absent and nobody loads it, and after the load if that has failed, or the key was deleted
// meanwhile. A loader that waits for its own key, directly or by way of others, waits until its
// context ends: only Fetch can tell.
func (c *Cache[K, V]) Wait(tx *stm.Tx, key K) (V, bool) {
	hash := c.hash(key)
	s := c.table.find(tx, key, hash)
	if s == nil {
		return c.missed(hash)
	}
	e := c.table.entry(tx, s)
	tx.Check(e == nil || e.flight == nil)
	return c.used(s, e)
}

// Set gives a key a value, for the cache's TTL if it has one. A load of the key that is in progress will not
// overwrite it.
func (c *Cache[K, V]) Set(tx *stm.Tx, key K, value V) {
	c.set(tx, key, value, c.deadline(c.use().config.TTL))
}

// SetFor is Set with a time to live of its own. If ttl is not positive, the entry has expired already.
func (c *Cache[K, V]) SetFor(tx *stm.Tx, key K, value V, ttl time.Duration) {
	c.set(tx, key, value, c.after(ttl))
}

// after is deadline for a time to live that is given with an entry.
func (c *Cache[K, V]) after(ttl time.Duration) int64 {
	if ttl <= 0 {
		return 1
	}
	return c.deadline(ttl)
}

// GetOrSet returns the value of a key, which it sets as [Cache.Set] does if the key is absent. It reports whether
// it was there.
func (c *Cache[K, V]) GetOrSet(tx *stm.Tx, key K, value V) (actual V, found bool) {
	if actual, found = c.Get(tx, key); found {
		return actual, true
	}
	c.Set(tx, key, value)
	return value, false
}

// Modify has fn decide on a key: given its value and whether it is there, fn returns the new one, which is set
// as [Cache.Set] does, and whether it is to be there. Modify returns what fn does. If the key is absent and is not to
// be there, nothing changes, and a load of it that is in progress goes on.
func (c *Cache[K, V]) Modify(tx *stm.Tx, key K, fn func(value V, found bool) (V, bool)) (V, bool) {
	mustHave(fn != nil, "function")
	value, keep := fn(c.Get(tx, key))
	if keep {
		c.Set(tx, key, value)
	} else if _, found := c.Peek(tx, key); found {
		c.Delete(tx, key)
	}
	return value, keep
}

// Store is Set as a transaction of its own, at a part of the cost.
func (c *Cache[K, V]) Store(key K, value V) { c.store(key, value, c.deadline(c.use().config.TTL)) }

// StoreFor is [Cache.SetFor] as a transaction of its own, at a part of the cost.
func (c *Cache[K, V]) StoreFor(key K, value V, ttl time.Duration) { c.store(key, value, c.after(ttl)) }

func (c *Cache[K, V]) store(key K, value V, expires int64) {
	hash, e := c.hash(key), c.newEntry(key, value, expires)
	if s := c.table.place(key, hash); s != nil {
		if was, ok := c.table.swap(s, e); ok {
			c.swapped(s, was, Replaced)
			return
		}
	}
	runAlone(c.owner, func(tx *stm.Tx) { c.put(tx, key, hash, e) })
}

// LoadOrStore is [Cache.GetOrSet] as a transaction of its own. It costs what [Cache.Load] does if the key is there.
func (c *Cache[K, V]) LoadOrStore(key K, value V) (actual V, found bool) {
	if actual, found = c.Load(key); found {
		return actual, true
	}
	runAlone(c.owner, func(tx *stm.Tx) {
		if actual, found = c.Peek(tx, key); !found { // the miss has been counted
			c.Set(tx, key, value)
			actual = value
		}
	})
	return actual, found
}

// Update is [Cache.Modify] as a transaction of its own, at a part of the cost if a value is replaced by another. fn
// may run several times if others change the key meanwhile; it runs under no lock, and if it panics nothing has
// changed. It waits while a transaction has shut the gate.
func (c *Cache[K, V]) Update(key K, fn func(value V, found bool) (V, bool)) (value V, found bool) {
	mustHave(fn != nil, "function")
	if s := c.table.peek(key, c.hash(key)); s != nil {
		if e := c.replace(s, fn); e != nil {
			return e.value, true
		}
	}
	runAlone(c.owner, func(tx *stm.Tx) { value, found = c.Modify(tx, key, fn) })
	return value, found
}

// replace replaces the value in a slot by another. It returns nil if there is none, or there is to be none.
func (c *Cache[K, V]) replace(s *cacheSlot[K, V], fn func(V, bool) (V, bool)) *cacheEntry[V] {
	var was, e *cacheEntry[V]
	if !s.entry.tryUpdate(func(now *cacheEntry[V]) (*cacheEntry[V], bool) {
		if was = now; !c.isLive(now) {
			return nil, false
		}
		value, keep := fn(now.value, true)
		if keep {
			e = c.newEntry(s.key, value, c.deadline(c.config.TTL))
		}
		return e, keep
	}) {
		return nil
	}
	c.hit(s)
	c.swapped(s, was, Replaced)
	return e
}

func (c *Cache[K, V]) set(tx *stm.Tx, key K, value V, expires int64) {
	c.put(tx, key, c.hash(key), c.newEntry(key, value, expires))
}

func (c *Cache[K, V]) put(tx *stm.Tx, key K, hash uint64, e *cacheEntry[V]) {
	s := c.table.make(tx, key, hash)
	if c.config.Removed != nil {
		c.report(tx, s, c.table.entry(tx, s), Replaced)
	}
	s.entry.overwrite(tx, e)
	tx.OnCommit(func() { c.settle(s) })
}

func (c *Cache[K, V]) newEntry(key K, value V, expires int64) *cacheEntry[V] {
	e := &cacheEntry[V]{value: value, weight: 1, expires: expires}
	if c.config.Weigh != nil {
		e.weight = int64(c.config.Weigh(key, value))
		if e.weight < 0 {
			panic(fmt.Sprintf("tdata: Cache: the weight of key %v is %d; it must not be negative", key, e.weight))
		}
	}
	return e
}

// Delete takes a key out and reports whether it was there. A load of the key that is in progress will not put
// it back.
func (c *Cache[K, V]) Delete(tx *stm.Tx, key K) bool {
	s := c.use().table.find(tx, key, c.hash(key))
	return s != nil && c.delete(tx, s)
}

// Remove is Delete as a transaction of its own, at a part of the cost.
func (c *Cache[K, V]) Remove(key K) (was bool) {
	s := c.use().table.peek(key, c.hash(key))
	if s == nil {
		return false
	}
	e, _ := c.table.swap(s, nil)
	if e == nil {
		return false
	}
	was = c.isLive(e)
	c.swapped(s, e, Deleted)
	return was
}

// swapped does what is to be done after a swap, also if Removed panics.
func (c *Cache[K, V]) swapped(s *cacheSlot[K, V], was *cacheEntry[V], reason RemovalReason) {
	defer c.settle(s)
	c.removed(s, was, reason)
}

func (c *Cache[K, V]) delete(tx *stm.Tx, s *cacheSlot[K, V]) bool {
	e := c.table.entry(tx, s)
	if e == nil {
		return false
	}
	s.entry.overwrite(tx, nil)
	c.report(tx, s, e, Deleted)
	tx.OnCommit(func() { c.settle(s) })
	return c.isLive(e)
}

// Clear takes everything out, loads in progress included. It relies on all keys, as Len does, and takes time
// and memory in proportion to their number.
func (c *Cache[K, V]) Clear(tx *stm.Tx) {
	c.use().table.all(tx, func(s *cacheSlot[K, V]) bool {
		c.delete(tx, s)
		return true
	})
}

// Purge is Clear as a transaction of its own.
func (c *Cache[K, V]) Purge() { runAlone(c.use().owner, c.Clear) }

// Len returns how many entries there are. It looks at each, and the transaction then relies on all keys
// there are and on there being no others, so in a transaction that changes something it clashes with every
// change of the cache. See [Cache.Size] for an estimate that costs nothing.
func (c *Cache[K, V]) Len(tx *stm.Tx) int {
	n := 0
	for range c.All(tx) {
		n++
	}
	return n
}

// All returns the entries, in no order. Like Len, it makes the transaction rely on all keys. If the transaction
// changes the cache meanwhile, a key that is deleted before it was reached is not returned, and one that is
// added may be or not; none is returned twice. It does not count as a use of what it returns.
func (c *Cache[K, V]) All(tx *stm.Tx) iter.Seq2[K, V] {
	c.use()
	return func(yield func(K, V) bool) {
		c.table.all(tx, func(s *cacheSlot[K, V]) bool {
			e := c.table.entry(tx, s)
			return !c.isLive(e) || yield(s.key, e.value)
		})
	}
}

// Snapshot returns the entries as they are at one moment: when the iteration begins, which takes them all out
// in a View. The loop's body may do what it likes, with the cache too.
func (c *Cache[K, V]) Snapshot() iter.Seq2[K, V] {
	c.use()
	return func(yield func(K, V) bool) {
		for _, p := range c.pairs() {
			if !yield(p.key, p.value) {
				return
			}
		}
	}
}

type cachePair[K comparable, V any] struct {
	key   K
	value V
}

func (c *Cache[K, V]) pairs() (pairs []cachePair[K, V]) {
	viewAlone(c.owner, func(tx *stm.Tx) {
		pairs = pairs[:0]
		for k, v := range c.All(tx) {
			pairs = append(pairs, cachePair[K, V]{k, v})
		}
	})
	return pairs
}

// MarshalJSON returns a Snapshot as an object, for the keys that package encoding/json takes for those of a
// map: strings, integers, and those that marshal themselves as text.
func (c *Cache[K, V]) MarshalJSON() ([]byte, error) { return json.Marshal(maps.Collect(c.Snapshot())) }

// Size returns the weight of the entries, which is their number unless the cache has Weigh. It counts those that have
// expired and are not removed yet, and may be a moment behind; it is exact when nobody changes the cache.
func (c *Cache[K, V]) Size() int { return int(c.use().weight.Load()) }

// Capacity returns the capacity that the cache was made with.
func (c *Cache[K, V]) Capacity() int { return c.use().config.Capacity }

// Expire removes all entries that have expired, each in a transaction of its own, and returns how many.
// Without it they are removed when others are added. Call it now and then if the cache may lie idle full of
// what should be let go.
func (c *Cache[K, V]) Expire() int {
	n := 0
	for i := range c.use().policies {
		n += c.expire(&c.policies[i], math.MaxInt)
	}
	return n
}

// expire removes entries of one part that have expired, up to a number.
func (c *Cache[K, V]) expire(p *cachePolicy[K, V], most int) (n int) {
	for ; n < most; n++ {
		s, e, weight := p.overdue(c.time.now())
		if s == nil {
			break
		}
		c.weight.Add(-weight)
		c.take(s, e, Expired)
	}
	return n
}

// atOnce is how many expired entries one change of the cache removes at most.
const atOnce = 16

// settle tells the policy that a slot has changed, and evicts what is too much, but not what has just been set if
// there is something else.
func (c *Cache[K, V]) settle(s *cacheSlot[K, V]) {
	i := c.part(s.hash)
	change, tooMuch := c.policies[i].settle(s, int64(c.config.Capacity))
	total := c.weight.Add(change)
	if tooMuch != nil {
		c.take(s, tooMuch, Evicted)
	}
	if c.expire(&c.policies[i], atOnce) > 0 {
		total = c.weight.Load()
	}
	for empty := 0; total > int64(c.config.Capacity) && empty < len(c.policies); {
		other, e, weight := c.policies[i].victim(s)
		if other == nil {
			empty++
			i = (i + 1) % len(c.policies)
			continue
		}
		total = c.weight.Add(-weight)
		c.take(other, e, Evicted)
	}
}

func (c *Cache[K, V]) part(hash uint64) int { return int(hash >> 60 & uint64(len(c.policies)-1)) }

// take takes what a slot that is no longer in the queue holds out of the cache, unless it has another
// value by now. Whoever changed the slot since will settle it, or has: then it is in the queue, and is
// settled once more, for the change made here.
func (c *Cache[K, V]) take(s *cacheSlot[K, V], e *cacheEntry[V], reason RemovalReason) {
	if !e.isThere() {
		return
	}
	taken := s.entry.tryUpdate(func(now *cacheEntry[V]) (*cacheEntry[V], bool) { return nil, now == e })
	change, _ := c.policies[c.part(s.hash)].settle(s, int64(c.config.Capacity))
	c.weight.Add(change)
	if taken {
		c.removed(s, e, reason)
	}
}

// report has a removal counted and Removed called, once the transaction has committed.
func (c *Cache[K, V]) report(tx *stm.Tx, s *cacheSlot[K, V], e *cacheEntry[V], reason RemovalReason) {
	if e.isThere() {
		tx.OnCommit(func() { c.removed(s, e, reason) })
	}
}

// removed counts a removal and calls Removed.
func (c *Cache[K, V]) removed(s *cacheSlot[K, V], e *cacheEntry[V], reason RemovalReason) {
	if !e.isThere() {
		return
	}
	if !c.isLive(e) {
		reason = Expired
	}
	c.tally.removed(reason)
	if c.config.Removed != nil {
		c.config.Removed(s.key, e.value, reason)
	}
}

func (c *Cache[K, V]) isLive(e *cacheEntry[V]) bool {
	return e.isThere() && (e.expires == 0 || c.time.now() < e.expires)
}

func (c *Cache[K, V]) hash(key K) uint64 { return maphash.Comparable(c.use().seed, key) }

// deadline returns the time when a duration has passed, 0 for never.
func (c *Cache[K, V]) deadline(d time.Duration) int64 {
	if d == 0 {
		return 0
	}
	now := c.use().time.now()
	if d > math.MaxInt64-time.Duration(now) {
		return 0
	}
	return now + int64(d)
}
