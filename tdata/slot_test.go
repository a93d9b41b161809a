package tdata_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// A shelf is what Map and OrderedMap have in common here, with a way to look back.
type shelf[V any] interface {
	Get(tx *stm.Tx, key int) (V, bool)
	Set(tx *stm.Tx, key int, value V)
	Delete(tx *stm.Tx, key int) (V, bool)
	Modify(tx *stm.Tx, key int, fn func(V, bool) (V, bool)) (V, bool)
	Len(tx *stm.Tx) int
	Load(key int) (V, bool)
	Store(key int, value V)
	Update(key int, fn func(V, bool) (V, bool)) (V, bool)
	Remove(key int) (V, bool)
	Size() int
}

// keeps holds a map to it that it keeps any two values of a type apart, and each of them from nothing.
func keeps[V comparable](t *testing.T, values ...V) {
	test := func(owner *stm.Owner, m shelf[V], before func() func(key int) (V, bool)) {
		for _, value := range values {
			has := func(want bool, found V, ok bool) {
				t.Helper()
				require.Equal(t, want, ok)
				if want {
					require.Equal(t, value, found)
				} else {
					require.Zero(t, found)
				}
			}
			load := func(want bool) { t.Helper(); found, ok := m.Load(1); has(want, found, ok) }
			load(false)
			absent := before()
			m.Store(1, value)
			load(true)
			present := before()
			held := owner.Checkout()
			found, ok := m.Remove(1)
			has(true, found, ok)
			load(false)
			commit(t, owner, func(tx *stm.Tx) {
				m.Set(tx, 1, value)
				found, ok := m.Get(tx, 1)
				has(true, found, ok)
			})
			load(true)
			found, ok = m.Update(1, func(now V, ok bool) (V, bool) { has(true, now, ok); return value, true })
			has(true, found, ok)
			commit(t, owner, func(tx *stm.Tx) {
				found, ok := m.Delete(tx, 1)
				has(true, found, ok)
				found, ok = m.Get(tx, 1)
				has(false, found, ok)
			})
			found, ok = absent(1)
			has(false, found, ok)
			found, ok = present(1)
			has(true, found, ok)
			found, ok = m.Get(held, 1)
			has(true, found, ok)
			held.Discard()
			require.Zero(t, m.Size())
		}
	}
	t.Run(fmt.Sprintf("%T", *new(V)), func(t *testing.T) {
		owner := stm.NewOwner()
		m := tdata.NewMap[int, V](tdata.In(owner))
		test(owner, m, func() func(int) (V, bool) {
			s := m.Snapshot()
			t.Cleanup(s.Close)
			return s.Get
		})
		o := tdata.NewOrderedMap[int, V](tdata.In(owner))
		test(owner, o, func() func(int) (V, bool) {
			s := o.Snapshot()
			t.Cleanup(s.Close)
			return s.Get
		})
	})
}

// TestMapsKeepValuesOfAnySize: also those that look like nothing.
func TestMapsKeepValuesOfAnySize(t *testing.T) {
	type pair struct{ a, b int32 }
	type named struct {
		name  string
		count int
	}
	keeps(t, 0, 1, -1)
	keeps(t, false, true)
	keeps(t, 0.0, 1.5)
	keeps(t, struct{}{})
	keeps(t, [3]byte{}, [3]byte{1, 2, 3})
	keeps(t, pair{}, pair{1, -2})
	keeps(t, [9]byte{}, [9]byte{8: 1})
	keeps(t, complex(0, 0), 1i)
	keeps(t, nil, new(int))
	keeps(t, struct{ p *int }{}, struct{ p *int }{new(int)})
	keeps(t, nil, make(chan int))
	keeps(t, "", "x")
	keeps(t, named{}, named{"x", 1})
	keeps[any](t, nil, 0, "x", new(int))
}

// TestModifyMayUseItsKey: what its function does to the key itself counts once.
func TestModifyMayUseItsKey(t *testing.T) {
	for _, there := range []bool{false, true} {
		for _, inside := range []string{"set", "delete"} {
			for _, keep := range []bool{false, true} {
				owner := stm.NewOwner()
				for _, m := range []shelf[int]{
					tdata.NewMap[int, int](tdata.In(owner)), tdata.NewOrderedMap[int, int](tdata.In(owner)),
				} {
					if there {
						m.Store(1, 1)
					}
					want := 0
					if keep {
						want = 1
					}
					commit(t, owner, func(tx *stm.Tx) {
						m.Modify(tx, 1, func(int, bool) (int, bool) {
							if inside == "set" {
								m.Set(tx, 1, 2)
							} else {
								m.Delete(tx, 1)
							}
							return 3, keep
						})
						assert.Equal(t, want, m.Len(tx))
					})
					_, found := m.Load(1)
					assert.Equal(t, keep, found)
					assert.Equal(t, want, m.Size(), "there %v, %s, keep %v", there, inside, keep)
				}
			}
		}
	}
}

// TestChangesOutliveWhatTheyFound: between the search of an Update for its key and its change the key is
// deleted, and its place goes.
func TestChangesOutliveWhatTheyFound(t *testing.T) {
	owner := stm.NewOwner()
	for _, m := range []shelf[int]{
		tdata.NewMap[int, int](tdata.In(owner)), tdata.NewOrderedMap[int, int](tdata.In(owner)),
	} {
		for key := range 20 {
			m.Store(key, 1)
			calls := 0
			value, found := m.Update(key, func(value int, found bool) (int, bool) {
				if calls++; calls == 1 {
					elsewhere(func() {
						m.Remove(key)
						for k := 100; k < 120; k++ { // has a Map sweep
							m.Store(k, 0)
							m.Remove(k)
						}
					})
				} else {
					assert.False(t, found)
				}
				return value + 10, true
			})
			assert.True(t, found)
			assert.Equal(t, 10, value)
			value, found = m.Load(key)
			assert.True(t, found, "key %d", key)
			assert.Equal(t, 10, value)
		}
		assert.Equal(t, 20, m.Size())
	}
}

// TestSmallValuesTakeNoMemory: to replace a number or pointer by another allocates nothing.
func TestSmallValuesTakeNoMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	m, o := tdata.NewMap[int, int](), tdata.NewOrderedMap[int, *int]()
	value := new(int)
	for k := range 1000 {
		m.Store(k, k)
		o.Store(k, value)
	}
	k := 0
	assert.Zero(t, testing.AllocsPerRun(100, func() { k++; m.Store(k, -k) }), "Map.Store")
	assert.Zero(t, testing.AllocsPerRun(100, func() { k++; o.Store(k, nil) }), "OrderedMap.Store")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		k++
		m.Update(k, func(v int, _ bool) (int, bool) { return v + 1, true })
	}), "Map.Update")
}
