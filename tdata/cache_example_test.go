package tdata_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// A session is put into a cache and counted in one step.
func ExampleCache() {
	sessions := tdata.NewCache(tdata.CacheConfig[string, string]{Capacity: 1000, TTL: time.Hour}, tdata.Named("sessions"))
	logins := tvar.New(0)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		if _, ok := sessions.Get(tx, "ann"); !ok {
			logins.Set(tx, logins.Get(tx)+1)
		}
		sessions.Set(tx, "ann", "token 1")
		return nil
	})
	fmt.Println(sessions.Load("ann"))
	fmt.Println(logins.Load())
	// Output:
	// token 1 true
	// 1
}

func ExampleNewCache() {
	pages := tdata.NewCache(tdata.CacheConfig[string, []byte]{
		Capacity: 1 << 20, // bytes
		Weigh:    func(url string, page []byte) int { return len(url) + len(page) },
	})
	pages.Store("/", []byte("welcome"))
	fmt.Println(pages.Size(), "bytes")
	// Output: 8 bytes
}

func ExampleCacheConfig() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{
		Capacity: 2,
		Removed: func(key string, value int, why tdata.RemovalReason) {
			fmt.Println(key, value, why)
		},
	})
	c.Store("a", 1)
	c.Store("a", 2)
	c.Remove("a")
	// Output:
	// a 1 replaced
	// a 2 deleted
}

func ExampleCache_Get() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	_ = stm.View(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(c.Get(tx, "a"))
		fmt.Println(c.Get(tx, "b"))
		return nil
	})
	// Output:
	// 1 true
	// 0 false
}

func ExampleCache_Load() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	fmt.Println(c.Load("a"))
	// Output: 1 true
}

func ExampleCache_Peek() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10, CountUses: true})
	c.Store("a", 1)
	_ = stm.View(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(c.Peek(tx, "a"))
		return nil
	})
	fmt.Println(c.Stats().Hits)
	// Output:
	// 1 true
	// 0
}

func ExampleCache_Set() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		c.Set(tx, "a", 1)
		c.Set(tx, "b", 2)
		return nil
	})
	fmt.Println(c.Load("b"))
	// Output: 2 true
}

func ExampleCache_SetFor() {
	clock := newFakeClock()
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10, Clock: clock})
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		c.SetFor(tx, "a", 1, time.Minute)
		return nil
	})
	clock.pass(time.Minute)
	fmt.Println(c.Load("a"))
	// Output: 0 false
}

func ExampleCache_Store() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	fmt.Println(c.Size())
	// Output: 1
}

func ExampleCache_Delete() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(c.Delete(tx, "a"), c.Delete(tx, "a"))
		return nil
	})
	// Output: true false
}

func ExampleCache_Remove() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	fmt.Println(c.Remove("a"), c.Remove("a"))
	// Output: true false
}

func ExampleCache_Clear() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		c.Clear(tx)
		return nil
	})
	fmt.Println(c.Size())
	// Output: 0
}

func ExampleCache_Len() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	c.Store("b", 2)
	_ = stm.View(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(c.Len(tx))
		return nil
	})
	// Output: 2
}

func ExampleCache_All() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("old", 1)
	c.Store("new", 9)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		for k, v := range c.All(tx) {
			if v < 5 {
				c.Delete(tx, k)
			}
		}
		return nil
	})
	for k := range c.Snapshot() {
		fmt.Println(k)
	}
	// Output: new
}

func ExampleCache_Snapshot() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	for k, v := range c.Snapshot() {
		c.Store("b", 2) // the snapshot does not notice
		fmt.Println(k, v)
	}
	// Output: a 1
}

func ExampleCache_MarshalJSON() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	c.Store("a", 1)
	c.Store("b", 2)
	text, err := json.Marshal(c)
	fmt.Println(string(text), err)
	// Output: {"a":1,"b":2} <nil>
}

func ExampleCache_Size() {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10})
	for i := range 1000 {
		c.Store(i, i)
	}
	fmt.Println(c.Size())
	// Output: 10
}

func ExampleCache_Capacity() {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10})
	fmt.Println(c.Capacity())
	// Output: 10
}

func ExampleCache_Expire() {
	clock := newFakeClock()
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10, TTL: time.Minute, Clock: clock})
	c.Store("a", 1)
	clock.pass(time.Hour)
	fmt.Println(c.Size(), c.Expire(), c.Size())
	// Output: 1 1 0
}

// The first Fetch loads, the second finds what that has loaded.
func ExampleCache_Fetch() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	load := func(_ context.Context, key string) (int, error) {
		fmt.Println("loading", key)
		return len(key), nil
	}
	fmt.Println(c.Fetch(context.Background(), "abc", load))
	fmt.Println(c.Fetch(context.Background(), "abc", load))
	// Output:
	// loading abc
	// 3 <nil>
	// 3 <nil>
}

func ExampleCache_Stats() {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10, CountUses: true})
	for i := range 20 {
		c.Store(i, i)
		c.Load(i)
	}
	s := c.Stats()
	fmt.Println(s.Hits, s.Misses, s.Evictions)
	// Output: 20 0 10
}

func ExampleCacheStats() {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10})
	_, _ = c.Fetch(context.Background(), 1, func(context.Context, int) (int, error) { return 1, nil })
	fmt.Println(c.Stats().Loads, c.Stats().Failures)
	// Output: 1 0
}

func ExampleCacheStats_HitRatio() {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10, CountUses: true})
	c.Store(1, 1)
	c.Load(1)
	c.Load(2)
	fmt.Println(c.Stats().HitRatio())
	// Output: 0.5
}

func ExampleRemovalReason() {
	fmt.Println(tdata.Evicted, tdata.Expired, tdata.Replaced, tdata.Deleted)
	// Output: evicted expired replaced deleted
}

func ExampleRemovalReason_String() {
	fmt.Println(tdata.Expired.String())
	// Output: expired
}

// A clock of one's own makes an hour pass in no time.
func ExampleClock() {
	clock := newFakeClock()
	var _ tdata.Clock = clock
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10, TTL: time.Hour, Clock: clock})
	c.Store("a", 1)
	fmt.Println(c.Load("a"))
	clock.pass(time.Hour)
	fmt.Println(c.Load("a"))
	// Output:
	// 1 true
	// 0 false
}

func ExampleCache_Purge() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{
		Capacity: 10,
		Removed:  func(key string, _ int, reason tdata.RemovalReason) { fmt.Println(key, reason) },
	})
	c.Store("ann", 1)
	c.Purge()
	fmt.Println(c.Size())
	// Output:
	// ann deleted
	// 0
}

func ExampleCache_StoreFor() {
	sessions := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	sessions.StoreFor("ann", 1, time.Hour)
	sessions.StoreFor("bob", 2, 0)
	_, ann := sessions.Load("ann")
	_, bob := sessions.Load("bob")
	fmt.Println(ann, bob)
	// Output: true false
}

func ExampleCache_GetOrSet() {
	ids := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	next := tvar.New(1)
	id := func(name string) int {
		n, _ := stm.Do(context.Background(), func(tx *stm.Tx) (int, error) {
			n, found := ids.GetOrSet(tx, name, next.Get(tx))
			if !found {
				next.Set(tx, n+1)
			}
			return n, nil
		})
		return n
	}
	fmt.Println(id("ann"), id("bob"), id("ann"))
	// Output: 1 2 1
}

func ExampleCache_LoadOrStore() {
	c := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	fmt.Println(c.LoadOrStore("ann", 1))
	fmt.Println(c.LoadOrStore("ann", 2))
	// Output:
	// 1 false
	// 1 true
}

func ExampleCache_Modify() {
	visits := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	total := tdata.NewCounter()
	visit := func(name string) {
		_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
			visits.Modify(tx, name, func(n int, _ bool) (int, bool) { return n + 1, true })
			total.Add(tx, 1)
			return nil
		})
	}
	visit("ann")
	visit("ann")
	n, _ := visits.Load("ann")
	fmt.Println(n, total.Load())
	// Output: 2 2
}

func ExampleCache_Update() {
	lives := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10})
	lives.Store("cat", 2)
	lose := func(n int, found bool) (int, bool) { return n - 1, found && n > 1 }
	fmt.Println(lives.Update("cat", lose))
	fmt.Println(lives.Update("cat", lose))
	fmt.Println(lives.Size())
	// Output:
	// 1 true
	// 0 false
	// 0
}

func ExampleCache_Wait() {
	prices, ctx := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 10}), context.Background()
	begun, end := make(chan bool), make(chan bool)
	go func() {
		_, _ = prices.Fetch(ctx, "tea", func(context.Context, string) (int, error) {
			begun <- true
			<-end
			return 5, nil
		})
	}()
	<-begun
	var buy sync.WaitGroup
	buy.Go(func() {
		wallet := tvar.New(20)
		_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
			price, _ := prices.Wait(tx, "tea") // until it has been loaded
			wallet.Set(tx, wallet.Get(tx)-price)
			return nil
		})
		fmt.Println(wallet.Load())
	})
	end <- true
	buy.Wait()
	// Output: 15
}
