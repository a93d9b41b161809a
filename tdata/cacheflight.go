package tdata

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rinse-go/rinse/stm"
)

// ErrLoadCycle is returned by [Cache.Fetch] if it would wait for itself: a loader fetches the key that it is
// loading, or two loaders fetch each other's.
var ErrLoadCycle = errors.New("tdata: Cache: a loader waits for the key that it is to load itself")

// A cacheFlight is one run of a loader.
type cacheFlight struct {
	failure  atomic.Pointer[error] // what the loader failed with, if others shall have that too
	awaiting []*cacheFlight        // by its loader; guarded by cacheLoads
}

// cacheLoads guards who waits for whom: loaders that fetch what others load, of whatever caches.
var cacheLoads sync.Mutex

// cacheFlightKey is where a loader's context has the loader's own flight.
type cacheFlightKey struct{}

// await notes that f's loader waits for another flight, unless that flight waits for f.
func (f *cacheFlight) await(other *cacheFlight) error {
	if f == nil {
		return nil
	}
	cacheLoads.Lock()
	defer cacheLoads.Unlock()
	if other.reaches(f, map[*cacheFlight]bool{}) {
		return ErrLoadCycle
	}
	f.awaiting = append(f.awaiting, other)
	return nil
}

// awaited takes the note back.
func (f *cacheFlight) awaited(other *cacheFlight) {
	if f == nil {
		return
	}
	cacheLoads.Lock()
	defer cacheLoads.Unlock()
	if i := slices.Index(f.awaiting, other); i >= 0 {
		f.awaiting = slices.Delete(f.awaiting, i, i+1)
	}
}

func (f *cacheFlight) reaches(target *cacheFlight, seen map[*cacheFlight]bool) bool {
	if f == target {
		return true
	}
	if seen[f] {
		return false
	}
	seen[f] = true
	return slices.ContainsFunc(f.awaiting, func(next *cacheFlight) bool { return next.reaches(target, seen) })
}

// Fetch returns the value of a key, and has it loaded if it is absent: by load, which runs on this goroutine
// and outside of any transaction, once for all who want the key at that time. The others wait for it, until
// their context ends.
//
// What load returns is set and returned. If meanwhile the key was set or deleted, or the cache cleared,
// the cache stays so, and load's value is for this caller alone.
//
// If load fails, nothing is set, and all who waited get its error, unchanged. But if it fails since ctx has ended,
// if it panics or calls runtime.Goexit, that is this caller's own affair: one of those who waited loads in its turn.
//
// load may use the cache, also Fetch, with the context it is given or one made of it. That context tells Fetch
// when it would wait for itself, directly or by way of other loaders and other caches, and it returns
// [ErrLoadCycle]. With another context that cannot be told, and it waits until that ends.
//
// A key that is present costs as much as Load. If the cache is too small for the entry, it is returned all
// the same. It panics if load is nil. Do not call it inside a transaction function.
//
// The idea of one flight for all is that of golang.org/x/sync/singleflight.
func (c *Cache[K, V]) Fetch(ctx context.Context, key K, load func(context.Context, K) (V, error)) (V, error) {
	mustHave(ctx != nil, "context")
	if load == nil {
		panic("tdata: Cache: Fetch with a nil loader")
	}
	if v, ok := c.Load(key); ok {
		return v, nil
	}
	if key != key { // NaN, which nobody else could find
		return load(ctx, key)
	}
	for {
		mine := &cacheEntry[V]{flight: new(cacheFlight)}
		s, e, err := c.claim(ctx, key, mine)
		switch {
		case err != nil:
			var none V
			return none, err
		case e == mine:
			return c.lead(ctx, s, mine, load)
		case e.flight == nil:
			c.policies[c.part(s.hash)].ages.use(&s.place.used)
			return e.value, nil
		}
		if err := c.follow(ctx, s, e); err != nil {
			var none V
			return none, err
		}
	}
}

// claim returns what a key has, or mine, which it has put there if the key was absent.
func (c *Cache[K, V]) claim(ctx context.Context, key K, mine *cacheEntry[V]) (s *cacheSlot[K, V], e *cacheEntry[V], err error) {
	err = c.owner.Atomically(ctx, func(tx *stm.Tx) error {
		s = c.table.make(tx, key, c.hash(key))
		e = c.table.entry(tx, s)
		if c.isLive(e) || e != nil && e.flight != nil {
			return nil
		}
		if e != nil {
			c.report(tx, s, e, Expired)
			tx.OnCommit(func() { c.settle(s) })
		}
		s.entry.overwrite(tx, mine)
		e = mine
		return nil
	})
	return s, e, err
}

// follow waits until somebody else's flight is over, and returns what it failed with if all shall know.
func (c *Cache[K, V]) follow(ctx context.Context, s *cacheSlot[K, V], theirs *cacheEntry[V]) error {
	inside := flightOf(ctx)
	if err := inside.await(theirs.flight); err != nil {
		return err
	}
	defer inside.awaited(theirs.flight)
	err := c.owner.Atomically(ctx, func(tx *stm.Tx) error {
		tx.Check(c.table.entry(tx, s) != theirs)
		return nil
	})
	if failure := theirs.flight.failure.Load(); err == nil && failure != nil {
		return *failure
	}
	return err
}

// lead runs the loader and puts what it returns in the place of mine.
func (c *Cache[K, V]) lead(ctx context.Context, s *cacheSlot[K, V], mine *cacheEntry[V],
	load func(context.Context, K) (V, error)) (V, error) {
	flight, inside := mine.flight, flightOf(ctx)
	_ = inside.await(flight) // nobody waits for anybody in a flight that is new
	defer inside.awaited(flight)
	start := c.time.now()
	var landing *cacheEntry[V]
	defer func() {
		c.tally.loaded(landing != nil, c.time.now()-start)
		c.land(s, mine, landing)
	}()
	v, err := load(context.WithValue(ctx, cacheFlightKey{}, flight), s.key)
	if err != nil {
		if ctx.Err() == nil {
			flight.failure.Store(&err)
		}
		var none V
		return none, err
	}
	landing = c.newEntry(s.key, v, c.deadline(c.config.TTL))
	return v, nil
}

// land puts an entry, or nothing, in the place of a flight that is over, if it is still there.
func (c *Cache[K, V]) land(s *cacheSlot[K, V], mine, landing *cacheEntry[V]) {
	runAlone(c.owner, func(tx *stm.Tx) {
		if c.table.entry(tx, s) != mine {
			return
		}
		s.entry.overwrite(tx, landing)
		if landing != nil {
			tx.OnCommit(func() { c.settle(s) })
		}
	})
}

func flightOf(ctx context.Context) *cacheFlight {
	f, _ := ctx.Value(cacheFlightKey{}).(*cacheFlight)
	return f
}
