package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	anacrolix "github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// Counter: every goroutine increments one shared number.

type counter struct {
	add   func(n int)
	value func() int
	close func()
}

func counting(open func() counter) func(int) run {
	return func(goroutines int) run {
		c := open()
		return run{
			workers: goroutines,
			op:      func(_, n int) { c.add(n) },
			close:   c.close,
			check: func(done []int) error {
				if got, want := c.value(), sum(done); got != want {
					return fmt.Errorf("the counter is %d after %d increments", got, want)
				}
				return nil
			},
		}
	}
}

func rinseCounter() counter {
	count := tvar.New(0)
	return counter{value: count.Load, add: func(n int) {
		ctx := context.Background()
		for range n {
			must(stm.Atomically(ctx, func(tx *stm.Tx) error {
				count.Set(tx, count.Get(tx)+1)
				return nil
			}))
		}
	}}
}

func rinseModifyCounter() counter {
	count := tvar.New(0)
	return counter{value: count.Load, add: func(n int) {
		ctx := context.Background()
		for range n {
			must(stm.Atomically(ctx, func(tx *stm.Tx) error {
				count.Modify(tx, func(c int) int { return c + 1 })
				return nil
			}))
		}
	}}
}

func rinseUpdateCounter() counter {
	count := tvar.New(0)
	return counter{value: count.Load, add: func(n int) {
		for range n {
			count.Update(func(c int) int { return c + 1 })
		}
	}}
}

func anacrolixCounter() counter {
	count := anacrolix.NewVar(0)
	return counter{value: func() int { return anacrolix.AtomicGet(count) }, add: func(n int) {
		for range n {
			anacrolix.Atomically(anacrolix.VoidOperation(func(tx *anacrolix.Tx) {
				count.Set(tx, count.Get(tx)+1)
			}))
		}
	}}
}

// lockedInt is a number and the lock that guards it.
type lockedInt struct {
	mu sync.Mutex
	n  int // guarded by mu
}

func mutexCounter() counter {
	count := new(lockedInt)
	return counter{value: func() int { return count.n }, add: func(n int) {
		for range n {
			count.mu.Lock()
			count.n++
			count.mu.Unlock()
		}
	}}
}

func rwmutexCounter() counter {
	var mu sync.RWMutex
	count := 0
	return counter{value: func() int { return count }, add: func(n int) {
		for range n {
			mu.Lock()
			count++
			mu.Unlock()
		}
	}}
}

func ownerCounter() counter {
	count := 0
	requests, closeOwner := owner(func(reply chan<- int) {
		count++
		reply <- count
	})
	return counter{value: func() int { return count }, close: closeOwner, add: func(n int) {
		reply := make(chan int, 1)
		for range n {
			requests <- reply
			<-reply
		}
	}}
}

// owner starts the one goroutine that serves every request, in turn; closeOwner ends it.
func owner[R any](serve func(R)) (requests chan R, closeOwner func()) {
	requests = make(chan R)
	var ended sync.WaitGroup
	ended.Go(func() {
		for request := range requests {
			serve(request)
		}
	})
	return requests, func() {
		close(requests)
		ended.Wait()
	}
}

func atomicCounter() counter {
	var count atomic.Int64
	return counter{value: func() int { return int(count.Load()) }, add: func(n int) {
		for range n {
			count.Add(1)
		}
	}}
}
