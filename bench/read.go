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

// Read: every goroutine sums the same variables, which nobody writes, in one consistent look.

// A reader looks n times and returns the sum of all it has read; the variables hold 1, 2, 3, …
type reader struct {
	read  func(n int) int
	close func()
}

func readers(size int) []variant {
	return []variant{
		{name: "rinse", setup: reading(size, rinseReader)},
		{name: "anacrolix", setup: reading(size, anacrolixReader)},
		{name: "mutex", setup: reading(size, mutexReader)},
		{name: "mutex-each", setup: reading(size, mutexEachReader)},
		{name: "rwmutex", setup: reading(size, rwmutexReader)},
		{name: "owner", setup: reading(size, ownerReader)},
		{name: "atomic", setup: reading(size, atomicReader)}, // the floor: not one consistent look
	}
}

func reading(size int, open func(size int) reader) func(int) run {
	return func(goroutines int) run {
		r := open(size)
		sums := make([]int, goroutines)
		return run{
			workers: goroutines,
			op:      func(worker, n int) { sums[worker] += r.read(n) },
			close:   r.close,
			check: func(done []int) error {
				for worker := range done {
					if want := done[worker] * size * (size + 1) / 2; sums[worker] != want {
						return fmt.Errorf("%d reads came to %d, not %d", done[worker], sums[worker], want)
					}
				}
				return nil
			},
		}
	}
}

func rinseVars(size int) []*tvar.TVar[int] {
	vars := make([]*tvar.TVar[int], size)
	for i := range vars {
		vars[i] = tvar.New(i + 1)
	}
	return vars
}

func rinseReader(size int) reader {
	vars := rinseVars(size)
	return reader{read: func(n int) (total int) {
		ctx := context.Background()
		for range n {
			seen := 0
			must(stm.View(ctx, func(tx *stm.Tx) error {
				seen = 0
				for _, v := range vars {
					seen += v.Get(tx)
				}
				return nil
			}))
			total += seen
		}
		return total
	}}
}

func rinseLoad(int) reader {
	v := tvar.New(1)
	return reader{read: func(n int) (total int) {
		for range n {
			total += v.Load()
		}
		return total
	}}
}

func anacrolixReader(size int) reader {
	vars := make([]*anacrolix.Var[int], size)
	for i := range vars {
		vars[i] = anacrolix.NewVar(i + 1)
	}
	return reader{read: func(n int) (total int) {
		for range n {
			total += anacrolix.Atomically(func(tx *anacrolix.Tx) int {
				seen := 0
				for _, v := range vars {
					seen += v.Get(tx)
				}
				return seen
			})
		}
		return total
	}}
}

func anacrolixLoad(int) reader {
	v := anacrolix.NewVar(1)
	return reader{read: func(n int) (total int) {
		for range n {
			total += anacrolix.AtomicGet(v)
		}
		return total
	}}
}

// oneToSize is 1, 2, …, size.
func oneToSize(size int) []int {
	numbers := make([]int, size)
	for i := range numbers {
		numbers[i] = i + 1
	}
	return numbers
}

func mutexReader(size int) reader {
	var mu sync.Mutex
	numbers := oneToSize(size)
	return reader{read: func(n int) (total int) {
		for range n {
			mu.Lock()
			total += sum(numbers)
			mu.Unlock()
		}
		return total
	}}
}

func mutexEachReader(size int) reader {
	numbers := make([]*lockedInt, size)
	for i := range numbers {
		numbers[i] = &lockedInt{n: i + 1}
	}
	return reader{read: func(n int) (total int) {
		for range n {
			total += sumLocked(numbers)
		}
		return total
	}}
}

func rwmutexReader(size int) reader {
	var mu sync.RWMutex
	numbers := oneToSize(size)
	return reader{read: func(n int) (total int) {
		for range n {
			mu.RLock()
			total += sum(numbers)
			mu.RUnlock()
		}
		return total
	}}
}

func ownerReader(size int) reader {
	numbers := oneToSize(size)
	requests, closeOwner := owner(func(reply chan<- int) { reply <- sum(numbers) })
	return reader{close: closeOwner, read: func(n int) (total int) {
		reply := make(chan int, 1)
		for range n {
			requests <- reply
			total += <-reply
		}
		return total
	}}
}

func atomicReader(size int) reader {
	numbers := make([]atomic.Int64, size)
	for i := range numbers {
		numbers[i].Store(int64(i + 1))
	}
	return reader{read: func(n int) (total int) {
		for range n {
			for i := range numbers {
				total += int(numbers[i].Load())
			}
		}
		return total
	}}
}
