package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
)

const (
	cacheCapacity = 1024
	cacheKeys     = 4096
	cacheSequence = 8192 // keys that a goroutine asks for, over and over; drawing one takes longer than a Get
)

// Cache is read more than written, which is where readers that do not stop each other pay.
var Cache = Workload{
	Name: "cache",
	Explain: "A cache of 1,024 of 4,096 keys, of which few are asked for often and most seldom (Zipf). " +
		"The case 99/1 has 99 gets for each put.",
	Cases: []string{"99/1", "90/10", "50/50"},
	Needs: []string{"Cache"},
	New: func(s Setup) (*Load, error) {
		percent := map[string]int{"99/1": 1, "90/10": 10, "50/50": 50}[s.Case]
		cache := s.Discipline.Cache(cacheCapacity)
		for key := range cacheCapacity {
			cache.Put(key, cached(key, 0, 0))
		}
		puts := make([]tally, s.Goroutines)
		return &Load{
			Objects: []Object{cache},
			Worker: func(i int) Op {
				random := s.Rand(i)
				keys, at := zipf(random), 0
				return func(context.Context) error {
					at = (at + 1) % cacheSequence
					key := keys[at]
					if random.IntN(100) < percent {
						puts[i].n++
						cache.Put(key, cached(key, i, puts[i].n))
						return nil
					}
					if value, ok := cache.Get(key); ok && int(value>>48) != key {
						return fmt.Errorf("the value of key %d is %#x, which was put for another", key, value)
					}
					return nil
				}
			},
			Check: func(uint64) error { return checkCache(cache, puts) },
		}, nil
	},
}

// cached is the value that goroutine i puts at its nth put. It tells all three, and so does the check.
func cached(key, i int, n int64) int64 { return int64(key)<<48 | int64(i)<<36 | n }

func zipf(random *rand.Rand) []int {
	distribution := rand.NewZipf(random, 1.1, 1, cacheKeys-1)
	keys := make([]int, cacheSequence)
	for i := range keys {
		keys[i] = int(distribution.Uint64())
	}
	return keys
}

// checkCache wants a full cache, in which every value was put by somebody for that key.
func checkCache(cache interface {
	Get(int) (int64, bool)
	Len() int
}, puts []tally) error {
	found := 0
	for key := range cacheKeys {
		value, ok := cache.Get(key)
		if !ok {
			continue
		}
		found++
		i, n := int(value>>36&0xfff), value&0xfffffffff
		if int(value>>48) != key || i >= len(puts) || n > puts[i].n {
			return fmt.Errorf("the value of key %d is %#x, which nobody has put", key, value)
		}
	}
	if found != cacheCapacity || cache.Len() != cacheCapacity {
		return fmt.Errorf("the cache holds %d keys and says %d, want %d", found, cache.Len(), cacheCapacity)
	}
	return nil
}
