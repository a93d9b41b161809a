package main

import (
	"fmt"
	"math/bits"
	"sync/atomic"

	anacrolix "github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/tvar"
)

// Store: every goroutine overwrites one shared variable with numbers that tell who wrote them.

type storer struct {
	store func(n, first int) // first, first+1, … first+n-1
	load  func() int
}

// workerBits are the lower ones, in which workers count; above is who it was.
const workerBits = bits.UintSize - 24

func storing(open func() storer) func(int) run {
	return func(goroutines int) run {
		s := open()
		next := make([]int, goroutines)
		for worker := range next {
			next[worker] = worker << workerBits
		}
		return run{
			workers: goroutines,
			op: func(worker, n int) {
				s.store(n, next[worker])
				next[worker] += n
			},
			check: func([]int) error {
				got := s.load()
				if worker := got >> workerBits; worker >= goroutines || got+1 != next[worker] {
					return fmt.Errorf("the last value is %#x, which no goroutine stored last", got)
				}
				return nil
			},
		}
	}
}

func rinseStore() storer {
	v := tvar.New(0)
	return storer{load: v.Load, store: func(n, first int) {
		for i := range n {
			v.Store(first + i)
		}
	}}
}

func anacrolixStore() storer {
	v := anacrolix.NewVar(0)
	return storer{load: func() int { return anacrolix.AtomicGet(v) }, store: func(n, first int) {
		for i := range n {
			anacrolix.AtomicSet(v, first+i)
		}
	}}
}

func mutexStore() storer {
	v := new(lockedInt)
	return storer{load: func() int { return v.n }, store: func(n, first int) {
		for i := range n {
			v.mu.Lock()
			v.n = first + i
			v.mu.Unlock()
		}
	}}
}

func atomicStore() storer {
	var v atomic.Int64
	return storer{load: func() int { return int(v.Load()) }, store: func(n, first int) {
		for i := range n {
			v.Store(int64(first + i))
		}
	}}
}
