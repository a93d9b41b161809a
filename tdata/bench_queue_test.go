package tdata_test

import (
	"context"
	"sync"
	"testing"

	"github.com/rinse-go/rinse/tdata"
)

type put2take struct {
	name string
	make func() (put func(int), take func() int)
}

func variants() []put2take {
	ctx := context.Background()
	return []put2take{
		{"Queue", func() (func(int), func() int) {
			q := tdata.NewQueue[int]()
			return func(v int) { _ = q.Send(ctx, v) }, func() int { v, _ := q.Receive(ctx); return v }
		}},
		{"chan", func() (func(int), func() int) {
			c := make(chan int, 1024)
			return func(v int) { c <- v }, func() int { return <-c }
		}},
		{"cond", func() (func(int), func() int) {
			var mu sync.Mutex
			nonempty := sync.NewCond(&mu)
			var items []int
			return func(v int) {
					mu.Lock()
					items = append(items, v)
					mu.Unlock()
					nonempty.Signal()
				}, func() int {
					mu.Lock()
					defer mu.Unlock()
					for len(items) == 0 {
						nonempty.Wait()
					}
					v := items[0]
					items = items[1:]
					return v
				}
		}},
	}
}

func BenchmarkPutTake(b *testing.B) {
	for _, v := range variants() {
		b.Run("one/"+v.name, func(b *testing.B) {
			put, take := v.make()
			b.ReportAllocs()
			for i := range b.N {
				put(i)
				take()
			}
		})
	}
	for _, v := range variants() {
		b.Run("pair/"+v.name, func(b *testing.B) {
			put, take := v.make()
			b.ReportAllocs()
			var all sync.WaitGroup
			all.Go(func() {
				for i := range b.N {
					put(i)
				}
			})
			all.Go(func() {
				for range b.N {
					take()
				}
			})
			all.Wait()
		})
	}
}
