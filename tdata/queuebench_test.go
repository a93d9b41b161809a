package tdata_test

import (
	"cmp"
	"container/heap"
	"context"
	"sync"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"golang.org/x/sync/semaphore"
)

// A handOver is one way to hand values over.
type handOver struct {
	name string
	make func() (put func(int), take func() int)
}

func sending(q aQueue) (func(int), func() int) {
	ctx := context.Background()
	return func(v int) { _ = q.Send(ctx, v) }, func() int { v, _ := q.Receive(ctx); return v }
}

var handOvers = []handOver{
	{"Queue", func() (func(int), func() int) { return sending(tdata.NewQueue[int]()) }},
	{"Queue-in-transactions", func() (func(int), func() int) {
		q, ctx := tdata.NewQueue[int](), context.Background()
		return func(v int) { _ = stm.Atomically(ctx, func(tx *stm.Tx) error { return q.Put(tx, v) }) },
			func() int { v, _ := stm.Do(ctx, q.Take); return v }
	}},
	{"BoundedQueue", func() (func(int), func() int) { return sending(tdata.NewBoundedQueue[int](1024)) }},
	{"PriorityQueue", func() (func(int), func() int) { return sending(tdata.NewPriorityQueue(cmp.Compare[int])) }},
	{"channel", func() (func(int), func() int) {
		c := make(chan int, 1024)
		return func(v int) { c <- v }, func() int { return <-c }
	}},
	{"mutex+cond", func() (func(int), func() int) {
		var mu sync.Mutex
		filled := sync.NewCond(&mu)
		var items []int
		return func(v int) {
				mu.Lock()
				items = append(items, v)
				mu.Unlock()
				filled.Signal()
			}, func() int {
				mu.Lock()
				defer mu.Unlock()
				for len(items) == 0 {
					filled.Wait()
				}
				v := items[0]
				items = items[1:]
				return v
			}
	}},
}

// An operation is a put and a take: by one goroutine in turn, or by half of the goroutines each.
func BenchmarkPutTake(b *testing.B) {
	for _, h := range handOvers {
		b.Run("1/"+h.name, func(b *testing.B) {
			put, take := h.make()
			b.ReportAllocs()
			for i := range b.N {
				put(i)
				take()
			}
		})
	}
	for _, pairs := range []int{1, 4} {
		for _, h := range handOvers {
			b.Run(map[int]string{1: "2/", 4: "8/"}[pairs]+h.name, func(b *testing.B) {
				put, take := h.make()
				b.ReportAllocs()
				each := b.N/pairs + 1
				var all sync.WaitGroup
				for range pairs {
					all.Go(func() {
						for i := range each {
							put(i)
						}
					})
					all.Go(func() {
						for range each {
							take()
						}
					})
				}
				all.Wait()
			})
		}
	}
}

// intHeap is container/heap's, of numbers.
type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(v any)        { *h = append(*h, v.(int)) }
func (h *intHeap) Pop() any          { v := (*h)[len(*h)-1]; *h = (*h)[:len(*h)-1]; return v }

// An operation is to take the least of 1,000 values and to put a greater one, as a queue of timers does: the hold model of
// Jones, "An Empirical Comparison of Priority-Queue and Event-Set Implementations" (1986).
func BenchmarkPriorityOf1000(b *testing.B) {
	const values = 1000
	run := func(name string, put func(int), take func() int, size func() int) {
		for v := range values {
			put(v)
		}
		each(b, name, func(b *testing.B, g int) {
			share(b, g, func(g, n int) {
				later := keysOf(g)
				for i := range n {
					put(take() + 1 + later[i%len(later)]%(2*values))
				}
			})
			if size() != values {
				b.Errorf("%d values are left of %d", size(), values)
			}
		})
	}
	q := tdata.NewPriorityQueue(cmp.Compare[int])
	put, take := sending(q)
	run("PriorityQueue", put, take, q.Size)

	var mu sync.Mutex
	var h intHeap
	run("mutex+heap", func(v int) { mu.Lock(); heap.Push(&h, v); mu.Unlock() },
		func() int { mu.Lock(); defer mu.Unlock(); return heap.Pop(&h).(int) }, func() int { return len(h) })
}

// An operation is to acquire a permit and to release it, with as many goroutines as permits, or four times as many.
func BenchmarkSemaphore(b *testing.B) {
	const permits = 2
	ctx := context.Background()
	peer := semaphore.NewWeighted(permits)
	plain, fair := tdata.NewSemaphore(permits), tdata.NewFairSemaphore(permits)
	for _, goroutines := range []int{1, 2, 8} {
		for _, s := range []struct {
			name string
			use  func()
		}{
			{"Semaphore", func() { release, _ := plain.Hold(ctx, 1); release() }},
			{"FairSemaphore", func() { release, _ := fair.Hold(ctx, 1); release() }},
			{"x-sync", func() { _ = peer.Acquire(ctx, 1); peer.Release(1) }},
		} {
			b.Run(map[int]string{1: "1/", 2: "2/", 8: "8/"}[goroutines]+s.name, func(b *testing.B) {
				b.ReportAllocs()
				each := b.N/goroutines + 1
				var all sync.WaitGroup
				for range goroutines {
					all.Go(func() {
						for range each {
							s.use()
						}
					})
				}
				all.Wait()
			})
		}
	}
}

// An operation is to publish a value that four subscribers take.
func BenchmarkTopic(b *testing.B) {
	const subscribers = 4
	ctx := context.Background()
	b.Run("Topic", func(b *testing.B) {
		var topic tdata.Topic[int]
		var all sync.WaitGroup
		for range subscribers {
			s := topic.Follow()
			all.Go(func() {
				for range b.N {
					_, _ = s.Receive(ctx)
				}
			})
		}
		for i := range b.N {
			_ = topic.Send(ctx, i)
		}
		all.Wait()
	})
	b.Run("channel-each", func(b *testing.B) {
		var channels [subscribers]chan int
		var all sync.WaitGroup
		for i := range channels {
			channels[i] = make(chan int, 1024)
			all.Go(func() {
				for range b.N {
					<-channels[i]
				}
			})
		}
		for i := range b.N {
			for _, c := range channels {
				c <- i
			}
		}
		all.Wait()
	})
}
