package workload_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/measure"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/workload"
)

// nowAndThen is true at every 20th call.
type nowAndThen struct {
	mu sync.Mutex
	n  int
}

func (s *nowAndThen) yes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return s.n%20 == 0
}

// Disciplines that are wrong now and then, each in one way. What is not overridden is right.

type lossyCounter struct {
	discipline.Counter
	nowAndThen
}

func (c *lossyCounter) Add(n int64) {
	if !c.yes() {
		c.Counter.Add(n)
	}
}

type repeatingCounter struct {
	discipline.Counter
	nowAndThen
}

func (c *repeatingCounter) Inc() int64 {
	if c.yes() {
		return c.Value()
	}
	return c.Counter.Inc()
}

type forgetfulBank struct {
	discipline.Bank
	nowAndThen
}

func (b *forgetfulBank) Transfer(from, to int, amount int64) bool {
	return b.yes() || b.Bank.Transfer(from, to, amount)
}

type tornBank struct{ discipline.Bank }

func (b tornBank) Total() int64 { return b.Bank.Total() - 1 }

type mixedUpCache struct {
	discipline.Cache
	nowAndThen
}

func (c *mixedUpCache) Get(key int) (int64, bool) {
	if c.yes() {
		key++
	}
	return c.Cache.Get(key)
}

type inventiveCache struct {
	discipline.Cache
	nowAndThen
}

func (c *inventiveCache) Put(key int, value int64) {
	if c.yes() {
		value += 1 << 30
	}
	c.Cache.Put(key, value)
}

type lossyBuffer struct {
	discipline.Buffer
	nowAndThen
}

func (b *lossyBuffer) Put(ctx context.Context, value int64) error {
	if b.yes() {
		return ctx.Err()
	}
	return b.Buffer.Put(ctx, value)
}

type doublingBuffer struct {
	discipline.Buffer
	nowAndThen
	last int64
}

func (b *doublingBuffer) Take(ctx context.Context) (int64, error) {
	again := b.yes()
	b.mu.Lock()
	defer b.mu.Unlock()
	if again {
		return b.last, nil
	}
	value, err := b.Buffer.Take(ctx)
	b.last = value
	return value, err
}

type lossyPair struct {
	discipline.Pair
	nowAndThen
}

func (p *lossyPair) Move(from int) (int64, bool) {
	if p.yes() {
		return p.Take(from)
	}
	return p.Pair.Move(from)
}

func (p *lossyPair) TakeAny(ctx context.Context) (int64, error) {
	value, err := p.Pair.TakeAny(ctx)
	if p.yes() {
		value++
	}
	return value, err
}

type generousTable struct{ discipline.Table }

// PickUp does not yield: who is never interrupted but here never is while it has a fork.
func (generousTable) PickUp(context.Context, int) error { return nil }
func (generousTable) PutDown(int)                       {}

type generousPool struct{ discipline.Pool }

func (generousPool) Acquire(context.Context) (int, error) { return 2, nil }
func (generousPool) Release(int)                          {}

type forgetfulIndex struct {
	discipline.Index
	nowAndThen
}

func (x *forgetfulIndex) Put(key, value int64) {
	if x.yes() {
		x.Index.Put(key, value+1)
		return
	}
	x.Index.Put(key, value)
}

type shortSightedIndex struct{ discipline.Index }

func (x shortSightedIndex) Scan(from, to int64) (int, int64) { return x.Index.Scan(from, to-1) }

type openLatch struct{ discipline.Latch }

func (openLatch) Wait(context.Context) error { return nil }

type forgetfulMemory struct {
	discipline.Memory
	nowAndThen
	ready int // Updates that are right, to set up
}

func (m *forgetfulMemory) Update(fn func(discipline.Words)) {
	if m.ready--; m.ready < 0 && m.yes() {
		m.View(func(w discipline.Words) { fn(scratch{w, map[int]int64{}}) })
		return
	}
	m.Memory.Update(fn)
}

// scratch is words whose changes are lost.
type scratch struct {
	discipline.Words
	set map[int]int64
}

func (s scratch) Get(word int) int64 {
	if value, ok := s.set[word]; ok {
		return value
	}
	return s.Words.Get(word)
}

func (s scratch) Set(word int, value int64) { s.set[word] = value }

// A discipline that is right but for one thing.
func but(change func(right, wrong *discipline.Discipline)) *discipline.Discipline {
	right, _ := discipline.Find("mutex")
	wrong := right
	wrong.Name = "wrong"
	change(&right, &wrong)
	return &wrong
}

var broken = []struct {
	name, workload, of string
	goroutines         int
	discipline         *discipline.Discipline
}{
	{"counts are lost", "counter", "add", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Counter = func() discipline.Counter { return &lossyCounter{Counter: right.Counter()} }
	})},
	{"two get the same number", "counter", "inc", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Counter = func() discipline.Counter { return &repeatingCounter{Counter: right.Counter()} }
	})},
	{"transfers are lost", "bank", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Bank = func(n int, each int64) discipline.Bank { return &forgetfulBank{Bank: right.Bank(n, each)} }
	})},
	{"an audit finds too little", "bank", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Bank = func(n int, each int64) discipline.Bank { return tornBank{right.Bank(n, each)} }
	})},
	{"values are of other keys", "cache", "90/10", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Cache = func(n int) discipline.Cache { return &mixedUpCache{Cache: right.Cache(n)} }
	})},
	{"values that nobody has put", "cache", "50/50", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Cache = func(n int) discipline.Cache { return &inventiveCache{Cache: right.Cache(n)} }
	})},
	{"values are lost", "buffer", "", 2, but(func(right, wrong *discipline.Discipline) {
		wrong.Buffer = func(n int) discipline.Buffer { return &lossyBuffer{Buffer: right.Buffer(n)} }
	})},
	{"values are doubled", "buffer", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Buffer = func(n int) discipline.Buffer { return &doublingBuffer{Buffer: right.Buffer(n)} }
	})},
	{"a move loses", "move", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Pair = func() discipline.Pair { return &lossyPair{Pair: right.Pair()} }
	})},
	{"other values are taken than were put", "either", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Pair = func() discipline.Pair { return &lossyPair{Pair: right.Pair()} }
	})},
	{"a fork for everybody", "philosophers", "", 5, but(func(right, wrong *discipline.Discipline) {
		wrong.Table = func(n int) discipline.Table { return generousTable{right.Table(n)} }
	})},
	{"a resource for everybody", "pool", "", 4, but(func(right, wrong *discipline.Discipline) {
		wrong.Pool = func(n int) discipline.Pool { return generousPool{right.Pool(n)} }
	})},
	{"a put is wrong", "index", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Index = func() discipline.Index { return &forgetfulIndex{Index: right.Index()} }
	})},
	{"a scan misses", "index", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Index = func() discipline.Index { return shortSightedIndex{right.Index()} }
	})},
	{"a put is wrong", "scan", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Index = func() discipline.Index { return &forgetfulIndex{Index: right.Index()} }
	})},
	{"a scan misses", "scan", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Index = func() discipline.Index { return shortSightedIndex{right.Index()} }
	})},
	{"nobody waits", "wakeup", "", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Latch = func() discipline.Latch { return openLatch{right.Latch()} }
	})},
	{"nobody waits", "waiting", "", 1000, but(func(right, wrong *discipline.Discipline) {
		wrong.Latch = func() discipline.Latch { return openLatch{right.Latch()} }
	})},
	{"updates are lost", "vacation", "high", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Memory = func(n int) discipline.Memory { return &forgetfulMemory{Memory: right.Memory(n), ready: 256} }
	})},
	{"updates are lost", "kmeans", "high", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Memory = func(n int) discipline.Memory { return &forgetfulMemory{Memory: right.Memory(n), ready: 1} }
	})},
	{"updates are lost", "stmbench7", "short-10/90", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Memory = func(n int) discipline.Memory { return &forgetfulMemory{Memory: right.Memory(n), ready: 1} }
	})},
	{"updates are lost", "stmbench7", "long-10/90", 1, but(func(right, wrong *discipline.Discipline) {
		wrong.Memory = func(n int) discipline.Memory { return &forgetfulMemory{Memory: right.Memory(n), ready: 1} }
	})},
}

// patience is how many measurements a fault may take to show. Most show in each one; but that two philosophers have a fork
// at a time takes one of them being interrupted while it has it.
const patience = 1000

func TestNoFigureComesFromAWrongResult(t *testing.T) {
	settings := measure.Settings{Seed: 1, Time: 20 * time.Millisecond, WarmUp: time.Millisecond, Patience: time.Minute}
	covered := map[string]bool{}
	for _, b := range broken {
		covered[b.workload] = true
		t.Run(b.workload+"/"+b.name, func(t *testing.T) {
			w := named(t, b.workload)
			key := result.Key{Workload: b.workload, Case: b.of, Goroutines: b.goroutines, Procs: runtime.NumCPU()}
			run := func(d *discipline.Discipline) error {
				for {
					_, err := measure.One(context.Background(), w, d, key, 0, settings)
					if !errors.Is(err, measure.ErrNothing) { // else others had this machine
						return err
					}
				}
			}
			var err error
			for try := 0; err == nil && try < patience; try++ {
				err = run(b.discipline)
			}
			require.Error(t, err)
			require.NotErrorIs(t, err, measure.ErrHangs)
			t.Log(err)
			right, _ := discipline.Find("mutex")
			require.NoError(t, run(&right), "so it was not for the fault")
		})
	}
	for _, w := range workload.All() {
		assert.True(t, covered[w.Name], "nothing shows that %s would notice a wrong result", w.Name)
	}
}

func named(t *testing.T, name string) *workload.Workload {
	t.Helper()
	for _, w := range workload.All() {
		if w.Name == name {
			return &w
		}
	}
	require.Fail(t, "no workload is called so", name)
	return nil
}
