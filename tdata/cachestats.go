package tdata

import (
	"sync/atomic"
	"time"
)

// CacheStats counts what happened to a [Cache] since it was made. The counts are exact when nobody is using
// it. Hits and misses are counted where they happen, by all that look for a key but Peek, also in attempts
// of a transaction that run again; the others once for each commit.
type CacheStats struct {
	Hits, Misses uint64        // 0 unless the cache was told to CountUses
	Loads        uint64        // loaders of Fetch that returned a value
	Failures     uint64        // loaders that returned an error, panicked, or called runtime.Goexit
	LoadTime     time.Duration // what all of them took together
	Evictions    uint64        // entries evicted to make room
	Expirations  uint64        // entries that had expired when they were removed
}

// HitRatio returns the share of uses that were hits, 0 if there were none.
func (s CacheStats) HitRatio() float64 {
	if s.Hits == 0 {
		return 0
	}
	return float64(s.Hits) / float64(s.Hits+s.Misses)
}

// Stats returns the counts so far. It disturbs nobody.
func (c *Cache[K, V]) Stats() CacheStats {
	t := &c.use().tally
	s := CacheStats{
		Loads:       t.loads.Load(),
		Failures:    t.failures.Load(),
		LoadTime:    time.Duration(t.loadTime.Load()),
		Evictions:   t.evictions.Load(),
		Expirations: t.expirations.Load(),
	}
	for i := range t.uses {
		s.Hits += t.uses[i].hits.Load()
		s.Misses += t.uses[i].misses.Load()
	}
	return s
}

// cacheTally is what the counts are made of.
type cacheTally struct {
	uses                   [16]cacheUses // by bits of the key's hash
	loads, failures        atomic.Uint64
	loadTime               atomic.Int64
	evictions, expirations atomic.Uint64
}

// cacheUses has a cache line for itself.
type cacheUses struct {
	hits, misses atomic.Uint64
	_            [48]byte
}

func (t *cacheTally) of(hash uint64) *cacheUses { return &t.uses[hash>>48%16] }

func (t *cacheTally) removed(reason RemovalReason) {
	switch reason {
	case Evicted:
		t.evictions.Add(1)
	case Expired:
		t.expirations.Add(1)
	}
}

func (t *cacheTally) loaded(ok bool, nanoseconds int64) {
	t.loadTime.Add(nanoseconds)
	if ok {
		t.loads.Add(1)
	} else {
		t.failures.Add(1)
	}
}
