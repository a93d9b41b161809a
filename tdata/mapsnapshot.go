package tdata

import (
	"encoding/json"
	"iter"
	"maps"
)

// A MapSnapshot is a [Map] at one moment. It is read-only, takes no memory of its own, and is safe for use
// by several goroutines. See [Moment] for what holding it costs.
type MapSnapshot[K comparable, V any] struct {
	core   *mapCore[K, V]
	moment *Moment
}

func (s *MapSnapshot[K, V]) use() *mapCore[K, V] {
	mustBeMade(s != nil && s.core != nil, "a MapSnapshot", "Map.Snapshot")
	return s.core
}

// Get returns the value of a key, and whether the map had it.
func (s *MapSnapshot[K, V]) Get(key K) (V, bool) {
	c := s.use()
	var present content[V]
	if n := c.find(c.hash(key), key); n != nil {
		present = n.value.at(s.moment.pin)
	}
	s.moment.check()
	return present.get()
}

// Has reports whether the map had a key.
func (s *MapSnapshot[K, V]) Has(key K) bool {
	_, found := s.Get(key)
	return found
}

// Len returns the number of keys.
func (s *MapSnapshot[K, V]) Len() int {
	n := s.use().size.at(s.moment.pin)
	s.moment.check()
	return int(n)
}

// All iterates over keys and values, in no order.
func (s *MapSnapshot[K, V]) All() iter.Seq2[K, V] {
	c := s.use()
	return func(yield func(K, V) bool) {
		for segment := range c.index.all {
			for n := range segment.table.Load().nodes {
				value, found := n.value.at(s.moment.pin).get()
				s.moment.check()
				if found && !yield(n.key, value) {
					return
				}
			}
		}
		s.moment.check()
	}
}

// Keys iterates over the keys, in no order.
func (s *MapSnapshot[K, V]) Keys() iter.Seq[K] { return firsts(s.All()) }

// Values iterates over the values, in no order.
func (s *MapSnapshot[K, V]) Values() iter.Seq[V] { return seconds(s.All()) }

// MarshalJSON returns the map as package encoding/json has it for a Go map: the type of the keys must be
// one of strings or integers or an encoding.TextMarshaler.
func (s *MapSnapshot[K, V]) MarshalJSON() ([]byte, error) { return json.Marshal(maps.Collect(s.All())) }

// Close closes the snapshot's moment.
func (s *MapSnapshot[K, V]) Close() {
	s.use()
	s.moment.Close()
}
