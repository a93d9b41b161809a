package discipline

import (
	"context"
	"errors"

	"github.com/rinse-go/rinse/discipline/internal/seq"
	"github.com/rinse-go/rinse/stm"
)

var _ = offer(Discipline{
	Name: "checkout",
	From: "Kamaelia's STM (Sparks, BBC R&D, 2006): check out, change your copies, commit, and on a clash rinse and repeat",
	Explain: "The caller holds a checkout: a snapshot of all variables under one token, with its own changes on top, for as long " +
		"as it likes. Commit succeeds if nobody has changed a variable that the checkout relied on; else it names the clash, " +
		"and the loop is the caller's to write: rinse and repeat, or ask somebody what to do. Nothing is held up meanwhile, " +
		"however long it takes, so this is the way for changes that a person makes in a form or that travel over a network. " +
		"The price is a pinned snapshot for each checkout, and that nothing bounds how often a loser loses. Who must wait " +
		"for a condition waits by a View beside it, since a checkout itself cannot be run again by anybody but its holder. " +
		"For short changes, which is what these objects are, Atomically does the same at a third of the cost.",

	Counter: func() Counter { return checkoutCounter{newVarCounter()} },
	Bank:    func(accounts int, balance int64) Bank { return checkoutBank{newVarBank(accounts, balance)} },
	Cache:   func(capacity int) Cache { return checkoutCache{newVarCache(capacity)} },
	Buffer:  func(capacity int) Buffer { return checkoutBuffer{newVarBuffer(capacity)} },
	Pool:    func(resources int) Pool { return checkoutPool{newVarPool(resources)} },
	Pair:    func() Pair { return checkoutPair{newVarPair()} },
	Table:   func(seats int) Table { return checkoutTable{newVarTable(seats)} },
	Index:   func() Index { return checkoutIndex{newVarIndex()} },
	Latch:   func() Latch { return checkoutLatch{newVarLatch()} },
	Memory:  func(words int) Memory { return checkoutMemory{newVarMemory(words)} },
})

// rinse checks out, has the copies changed, and commits, and repeats that as long as it clashes.
func (o varObject) rinse(change func(*stm.Tx)) {
	for {
		err := o.once(change)
		if err == nil {
			return
		}
		if !errors.Is(err, stm.ErrClash) {
			panic(err)
		}
	}
}

func (o varObject) once(change func(*stm.Tx)) error {
	tx := o.owner.Checkout()
	defer tx.Discard()
	change(tx)
	_, err := tx.Commit()
	return err
}

// rinseWhen is rinse for a change that has to wait while it returns false.
func (o varObject) rinseWhen(ctx context.Context, ready func(*stm.Tx) bool, change func(*stm.Tx) bool) error {
	for {
		done := false
		o.rinse(func(tx *stm.Tx) { done = change(tx) })
		if done {
			return nil
		}
		err := o.owner.View(ctx, func(tx *stm.Tx) error { tx.Check(ready(tx)); return nil })
		if err != nil {
			return err
		}
	}
}

type checkoutCounter struct{ *varCounter }

func (c checkoutCounter) Add(delta int64) {
	c.rinse(func(tx *stm.Tx) { c.n.Set(tx, c.n.Get(tx)+delta) })
}

func (c checkoutCounter) Inc() (n int64) {
	c.rinse(func(tx *stm.Tx) {
		n = c.n.Get(tx) + 1
		c.n.Set(tx, n)
	})
	return n
}

func (c checkoutCounter) Value() (n int64) {
	c.rinse(func(tx *stm.Tx) { n = c.n.Get(tx) })
	return n
}

type checkoutBank struct{ *varBank }

func (b checkoutBank) Transfer(from, to int, amount int64) (done bool) {
	b.rinse(func(tx *stm.Tx) { done = b.transfer(tx, from, to, amount) })
	return done
}

func (b checkoutBank) Balance(account int) (balance int64) {
	b.rinse(func(tx *stm.Tx) { balance = b.balances[account].Get(tx) })
	return balance
}

func (b checkoutBank) Total() (sum int64) {
	b.rinse(func(tx *stm.Tx) { sum = b.total(tx) })
	return sum
}

type checkoutCache struct{ *varCache }

func (c checkoutCache) Get(key int) (value int64, ok bool) {
	c.rinse(func(tx *stm.Tx) { value, ok = c.get(tx, key) })
	return value, ok
}

func (c checkoutCache) Put(key int, value int64) {
	c.rinse(func(tx *stm.Tx) { c.put(tx, key, value) })
}

type checkoutBuffer struct{ *varBuffer }

func (b checkoutBuffer) Put(ctx context.Context, value int64) error {
	return b.rinseWhen(ctx, func(tx *stm.Tx) bool { return b.len(tx) < len(b.slots) },
		func(tx *stm.Tx) bool { return b.put(tx, value) })
}

func (b checkoutBuffer) Take(ctx context.Context) (value int64, err error) {
	err = b.rinseWhen(ctx, func(tx *stm.Tx) bool { return b.len(tx) > 0 }, func(tx *stm.Tx) (ok bool) {
		value, ok = b.take(tx)
		return ok
	})
	return value, err
}

func (b checkoutBuffer) Len() (n int) {
	b.rinse(func(tx *stm.Tx) { n = b.len(tx) })
	return n
}

type checkoutPool struct{ *varPool }

func (p checkoutPool) Acquire(ctx context.Context) (resource int, err error) {
	err = p.rinseWhen(ctx, func(tx *stm.Tx) bool { return p.len(tx) > 0 }, func(tx *stm.Tx) (ok bool) {
		resource, ok = p.acquire(tx)
		return ok
	})
	return resource, err
}

func (p checkoutPool) Release(resource int) {
	lent := false
	p.rinse(func(tx *stm.Tx) { lent = p.release(tx, resource) })
	if !lent {
		seq.NotAcquired(resource)
	}
}

type checkoutPair struct{ *varPair }

func (p checkoutPair) Put(queue int, value int64) {
	p.rinse(func(tx *stm.Tx) { p.queues[queue].put(tx, value) })
}

func (p checkoutPair) Take(queue int) (value int64, ok bool) {
	p.rinse(func(tx *stm.Tx) { value, ok = p.queues[queue].take(tx) })
	return value, ok
}

func (p checkoutPair) Move(from int) (value int64, ok bool) {
	p.rinse(func(tx *stm.Tx) { value, ok = p.move(tx, from) })
	return value, ok
}

func (p checkoutPair) TakeAny(ctx context.Context) (value int64, err error) {
	err = p.rinseWhen(ctx, func(tx *stm.Tx) bool { return p.lens(tx) != [2]int{} }, func(tx *stm.Tx) (ok bool) {
		value, ok = p.takeAny(tx)
		return ok
	})
	return value, err
}

func (p checkoutPair) Lens() (lens [2]int) {
	p.rinse(func(tx *stm.Tx) { lens = p.lens(tx) })
	return lens
}

type checkoutTable struct{ *varTable }

func (t checkoutTable) PickUp(ctx context.Context, seat int) error {
	return t.rinseWhen(ctx, func(tx *stm.Tx) bool { return t.free(tx, seat) },
		func(tx *stm.Tx) bool { return t.pickUp(tx, seat) })
}

func (t checkoutTable) PutDown(seat int) {
	t.rinse(func(tx *stm.Tx) { t.putDown(tx, seat) })
}

type checkoutIndex struct{ *varIndex }

func (x checkoutIndex) Put(key, value int64) {
	x.rinse(func(tx *stm.Tx) { x.put(tx, key, value) })
}

func (x checkoutIndex) Get(key int64) (value int64, ok bool) {
	x.rinse(func(tx *stm.Tx) { value, ok = x.get(tx, key) })
	return value, ok
}

func (x checkoutIndex) Delete(key int64) (there bool) {
	x.rinse(func(tx *stm.Tx) { there = x.delete(tx, key) })
	return there
}

func (x checkoutIndex) Scan(from, to int64) (count int, sum int64) {
	x.rinse(func(tx *stm.Tx) { count, sum = x.scan(tx, from, to) })
	return count, sum
}

type checkoutLatch struct{ *varLatch }

func (l checkoutLatch) Wait(ctx context.Context) error {
	return l.rinseWhen(ctx, l.open.Get, l.open.Get)
}

func (l checkoutLatch) Open() {
	l.rinse(func(tx *stm.Tx) { l.open.Set(tx, true) })
}

type checkoutMemory struct{ *varMemory }

func (m checkoutMemory) Update(fn func(Words)) {
	w := &varWords{words: m.words}
	m.rinse(func(tx *stm.Tx) { w.tx = tx; fn(w) })
}

func (m checkoutMemory) View(fn func(Words)) { m.Update(fn) }
