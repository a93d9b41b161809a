package tdata

import (
	"cmp"
	"iter"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/layout"
	"github.com/rinse-go/rinse/stm"
)

// An OrderedMap is a map whose keys have an order, which transactions share. Transactions on different
// keys never clash. One that goes through a range, or asks for a neighbour, clashes with changes in the
// range, keys that appear in it included, and with nothing outside of it.
//
// There is one exception, which is the price of order: a key that is used for the first time, or again
// after it was deleted, gets a place, and that makes a transaction that has gone over that very place run
// again, even if it turns out that the key is only looked for. It happens once for each key that gets a
// place. Transactions that only read, in a View or from a snapshot, are never concerned.
//
// Make one with [NewOrderedMap] or [NewOrderedMapFunc]; the zero OrderedMap has no order and panics. An
// OrderedMap must not be copied. Methods that take a *stm.Tx are for use in that transaction; the others
// are transactions of their own, and must not be called inside another. Finding a key takes logarithmic
// time, and one step onwards constant time, backwards logarithmic.
//
// Values are shared, not copied: do not change what a value points to. Two keys are the same if they
// compare as 0, so NaN is a key like others: package cmp has it before all numbers. A comparison that
// contradicts itself loses keys, as in any search tree, and panics when that is noticed.
//
// A key takes about 200 bytes, with a value of up to eight bytes or one pointer: that is kept in place, and
// replacing it allocates nothing. Other values have memory of their own. A deleted one is let go of with the
// transaction that deletes it, unless somebody holds a snapshot or checkout from before: then by one of
// the next deletions.
type OrderedMap[K, V any] struct{ core *orderedCore[K, V] }

// orderedCore is an ordered map's inside. All fields are immutable.
type orderedCore[K, V any] struct {
	structure
	skipList[K, V]
	form engine.Form // of the values
	size *stripes    // how many slots are full
}

// NewOrderedMap returns an empty map with keys in their natural order.
func NewOrderedMap[K cmp.Ordered, V any](options ...Option) *OrderedMap[K, V] {
	return NewOrderedMapFunc[K, V](cmp.Compare[K], options...)
}

// NewOrderedMapFunc returns an empty map with keys in the order of a function, which is negative if a comes
// before b, positive if after, and 0 if they are the same key. It must be a strict weak order, and may not
// use variables. It runs under no lock.
func NewOrderedMapFunc[K, V any](compare func(a, b K) int, options ...Option) *OrderedMap[K, V] {
	mustHave(compare != nil, "comparison")
	return &OrderedMap[K, V]{newOrderedCore[K, V](newStructure[OrderedMap[K, V]](options), compare)}
}

func newOrderedCore[K, V any](s structure, compare func(a, b K) int) *orderedCore[K, V] {
	c := &orderedCore[K, V]{structure: s, form: layout.For[V](), size: newStripes(s, " (its size)", 4, 8)}
	values := s.recordOf(func(cell *engine.Cell) string { return keyed(towerOfValue[K, V](cell).key) }).
		Holding(c.skipList.keep)
	gaps := s.recordOf(func(cell *engine.Cell) string { return c.gap(towerOfNext[K, V](cell)) })
	c.skipList.init(engineOf(s.owner), values, gaps, compare)
	return c
}

// gap returns how reports call the gap after a tower.
func (c *orderedCore[K, V]) gap(n *skipTower[K, V]) string {
	if n == c.head {
		return " (before its first key)"
	}
	return " (the gap after " + keyed(n.key) + ")"
}

func (m *OrderedMap[K, V]) use() *orderedCore[K, V] {
	mustBeMade(m != nil && m.core != nil, "an OrderedMap", "NewOrderedMap or NewOrderedMapFunc")
	return m.core
}

// Get returns the value of a key, and whether the map has it.
func (m *OrderedMap[K, V]) Get(tx *stm.Tx, key K) (V, bool) { return m.use().get(tx, key).get() }

// Has reports whether the map has a key.
func (m *OrderedMap[K, V]) Has(tx *stm.Tx, key K) bool { return m.use().get(tx, key).isFull() }

// Set gives a key a value, whether the map had it or not. It counts as a read of the key as well. It
// panics in a View.
func (m *OrderedMap[K, V]) Set(tx *stm.Tx, key K, value V) {
	c := m.use()
	n, _ := c.find(key)
	n, present := c.locate(tx, key, n)
	c.put(inside(tx), n, value, present)
}

// GetOrSet returns the value of a key, which it sets if the map does not have it. It reports whether it
// was there.
func (m *OrderedMap[K, V]) GetOrSet(tx *stm.Tx, key K, value V) (actual V, found bool) {
	c := m.use()
	n, _ := c.find(key)
	n, present := c.locate(tx, key, n)
	if present.isFull() {
		return present.get()
	}
	c.put(inside(tx), n, value, present)
	return value, false
}

// Modify has fn decide on a key: given its value and whether it is there, fn returns the new one and
// whether it is to be there. Modify returns what fn does. fn may use the map, also the same key, with tx.
func (m *OrderedMap[K, V]) Modify(tx *stm.Tx, key K, fn func(value V, found bool) (V, bool)) (V, bool) {
	mustHave(fn != nil, "function")
	c := m.use()
	n, _ := c.find(key)
	return c.modify(tx, key, n, fn)
}

// Delete deletes a key, and returns the value that it had and whether it was there.
func (m *OrderedMap[K, V]) Delete(tx *stm.Tx, key K) (V, bool) {
	c := m.use()
	n, _ := c.find(key)
	return c.erase(tx, key, n)
}

// Clear deletes all keys. Time is linear.
func (m *OrderedMap[K, V]) Clear(tx *stm.Tx) {
	c := m.use()
	c.size.writable(inside(tx))
	for n, present := range c.scan(tx).ascending(span[K]{}) {
		c.drop(inside(tx), n, present)
	}
}

// Len returns the number of keys. From then on the transaction clashes with every one that adds or deletes
// a key. Time is constant.
func (m *OrderedMap[K, V]) Len(tx *stm.Tx) int { return int(m.use().size.sum(inside(tx))) }

// Min returns the first key and its value, and whether there is one. It relies on there being none before.
func (m *OrderedMap[K, V]) Min(tx *stm.Tx) (K, V, bool) {
	return first(m.use().scan(tx).ascending(span[K]{}))
}

// Max returns the last key and its value, and whether there is one. It relies on there being none after.
func (m *OrderedMap[K, V]) Max(tx *stm.Tx) (K, V, bool) {
	return first(m.use().scan(tx).descending(span[K]{}))
}

// Floor returns the last key that is not after the given one, and its value, and whether there is one. It
// relies on there being none between the two.
func (m *OrderedMap[K, V]) Floor(tx *stm.Tx, key K) (K, V, bool) {
	return first(m.use().scan(tx).descending(span[K]{to: &key, inclusive: true}))
}

// Ceiling returns the first key that is not before the given one, and its value, and whether there is one.
// It relies on there being none between the two.
func (m *OrderedMap[K, V]) Ceiling(tx *stm.Tx, key K) (K, V, bool) {
	return first(m.use().scan(tx).ascending(span[K]{from: &key}))
}

// All iterates over keys and values in order, as the transaction sees them: one state. The loop may change
// the map: what it deletes it does not meet later, what it adds ahead it meets.
func (m *OrderedMap[K, V]) All(tx *stm.Tx) iter.Seq2[K, V] { return m.ascending(tx, span[K]{}) }

// Backward is [OrderedMap.All] in the opposite order.
func (m *OrderedMap[K, V]) Backward(tx *stm.Tx) iter.Seq2[K, V] { return m.descending(tx, span[K]{}) }

// Range iterates over the keys that are not before from, but before to, in order. The transaction relies
// on as much of the range as the loop has seen.
func (m *OrderedMap[K, V]) Range(tx *stm.Tx, from, to K) iter.Seq2[K, V] {
	return m.ascending(tx, span[K]{from: &from, to: &to})
}

// RangeBackward is [OrderedMap.Range] in the opposite order.
func (m *OrderedMap[K, V]) RangeBackward(tx *stm.Tx, from, to K) iter.Seq2[K, V] {
	return m.descending(tx, span[K]{from: &from, to: &to})
}

// From iterates over the keys that are not before the given one, in order. As with [OrderedMap.Range], the
// transaction relies on what the loop has seen: on all to the last key if it goes on to the end, and on nothing
// behind the key at which it stops.
func (m *OrderedMap[K, V]) From(tx *stm.Tx, key K) iter.Seq2[K, V] {
	return m.ascending(tx, span[K]{from: &key})
}

// Before iterates over the keys before the given one, the last one first. The transaction relies on what the
// loop has seen, as with [OrderedMap.From].
func (m *OrderedMap[K, V]) Before(tx *stm.Tx, key K) iter.Seq2[K, V] {
	return m.descending(tx, span[K]{to: &key})
}

// Keys iterates over the keys, as [OrderedMap.All] does.
func (m *OrderedMap[K, V]) Keys(tx *stm.Tx) iter.Seq[K] { return firsts(m.All(tx)) }

// Values iterates over the values, as [OrderedMap.All] does.
func (m *OrderedMap[K, V]) Values(tx *stm.Tx) iter.Seq[V] { return seconds(m.All(tx)) }

func (m *OrderedMap[K, V]) ascending(tx *stm.Tx, r span[K]) iter.Seq2[K, V] {
	c := m.use()
	return func(yield func(K, V) bool) { entries(c.scan(tx).ascending(r))(yield) }
}

func (m *OrderedMap[K, V]) descending(tx *stm.Tx, r span[K]) iter.Seq2[K, V] {
	c := m.use()
	return func(yield func(K, V) bool) { entries(c.scan(tx).descending(r))(yield) }
}

// Load returns the latest value of a key, and whether the map has it.
func (m *OrderedMap[K, V]) Load(key K) (V, bool) {
	if n, _ := m.use().find(key); n != nil {
		return n.value.load()
	}
	var none V
	return none, false
}

// Store gives a key a value.
func (m *OrderedMap[K, V]) Store(key K, value V) {
	m.Update(key, func(V, bool) (V, bool) { return value, true })
}

// LoadOrStore returns the value of a key, which it sets if the map does not have it. It reports whether
// it was there.
func (m *OrderedMap[K, V]) LoadOrStore(key K, value V) (actual V, found bool) {
	if actual, found = m.Load(key); !found {
		runAlone(m.use().owner, func(tx *stm.Tx) { actual, found = m.GetOrSet(tx, key, value) })
	}
	return actual, found
}

// Update is [OrderedMap.Modify] as a transaction of its own, without the cost of one if a value is replaced
// by another. fn may run several times if others change the key meanwhile; it runs under no lock, and
// if it panics nothing has changed. fn must not use the map but by what it is given: one that changes the
// key waits for itself, for ever. Update waits while a transaction has shut the gate.
func (m *OrderedMap[K, V]) Update(key K, fn func(value V, found bool) (V, bool)) (value V, found bool) {
	mustHave(fn != nil, "function")
	c := m.use()
	n, _ := c.find(key)
	if n != nil {
		if value, ok := replaceIn(&n.value, c.form, fn); ok {
			return value, true
		}
	}
	return c.modifyAlone(key, n, fn)
}

// Remove deletes a key, and returns the value that it had and whether it was there.
func (m *OrderedMap[K, V]) Remove(key K) (value V, found bool) {
	c := m.use()
	if n, _ := c.find(key); n != nil {
		if _, found = n.value.load(); found {
			runAlone(c.owner, func(tx *stm.Tx) { value, found = c.erase(tx, key, n) })
		}
	}
	return value, found
}

// Purge is [OrderedMap.Clear] as a transaction of its own.
func (m *OrderedMap[K, V]) Purge() { runAlone(m.use().owner, m.Clear) }

// Size returns the number of keys.
func (m *OrderedMap[K, V]) Size() int { return int(m.use().size.load()) }

// Snapshot returns the map as it is now, in constant time. Close it.
func (m *OrderedMap[K, V]) Snapshot() *OrderedMapSnapshot[K, V] {
	return m.SnapshotAt(Now(m.use().owner))
}

// SnapshotAt returns the map as it is at a moment. Closing it closes the moment.
func (m *OrderedMap[K, V]) SnapshotAt(moment *Moment) *OrderedMapSnapshot[K, V] {
	c := m.use()
	return &OrderedMapSnapshot[K, V]{c, moment.of(c.structure)}
}

// MarshalJSON returns the map as it is now, as an object with its keys in their order.
func (m *OrderedMap[K, V]) MarshalJSON() ([]byte, error) {
	s := m.Snapshot()
	defer s.Close()
	return s.MarshalJSON()
}

// get returns what the transaction finds under a key.
func (c *orderedCore[K, V]) get(tx *stm.Tx, key K) content[V] {
	t := inside(tx)
	n, _ := c.find(key)
	if n != nil {
		if present := n.value.get(t, c.values); present.isFull() {
			return present
		}
	}
	t.Check(c.size.any())
	if !t.LogsNow() {
		return c.seek(t, key)
	}
	return c.hold(tx, key, n).value.get(t, c.values)
}

// seek looks for a key on behalf of one who relies on nothing but the snapshot.
func (c *orderedCore[K, V]) seek(t *engine.Tx, key K) content[V] {
	for {
		n, before := c.find(key)
		if n == nil {
			if t.Cover(before.floor.Load()) {
				continue
			}
			return content[V]{}
		}
		present := n.value.get(t, c.values)
		if present.isFull() || !n.isDead() {
			return present
		}
		c.await()
	}
}

// hold returns the tower of a key, which may be the one that was found, and stands until the attempt is over.
func (c *orderedCore[K, V]) hold(tx *stm.Tx, key K, n *skipTower[K, V]) *skipTower[K, V] {
	n = c.held(tx, key, n)
	inside(tx).Hold(n)
	return n
}

// locate returns the tower of a key that is to be written, and what it holds. It is given the tower that was
// found, if any, perhaps for an earlier attempt: if that has died since, it is empty and cannot be held.
func (c *orderedCore[K, V]) locate(tx *stm.Tx, key K, n *skipTower[K, V]) (*skipTower[K, V], content[V]) {
	t := inside(tx)
	c.size.writable(t)
	if n != nil {
		if present := n.value.get(t, c.values); present.isFull() {
			return n, present
		}
	}
	n = c.hold(tx, key, n)
	return n, n.value.get(t, c.values)
}

// modify is [OrderedMap.Modify] with the tower that was found, and modifyAlone that as a transaction of its own.
func (c *orderedCore[K, V]) modify(tx *stm.Tx, key K, n *skipTower[K, V], fn func(V, bool) (V, bool)) (V, bool) {
	t := inside(tx)
	n, present := c.locate(tx, key, n)
	value, keep := fn(present.get())
	if t.HasWritten(&n.value.cell) { // perhaps by fn
		present = n.value.get(t, c.values)
	}
	if keep {
		c.put(t, n, value, present)
	} else {
		c.drop(t, n, present)
	}
	return value, keep
}

func (c *orderedCore[K, V]) modifyAlone(key K, n *skipTower[K, V], fn func(V, bool) (V, bool)) (value V, found bool) {
	runAlone(c.owner, func(tx *stm.Tx) { value, found = c.modify(tx, key, n, fn) })
	return value, found
}

// erase is [OrderedMap.Delete] with the tower that was found.
func (c *orderedCore[K, V]) erase(tx *stm.Tx, key K, n *skipTower[K, V]) (V, bool) {
	n, present := c.locate(tx, key, n)
	c.drop(inside(tx), n, present)
	return present.get()
}

// put has a tower that was located hold a value in place of what is present.
func (c *orderedCore[K, V]) put(t *engine.Tx, n *skipTower[K, V], value V, present content[V]) {
	n.value.set(t, c.form, value)
	if !present.isFull() {
		c.size.add(t, 1)
	}
}

// drop has a tower that was located hold nothing in place of what is present.
func (c *orderedCore[K, V]) drop(t *engine.Tx, n *skipTower[K, V], present content[V]) {
	if !present.isFull() {
		return
	}
	n.value.empty(t)
	c.size.add(t, -1)
	if n.hold() { // to take it down afterwards
		t.Hold(n)
	}
}
