package tdata_test

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"github.com/jackc/puddle/v2"
	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// BenchmarkCache has keys drawn by Zipf 0.9 and a cache that holds all of them (hit), or a tenth (mix: what is
// missing is set).
func BenchmarkCache(b *testing.B) {
	const keys = 1 << 16
	draw := make([]int, 1<<16)
	for i, next := 0, zipfian(newRand(), keys, 0.9); i < len(draw); i++ {
		draw[i] = next()
	}
	for _, s := range []struct {
		name string
		new  store
	}{{"rinse-Load", rinseStore}, {"rinse-View", viewStore}, {"otter", otterStoreBench}, {"golang-lru", lruStore}} {
		b.Run("hit/"+s.name, func(b *testing.B) {
			get, put := s.new(2 * keys)
			for k := range keys {
				put(k)
			}
			eachKey(b, func(i int) { get(draw[i%len(draw)]) })
		})
		b.Run("mix/"+s.name, func(b *testing.B) {
			get, put := s.new(keys / 10)
			eachKey(b, func(i int) {
				if k := draw[i%len(draw)]; !get(k) {
					put(k)
				}
			})
		})
		b.Run("set/"+s.name, func(b *testing.B) {
			_, put := s.new(keys / 10)
			eachKey(b, func(i int) { put(i) })
		})
	}
}

// each runs fn on as many goroutines as there are processors, with numbers from different places on.
func eachKey(b *testing.B, fn func(i int)) {
	var starts atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := int(starts.Add(1)) * 7919; pb.Next(); i++ {
			fn(i)
		}
	})
}

func viewStore(capacity int) (func(int) bool, func(int)) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: capacity})
	ctx := context.Background()
	return func(k int) (ok bool) {
		_ = stm.View(ctx, func(tx *stm.Tx) error { _, ok = c.Get(tx, k); return nil })
		return ok
	}, func(k int) { c.Store(k, k) }
}

func otterStoreBench(capacity int) (func(int) bool, func(int)) {
	c := otter.Must(&otter.Options[int, int]{MaximumSize: capacity})
	return func(k int) bool { _, ok := c.GetIfPresent(k); return ok }, func(k int) { c.Set(k, k) }
}

func BenchmarkPool(b *testing.B) {
	ctx := context.Background()
	make := func(context.Context) (int, error) { return 1, nil }
	b.Run("rinse", func(b *testing.B) {
		p := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 16, New: make})
		eachKey(b, func(int) { r, _ := p.Acquire(ctx); r.Release() })
	})
	b.Run("puddle", func(b *testing.B) {
		p, err := puddle.NewPool(&puddle.Config[int]{MaxSize: 16, Constructor: make, Destructor: func(int) {}})
		if err != nil {
			b.Fatal(err)
		}
		eachKey(b, func(int) { r, _ := p.Acquire(ctx); r.Release() })
	})
}

func BenchmarkRateLimiter(b *testing.B) {
	for _, full := range []bool{true, false} {
		burst := math.MaxInt
		if !full {
			burst = 0
		}
		b.Run(fmt.Sprintf("rinse/allowed=%v", full), func(b *testing.B) {
			l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: burst})
			eachKey(b, func(int) { l.Allow() })
		})
		b.Run(fmt.Sprintf("x-time-rate/allowed=%v", full), func(b *testing.B) {
			l := rate.NewLimiter(1, burst)
			eachKey(b, func(int) { l.Allow() })
		})
	}
}
