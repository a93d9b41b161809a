package discipline

import (
	"math/bits"

	"github.com/rinse-go/rinse/discipline/internal/seq"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// The objects in transactional variables, with what is done to them in a transaction, whoever runs it
// and how. What has to wait changes nothing and returns false.

// A varObject is what all of them are: variables under an owner of their own, whose clashes are counted.
type varObject struct{ owner *stm.Owner }

func newVarObject() varObject { return varObject{stm.NewOwner()} }

// Clashes returns how many attempts had to be made again.
func (o varObject) Clashes() uint64 { return o.owner.Stats().Clashes.Total() }

func (varObject) Close() {}

// variables makes so many under the owner, all with one value.
func variables[T any](o *stm.Owner, n int, value T) []tvar.TVar[T] {
	list := make([]tvar.TVar[T], n)
	for i := range list {
		list[i].Init(value, tvar.In(o))
	}
	return list
}

type varCounter struct {
	varObject
	n tvar.TVar[int64]
}

func newVarCounter() *varCounter {
	c := &varCounter{varObject: newVarObject()}
	c.n.Init(0, tvar.In(c.owner))
	return c
}

type varBank struct {
	varObject
	balances []tvar.TVar[int64]
}

func newVarBank(accounts int, balance int64) *varBank {
	seq.AtLeastOne(accounts, "accounts")
	o := newVarObject()
	return &varBank{o, variables(o.owner, accounts, balance)}
}

func (b *varBank) transfer(tx *stm.Tx, from, to int, amount int64) bool {
	available := b.balances[from].Get(tx)
	if available < amount {
		return false
	}
	b.balances[from].Set(tx, available-amount)
	b.balances[to].Set(tx, b.balances[to].Get(tx)+amount)
	return true
}

func (b *varBank) total(tx *stm.Tx) (sum int64) {
	for i := range b.balances {
		sum += b.balances[i].Get(tx)
	}
	return sum
}

// A varCache is a hash table with chains, and a ring of its keys in the order in which they came. Its
// buckets are variables, so that operations on different buckets do not clash.
type varCache struct {
	varObject
	buckets []tvar.TVar[*varEntry]
	keys    []tvar.TVar[int]
	came    tvar.TVar[int] // how many keys came so far; the last ones are in the ring
}

// A varEntry is in the chain of its bucket, which is immutable but for the values.
type varEntry struct {
	key   int
	value *tvar.TVar[int64]
	next  *varEntry
}

func newVarCache(capacity int) *varCache {
	seq.AtLeastOne(capacity, "entries of a cache")
	buckets := 1
	for buckets < 2*capacity {
		buckets *= 2
	}
	o := newVarObject()
	c := &varCache{varObject: o, buckets: variables[*varEntry](o.owner, buckets, nil), keys: variables(o.owner, capacity, 0)}
	c.came.Init(0, tvar.In(o.owner))
	return c
}

func (c *varCache) bucket(key int) *tvar.TVar[*varEntry] {
	return &c.buckets[hash(uint64(key))&uint64(len(c.buckets)-1)]
}

// hash spreads keys that are near each other (splitmix64).
func hash(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (e *varEntry) find(key int) *varEntry {
	for e != nil && e.key != key {
		e = e.next
	}
	return e
}

// without returns the chain without a key that is in it.
func (e *varEntry) without(key int) *varEntry {
	if e.key == key {
		return e.next
	}
	return &varEntry{e.key, e.value, e.next.without(key)}
}

func (c *varCache) get(tx *stm.Tx, key int) (int64, bool) {
	if e := c.bucket(key).Get(tx).find(key); e != nil {
		return e.value.Get(tx), true
	}
	return 0, false
}

func (c *varCache) put(tx *stm.Tx, key int, value int64) {
	if e := c.bucket(key).Get(tx).find(key); e != nil {
		e.value.Set(tx, value)
		return
	}
	c.admit(tx, key)
	chain := c.bucket(key)
	chain.Set(tx, &varEntry{key, tvar.New(value, tvar.In(c.owner)), chain.Get(tx)})
}

// admit enters a new key into the ring, in the place of the oldest one if it is full.
func (c *varCache) admit(tx *stm.Tx, key int) {
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

func (c *varCache) Len() int { return min(c.came.Load(), len(c.keys)) }

// A varBuffer is a ring. Who puts and who takes write different variables, but for the slot.
type varBuffer struct {
	varObject
	slots      []tvar.TVar[int64]
	came, gone tvar.TVar[int] // how many so far
}

func newVarBuffer(capacity int) *varBuffer {
	seq.AtLeastOne(capacity, "places of a buffer")
	o := newVarObject()
	b := &varBuffer{varObject: o, slots: variables[int64](o.owner, capacity, 0)}
	b.came.Init(0, tvar.In(o.owner))
	b.gone.Init(0, tvar.In(o.owner))
	return b
}

func (b *varBuffer) put(tx *stm.Tx, value int64) bool {
	came := b.came.Get(tx)
	if came-b.gone.Get(tx) == len(b.slots) {
		return false
	}
	b.slots[came%len(b.slots)].Set(tx, value)
	b.came.Set(tx, came+1)
	return true
}

func (b *varBuffer) take(tx *stm.Tx) (int64, bool) {
	gone := b.gone.Get(tx)
	if b.came.Get(tx) == gone {
		return 0, false
	}
	b.gone.Set(tx, gone+1)
	return b.slots[gone%len(b.slots)].Get(tx), true
}

func (b *varBuffer) len(tx *stm.Tx) int { return b.came.Get(tx) - b.gone.Get(tx) }

// A varPool is a buffer of the resources that are parked.
type varPool struct {
	*varBuffer
	lent []tvar.TVar[bool]
}

func newVarPool(resources int) *varPool {
	seq.AtLeastOne(resources, "resources")
	p := &varPool{varBuffer: newVarBuffer(resources)}
	p.lent = variables(p.owner, resources, false)
	for i := range p.slots {
		p.slots[i].Store(int64(i))
	}
	p.came.Store(resources)
	return p
}

func (p *varPool) acquire(tx *stm.Tx) (int, bool) {
	resource, ok := p.take(tx)
	if ok {
		p.lent[resource].Set(tx, true)
	}
	return int(resource), ok
}

func (p *varPool) release(tx *stm.Tx, resource int) bool {
	if resource < 0 || resource >= len(p.lent) || !p.lent[resource].Get(tx) {
		return false
	}
	p.lent[resource].Set(tx, false)
	return p.put(tx, int64(resource))
}

// A varPair is two linked lists.
type varPair struct {
	varObject
	queues [2]varQueue
}

// A varQueue is a linked list that begins with a link whose value was taken. Who puts and who takes
// share no variable unless it is empty (Michael and Scott, PODC 1996).
type varQueue struct {
	owner      *stm.Owner
	head, tail tvar.TVar[*varLink]
	came, gone tvar.TVar[int] // how many so far
}

type varLink struct {
	value int64 // immutable
	next  tvar.TVar[*varLink]
}

func newVarPair() *varPair {
	p := &varPair{varObject: newVarObject()}
	for i := range p.queues {
		q := &p.queues[i]
		q.owner = p.owner
		first := q.link(0)
		q.head.Init(first, tvar.In(p.owner))
		q.tail.Init(first, tvar.In(p.owner))
		q.came.Init(0, tvar.In(p.owner))
		q.gone.Init(0, tvar.In(p.owner))
	}
	return p
}

func (q *varQueue) link(value int64) *varLink {
	l := &varLink{value: value}
	l.next.Init(nil, tvar.In(q.owner))
	return l
}

func (q *varQueue) put(tx *stm.Tx, value int64) {
	l := q.link(value)
	q.tail.Get(tx).next.Set(tx, l)
	q.tail.Set(tx, l)
	q.came.Set(tx, q.came.Get(tx)+1)
}

func (q *varQueue) take(tx *stm.Tx) (int64, bool) {
	first := q.head.Get(tx).next.Get(tx)
	if first == nil {
		return 0, false
	}
	q.head.Set(tx, first)
	q.gone.Set(tx, q.gone.Get(tx)+1)
	return first.value, true
}

func (q *varQueue) len(tx *stm.Tx) int { return q.came.Get(tx) - q.gone.Get(tx) }

func (p *varPair) move(tx *stm.Tx, from int) (int64, bool) {
	value, ok := p.queues[from].take(tx)
	if ok {
		p.queues[1-from].put(tx, value)
	}
	return value, ok
}

func (p *varPair) takeAny(tx *stm.Tx) (int64, bool) {
	if value, ok := p.queues[0].take(tx); ok {
		return value, true
	}
	return p.queues[1].take(tx)
}

func (p *varPair) lens(tx *stm.Tx) [2]int { return [2]int{p.queues[0].len(tx), p.queues[1].len(tx)} }

// A varTable has a variable for each fork, true while it is used.
type varTable struct {
	varObject
	forks []tvar.TVar[bool]
}

func newVarTable(seats int) *varTable {
	seq.Seats(seats)
	o := newVarObject()
	return &varTable{o, variables(o.owner, seats, false)}
}

func (t *varTable) free(tx *stm.Tx, seat int) bool {
	first, second := seq.Forks(seat, len(t.forks))
	return !t.forks[first].Get(tx) && !t.forks[second].Get(tx)
}

func (t *varTable) pickUp(tx *stm.Tx, seat int) bool {
	if !t.free(tx, seat) {
		return false
	}
	t.use(tx, seat, true)
	return true
}

func (t *varTable) putDown(tx *stm.Tx, seat int) { t.use(tx, seat, false) }

func (t *varTable) use(tx *stm.Tx, seat int, used bool) {
	first, second := seq.Forks(seat, len(t.forks))
	t.forks[first].Set(tx, used)
	t.forks[second].Set(tx, used)
}

// A varIndex is a skip list (Pugh, 1990), each of whose links is a variable. An operation relies on the
// links that it came by, and so clashes with changes of these only.
type varIndex struct {
	varObject
	first varNode // before all keys
}

// highest is enough for some sixteen million keys, one in four of a level being on the next.
const highest = 12

type varNode struct {
	key   int64 // immutable
	value tvar.TVar[int64]
	next  []tvar.TVar[*varNode] // by level
}

func newVarIndex() *varIndex {
	x := &varIndex{varObject: newVarObject()}
	x.first.next = variables[*varNode](x.owner, highest, nil)
	return x
}

// node returns one whose height depends on its key alone, so that it need not be drawn.
func (x *varIndex) node(key, value int64) *varNode {
	height := min(1+bits.TrailingZeros64(hash(uint64(key)+1))/2, highest)
	n := &varNode{key: key, next: variables[*varNode](x.owner, height, nil)}
	n.value.Init(value, tvar.In(x.owner))
	return n
}

// find returns the node of a key or else the one after, and the ones before it by level, if wanted.
func (x *varIndex) find(tx *stm.Tx, key int64, before *[highest]*varNode) (at *varNode) {
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

func (n *varNode) has(key int64) bool { return n != nil && n.key == key }

func (x *varIndex) get(tx *stm.Tx, key int64) (int64, bool) {
	if n := x.find(tx, key, nil); n.has(key) {
		return n.value.Get(tx), true
	}
	return 0, false
}

func (x *varIndex) put(tx *stm.Tx, key, value int64) {
	var before [highest]*varNode
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
}

func (x *varIndex) delete(tx *stm.Tx, key int64) bool {
	var before [highest]*varNode
	n := x.find(tx, key, &before)
	if !n.has(key) {
		return false
	}
	for level := range n.next {
		before[level].next[level].Set(tx, n.next[level].Get(tx))
	}
	return true
}

func (x *varIndex) scan(tx *stm.Tx, from, to int64) (count int, sum int64) {
	for n := x.find(tx, from, nil); n != nil && n.key < to; n = n.next[0].Get(tx) {
		count++
		sum += n.value.Get(tx)
	}
	return count, sum
}

type varLatch struct {
	varObject
	open tvar.TVar[bool]
}

func newVarLatch() *varLatch {
	l := &varLatch{varObject: newVarObject()}
	l.open.Init(false, tvar.In(l.owner))
	return l
}

type varMemory struct {
	varObject
	words []tvar.TVar[int64]
}

func newVarMemory(words int) *varMemory {
	seq.AtLeastOne(words, "words")
	o := newVarObject()
	return &varMemory{o, variables[int64](o.owner, words, 0)}
}

// varWords are the words in one attempt.
type varWords struct {
	words []tvar.TVar[int64]
	tx    *stm.Tx
}

func (w *varWords) Get(word int) int64        { return w.words[word].Get(w.tx) }
func (w *varWords) Set(word int, value int64) { w.words[word].Set(w.tx, value) }
