package discipline

import (
	"context"
	"sync/atomic"

	"github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

var _ = offer(Discipline{
	Name: "anacrolix",
	From: "github.com/anacrolix/stm v0.5.0, the STM that Go programmers know, in use for years (Haskell's STM, after lukechampine/stm)",
	Explain: "As with stm an operation is a function that runs as if alone, on variables of another library. It keeps reads and writes in " +
		"maps and locks all variables that it has used to commit, so that a transaction costs about a microsecond, and it " +
		"checks what was read at the end only: a function that is about to fail may have seen half of another transaction's " +
		"changes, and must not panic or loop because of that. So the objects are made of few variables with immutable values, " +
		"in which nothing is torn. It cannot be told to give up a wait; that takes one more variable. Use it where it is in " +
		"use already.",

	Counter: func() Counter { return &anacrolixCounter{n: stm.NewVar[int64](0)} },
	Bank:    newAnacrolixBank,
	Cache: func(capacity int) Cache {
		return &anacrolixCache{state: stm.NewVar(newCacheState(capacity)), capacity: capacity}
	},
	Buffer: newAnacrolixBuffer,
	Pool:   func(resources int) Pool { return &anacrolixPool{state: stm.NewVar(newPoolState(resources))} },
	Pair:   func() Pair { return &anacrolixPair{state: stm.NewVar(newPairState())} },
	Table:  func(seats int) Table { return &anacrolixTable{state: stm.NewVar(newTableState(seats))} },
	Index:  func() Index { return &anacrolixIndex{state: stm.NewVar(newSorted())} },
	Latch:  func() Latch { return &anacrolixLatch{open: stm.NewVar(false)} },
	Cannot: map[string]string{
		"Memory": "a function that is about to fail may see words of different moments, and one that follows references from word " +
			"to word may then panic or never end; nothing here could stop it",
	},
})

// A rerunner counts attempts that were in vain.
type rerunner struct{ clashes atomic.Uint64 }

// Clashes returns how many attempts had to be made again, those aside that waited.
func (r *rerunner) Clashes() uint64 { return r.clashes.Load() }

func (*rerunner) Close() {}

func (r *rerunner) atomically(fn func(*stm.Tx)) {
	attempts := uint64(0)
	stm.Atomically(stm.VoidOperation(func(tx *stm.Tx) { attempts++; fn(tx) }))
	if attempts > 1 {
		r.clashes.Add(attempts - 1)
	}
}

// await has fn try until it can be done. If the context can end, a variable says whether it has, so that
// the transaction wakes up.
func (r *rerunner) await(ctx context.Context, fn func(*stm.Tx) bool) error {
	ended := stm.NewVar(false)
	stop := context.AfterFunc(ctx, func() { stm.AtomicSet(ended, true) })
	defer stop()
	return stm.Atomically(func(tx *stm.Tx) error {
		if fn(tx) {
			return nil
		}
		if ended.Get(tx) {
			return ctx.Err()
		}
		tx.Retry()
		return nil
	})
}

type anacrolixCounter struct {
	rerunner
	n *stm.Var[int64]
}

func (c *anacrolixCounter) Add(delta int64) {
	c.atomically(func(tx *stm.Tx) { c.n.Set(tx, c.n.Get(tx)+delta) })
}

func (c *anacrolixCounter) Inc() (n int64) {
	c.atomically(func(tx *stm.Tx) {
		n = c.n.Get(tx) + 1
		c.n.Set(tx, n)
	})
	return n
}

func (c *anacrolixCounter) Value() int64 { return stm.AtomicGet(c.n) }

type anacrolixBank struct {
	rerunner
	balances []*stm.Var[int64]
}

func newAnacrolixBank(accounts int, balance int64) Bank {
	seq.AtLeastOne(accounts, "accounts")
	b := new(anacrolixBank)
	for range accounts {
		b.balances = append(b.balances, stm.NewVar(balance))
	}
	return b
}

func (b *anacrolixBank) Transfer(from, to int, amount int64) (done bool) {
	b.atomically(func(tx *stm.Tx) {
		available := b.balances[from].Get(tx)
		if done = available >= amount; done {
			b.balances[from].Set(tx, available-amount)
			b.balances[to].Set(tx, b.balances[to].Get(tx)+amount)
		}
	})
	return done
}

// Balance is a transaction, since a plain read may come between the writes of a commit.
func (b *anacrolixBank) Balance(account int) (balance int64) {
	b.atomically(func(tx *stm.Tx) { balance = b.balances[account].Get(tx) })
	return balance
}

func (b *anacrolixBank) Total() (sum int64) {
	b.atomically(func(tx *stm.Tx) {
		sum = 0
		for _, balance := range b.balances {
			sum += balance.Get(tx)
		}
	})
	return sum
}

type anacrolixCache struct {
	rerunner
	state    *stm.Var[cacheState]
	capacity int
}

func (c *anacrolixCache) Get(key int) (int64, bool) { return stm.AtomicGet(c.state).entries.Get(key) }
func (c *anacrolixCache) Len() int                  { return stm.AtomicGet(c.state).entries.Len() }

func (c *anacrolixCache) Put(key int, value int64) {
	c.atomically(func(tx *stm.Tx) { c.state.Set(tx, c.state.Get(tx).put(key, value, c.capacity)) })
}

// An anacrolixBuffer is a ring. Its slots are the same whatever else a transaction sees.
type anacrolixBuffer struct {
	rerunner
	slots      []*stm.Var[int64]
	came, gone *stm.Var[int] // how many so far
}

func newAnacrolixBuffer(capacity int) Buffer {
	seq.AtLeastOne(capacity, "places of a buffer")
	b := &anacrolixBuffer{came: stm.NewVar(0), gone: stm.NewVar(0)}
	for range capacity {
		b.slots = append(b.slots, stm.NewVar[int64](0))
	}
	return b
}

func (b *anacrolixBuffer) Put(ctx context.Context, value int64) error {
	return b.await(ctx, func(tx *stm.Tx) bool {
		came := b.came.Get(tx)
		if came-b.gone.Get(tx) >= len(b.slots) {
			return false
		}
		b.slots[came%len(b.slots)].Set(tx, value)
		b.came.Set(tx, came+1)
		return true
	})
}

func (b *anacrolixBuffer) Take(ctx context.Context) (value int64, err error) {
	err = b.await(ctx, func(tx *stm.Tx) bool {
		gone := b.gone.Get(tx)
		if b.came.Get(tx) <= gone {
			return false
		}
		value = b.slots[gone%len(b.slots)].Get(tx)
		b.gone.Set(tx, gone+1)
		return true
	})
	return value, err
}

func (b *anacrolixBuffer) Len() (n int) {
	b.atomically(func(tx *stm.Tx) { n = b.came.Get(tx) - b.gone.Get(tx) })
	return n
}

type anacrolixPool struct {
	rerunner
	state *stm.Var[poolState]
}

func (p *anacrolixPool) Acquire(ctx context.Context) (resource int, err error) {
	err = p.await(ctx, func(tx *stm.Tx) bool {
		after, first, ok := p.state.Get(tx).acquired()
		if ok {
			resource = first
			p.state.Set(tx, after)
		}
		return ok
	})
	return resource, err
}

func (p *anacrolixPool) Release(resource int) {
	lent := false
	p.atomically(func(tx *stm.Tx) {
		var after poolState
		if after, lent = p.state.Get(tx).released(resource); lent {
			p.state.Set(tx, after)
		}
	})
	if !lent {
		seq.NotAcquired(resource)
	}
}

type anacrolixPair struct {
	rerunner
	state *stm.Var[pairState]
}

func (p *anacrolixPair) Put(queue int, value int64) {
	p.atomically(func(tx *stm.Tx) { p.state.Set(tx, p.state.Get(tx).put(queue, value)) })
}

// change sets what a function makes of the queues, if it makes something of them.
func (p *anacrolixPair) change(tx *stm.Tx, fn func(pairState) (pairState, int64, bool)) (value int64, ok bool) {
	after, value, ok := fn(p.state.Get(tx))
	if ok {
		p.state.Set(tx, after)
	}
	return value, ok
}

func (p *anacrolixPair) Take(queue int) (value int64, ok bool) {
	p.atomically(func(tx *stm.Tx) {
		value, ok = p.change(tx, func(s pairState) (pairState, int64, bool) { return s.take(queue) })
	})
	return value, ok
}

func (p *anacrolixPair) Move(from int) (value int64, ok bool) {
	p.atomically(func(tx *stm.Tx) {
		value, ok = p.change(tx, func(s pairState) (pairState, int64, bool) { return s.move(from) })
	})
	return value, ok
}

func (p *anacrolixPair) TakeAny(ctx context.Context) (value int64, err error) {
	err = p.await(ctx, func(tx *stm.Tx) (ok bool) {
		value, ok = p.change(tx, pairState.takeAny)
		return ok
	})
	return value, err
}

func (p *anacrolixPair) Lens() [2]int { return stm.AtomicGet(p.state).lens() }

type anacrolixTable struct {
	rerunner
	state *stm.Var[*tableState]
}

func (t *anacrolixTable) PickUp(ctx context.Context, seat int) error {
	return t.await(ctx, func(tx *stm.Tx) bool {
		after, ok := pickedUp(t.state.Get(tx), seat)
		if ok {
			t.state.Set(tx, after)
		}
		return ok
	})
}

func (t *anacrolixTable) PutDown(seat int) {
	t.atomically(func(tx *stm.Tx) { t.state.Set(tx, putDown(t.state.Get(tx), seat)) })
}

type anacrolixIndex struct {
	rerunner
	state *stm.Var[*sorted]
}

func (x *anacrolixIndex) Put(key, value int64) {
	x.atomically(func(tx *stm.Tx) { x.state.Set(tx, x.state.Get(tx).Set(key, value)) })
}

func (x *anacrolixIndex) Get(key int64) (int64, bool) { return stm.AtomicGet(x.state).Get(key) }

func (x *anacrolixIndex) Delete(key int64) (there bool) {
	x.atomically(func(tx *stm.Tx) {
		before := x.state.Get(tx)
		after := before.Delete(key)
		if there = after.Len() < before.Len(); there {
			x.state.Set(tx, after)
		}
	})
	return there
}

func (x *anacrolixIndex) Scan(from, to int64) (int, int64) {
	return scanned(stm.AtomicGet(x.state), from, to)
}

type anacrolixLatch struct {
	rerunner
	open *stm.Var[bool]
}

func (l *anacrolixLatch) Wait(ctx context.Context) error { return l.await(ctx, l.open.Get) }
func (l *anacrolixLatch) Open()                          { stm.AtomicSet(l.open, true) }
