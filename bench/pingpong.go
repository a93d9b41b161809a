package main

import (
	"context"
	"fmt"
	"sync"

	anacrolix "github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// PingPong: two goroutines take turns, each asleep while it is the other's.

const ping, pong, over = 0, 1, 2

type baton interface {
	pass(me int) bool // waits for me's turn and gives it to the other; false if the game is over
	end()             // waits for ping's turn and ends the game
}

func pingPong(newBaton func() baton) func(int) run {
	return func(goroutines int) run {
		batons := make([]baton, goroutines/2)
		returned := make([]int, len(batons))
		var ended sync.WaitGroup
		for i := range batons {
			batons[i] = newBaton()
			ended.Go(func() {
				for batons[i].pass(pong) {
					returned[i]++
				}
			})
		}
		return run{
			workers: len(batons),
			per:     2,
			op: func(worker, n int) {
				for range n {
					batons[worker].pass(ping)
				}
			},
			close: func() {
				for _, b := range batons {
					b.end()
				}
				ended.Wait()
			},
			check: func(done []int) error {
				for i := range done {
					if returned[i] != done[i] {
						return fmt.Errorf("%d pings, %d pongs", done[i], returned[i])
					}
				}
				return nil
			},
		}
	}
}

type rinseBaton struct{ turn *tvar.TVar[int] }

func newRinseBaton() baton { return rinseBaton{tvar.New(ping)} }

func (b rinseBaton) pass(me int) (more bool) {
	must(stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		turn := b.turn.Get(tx)
		tx.Check(turn == me || turn == over)
		more = turn == me
		if more {
			b.turn.Set(tx, 1-me)
		}
		return nil
	}))
	return more
}

func (b rinseBaton) end() {
	must(stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		tx.Check(b.turn.Get(tx) == ping)
		b.turn.Set(tx, over)
		return nil
	}))
}

type anacrolixBaton struct{ turn *anacrolix.Var[int] }

func newAnacrolixBaton() baton { return anacrolixBaton{anacrolix.NewVar(ping)} }

func (b anacrolixBaton) pass(me int) bool {
	return anacrolix.Atomically(func(tx *anacrolix.Tx) bool {
		turn := b.turn.Get(tx)
		tx.Assert(turn == me || turn == over)
		if turn == me {
			b.turn.Set(tx, 1-me)
		}
		return turn == me
	})
}

func (b anacrolixBaton) end() {
	anacrolix.Atomically(anacrolix.VoidOperation(func(tx *anacrolix.Tx) {
		tx.Assert(b.turn.Get(tx) == ping)
		b.turn.Set(tx, over)
	}))
}

type condBaton struct {
	mu   sync.Mutex
	cond sync.Cond
	turn int // guarded by mu
}

func newCondBaton() baton {
	b := &condBaton{turn: ping}
	b.cond.L = &b.mu
	return b
}

func (b *condBaton) pass(me int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.turn != me && b.turn != over {
		b.cond.Wait()
	}
	if b.turn == over {
		return false
	}
	b.turn = 1 - me
	b.cond.Signal()
	return true
}

func (b *condBaton) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.turn != ping {
		b.cond.Wait()
	}
	b.turn = over
	b.cond.Signal()
}

type channelBaton [2]chan struct{}

func newChannelBaton() baton {
	b := channelBaton{make(chan struct{}, 1), make(chan struct{}, 1)}
	b[ping] <- struct{}{}
	return b
}

func (b channelBaton) pass(me int) bool {
	if _, more := <-b[me]; !more {
		return false
	}
	b[1-me] <- struct{}{}
	return true
}

func (b channelBaton) end() {
	<-b[ping]
	close(b[pong])
}
