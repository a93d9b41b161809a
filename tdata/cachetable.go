package tdata

import (
	"math/bits"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
)

// A cacheTable finds the slot of a key: the variable that says what the key has. Transactions on
// different keys write different slots, so they do not clash; the table itself is written only when
// a leaf is renewed.
//
//	root   array of buckets, fixed; a bucket is a variable that holds
//	node   a leaf with room for leafSize slots, or four buckets, for the next two bits of the hash
//
// What it rests on:
//
//  1. An absent key and a slot that holds nil mean the same. So slots are added to a leaf outside of
//     the transactional memory, at once: nobody can tell.
//  2. Slots are never taken out of a leaf, and a key has one slot there at most. A full leaf is
//     replaced by a new one, or by four, without the slots that hold nil: by a transaction that writes
//     the bucket, and relies on each slot that it leaves out being nil.
//  3. Whoever relies on a slot being nil, or gives it a value, in a transaction, has read the buckets on the
//     way to it. So it clashes with whoever leaves the slot out, and no slot that was left out gets a value.
//     Without a transaction a slot is swapped: not if it holds gone, which is put into what is left out.
//     Who finds gone has begun before the slot was left out; so the key was absent meanwhile.
//  4. Nothing can be added to a full leaf. So whoever finds no slot in a full leaf relies on the
//     bucket alone; and whoever relies on all keys of a leaf seals it, that is, declares it full.
//
// Where the idea is from: Bronson, Casper, Chafi and Olukotun, "Transactional Predication" (2010), has
// a variable for each key. Leaves that transactions renew are how those of absent keys go away here.
type cacheTable[K comparable, V any] struct {
	root   []cacheBucket[K, V] // immutable, as all fields but the last
	shift  int                 // how many bits of the hash the root takes
	sealed *cacheNode[K, V]    // an empty leaf that is full, for buckets that never had one
	gone   *cacheEntry[V]      // what slots hold that were left out, see (3)
	nodes  *engine.Rare        // the record of the variables that hold nodes
	slots  *engine.Rare        // that of slots

	renewals atomic.Uint64 // leaves renewed, by aborted attempts too
}

// A cacheBucket holds a part of the keys.
type cacheBucket[K comparable, V any] struct {
	node  link[cacheNode[K, V]]           // nil: first is the leaf
	first shared.Pointer[cacheNode[K, V]] // nil until needed, then never changed
}

// A cacheNode is four buckets, or else a leaf.
type cacheNode[K comparable, V any] struct {
	children *[4]cacheBucket[K, V] // immutable

	tags  [leafSize / 8]shared.Uint64 // a byte for each slot, from its hash; 0: none yet
	slots []*cacheSlot[K, V]          // each stored once, before its tag, with mu held
	mu    shared.Mutex
	used  int // guarded by mu; as many as there are once sealed
}

const (
	leafSize  = 32
	leafSplit = 24 // more live slots than that are too many for one leaf
	leafRoom  = 6  // a new one has room for so many more at least
)

// A cacheSlot says what a key has.
type cacheSlot[K comparable, V any] struct {
	entry link[cacheEntry[V]] // nil: the key is absent; first: reports get from there to the key
	key   K                   // immutable
	hash  uint64              // immutable
	place cachePlace[K, V]    // in the eviction policy
}

func newCacheTable[K comparable, V any](buckets int, cache structure) *cacheTable[K, V] {
	t := &cacheTable[K, V]{
		shift:  bits.Len(uint(buckets - 1)),
		sealed: new(cacheNode[K, V]),
		gone:   &cacheEntry[V]{flight: new(cacheFlight)},
		nodes:  cache.recordOf(func(*engine.Cell) string { return ", where its table grows" }),
		slots:  cache.recordOf(func(c *engine.Cell) string { return keyed(cacheSlotOf[K, V](c).key) }),
	}
	t.root = make([]cacheBucket[K, V], 1<<t.shift)
	for i := range t.root {
		t.root[i].node.init(t.nodes, 0, nil)
	}
	return t
}

func (t *cacheTable[K, V]) newSlot(key K, hash uint64) *cacheSlot[K, V] {
	s := &cacheSlot[K, V]{key: key, hash: hash}
	s.entry.init(t.slots, 0, nil)
	return s
}

// find returns the slot of a key, as the transaction sees the table. It returns nil if the key is
// absent and will be as long as the bucket does not change.
func (t *cacheTable[K, V]) find(tx *stm.Tx, key K, hash uint64) *cacheSlot[K, V] {
	_, leaf := t.descend(tx, hash)
	if s := leaf.find(key, hash); s != nil {
		return s
	}
	return t.add(leaf, key, hash)
}

// make returns the slot of a key, which may be given a value.
func (t *cacheTable[K, V]) make(tx *stm.Tx, key K, hash uint64) *cacheSlot[K, V] {
	for {
		b, leaf := t.descend(tx, hash)
		if s := leaf.find(key, hash); s != nil {
			return s
		}
		if s := t.add(leaf, key, hash); s != nil {
			return s
		}
		t.renew(tx, b, leaf)
	}
}

// descend returns the bucket and the leaf that a hash belongs to.
func (t *cacheTable[K, V]) descend(tx *stm.Tx, hash uint64) (*cacheBucket[K, V], *cacheNode[K, V]) {
	b := &t.root[hash&(1<<t.shift-1)]
	for rest := hash >> t.shift; ; rest >>= 2 {
		n := b.node.get(inside(tx), t.nodes)
		if n == nil {
			return b, b.firstLeaf(nil)
		}
		if n.children == nil {
			return b, n
		}
		b = &n.children[rest&3]
	}
}

// firstLeaf returns the leaf that the bucket begins with, which is made of a leaf if there is none.
func (b *cacheBucket[K, V]) firstLeaf(leaf *cacheNode[K, V]) *cacheNode[K, V] {
	if first := b.first.Load(); first != nil {
		return first
	}
	if leaf == nil {
		leaf = leafOf[K, V](nil)
	}
	b.first.CompareAndSwap(nil, leaf)
	return b.first.Load()
}

// peek is find outside of transactions: the slot that the key has now, or nil.
func (t *cacheTable[K, V]) peek(key K, hash uint64) *cacheSlot[K, V] {
	if _, leaf := t.leaf(hash); leaf != nil {
		return leaf.find(key, hash)
	}
	return nil
}

// place is make outside of transactions: it returns nil if there is no room.
func (t *cacheTable[K, V]) place(key K, hash uint64) *cacheSlot[K, V] {
	b, leaf := t.leaf(hash)
	if leaf == nil {
		leaf = b.firstLeaf(nil)
	} else if s := leaf.find(key, hash); s != nil {
		return s
	}
	return t.add(leaf, key, hash)
}

// leaf is descend outside of transactions: the leaf is nil if there was none yet.
func (t *cacheTable[K, V]) leaf(hash uint64) (*cacheBucket[K, V], *cacheNode[K, V]) {
	b := &t.root[hash&(1<<t.shift-1)]
	for rest := hash >> t.shift; ; rest >>= 2 {
		n := b.node.load()
		if n == nil {
			return b, b.first.Load()
		}
		if n.children == nil {
			return b, n
		}
		b = &n.children[rest&3]
	}
}

// swap gives a slot an entry, or none, as a transaction of its own, and returns what it had. It reports false if the slot
// was left out, by (3), or has nothing and is to have nothing.
func (t *cacheTable[K, V]) swap(s *cacheSlot[K, V], e *cacheEntry[V]) (was *cacheEntry[V], ok bool) {
	ok = s.entry.tryUpdate(func(now *cacheEntry[V]) (*cacheEntry[V], bool) {
		if was = now; was == t.gone {
			was = nil
			return nil, false
		}
		return e, was != e
	})
	return was, ok
}

// entry returns what a slot holds in the transaction.
func (t *cacheTable[K, V]) entry(tx *stm.Tx, s *cacheSlot[K, V]) *cacheEntry[V] {
	return s.entry.get(inside(tx), t.slots)
}

const eachByte = 0x0101010101010101

// find returns the key's slot in a leaf, nil if there is none.
func (n *cacheNode[K, V]) find(key K, hash uint64) *cacheSlot[K, V] {
	tag := tagOf(hash) * eachByte
	for i := range n.tags {
		differs := n.tags[i].Load() ^ tag
		for equal := (differs - eachByte) &^ differs & (0x80 * eachByte); equal != 0; equal &= equal - 1 {
			at := i*8 + bits.TrailingZeros64(equal)/8
			if s := n.slots[at]; s.hash == hash && s.key == key {
				return s
			}
		}
	}
	return nil
}

// tagOf makes a byte that is not 0 of the bits of a hash that find slots last.
func tagOf(hash uint64) uint64 { return hash>>57 | 0x80 }

// add adds a slot for a key, unless somebody has meanwhile. It returns nil if the leaf is full.
func (t *cacheTable[K, V]) add(n *cacheNode[K, V], key K, hash uint64) *cacheSlot[K, V] {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.find(key, hash); s != nil || n.used == len(n.slots) {
		return s
	}
	s := t.newSlot(key, hash)
	n.append(s)
	return s
}

// append adds a slot. The caller holds mu, or has made n and shown it to nobody yet.
func (n *cacheNode[K, V]) append(s *cacheSlot[K, V]) {
	n.slots[n.used] = s
	word := &n.tags[n.used/8]
	word.Store(word.Load() | tagOf(s.hash)<<(n.used%8*8))
	n.used++
}

// seal lets nothing be added any more, and returns the leaf's slots.
func (n *cacheNode[K, V]) seal() []*cacheSlot[K, V] {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.used = len(n.slots)
	count := 0
	for count < len(n.slots) && n.slots[count] != nil {
		count++
	}
	return n.slots[:count]
}

// renew replaces a full leaf by one with free places, or by four.
func (t *cacheTable[K, V]) renew(tx *stm.Tx, b *cacheBucket[K, V], leaf *cacheNode[K, V]) {
	t.renewals.Add(1)
	var live []*cacheSlot[K, V]
	for _, s := range leaf.seal() {
		// Whether a slot that holds something is kept does not matter, so nothing relies on it.
		if s.entry.load() != nil || t.entry(tx, s) != nil {
			live = append(live, s)
		} else {
			s.entry.set(inside(tx), t.gone)
		}
	}
	if len(live) <= leafSplit {
		b.node.set(inside(tx), leafOf(live))
		return
	}
	b.node.set(inside(tx), t.split(live, t.depth(tx, live[0].hash, b)))
}

// leafOf returns a leaf with some slots and room for half as many again: slots of keys that are gone take memory
// until the leaf is renewed.
func leafOf[K comparable, V any](slots []*cacheSlot[K, V]) *cacheNode[K, V] {
	room := len(slots) + max(len(slots)/2, leafRoom)
	n := &cacheNode[K, V]{slots: make([]*cacheSlot[K, V], min(room, leafSize))}
	for _, s := range slots {
		n.append(s)
	}
	return n
}

// depth returns how many bits of the hash lead to bucket b.
func (t *cacheTable[K, V]) depth(tx *stm.Tx, hash uint64, b *cacheBucket[K, V]) int {
	at, depth := &t.root[hash&(1<<t.shift-1)], t.shift
	for ; at != b; depth += 2 {
		at = &at.node.get(inside(tx), t.nodes).children[hash>>depth&3]
	}
	return depth
}

// split returns four buckets with the slots of one.
func (t *cacheTable[K, V]) split(slots []*cacheSlot[K, V], depth int) *cacheNode[K, V] {
	var parts [4][]*cacheSlot[K, V]
	for _, s := range slots {
		part := &parts[s.hash>>depth&3]
		*part = append(*part, s)
	}
	n := &cacheNode[K, V]{children: new([4]cacheBucket[K, V])}
	for i := range parts {
		n.children[i].node.init(t.nodes, 0, leafOf(parts[i]))
	}
	return n
}

// all calls yield with every slot, in no order, until it returns false. The transaction relies on
// there being no others: every leaf is sealed.
func (t *cacheTable[K, V]) all(tx *stm.Tx, yield func(*cacheSlot[K, V]) bool) bool {
	return t.allIn(tx, t.root, yield)
}

func (t *cacheTable[K, V]) allIn(tx *stm.Tx, buckets []cacheBucket[K, V], yield func(*cacheSlot[K, V]) bool) bool {
	for i := range buckets {
		b := &buckets[i]
		n := b.node.get(inside(tx), t.nodes)
		if n == nil {
			n = b.firstLeaf(t.sealed)
		}
		if n.children != nil {
			if !t.allIn(tx, n.children[:], yield) {
				return false
			}
			continue
		}
		for _, s := range n.seal() {
			if !yield(s) {
				return false
			}
		}
	}
	return true
}
