package tdata_test

import (
	"context"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/rinse-go/rinse/proptest"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// keyed is a command on one key or two.
type keyed struct {
	Op   string
	K, V int
}

func drawKeyed(ops ...string) func(r *rand.Rand) keyed {
	return func(r *rand.Rand) keyed { return keyed{ops[r.Intn(len(ops))], r.Intn(3), r.Intn(4)} }
}

func modelOptions() []proptest.Option {
	return []proptest.Option{
		proptest.WithShape(proptest.Shape{Clients: 3, PerClient: 2, Prefix: 2, Suffix: 1}),
		proptest.WithPrograms(40 / min(cacheRaceFactor, 4)),
		proptest.WithSchedulers(proptest.Exhaustive(2, 150), proptest.PCT(3, 50), proptest.Stress(5)),
	}
}

// The model of a cache that is large enough is a map; here of three keys, 0 meaning absent. Transactions of several
// steps are interrupted between them.
var cacheSpec = proptest.Spec[[3]int, keyed, string]{
	Name: "cache",
	Gen: proptest.Commands(drawKeyed("get", "set", "delete", "swap", "move", "sum", "clear", "purge", "store", "load",
		"storeFor", "getOrSet", "loadOrStore", "modify", "update", "wait")),
	Step: func(s [3]int, c keyed) ([3]int, string) {
		switch c.Op {
		case "get", "load", "wait":
			return s, fmt.Sprint(s[c.K])
		case "getOrSet", "loadOrStore":
			found := s[c.K] != 0
			if !found {
				s[c.K] = c.V + 1
			}
			return s, fmt.Sprint(s[c.K], found)
		case "modify", "update":
			var keep bool
			s[c.K], keep = modified(c)(s[c.K], s[c.K] != 0)
			return s, fmt.Sprint(s[c.K], keep)
		case "set", "store", "storeFor":
			s[c.K] = c.V + 1
			return s, ""
		case "delete":
			was := s[c.K]
			s[c.K] = 0
			return s, fmt.Sprint(was != 0)
		case "swap":
			was := s[c.K]
			s[c.K] = c.V + 1
			return s, fmt.Sprint(was)
		case "move":
			to := (c.K + 1) % 3
			s[to], s[c.K] = s[c.K], 0
			return s, fmt.Sprint(s[to])
		case "clear", "purge":
			return [3]int{}, ""
		}
		return s, fmt.Sprint(s[0] + s[1] + s[2])
	},
}

// modified returns a change of a key, which may leave it absent, set it, change it or delete it, as it is.
func modified(c keyed) func(int, bool) (int, bool) {
	return func(v int, found bool) (int, bool) {
		switch {
		case c.V == 0, c.V == 1 && !found:
			return 0, false
		}
		return (v+c.V)%5 + 1, true
	}
}

func modelCache(env *proptest.Env) func(keyed) string {
	o := stm.NewOwner()
	cache := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 20}, tdata.In(o))
	cache.Reseed() // runs are to be repeatable
	return func(c keyed) (result string) {
		switch c.Op {
		case "load":
			v, _ := cache.Load(c.K)
			return fmt.Sprint(v)
		case "store":
			cache.Store(c.K, c.V+1)
			return ""
		case "purge":
			cache.Purge()
			return ""
		case "storeFor":
			cache.StoreFor(c.K, c.V+1, time.Hour)
			return ""
		case "loadOrStore":
			return fmt.Sprint(cache.LoadOrStore(c.K, c.V+1))
		case "update":
			return fmt.Sprint(cache.Update(c.K, modified(c)))
		}
		_ = o.Atomically(context.Background(), func(tx *stm.Tx) error {
			result = cacheCommand(env, tx, cache, c)
			return nil
		})
		return result
	}
}

func cacheCommand(env *proptest.Env, tx *stm.Tx, cache *tdata.Cache[int, int], c keyed) string {
	switch c.Op {
	case "get":
		v, _ := cache.Get(tx, c.K)
		return fmt.Sprint(v)
	case "wait":
		v, _ := cache.Wait(tx, c.K)
		return fmt.Sprint(v)
	case "getOrSet":
		v, found := cache.GetOrSet(tx, c.K, c.V+1)
		env.Yield("got or set")
		return fmt.Sprint(v, found)
	case "modify":
		return fmt.Sprint(cache.Modify(tx, c.K, func(v int, found bool) (int, bool) {
			env.Yield("modifying")
			return modified(c)(v, found)
		}))
	case "set":
		cache.Set(tx, c.K, c.V+1)
	case "delete":
		was := cache.Delete(tx, c.K)
		env.Yield("deleted")
		return fmt.Sprint(was)
	case "swap":
		v, _ := cache.Get(tx, c.K)
		env.Yield("got")
		cache.Set(tx, c.K, c.V+1)
		return fmt.Sprint(v)
	case "move":
		v, ok := cache.Get(tx, c.K)
		env.Yield("got")
		cache.Delete(tx, (c.K+1)%3)
		if ok {
			cache.Set(tx, (c.K+1)%3, v)
		}
		env.Yield("moved")
		cache.Delete(tx, c.K)
		return fmt.Sprint(v)
	case "clear":
		cache.Clear(tx)
		env.Yield("cleared")
	case "sum":
		sum := 0
		for _, v := range cache.All(tx) {
			sum += v
			env.Yield("summing")
		}
		return fmt.Sprint(sum)
	}
	return ""
}

func TestCacheAgainstItsModel(t *testing.T) {
	impls := []proptest.Impl[keyed, string]{{Name: "tdata.Cache", New: modelCache}}
	t.Log(proptest.Check(t, cacheSpec, impls, modelOptions()...))
}

// poolState is how many resources are idle and how many borrowed.
type poolState struct{ idle, lent int }

// The model of a pool of two that are parked: borrow waits for one, try does not, back gives one back if any is out.
var poolSpec = proptest.Spec[poolState, string, string]{
	Name: "pool",
	Init: poolState{idle: 2},
	Gen:  proptest.Commands(func(r *rand.Rand) string { return []string{"borrow", "try", "back", "drop", "park"}[r.Intn(5)] }),
	Blocks: func(s poolState, c string) bool {
		return c == "borrow" && s.idle == 0 || c == "park" && s.idle+s.lent == 3
	},
	Step: func(s poolState, c string) (poolState, string) {
		switch {
		case c == "park":
			s.idle++
		case c == "borrow" || c == "try" && s.idle > 0:
			s.idle--
			s.lent++
		case c == "try" || s.lent == 0:
			return s, "none"
		case c == "back":
			s.idle++
			s.lent--
		case c == "drop":
			s.lent--
		}
		return s, "ok"
	},
}

func modelPool(env *proptest.Env) func(string) string {
	o := stm.NewOwner()
	pool := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 3}, tdata.In(o))
	lent := tvar.New([]*tdata.Resource[int]{}, tvar.In(o))
	for i := range 2 {
		_ = o.Atomically(context.Background(), func(tx *stm.Tx) error { return pool.Park(tx, i) })
	}
	return func(c string) (result string) {
		err := o.Atomically(env.Context(), func(tx *stm.Tx) error {
			env.Yield("begin")
			result = poolCommand(env, tx, pool, lent, c)
			return nil
		})
		if err != nil {
			return err.Error()
		}
		return result
	}
}

func poolCommand(env *proptest.Env, tx *stm.Tx, pool *tdata.Pool[int], lent *tvar.TVar[[]*tdata.Resource[int]], c string) string {
	out := lent.Get(tx)
	switch c {
	case "park":
		_ = pool.Park(tx, 9)
		return "ok"
	case "borrow", "try":
		r := pool.TryBorrow(tx)
		if r == nil && c == "try" {
			return "none"
		}
		tx.Check(r != nil)
		env.Yield("borrowed")
		lent.Set(tx, append(out[:len(out):len(out)], r))
		return "ok"
	}
	if len(out) == 0 {
		return "none"
	}
	lent.Set(tx, out[1:])
	env.Yield("chosen")
	if c == "back" {
		out[0].Return(tx)
	} else {
		out[0].Drop(tx)
	}
	return "ok"
}

func TestPoolAgainstItsModel(t *testing.T) {
	impls := []proptest.Impl[string, string]{{Name: "tdata.Pool", New: modelPool}}
	t.Log(proptest.Check(t, poolSpec, impls, modelOptions()...))
}

// The model of a limiter of three tokens: a tick is a second and brings one; take waits, try does not.
var limiterSpec = proptest.Spec[int, keyed, string]{
	Name:   "rate limiter",
	Init:   3,
	Gen:    proptest.Commands(drawKeyed("take", "try", "allow", "tick", "tick")),
	Blocks: func(tokens int, c keyed) bool { return c.Op == "take" && tokens < c.V },
	Step: func(tokens int, c keyed) (int, string) {
		switch {
		case c.Op == "tick":
			return min(tokens+1, 3), ""
		case tokens < c.V:
			return tokens, "false"
		}
		return tokens - c.V, "true"
	},
}

func modelLimiter(env *proptest.Env) func(keyed) string {
	o, clock := stm.NewOwner(), newFakeClock()
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 3, Clock: clock}, tdata.In(o))
	return func(c keyed) (result string) {
		switch c.Op {
		case "tick":
			clock.pass(time.Second)
			return ""
		case "allow":
			return fmt.Sprint(l.AllowN(c.V))
		}
		_ = o.Atomically(env.Context(), func(tx *stm.Tx) error {
			env.Yield("begin")
			if c.Op == "try" {
				result = fmt.Sprint(l.TryTake(tx, c.V))
			} else {
				result = fmt.Sprint(l.Take(tx, c.V) == nil)
			}
			env.Yield("end")
			return nil
		})
		return result
	}
}

func TestRateLimiterAgainstItsModel(t *testing.T) {
	impls := []proptest.Impl[keyed, string]{{Name: "tdata.RateLimiter", New: modelLimiter}}
	t.Log(proptest.Check(t, limiterSpec, impls, modelOptions()...))
}

// FuzzCache runs a program of bytes on a small cache: whatever it does, what is found was set last, and the capacity
// holds.
func FuzzCache(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 250, 251, 252})
	f.Add([]byte("set get delete expire all"))
	f.Fuzz(func(t *testing.T, program []byte) {
		clock := newFakeClock()
		c := tdata.NewCache(tdata.CacheConfig[byte, int]{
			Capacity: 7, Clock: clock, TTL: 100 * time.Second,
			Weigh: func(k byte, _ int) int { return int(k) % 4 },
		})
		last, set := map[byte]int{}, map[byte]time.Time{}
		for i, b := range program {
			k := b >> 3
			switch b & 7 {
			case 0, 1, 2:
				c.Store(k, i)
				last[k], set[k] = i, clock.Now()
			case 3:
				c.Remove(k)
				delete(last, k)
			case 4:
				clock.pass(time.Duration(k) * time.Second)
			case 5:
				c.Expire()
			default:
				v, ok := c.Load(k)
				want, there := last[k]
				if ok && (!there || v != want || clock.Now().Sub(set[k]) >= 100*time.Second) {
					t.Fatalf("key %d has %d, set was %d, %v, at %v of %v", k, v, want, there, set[k], clock.Now())
				}
			}
			if c.Size() > 7 {
				t.Fatalf("size %d", c.Size())
			}
		}
		for k, v := range c.Snapshot() {
			if last[k] != v {
				t.Fatalf("key %d has %d, not %d", k, v, last[k])
			}
		}
	})
}
