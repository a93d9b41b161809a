package tdata_test

import (
	"testing"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/tdata"
)

// A store makes a cache as the traces use it: ask, and put what was missing.
type store func(capacity int) (get func(int) bool, put func(int))

func rinseStore(capacity int) (func(int) bool, func(int)) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: capacity})
	return func(k int) bool { _, ok := c.Load(k); return ok }, func(k int) { c.Store(k, k) }
}

func lruStore(capacity int) (func(int) bool, func(int)) {
	c, err := lru.New[int, int](capacity)
	if err != nil {
		panic(err)
	}
	return func(k int) bool { _, ok := c.Get(k); return ok }, func(k int) { c.Add(k, k) }
}

func hitRate(s store, capacity int, keys []int) float64 {
	get, put := s(capacity)
	hits := 0
	for _, k := range keys {
		if get(k) {
			hits++
		} else {
			put(k)
		}
	}
	return float64(hits) / float64(len(keys))
}

// The hit rate is above that of exact LRU where popularity counts, scans and loops included, and nowhere lower by
// more than one point, at capacities with one and with many eviction queues. golang-lru evicts
// exactly the least recently used key.
func TestHitRateIsNearLRUOrAbove(t *testing.T) {
	least := map[string]float64{"zipf 0.7": 0.03, "zipf 0.9": 0.02, "zipf 1.0": 0.01, "scan": 0.01, "loop": 0.1}
	capacities := []int{500, 100, 5000}
	for _, capacity := range capacities[:max(3/cacheRaceFactor, 1)] {
		for _, trace := range traces() {
			keys := trace.keys(capacity, 12*capacity+20_000)
			ours, exact := hitRate(rinseStore, capacity, keys), hitRate(lruStore, capacity, keys)
			t.Logf("%-10s %5d  rinse %.3f  lru %.3f", trace.name, capacity, ours, exact)
			limit, ok := least[trace.name]
			if !ok {
				limit = -0.01
			}
			assert.GreaterOrEqual(t, ours-exact, limit, "%s, capacity %d", trace.name, capacity)
		}
	}
}
