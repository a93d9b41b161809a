package discipline

import (
	"context"

	"github.com/rinse-go/rinse/discipline/internal/seq"
	"github.com/rinse-go/rinse/stm"
)

var _ = offer(Discipline{
	Name: "stm",
	From: "Haskell's STM (Harris and others, Composable Memory Transactions, PPoPP 2005), by Rinse's Atomically",
	Explain: "Every word, link or slot is a transactional variable, and an operation is a function that runs as if alone: it " +
		"reads and sets what it needs, and if somebody else changed what it had read it runs again. Who waits calls Retry " +
		"and is woken when something that it has read changes; nobody has to signal. Operations compose: two of them in " +
		"one function are one operation, whoever wrote them. Long readers see one moment and stop nobody. The price is " +
		"bookkeeping for each variable, so that a small operation takes three to six times as long as under a mutex that " +
		"is free, and work done twice where many change the same variable. Use it where operations touch several objects, " +
		"and which ones turns out on the way; where they wait for conditions on several; where reads are long. Not for a " +
		"lone counter, and not for effects that cannot be repeated.",

	Counter: func() Counter { return stmCounter{newVarCounter()} },
	Bank:    func(accounts int, balance int64) Bank { return stmBank{newVarBank(accounts, balance)} },
	Cache:   func(capacity int) Cache { return stmCache{newVarCache(capacity)} },
	Buffer:  func(capacity int) Buffer { return stmBuffer{newVarBuffer(capacity)} },
	Pool:    func(resources int) Pool { return stmPool{newVarPool(resources)} },
	Pair:    func() Pair { return stmPair{newVarPair()} },
	Table:   func(seats int) Table { return stmTable{newVarTable(seats)} },
	Index:   func() Index { return stmIndex{newVarIndex()} },
	Latch:   func() Latch { return stmLatch{newVarLatch()} },
	Memory:  func(words int) Memory { return stmMemory{newVarMemory(words)} },
})

// atomically runs a transaction that cannot fail.
func (o varObject) atomically(fn func(*stm.Tx)) {
	must(o.owner.Atomically(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil }))
}

// view runs one that only reads.
func (o varObject) view(fn func(*stm.Tx)) {
	must(o.owner.View(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil }))
}

// await runs one that may wait.
func (o varObject) await(ctx context.Context, fn func(*stm.Tx)) error {
	return o.owner.Atomically(ctx, func(tx *stm.Tx) error { fn(tx); return nil })
}

// must passes on an error that cannot be.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// An stmCounter is one variable, for which there is a way without a transaction function.
type stmCounter struct{ *varCounter }

func (c stmCounter) Add(delta int64) { c.n.Update(func(n int64) int64 { return n + delta }) }
func (c stmCounter) Inc() int64      { return c.n.Update(func(n int64) int64 { return n + 1 }) }
func (c stmCounter) Value() int64    { return c.n.Load() }

type stmBank struct{ *varBank }

func (b stmBank) Transfer(from, to int, amount int64) (done bool) {
	b.atomically(func(tx *stm.Tx) { done = b.transfer(tx, from, to, amount) })
	return done
}

func (b stmBank) Balance(account int) int64 { return b.balances[account].Load() }

func (b stmBank) Total() (sum int64) {
	b.view(func(tx *stm.Tx) { sum = b.total(tx) })
	return sum
}

type stmCache struct{ *varCache }

func (c stmCache) Get(key int) (value int64, ok bool) {
	c.view(func(tx *stm.Tx) { value, ok = c.get(tx, key) })
	return value, ok
}

func (c stmCache) Put(key int, value int64) {
	c.atomically(func(tx *stm.Tx) { c.put(tx, key, value) })
}

type stmBuffer struct{ *varBuffer }

func (b stmBuffer) Put(ctx context.Context, value int64) error {
	return b.await(ctx, func(tx *stm.Tx) { tx.Check(b.put(tx, value)) })
}

func (b stmBuffer) Take(ctx context.Context) (value int64, err error) {
	err = b.await(ctx, func(tx *stm.Tx) {
		taken := false
		value, taken = b.take(tx)
		tx.Check(taken)
	})
	return value, err
}

func (b stmBuffer) Len() (n int) {
	b.view(func(tx *stm.Tx) { n = b.len(tx) })
	return n
}

type stmPool struct{ *varPool }

func (p stmPool) Acquire(ctx context.Context) (resource int, err error) {
	err = p.await(ctx, func(tx *stm.Tx) {
		parked := false
		resource, parked = p.acquire(tx)
		tx.Check(parked)
	})
	return resource, err
}

func (p stmPool) Release(resource int) {
	lent := false
	p.atomically(func(tx *stm.Tx) { lent = p.release(tx, resource) })
	if !lent {
		seq.NotAcquired(resource)
	}
}

type stmPair struct{ *varPair }

func (p stmPair) Put(queue int, value int64) {
	p.atomically(func(tx *stm.Tx) { p.queues[queue].put(tx, value) })
}

func (p stmPair) Take(queue int) (value int64, ok bool) {
	p.atomically(func(tx *stm.Tx) { value, ok = p.queues[queue].take(tx) })
	return value, ok
}

func (p stmPair) Move(from int) (value int64, ok bool) {
	p.atomically(func(tx *stm.Tx) { value, ok = p.move(tx, from) })
	return value, ok
}

// TakeAny is two takes, each of which waits for its queue, and the first that need not.
func (p stmPair) TakeAny(ctx context.Context) (value int64, err error) {
	from := func(q *varQueue) func(*stm.Tx) error {
		return func(tx *stm.Tx) error {
			taken := false
			value, taken = q.take(tx)
			tx.Check(taken)
			return nil
		}
	}
	first, second := from(&p.queues[0]), from(&p.queues[1])
	err = p.owner.Atomically(ctx, func(tx *stm.Tx) error { return tx.OrElse(first, second) })
	return value, err
}

func (p stmPair) Lens() (lens [2]int) {
	p.view(func(tx *stm.Tx) { lens = p.lens(tx) })
	return lens
}

type stmTable struct{ *varTable }

func (t stmTable) PickUp(ctx context.Context, seat int) error {
	return t.await(ctx, func(tx *stm.Tx) { tx.Check(t.pickUp(tx, seat)) })
}

func (t stmTable) PutDown(seat int) {
	t.atomically(func(tx *stm.Tx) { t.putDown(tx, seat) })
}

type stmIndex struct{ *varIndex }

func (x stmIndex) Put(key, value int64) {
	x.atomically(func(tx *stm.Tx) { x.put(tx, key, value) })
}

func (x stmIndex) Get(key int64) (value int64, ok bool) {
	x.view(func(tx *stm.Tx) { value, ok = x.get(tx, key) })
	return value, ok
}

func (x stmIndex) Delete(key int64) (there bool) {
	x.atomically(func(tx *stm.Tx) { there = x.delete(tx, key) })
	return there
}

func (x stmIndex) Scan(from, to int64) (count int, sum int64) {
	x.view(func(tx *stm.Tx) { count, sum = x.scan(tx, from, to) })
	return count, sum
}

type stmLatch struct{ *varLatch }

func (l stmLatch) Wait(ctx context.Context) error {
	return l.await(ctx, func(tx *stm.Tx) { tx.Check(l.open.Get(tx)) })
}

func (l stmLatch) Open() { l.open.Store(true) }

type stmMemory struct{ *varMemory }

func (m stmMemory) Update(fn func(Words)) {
	w := &varWords{words: m.words}
	m.atomically(func(tx *stm.Tx) { w.tx = tx; fn(w) })
}

func (m stmMemory) View(fn func(Words)) {
	w := &varWords{words: m.words}
	m.view(func(tx *stm.Tx) { w.tx = tx; fn(w) })
}
