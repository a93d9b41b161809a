package txn

import (
	"fmt"
	"math/rand/v2"
	"runtime"
)

// action is what a step of a random transaction does.
type action uint8

const (
	readSomeInt action = iota
	writeSomeInt
	readSomeList
	pushSomeList
	yield
	giveUp // return an error
)

// size says how large random programs are.
type size struct {
	clients, transactions, steps int
	ints, lists                  int // variables
}

var (
	small = size{clients: 3, transactions: 3, steps: 4, ints: 2, lists: 2}    // for BruteForce
	long  = size{clients: 4, transactions: 100, steps: 5, ints: 0, lists: 12} // for Cycles
)

// A move is one step of a random transaction: an action, and the variable that it is on.
type move struct {
	action action
	v      int
}

func (s size) move(r *rand.Rand) move {
	switch k := r.IntN(10); {
	case k < 2:
		return move{action: yield}
	case k == 2 && r.IntN(3) == 0:
		return move{action: giveUp}
	case k < 6 && s.ints > 0:
		return move{readSomeInt + action(r.IntN(2)), r.IntN(s.ints)}
	default:
		return move{readSomeList + action(r.IntN(2)), r.IntN(s.lists)}
	}
}

// programs makes the transactions of each client.
func (s size) programs(r *rand.Rand) [][][]move {
	programs := make([][][]move, s.clients)
	for c := range programs {
		for range s.transactions {
			moves := make([]move, 1+r.IntN(s.steps))
			for i := range moves {
				moves[i] = s.move(r)
			}
			programs[c] = append(programs[c], moves)
		}
	}
	return programs
}

// randomRun runs random transactions on real threads, of which the seed decides all but the schedule.
func randomRun(s size, r *rand.Rand) func(*world) {
	programs := s.programs(r)
	return func(w *world) {
		vars := w.declare(s)
		start := make(chan struct{})
		for _, transactions := range programs {
			w.spawn(func(c *client) {
				<-start
				for _, moves := range transactions {
					c.mayGiveUp(func(t *tx) error { return vars.perform(t, moves) })
				}
			})
		}
		close(start)
		w.join()
	}
}

// mayGiveUp runs a transaction that may return errWanted, and nothing else.
func (c *client) mayGiveUp(body func(*tx) error) {
	if r := c.atomically(body); r.panicked != nil || r.err != nil && r.err != errWanted && c.w.ctx.Err() == nil {
		c.w.fail("client %d: a transaction failed by itself: %v, panic %v", c.number, r.err, r.panicked)
	}
}

// variables of a random run.
type variables struct {
	ints  []intVar
	lists []listVar
}

func (w *world) declare(s size) (v variables) {
	for i := range s.ints {
		v.ints = append(v.ints, w.int(fmt.Sprintf("x%d", i)))
	}
	for i := range s.lists {
		v.lists = append(v.lists, w.list(fmt.Sprintf("l%d", i)))
	}
	return v
}

func (v variables) perform(t *tx, moves []move) error {
	for _, m := range moves {
		switch m.action {
		case readSomeInt:
			t.read(v.ints[m.v])
		case writeSomeInt:
			t.write(v.ints[m.v], t.call.c.w.fresh())
		case readSomeList:
			t.readList(v.lists[m.v])
		case pushSomeList:
			t.push(v.lists[m.v])
		case yield:
			runtime.Gosched()
		case giveUp:
			return errWanted
		}
	}
	return nil
}
