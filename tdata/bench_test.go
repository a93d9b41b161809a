package tdata_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/puzpuzpuz/xsync/v4"
	"github.com/tidwall/btree"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// What each structure costs beside what a Go user would take instead. All variants of one benchmark are
// in one run; the number at the end is how many goroutines share the work. See docs/tdata-maps.md.

// share runs work(goroutine, n) on a number of goroutines, b.N times in all.
func share(b *testing.B, goroutines int, work func(g, n int)) {
	b.ReportAllocs()
	var wg sync.WaitGroup
	b.ResetTimer()
	for g := range goroutines {
		n := b.N / goroutines
		if g < b.N%goroutines {
			n++
		}
		wg.Go(func() { work(g, n) })
	}
	wg.Wait()
}

// each runs a benchmark with 1, 2 and 8 goroutines.
func each(b *testing.B, name string, work func(b *testing.B, goroutines int)) {
	for _, g := range []int{1, 2, 8} {
		b.Run(fmt.Sprintf("%s/%d", name, g), func(b *testing.B) { work(b, g) })
	}
}

func BenchmarkCounter(b *testing.B) {
	each(b, "rinse Increase", func(b *testing.B, g int) {
		c := tdata.NewCounter()
		share(b, g, func(_, n int) {
			for range n {
				c.Increase(1)
			}
		})
	})
	each(b, "rinse Add in a transaction", func(b *testing.B, g int) {
		c := tdata.NewCounter()
		share(b, g, func(_, n int) {
			add := func(tx *stm.Tx) error { c.Add(tx, 1); return nil }
			for range n {
				_ = stm.Atomically(background, add)
			}
		})
	})
	each(b, "atomic.Int64", func(b *testing.B, g int) {
		var c atomic.Int64
		share(b, g, func(_, n int) {
			for range n {
				c.Add(1)
			}
		})
	})
	each(b, "xsync.Counter", func(b *testing.B, g int) {
		c := xsync.NewCounter()
		share(b, g, func(_, n int) {
			for range n {
				c.Add(1)
			}
		})
	})
}

// size is how many keys the maps of the benchmarks have.
const size = 1 << 14

// A table is a map under test.
type table struct {
	name  string
	load  func(k int) int
	store func(k, v int)
	swap  func(k int) // delete and insert again
}

// keysOf returns keys at random, drawn beforehand.
func keysOf(g int) []int {
	r, keys := rand.New(rand.NewPCG(uint64(g), 7)), make([]int, 1<<14)
	for i := range keys {
		keys[i] = r.IntN(size)
	}
	return keys
}

func tables() []table {
	return []table{rinseTable(), syncTable(), xsyncTable(), lockedTable()}
}

func rinseTable() table {
	m := tdata.NewMap[int, int]()
	for k := range size {
		m.Store(k, k)
	}
	return table{
		name: "rinse",
		load: func(k int) int { v, _ := m.Load(k); return v },
		store: func(k, v int) {
			m.Store(k, v)
		},
		swap: func(k int) { m.Remove(k); m.Store(k, k) },
	}
}

func syncTable() table {
	var m sync.Map
	for k := range size {
		m.Store(k, k)
	}
	return table{
		name:  "sync.Map",
		load:  func(k int) int { v, _ := m.Load(k); n, _ := v.(int); return n },
		store: func(k, v int) { m.Store(k, v) },
		swap:  func(k int) { m.Delete(k); m.Store(k, k) },
	}
}

func xsyncTable() table {
	m := xsync.NewMap[int, int]()
	for k := range size {
		m.Store(k, k)
	}
	return table{
		name:  "xsync.Map",
		load:  func(k int) int { v, _ := m.Load(k); return v },
		store: func(k, v int) { m.Store(k, v) },
		swap:  func(k int) { m.Delete(k); m.Store(k, k) },
	}
}

func lockedTable() table {
	var mu sync.RWMutex
	m := map[int]int{}
	for k := range size {
		m[k] = k
	}
	store := func(k, v int) { mu.Lock(); m[k] = v; mu.Unlock() }
	return table{
		name:  "map+RWMutex",
		load:  func(k int) int { mu.RLock(); defer mu.RUnlock(); return m[k] },
		store: store,
		swap:  func(k int) { mu.Lock(); delete(m, k); mu.Unlock(); store(k, k) },
	}
}

var sink atomic.Int64

func BenchmarkMapLoad(b *testing.B) {
	for _, m := range tables() {
		each(b, m.name, func(b *testing.B, g int) {
			share(b, g, func(g, n int) {
				keys, sum := keysOf(g), 0
				for i := range n {
					sum += m.load(keys[i%len(keys)])
				}
				sink.Add(int64(sum))
			})
		})
	}
}

// BenchmarkMapRead is reads in Views of 1, 16 and 256, beside loads; an operation is a read.
func BenchmarkMapRead(b *testing.B) {
	m := tdata.NewMap[int, int]()
	for k := range size {
		m.Store(k, k)
	}
	for _, reads := range []int{1, 16, 256} {
		each(b, fmt.Sprintf("rinse View of %d", reads), func(b *testing.B, g int) {
			share(b, g, func(g, n int) {
				keys, sum, at := keysOf(g), 0, 0
				view := func(tx *stm.Tx) error {
					for i := range reads {
						v, _ := m.Get(tx, keys[(at+i)%len(keys)])
						sum += v
					}
					return nil
				}
				for ; at < n; at += reads {
					_ = stm.View(background, view)
				}
				sink.Add(int64(sum))
			})
		})
	}
	s := syncTable()
	each(b, s.name, func(b *testing.B, g int) {
		share(b, g, func(g, n int) {
			keys, sum := keysOf(g), 0
			for i := range n {
				sum += s.load(keys[i%len(keys)])
			}
			sink.Add(int64(sum))
		})
	})
}

func BenchmarkMapStore(b *testing.B) {
	for _, m := range tables() {
		each(b, m.name, func(b *testing.B, g int) {
			share(b, g, func(g, n int) {
				keys := keysOf(g)
				for i := range n {
					m.store(keys[i%len(keys)], i)
				}
			})
		})
	}
}

// BenchmarkMapSwap deletes a key and inserts it again.
func BenchmarkMapSwap(b *testing.B) {
	for _, m := range tables() {
		each(b, m.name, func(b *testing.B, g int) {
			share(b, g, func(g, n int) {
				keys := keysOf(g)
				for i := range n {
					m.swap(keys[i%len(keys)])
				}
			})
		})
	}
}

// BenchmarkMapGrow inserts 16,384 keys into an empty map; an operation is one of them.
func BenchmarkMapGrow(b *testing.B) {
	grow := func(name string, fresh func() func(k int)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; {
				store := fresh()
				for k := 0; k < size && i < b.N; k, i = k+1, i+1 {
					store(k)
				}
			}
		})
	}
	grow("rinse", func() func(int) { m := tdata.NewMap[int, int](); return func(k int) { m.Store(k, k) } })
	grow("sync.Map", func() func(int) { var m sync.Map; return func(k int) { m.Store(k, k) } })
	grow("xsync.Map", func() func(int) { m := xsync.NewMap[int, int](); return func(k int) { m.Store(k, k) } })
	grow("map", func() func(int) { m := map[int]int{}; return func(k int) { m[k] = k } })
}

// BenchmarkMapUpdateBesideLongTransactions is one goroutine that updates a single key after another, while 8
// others change 100 keys at a time, with whatever it takes to have that in one step. Time is that of an
// update on average, with all that it waits; every eighth is timed by itself for the quantiles.
func BenchmarkMapUpdateBesideLongTransactions(b *testing.B) {
	beside := func(name string, update func(k int), hundred func(keys []int)) {
		b.Run(name, func(b *testing.B) {
			var stop atomic.Bool
			var wg sync.WaitGroup
			var done atomic.Int64
			for g := range 8 {
				keys := keysOf(100 + g)
				wg.Go(func() {
					for at := 0; !stop.Load(); at = (at + 100) % (len(keys) - 100) {
						hundred(keys[at : at+100])
						done.Add(1)
					}
				})
			}
			keys, times := keysOf(1), make([]time.Duration, 0, b.N/8+1)
			b.ResetTimer()
			for i := range b.N {
				if k := keys[i%len(keys)]; i%8 == 0 {
					start := time.Now()
					update(k)
					times = append(times, time.Since(start))
				} else {
					update(k)
				}
			}
			b.ReportMetric(float64(done.Load())/b.Elapsed().Seconds(), "hundreds/s")
			b.StopTimer()
			stop.Store(true)
			wg.Wait()
			slices.Sort(times)
			for name, share := range map[string]float64{"ns/median": 0.5, "ns/p99.9": 0.999, "ns/max": 1} {
				b.ReportMetric(float64(times[int(share*float64(len(times)-1))]), name)
			}
		})
	}
	m := tdata.NewMap[int, int]()
	locked := map[int]int{}
	for k := range size {
		m.Store(k, k)
		locked[k] = k
	}
	plus := func(v int, _ bool) (int, bool) { return v + 1, true }
	beside("rinse", func(k int) { m.Update(k, plus) }, func(keys []int) {
		_ = stm.Atomically(background, func(tx *stm.Tx) error {
			for _, k := range keys {
				m.Modify(tx, k, plus)
			}
			return nil
		})
	})
	var mu sync.Mutex
	beside("map+Mutex", func(k int) { mu.Lock(); locked[k]++; mu.Unlock() }, func(keys []int) {
		mu.Lock()
		for _, k := range keys {
			locked[k]++
		}
		mu.Unlock()
	})
}

// An ordered table is an ordered map under test.
type ordered struct {
	name  string
	load  func(k int) int
	store func(k, v int)
	swap  func(k int)
	scan  func(from int) int // of a hundred keys
}

func orderedTables() []ordered {
	return []ordered{rinseOrdered(), lockedTree()}
}

func rinseOrdered() ordered {
	m := tdata.NewOrderedMap[int, int]()
	for k := range size {
		m.Store(k, k)
	}
	return ordered{
		name:  "rinse",
		load:  func(k int) int { v, _ := m.Load(k); return v },
		store: func(k, v int) { m.Store(k, v) },
		swap:  func(k int) { m.Remove(k); m.Store(k, k) },
		scan: func(from int) (sum int) {
			_ = stm.View(background, func(tx *stm.Tx) error {
				sum = 0
				for _, v := range m.Range(tx, from, from+100) {
					sum += v
				}
				return nil
			})
			return sum
		},
	}
}

func lockedTree() ordered {
	var mu sync.RWMutex
	var m btree.Map[int, int]
	for k := range size {
		m.Set(k, k)
	}
	store := func(k, v int) { mu.Lock(); m.Set(k, v); mu.Unlock() }
	return ordered{
		name:  "btree+RWMutex",
		load:  func(k int) int { mu.RLock(); defer mu.RUnlock(); v, _ := m.Get(k); return v },
		store: store,
		swap:  func(k int) { mu.Lock(); m.Delete(k); mu.Unlock(); store(k, k) },
		scan: func(from int) (sum int) {
			mu.RLock()
			defer mu.RUnlock()
			m.Ascend(from, func(k, v int) bool {
				if k >= from+100 {
					return false
				}
				sum += v
				return true
			})
			return sum
		},
	}
}

func BenchmarkOrderedMap(b *testing.B) {
	for _, m := range orderedTables() {
		for what, do := range map[string]func(k int){
			"load":        func(k int) { m.load(k) },
			"store":       func(k int) { m.store(k, k) },
			"swap":        func(k int) { m.swap(k) },
			"scan of 100": func(k int) { m.scan(k) },
		} {
			each(b, what+"/"+m.name, func(b *testing.B, g int) {
				share(b, g, func(g, n int) {
					keys := keysOf(g)
					for i := range n {
						do(keys[i%len(keys)])
					}
				})
			})
		}
	}
}
