package discipline

import (
	"context"
	"sync"

	"github.com/rinse-go/rinse/discipline/internal/seq"
	"github.com/rinse-go/rinse/internal/shared"
)

var _ = offer(Discipline{
	Name: "rwmutex",
	From: "readers and writers (Courtois, Heymans and Parnas, CACM 1971), by sync.RWMutex",
	Explain: "As with mutex each object has one lock, but those who only read share it. Taking it for reading is twice the work " +
		"of a mutex, since readers have to be counted, and all of them count in the same place: many readers of a tiny " +
		"object on many cores wait for that cache line instead of for each other. Use it where reads are long, such as a " +
		"search or a sum over a large structure, and writes are seldom. Not for objects that are read in nanoseconds, " +
		"where a mutex is as good or better, nor where writers must not be held up by long readers: a writer waits for all " +
		"readers before it, and all readers after it wait for the writer.",

	Counter: func() Counter { return new(rwCounter) },
	Bank:    func(accounts int, balance int64) Bank { return &rwBank{balances: seq.NewBank(accounts, balance)} },
	Cache:   func(capacity int) Cache { return &rwCache{cache: seq.NewCache(capacity)} },
	Buffer:  newRWBuffer,
	Pool:    newRWPool,
	Pair:    newRWPair,
	Table:   newRWTable,
	Index:   func() Index { return &rwIndex{index: seq.NewIndex()} },
	Latch:   newRWLatch,
	Memory:  func(words int) Memory { return &rwMemory{words: seq.NewMemory(words)} },
})

type rwCounter struct {
	mu shared.RWMutex
	n  int64 // guarded by mu
}

func (c *rwCounter) Add(delta int64) {
	c.mu.Lock()
	c.n += delta
	c.mu.Unlock()
}

func (c *rwCounter) Inc() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func (c *rwCounter) Value() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.n
}

func (*rwCounter) Close() {}

type rwBank struct {
	mu       shared.RWMutex
	balances seq.Bank // guarded by mu
}

func (b *rwBank) Transfer(from, to int, amount int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.balances.Transfer(from, to, amount)
}

func (b *rwBank) Balance(account int) int64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.balances[account]
}

func (b *rwBank) Total() int64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.balances.Total()
}

func (*rwBank) Close() {}

type rwCache struct {
	mu    shared.RWMutex
	cache *seq.Cache // guarded by mu
}

func (c *rwCache) Get(key int) (int64, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.cache.Get(key)
}

func (c *rwCache) Put(key int, value int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cache.Put(key, value)
}

func (c *rwCache) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.cache.Len()
}

func (*rwCache) Close() {}

type rwBuffer struct {
	mu              shared.RWMutex
	notFull, filled *sync.Cond
	values          *seq.Buffer // guarded by mu
}

func newRWBuffer(capacity int) Buffer {
	b := &rwBuffer{values: seq.NewBuffer(capacity)}
	b.notFull, b.filled = sync.NewCond(&b.mu), sync.NewCond(&b.mu)
	return b
}

func (b *rwBuffer) Put(ctx context.Context, value int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := sleep(ctx, b.notFull, func() bool { return b.values.Put(value) }); err != nil {
		return err
	}
	b.filled.Signal()
	return nil
}

func (b *rwBuffer) Take(ctx context.Context) (value int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	err = sleep(ctx, b.filled, func() (ok bool) {
		value, ok = b.values.Take()
		return ok
	})
	if err == nil {
		b.notFull.Signal()
	}
	return value, err
}

func (b *rwBuffer) Len() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.values.Len()
}

func (*rwBuffer) Close() {}

type rwPool struct {
	mu     shared.RWMutex
	parked *sync.Cond
	pool   *seq.Pool // guarded by mu
}

func newRWPool(resources int) Pool {
	p := &rwPool{pool: seq.NewPool(resources)}
	p.parked = sync.NewCond(&p.mu)
	return p
}

func (p *rwPool) Acquire(ctx context.Context) (resource int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = sleep(ctx, p.parked, func() (ok bool) {
		resource, ok = p.pool.Acquire()
		return ok
	})
	return resource, err
}

func (p *rwPool) Release(resource int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.pool.Release(resource) {
		seq.NotAcquired(resource)
	}
	p.parked.Signal()
}

func (*rwPool) Close() {}

type rwPair struct {
	mu     shared.RWMutex
	filled *sync.Cond
	queues seq.Pair // guarded by mu
}

func newRWPair() Pair {
	p := new(rwPair)
	p.filled = sync.NewCond(&p.mu)
	return p
}

func (p *rwPair) Put(queue int, value int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queues[queue].Put(value)
	p.filled.Signal()
}

func (p *rwPair) Take(queue int) (int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queues[queue].Take()
}

func (p *rwPair) Move(from int) (int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queues.Move(from)
}

func (p *rwPair) TakeAny(ctx context.Context) (value int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = sleep(ctx, p.filled, func() (ok bool) {
		value, ok = p.queues.TakeAny()
		return ok
	})
	return value, err
}

func (p *rwPair) Lens() [2]int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.queues.Lens()
}

func (*rwPair) Close() {}

type rwTable struct {
	mu    shared.RWMutex
	forks seq.Table    // guarded by mu
	free  []*sync.Cond // of each seat
}

func newRWTable(seats int) Table {
	t := &rwTable{forks: seq.NewTable(seats)}
	for range seats {
		t.free = append(t.free, sync.NewCond(&t.mu))
	}
	return t
}

func (t *rwTable) PickUp(ctx context.Context, seat int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return sleep(ctx, t.free[seat], func() bool { return t.forks.PickUp(seat) })
}

// PutDown wakes the neighbours, and those who wait for the same seat.
func (t *rwTable) PutDown(seat int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forks.PutDown(seat)
	n := len(t.free)
	for _, neighbour := range []int{(seat + n - 1) % n, (seat + 1) % n, seat} {
		t.free[neighbour].Signal()
	}
}

func (*rwTable) Close() {}

type rwIndex struct {
	mu    shared.RWMutex
	index *seq.Index // guarded by mu
}

func (x *rwIndex) Put(key, value int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.index.Put(key, value)
}

func (x *rwIndex) Get(key int64) (int64, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.index.Get(key)
}

func (x *rwIndex) Delete(key int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.index.Delete(key)
}

func (x *rwIndex) Scan(from, to int64) (int, int64) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.index.Scan(from, to)
}

func (*rwIndex) Close() {}

type rwLatch struct {
	mu     shared.RWMutex
	opened *sync.Cond
	open   bool // guarded by mu
}

func newRWLatch() Latch {
	l := new(rwLatch)
	l.opened = sync.NewCond(&l.mu)
	return l
}

func (l *rwLatch) Wait(ctx context.Context) error {
	l.mu.RLock()
	open := l.open
	l.mu.RUnlock()
	if open {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return sleep(ctx, l.opened, func() bool { return l.open })
}

func (l *rwLatch) Open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = true
	l.opened.Broadcast()
}

func (*rwLatch) Close() {}

type rwMemory struct {
	mu    shared.RWMutex
	words Words // guarded by mu; a seq.Memory
}

func (m *rwMemory) Update(fn func(Words)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fn(m.words)
}

func (m *rwMemory) View(fn func(Words)) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	fn(m.words)
}

func (*rwMemory) Close() {}
