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

// Herd: one goroutine counts a generation up, all the others wait for it, and it goes on when all have seen it.

type herd interface {
	announce()          // counts up by one and wakes all
	await(seen int) int // the generation, as soon as it is not seen any more
}

func herding(newHerd func() herd) func(int) run {
	return func(waiters int) run {
		h := newHerd()
		var over atomic.Bool
		var missed, left atomic.Int64
		var ended sync.WaitGroup
		all := make(chan struct{}, 1)
		for range waiters {
			ended.Go(func() {
				for seen, last := 0, false; !last; seen++ {
					if h.await(seen) != seen+1 {
						missed.Add(1)
					}
					last = over.Load()
					if left.Add(-1) == 0 {
						all <- struct{}{}
					}
				}
			})
		}
		announce := func() {
			left.Store(int64(waiters))
			h.announce()
			<-all
		}
		return run{
			workers: 1,
			per:     waiters,
			op: func(_, n int) {
				for range n {
					announce()
				}
			},
			close: func() {
				over.Store(true)
				announce()
				ended.Wait()
			},
			check: func([]int) error {
				if n := missed.Load(); n > 0 {
					return fmt.Errorf("%d times a waiter missed a generation", n)
				}
				return nil
			},
		}
	}
}

type rinseHerd struct{ generation *tvar.TVar[int] }

func newRinseHerd() herd { return rinseHerd{tvar.New(0)} }

func (h rinseHerd) announce() {
	h.generation.Update(func(generation int) int { return generation + 1 })
}

func (h rinseHerd) await(seen int) int {
	now, err := stm.Do(context.Background(), func(tx *stm.Tx) (int, error) {
		now := h.generation.Get(tx)
		tx.Check(now != seen)
		return now, nil
	})
	must(err)
	return now
}

type anacrolixHerd struct{ generation *anacrolix.Var[int] }

func newAnacrolixHerd() herd { return anacrolixHerd{anacrolix.NewVar(0)} }

func (h anacrolixHerd) announce() {
	anacrolix.AtomicModify(h.generation, func(generation int) int { return generation + 1 })
}

func (h anacrolixHerd) await(seen int) int {
	return anacrolix.Atomically(func(tx *anacrolix.Tx) int {
		now := h.generation.Get(tx)
		tx.Assert(now != seen)
		return now
	})
}

type condHerd struct {
	mu         sync.Mutex
	cond       sync.Cond
	generation int // guarded by mu
}

func newCondHerd() herd {
	h := &condHerd{}
	h.cond.L = &h.mu
	return h
}

func (h *condHerd) announce() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.generation++
	h.cond.Broadcast()
}

func (h *condHerd) await(seen int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.generation == seen {
		h.cond.Wait()
	}
	return h.generation
}

// channelHerd closes a channel for every generation; the next one's is in place before.
type channelHerd struct {
	generation atomic.Pointer[channelGeneration]
}

type channelGeneration struct {
	number int
	over   chan struct{}
}

func newChannelHerd() herd {
	h := &channelHerd{}
	h.generation.Store(&channelGeneration{over: make(chan struct{})})
	return h
}

func (h *channelHerd) announce() {
	old := h.generation.Load()
	h.generation.Store(&channelGeneration{number: old.number + 1, over: make(chan struct{})})
	close(old.over)
}

func (h *channelHerd) await(seen int) int {
	if now := h.generation.Load(); now.number == seen {
		<-now.over
	}
	return h.generation.Load().number
}
