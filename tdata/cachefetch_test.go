package tdata_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

var errNoSuch = errors.New("no such thing")

type loader = func(context.Context, int) (int, error)

// loads returns a cache of its own owner, for use in a bubble.
func loads(cfg tdata.CacheConfig[int, int]) *tdata.Cache[int, int] {
	cfg.Capacity = 100
	return tdata.NewCache(cfg, tdata.In(stm.NewOwner()))
}

// fetched is what a Fetch returned.
type fetched struct {
	value int
	err   error
}

// fetch starts a Fetch on a goroutine of its own.
func fetch(ctx context.Context, c *tdata.Cache[int, int], key int, load loader) <-chan fetched {
	result := make(chan fetched, 1)
	go func() {
		v, err := c.Fetch(ctx, key, load)
		result <- fetched{v, err}
	}()
	return result
}

// gated returns a loader that says when it runs and returns what it is given.
func gated() (load loader, running chan struct{}, results chan fetched) {
	running, results = make(chan struct{}, 100), make(chan fetched)
	return func(ctx context.Context, _ int) (int, error) {
		running <- struct{}{}
		select {
		case r := <-results:
			return r.value, r.err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}, running, results
}

func unwanted(context.Context, int) (int, error) { panic("this loader must not run") }

func constant(v int) loader { return func(context.Context, int) (int, error) { return v, nil } }

// A transaction waits while somebody loads the key, wakes once, and has the value together with what else it does.
func TestWaitIsForALoadInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 100}, tdata.In(o))
		seen := tdata.NewMap[int, int](tdata.In(o))
		load, running, results := gated()
		first := fetch(t.Context(), c, 1, load)
		<-running
		attempts, waits := 0, make(chan error, 1)
		go func() {
			waits <- o.Atomically(t.Context(), func(tx *stm.Tx) error {
				attempts++
				seen.Set(tx, 9, 9)
				v, found := c.Wait(tx, 1)
				assert.True(t, found)
				seen.Set(tx, 1, v)
				return nil
			})
		}()
		synctest.Wait()
		c.Store(2, 2)
		synctest.Wait()
		assert.Equal(t, 1, attempts)
		assert.Zero(t, seen.Size(), "it waits, and has done nothing")
		results <- fetched{value: 7}
		require.NoError(t, <-waits)
		assert.Equal(t, fetched{value: 7}, <-first)
		assert.Equal(t, 2, attempts)
		v, _ := seen.Load(1)
		assert.Equal(t, 7, v)
	})
}

// What a transaction that waits for a load finds if it does not end well, or somebody is faster; or does instead.
func TestWaitEndsHoweverTheLoadDoes(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*tdata.Cache[int, int], chan<- fetched)
		value     int
		found     bool
	}{
		"failure": {func(_ *tdata.Cache[int, int], results chan<- fetched) { results <- fetched{err: errNoSuch} }, 0, false},
		"set":     {func(c *tdata.Cache[int, int], _ chan<- fetched) { c.Store(1, 5) }, 5, true},
		"delete":  {func(c *tdata.Cache[int, int], _ chan<- fetched) { c.Remove(1) }, 0, false},
		"update": {func(c *tdata.Cache[int, int], _ chan<- fetched) {
			c.Update(1, func(v int, found bool) (int, bool) { return v + 3, !found })
		}, 3, true},
		"purge": {func(c *tdata.Cache[int, int], _ chan<- fetched) { c.Purge() }, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				o := stm.NewOwner()
				cache := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 100}, tdata.In(o))
				load, running, results := gated()
				fetch(ctx, cache, 1, load)
				<-running
				type answer struct {
					value int
					found bool
				}
				waits := make(chan answer, 1)
				go func() {
					var a answer
					assert.NoError(t, o.View(ctx, func(tx *stm.Tx) error {
						a.value, a.found = cache.Wait(tx, 1)
						return nil
					}))
					waits <- a
				}()
				synctest.Wait()
				instead := 0
				atomically(t, o, func(tx *stm.Tx) {
					assert.NoError(t, tx.OrElse(
						func(tx *stm.Tx) error { cache.Wait(tx, 1); return nil },
						func(tx *stm.Tx) error { instead++; return nil }))
				})
				assert.Equal(t, 1, instead, "while it waits there is another way")
				c.meanwhile(cache, results)
				assert.Equal(t, answer{c.value, c.found}, <-waits)
			})
		})
	}
}

// Who declines to change an absent key leaves a load of it alone.
func TestModifyLeavesALoadAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		load, running, results := gated()
		first := fetch(t.Context(), c, 1, load)
		<-running
		_, found := c.Update(1, func(v int, found bool) (int, bool) { return v, found })
		assert.False(t, found)
		results <- fetched{value: 7}
		assert.Equal(t, fetched{value: 7}, <-first)
		v, _ := c.Load(1)
		assert.Equal(t, 7, v)
	})
}

// One loader runs for all who want the key, they wait for it, and later ones find the value.
func TestFetchLoadsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		load, running, results := gated()
		first := fetch(t.Context(), c, 1, load)
		<-running
		var others []<-chan fetched
		for range 10 {
			others = append(others, fetch(t.Context(), c, 1, unwanted))
		}
		synctest.Wait() // all of them wait
		_, ok := c.Load(1)
		assert.False(t, ok, "a key that is being loaded is absent")
		v, err := c.Fetch(t.Context(), 2, constant(22))
		assert.Equal(t, fetched{22, nil}, fetched{v, err}, "other keys are not held up")
		results <- fetched{11, nil}
		for _, other := range append(others, first) {
			assert.Equal(t, fetched{11, nil}, <-other)
		}
		v, err = c.Fetch(t.Context(), 1, unwanted)
		assert.Equal(t, fetched{11, nil}, fetched{v, err})
		assert.EqualValues(t, 2, c.Stats().Loads)
		assert.Equal(t, 2, c.Size())
	})
}

// Who waited gets the error of a loader that fails; nothing is set, and who comes later loads anew.
func TestFetchSharesAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		load, running, results := gated()
		first := fetch(t.Context(), c, 1, load)
		<-running
		second := fetch(t.Context(), c, 1, unwanted)
		synctest.Wait()
		results <- fetched{5, errNoSuch}
		assert.Equal(t, fetched{0, errNoSuch}, <-first)
		assert.Equal(t, fetched{0, errNoSuch}, <-second)
		assert.Zero(t, c.Size())
		v, err := c.Fetch(t.Context(), 1, constant(7))
		assert.Equal(t, fetched{7, nil}, fetched{v, err})
		assert.EqualValues(t, 1, c.Stats().Failures)
	})
}

// A loader that panics, or leaves by Goexit, does so on its caller's goroutine; one of those who waited loads.
func TestFetchSurvivesAPanicAndGoexit(t *testing.T) {
	for name, leave := range map[string]func(){"panic": func() { panic("bang") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := loads(tdata.CacheConfig[int, int]{})
				running, goOn := make(chan struct{}), make(chan struct{})
				left := make(chan any, 1)
				go func() {
					defer func() { left <- recover() }()
					_, _ = c.Fetch(context.Background(), 1, func(context.Context, int) (int, error) {
						close(running)
						<-goOn
						leave()
						return 0, nil
					})
				}()
				<-running
				var loaded atomic.Int32
				var others []<-chan fetched
				for range 5 {
					others = append(others, fetch(t.Context(), c, 1, func(context.Context, int) (int, error) {
						return 70 + int(loaded.Add(1)), nil
					}))
				}
				synctest.Wait()
				close(goOn)
				if name == "panic" {
					assert.Equal(t, "bang", <-left)
				} else {
					assert.Nil(t, <-left)
				}
				for _, other := range others {
					assert.Equal(t, fetched{71, nil}, <-other)
				}
				assert.EqualValues(t, 1, loaded.Load())
				assert.EqualValues(t, 1, c.Stats().Failures)
			})
		})
	}
}

// When the context of who loads ends, one of the others loads; when that of who waits ends, it just leaves.
func TestFetchCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		load, running, _ := gated()
		ctx, cancel := context.WithCancel(t.Context())
		leader := fetch(ctx, c, 1, load)
		<-running
		load2, running2, results2 := gated()
		heir := fetch(t.Context(), c, 1, load2)
		waiterCtx, cancelWaiter := context.WithCancel(t.Context())
		waiter := fetch(waiterCtx, c, 1, unwanted)
		synctest.Wait()
		cancelWaiter()
		assert.Equal(t, fetched{0, context.Canceled}, <-waiter)
		cancel()
		assert.Equal(t, fetched{0, context.Canceled}, <-leader)
		<-running2
		results2 <- fetched{8, nil}
		assert.Equal(t, fetched{8, nil}, <-heir)

		_, err := c.Fetch(ctx, 2, unwanted)
		assert.ErrorIs(t, err, context.Canceled, "it has ended before")
		v, err := c.Fetch(ctx, 1, unwanted)
		assert.Equal(t, fetched{8, nil}, fetched{v, err}, "what is there needs no context")
	})
}

// A deadline ends the wait for somebody else's loader.
func TestFetchWaitsNoLongerThanItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		load, running, results := gated()
		first := fetch(t.Context(), c, 1, load)
		<-running
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, err := c.Fetch(ctx, 1, unwanted)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Hour, time.Since(start))
		results <- fetched{1, nil}
		<-first
	})
}

// What is set, deleted or cleared during a load stays so: the loader's value is older.
func TestFetchDoesNotOverwriteWhatHappenedMeanwhile(t *testing.T) {
	changes := map[string]struct {
		change func(*tdata.Cache[int, int])
		others fetched // what those get who waited
	}{
		"set":    {func(c *tdata.Cache[int, int]) { c.Store(1, 99) }, fetched{99, nil}},
		"delete": {func(c *tdata.Cache[int, int]) { c.Remove(1) }, fetched{50, nil}},
		"clear":  {(*tdata.Cache[int, int]).Purge, fetched{50, nil}},
	}
	for name, x := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := loads(tdata.CacheConfig[int, int]{})
				load, running, results := gated()
				first := fetch(t.Context(), c, 1, load)
				<-running
				waiting := fetch(t.Context(), c, 1, constant(50))
				synctest.Wait()
				x.change(c)
				assert.Equal(t, x.others, <-waiting)
				results <- fetched{11, nil}
				assert.Equal(t, fetched{11, nil}, <-first, "who loaded gets what it loaded")
				v, ok := c.Load(1)
				assert.True(t, ok)
				assert.Equal(t, x.others.value, v)
				assert.Equal(t, 1, c.Size())
			})
		})
	}
}

// A loader may use the cache: other keys, and fetch them.
func TestFetchInsideALoader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		var fib loader
		fib = func(ctx context.Context, n int) (int, error) {
			if n < 2 {
				return n, nil
			}
			a, err := c.Fetch(ctx, n-1, fib)
			if err != nil {
				return 0, err
			}
			b, err := c.Fetch(ctx, n-2, fib)
			return a + b, err
		}
		v, err := c.Fetch(t.Context(), 40, fib)
		require.NoError(t, err)
		assert.Equal(t, 102334155, v)
		assert.EqualValues(t, 41, c.Stats().Loads)
	})
}

// A loader that fetches its own key is told so, at once; and so are two that fetch each other's, in two caches
// of two owners.
func TestFetchTellsCycles(t *testing.T) {
	t.Run("own key", func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		var own loader
		own = func(ctx context.Context, key int) (int, error) { return c.Fetch(ctx, key, own) }
		_, err := c.Fetch(t.Context(), 1, own)
		assert.ErrorIs(t, err, tdata.ErrLoadCycle)
		assert.Zero(t, c.Size())
	})
	t.Run("by way of another key", func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		var next loader
		next = func(ctx context.Context, key int) (int, error) { return c.Fetch(ctx, (key+1)%3, next) }
		_, err := c.Fetch(t.Context(), 0, next)
		assert.ErrorIs(t, err, tdata.ErrLoadCycle)
	})
	t.Run("two loaders", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b := loads(tdata.CacheConfig[int, int]{}), loads(tdata.CacheConfig[int, int]{})
			both := make(chan struct{}, 2)
			cross := func(other *tdata.Cache[int, int]) loader {
				return func(ctx context.Context, key int) (int, error) {
					both <- struct{}{}
					for len(both) < 2 {
						time.Sleep(time.Second) // of the bubble's time
					}
					return other.Fetch(ctx, key, unwanted)
				}
			}
			first, second := fetch(t.Context(), a, 1, cross(b)), fetch(t.Context(), b, 1, cross(a))
			assert.ErrorIs(t, (<-first).err, tdata.ErrLoadCycle)
			assert.ErrorIs(t, (<-second).err, tdata.ErrLoadCycle)
		})
	})
	t.Run("diamond", func(t *testing.T) { // is no cycle
		synctest.Test(t, func(t *testing.T) {
			c := loads(tdata.CacheConfig[int, int]{})
			load, running, results := gated()
			up := func(ctx context.Context, _ int) (int, error) {
				v, err := c.Fetch(ctx, 0, load)
				return v + 1, err
			}
			left, right := fetch(t.Context(), c, 1, up), fetch(t.Context(), c, 2, up)
			<-running
			synctest.Wait()
			results <- fetched{5, nil}
			assert.Equal(t, fetched{6, nil}, <-left)
			assert.Equal(t, fetched{6, nil}, <-right)
			assert.EqualValues(t, 3, c.Stats().Loads)
		})
	})
}

// With another context the cycle cannot be told: it lasts until that context ends.
func TestFetchCycleUnderAnotherContextEndsWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := loads(tdata.CacheConfig[int, int]{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := c.Fetch(t.Context(), 1, func(context.Context, int) (int, error) { return c.Fetch(ctx, 1, unwanted) })
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A loader may set the very key that it loads: that counts, and not what it returns.
func TestLoaderMaySetItsKey(t *testing.T) {
	c := loads(tdata.CacheConfig[int, int]{})
	v, err := c.Fetch(t.Context(), 1, func(context.Context, int) (int, error) {
		c.Store(1, 42)
		return 41, nil
	})
	require.NoError(t, err)
	assert.Equal(t, 41, v)
	v, _ = c.Load(1)
	assert.Equal(t, 42, v)
}

// An entry that has expired is loaded again, and reported as expired, once.
func TestFetchLoadsAgainWhatHasExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gone []int
		c := loads(tdata.CacheConfig[int, int]{TTL: time.Minute, Removed: func(_, v int, why tdata.RemovalReason) {
			assert.Equal(t, tdata.Expired, why)
			gone = append(gone, v)
		}})
		for i := range 3 {
			v, err := c.Fetch(t.Context(), 1, constant(i))
			assert.Equal(t, fetched{i, nil}, fetched{v, err})
			time.Sleep(time.Minute)
		}
		assert.Equal(t, []int{0, 1}, gone)
	})
}

// An entry that is too heavy is returned though it cannot be kept; one of negative weight panics, and does not
// leave the key claimed.
func TestFetchOfBadWeights(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10, Weigh: func(_, v int) int { return v }})
	v, err := c.Fetch(t.Context(), 1, constant(1000))
	assert.Equal(t, fetched{1000, nil}, fetched{v, err})
	assert.Zero(t, c.Size())
	assert.Panics(t, func() { _, _ = c.Fetch(t.Context(), 1, constant(-1)) })
	v, err = c.Fetch(t.Context(), 1, constant(3))
	assert.Equal(t, fetched{3, nil}, fetched{v, err})
}

// Many goroutines, few keys, a cache that evicts all the time, loaders that fail: everybody gets what the key
// is loaded with or the error, and no claim is left behind.
func TestFetchUnderStress(t *testing.T) {
	o := stm.NewOwner()
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 5}, tdata.In(o))
	var running [20]atomic.Int32
	var g sync.WaitGroup
	for who := range 8 {
		g.Go(func() {
			for i := range 3000 {
				key := (i*7 + who*3 + i/11) % len(running)
				v, err := c.Fetch(t.Context(), key, func(_ context.Context, key int) (int, error) {
					assert.EqualValues(t, 1, running[key].Add(1), "two loaders at once")
					defer running[key].Add(-1)
					runtime.Gosched()
					if i%9 == 0 {
						return 0, errNoSuch
					}
					return key * 10, nil
				})
				if err == nil {
					assert.Equal(t, key*10, v)
				} else {
					assert.ErrorIs(t, err, errNoSuch)
				}
			}
		})
	}
	g.Wait()
	for k := range running {
		v, err := c.Fetch(t.Context(), k, constant(k*10))
		assert.Equal(t, fetched{k * 10, nil}, fetched{v, err})
	}
	assert.LessOrEqual(t, c.Size(), 5)
}
