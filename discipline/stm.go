package discipline

import (
	"context"
	"math/bits"

	"github.com/rinse-go/rinse/discipline/internal/seq"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
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

	Counter: newSTMCounter,
	Bank:    newSTMBank,
	Cache:   newSTMCache,
	Buffer:  newSTMBuffer,
	Pool:    newSTMPool,
	Pair:    newSTMPair,
	Table:   newSTMTable,
	Index:   newSTMIndex,
	Latch:   newSTMLatch,
	Memory:  newSTMMemory,
})

// An stmObject is what all of them are: variables under an owner of their own, whose clashes are counted.
type stmObject struct{ owner *stm.Owner }

func newSTMObject() stmObject { return stmObject{stm.NewOwner()} }

// Clashes returns how many attempts had to be made again.
func (o stmObject) Clashes() uint64 { return o.owner.Stats().Clashes.Total() }

func (stmObject) Close() {}

// update runs a transaction that cannot fail.
func (o stmObject) update(fn func(*stm.Tx)) {
	must(o.owner.Atomically(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil }))
}

// view runs one that only reads.
func (o stmObject) view(fn func(*stm.Tx)) {
	must(o.owner.View(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil }))
}

// await runs one that may wait.
func (o stmObject) await(ctx context.Context, fn func(*stm.Tx)) error {
	return o.owner.Atomically(ctx, func(tx *stm.Tx) error { fn(tx); return nil })
}

// must passes on an error that cannot be.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// variables makes so many under the owner, all with one value.
func variables[T any](o *stm.Owner, n int, value T) []tvar.TVar[T] {
	list := make([]tvar.TVar[T], n)
	for i := range list {
		list[i].Init(value, tvar.In(o))
	}
	return list
}

type stmCounter struct {
	stmObject
	n tvar.TVar[int64]
}

func newSTMCounter() Counter {
	c := &stmCounter{stmObject: newSTMObject()}
	c.n.Init(0, tvar.In(c.owner))
	return c
}

func (c *stmCounter) Add(delta int64) { c.n.Update(func(n int64) int64 { return n + delta }) }
func (c *stmCounter) Inc() int64      { return c.n.Update(func(n int64) int64 { return n + 1 }) }
func (c *stmCounter) Value() int64    { return c.n.Load() }

type stmBank struct {
	stmObject
	balances []tvar.TVar[int64]
}

func newSTMBank(accounts int, balance int64) Bank {
	seq.AtLeastOne(accounts, "accounts")
	o := newSTMObject()
	return &stmBank{o, variables(o.owner, accounts, balance)}
}

func (b *stmBank) Transfer(from, to int, amount int64) (done bool) {
	b.update(func(tx *stm.Tx) {
		available := b.balances[from].Get(tx)
		if done = available >= amount; done {
			b.balances[from].Set(tx, available-amount)
			b.balances[to].Set(tx, b.balances[to].Get(tx)+amount)
		}
	})
	return done
}

func (b *stmBank) Balance(account int) int64 { return b.balances[account].Load() }

func (b *stmBank) Total() (sum int64) {
	b.view(func(tx *stm.Tx) {
		sum = 0
		for i := range b.balances {
			sum += b.balances[i].Get(tx)
		}
	})
	return sum
}

// An stmCache is a hash table with chains, and a ring of its keys in the order in which they came. Its
// buckets are variables, so that operations on different buckets do not clash.
type stmCache struct {
	stmObject
	buckets []tvar.TVar[*stmEntry]
	keys    []tvar.TVar[int]
	came    tvar.TVar[int] // how many keys came so far; the last ones are in the ring
}

// An stmEntry is in the chain of its bucket, which is immutable but for the values.
type stmEntry struct {
	key   int
	value *tvar.TVar[int64]
	next  *stmEntry
}

func newSTMCache(capacity int) Cache {
	seq.AtLeastOne(capacity, "entries of a cache")
	buckets := 1
	for buckets < 2*capacity {
		buckets *= 2
	}
	o := newSTMObject()
	c := &stmCache{stmObject: o, buckets: variables[*stmEntry](o.owner, buckets, nil), keys: variables(o.owner, capacity, 0)}
	c.came.Init(0, tvar.In(o.owner))
	return c
}

func (c *stmCache) bucket(key int) *tvar.TVar[*stmEntry] {
	return &c.buckets[hash(uint64(key))&uint64(len(c.buckets)-1)]
}

// hash spreads keys that are near each other (splitmix64).
func hash(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (e *stmEntry) find(key int) *stmEntry {
	for e != nil && e.key != key {
		e = e.next
	}
	return e
}

// without returns the chain without a key that is in it.
func (e *stmEntry) without(key int) *stmEntry {
	if e.key == key {
		return e.next
	}
	return &stmEntry{e.key, e.value, e.next.without(key)}
}

func (c *stmCache) Get(key int) (value int64, ok bool) {
	c.view(func(tx *stm.Tx) {
		value = 0
		e := c.bucket(key).Get(tx).find(key)
		if ok = e != nil; ok {
			value = e.value.Get(tx)
		}
	})
	return value, ok
}

func (c *stmCache) Put(key int, value int64) {
	c.update(func(tx *stm.Tx) {
		if e := c.bucket(key).Get(tx).find(key); e != nil {
			e.value.Set(tx, value)
			return
		}
		c.admit(tx, key)
		chain := c.bucket(key)
		chain.Set(tx, &stmEntry{key, tvar.New(value, tvar.In(c.owner)), chain.Get(tx)})
	})
}

// admit enters a new key into the ring, in the place of the oldest one if it is full.
func (c *stmCache) admit(tx *stm.Tx, key int) {
	came := c.came.Get(tx)
	place := &c.keys[came%len(c.keys)]
	if came >= len(c.keys) {
		oldest := place.Get(tx)
		chain := c.bucket(oldest)
		chain.Set(tx, chain.Get(tx).without(oldest))
	}
	place.Set(tx, key)
	c.came.Set(tx, came+1)
}

func (c *stmCache) Len() int { return min(c.came.Load(), len(c.keys)) }

// An stmBuffer is a ring. Who puts and who takes work on different variables, but for the slot.
type stmBuffer struct {
	stmObject
	slots      []tvar.TVar[int64]
	put, taken tvar.TVar[int] // how many so far
}

func newSTMBuffer(capacity int) Buffer {
	seq.AtLeastOne(capacity, "places of a buffer")
	o := newSTMObject()
	b := &stmBuffer{stmObject: o, slots: variables[int64](o.owner, capacity, 0)}
	b.put.Init(0, tvar.In(o.owner))
	b.taken.Init(0, tvar.In(o.owner))
	return b
}

func (b *stmBuffer) Put(ctx context.Context, value int64) error {
	return b.await(ctx, func(tx *stm.Tx) {
		put := b.put.Get(tx)
		tx.Check(put-b.taken.Get(tx) < len(b.slots))
		b.slots[put%len(b.slots)].Set(tx, value)
		b.put.Set(tx, put+1)
	})
}

func (b *stmBuffer) Take(ctx context.Context) (value int64, err error) {
	err = b.await(ctx, func(tx *stm.Tx) {
		taken := b.taken.Get(tx)
		tx.Check(b.put.Get(tx) > taken)
		value = b.slots[taken%len(b.slots)].Get(tx)
		b.taken.Set(tx, taken+1)
	})
	return value, err
}

func (b *stmBuffer) Len() (n int) {
	b.view(func(tx *stm.Tx) { n = b.put.Get(tx) - b.taken.Get(tx) })
	return n
}

// An stmPool is a buffer of the resources that are parked.
type stmPool struct {
	stmObject
	lent          []tvar.TVar[bool]
	ring          []tvar.TVar[int]
	parked, taken tvar.TVar[int] // how many so far
}

func newSTMPool(resources int) Pool {
	seq.AtLeastOne(resources, "resources")
	o := newSTMObject()
	p := &stmPool{stmObject: o, lent: variables(o.owner, resources, false), ring: make([]tvar.TVar[int], resources)}
	for i := range p.ring {
		p.ring[i].Init(i, tvar.In(o.owner))
	}
	p.parked.Init(resources, tvar.In(o.owner))
	p.taken.Init(0, tvar.In(o.owner))
	return p
}

func (p *stmPool) Acquire(ctx context.Context) (resource int, err error) {
	err = p.await(ctx, func(tx *stm.Tx) {
		taken := p.taken.Get(tx)
		tx.Check(p.parked.Get(tx) > taken)
		resource = p.ring[taken%len(p.ring)].Get(tx)
		p.lent[resource].Set(tx, true)
		p.taken.Set(tx, taken+1)
	})
	return resource, err
}

func (p *stmPool) Release(resource int) {
	lent := false
	p.update(func(tx *stm.Tx) {
		lent = resource >= 0 && resource < len(p.lent) && p.lent[resource].Get(tx)
		if !lent {
			return
		}
		parked := p.parked.Get(tx)
		p.lent[resource].Set(tx, false)
		p.ring[parked%len(p.ring)].Set(tx, resource)
		p.parked.Set(tx, parked+1)
	})
	if !lent {
		seq.NotAcquired(resource)
	}
}

// An stmPair is two linked lists.
type stmPair struct {
	stmObject
	queues [2]stmQueue
}

// An stmQueue is a linked list that begins with a link whose value was taken. Who puts and who takes
// share no variable unless it is empty (Michael and Scott, PODC 1996).
type stmQueue struct {
	head, tail tvar.TVar[*stmLink]
	put, taken tvar.TVar[int] // how many so far
}

type stmLink struct {
	value int64 // immutable
	next  tvar.TVar[*stmLink]
}

func newSTMPair() Pair {
	p := &stmPair{stmObject: newSTMObject()}
	for i := range p.queues {
		q, first := &p.queues[i], p.link(0)
		q.head.Init(first, tvar.In(p.owner))
		q.tail.Init(first, tvar.In(p.owner))
		q.put.Init(0, tvar.In(p.owner))
		q.taken.Init(0, tvar.In(p.owner))
	}
	return p
}

func (p *stmPair) link(value int64) *stmLink {
	l := &stmLink{value: value}
	l.next.Init(nil, tvar.In(p.owner))
	return l
}

func (q *stmQueue) append(tx *stm.Tx, l *stmLink) {
	q.tail.Get(tx).next.Set(tx, l)
	q.tail.Set(tx, l)
	q.put.Set(tx, q.put.Get(tx)+1)
}

func (q *stmQueue) take(tx *stm.Tx) (int64, bool) {
	first := q.head.Get(tx).next.Get(tx)
	if first == nil {
		return 0, false
	}
	q.head.Set(tx, first)
	q.taken.Set(tx, q.taken.Get(tx)+1)
	return first.value, true
}

func (q *stmQueue) len(tx *stm.Tx) int { return q.put.Get(tx) - q.taken.Get(tx) }

func (p *stmPair) Put(queue int, value int64) {
	l := p.link(value)
	p.update(func(tx *stm.Tx) { p.queues[queue].append(tx, l) })
}

func (p *stmPair) Take(queue int) (value int64, ok bool) {
	p.update(func(tx *stm.Tx) { value, ok = p.queues[queue].take(tx) })
	return value, ok
}

func (p *stmPair) Move(from int) (value int64, ok bool) {
	p.update(func(tx *stm.Tx) {
		if value, ok = p.queues[from].take(tx); ok {
			p.queues[1-from].append(tx, p.link(value))
		}
	})
	return value, ok
}

// TakeAny is two takes that each wait for their queue, and the first that need not.
func (p *stmPair) TakeAny(ctx context.Context) (value int64, err error) {
	from := func(q *stmQueue) func(*stm.Tx) error {
		return func(tx *stm.Tx) (err error) {
			taken := false
			value, taken = q.take(tx)
			tx.Check(taken)
			return nil
		}
	}
	err = p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		return tx.OrElse(from(&p.queues[0]), from(&p.queues[1]))
	})
	return value, err
}

func (p *stmPair) Lens() (lens [2]int) {
	p.view(func(tx *stm.Tx) { lens = [2]int{p.queues[0].len(tx), p.queues[1].len(tx)} })
	return lens
}

// An stmTable has a variable for each fork, true while it is used.
type stmTable struct {
	stmObject
	forks []tvar.TVar[bool]
}

func newSTMTable(seats int) Table {
	seq.Seats(seats)
	o := newSTMObject()
	return &stmTable{o, variables(o.owner, seats, false)}
}

func (t *stmTable) use(tx *stm.Tx, seat int, used bool) {
	first, second := seq.Forks(seat, len(t.forks))
	t.forks[first].Set(tx, used)
	t.forks[second].Set(tx, used)
}

func (t *stmTable) PickUp(ctx context.Context, seat int) error {
	first, second := seq.Forks(seat, len(t.forks))
	return t.await(ctx, func(tx *stm.Tx) {
		tx.Check(!t.forks[first].Get(tx) && !t.forks[second].Get(tx))
		t.use(tx, seat, true)
	})
}

func (t *stmTable) PutDown(seat int) {
	t.update(func(tx *stm.Tx) { t.use(tx, seat, false) })
}

// An stmIndex is a skip list (Pugh, 1990), each of whose links is a variable. An operation relies on the
// links that it came by, and so clashes with changes of these only.
type stmIndex struct {
	stmObject
	first stmNode // before all keys
}

// highest is enough for some sixteen million keys, one in four of a level being on the next.
const highest = 12

type stmNode struct {
	key   int64 // immutable
	value tvar.TVar[int64]
	next  []tvar.TVar[*stmNode] // by level
}

func newSTMIndex() Index {
	x := &stmIndex{stmObject: newSTMObject()}
	x.first.next = variables[*stmNode](x.owner, highest, nil)
	return x
}

// node returns one whose height depends on its key alone, so that it need not be drawn.
func (x *stmIndex) node(key, value int64) *stmNode {
	height := min(1+bits.TrailingZeros64(hash(uint64(key)+1))/2, highest)
	n := &stmNode{key: key, next: variables[*stmNode](x.owner, height, nil)}
	n.value.Init(value, tvar.In(x.owner))
	return n
}

// find returns the node of a key or else the one after, and the ones before it by level, if wanted.
func (x *stmIndex) find(tx *stm.Tx, key int64, before *[highest]*stmNode) (at *stmNode) {
	n := &x.first
	for level := highest - 1; level >= 0; level-- {
		for at = n.next[level].Get(tx); at != nil && at.key < key; at = n.next[level].Get(tx) {
			n = at
		}
		if before != nil {
			before[level] = n
		}
	}
	return at
}

func (n *stmNode) has(key int64) bool { return n != nil && n.key == key }

func (x *stmIndex) Get(key int64) (value int64, ok bool) {
	x.view(func(tx *stm.Tx) {
		n := x.find(tx, key, nil)
		if value, ok = 0, n.has(key); ok {
			value = n.value.Get(tx)
		}
	})
	return value, ok
}

func (x *stmIndex) Put(key, value int64) {
	x.update(func(tx *stm.Tx) {
		var before [highest]*stmNode
		if n := x.find(tx, key, &before); n.has(key) {
			n.value.Set(tx, value)
			return
		}
		n := x.node(key, value)
		for level := range n.next {
			link := &before[level].next[level]
			n.next[level].Set(tx, link.Get(tx))
			link.Set(tx, n)
		}
	})
}

func (x *stmIndex) Delete(key int64) (there bool) {
	x.update(func(tx *stm.Tx) {
		var before [highest]*stmNode
		n := x.find(tx, key, &before)
		if there = n.has(key); !there {
			return
		}
		for level := range n.next {
			before[level].next[level].Set(tx, n.next[level].Get(tx))
		}
	})
	return there
}

func (x *stmIndex) Scan(from, to int64) (count int, sum int64) {
	x.view(func(tx *stm.Tx) {
		count, sum = 0, 0
		for n := x.find(tx, from, nil); n != nil && n.key < to; n = n.next[0].Get(tx) {
			count++
			sum += n.value.Get(tx)
		}
	})
	return count, sum
}

type stmLatch struct {
	stmObject
	open tvar.TVar[bool]
}

func newSTMLatch() Latch {
	l := &stmLatch{stmObject: newSTMObject()}
	l.open.Init(false, tvar.In(l.owner))
	return l
}

func (l *stmLatch) Wait(ctx context.Context) error {
	return l.await(ctx, func(tx *stm.Tx) { tx.Check(l.open.Get(tx)) })
}

func (l *stmLatch) Open() { l.open.Store(true) }

type stmMemory struct {
	stmObject
	words []tvar.TVar[int64]
}

func newSTMMemory(words int) Memory {
	seq.AtLeastOne(words, "words")
	o := newSTMObject()
	return &stmMemory{o, variables[int64](o.owner, words, 0)}
}

// stmWords are the words in one attempt.
type stmWords struct {
	words []tvar.TVar[int64]
	tx    *stm.Tx
}

func (w *stmWords) Get(word int) int64        { return w.words[word].Get(w.tx) }
func (w *stmWords) Set(word int, value int64) { w.words[word].Set(w.tx, value) }

func (m *stmMemory) Update(fn func(Words)) {
	w := &stmWords{words: m.words}
	m.update(func(tx *stm.Tx) { w.tx = tx; fn(w) })
}

func (m *stmMemory) View(fn func(Words)) {
	w := &stmWords{words: m.words}
	m.view(func(tx *stm.Tx) { w.tx = tx; fn(w) })
}
