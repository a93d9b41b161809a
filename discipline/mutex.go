package discipline

import (
	"context"
	"sync"

	"github.com/rinse-go/rinse/discipline/internal/seq"
	"github.com/rinse-go/rinse/internal/shared"
)

var _ = offer(Discipline{
	Name: "mutex",
	From: "one lock around shared data, and condition variables to wait at (Dijkstra's semaphores, 1965; Hoare's monitors, 1974)",
	Explain: "Each object has one lock, which every operation holds from beginning to end; who has to wait for a condition waits " +
		"at a condition variable, and whoever makes it true signals it. Nothing is faster while nobody else wants the " +
		"lock: about 10 ns, without allocation. The price is that all wait for all, readers for readers and each for the " +
		"slowest, and that locks do not compose: an operation on two objects needs both locks, in an order that everybody " +
		"keeps. Use it first, wherever what the lock guards is small and the time it is held is short, and until a " +
		"measurement says otherwise. Not where long reads would stop writers, nor where operations have to be combined by " +
		"people who do not know each other's locks.",

	Counter: func() Counter { return new(mutexCounter) },
	Bank:    func(accounts int, balance int64) Bank { return &mutexBank{balances: seq.NewBank(accounts, balance)} },
	Cache:   func(capacity int) Cache { return &mutexCache{cache: seq.NewCache(capacity)} },
	Buffer:  newMutexBuffer,
	Pool:    newMutexPool,
	Pair:    newMutexPair,
	Table:   newMutexTable,
	Index:   func() Index { return &mutexIndex{index: seq.NewIndex()} },
	Latch:   newMutexLatch,
	Memory:  func(words int) Memory { return &mutexMemory{words: seq.NewMemory(words)} },
})

// sleep waits, with the condition's lock held, until a condition holds or the context ends. Only
// whoever finds the condition true goes on, so a Signal is never lost to somebody who gives up: the end of a
// context wakes everybody to look again.
func sleep(ctx context.Context, changed *sync.Cond, holds func() bool) error {
	if holds() {
		return nil
	}
	stop := context.AfterFunc(ctx, func() {
		changed.L.Lock()
		defer changed.L.Unlock()
		changed.Broadcast()
	})
	defer stop()
	for !holds() {
		if err := ctx.Err(); err != nil {
			return err
		}
		changed.Wait()
	}
	return nil
}

type mutexCounter struct {
	mu shared.Mutex
	n  int64 // guarded by mu
}

func (c *mutexCounter) Add(delta int64) {
	c.mu.Lock()
	c.n += delta
	c.mu.Unlock()
}

func (c *mutexCounter) Inc() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func (c *mutexCounter) Value() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func (*mutexCounter) Close() {}

type mutexBank struct {
	mu       shared.Mutex
	balances seq.Bank // guarded by mu
}

func (b *mutexBank) Transfer(from, to int, amount int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.balances.Transfer(from, to, amount)
}

func (b *mutexBank) Balance(account int) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.balances[account]
}

func (b *mutexBank) Total() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.balances.Total()
}

func (*mutexBank) Close() {}

type mutexCache struct {
	mu    shared.Mutex
	cache *seq.Cache // guarded by mu
}

func (c *mutexCache) Get(key int) (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cache.Get(key)
}

func (c *mutexCache) Put(key int, value int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cache.Put(key, value)
}

func (c *mutexCache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cache.Len()
}

func (*mutexCache) Close() {}

type mutexBuffer struct {
	mu              shared.Mutex
	notFull, filled *sync.Cond
	values          *seq.Buffer // guarded by mu
}

func newMutexBuffer(capacity int) Buffer {
	b := &mutexBuffer{values: seq.NewBuffer(capacity)}
	b.notFull, b.filled = sync.NewCond(&b.mu), sync.NewCond(&b.mu)
	return b
}

func (b *mutexBuffer) Put(ctx context.Context, value int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := sleep(ctx, b.notFull, func() bool { return b.values.Put(value) }); err != nil {
		return err
	}
	b.filled.Signal()
	return nil
}

func (b *mutexBuffer) Take(ctx context.Context) (value int64, err error) {
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

func (b *mutexBuffer) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.values.Len()
}

func (*mutexBuffer) Close() {}

type mutexPool struct {
	mu     shared.Mutex
	parked *sync.Cond
	pool   *seq.Pool // guarded by mu
}

func newMutexPool(resources int) Pool {
	p := &mutexPool{pool: seq.NewPool(resources)}
	p.parked = sync.NewCond(&p.mu)
	return p
}

func (p *mutexPool) Acquire(ctx context.Context) (resource int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = sleep(ctx, p.parked, func() (ok bool) {
		resource, ok = p.pool.Acquire()
		return ok
	})
	return resource, err
}

func (p *mutexPool) Release(resource int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.pool.Release(resource) {
		seq.NotAcquired(resource)
	}
	p.parked.Signal()
}

func (*mutexPool) Close() {}

type mutexPair struct {
	mu     shared.Mutex
	filled *sync.Cond
	queues seq.Pair // guarded by mu
}

func newMutexPair() Pair {
	p := new(mutexPair)
	p.filled = sync.NewCond(&p.mu)
	return p
}

func (p *mutexPair) Put(queue int, value int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queues[queue].Put(value)
	p.filled.Signal()
}

func (p *mutexPair) Take(queue int) (int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queues[queue].Take()
}

func (p *mutexPair) Move(from int) (int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queues.Move(from)
}

func (p *mutexPair) TakeAny(ctx context.Context) (value int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = sleep(ctx, p.filled, func() (ok bool) {
		value, ok = p.queues.TakeAny()
		return ok
	})
	return value, err
}

func (p *mutexPair) Lens() [2]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queues.Lens()
}

func (*mutexPair) Close() {}

type mutexTable struct {
	mu    shared.Mutex
	forks seq.Table    // guarded by mu
	free  []*sync.Cond // of each seat
}

func newMutexTable(seats int) Table {
	t := &mutexTable{forks: seq.NewTable(seats)}
	for range seats {
		t.free = append(t.free, sync.NewCond(&t.mu))
	}
	return t
}

func (t *mutexTable) PickUp(ctx context.Context, seat int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return sleep(ctx, t.free[seat], func() bool { return t.forks.PickUp(seat) })
}

// PutDown wakes the neighbours, and those who wait for the same seat.
func (t *mutexTable) PutDown(seat int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forks.PutDown(seat)
	n := len(t.free)
	for _, neighbour := range []int{(seat + n - 1) % n, (seat + 1) % n, seat} {
		t.free[neighbour].Signal()
	}
}

func (*mutexTable) Close() {}

type mutexIndex struct {
	mu    shared.Mutex
	index *seq.Index // guarded by mu
}

func (x *mutexIndex) Put(key, value int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.index.Put(key, value)
}

func (x *mutexIndex) Get(key int64) (int64, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.index.Get(key)
}

func (x *mutexIndex) Delete(key int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.index.Delete(key)
}

func (x *mutexIndex) Scan(from, to int64) (int, int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.index.Scan(from, to)
}

func (*mutexIndex) Close() {}

type mutexLatch struct {
	mu     shared.Mutex
	opened *sync.Cond
	open   bool // guarded by mu
}

func newMutexLatch() Latch {
	l := new(mutexLatch)
	l.opened = sync.NewCond(&l.mu)
	return l
}

func (l *mutexLatch) Wait(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sleep(ctx, l.opened, func() bool { return l.open })
}

func (l *mutexLatch) Open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = true
	l.opened.Broadcast()
}

func (*mutexLatch) Close() {}

type mutexMemory struct {
	mu    shared.Mutex
	words Words // guarded by mu; a seq.Memory
}

func (m *mutexMemory) Update(fn func(Words)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fn(m.words)
}

func (m *mutexMemory) View(fn func(Words)) { m.Update(fn) }

func (*mutexMemory) Close() {}
