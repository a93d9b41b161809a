package tdata_test

import (
	"math"
	"math/rand/v2"
	"sort"
)

// A trace is a sequence of keys that somebody asks a cache for.
type trace struct {
	name string
	keys func(capacity, length int) []int
}

// traces are generated, each from the same seed every time.
//
//	zipf      independent draws from 20 times the capacity of keys, the i-th with weight 1/i^alpha
//	loop      1.5 times the capacity of keys, in order, again and again
//	scan      zipf 0.9, and every 2,000 draws a scan of half the capacity of keys that never come again
//	drift     uniform draws from a window of 0.9 times the capacity of keys, which moves on by one key
//	          every 20 draws: the newest keys are the best
//	recency   the key asked for d different keys ago, where d is log-normal with its median at a fourth of the
//	          capacity, else a new one: made for evicting the least recently used
//	shift     zipf 0.9, with all keys replaced by others every 10,000 draws
func traces() []trace {
	return []trace{
		{"zipf 0.7", zipf(0.7)},
		{"zipf 0.9", zipf(0.9)},
		{"zipf 1.0", zipf(1.0)},
		{"loop", loop},
		{"scan", scan},
		{"drift", drift},
		{"recency", recency},
		{"shift", shift},
	}
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func zipf(alpha float64) func(capacity, length int) []int {
	return func(capacity, length int) []int {
		draw, keys := zipfian(newRand(), 20*capacity, alpha), make([]int, length)
		for i := range keys {
			keys[i] = draw()
		}
		return keys
	}
}

// zipfian draws from 0 to n-1 with weights 1/(i+1)^alpha.
func zipfian(r *rand.Rand, n int, alpha float64) func() int {
	sums, sum := make([]float64, n), 0.0
	for i := range sums {
		sum += math.Pow(float64(i+1), -alpha)
		sums[i] = sum
	}
	return func() int { return sort.SearchFloat64s(sums, r.Float64()*sum) }
}

func loop(capacity, length int) []int {
	keys := make([]int, length)
	for i := range keys {
		keys[i] = i % (capacity * 3 / 2)
	}
	return keys
}

func scan(capacity, length int) (keys []int) {
	draw, fresh := zipfian(newRand(), 20*capacity, 0.9), 20*capacity
	for len(keys) < length {
		for range 2000 {
			keys = append(keys, draw())
		}
		for range capacity / 2 {
			keys = append(keys, fresh)
			fresh++
		}
	}
	return keys[:length]
}

func drift(capacity, length int) []int {
	r, keys := newRand(), make([]int, length)
	for i := range keys {
		keys[i] = i/20 + r.IntN(capacity*9/10)
	}
	return keys
}

func recency(capacity, length int) []int {
	r, keys, recent := newRand(), make([]int, length), []int{}
	for i := range keys {
		d := int(float64(capacity) / 4 * math.Exp(1.5*r.NormFloat64()))
		if d >= len(recent) {
			keys[i] = i
		} else {
			at := len(recent) - 1 - d
			keys[i] = recent[at]
			recent = append(recent[:at], recent[at+1:]...)
		}
		recent = append(recent, keys[i])
		if len(recent) > 8*capacity {
			recent = append([]int{}, recent[4*capacity:]...)
		}
	}
	return keys
}

func shift(capacity, length int) []int {
	draw, keys := zipfian(newRand(), 20*capacity, 0.9), make([]int, length)
	for i := range keys {
		keys[i] = i/10000*20*capacity + draw()
	}
	return keys
}
