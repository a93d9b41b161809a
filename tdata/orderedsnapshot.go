package tdata

import (
	"encoding/json"
	"fmt"
	"iter"
)

// An OrderedMapSnapshot is an [OrderedMap] at one moment. It is read-only, takes no memory of its own, and
// is safe for use by several goroutines. See [Moment] for what holding it costs.
type OrderedMapSnapshot[K, V any] struct {
	core   *orderedCore[K, V]
	moment *Moment
}

func (s *OrderedMapSnapshot[K, V]) use() *orderedCore[K, V] {
	mustBeMade(s != nil && s.core != nil, "an OrderedMapSnapshot", "OrderedMap.Snapshot")
	return s.core
}

// Get returns the value of a key, and whether the map had it.
func (s *OrderedMapSnapshot[K, V]) Get(key K) (V, bool) {
	var present content[V]
	if n, _ := s.use().find(key); n != nil {
		present = n.value.at(s.moment.pin)
	}
	s.moment.check()
	return present.get()
}

// Has reports whether the map had a key.
func (s *OrderedMapSnapshot[K, V]) Has(key K) bool {
	_, found := s.Get(key)
	return found
}

// Len returns the number of keys.
func (s *OrderedMapSnapshot[K, V]) Len() int {
	n := s.use().size.at(s.moment.pin)
	s.moment.check()
	return int(n)
}

// Min returns the first key and its value, and whether there is one.
func (s *OrderedMapSnapshot[K, V]) Min() (K, V, bool) { return first(s.ascending(span[K]{})) }

// Max returns the last key and its value, and whether there is one.
func (s *OrderedMapSnapshot[K, V]) Max() (K, V, bool) { return first(s.descending(span[K]{})) }

// Floor returns the last key that is not after the given one, and its value, and whether there is one.
func (s *OrderedMapSnapshot[K, V]) Floor(key K) (K, V, bool) {
	return first(s.descending(span[K]{to: &key, inclusive: true}))
}

// Ceiling returns the first key that is not before the given one, and its value, and whether there is one.
func (s *OrderedMapSnapshot[K, V]) Ceiling(key K) (K, V, bool) {
	return first(s.ascending(span[K]{from: &key}))
}

// All iterates over keys and values in order.
func (s *OrderedMapSnapshot[K, V]) All() iter.Seq2[K, V] { return entries(s.ascending(span[K]{})) }

// Backward is [OrderedMapSnapshot.All] in the opposite order.
func (s *OrderedMapSnapshot[K, V]) Backward() iter.Seq2[K, V] {
	return entries(s.descending(span[K]{}))
}

// Range iterates over the keys that are not before from, but before to, in order.
func (s *OrderedMapSnapshot[K, V]) Range(from, to K) iter.Seq2[K, V] {
	return entries(s.ascending(span[K]{from: &from, to: &to}))
}

// RangeBackward is [OrderedMapSnapshot.Range] in the opposite order.
func (s *OrderedMapSnapshot[K, V]) RangeBackward(from, to K) iter.Seq2[K, V] {
	return entries(s.descending(span[K]{from: &from, to: &to}))
}

// From iterates over the keys that are not before the given one, in order.
func (s *OrderedMapSnapshot[K, V]) From(key K) iter.Seq2[K, V] {
	return entries(s.ascending(span[K]{from: &key}))
}

// Before iterates over the keys before the given one, the last one first.
func (s *OrderedMapSnapshot[K, V]) Before(key K) iter.Seq2[K, V] {
	return entries(s.descending(span[K]{to: &key}))
}

// Keys iterates over the keys in order.
func (s *OrderedMapSnapshot[K, V]) Keys() iter.Seq[K] { return firsts(s.All()) }

// Values iterates over the values, in the order of their keys.
func (s *OrderedMapSnapshot[K, V]) Values() iter.Seq[V] { return seconds(s.All()) }

// Close closes the snapshot's moment.
func (s *OrderedMapSnapshot[K, V]) Close() {
	s.use()
	s.moment.Close()
}

// MarshalJSON returns an object with the keys in their order. Keys must be strings, numbers, or what
// marshals as one of these.
func (s *OrderedMapSnapshot[K, V]) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for key, value := range s.All() {
		if len(text) > 1 {
			text = append(text, ',')
		}
		name, err := nameInJSON(key)
		if err != nil {
			return nil, err
		}
		content, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		text = append(append(append(text, name...), ':'), content...)
	}
	return append(text, '}'), nil
}

// nameInJSON returns a key as the name of an object's member.
func nameInJSON(key any) ([]byte, error) {
	text, err := json.Marshal(key)
	switch {
	case err != nil:
		return nil, err
	case text[0] == '"':
		return text, nil
	case text[0] == '-' || text[0] >= '0' && text[0] <= '9':
		return append(append([]byte{'"'}, text...), '"'), nil
	}
	return nil, fmt.Errorf("tdata: a key of type %T cannot be a name in JSON; it must marshal as a string or a number", key)
}

// ascending iterates over the towers of a span that had values. Links are followed as they are now: every
// tower that had one is still there, and those that came later had none.
func (s *OrderedMapSnapshot[K, V]) ascending(r span[K]) iter.Seq2[*skipTower[K, V], content[V]] {
	c := s.use()
	return func(yield func(*skipTower[K, V], content[V]) bool) {
		n := c.head
		if r.from != nil {
			n = c.before(*r.from)
		}
		for n = n.next.peek(); n != nil && r.reaches(c.compare, n.key); n = n.next.peek() {
			present := n.value.at(s.moment.pin)
			s.moment.check()
			if present.isFull() && !yield(n, present) {
				return
			}
		}
		s.moment.check()
	}
}

// descending iterates over the towers of a span that had values, the last one first.
func (s *OrderedMapSnapshot[K, V]) descending(r span[K]) iter.Seq2[*skipTower[K, V], content[V]] {
	c := s.use()
	return func(yield func(*skipTower[K, V], content[V]) bool) {
		reached := func(n *skipTower[K, V]) bool { return r.from == nil || c.compare(n.key, *r.from) >= 0 }
		for n := s.lastOf(r); n != c.head && reached(n); n = c.unlike(n, c.before(n.key)) {
			present := n.value.at(s.moment.pin)
			s.moment.check()
			if present.isFull() && !yield(n, present) {
				return
			}
		}
		s.moment.check()
	}
}

// lastOf returns the last tower that can be in the span, head if there is none.
func (s *OrderedMapSnapshot[K, V]) lastOf(r span[K]) *skipTower[K, V] {
	c := s.core
	if r.to == nil {
		return c.last()
	}
	n, before := c.find(*r.to)
	if r.inclusive && n != nil {
		return n
	}
	return before
}
