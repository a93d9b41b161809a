package discipline

import (
	"github.com/benbjohnson/immutable"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

// The objects as immutable values: what changes one returns another, which shares most of its memory with
// the first. What cannot be done returns false, and the same value.

type values = immutable.List[int64]

// listOf returns a list of so many equal values.
func listOf(n int, value int64) *values {
	b := immutable.NewListBuilder[int64]()
	for range n {
		b.Append(value)
	}
	return b.List()
}

// transferred returns balances after a transfer.
func transferred(balances *values, from, to int, amount int64) (*values, bool) {
	available := balances.Get(from)
	if available < amount {
		return balances, false
	}
	after := balances.Set(from, available-amount)
	return after.Set(to, after.Get(to)+amount), true
}

func sumOf(balances *values) (sum int64) {
	for i := balances.Iterator(); !i.Done(); {
		_, balance := i.Next()
		sum += balance
	}
	return sum
}

// taken returns a list without its first value, and that.
func taken(list *values) (rest *values, value int64, ok bool) {
	if list.Len() == 0 {
		return list, 0, false
	}
	return list.Slice(1, list.Len()), list.Get(0), true
}

// cacheState is the entries of a cache, and their keys in the order in which they came.
type cacheState struct {
	entries *immutable.Map[int, int64]
	keys    *immutable.List[int]
}

func newCacheState(capacity int) cacheState {
	seq.AtLeastOne(capacity, "entries of a cache")
	return cacheState{immutable.NewMap[int, int64](nil), immutable.NewList[int]()}
}

func (c cacheState) put(key int, value int64, capacity int) cacheState {
	if _, known := c.entries.Get(key); !known {
		if c.keys.Len() == capacity {
			c.entries = c.entries.Delete(c.keys.Get(0))
			c.keys = c.keys.Slice(1, capacity)
		}
		c.keys = c.keys.Append(key)
	}
	c.entries = c.entries.Set(key, value)
	return c
}

// poolState is the resources that are parked, and whether each is lent.
type poolState struct {
	parked *values
	lent   *immutable.List[bool]
}

func newPoolState(resources int) poolState {
	seq.AtLeastOne(resources, "resources")
	parked, lent := immutable.NewListBuilder[int64](), immutable.NewListBuilder[bool]()
	for i := range resources {
		parked.Append(int64(i))
		lent.Append(false)
	}
	return poolState{parked.List(), lent.List()}
}

func (p poolState) acquired() (after poolState, resource int, ok bool) {
	rest, value, ok := taken(p.parked)
	if !ok {
		return p, 0, false
	}
	resource = int(value)
	return poolState{rest, p.lent.Set(resource, true)}, resource, true
}

func (p poolState) released(resource int) (poolState, bool) {
	if resource < 0 || resource >= p.lent.Len() || !p.lent.Get(resource) {
		return p, false
	}
	return poolState{p.parked.Append(int64(resource)), p.lent.Set(resource, false)}, true
}

// pairState is two queues.
type pairState [2]*values

func newPairState() pairState { return pairState{listOf(0, 0), listOf(0, 0)} }

func (p pairState) put(queue int, value int64) pairState {
	p[queue] = p[queue].Append(value)
	return p
}

func (p pairState) take(queue int) (after pairState, value int64, ok bool) {
	p[queue], value, ok = taken(p[queue])
	return p, value, ok
}

func (p pairState) move(from int) (after pairState, value int64, ok bool) {
	p, value, ok = p.take(from)
	if ok {
		p = p.put(1-from, value)
	}
	return p, value, ok
}

func (p pairState) takeAny() (after pairState, value int64, ok bool) {
	if after, value, ok = p.take(0); ok {
		return after, value, ok
	}
	return p.take(1)
}

func (p pairState) lens() [2]int { return [2]int{p[0].Len(), p[1].Len()} }

// tableState says of each fork whether it is used.
type tableState = immutable.List[bool]

func newTableState(seats int) *tableState {
	seq.Seats(seats)
	return immutable.NewList(make([]bool, seats)...)
}

func pickedUp(t *tableState, seat int) (*tableState, bool) {
	first, second := seq.Forks(seat, t.Len())
	if t.Get(first) || t.Get(second) {
		return t, false
	}
	return t.Set(first, true).Set(second, true), true
}

func putDown(t *tableState, seat int) *tableState {
	first, second := seq.Forks(seat, t.Len())
	return t.Set(first, false).Set(second, false)
}

// sorted is an ordered map.
type sorted = immutable.SortedMap[int64, int64]

func newSorted() *sorted { return immutable.NewSortedMap[int64, int64](nil) }

func scanned(m *sorted, from, to int64) (count int, sum int64) {
	i := m.Iterator()
	i.Seek(from)
	for key, value, ok := i.Next(); ok && key < to; key, value, ok = i.Next() {
		count++
		sum += value
	}
	return count, sum
}
