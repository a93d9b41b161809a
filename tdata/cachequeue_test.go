package tdata

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The queue keeps its order, whatever is put where and taken away, also when the lowest ranks have become one.
func TestCacheQueueKeepsItsOrder(t *testing.T) {
	type slot = cacheSlot[int, int]
	for seed := range uint64(20) {
		r, q, all := rand.New(rand.NewPCG(seed, 0)), cacheQueue[int, int]{}, []*slot{}
		for step := range 1000 {
			switch at := 0; r.IntN(5) {
			case 0, 1:
				s := &slot{key: step}
				q.insert(s, q.bottom()+r.Uint64N(q.span()+1))
				all = append(all, s)
			case 2:
				if len(all) > 0 {
					at = r.IntN(len(all))
					q.remove(all[at])
					all = slices.Delete(all, at, at+1)
				}
			case 3:
				s := &slot{key: step}
				q.insertOldest(s)
				all = append(all, s)
				require.Same(t, s, q.oldest)
			case 4:
				q.push(1 + float64(q.count)*r.Float64()/perGeneration)
			}
			checkCacheQueue(t, &q, len(all))
		}
		require.Positive(t, q.low, "ranks have been merged or left")
	}
}

func checkCacheQueue(t *testing.T, q *cacheQueue[int, int], count int) {
	t.Helper()
	require.Equal(t, count, q.count)
	require.Less(t, q.span(), uint64(ranksTold))
	last, n := map[uint64]*cacheSlot[int, int]{}, 0
	var below *cacheSlot[int, int]
	for s := q.oldest; s != nil; below, s = s, s.place.next {
		if s.place.prev != below || below != nil && q.rankOf(below) > q.rankOf(s) {
			t.Fatalf("the %d-th slot is not in its place", n)
		}
		last[q.rankOf(s)] = s
		n++
	}
	require.Equal(t, count, n)
	require.Same(t, below, q.newest)
	for rank := q.low; rank <= q.top; rank++ {
		if last[rank] != q.last[rank%ranksTold] {
			t.Fatalf("another slot than the newest is taken for that of rank %d", rank)
		}
	}
}
