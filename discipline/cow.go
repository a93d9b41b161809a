package discipline

import (
	"context"
	"sync"

	"github.com/rinse-go/rinse/discipline/internal/seq"
	"github.com/rinse-go/rinse/internal/shared"
)

var _ = offer(Discipline{
	Name: "cow",
	From: "immutable data behind one atomic pointer (read-copy-update; Clojure's atoms; fork's copy on write), in persistent trees (Okasaki, 1998)",
	Explain: "The whole object is an immutable value, and one atomic pointer says which one is current. Who reads loads the pointer and " +
		"has, for as long as it likes, one consistent state that nobody will ever change: no lock, no clash, no hold-up. Who " +
		"writes makes a new value, which shares most of its memory with the old one, and swaps the pointer; writers take turns " +
		"at a lock. The price is paid by writers: a path of the tree is copied for every change, some hundred nanoseconds and " +
		"as many bytes for the collector, and all of them wait for one another however little they have in common. Use " +
		"it where reads are many, long or must agree with each other, and writes are seldom: configuration, routes, caches. Not " +
		"where every operation writes.",

	Counter: func() Counter { return cowCounter{newCow[int64](0)} },
	Bank: func(accounts int, balance int64) Bank {
		seq.AtLeastOne(accounts, "accounts")
		return cowBank{newCow(listOf(accounts, balance))}
	},
	Cache: func(capacity int) Cache { return cowCache{newCow(newCacheState(capacity)), capacity} },
	Buffer: func(capacity int) Buffer {
		seq.AtLeastOne(capacity, "places of a buffer")
		return cowBuffer{newCow(listOf(0, 0)), capacity}
	},
	Pool:  func(resources int) Pool { return cowPool{newCow(newPoolState(resources))} },
	Pair:  func() Pair { return cowPair{newCow(newPairState())} },
	Table: func(seats int) Table { return cowTable{newCow(newTableState(seats))} },
	Index: func() Index { return cowIndex{newCow(newSorted())} },
	Latch: func() Latch { return cowLatch{newCow(false)} },
	Memory: func(words int) Memory {
		seq.AtLeastOne(words, "words")
		return cowMemory{newCow(listOf(words, 0))}
	},
})

// A cow is a pointer to the current version of a state.
type cow[S any] struct {
	current shared.Pointer[version[S]]
	writing shared.Mutex
}

// A version is a state, and who waits for the next one.
type version[S any] struct {
	state   S           // immutable
	awaited shared.Bool // somebody waits for next, or is about to
	once    sync.Once
	next    chan struct{} // closed when the version is no longer current
}

func newCow[S any](state S) *cow[S] {
	c := new(cow[S])
	c.current.Store(&version[S]{state: state})
	return c
}

func (c *cow[S]) Close() {}

// now returns the current state.
func (c *cow[S]) now() S { return c.current.Load().state }

// change replaces the state, unless that cannot be done. It returns the version that it met, and whether
// it was replaced.
func (c *cow[S]) change(do func(S) (S, bool)) (*version[S], bool) {
	c.writing.Lock()
	defer c.writing.Unlock()
	old := c.current.Load()
	state, ok := do(old.state)
	if ok {
		c.current.Store(&version[S]{state: state})
		if old.awaited.Load() {
			close(old.nextChannel())
		}
	}
	return old, ok
}

// set replaces the state in any case.
func (c *cow[S]) set(do func(S) S) {
	c.change(func(state S) (S, bool) { return do(state), true })
}

// await is change for what has to wait until it can be done.
func (c *cow[S]) await(ctx context.Context, do func(S) (S, bool)) error {
	for {
		met, ok := c.change(do)
		if ok {
			return nil
		}
		if err := c.leave(ctx, met); err != nil {
			return err
		}
	}
}

// leave waits until a version is no longer current. Either it sees that here, or whoever replaces it sees
// that it is awaited.
func (c *cow[S]) leave(ctx context.Context, v *version[S]) error {
	v.awaited.Store(true)
	if c.current.Load() != v {
		return nil
	}
	select {
	case <-v.nextChannel():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *version[S]) nextChannel() chan struct{} {
	v.once.Do(func() { v.next = make(chan struct{}) })
	return v.next
}

type cowCounter struct{ *cow[int64] }

func (c cowCounter) Add(delta int64) { c.set(func(n int64) int64 { return n + delta }) }

func (c cowCounter) Inc() (value int64) {
	c.set(func(n int64) int64 { value = n + 1; return value })
	return value
}

func (c cowCounter) Value() int64 { return c.now() }

type cowBank struct{ *cow[*values] }

func (b cowBank) Transfer(from, to int, amount int64) bool {
	_, ok := b.change(func(balances *values) (*values, bool) { return transferred(balances, from, to, amount) })
	return ok
}

func (b cowBank) Balance(account int) int64 { return b.now().Get(account) }
func (b cowBank) Total() int64              { return sumOf(b.now()) }

type cowCache struct {
	*cow[cacheState]
	capacity int
}

func (c cowCache) Get(key int) (int64, bool) { return c.now().entries.Get(key) }
func (c cowCache) Len() int                  { return c.now().entries.Len() }

func (c cowCache) Put(key int, value int64) {
	c.set(func(state cacheState) cacheState { return state.put(key, value, c.capacity) })
}

type cowBuffer struct {
	*cow[*values]
	capacity int
}

func (b cowBuffer) Put(ctx context.Context, value int64) error {
	return b.await(ctx, func(list *values) (*values, bool) {
		if list.Len() == b.capacity {
			return list, false
		}
		return list.Append(value), true
	})
}

func (b cowBuffer) Take(ctx context.Context) (value int64, err error) {
	err = b.await(ctx, func(list *values) (rest *values, ok bool) {
		rest, value, ok = taken(list)
		return rest, ok
	})
	return value, err
}

func (b cowBuffer) Len() int { return b.now().Len() }

type cowPool struct{ *cow[poolState] }

func (p cowPool) Acquire(ctx context.Context) (resource int, err error) {
	err = p.await(ctx, func(state poolState) (after poolState, ok bool) {
		after, resource, ok = state.acquired()
		return after, ok
	})
	return resource, err
}

func (p cowPool) Release(resource int) {
	_, ok := p.change(func(state poolState) (poolState, bool) { return state.released(resource) })
	if !ok {
		seq.NotAcquired(resource)
	}
}

type cowPair struct{ *cow[pairState] }

func (p cowPair) Put(queue int, value int64) {
	p.set(func(state pairState) pairState { return state.put(queue, value) })
}

func (p cowPair) Take(queue int) (value int64, ok bool) {
	_, ok = p.change(func(state pairState) (after pairState, ok bool) {
		after, value, ok = state.take(queue)
		return after, ok
	})
	return value, ok
}

func (p cowPair) Move(from int) (value int64, ok bool) {
	_, ok = p.change(func(state pairState) (after pairState, ok bool) {
		after, value, ok = state.move(from)
		return after, ok
	})
	return value, ok
}

func (p cowPair) TakeAny(ctx context.Context) (value int64, err error) {
	err = p.await(ctx, func(state pairState) (after pairState, ok bool) {
		after, value, ok = state.takeAny()
		return after, ok
	})
	return value, err
}

func (p cowPair) Lens() [2]int { return p.now().lens() }

type cowTable struct{ *cow[*tableState] }

func (t cowTable) PickUp(ctx context.Context, seat int) error {
	return t.await(ctx, func(state *tableState) (*tableState, bool) { return pickedUp(state, seat) })
}

func (t cowTable) PutDown(seat int) {
	t.set(func(state *tableState) *tableState { return putDown(state, seat) })
}

type cowIndex struct{ *cow[*sorted] }

func (x cowIndex) Put(key, value int64) {
	x.set(func(m *sorted) *sorted { return m.Set(key, value) })
}

func (x cowIndex) Get(key int64) (int64, bool) { return x.now().Get(key) }

func (x cowIndex) Delete(key int64) bool {
	_, ok := x.change(func(m *sorted) (*sorted, bool) {
		after := m.Delete(key)
		return after, after.Len() < m.Len()
	})
	return ok
}

func (x cowIndex) Scan(from, to int64) (int, int64) { return scanned(x.now(), from, to) }

type cowLatch struct{ *cow[bool] }

func (l cowLatch) Wait(ctx context.Context) error {
	for v := l.current.Load(); !v.state; v = l.current.Load() {
		if err := l.leave(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

func (l cowLatch) Open() { l.set(func(bool) bool { return true }) }

type cowMemory struct{ *cow[*values] }

// cowWords are words of which those that were set are copied.
type cowWords struct{ words *values }

func (w *cowWords) Get(word int) int64        { return w.words.Get(word) }
func (w *cowWords) Set(word int, value int64) { w.words = w.words.Set(word, value) }

func (m cowMemory) Update(fn func(Words)) {
	m.set(func(words *values) *values {
		w := &cowWords{words}
		fn(w)
		return w.words
	})
}

func (m cowMemory) View(fn func(Words)) { fn(&cowWords{m.now()}) }
