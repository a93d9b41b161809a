package tdata_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// What it costs to wait for each other, beside what package sync and channels have for it. See docs/tdata-sync.md.

// tally is share for work that returns how much of it was done, which must be all.
func tally(b *testing.B, goroutines int, work func(n int) (done int)) {
	var total atomic.Int64
	share(b, goroutines, func(_, n int) { total.Add(int64(work(n))) })
	if total.Load() != int64(b.N) {
		b.Errorf("%d of %d were done", total.Load(), b.N)
	}
}

// rounds runs a benchmark of one goroutine, in which round returns i.
func rounds(b *testing.B, name string, round func(i int) int) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			if got := round(i); got != i {
				b.Fatalf("round %d: %d", i, got)
			}
		}
	})
}

// An operation is to make a latch of 8, to count it down 8 times, and to wait for it: all by one goroutine, or with a
// goroutine started to count down each time.
func BenchmarkLatch(b *testing.B) {
	const times = 8
	awaited := func(l *tdata.Latch, i int) int {
		if l.Await(background) != nil {
			return -1
		}
		return i
	}
	rounds(b, "alone/Latch", func(i int) int {
		l := tdata.NewLatch(times)
		for range times {
			l.Arrive()
		}
		return awaited(l, i)
	})
	rounds(b, "alone/Latch in one transaction", func(i int) int {
		l := tdata.NewLatch(times)
		_ = stm.Atomically(background, func(tx *stm.Tx) error {
			for range times {
				l.CountDown(tx)
			}
			return nil
		})
		return awaited(l, i)
	})
	rounds(b, "alone/WaitGroup", func(i int) int {
		all := new(sync.WaitGroup)
		all.Add(times)
		for range times {
			all.Done()
		}
		all.Wait()
		return i
	})
	rounds(b, "goroutines/Latch", func(i int) int {
		l := tdata.NewLatch(times)
		for range times {
			go l.Arrive()
		}
		return awaited(l, i)
	})
	rounds(b, "goroutines/WaitGroup", func(i int) int {
		all := new(sync.WaitGroup)
		all.Add(times)
		for range times {
			go all.Done()
		}
		all.Wait()
		return i
	})
}

// An operation is to wait for what has happened already.
func BenchmarkLatchOpen(b *testing.B) {
	each(b, "Latch", func(b *testing.B, g int) {
		l := tdata.NewLatch(1)
		l.Arrive()
		tally(b, g, func(n int) (done int) {
			for range n {
				if l.Await(background) == nil {
					done++
				}
			}
			return done
		})
	})
	each(b, "WaitGroup", func(b *testing.B, g int) {
		var all sync.WaitGroup
		all.Add(1)
		all.Done()
		tally(b, g, func(n int) (done int) {
			for range n {
				all.Wait()
				done++
			}
			return done
		})
	})
}

// An operation is to take the lock and to give it up. What it guards is a variable that is 1 for readers, and that writers
// count up.
func BenchmarkRWLock(b *testing.B) {
	each(b, "read/RWLock", func(b *testing.B, g int) {
		lock, one := tdata.NewRWLock(), 1
		tally(b, g, func(n int) (done int) {
			for range n {
				unlock, _ := lock.HoldRead(background)
				done += one
				unlock()
			}
			return done
		})
	})
	each(b, "read/RWMutex", func(b *testing.B, g int) {
		var lock sync.RWMutex
		one := 1
		tally(b, g, func(n int) (done int) {
			for range n {
				lock.RLock()
				done += one
				lock.RUnlock()
			}
			return done
		})
	})
	each(b, "write/RWLock", func(b *testing.B, g int) {
		lock, count := tdata.NewRWLock(), 0
		share(b, g, func(_, n int) {
			for range n {
				unlock, _ := lock.HoldWrite(background)
				count++
				unlock()
			}
		})
		counted(b, count)
	})
	each(b, "write/RWMutex", func(b *testing.B, g int) {
		var lock sync.RWMutex
		count := 0
		share(b, g, func(_, n int) {
			for range n {
				lock.Lock()
				count++
				lock.Unlock()
			}
		})
		counted(b, count)
	})
}

// counted fails the benchmark if not every operation has counted: then they were not kept apart.
func counted(b *testing.B, count int) {
	if count != b.N {
		b.Errorf("%d of %d have counted", count, b.N)
	}
}

// condBarrier is the barrier that one writes by hand.
type condBarrier struct {
	mu             sync.Mutex
	over           *sync.Cond
	parties        int // immutable
	arrived, phase int // by mu
}

func newCondBarrier(parties int) *condBarrier {
	c := &condBarrier{parties: parties}
	c.over = sync.NewCond(&c.mu)
	return c
}

func (c *condBarrier) await() {
	c.mu.Lock()
	defer c.mu.Unlock()
	phase := c.phase
	if c.arrived++; c.arrived == c.parties {
		c.arrived = 0
		c.phase++
		c.over.Broadcast()
	}
	for phase == c.phase {
		c.over.Wait()
	}
}

// An operation is a round, in which all parties arrive and go on. Each round is counted by another one of them, and nothing
// but the barrier keeps them apart.
func BenchmarkBarrier(b *testing.B) {
	run := func(name string, parties int, await func()) {
		b.Run(fmt.Sprintf("%d/%s", parties, name), func(b *testing.B) {
			b.ReportAllocs()
			count := 0
			atOnceOn(parties, func(g int) {
				for round := range b.N {
					if round%parties == g {
						count++
					}
					await()
				}
			})
			counted(b, count)
		})
	}
	for _, parties := range []int{2, 8} {
		barrier := tdata.NewBarrier(parties)
		run("Barrier", parties, func() { _ = barrier.Await(background) })
		run("mutex+cond", parties, newCondBarrier(parties).await)
	}
}

// future is the promise that one writes by hand: a value, and a channel that is closed when it is there.
type future struct {
	done  chan struct{}
	value int // before done is closed, by who closes it
}

func (f *future) set(value int) { f.value = value; close(f.done) }

func (f *future) get() int { <-f.done; return f.value }

// An operation is to make a promise, to set it, and to wait for it: all by one goroutine, or with one started to set it.
func BenchmarkPromise(b *testing.B) {
	got := func(p *tdata.Promise[int]) int { v, _ := p.Await(background); return v }
	rounds(b, "alone/Promise", func(i int) int {
		p := tdata.NewPromise[int]()
		_ = p.Settle(i, nil)
		return got(p)
	})
	rounds(b, "alone/Promise in transactions", func(i int) int {
		p := tdata.NewPromise[int]()
		_ = stm.Atomically(background, func(tx *stm.Tx) error { return p.Resolve(tx, i) })
		v, _ := stm.Do(background, p.Get)
		return v
	})
	rounds(b, "alone/channel", func(i int) int {
		f := &future{done: make(chan struct{})}
		f.set(i)
		return f.get()
	})
	rounds(b, "goroutines/Promise", func(i int) int {
		p := tdata.NewPromise[int]()
		go func() { _ = p.Settle(i, nil) }()
		return got(p)
	})
	rounds(b, "goroutines/channel", func(i int) int {
		f := &future{done: make(chan struct{})}
		go f.set(i)
		return f.get()
	})
}

// An operation is to wait for a value that is there.
func BenchmarkPromiseSettled(b *testing.B) {
	waiting := func(name string, get func() int) {
		each(b, name, func(b *testing.B, g int) {
			tally(b, g, func(n int) (sum int) {
				for range n {
					sum += get()
				}
				return sum
			})
		})
	}
	p := tdata.NewPromise[int]()
	_ = p.Settle(1, nil)
	waiting("Promise", func() int { v, _ := p.Await(background); return v })
	waiting("Promise in a transaction", func() int { v, _ := stm.Do(background, p.Get); return v })
	f := &future{done: make(chan struct{})}
	f.set(1)
	waiting("channel", f.get)
}
