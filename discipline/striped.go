package discipline

import (
	"context"

	"github.com/rinse-go/rinse/discipline/internal/seq"
	"github.com/rinse-go/rinse/internal/shared"
)

var _ = offer(Discipline{
	Name: "striped",
	From: "a lock for each part, taken in one order (lock striping, as in ConcurrentHashMap; ordered resources: Havender, 1968; Dijkstra's philosophers)",
	Explain: "An object is divided, and each part has a lock: an account, a fork, the keys of one hash, an end of a queue. An operation " +
		"takes the locks of the parts that it touches, always in the same order, so that no two wait for each other in a circle; " +
		"an operation on the whole takes them all. So operations on different parts do not meet. The price is a lock for each " +
		"part that is touched, an audit that takes a thousand locks and holds everybody up meanwhile, and a design that has to " +
		"know before it begins what it will touch: the order is a rule that no compiler checks. Use it where the parts are " +
		"known and independent: hash tables, tables of sessions, shards. Not where which parts are needed turns out on the " +
		"way, nor before a single lock has been measured to be too little.",

	Counter: func() Counter { return new(mutexCounter) }, // it has one part
	Bank:    newStripedBank,
	Cache:   newStripedCache,
	Buffer:  newStripedBuffer,
	Pool:    newMutexPool, // they are lent in one order, which is one part
	Pair:    newStripedPair,
	Table:   newStripedTable,
	Index:   newStripedIndex,
	Latch:   newMutexLatch, // it has one part
	Cannot: map[string]string{
		"Memory": "which words a function touches, and so which locks to take in which order, is only known when it has run",
	},
})

// cacheLine keeps locks that are used by different goroutines out of each other's way.
const cacheLine = 64

// A stripe is a part and its lock.
type stripe[T any] struct {
	mu   shared.Mutex
	part T // guarded by mu
	_    [cacheLine]byte
}

// stripes are the parts of an object. Locks are taken in the order of their numbers.
type stripes[T any] []stripe[T]

// lockTwo locks two parts, the lower number first.
func (s stripes[T]) lockTwo(i, j int) {
	first, second := &s[min(i, j)].mu, &s[max(i, j)].mu // before a lock is taken: there may be no such part
	first.Lock()
	if i != j {
		second.Lock()
	}
}

func (s stripes[T]) unlockTwo(i, j int) {
	s[i].mu.Unlock()
	if i != j {
		s[j].mu.Unlock()
	}
}

func (s stripes[T]) lockAll() {
	for i := range s {
		s[i].mu.Lock()
	}
}

func (s stripes[T]) unlockAll() {
	for i := range s {
		s[i].mu.Unlock()
	}
}

// A stripedBank has a lock for each account.
type stripedBank struct{ accounts stripes[int64] }

func newStripedBank(accounts int, balance int64) Bank {
	seq.AtLeastOne(accounts, "accounts")
	b := &stripedBank{make(stripes[int64], accounts)}
	for i := range b.accounts {
		b.accounts[i].part = balance
	}
	return b
}

func (b *stripedBank) Transfer(from, to int, amount int64) bool {
	b.accounts.lockTwo(from, to)
	defer b.accounts.unlockTwo(from, to)
	if b.accounts[from].part < amount {
		return false
	}
	b.accounts[from].part -= amount
	b.accounts[to].part += amount
	return true
}

func (b *stripedBank) Balance(account int) int64 {
	a := &b.accounts[account]
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.part
}

func (b *stripedBank) Total() (sum int64) {
	b.accounts.lockAll()
	defer b.accounts.unlockAll()
	for i := range b.accounts {
		sum += b.accounts[i].part
	}
	return sum
}

func (*stripedBank) Close() {}

// shards is how many parts keys are hashed to.
const shards = 32

func shardOf(key uint64) int { return int(hash(key+1) % shards) }

// A stripedCache has a lock for each shard of its keys, and one for their order, which comes before the
// others. Keys come and go with the order locked.
type stripedCache struct {
	order  shared.Mutex
	keys   []int // guarded by order: a ring in the order of their first Put, once it is full
	oldest int   // guarded by order: in keys
	shards stripes[map[int]int64]
}

func newStripedCache(capacity int) Cache {
	seq.AtLeastOne(capacity, "entries of a cache")
	c := &stripedCache{keys: make([]int, 0, capacity), shards: make(stripes[map[int]int64], shards)}
	for i := range c.shards {
		c.shards[i].part = map[int]int64{}
	}
	return c
}

func (c *stripedCache) shard(key int) *stripe[map[int]int64] { return &c.shards[shardOf(uint64(key))] }

func (c *stripedCache) Get(key int) (int64, bool) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.part[key]
	return value, ok
}

func (c *stripedCache) Put(key int, value int64) {
	if !c.replace(key, value) {
		c.admit(key, value)
	}
}

// replace sets the value of a key that is there.
func (c *stripedCache) replace(key int, value int64) bool {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.part[key]
	if known {
		s.part[key] = value
	}
	return known
}

// admit sets the value of a key that was not there a moment ago.
func (c *stripedCache) admit(key int, value int64) {
	c.order.Lock()
	defer c.order.Unlock()
	if c.replace(key, value) {
		return
	}
	if len(c.keys) < cap(c.keys) {
		c.keys = append(c.keys, key)
		c.set(key, value)
		return
	}
	evicted := c.keys[c.oldest]
	c.keys[c.oldest] = key
	c.oldest = (c.oldest + 1) % len(c.keys)
	c.shards.lockTwo(shardOf(uint64(key)), shardOf(uint64(evicted)))
	defer c.shards.unlockTwo(shardOf(uint64(key)), shardOf(uint64(evicted)))
	delete(c.shard(evicted).part, evicted)
	c.shard(key).part[key] = value
}

func (c *stripedCache) set(key int, value int64) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.part[key] = value
}

func (c *stripedCache) Len() int {
	c.order.Lock()
	defer c.order.Unlock()
	return len(c.keys)
}

func (*stripedCache) Close() {}

// A stripedBuffer has a lock for each end, as in the two-lock queue of Michael and Scott (PODC 1996). Who
// waits for a value or a place waits with its end locked, and the others of that end wait for it.
type stripedBuffer struct {
	ring          []int64       // a slot belongs to the end that counts it
	puts, takes   chan struct{} // the locks of the ends, as channels so that a context ends the wait for them
	head, tail    int           // guarded by takes and puts
	filled, empty chan struct{} // counts of slots
}

func newStripedBuffer(capacity int) Buffer {
	seq.AtLeastOne(capacity, "places of a buffer")
	b := &stripedBuffer{
		ring:   make([]int64, capacity),
		puts:   make(chan struct{}, 1),
		takes:  make(chan struct{}, 1),
		filled: make(chan struct{}, capacity),
		empty:  make(chan struct{}, capacity),
	}
	for range capacity {
		b.empty <- struct{}{}
	}
	return b
}

// lock takes a lock that is a channel, unless the context ends first.
func lock(ctx context.Context, mu chan<- struct{}) error {
	select {
	case mu <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pass moves a slot from one count to the other, with work done on it in between.
func pass(ctx context.Context, mu chan struct{}, from <-chan struct{}, to chan<- struct{}, work func()) error {
	if err := lock(ctx, mu); err != nil {
		return err
	}
	defer func() { <-mu }()
	select {
	case <-from:
	case <-ctx.Done():
		return ctx.Err()
	}
	work()
	to <- struct{}{} // there is room for all slots
	return nil
}

func (b *stripedBuffer) Put(ctx context.Context, value int64) error {
	return pass(ctx, b.puts, b.empty, b.filled, func() {
		b.ring[b.tail] = value
		b.tail = (b.tail + 1) % len(b.ring)
	})
}

func (b *stripedBuffer) Take(ctx context.Context) (value int64, err error) {
	err = pass(ctx, b.takes, b.filled, b.empty, func() {
		value = b.ring[b.head]
		b.head = (b.head + 1) % len(b.ring)
	})
	return value, err
}

func (b *stripedBuffer) Len() int { return len(b.filled) }
func (*stripedBuffer) Close()     {}

// A stripedPair has a lock for each queue.
type stripedPair struct{ queues stripes[belledQueue] }

func newStripedPair() Pair {
	p := &stripedPair{make(stripes[belledQueue], 2)}
	for i := range p.queues {
		p.queues[i].part = newBelledQueue()
	}
	return p
}

func (p *stripedPair) Put(queue int, value int64) {
	q := &p.queues[queue]
	q.mu.Lock()
	defer q.mu.Unlock()
	q.part.put(value)
}

func (p *stripedPair) Take(queue int) (int64, bool) {
	q := &p.queues[queue]
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.part.values.Take()
}

func (p *stripedPair) Move(from int) (int64, bool) {
	p.queues.lockTwo(from, 1-from)
	defer p.queues.unlockTwo(from, 1-from)
	value, ok := p.queues[from].part.values.Take()
	if ok {
		p.queues[1-from].part.put(value)
	}
	return value, ok
}

func (p *stripedPair) TakeAny(ctx context.Context) (value int64, err error) {
	err = listen(ctx, func(bell chan struct{}, give bool) (found bool) {
		p.queues.lockTwo(0, 1)
		defer p.queues.unlockTwo(0, 1)
		value, found = takeAny(&p.queues[0].part, &p.queues[1].part, bell, give)
		return found
	})
	return value, err
}

func (p *stripedPair) Lens() [2]int {
	p.queues.lockTwo(0, 1)
	defer p.queues.unlockTwo(0, 1)
	return [2]int{p.queues[0].part.values.Len(), p.queues[1].part.values.Len()}
}

func (*stripedPair) Close() {}

// A stripedTable has a lock for each fork.
type stripedTable struct{ forks stripes[belledFork] }

func newStripedTable(seats int) Table {
	seq.Seats(seats)
	t := &stripedTable{make(stripes[belledFork], seats)}
	for i := range t.forks {
		t.forks[i].part = newBelledFork()
	}
	return t
}

func (t *stripedTable) PickUp(ctx context.Context, seat int) error {
	first, second := seq.Forks(seat, len(t.forks))
	return listen(ctx, func(bell chan struct{}, give bool) bool {
		t.forks.lockTwo(first, second)
		defer t.forks.unlockTwo(first, second)
		return pickUp(&t.forks[first].part, &t.forks[second].part, bell, give)
	})
}

func (t *stripedTable) PutDown(seat int) {
	first, second := seq.Forks(seat, len(t.forks))
	t.forks.lockTwo(first, second)
	defer t.forks.unlockTwo(first, second)
	t.forks[first].part.putDown()
	t.forks[second].part.putDown()
}

func (*stripedTable) Close() {}

// A stripedIndex has a lock for each shard of its keys. A scan locks them all and scans each of them.
type stripedIndex struct{ shards stripes[*seq.Index] }

func newStripedIndex() Index {
	x := &stripedIndex{make(stripes[*seq.Index], shards)}
	for i := range x.shards {
		x.shards[i].part = seq.NewIndex()
	}
	return x
}

func (x *stripedIndex) shard(key int64) *stripe[*seq.Index] { return &x.shards[shardOf(uint64(key))] }

func (x *stripedIndex) Put(key, value int64) {
	s := x.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.part.Put(key, value)
}

func (x *stripedIndex) Get(key int64) (int64, bool) {
	s := x.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.part.Get(key)
}

func (x *stripedIndex) Delete(key int64) bool {
	s := x.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.part.Delete(key)
}

func (x *stripedIndex) Scan(from, to int64) (count int, sum int64) {
	x.shards.lockAll()
	defer x.shards.unlockAll()
	for i := range x.shards {
		n, values := x.shards[i].part.Scan(from, to)
		count += n
		sum += values
	}
	return count, sum
}

func (*stripedIndex) Close() {}
