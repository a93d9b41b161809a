package tdata

import (
	"cmp"
	"iter"
	"slices"

	"github.com/rinse-go/rinse/stm"
)

// An OrderedSet is a set of keys that have an order, which transactions share: an [OrderedMap] without
// values, to which everything that is said of OrderedMap applies.
//
// Make one with [NewOrderedSet] or [NewOrderedSetFunc]; the zero OrderedSet has no order and panics. An
// OrderedSet must not be copied. Methods that take a *stm.Tx are for use in that transaction; the others
// are transactions of their own.
type OrderedSet[K any] struct{ keys OrderedMap[K, struct{}] }

// NewOrderedSet returns an empty set with keys in their natural order.
func NewOrderedSet[K cmp.Ordered](options ...Option) *OrderedSet[K] {
	return NewOrderedSetFunc(cmp.Compare[K], options...)
}

// NewOrderedSetFunc returns an empty set with keys in the order of a function; see [NewOrderedMapFunc].
func NewOrderedSetFunc[K any](compare func(a, b K) int, options ...Option) *OrderedSet[K] {
	mustHave(compare != nil, "comparison")
	s := newStructure[OrderedSet[K]](options)
	return &OrderedSet[K]{OrderedMap[K, struct{}]{newOrderedCore[K, struct{}](s, compare)}}
}

func (s *OrderedSet[K]) use() *OrderedMap[K, struct{}] {
	mustBeMade(s != nil && s.keys.core != nil, "an OrderedSet", "NewOrderedSet or NewOrderedSetFunc")
	return &s.keys
}

// Has reports whether a key is in the set.
func (s *OrderedSet[K]) Has(tx *stm.Tx, key K) bool { return s.use().Has(tx, key) }

// Add puts a key into the set. It reports whether it was not there before.
func (s *OrderedSet[K]) Add(tx *stm.Tx, key K) bool {
	_, found := s.use().GetOrSet(tx, key, struct{}{})
	return !found
}

// Delete takes a key out of the set. It reports whether it was there.
func (s *OrderedSet[K]) Delete(tx *stm.Tx, key K) bool {
	_, found := s.use().Delete(tx, key)
	return found
}

// Clear takes all keys out. Time is linear.
func (s *OrderedSet[K]) Clear(tx *stm.Tx) { s.use().Clear(tx) }

// Len returns the number of keys; see [OrderedMap.Len].
func (s *OrderedSet[K]) Len(tx *stm.Tx) int { return s.use().Len(tx) }

// Min returns the first key, and whether there is one.
func (s *OrderedSet[K]) Min(tx *stm.Tx) (K, bool) { return keyOf(s.use().Min(tx)) }

// Max returns the last key, and whether there is one.
func (s *OrderedSet[K]) Max(tx *stm.Tx) (K, bool) { return keyOf(s.use().Max(tx)) }

// Floor returns the last key that is not after the given one, and whether there is one.
func (s *OrderedSet[K]) Floor(tx *stm.Tx, key K) (K, bool) { return keyOf(s.use().Floor(tx, key)) }

// Ceiling returns the first key that is not before the given one, and whether there is one.
func (s *OrderedSet[K]) Ceiling(tx *stm.Tx, key K) (K, bool) { return keyOf(s.use().Ceiling(tx, key)) }

// All iterates over the keys in order; see [OrderedMap.All].
func (s *OrderedSet[K]) All(tx *stm.Tx) iter.Seq[K] { return s.use().Keys(tx) }

// Backward is [OrderedSet.All] in the opposite order.
func (s *OrderedSet[K]) Backward(tx *stm.Tx) iter.Seq[K] { return firsts(s.use().Backward(tx)) }

// Range iterates over the keys that are not before from, but before to, in order; see [OrderedMap.Range].
func (s *OrderedSet[K]) Range(tx *stm.Tx, from, to K) iter.Seq[K] {
	return firsts(s.use().Range(tx, from, to))
}

// RangeBackward is [OrderedSet.Range] in the opposite order.
func (s *OrderedSet[K]) RangeBackward(tx *stm.Tx, from, to K) iter.Seq[K] {
	return firsts(s.use().RangeBackward(tx, from, to))
}

// From iterates over the keys that are not before the given one, in order; see [OrderedMap.From].
func (s *OrderedSet[K]) From(tx *stm.Tx, key K) iter.Seq[K] { return firsts(s.use().From(tx, key)) }

// Before iterates over the keys before the given one, the last one first; see [OrderedMap.Before].
func (s *OrderedSet[K]) Before(tx *stm.Tx, key K) iter.Seq[K] { return firsts(s.use().Before(tx, key)) }

// Union iterates over the keys that are in either set, in order, each of them once, also if the loop changes the sets. Both must
// have the same order. When the loop begins it reads all of other, needs memory for its keys, and relies on them, even if the loop
// ends early; of s it reads what the loop comes by. So have the smaller one be other.
func (s *OrderedSet[K]) Union(tx *stm.Tx, other *OrderedSet[K]) iter.Seq[K] {
	return merge(s.All(tx), other.All(tx), s.use().core.compare)
}

// Intersection iterates over the keys that are in both sets, in order, as they are when the loop comes to them.
func (s *OrderedSet[K]) Intersection(tx *stm.Tx, other *OrderedSet[K]) iter.Seq[K] {
	return filter(s.All(tx), other.in(tx), true)
}

// Difference iterates over the keys that are in the set, but not in the other one, in order, as they are when the loop
// comes to them.
func (s *OrderedSet[K]) Difference(tx *stm.Tx, other *OrderedSet[K]) iter.Seq[K] {
	return filter(s.All(tx), other.in(tx), false)
}

func (s *OrderedSet[K]) in(tx *stm.Tx) func(K) bool {
	return func(key K) bool { return s.Has(tx, key) }
}

// Contains reports whether a key is in the set now.
func (s *OrderedSet[K]) Contains(key K) bool {
	_, found := s.use().Load(key)
	return found
}

// Insert puts a key into the set. It reports whether it was not there before.
func (s *OrderedSet[K]) Insert(key K) bool {
	_, found := s.use().LoadOrStore(key, struct{}{})
	return !found
}

// Remove takes a key out of the set. It reports whether it was there.
func (s *OrderedSet[K]) Remove(key K) bool {
	_, found := s.use().Remove(key)
	return found
}

// Purge is [OrderedSet.Clear] as a transaction of its own.
func (s *OrderedSet[K]) Purge() { s.use().Purge() }

// Size returns the number of keys.
func (s *OrderedSet[K]) Size() int { return s.use().Size() }

// Snapshot returns the set as it is now, in constant time. Close it. To take snapshots of two sets at one
// moment, use [OrderedSet.SnapshotAt].
func (s *OrderedSet[K]) Snapshot() *OrderedSetSnapshot[K] {
	return &OrderedSetSnapshot[K]{s.use().Snapshot()}
}

// SnapshotAt returns the set as it is at a moment. Closing it closes the moment.
func (s *OrderedSet[K]) SnapshotAt(moment *Moment) *OrderedSetSnapshot[K] {
	return &OrderedSetSnapshot[K]{s.use().SnapshotAt(moment)}
}

// MarshalJSON returns the set as it is now, as an array in order.
func (s *OrderedSet[K]) MarshalJSON() ([]byte, error) {
	snapshot := s.Snapshot()
	defer snapshot.Close()
	return snapshot.MarshalJSON()
}

// An OrderedSetSnapshot is an [OrderedSet] at one moment. It is read-only, takes no memory of its own, and
// is safe for use by several goroutines. See [Moment] for what holding it costs.
type OrderedSetSnapshot[K any] struct {
	keys *OrderedMapSnapshot[K, struct{}]
}

func (s *OrderedSetSnapshot[K]) use() *OrderedMapSnapshot[K, struct{}] {
	mustBeMade(s != nil && s.keys != nil, "an OrderedSetSnapshot", "OrderedSet.Snapshot")
	return s.keys
}

// Has reports whether a key was in the set.
func (s *OrderedSetSnapshot[K]) Has(key K) bool { return s.use().Has(key) }

// Len returns the number of keys.
func (s *OrderedSetSnapshot[K]) Len() int { return s.use().Len() }

// Min returns the first key, and whether there is one.
func (s *OrderedSetSnapshot[K]) Min() (K, bool) { return keyOf(s.use().Min()) }

// Max returns the last key, and whether there is one.
func (s *OrderedSetSnapshot[K]) Max() (K, bool) { return keyOf(s.use().Max()) }

// Floor returns the last key that is not after the given one, and whether there is one.
func (s *OrderedSetSnapshot[K]) Floor(key K) (K, bool) { return keyOf(s.use().Floor(key)) }

// Ceiling returns the first key that is not before the given one, and whether there is one.
func (s *OrderedSetSnapshot[K]) Ceiling(key K) (K, bool) { return keyOf(s.use().Ceiling(key)) }

// All iterates over the keys in order.
func (s *OrderedSetSnapshot[K]) All() iter.Seq[K] { return s.use().Keys() }

// Backward is [OrderedSetSnapshot.All] in the opposite order.
func (s *OrderedSetSnapshot[K]) Backward() iter.Seq[K] { return firsts(s.use().Backward()) }

// Range iterates over the keys that are not before from, but before to, in order.
func (s *OrderedSetSnapshot[K]) Range(from, to K) iter.Seq[K] { return firsts(s.use().Range(from, to)) }

// RangeBackward is [OrderedSetSnapshot.Range] in the opposite order.
func (s *OrderedSetSnapshot[K]) RangeBackward(from, to K) iter.Seq[K] {
	return firsts(s.use().RangeBackward(from, to))
}

// From iterates over the keys that are not before the given one, in order.
func (s *OrderedSetSnapshot[K]) From(key K) iter.Seq[K] { return firsts(s.use().From(key)) }

// Before iterates over the keys before the given one, the last one first.
func (s *OrderedSetSnapshot[K]) Before(key K) iter.Seq[K] { return firsts(s.use().Before(key)) }

// Union iterates over the keys that are in either set, in order. Both must have the same order; the
// snapshots may be of different moments and owners. When the loop begins it reads all of other, and needs memory for its keys.
func (s *OrderedSetSnapshot[K]) Union(other *OrderedSetSnapshot[K]) iter.Seq[K] {
	return merge(s.All(), other.All(), s.use().core.compare)
}

// Intersection iterates over the keys that are in both sets, in order.
func (s *OrderedSetSnapshot[K]) Intersection(other *OrderedSetSnapshot[K]) iter.Seq[K] {
	return filter(s.All(), other.Has, true)
}

// Difference iterates over the keys that are in the set, but not in the other one, in order.
func (s *OrderedSetSnapshot[K]) Difference(other *OrderedSetSnapshot[K]) iter.Seq[K] {
	return filter(s.All(), other.Has, false)
}

// MarshalJSON returns an array of the keys in order.
func (s *OrderedSetSnapshot[K]) MarshalJSON() ([]byte, error) {
	return marshalArray(s.All())
}

// Close closes the snapshot's moment.
func (s *OrderedSetSnapshot[K]) Close() { s.use().Close() }

func keyOf[K any](key K, _ struct{}, found bool) (K, bool) { return key, found }

// merge iterates over what is in either of two sequences that are in order.
func merge[K any](a, b iter.Seq[K], compare func(a, b K) int) iter.Seq[K] {
	return func(yield func(K) bool) {
		others := slices.Collect(b)
		for key := range a {
			for ; len(others) > 0 && compare(others[0], key) < 0; others = others[1:] {
				if !yield(others[0]) {
					return
				}
			}
			if len(others) > 0 && compare(others[0], key) == 0 {
				others = others[1:]
			}
			if !yield(key) {
				return
			}
		}
		slices.Values(others)(yield)
	}
}
