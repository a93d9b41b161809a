package tdata

import (
	"math/bits"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
)

// A Map consists of nodes, one for each key, and an index that finds them by hash. Only the nodes' slots
// are transactional: a slot holds the key's value, or nothing while the map does not have the key. The index
// is an ordinary concurrent table. It has the node of every key that is in the map, and of some that are
// not: a transaction that finds a key missing needs something to rely on as well. So transactions on
// different keys have no variable in common, whatever the index does meanwhile.
//
// This is transactional predication: Bronson, Casper, Chafi and Olukotun, "Transactional Predication:
// High-Performance Concurrent Sets and Maps for STM" (2010). What is ours is how nodes come and go in
// a memory with snapshots:
//
//  1. A key has at most one living node, and the index has it. A mapNode is made under its segment's mutex,
//     before any commit to it; it dies under that mutex, and then leaves the index for good.
//  2. A node dies only while its slot is empty and no attempt holds it, and a dead one cannot be held.
//     Every attempt that relies on a slot being empty holds the node. So no attempt that can still commit
//     relies on a dead node, or writes to one: it would have found the slot full, and that has changed.
//  3. A node dies only if every registered snapshot is at least as new as the commit that emptied it.
//     So a pinned reader finds every node that has something for it.
//  4. Nodes made later are empty since the floor of their segment: the newest version at which a node that
//     has left was emptied. By (3) no registered snapshot is older than that. Any other snapshot that is
//     older than a key's removal is extended before it takes the key for missing, and so is, by Cover, one
//     that finds no node at all.
//  5. A table never loses a node; tables are replaced. So a reader may go on with an old one: what it
//     does not find there was not in the map when it took its snapshot, unless (4).

// A mapNode is a key that is in the map, or was asked for.
type mapNode[K comparable, V any] struct {
	value slot[V]      // first: reports get from there to the key
	holds shared.Int32 // attempts that rely on the slot being empty; or dead and below
	hash  uint64       // immutable, as is key
	key   K
}

const dead = -1 << 30

// hold reports whether the node is alive, and keeps it so until LetGo.
func (n *mapNode[K, V]) hold() bool {
	if n.holds.Add(1) > 0 {
		return true
	}
	n.holds.Add(-1)
	return false
}

// LetGo ends a hold.
func (n *mapNode[K, V]) LetGo() { n.holds.Add(-1) }

func (n *mapNode[K, V]) isDead() bool { return n.holds.Load() < 0 }

// die kills an empty node that nobody needs: (2), (3). It returns when the node was emptied.
func (n *mapNode[K, V]) die(oldest uint64) (emptied uint64, ok bool) {
	if _, ok = engine.Vacant(&n.value.cell); !ok || !n.holds.CompareAndSwap(0, dead) {
		return 0, false
	}
	// Who held it meanwhile may have filled it; from here on nobody can.
	if emptied, ok = engine.Vacant(&n.value.cell); !ok || emptied > oldest {
		n.holds.Add(-dead)
		return 0, false
	}
	return emptied, true
}

// An index is a directory of segments, found by the first bits of the hash. A segment that is full is
// replaced by two, without regard to the others (extendible hashing: Fagin, Nievergelt, Pippenger and
// Strong, 1979).
type index[K comparable, V any] struct {
	core  *engine.Owner
	parts *engine.Rare // of the slots
	mu    shared.Mutex // held to change the directory; taken with a segment's mutex held
	dir   shared.Pointer[directory[K, V]]
}

// A directory is immutable but for its elements. A segment of depth d is 2^(depth-d) of them.
type directory[K comparable, V any] struct {
	depth    int // bits of the hash that choose a segment
	segments []shared.Pointer[segment[K, V]]
}

// A segment has the nodes whose hashes begin alike, in a table with open addressing.
type segment[K comparable, V any] struct {
	table shared.Pointer[table[K, V]] // replaced under mu
	floor shared.Uint64               // see (4); raised under mu, before the node leaves

	mu    shared.Mutex
	used  int          // guarded by mu: places of the table that are taken
	gone  bool         // guarded by mu: there are two in its place
	depth int          // immutable
	idle  atomic.Int32 // values that were deleted, since the table was made
}

type table[K comparable, V any] struct {
	places []shared.Pointer[mapNode[K, V]] // a power of two, some are free
}

const (
	smallest = 8    // places of a table
	largest  = 1024 // nodes of a segment, from which on it is split
	deepest  = 40
)

func newTable[K comparable, V any](nodes int) *table[K, V] {
	size := max(smallest, 1<<bits.Len(uint(2*nodes)))
	return &table[K, V]{make([]shared.Pointer[mapNode[K, V]], size)}
}

// full reports whether used places are as many as may be taken.
func (t *table[K, V]) full(used int) bool { return 4*used >= 3*len(t.places) }

func (t *table[K, V]) find(hash uint64, key K) *mapNode[K, V] {
	mask := uint64(len(t.places) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		n := t.places[i].Load()
		if n == nil || n.hash == hash && n.key == key {
			return n
		}
	}
}

func (t *table[K, V]) put(n *mapNode[K, V]) {
	mask := uint64(len(t.places) - 1)
	i := n.hash & mask
	for t.places[i].Load() != nil {
		i = (i + 1) & mask
	}
	t.places[i].Store(n)
}

func (x *index[K, V]) init(core *engine.Owner, parts *engine.Rare) {
	x.core, x.parts = core, parts
	dir := &directory[K, V]{segments: make([]shared.Pointer[segment[K, V]], 1)}
	dir.segments[0].Store(newSegment[K, V](0, 0, nil))
	x.dir.Store(dir)
}

func newSegment[K comparable, V any](depth int, floor uint64, nodes []*mapNode[K, V]) *segment[K, V] {
	s := &segment[K, V]{depth: depth}
	s.floor.Store(floor)
	s.fill(nodes)
	return s
}

// fill gives the segment a table of these nodes.
func (s *segment[K, V]) fill(nodes []*mapNode[K, V]) {
	t := newTable[K, V](len(nodes))
	for _, n := range nodes {
		t.put(n)
	}
	s.used = len(nodes)
	s.idle.Store(0)
	s.table.Store(t)
}

func (d *directory[K, V]) segment(hash uint64) *segment[K, V] {
	return d.segments[hash>>(64-d.depth)].Load() // a shift by 64 gives 0
}

func (x *index[K, V]) segment(hash uint64) *segment[K, V] { return x.dir.Load().segment(hash) }

func (x *index[K, V]) find(hash uint64, key K) *mapNode[K, V] {
	return x.segment(hash).table.Load().find(hash, key)
}

// held returns the node of a key, which may be the one that was found, made if need be, and held.
func (x *index[K, V]) held(hash uint64, key K, n *mapNode[K, V]) *mapNode[K, V] {
	for {
		s := x.segment(hash)
		if n == nil {
			n = x.make(s, hash, key)
		}
		switch {
		case n == nil: // the segment is gone
		case n.hold():
			return n
		default: // it is dying, which is decided under the mutex
			s.await()
			n = nil
		}
	}
}

// keep holds the node that a cell belongs to. It returns nil if the node is dead, which is decided under the mutex.
func (x *index[K, V]) keep(c *engine.Cell) engine.Holder {
	for n := nodeOf[K, V](c); ; {
		s := x.segment(n.hash)
		s.mu.Lock()
		gone, held := s.gone, n.hold()
		s.mu.Unlock()
		switch {
		case held:
			return n
		case !gone:
			return nil
		}
	}
}

// await waits for who holds the segment's mutex to be done with it.
func (s *segment[K, V]) await() {
	s.mu.Lock()
	defer s.mu.Unlock()
}

// make makes the node of a key that the segment seemed not to have. It returns nil if the segment is
// gone, or has been split to make room.
func (x *index[K, V]) make(s *segment[K, V], hash uint64, key K) *mapNode[K, V] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil
	}
	t := s.table.Load()
	if n := t.find(hash, key); n != nil {
		return n
	}
	if t.full(s.used + 1) {
		if x.rebuild(s); s.gone {
			return nil
		}
		t = s.table.Load()
	}
	n := &mapNode[K, V]{hash: hash, key: key}
	n.value.init(x.parts, s.floor.Load())
	t.put(n)
	s.used++
	return n
}

// deleted notes that a value of the key's segment is about to be deleted. It reports whether the segment
// should then be swept.
func (x *index[K, V]) deleted(hash uint64) bool {
	s := x.segment(hash)
	if int(s.idle.Add(1)) < max(smallest/2, len(s.table.Load().places)/4) {
		return false
	}
	s.idle.Store(0)
	return true
}

// sweep has a segment let go of the nodes that nobody needs.
func (x *index[K, V]) sweep(hash uint64) {
	s := x.segment(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.gone {
		x.rebuild(s)
	}
}

// rebuild replaces the segment's table by one that suits the nodes that are needed, or the segment by two.
// The caller holds its mutex.
func (x *index[K, V]) rebuild(s *segment[K, V]) {
	nodes, floor := x.needed(s)
	s.floor.Store(floor)
	if len(nodes) < largest || s.depth == deepest {
		s.fill(nodes)
		return
	}
	var halves [2][]*mapNode[K, V]
	for _, n := range nodes {
		bit := n.hash >> (63 - s.depth) & 1
		halves[bit] = append(halves[bit], n)
	}
	x.replace(s, nodes[0].hash, newSegment(s.depth+1, floor, halves[0]), newSegment(s.depth+1, floor, halves[1]))
	s.gone = true
}

// needed kills the nodes that are not needed and returns the others, and the segment's new floor.
func (x *index[K, V]) needed(s *segment[K, V]) (nodes []*mapNode[K, V], floor uint64) {
	floor = s.floor.Load()
	oldest := x.core.Oldest()
	for n := range s.table.Load().nodes {
		if emptied, ok := n.die(oldest); ok {
			floor = max(floor, emptied)
		} else {
			nodes = append(nodes, n)
		}
	}
	return nodes, floor
}

// replace puts two segments in place of one that is responsible for a hash, in a directory of twice the
// size if need be.
func (x *index[K, V]) replace(s *segment[K, V], hash uint64, low, high *segment[K, V]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	dir := x.dir.Load()
	if s.depth == dir.depth {
		dir = dir.doubled()
	}
	half := 1 << (dir.depth - low.depth)
	first := int(hash>>(64-s.depth)) * 2 * half
	for i := range half {
		dir.segments[first+half+i].Store(high)
	}
	for i := range half { // later, so that in all whoever has met low goes on to high
		dir.segments[first+i].Store(low)
	}
	x.dir.Store(dir)
}

func (d *directory[K, V]) doubled() *directory[K, V] {
	twice := &directory[K, V]{d.depth + 1, make([]shared.Pointer[segment[K, V]], 2*len(d.segments))}
	for i := range twice.segments {
		twice.segments[i].Store(d.segments[i/2].Load())
	}
	return twice
}

// nodes calls yield with all nodes of the table.
func (t *table[K, V]) nodes(yield func(*mapNode[K, V]) bool) {
	for i := range t.places {
		if n := t.places[i].Load(); n != nil && !yield(n) {
			return
		}
	}
}

// all calls yield with segments that had, between them, all nodes there were when it was called.
func (x *index[K, V]) all(yield func(*segment[K, V]) bool) {
	dir := x.dir.Load()
	for i := 0; i < len(dir.segments); {
		s := dir.segments[i].Load()
		if !yield(s) {
			return
		}
		i += 1 << (dir.depth - s.depth)
	}
}
