package tdata

import (
	"hash/maphash"
	"iter"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/layout"
	"github.com/rinse-go/rinse/stm"
)

// A Map is a hash map that transactions share. Transactions on different keys never clash, whether the
// keys are there or not, and whatever else happens to the map: it grows and shrinks a piece at a time,
// outside of transactions. Transactions that ask for its size, or go through all of it, clash with those
// that add or delete keys, and, for the values that they have seen, with those that change them.
//
// The zero Map is ready, empty, and belongs to the default owner. A Map must not be copied. Methods that
// take a *stm.Tx are for use in that transaction; the others are transactions of their own, and must not
// be called inside another. All panic on a nil Map.
//
// Values are shared, not copied: do not change what a value points to. Keys are compared with ==. As in
// Go's map a key of a type that cannot be compared panics when it is used (behind an interface). Unlike
// there, so does setting a key that is not equal to itself, such as NaN: nobody could ever find it again.
// To look for one is no error; it is not there.
//
// What sync.Map does is done by, each a transaction of its own:
//
//	Load, Store        Load, Store
//	LoadOrStore        LoadOrStore
//	LoadAndDelete      Remove, which returns the value as well
//	Delete             Remove
//	Swap               Update with a function that notes what it is given and returns the new value
//	CompareAndSwap     Update with a function that compares, and returns what it was given if that is another
//	CompareAndDelete   Update with a function that compares, and reports false to delete
//	Range              All of a Snapshot, which is one state; it is closed afterwards
//	Clear              Purge
//
// An Update to the value that was there already counts as a change, and wakes and clashes like others.
//
// A key takes about 100 bytes, with a value of up to eight bytes or one pointer: that is kept in place, and
// replacing it allocates nothing. Other values have memory of their own. Deleted keys are let go
// of a quarter of a segment of up to 1,024 at a time, but not while somebody holds a snapshot or checkout
// that is older than the deletion.
type Map[K comparable, V any] struct {
	core atomic.Pointer[mapCore[K, V]] // nil: as it was made, with no options
}

// mapCore is a map's inside. All fields are immutable.
type mapCore[K comparable, V any] struct {
	structure
	index[K, V]
	seed maphash.Seed
	form engine.Form // of the values
	size *stripes    // how many slots are full; changes whenever one becomes so, or empty
}

// NewMap returns an empty map.
func NewMap[K comparable, V any](options ...Option) *Map[K, V] {
	m := new(Map[K, V])
	m.core.Store(newMapCore[K, V](newStructure[Map[K, V]](options)))
	return m
}

func newMapCore[K comparable, V any](s structure) *mapCore[K, V] {
	c := &mapCore[K, V]{structure: s, seed: maphash.MakeSeed(), form: layout.For[V](), size: newStripes(s, " (its size)", 4, 8)}
	c.index.init(engineOf(s.owner), s.recordOf(func(cell *engine.Cell) string {
		return keyed(nodeOf[K, V](cell).key)
	}).Holding(c.index.keep))
	return c
}

func (m *Map[K, V]) use() *mapCore[K, V] {
	mustHave(m != nil, "Map; make it with tdata.NewMap or take the address of one")
	if c := m.core.Load(); c != nil {
		return c
	}
	m.core.CompareAndSwap(nil, newMapCore[K, V](newStructure[Map[K, V]](nil)))
	return m.core.Load()
}

// Get returns the value of a key, and whether the map has it. Time is constant.
func (m *Map[K, V]) Get(tx *stm.Tx, key K) (V, bool) { return m.use().get(inside(tx), key).get() }

// Has reports whether the map has a key.
func (m *Map[K, V]) Has(tx *stm.Tx, key K) bool { return m.use().get(inside(tx), key).isFull() }

// Set gives a key a value, whether the map had it or not. It counts as a read of the key as well. It
// panics in a View, and if key is not equal to itself.
func (m *Map[K, V]) Set(tx *stm.Tx, key K, value V) {
	c, t := m.use(), inside(tx)
	n, present := c.locate(t, key, c.find(c.hash(key), key))
	c.put(t, n, value, present)
}

// GetOrSet returns the value of a key, which it sets if the map does not have it. It reports whether it
// was there.
func (m *Map[K, V]) GetOrSet(tx *stm.Tx, key K, value V) (actual V, found bool) {
	c, t := m.use(), inside(tx)
	n, present := c.locate(t, key, c.find(c.hash(key), key))
	if present.isFull() {
		return present.get()
	}
	c.put(t, n, value, present)
	return value, false
}

// Modify has fn decide on a key: given its value and whether it is there, fn returns the new one and
// whether it is to be there. Modify returns what fn does. fn may use the map, also the same key, with tx.
func (m *Map[K, V]) Modify(tx *stm.Tx, key K, fn func(value V, found bool) (V, bool)) (V, bool) {
	mustHave(fn != nil, "function")
	c := m.use()
	return c.modify(tx, key, c.find(c.hash(key), key), fn)
}

// Delete deletes a key, and returns the value that it had and whether it was there.
func (m *Map[K, V]) Delete(tx *stm.Tx, key K) (V, bool) {
	c := m.use()
	if !isItself(key) {
		c.size.writable(inside(tx))
		return content[V]{}.get()
	}
	return c.erase(tx, key, c.find(c.hash(key), key))
}

// Clear deletes all keys. Time is linear.
func (m *Map[K, V]) Clear(tx *stm.Tx) {
	c := m.use()
	c.size.writable(inside(tx))
	for n, present := range c.all(inside(tx)) {
		c.drop(tx, n, present)
	}
}

// Len returns the number of keys. From then on the transaction clashes with every one that adds or deletes
// a key; nobody else does so for the sake of the number. Time is constant.
func (m *Map[K, V]) Len(tx *stm.Tx) int { return int(m.use().size.sum(inside(tx))) }

// All iterates over keys and values, in no order, as the transaction sees them: one state. The loop may
// change the map: what it deletes it does not meet later, and what it adds it may meet or not.
func (m *Map[K, V]) All(tx *stm.Tx) iter.Seq2[K, V] {
	c := m.use()
	return func(yield func(K, V) bool) {
		for n, present := range c.all(inside(tx)) {
			if value, _ := present.get(); !yield(n.key, value) {
				return
			}
		}
	}
}

// Keys iterates over the keys, as [Map.All] does.
func (m *Map[K, V]) Keys(tx *stm.Tx) iter.Seq[K] { return firsts(m.All(tx)) }

// Values iterates over the values, as [Map.All] does.
func (m *Map[K, V]) Values(tx *stm.Tx) iter.Seq[V] { return seconds(m.All(tx)) }

// Load returns the latest value of a key, and whether the map has it.
func (m *Map[K, V]) Load(key K) (V, bool) {
	c := m.use()
	if n := c.find(c.hash(key), key); n != nil {
		return n.value.load()
	}
	var none V
	return none, false
}

// Store gives a key a value.
func (m *Map[K, V]) Store(key K, value V) {
	m.Update(key, func(V, bool) (V, bool) { return value, true })
}

// LoadOrStore returns the value of a key, which it sets if the map does not have it. It reports whether
// it was there.
func (m *Map[K, V]) LoadOrStore(key K, value V) (actual V, found bool) {
	if actual, found = m.Load(key); !found {
		runAlone(m.use().owner, func(tx *stm.Tx) { actual, found = m.GetOrSet(tx, key, value) })
	}
	return actual, found
}

// Update is [Map.Modify] as a transaction of its own, without the cost of one if a value is replaced by
// another. fn may run several times if others change the key meanwhile; it runs under no lock, and if it
// panics nothing has changed. fn must not use the map but by what it is given: one that changes the key
// waits for itself, for ever. Update waits while a transaction has shut the gate.
func (m *Map[K, V]) Update(key K, fn func(value V, found bool) (V, bool)) (V, bool) {
	mustHave(fn != nil, "function")
	c := m.use()
	n := c.find(c.hash(key), key)
	if n != nil {
		if value, ok := replaceIn(&n.value, c.form, fn); ok {
			return value, true
		}
	}
	return c.modifyAlone(key, n, fn)
}

// replaceIn replaces the value of a key by another, alone. It reports false if the key is not there or
// is not to be there, or if others were faster again and again.
func replaceIn[V any](s *slot[V], form engine.Form, fn func(V, bool) (V, bool)) (V, bool) {
	for lost := 1; lost <= engine.GateAfter; lost++ {
		w, present := s.current()
		if !present.isFull() {
			break
		}
		value, keep := fn(present.get())
		if !keep {
			break
		}
		verdict := s.replace(w, form, value)
		if verdict == engine.Committed {
			return value, true
		}
		engine.Lost(&s.cell, verdict, lost)
	}
	return content[V]{}.get()
}

// Remove deletes a key, and returns the value that it had and whether it was there.
func (m *Map[K, V]) Remove(key K) (value V, found bool) {
	c := m.use()
	if n := c.find(c.hash(key), key); n != nil {
		if _, found = n.value.load(); found {
			runAlone(c.owner, func(tx *stm.Tx) { value, found = c.erase(tx, key, n) })
		}
	}
	return value, found
}

// Purge is [Map.Clear] as a transaction of its own.
func (m *Map[K, V]) Purge() { runAlone(m.use().owner, m.Clear) }

// Size returns the number of keys.
func (m *Map[K, V]) Size() int { return int(m.use().size.load()) }

// Snapshot returns the map as it is now, in constant time. Close it.
func (m *Map[K, V]) Snapshot() *MapSnapshot[K, V] {
	return m.SnapshotAt(Now(m.use().owner))
}

// SnapshotAt returns the map as it is at a moment. Closing it closes the moment.
func (m *Map[K, V]) SnapshotAt(moment *Moment) *MapSnapshot[K, V] {
	c := m.use()
	return &MapSnapshot[K, V]{c, moment.of(c.structure)}
}

// MarshalJSON returns the map as it is now, as package encoding/json has it for a Go map.
func (m *Map[K, V]) MarshalJSON() ([]byte, error) {
	s := m.Snapshot()
	defer s.Close()
	return s.MarshalJSON()
}

// isItself reports whether a key can be found: NaN cannot.
func isItself[K comparable](key K) bool {
	same := key
	return key == same
}

func (c *mapCore[K, V]) hash(key K) uint64 { return maphash.Comparable(c.seed, key) }

// get returns what the transaction finds under a key.
func (c *mapCore[K, V]) get(t *engine.Tx, key K) content[V] {
	hash := c.hash(key)
	n := c.find(hash, key)
	if n != nil {
		if present := n.value.get(t, c.parts); present.isFull() {
			return present
		}
	}
	t.Check(c.size.any())
	switch {
	case !isItself(key):
		return content[V]{}
	case !t.LogsNow():
		return c.seek(t, hash, key)
	}
	return c.hold(t, hash, key, n).value.get(t, c.parts)
}

// seek looks for a key on behalf of one who relies on nothing but the snapshot.
func (c *mapCore[K, V]) seek(t *engine.Tx, hash uint64, key K) content[V] {
	for {
		s := c.segment(hash)
		n := s.table.Load().find(hash, key)
		if n == nil {
			if t.Cover(s.floor.Load()) {
				continue
			}
			return content[V]{}
		}
		present := n.value.get(t, c.parts)
		if present.isFull() || !n.isDead() {
			return present
		}
		s.await()
	}
}

// hold returns the node of a key, which may be the one that was found, and lives until the attempt is over.
func (c *mapCore[K, V]) hold(t *engine.Tx, hash uint64, key K, n *mapNode[K, V]) *mapNode[K, V] {
	n = c.held(hash, key, n)
	t.Hold(n)
	return n
}

// locate returns the node of a key that is to be written, and what it holds. It is given the node that was
// found, if any, perhaps for an earlier attempt: if that has died since, it is empty and cannot be held.
func (c *mapCore[K, V]) locate(t *engine.Tx, key K, n *mapNode[K, V]) (*mapNode[K, V], content[V]) {
	c.size.writable(t)
	if !isItself(key) {
		panic("tdata: " + c.String() + keyed(key) + ": a key that is not equal to itself could never be found; do not set it")
	}
	if n != nil {
		if present := n.value.get(t, c.parts); present.isFull() {
			return n, present
		}
	}
	n = c.hold(t, c.hash(key), key, n)
	return n, n.value.get(t, c.parts)
}

// modify is [Map.Modify] with the node that was found, and modifyAlone that as a transaction of its own.
func (c *mapCore[K, V]) modify(tx *stm.Tx, key K, n *mapNode[K, V], fn func(V, bool) (V, bool)) (V, bool) {
	t := inside(tx)
	n, present := c.locate(t, key, n)
	value, keep := fn(present.get())
	if t.HasWritten(&n.value.cell) { // perhaps by fn
		present = n.value.get(t, c.parts)
	}
	if keep {
		c.put(t, n, value, present)
	} else {
		c.drop(tx, n, present)
	}
	return value, keep
}

func (c *mapCore[K, V]) modifyAlone(key K, n *mapNode[K, V], fn func(V, bool) (V, bool)) (value V, found bool) {
	runAlone(c.owner, func(tx *stm.Tx) { value, found = c.modify(tx, key, n, fn) })
	return value, found
}

// erase is [Map.Delete] with the node that was found.
func (c *mapCore[K, V]) erase(tx *stm.Tx, key K, n *mapNode[K, V]) (V, bool) {
	n, present := c.locate(inside(tx), key, n)
	c.drop(tx, n, present)
	return present.get()
}

// put has a node that was located hold a value in place of what is present.
func (c *mapCore[K, V]) put(t *engine.Tx, n *mapNode[K, V], value V, present content[V]) {
	n.value.set(t, c.form, value)
	if !present.isFull() {
		c.size.add(t, 1)
	}
}

// drop has a node that was located hold nothing in place of what is present.
func (c *mapCore[K, V]) drop(tx *stm.Tx, n *mapNode[K, V], present content[V]) {
	if !present.isFull() {
		return
	}
	t := inside(tx)
	n.value.empty(t)
	c.size.add(t, -1)
	if c.deleted(n.hash) {
		tx.OnCommit(func() { c.sweep(n.hash) })
	}
}

// all iterates over the keys that are there. Whoever logs what it reads relies on the size too, which
// changes whenever keys come or go.
func (c *mapCore[K, V]) all(t *engine.Tx) iter.Seq2[*mapNode[K, V], content[V]] {
	return func(yield func(*mapNode[K, V], content[V]) bool) {
		t.Check(c.size.any())
		if t.LogsNow() {
			c.size.sum(t)
		} else {
			t.Present()
		}
		for s := range c.index.all {
			table := s.table.Load()
			t.Cover(s.floor.Load())
			for n := range table.nodes {
				if present := n.value.get(t, c.parts); present.isFull() && !yield(n, present) {
					return
				}
			}
		}
	}
}

// firsts and seconds iterate over one of the two.
func firsts[K, V any](pairs iter.Seq2[K, V]) iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range pairs {
			if !yield(k) {
				return
			}
		}
	}
}

func seconds[K, V any](pairs iter.Seq2[K, V]) iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, v := range pairs {
			if !yield(v) {
				return
			}
		}
	}
}
