package tdata_test

import (
	"cmp"
	"encoding/json"
	"iter"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// algebra is what both kinds of sets and of snapshots compute, for one pair of sets.
type algebra struct{ union, intersection, difference iter.Seq[int] }

func (a algebra) check(t *testing.T, x, y map[int]bool, ordered bool) {
	t.Helper()
	var union, both, only []int
	for k := range 100 {
		if x[k] || y[k] {
			union = append(union, k)
		}
		if x[k] && y[k] {
			both = append(both, k)
		}
		if x[k] && !y[k] {
			only = append(only, k)
		}
	}
	if !ordered {
		a.union = slices.Values(slices.Sorted(a.union))
		a.intersection = slices.Values(slices.Sorted(a.intersection))
		a.difference = slices.Values(slices.Sorted(a.difference))
	}
	assert.Equal(t, union, slices.Collect(a.union))
	assert.Equal(t, both, slices.Collect(a.intersection))
	assert.Equal(t, only, slices.Collect(a.difference))
	for _, seq := range []iter.Seq[int]{a.union, a.intersection, a.difference} {
		for range seq { // a loop that ends early
			break
		}
	}
}

// TestSetAlgebra compares union, intersection and difference with those of Go maps, in transactions, in
// views, and over snapshots of one moment while the sets change.
func TestSetAlgebra(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 0))
		owner := stm.NewOwner()
		x, y := tdata.NewSet[int](tdata.In(owner)), tdata.NewSet[int](tdata.In(owner))
		ox, oy := tdata.NewOrderedSet[int](tdata.In(owner)), tdata.NewOrderedSet[int](tdata.In(owner))
		inX, inY := map[int]bool{}, map[int]bool{}
		for range r.IntN(120) {
			k := r.IntN(100)
			assert.Equal(t, !inX[k], x.Insert(k))
			assert.Equal(t, !inX[k], ox.Insert(k))
			inX[k] = true
		}
		for range r.IntN(120) {
			k := r.IntN(100)
			commit(t, owner, func(tx *stm.Tx) {
				assert.Equal(t, !inY[k], y.Add(tx, k))
				assert.Equal(t, !inY[k], oy.Add(tx, k))
			})
			inY[k] = true
		}
		within := func(tx *stm.Tx) {
			algebra{x.Union(tx, y), x.Intersection(tx, y), x.Difference(tx, y)}.check(t, inX, inY, false)
			algebra{ox.Union(tx, oy), ox.Intersection(tx, oy), ox.Difference(tx, oy)}.check(t, inX, inY, true)
			assert.Equal(t, len(inX), x.Len(tx))
			assert.Equal(t, len(inX), ox.Len(tx))
		}
		commit(t, owner, within)
		look(t, owner, within)
		moment := tdata.Now(owner)
		sx, sy, osx, osy := x.SnapshotAt(moment), y.SnapshotAt(moment), ox.SnapshotAt(moment), oy.SnapshotAt(moment)
		commit(t, owner, func(tx *stm.Tx) { x.Clear(tx); oy.Clear(tx) })
		y.Remove(r.IntN(100))
		ox.Remove(r.IntN(100))
		algebra{sx.Union(sy), sx.Intersection(sy), sx.Difference(sy)}.check(t, inX, inY, false)
		algebra{osx.Union(osy), osx.Intersection(osy), osx.Difference(osy)}.check(t, inX, inY, true)
		moment.Close()
	}
}

// TestLoopsMayChangeTheSets that they go through: no key is met twice, and what the loop does not touch is met if it belongs there.
func TestLoopsMayChangeTheSets(t *testing.T) {
	for seed := range uint64(300) {
		owner := stm.NewOwner()
		x, y := tdata.NewSet[int](tdata.In(owner)), tdata.NewSet[int](tdata.In(owner))
		loopMayChange(t, seed, owner, x, y, func(tx *stm.Tx) algebra {
			return algebra{x.Union(tx, y), x.Intersection(tx, y), x.Difference(tx, y)}
		})
		ox, oy := tdata.NewOrderedSet[int](tdata.In(owner)), tdata.NewOrderedSet[int](tdata.In(owner))
		loopMayChange(t, seed, owner, ox, oy, func(tx *stm.Tx) algebra {
			return algebra{ox.Union(tx, oy), ox.Intersection(tx, oy), ox.Difference(tx, oy)}
		})
	}
}

type aSet interface {
	Add(tx *stm.Tx, key int) bool
	Delete(tx *stm.Tx, key int) bool
	Insert(key int) bool
}

func loopMayChange(t *testing.T, seed uint64, owner *stm.Owner, x, y aSet, of func(tx *stm.Tx) algebra) {
	r := rand.New(rand.NewPCG(seed, 1))
	inX, inY := map[int]bool{}, map[int]bool{}
	for k := range 40 {
		if inX[k] = r.IntN(2) == 0; inX[k] {
			x.Insert(k)
		}
		if inY[k] = r.IntN(2) == 0; inY[k] {
			y.Insert(k)
		}
	}
	for what, belongs := range map[string]func(k int) bool{
		"union":        func(k int) bool { return inX[k] || inY[k] },
		"intersection": func(k int) bool { return inX[k] && inY[k] },
		"difference":   func(k int) bool { return inX[k] && !inY[k] },
	} {
		_ = owner.Try(func(tx *stm.Tx) error {
			all := of(tx)
			loop := map[string]iter.Seq[int]{"union": all.union, "intersection": all.intersection, "difference": all.difference}[what]
			met, touched := map[int]bool{}, map[int]bool{}
			for k := range loop {
				require.False(t, met[k], "%s of %T, seed %d: %d is met twice", what, x, seed, k)
				met[k] = true
				for range r.IntN(3) {
					which, other := []aSet{x, y}[r.IntN(2)], r.IntN(50)
					if touched[other] = true; r.IntN(2) == 0 {
						which.Add(tx, other)
					} else {
						which.Delete(tx, other)
					}
				}
			}
			for k := range 50 {
				if !touched[k] {
					require.Equal(t, belongs(k), met[k], "%s of %T, seed %d: %d", what, x, seed, k)
				}
			}
			return assert.AnError // undone
		})
	}
}

func TestSetsMarshalAsArrays(t *testing.T) {
	var s tdata.Set[string]
	o := tdata.NewOrderedSet[int]()
	for _, k := range []int{30, 4, 200} {
		o.Insert(k)
	}
	s.Insert("b")
	s.Insert("a")
	text, err := json.Marshal(map[string]any{"set": &s, "ordered": o})
	require.NoError(t, err)
	assert.JSONEq(t, `{"set":["a","b"],"ordered":[4,30,200]}`, string(text))
	text, err = json.Marshal(tdata.NewSet[int]())
	require.NoError(t, err)
	assert.Equal(t, "[]", string(text), "an empty set is no null")
}

// TestBytesMarshalAsArrays: what is an array stays one, whatever package encoding/json does with []byte.
func TestBytesMarshalAsArrays(t *testing.T) {
	set, ordered := tdata.NewSet[byte](), tdata.NewOrderedSet[byte]()
	queue, bounded, priority := tdata.NewQueue[byte](), tdata.NewBoundedQueue[byte](2), tdata.NewPriorityQueue(cmp.Compare[byte])
	for _, b := range []byte{1, 2} {
		set.Insert(b)
		ordered.Insert(b)
		require.NoError(t, queue.Send(background, b))
		require.NoError(t, bounded.Send(background, b))
		require.NoError(t, priority.Send(background, b))
	}
	for _, of := range []any{set, ordered, queue, bounded, priority} {
		text, err := json.Marshal(of)
		require.NoError(t, err)
		assert.Equal(t, "[1,2]", string(text), "%T", of)
	}
	addressed := tdata.NewQueue[big.Int]() // whose MarshalJSON has a pointer for its receiver
	require.NoError(t, addressed.Send(background, *big.NewInt(7)))
	text, err := json.Marshal(addressed)
	require.NoError(t, err)
	assert.Equal(t, "[7]", string(text))
}

func TestOrderedSetNeighbours(t *testing.T) {
	s := tdata.NewOrderedSetFunc(func(a, b string) int { return len(a) - len(b) })
	for _, k := range []string{"a", "ccc", "eeeee"} {
		s.Insert(k)
	}
	assert.True(t, s.Contains("xxx"), "keys are the same if they compare so")
	assert.False(t, s.Insert("yyy"))
	look(t, stm.Default(), func(tx *stm.Tx) {
		assert.Equal(t, []string{"a", "ccc", "eeeee"}, slices.Collect(s.All(tx)))
		assert.Equal(t, []string{"eeeee", "ccc", "a"}, slices.Collect(s.Backward(tx)))
		assert.Equal(t, []string{"ccc"}, slices.Collect(s.Range(tx, "bb", "55555")))
		assert.Equal(t, []string{"ccc", "a"}, slices.Collect(s.RangeBackward(tx, "", "4444")))
		assert.Equal(t, []string{"ccc", "eeeee"}, slices.Collect(s.From(tx, "333")))
		assert.Equal(t, []string{"a"}, slices.Collect(s.Before(tx, "333")))
		assert.Empty(t, slices.Collect(s.From(tx, "666666")))
		assert.Empty(t, slices.Collect(s.Before(tx, "1")))
		first, _ := s.Min(tx)
		last, _ := s.Max(tx)
		floor, _ := s.Floor(tx, "4444")
		ceiling, _ := s.Ceiling(tx, "4444")
		assert.Equal(t, []string{"a", "eeeee", "ccc", "eeeee"}, []string{first, last, floor, ceiling})
		_, found := s.Ceiling(tx, "666666")
		assert.False(t, found)
	})
}
