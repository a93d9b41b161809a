package tdata_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rinse-go/rinse/tdata"
)

// share runs work(goroutine, n) on a number of goroutines, b.N times in all.
func share(b *testing.B, goroutines int, work func(g, n int)) {
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

var goroutines = []int{1, 2, 8}

func BenchmarkCounter(b *testing.B) {
	for _, g := range goroutines {
		b.Run(fmt.Sprintf("atomic/%d", g), func(b *testing.B) {
			var c atomic.Int64
			share(b, g, func(_, n int) {
				for range n {
					c.Add(1)
				}
			})
		})
		b.Run(fmt.Sprintf("rinse/%d", g), func(b *testing.B) {
			c := tdata.NewCounter()
			share(b, g, func(_, n int) {
				for range n {
					c.Increase(1)
				}
			})
		})
	}
}
