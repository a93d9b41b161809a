package tdata

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"slices"

	"github.com/rinse-go/rinse/stm"
)

// A Set is a set of keys that transactions share: a [Map] without values, to which everything that is said
// of Map applies. Transactions on different keys never clash.
//
// The zero Set is ready, empty, and belongs to the default owner. A Set must not be copied. Methods that
// take a *stm.Tx are for use in that transaction; the others are transactions of their own.
type Set[K comparable] struct{ keys Map[K, struct{}] }

// NewSet returns an empty set.
func NewSet[K comparable](options ...Option) *Set[K] {
	s := new(Set[K])
	s.keys.core.Store(newMapCore[K, struct{}](newStructure[Set[K]](options)))
	return s
}

func (s *Set[K]) use() *Map[K, struct{}] {
	mustHave(s != nil, "Set; make it with tdata.NewSet or take the address of one")
	if s.keys.core.Load() == nil {
		s.keys.core.CompareAndSwap(nil, newMapCore[K, struct{}](newStructure[Set[K]](nil)))
	}
	return &s.keys
}

// Has reports whether a key is in the set.
func (s *Set[K]) Has(tx *stm.Tx, key K) bool { return s.use().Has(tx, key) }

// Add puts a key into the set. It reports whether it was not there before. It panics if the key is not
// equal to itself, as NaN.
func (s *Set[K]) Add(tx *stm.Tx, key K) bool {
	_, found := s.use().GetOrSet(tx, key, struct{}{})
	return !found
}

// Delete takes a key out of the set. It reports whether it was there.
func (s *Set[K]) Delete(tx *stm.Tx, key K) bool {
	_, found := s.use().Delete(tx, key)
	return found
}

// Clear takes all keys out. Time is linear.
func (s *Set[K]) Clear(tx *stm.Tx) { s.use().Clear(tx) }

// Len returns the number of keys; see [Map.Len].
func (s *Set[K]) Len(tx *stm.Tx) int { return s.use().Len(tx) }

// All iterates over the keys, in no order. The loop may change the set: what it deletes it does not meet later, and
// what it adds it may meet or not; see [Map.All].
func (s *Set[K]) All(tx *stm.Tx) iter.Seq[K] { return s.use().Keys(tx) }

// Union iterates over the keys that are in either set, in no order, each of them once, also if the loop changes the
// sets. When the loop begins it reads all of other, needs memory for its keys, and relies on them, even if the loop
// ends early. So have the smaller one be other.
func (s *Set[K]) Union(tx *stm.Tx, other *Set[K]) iter.Seq[K] {
	all, others := s.All(tx), other.All(tx)
	return func(yield func(K) bool) {
		rest := map[K]struct{}{}
		for key := range others {
			rest[key] = struct{}{}
		}
		for key := range all {
			delete(rest, key)
			if !yield(key) {
				return
			}
		}
		maps.Keys(rest)(yield)
	}
}

// Intersection iterates over the keys that are in both sets, in no order, as they are when the loop comes to them.
// Faster if s is the smaller one.
func (s *Set[K]) Intersection(tx *stm.Tx, other *Set[K]) iter.Seq[K] {
	return filter(s.All(tx), other.in(tx), true)
}

// Difference iterates over the keys that are in the set, but not in the other one, in no order, as they are when the
// loop comes to them.
func (s *Set[K]) Difference(tx *stm.Tx, other *Set[K]) iter.Seq[K] {
	return filter(s.All(tx), other.in(tx), false)
}

func (s *Set[K]) in(tx *stm.Tx) func(K) bool { return func(key K) bool { return s.Has(tx, key) } }

// Contains reports whether a key is in the set now.
func (s *Set[K]) Contains(key K) bool {
	_, found := s.use().Load(key)
	return found
}

// Insert puts a key into the set. It reports whether it was not there before.
func (s *Set[K]) Insert(key K) bool {
	_, found := s.use().LoadOrStore(key, struct{}{})
	return !found
}

// Remove takes a key out of the set. It reports whether it was there.
func (s *Set[K]) Remove(key K) bool {
	_, found := s.use().Remove(key)
	return found
}

// Purge is [Set.Clear] as a transaction of its own.
func (s *Set[K]) Purge() { s.use().Purge() }

// Size returns the number of keys.
func (s *Set[K]) Size() int { return s.use().Size() }

// Snapshot returns the set as it is now, in constant time. Close it. To take snapshots of two sets at one
// moment, use [Set.SnapshotAt].
func (s *Set[K]) Snapshot() *SetSnapshot[K] { return &SetSnapshot[K]{s.use().Snapshot()} }

// SnapshotAt returns the set as it is at a moment. Closing it closes the moment.
func (s *Set[K]) SnapshotAt(moment *Moment) *SetSnapshot[K] {
	return &SetSnapshot[K]{s.use().SnapshotAt(moment)}
}

// MarshalJSON returns the set as it is now, as an array.
func (s *Set[K]) MarshalJSON() ([]byte, error) {
	snapshot := s.Snapshot()
	defer snapshot.Close()
	return snapshot.MarshalJSON()
}

// A SetSnapshot is a [Set] at one moment. It is read-only, takes no memory of its own, and is safe for use
// by several goroutines. See [Moment] for what holding it costs.
type SetSnapshot[K comparable] struct{ keys *MapSnapshot[K, struct{}] }

func (s *SetSnapshot[K]) use() *MapSnapshot[K, struct{}] {
	mustBeMade(s != nil && s.keys != nil, "a SetSnapshot", "Set.Snapshot")
	return s.keys
}

// Has reports whether a key was in the set.
func (s *SetSnapshot[K]) Has(key K) bool { return s.use().Has(key) }

// Len returns the number of keys.
func (s *SetSnapshot[K]) Len() int { return s.use().Len() }

// All iterates over the keys, in no order.
func (s *SetSnapshot[K]) All() iter.Seq[K] { return s.use().Keys() }

// Union iterates over the keys that are in either set, in no order. The snapshots may be of different
// moments and owners.
func (s *SetSnapshot[K]) Union(other *SetSnapshot[K]) iter.Seq[K] {
	all, rest := s.All(), filter(other.All(), s.Has, false)
	return func(yield func(K) bool) {
		for key := range all {
			if !yield(key) {
				return
			}
		}
		rest(yield)
	}
}

// Intersection iterates over the keys that are in both sets, in no order.
func (s *SetSnapshot[K]) Intersection(other *SetSnapshot[K]) iter.Seq[K] {
	if other.Len() < s.Len() {
		s, other = other, s
	}
	return filter(s.All(), other.Has, true)
}

// Difference iterates over the keys that are in the set, but not in the other one, in no order.
func (s *SetSnapshot[K]) Difference(other *SetSnapshot[K]) iter.Seq[K] {
	return filter(s.All(), other.Has, false)
}

// MarshalJSON returns an array of the keys, sorted by how they are written.
func (s *SetSnapshot[K]) MarshalJSON() ([]byte, error) {
	texts, err := marshalEach(s.All())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(texts, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	return json.Marshal(texts)
}

// Close closes the snapshot's moment.
func (s *SetSnapshot[K]) Close() { s.use().Close() }

// filter iterates over the keys for which in says so.
func filter[K any](keys iter.Seq[K], in func(K) bool, so bool) iter.Seq[K] {
	return func(yield func(K) bool) {
		for key := range keys {
			if in(key) == so && !yield(key) {
				return
			}
		}
	}
}
