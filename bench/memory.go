package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	anacrolix "github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// inUse is the memory that heap and stacks take once everything unreachable is gone, also from pools.
func inUse() float64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc + stats.StackInuse)
}

// million weighs a million variables, each made by open.
func million[V any](open func() *V) func() (sample, error) {
	return func() (sample, error) {
		vars := make([]*V, 1_000_000)
		before := inUse()
		for i := range vars {
			vars[i] = open()
		}
		used := inUse() - before
		runtime.KeepAlive(vars)
		return sample{
			"B/variable": used / float64(len(vars)),
			"sizeof-B":   float64(unsafe.Sizeof(*vars[0])),
		}, nil
	}
}

// crowd is how many goroutines wait at once.
const crowd = 10_000

// waiters makes ready what a crowd waits for: wait blocks the i-th of its goroutines, release ends all the waits.
type waiters func() (wait func(i int), release func())

// waiting weighs a crowd of waiting goroutines. Another crowd waits meanwhile, so that the runtime starts goroutines
// with a small stack, as it does in a program full of them; and one has come and gone before, because the runtime
// keeps the descriptors of goroutines that ended.
func waiting(ready waiters) func() (sample, error) {
	return func() (sample, error) {
		wait, release := channelWaiters()
		var ended sync.WaitGroup
		defer ended.Wait()
		defer release()
		for i := range crowd {
			ended.Go(func() { wait(i) })
		}
		if _, err := weighCrowd(channelWaiters); err != nil {
			return nil, err
		}
		used, err := weighCrowd(ready)
		return sample{"B/goroutine": used / crowd}, err
	}
}

func weighCrowd(ready waiters) (float64, error) {
	wait, release := ready()
	var ended sync.WaitGroup
	defer ended.Wait()
	defer release()

	before, asleep := inUse(), sleeping()
	for i := range crowd {
		ended.Go(func() { wait(i) })
	}
	deadline := time.Now().Add(time.Minute)
	for sleeping() < asleep+crowd {
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("only %d of %d goroutines wait", sleeping()-asleep, crowd)
		}
		runtime.Gosched()
	}
	return inUse() - before, nil
}

// sleeping is the number of goroutines that wait for something.
func sleeping() int {
	found := []metrics.Sample{{Name: "/sched/goroutines/waiting:goroutines"}}
	metrics.Read(found)
	return int(found[0].Value.Uint64())
}

// rinseWaiters wait in Retry, each for a variable of its own.
func rinseWaiters() (wait func(i int), release func()) {
	vars := make([]*tvar.TVar[bool], crowd)
	for i := range vars {
		vars[i] = tvar.New(false)
	}
	return func(i int) { awaitTrue(vars[i]) }, func() {
		for _, v := range vars {
			v.Store(true)
		}
	}
}

// rinseHerdWaiters wait in Retry, all for the same variable.
func rinseHerdWaiters() (wait func(i int), release func()) {
	v := tvar.New(false)
	return func(int) { awaitTrue(v) }, func() { v.Store(true) }
}

func awaitTrue(v *tvar.TVar[bool]) {
	must(stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		tx.Check(v.Get(tx))
		return nil
	}))
}

func anacrolixWaiters() (wait func(i int), release func()) {
	vars := make([]*anacrolix.Var[bool], crowd)
	for i := range vars {
		vars[i] = anacrolix.NewVar(false)
	}
	wait = func(i int) {
		anacrolix.Atomically(anacrolix.VoidOperation(func(tx *anacrolix.Tx) { tx.Assert(vars[i].Get(tx)) }))
	}
	return wait, func() {
		for _, v := range vars {
			anacrolix.AtomicSet(v, true)
		}
	}
}

func condWaiters() (wait func(i int), release func()) {
	var mu sync.Mutex
	var released atomic.Bool
	cond := sync.NewCond(&mu)
	wait = func(int) {
		mu.Lock()
		defer mu.Unlock()
		for !released.Load() {
			cond.Wait()
		}
	}
	return wait, func() {
		mu.Lock()
		defer mu.Unlock()
		released.Store(true)
		cond.Broadcast()
	}
}

// channelWaiters block on a bare receive: what waiting costs at the least.
func channelWaiters() (wait func(i int), release func()) {
	released := make(chan struct{})
	return func(int) { <-released }, func() { close(released) }
}
