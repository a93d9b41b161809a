package model_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/discipline/model"
	"github.com/rinse-go/rinse/proptest"
)

// A defect is a way in which an object can be wrong, as such code is in practice: a right one, of which
// one method was replaced.
type defect struct {
	how  string
	find func(...proptest.Option) (proptest.Report, error)
}

// impl makes an implementation, given what to call between two steps that should have been one.
type impl func(between func()) proptest.Impl[model.Command, model.Result]

func wrong[S any](how string, spec proptest.Spec[S, model.Command, model.Result], make impl) defect {
	broken := proptest.Impl[model.Command, model.Result]{Name: how, New: func(env *proptest.Env) func(model.Command) model.Result {
		return make(func() { env.Yield("between") }).New(env)
	}}
	return defect{how, func(options ...proptest.Option) (proptest.Report, error) {
		return proptest.Find(spec, []proptest.Impl[model.Command, model.Result]{broken}, options...)
	}}
}

// TestDefectsAreFound wants the models to notice every one of them.
func TestDefectsAreFound(t *testing.T) {
	for _, d := range defects() {
		t.Run(d.how, func(t *testing.T) {
			tally.Mutants++
			report, err := d.find(proptest.InBubble(t), proptest.WithSeed(1), proptest.WithPrograms(500),
				proptest.WithSchedulers(proptest.Exhaustive(2, 200)), proptest.WithShape(proptest.Shape{Clients: 2, PerClient: 2, Prefix: 3, Suffix: 2}))
			var failure *proptest.Failure
			require.True(t, errors.As(err, &failure), "not found: %v, %v", report, err)
			t.Log(failure)
			tally.Killed++
		})
	}
}

func defects() []defect {
	right, _ := discipline.Find("mutex")
	counter := func(how string, replace func(discipline.Counter, func()) discipline.Counter) defect {
		return wrong(how, model.Counter(), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.CounterImpl(how, func() discipline.Counter { return replace(right.Counter(), between) })
		})
	}
	bank := func(how string, replace func(discipline.Bank, func()) discipline.Bank) defect {
		return wrong(how, model.Bank(3, 2), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.BankImpl(how, func(n int, m int64) discipline.Bank { return replace(right.Bank(n, m), between) }, 3, 2)
		})
	}
	cache := func(how string, replace func(capacity int, between func()) discipline.Cache) defect {
		return wrong(how, model.Cache(2), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.CacheImpl(how, func(n int) discipline.Cache { return replace(n, between) }, 2)
		})
	}
	buffer := func(how string, replace func(n int, between func()) discipline.Buffer) defect {
		return wrong(how, model.Buffer(2), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.BufferImpl(how, func(n int) discipline.Buffer { return replace(n, between) }, 2)
		})
	}
	pool := func(how string, replace func(discipline.Pool, func()) discipline.Pool) defect {
		return wrong(how, model.Pool(2), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.PoolImpl(how, func(n int) discipline.Pool { return replace(right.Pool(n), between) }, 2)
		})
	}
	pair := func(how string, replace func(discipline.Pair, func()) discipline.Pair) defect {
		return wrong(how, model.Pair(), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.PairImpl(how, func() discipline.Pair { return replace(right.Pair(), between) })
		})
	}
	index := func(how string, replace func(discipline.Index, func()) discipline.Index) defect {
		return wrong(how, model.Index(), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.IndexImpl(how, func() discipline.Index { return replace(right.Index(), between) })
		})
	}
	memory := func(how string, replace func(discipline.Memory, func()) discipline.Memory) defect {
		return wrong(how, model.Memory(3), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.MemoryImpl(how, func(n int) discipline.Memory { return replace(right.Memory(n), between) }, 3)
		})
	}
	return []defect{
		counter("a lost update", func(c discipline.Counter, between func()) discipline.Counter { return lostUpdate{c, between} }),
		bank("an audit account by account", func(b discipline.Bank, between func()) discipline.Bank { return slowAudit{b, between} }),
		bank("an overdraft checked too early", func(b discipline.Bank, between func()) discipline.Bank { return earlyCheck{b, between} }),
		bank("a transfer in two steps", func(b discipline.Bank, between func()) discipline.Bank { return twoSteps{b, between} }),
		cache("eviction off by one", func(n int, _ func()) discipline.Cache { return right.Cache(n + 1) }),
		cache("a Put that counts a known key as new", func(n int, between func()) discipline.Cache { return forgetful{right.Cache(n)} }),
		buffer("a place too few", func(n int, _ func()) discipline.Buffer { return right.Buffer(n - 1) }),
		buffer("an overfull buffer", func(n int, between func()) discipline.Buffer { return overfull{right.Buffer(n + 1), n, between} }),
		buffer("a lost wake-up", func(n int, between func()) discipline.Buffer {
			return deaf{right.Buffer(n), between, make(chan struct{}, 1)}
		}),
		pool("a resource lent twice", func(p discipline.Pool, between func()) discipline.Pool { return &lentTwice{Pool: p} }),
		pool("a release that is not checked", func(p discipline.Pool, _ func()) discipline.Pool { return unchecked{p} }),
		pair("a move in two steps", func(p discipline.Pair, between func()) discipline.Pair { return slowMove{p, between} }),
		pair("the wrong queue first", func(p discipline.Pair, _ func()) discipline.Pair { return backwards{p} }),
		pair("lengths of two moments", func(p discipline.Pair, between func()) discipline.Pair { return slowLens{p, between} }),
		wrong("a fork in each hand, left first", model.Table(4), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.TableImpl("greedy", func(seats int) discipline.Table { return newGreedy(seats, between) }, 4)
		}),
		index("a scan key by key", func(x discipline.Index, between func()) discipline.Index { return slowScan{x, between} }),
		index("a scan with its end", func(x discipline.Index, _ func()) discipline.Index { return longScan{x} }),
		wrong("an opening missed", model.Latch(), func(between func()) proptest.Impl[model.Command, model.Result] {
			return model.LatchImpl("missed", func() discipline.Latch { return &missed{bell: make(chan struct{}), between: between} })
		}),
		memory("functions that see half of others", func(m discipline.Memory, between func()) discipline.Memory { return halves{m, between} }),
		memory("a stale view", func(m discipline.Memory, between func()) discipline.Memory { return stale{m, between} }),
	}
}

type lostUpdate struct {
	discipline.Counter
	between func()
}

func (c lostUpdate) Inc() int64 {
	n := c.Value()
	c.between()
	c.Add(1)
	return n + 1
}

type slowAudit struct {
	discipline.Bank
	between func()
}

func (b slowAudit) Total() (sum int64) {
	for i := range 3 {
		sum += b.Balance(i)
		b.between()
	}
	return sum
}

type earlyCheck struct {
	discipline.Bank
	between func()
}

func (b earlyCheck) Transfer(from, to int, amount int64) bool {
	if b.Balance(from) < amount {
		return false
	}
	b.between()
	return b.Bank.Transfer(from, to, amount) || true
}

type twoSteps struct {
	discipline.Bank
	between func()
}

func (b twoSteps) Transfer(from, to int, amount int64) bool {
	via := 3 - max(from, to) - min(from, to)
	if from == to || via == from || via == to {
		return b.Bank.Transfer(from, to, amount)
	}
	if !b.Bank.Transfer(from, via, amount) {
		return false
	}
	b.between()
	return b.Bank.Transfer(via, to, amount)
}

type forgetful struct{ discipline.Cache }

func (c forgetful) Put(key int, value int64) {
	if _, known := c.Get(key); known {
		c.Cache.Put(-1, 0) // in the place of another
	}
	c.Cache.Put(key, value)
}

type overfull struct {
	discipline.Buffer
	capacity int
	between  func()
}

func (b overfull) Put(ctx context.Context, value int64) error {
	for b.Len() >= b.capacity {
		select {
		case <-ctx.Done():
			return ctx.Err()
		default:
			b.between()
		}
	}
	b.between()
	return b.Buffer.Put(ctx, value)
}

// deaf waits for a bell after it has looked, and misses those that rang in between.
type deaf struct {
	discipline.Buffer
	between func()
	bell    chan struct{}
}

func (b deaf) Put(ctx context.Context, value int64) error {
	if err := b.Buffer.Put(ctx, value); err != nil {
		return err
	}
	select {
	case b.bell <- struct{}{}:
	default:
	}
	return nil
}

func (b deaf) Take(ctx context.Context) (int64, error) {
	if b.Len() > 0 {
		return b.Buffer.Take(ctx)
	}
	b.between()
	select { // forget what rang before
	case <-b.bell:
	default:
	}
	select {
	case <-b.bell:
		return b.Buffer.Take(ctx)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// lentTwice gives a resource back when it is acquired for the third time.
type lentTwice struct {
	discipline.Pool
	lent atomic.Int64
}

func (p *lentTwice) Acquire(ctx context.Context) (int, error) {
	resource, err := p.Pool.Acquire(ctx)
	if err == nil && p.lent.Add(1) == 3 {
		p.Release(resource)
	}
	return resource, err
}

type unchecked struct{ discipline.Pool }

func (p unchecked) Release(resource int) {
	defer func() { _ = recover() }()
	p.Pool.Release(resource)
}

type slowMove struct {
	discipline.Pair
	between func()
}

func (p slowMove) Move(from int) (int64, bool) {
	value, ok := p.Take(from)
	if ok {
		p.between()
		p.Put(1-from, value)
	}
	return value, ok
}

type backwards struct{ discipline.Pair }

func (p backwards) TakeAny(ctx context.Context) (int64, error) {
	if value, ok := p.Take(1); ok {
		return value, nil
	}
	return p.Pair.TakeAny(ctx)
}

type slowLens struct {
	discipline.Pair
	between func()
}

func (p slowLens) Lens() [2]int {
	first := p.Pair.Lens()[0]
	p.between()
	return [2]int{first, p.Pair.Lens()[1]}
}

// greedy philosophers pick up the left fork, then the right one.
type greedy struct {
	forks   []chan struct{}
	between func()
}

func newGreedy(seats int, between func()) discipline.Table {
	t := greedy{between: between}
	for range seats {
		t.forks = append(t.forks, make(chan struct{}, 1))
	}
	return t
}

func (t greedy) PickUp(ctx context.Context, seat int) error {
	for _, fork := range []int{seat, (seat + 1) % len(t.forks)} {
		select {
		case t.forks[fork] <- struct{}{}:
			t.between()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (t greedy) PutDown(seat int) {
	<-t.forks[seat]
	<-t.forks[(seat+1)%len(t.forks)]
}

func (greedy) Close() {}

type slowScan struct {
	discipline.Index
	between func()
}

func (x slowScan) Scan(from, to int64) (count int, sum int64) {
	for key := from; key < to; key++ {
		if value, ok := x.Get(key); ok {
			count++
			sum += value
		}
		x.between()
	}
	return count, sum
}

type longScan struct{ discipline.Index }

func (x longScan) Scan(from, to int64) (int, int64) { return x.Index.Scan(from, to+1) }

// missed tells those who wait already, and nobody who is about to.
type missed struct {
	open    bool
	waiting int
	bell    chan struct{}
	between func()
}

func (l *missed) Wait(ctx context.Context) error {
	if l.open {
		return nil
	}
	l.between()
	l.waiting++
	select {
	case <-l.bell:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *missed) Open() {
	l.open = true
	for ; l.waiting > 0; l.waiting-- {
		l.bell <- struct{}{}
	}
}

func (*missed) Close() {}

type halves struct {
	discipline.Memory
	between func()
}

func (m halves) Update(fn func(discipline.Words)) { fn(halfWords(m)) }

// halfWords are words each of which is an Update of its own.
type halfWords halves

func (w halfWords) Get(word int) (value int64) {
	w.Memory.View(func(words discipline.Words) { value = words.Get(word) })
	w.between()
	return value
}

func (w halfWords) Set(word int, value int64) {
	w.Memory.Update(func(words discipline.Words) { words.Set(word, value) })
}

type stale struct {
	discipline.Memory
	between func()
}

func (m stale) View(fn func(discipline.Words)) {
	var copied plain
	m.Memory.View(func(w discipline.Words) { copied[0], copied[1] = w.Get(0), w.Get(1) })
	m.between()
	m.Memory.View(func(w discipline.Words) { copied[2] = w.Get(2) })
	fn(&copied)
}

type plain [3]int64

func (p *plain) Get(word int) int64        { return p[word] }
func (p *plain) Set(word int, value int64) { p[word] = value }
