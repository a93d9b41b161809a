package tdata_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// A fakeClock stands still until it is told to go on, or back.
type fakeClock struct {
	mu   sync.Mutex
	time time.Time
	due  []*fakeTimer
}

type fakeTimer struct {
	at time.Time
	f  func()
}

func newFakeClock() *fakeClock { return &fakeClock{time: time.Unix(1_000_000, 0)} }

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *fakeClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d <= 0 {
		go f()
		return func() bool { return false }
	}
	t := &fakeTimer{c.time.Add(d), f}
	c.due = append(c.due, t)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		n := len(c.due)
		c.due = slices.DeleteFunc(c.due, func(other *fakeTimer) bool { return other == t })
		return len(c.due) < n
	}
}

// pass lets time pass, and calls on this goroutine what is due then.
func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	c.time = c.time.Add(d)
	var now []*fakeTimer
	c.due = slices.DeleteFunc(c.due, func(t *fakeTimer) bool {
		if t.at.After(c.time) {
			return false
		}
		now = append(now, t)
		return true
	})
	c.mu.Unlock()
	for _, t := range now {
		t.f()
	}
}

// timers returns how many timers are set.
func (c *fakeClock) timers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.due)
}

// atomically runs a transaction that cannot fail.
func atomically(t testing.TB, o *stm.Owner, fn func(tx *stm.Tx)) {
	t.Helper()
	require.NoError(t, o.Atomically(context.Background(), func(tx *stm.Tx) error {
		fn(tx)
		return nil
	}))
}

func cacheLen[K comparable, V any](t testing.TB, o *stm.Owner, c *tdata.Cache[K, V]) (n int) {
	t.Helper()
	require.NoError(t, o.View(context.Background(), func(tx *stm.Tx) error {
		n = c.Len(tx)
		return nil
	}))
	return n
}

// A cache that is large enough does what a map with deadlines does, transaction by transaction, also where one fails.
func TestCacheAgainstAMap(t *testing.T) {
	for seed := range uint64(20 / min(cacheRaceFactor, 4)) {
		r, clock := rand.New(rand.NewPCG(seed, 0)), newFakeClock()
		o := stm.NewOwner()
		c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 4000, Clock: clock, TTL: time.Hour}, tdata.In(o))
		model := map[int]timed{}
		for step := range 300 {
			clock.pass(time.Duration(r.IntN(10)) * time.Minute)
			fails, after := r.IntN(5) == 0, cloneLive(model, clock.Now())
			err := o.Atomically(t.Context(), func(tx *stm.Tx) error {
				for range r.IntN(8) {
					cacheStep(t, r, tx, c, after, clock.Now())
				}
				if fails {
					return errors.New("not this time")
				}
				return nil
			})
			require.Equal(t, fails, err != nil)
			if !fails {
				model = after
			}
			if step%10 == 0 {
				got, want := map[int]int{}, map[int]int{}
				for k, v := range c.Snapshot() {
					got[k] = v
				}
				for k, v := range cloneLive(model, clock.Now()) {
					want[k] = v.value
				}
				require.Equal(t, want, got, "seed %d, step %d", seed, step)
			}
		}
		c.Expire()
		require.Equal(t, len(cloneLive(model, clock.Now())), c.Size(), "seed %d", seed)
	}
}

type timed struct {
	value   int
	expires time.Time
}

func cloneLive(m map[int]timed, now time.Time) map[int]timed {
	live := map[int]timed{}
	for k, v := range m {
		if now.Before(v.expires) {
			live[k] = v
		}
	}
	return live
}

func cacheStep(t *testing.T, r *rand.Rand, tx *stm.Tx, c *tdata.Cache[int, int], model map[int]timed, now time.Time) {
	k, v := r.IntN(200), r.Int()
	want, there := model[k]
	switch r.IntN(8) {
	case 0, 1:
		got, ok := c.Get(tx, k)
		require.Equal(t, there, ok)
		require.Equal(t, want.value, got)
	case 2:
		got, ok := c.Peek(tx, k)
		require.Equal(t, there, ok)
		require.Equal(t, want.value, got)
	case 3, 4:
		c.Set(tx, k, v)
		model[k] = timed{v, now.Add(time.Hour)}
	case 5:
		ttl := time.Duration(r.IntN(60)-5) * time.Minute
		c.SetFor(tx, k, v, ttl)
		delete(model, k)
		if ttl > 0 {
			model[k] = timed{v, now.Add(ttl)}
		}
	case 6:
		require.Equal(t, there, c.Delete(tx, k))
		delete(model, k)
	case 7:
		require.Equal(t, len(model), c.Len(tx))
		if r.IntN(20) == 0 {
			c.Clear(tx)
			clear(model)
		}
	}
}

// A cache composes: what is in it and what is elsewhere change together, or not at all.
func TestCacheComposes(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	count := tvar.New(0)
	move := func(fail bool) error {
		return stm.Atomically(t.Context(), func(tx *stm.Tx) error {
			c.Set(tx, "a", 1)
			count.Set(tx, 1)
			if fail {
				return errors.ErrUnsupported
			}
			return nil
		})
	}
	require.ErrorIs(t, move(true), errors.ErrUnsupported)
	_, ok := c.Load("a")
	assert.False(t, ok)
	assert.Zero(t, c.Size())
	require.NoError(t, move(false))
	v, ok := c.Load("a")
	assert.True(t, ok)
	assert.Equal(t, 1, v)
	assert.Equal(t, 1, count.Load())
	assert.Equal(t, 1, c.Size())
}

// Who waits for a key by Retry is woken when somebody sets it.
func TestCacheWakesWhoWaitsForAKey(t *testing.T) {
	o := stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, string]{Capacity: 100}, tdata.In(o))
	got := make(chan string)
	go func() {
		v, _ := stm.DoIn(context.Background(), o, func(tx *stm.Tx) (string, error) {
			v, ok := c.Get(tx, 7)
			tx.Check(ok)
			return v, nil
		})
		got <- v
	}()
	for o.Stats().Waits == 0 {
		runtime.Gosched()
	}
	for i := range 50 { // other keys, leaves that are renewed included
		c.Store(100+i, "no")
	}
	c.Store(7, "yes")
	assert.Equal(t, "yes", <-got)
}

// When all transactions have returned the capacity holds exactly, whatever they did at the same time.
func TestCacheKeepsItsCapacity(t *testing.T) {
	for _, capacity := range []int{1, 2, 7, 1000, 3000} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			o := stm.NewOwner()
			c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: capacity}, tdata.In(o))
			var g sync.WaitGroup
			for who := range 8 {
				g.Go(func() {
					r := rand.New(rand.NewPCG(uint64(who), 1))
					for range 1000 {
						k := r.IntN(2*capacity + 10)
						switch r.IntN(6) {
						case 0:
							c.Remove(k)
						case 1:
							c.Load(k)
						default:
							c.Store(k, who)
						}
						assert.LessOrEqual(t, c.Size(), capacity+8) // one for each goroutine
					}
				})
			}
			g.Wait()
			assert.LessOrEqual(t, c.Size(), capacity)
			assert.Equal(t, c.Size(), cacheLen(t, o, c))
			for k := range 2*capacity + 10 {
				c.Store(k, 0)
			}
			assert.Equal(t, capacity, c.Size(), "no room was lost")
		})
	}
}

// A transaction that adds more than the cache holds sees all of it; afterwards the capacity holds again.
func TestCacheOvershootIsWhatOneTransactionAdds(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10})
	atomically(t, stm.Default(), func(tx *stm.Tx) {
		for i := range 5000 {
			c.Set(tx, i, i)
		}
		assert.Equal(t, 5000, c.Len(tx))
	})
	assert.Equal(t, 10, c.Size())
	assert.Equal(t, 10, cacheLen(t, stm.Default(), c))
	assert.EqualValues(t, 4990, c.Stats().Evictions)
}

func TestCacheByWeight(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, string]{
		Capacity: 100,
		Weigh:    func(_ int, v string) int { return len(v) },
	})
	text := func(n int) string { return string(make([]byte, n)) }
	for i := range 20 {
		c.Store(i, text(10))
	}
	assert.Equal(t, 100, c.Size())
	c.Store(19, text(60)) // heavier than before: others go
	assert.LessOrEqual(t, c.Size(), 100)
	assert.Greater(t, c.Size(), 60-1)

	before := c.Size()
	c.Store(99, text(101)) // heavier than everything: it goes, not the others
	_, ok := c.Load(99)
	assert.False(t, ok)
	assert.Equal(t, before, c.Size())
	c.Store(19, text(1000)) // also in the place of another
	_, ok = c.Load(19)
	assert.False(t, ok)
	assert.Less(t, c.Size(), before)

	for i := range 1000 {
		c.Store(1000+i, "") // weighs nothing, takes no room
	}
	assert.LessOrEqual(t, c.Size(), 100)
}

// Huge weights and capacities do not overflow.
func TestCacheOfHugeWeights(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{
		Capacity: math.MaxInt,
		Weigh:    func(_, v int) int { return v },
	})
	for i := range 10 {
		c.Store(i, math.MaxInt)
		c.Store(i, c.Capacity()/3*2)
	}
	assert.Equal(t, c.Capacity()/3*2, c.Size())
	assert.Equal(t, 1, cacheLen(t, stm.Default(), c))
}

func TestCacheRefusesBadInput(t *testing.T) {
	type config = tdata.CacheConfig[int, int]
	assert.PanicsWithValue(t, "tdata: NewCache: capacity 0; it must be positive", func() { tdata.NewCache(config{}) })
	assert.PanicsWithValue(t, "tdata: NewCache: capacity -1; it must be positive", func() { tdata.NewCache(config{Capacity: -1}) })
	assert.PanicsWithValue(t, "tdata: NewCache: TTL -1s is negative; leave it out for no expiry",
		func() { tdata.NewCache(config{Capacity: 1, TTL: -time.Second}) })

	c := tdata.NewCache(config{Capacity: 10, Weigh: func(_, v int) int { return v }})
	c.Store(1, 1)
	assert.PanicsWithValue(t, "tdata: Cache: the weight of key 1 is -2; it must not be negative", func() { c.Store(1, -2) })
	v, _ := c.Load(1)
	assert.Equal(t, 1, v)
	assert.PanicsWithValue(t, "tdata: Cache: Fetch with a nil loader", func() { _, _ = c.Fetch(t.Context(), 1, nil) })
}

// NaN keys are as in Go's maps: set, counted, iterated over, never found; and they do not stay for ever.
func TestCacheOfNaN(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[float64, int]{Capacity: 10})
	nan := math.NaN()
	c.Store(nan, 1)
	c.Store(nan, 2)
	_, ok := c.Load(nan)
	assert.False(t, ok)
	assert.False(t, c.Remove(nan))
	assert.Equal(t, 2, cacheLen(t, stm.Default(), c))
	for i := range 100 {
		c.Store(nan, i)
	}
	assert.Equal(t, 10, c.Size())
	assert.Equal(t, 10, cacheLen(t, stm.Default(), c))
	v, err := c.Fetch(t.Context(), nan, func(context.Context, float64) (int, error) { return 5, nil })
	assert.NoError(t, err)
	assert.Equal(t, 5, v)
	atomically(t, stm.Default(), c.Clear)
	assert.Zero(t, c.Size())

	c.Store(0.0, 1)
	v, ok = c.Load(math.Copysign(0, -1))
	assert.True(t, ok, "0 and -0 are equal")
	assert.Equal(t, 1, v)
}

// A key that cannot be compared panics, and what the transaction did before is undone.
func TestCacheOfUncomparableKeys(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[any, int]{Capacity: 10})
	assert.Panics(t, func() {
		_ = stm.Atomically(t.Context(), func(tx *stm.Tx) error {
			c.Set(tx, "fine", 1)
			c.Set(tx, []int{1}, 2)
			return nil
		})
	})
	assert.Panics(t, func() { c.Load([]int{1}) })
	assert.Zero(t, c.Size())
	c.Store("fine", 3)
	c.Store(1, 4)
	c.Store(struct{ a, b any }{1, "x"}, 5)
	v, _ := c.Load(struct{ a, b any }{1, "x"})
	assert.Equal(t, 5, v)
}

func TestCacheTimeGoingBackwardsStandsStill(t *testing.T) {
	clock := newFakeClock()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10, TTL: time.Minute, Clock: clock})
	c.Store(1, 1)
	clock.pass(time.Minute)
	_, ok := c.Load(1)
	assert.False(t, ok, "its time is over")
	clock.pass(-time.Hour)
	_, ok = c.Load(1)
	assert.False(t, ok, "what has expired does not come back")
	c.Store(2, 2)
	_, ok = c.Load(2)
	assert.True(t, ok, "what is set then lives")
	clock.pass(time.Hour + time.Second)
	_, ok = c.Load(2)
	assert.True(t, ok, "for its time, counted from the latest time seen")
	clock.pass(time.Minute)
	_, ok = c.Load(2)
	assert.False(t, ok)
}

func TestCacheExpiry(t *testing.T) {
	clock := newFakeClock()
	gone := map[int]tdata.RemovalReason{}
	c := tdata.NewCache(tdata.CacheConfig[int, int]{
		Capacity: 100, TTL: time.Minute, Clock: clock,
		Removed: func(k, _ int, why tdata.RemovalReason) { gone[k] = why },
	})
	for i := range 50 {
		c.Store(i, i)
	}
	atomically(t, stm.Default(), func(tx *stm.Tx) {
		c.SetFor(tx, 50, 0, time.Hour)
		c.SetFor(tx, 51, 0, math.MaxInt64) // for ever
		c.SetFor(tx, 52, 0, 0)             // never
		_, ok := c.Get(tx, 52)
		assert.False(t, ok)
	})
	clock.pass(time.Minute - 1)
	assert.Equal(t, 52, cacheLen(t, stm.Default(), c))
	clock.pass(1)
	assert.Equal(t, 2, cacheLen(t, stm.Default(), c))
	assert.False(t, c.Remove(3), "it had expired already")
	c.Store(4, 4)
	assert.Equal(t, tdata.Expired, gone[3])
	assert.Equal(t, tdata.Expired, gone[4])
	c.Expire()
	assert.Len(t, gone, 51)
	assert.Equal(t, 3, c.Size())
	assert.EqualValues(t, 51, c.Stats().Expirations)
	clock.pass(24 * 365 * 100 * time.Hour)
	assert.Equal(t, 2, c.Expire())
	assert.Equal(t, 1, c.Size())
}

// Adding removes what has expired: memory does not grow although nobody calls Expire.
func TestCacheExpiryIsPaidByAdding(t *testing.T) {
	clock := newFakeClock()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 1 << 20, TTL: time.Minute, Clock: clock})
	for i := range 20_000 {
		c.Store(i, i)
		clock.pass(time.Second)
	}
	assert.LessOrEqual(t, c.Size(), 61+16*16) // what is in parts that nothing was added to lately
}

// Removed is called once for each value that was in the cache and is not any more.
func TestCacheReportsEachRemovalOnce(t *testing.T) {
	var mu sync.Mutex
	gone := map[int]int{} // value to how often
	o := stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{
		Capacity: 50,
		Removed: func(_, v int, _ tdata.RemovalReason) {
			mu.Lock()
			defer mu.Unlock()
			gone[v]++
		},
	}, tdata.In(o))
	var g sync.WaitGroup
	const each = 1000
	for who := range 8 {
		g.Go(func() {
			r := rand.New(rand.NewPCG(uint64(who), 1))
			for i := range each {
				value := who*each + i
				fails := r.IntN(4) == 0
				err := o.Atomically(context.Background(), func(tx *stm.Tx) error {
					if r.IntN(3) == 0 {
						c.Delete(tx, r.IntN(100))
					}
					c.Set(tx, r.IntN(100), value)
					if fails {
						return errors.ErrUnsupported
					}
					return nil
				})
				if err != nil {
					mu.Lock()
					gone[value] = 1 // never was in the cache, and must not be reported
					mu.Unlock()
				}
			}
		})
	}
	g.Wait()
	for _, v := range c.Snapshot() {
		gone[v]++
	}
	for v := range 8 * each {
		require.Equal(t, 1, gone[v], "value %d", v)
	}
}

// A Removed that panics for one value is called with the others all the same.
func TestAPanicInRemovedKeepsNoOther(t *testing.T) {
	for name, set := range map[string]func(o *stm.Owner, c *tdata.Cache[int, int], key, value int){
		"Store": func(_ *stm.Owner, c *tdata.Cache[int, int], key, value int) { c.Store(key, value) },
		"Set": func(o *stm.Owner, c *tdata.Cache[int, int], key, value int) {
			_ = o.Atomically(background, func(tx *stm.Tx) error { c.Set(tx, key, value); return nil })
		},
	} {
		for _, bad := range []int{1, 9} {
			o, removed := stm.NewOwner(), []int{}
			c := tdata.NewCache(tdata.CacheConfig[int, int]{
				Capacity: 10,
				Weigh:    func(_, value int) int { return value },
				Removed: func(_, value int, _ tdata.RemovalReason) {
					if removed = append(removed, value); value == bad {
						panic(value)
					}
				},
			}, tdata.In(o))
			c.Store(1, 1)
			c.Store(2, 9)
			assert.PanicsWithValue(t, bad, func() { set(o, c, 1, 2) }, name)
			assert.Equal(t, []int{1, 9}, removed, name)
			assert.Equal(t, 2, c.Size(), name)
		}
	}
}

// A panic in Removed goes on in who committed, the removal stands, and the cache goes on.
func TestCacheSurvivesAPanicInRemoved(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{
		Capacity: 1,
		Removed:  func(k, _ int, _ tdata.RemovalReason) { panic(k) },
	})
	c.Store(1, 1)
	assert.PanicsWithValue(t, 1, func() { c.Store(2, 2) })
	assert.Equal(t, 1, c.Size())
	_, ok := c.Load(2)
	assert.True(t, ok)
}

// Removed may use the cache.
func TestCacheRemovedMayUseTheCache(t *testing.T) {
	var c *tdata.Cache[int, int]
	old := map[int]int{}
	c = tdata.NewCache(tdata.CacheConfig[int, int]{
		Capacity: 1,
		Removed: func(k, v int, why tdata.RemovalReason) {
			if why == tdata.Evicted && k < 3 {
				old[k] = v
				c.Store(k+10, v)
			}
		},
	})
	for i := range 4 {
		c.Store(i, i)
	}
	assert.Equal(t, map[int]int{0: 0, 1: 1, 2: 2}, old)
	assert.Equal(t, 1, c.Size())
}

// Deleting while iterating takes away what has not come yet, setting keeps what is there, and nothing comes twice.
func TestCacheChangesDuringIteration(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 1000})
	for i := range 100 {
		c.Store(i, i)
	}
	atomically(t, stm.Default(), func(tx *stm.Tx) {
		seen := map[int]bool{}
		for k := range c.All(tx) {
			assert.False(t, seen[k], "key %d comes twice", k)
			seen[k] = true
			if other := k ^ 1; !seen[other] {
				assert.Equal(t, k < 100, c.Delete(tx, other))
			}
			c.Set(tx, k, -k)
			c.Set(tx, 1000+k, k)
		}
		for k := range 100 {
			_, there := c.Get(tx, k)
			assert.Equal(t, seen[k], there)
		}
	})
	for k, v := range c.Snapshot() {
		if k < 100 {
			assert.Equal(t, -k, v)
		}
		c.Remove(k) // the snapshot stays as it was
	}
	assert.Zero(t, c.Size())
	for range c.Snapshot() {
		t.Fatal("it is empty")
	}
}

// Who has looked at all keys does not commit when somebody has added one meanwhile: no phantoms.
func TestCacheHasNoPhantoms(t *testing.T) {
	o := stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 100_000}, tdata.In(o))
	for _, k := range []int{1, 7, 99, 12345} {
		tx := o.Checkout()
		n := c.Len(tx)
		c.Set(tx, -1, n)
		c.Store(k, k)
		_, err := tx.Commit()
		assert.ErrorIs(t, err, stm.ErrClash, "key %d", k)
		tx.Discard()
	}
}

// Who has found where to put a value, and is so slow that the table has dropped that place, does not put it there.
func TestCacheStoreIntoAPlaceThatIsGone(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 100})
	assert.False(t, c.StoreSlowly(-1, 1, func() {
		for i := range 10_000 { // hundreds for each leaf, so that each is renewed, wherever keys go
			c.Store(i, i)
		}
	}))
	_, ok := c.Load(-1)
	assert.False(t, ok)
	c.Store(-1, 2) // into another place
	v, _ := c.Load(-1)
	assert.Equal(t, 2, v)
	assert.True(t, c.StoreSlowly(-1, 3, func() { c.Load(-1) }), "what is there keeps its place")
}

// A held checkout sees the cache as it was, however much has changed since.
func TestCacheUnderAHeldCheckout(t *testing.T) {
	o := stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 200}, tdata.In(o))
	for i := range 100 {
		c.Store(i, i)
	}
	tx := o.Checkout()
	defer tx.Discard()
	for i := range 5000 { // evicts all of it, and renews every leaf more than once
		c.Store(1000+i, i)
	}
	for i := range 100 {
		v, ok := c.Get(tx, i)
		assert.True(t, ok, "key %d", i)
		assert.Equal(t, i, v)
	}
	_, ok := c.Get(tx, 5999)
	assert.False(t, ok)
	assert.Equal(t, 100, c.Len(tx))
	c.Set(tx, 100_000, 1)
	_, err := tx.Commit()
	assert.ErrorIs(t, err, stm.ErrClash)
}

func TestCacheNamesItsKeys(t *testing.T) {
	note := tvar.New(0)
	clashOn := func(change func(*stm.Tx), meanwhile func()) string {
		tx := stm.Checkout()
		defer tx.Discard()
		change(tx)
		note.Set(tx, 1)
		meanwhile()
		_, err := tx.Commit()
		var clash *stm.ClashError
		require.ErrorAs(t, err, &clash)
		return clash.Vars[0].Name
	}
	users := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10}, tdata.Named("users"))
	assert.Equal(t, `users["ann"]`, clashOn(func(tx *stm.Tx) { users.Set(tx, "ann", 1) }, func() { users.Store("ann", 2) }))
	byID := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10}, tdata.Named("by id"))
	assert.Equal(t, `by id[7]`, clashOn(func(tx *stm.Tx) { byID.Set(tx, 7, 1) }, func() { byID.Store(7, 2) }))
	plain := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	assert.Equal(t, `tdata.Cache[string,int]["ann"]`,
		clashOn(func(tx *stm.Tx) { plain.Get(tx, "ann") }, func() { plain.Store("ann", 2) }))
	assert.Equal(t, `tdata.Cache[string,int], where its table grows`,
		clashOn(func(tx *stm.Tx) { plain.Len(tx) }, func() { plain.Store("bob", 2) }))
}

func TestCacheMarshalsASnapshot(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	c.Store("b", 2)
	text, err := json.Marshal(c)
	require.NoError(t, err)
	assert.JSONEq(t, `{"a": 1, "b": 2}`, string(text))
	_, err = json.Marshal(tdata.NewCache(tdata.CacheConfig[float64, int]{Capacity: 1}))
	assert.Error(t, err, "floats are no keys of objects")
}

// TestCacheModifiesAKey in all the ways in which it can be and become, in a transaction and by itself, and reports what
// was removed, once each.
func TestCacheModifiesAKey(t *testing.T) {
	type modify = func(fn func(int, bool) (int, bool)) (int, bool)
	for name, way := range map[string]func(*stm.Owner, *tdata.Cache[int, int]) modify{
		"Modify": func(o *stm.Owner, c *tdata.Cache[int, int]) modify {
			return func(fn func(int, bool) (int, bool)) (v int, found bool) {
				atomically(t, o, func(tx *stm.Tx) { v, found = c.Modify(tx, 1, fn) })
				return v, found
			}
		},
		"Update": func(_ *stm.Owner, c *tdata.Cache[int, int]) modify {
			return func(fn func(int, bool) (int, bool)) (int, bool) { return c.Update(1, fn) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, clock := stm.NewOwner(), newFakeClock()
			var gone []string
			c := tdata.NewCache(tdata.CacheConfig[int, int]{
				Capacity: 10, Clock: clock, TTL: time.Minute,
				Removed: func(_, v int, why tdata.RemovalReason) { gone = append(gone, fmt.Sprint(v, " ", why)) },
			}, tdata.In(o))
			with := way(o, c)
			holds := func(want int, there bool) {
				t.Helper()
				v, ok := c.Load(1)
				assert.Equal(t, []any{want, there}, []any{v, ok})
			}
			decide := func(v int, keep bool) func(int, bool) (int, bool) {
				return func(int, bool) (int, bool) { return v, keep }
			}
			with(decide(7, false))
			holds(0, false)
			with(decide(7, true))
			holds(7, true)
			v, found := with(func(v int, found bool) (int, bool) { assert.True(t, found); return v + 1, true })
			assert.Equal(t, []any{8, true}, []any{v, found})
			holds(8, true)
			with(decide(9, false))
			holds(0, false)
			with(decide(3, true))
			clock.pass(time.Minute)
			with(func(_ int, found bool) (int, bool) { assert.False(t, found, "it has expired"); return 4, true })
			clock.pass(time.Minute - 1)
			holds(4, true)
			assert.Equal(t, []string{"7 replaced", "8 deleted", "3 expired"}, gone)
			assert.PanicsWithValue(t, "x", func() { with(func(int, bool) (int, bool) { panic("x") }) })
			holds(4, true)
			assert.PanicsWithValue(t, "tdata: nil function", func() { with(nil) })
		})
	}
}

// TestCacheUpdatesAreNotLost when many count in the same keys, in transactions and by themselves.
func TestCacheUpdatesAreNotLost(t *testing.T) {
	const each = 300
	o := stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 1000}, tdata.In(o))
	plus := func(n int, _ bool) (int, bool) { return n + 1, true }
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range each {
				c.Update(i%3, plus)
				atomically(t, o, func(tx *stm.Tx) { c.Modify(tx, i%3, plus) })
			}
		})
	}
	all.Wait()
	for k := range 3 {
		n, _ := c.Load(k)
		assert.Equal(t, 4*2*each/3, n)
	}
}

// TestCacheKeepsTheFirst of those who want to set a key, for all of them.
func TestCacheKeepsTheFirst(t *testing.T) {
	o := stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10}, tdata.In(o))
	got, first := make([]int, 8), atomic.Int32{}
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var found bool
			if i%2 == 0 {
				got[i], found = c.LoadOrStore(1, i)
			} else {
				atomically(t, o, func(tx *stm.Tx) { got[i], found = c.GetOrSet(tx, 1, i) })
			}
			if !found {
				first.Add(1)
			}
		})
	}
	all.Wait()
	v, _ := c.Load(1)
	assert.Equal(t, int32(1), first.Load())
	assert.Equal(t, slices.Repeat([]int{v}, len(got)), got)
}

func TestCacheStoresForATime(t *testing.T) {
	clock := newFakeClock()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10, Clock: clock, TTL: time.Hour})
	there := func(key int) bool { _, ok := c.Load(key); return ok }
	c.StoreFor(1, 1, time.Minute)
	c.StoreFor(2, 1, 2*time.Hour)
	c.StoreFor(3, 1, 0)
	c.StoreFor(4, 1, -1)
	c.StoreFor(5, 1, math.MaxInt64)
	assert.Equal(t, []bool{true, true, false, false, true}, []bool{there(1), there(2), there(3), there(4), there(5)})
	clock.pass(time.Minute)
	assert.Equal(t, []bool{false, true}, []bool{there(1), there(2)})
	clock.pass(2 * time.Hour)
	assert.Equal(t, []bool{false, true}, []bool{there(2), there(5)})
}

func TestCacheCounts(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 2, CountUses: true})
	c.Load(1)
	c.Store(1, 1)
	c.Load(1)
	c.Load(1)
	atomically(t, stm.Default(), func(tx *stm.Tx) { c.Peek(tx, 1); c.Peek(tx, 2); c.Get(tx, 1) })
	assert.Equal(t, tdata.CacheStats{Hits: 3, Misses: 1}, c.Stats())
	c.LoadOrStore(2, 2)
	c.LoadOrStore(2, 2)
	c.Update(2, func(int, bool) (int, bool) { return 3, true })
	atomically(t, stm.Default(), func(tx *stm.Tx) { c.GetOrSet(tx, 2, 2); c.Wait(tx, 2); c.Wait(tx, 3) })
	assert.Equal(t, tdata.CacheStats{Hits: 7, Misses: 3}, c.Stats())
	assert.InDelta(t, 0.7, c.Stats().HitRatio(), 1e-9)
	assert.Zero(t, tdata.CacheStats{}.HitRatio())
	assert.Equal(t, 2, c.Capacity())
}

// A million elements (a tenth of that with the race detector), by one transaction and by many, all there, and gone again.
func TestCacheOfAMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const n = 1_000_000 / cacheRaceFactor
	o := stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: n}, tdata.In(o))
	atomically(t, o, func(tx *stm.Tx) {
		for i := range n / 2 {
			c.Set(tx, i, i)
		}
	})
	for i := n / 2; i < n; i++ {
		c.Store(i, i)
	}
	require.Equal(t, n, c.Size())
	for i := range n {
		if v, ok := c.Load(i); !ok || v != i {
			t.Fatalf("key %d has %d, %v", i, v, ok)
		}
	}
	assert.Equal(t, n, cacheLen(t, o, c))
	atomically(t, o, c.Clear)
	assert.Zero(t, c.Size())
	assert.Zero(t, cacheLen(t, o, c))
}

// Keys that come and go, and misses, do not pile up: the memory of a cache depends on its capacity.
func TestCacheDoesNotGrowWithTheNumberOfKeys(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const capacity, perEntry = 1000, 500
	before, o := heap(), stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: capacity}, tdata.In(o))
	for i := range 200_000 / cacheRaceFactor {
		c.Store(i, i)
		atomically(t, o, func(tx *stm.Tx) { c.Get(tx, -i) })
	}
	used := int64(heap() - before)
	t.Log(used/capacity, "bytes an entry")
	assert.Less(t, used, int64(capacity*perEntry))
	runtime.KeepAlive(c)
}
