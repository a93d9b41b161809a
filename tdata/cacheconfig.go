package tdata

import (
	"fmt"
	"time"
)

// CacheConfig says what a [Cache] is like. Capacity must be given.
type CacheConfig[K comparable, V any] struct {
	// Capacity is how many entries the cache keeps, or, if there is Weigh, which weight. More than 1<<52 is as
	// good as that.
	Capacity int

	// Weigh returns the weight of an entry, in whatever unit Capacity has. It runs inside of transactions,
	// so it must depend on its arguments alone. An entry of weight 0 takes no room. One that is heavier than
	// the capacity is evicted as soon as the transaction that set it has committed. A negative weight panics.
	Weigh func(key K, value V) int

	// TTL is how long an entry is there after it was set; 0: until it is evicted.
	TTL time.Duration

	// Removed is called with each value that was in the cache and no longer is, once, after the commit that
	// took it out, by the goroutine that did so. Values set by transactions that do not commit are not
	// reported. It runs outside of transactions and under no lock; it may use the cache. If it panics, the
	// panic goes on in whoever committed, and the removal stands.
	Removed func(key K, value V, reason RemovalReason)

	// Clock tells the time; nil: the system's.
	Clock Clock

	// CountUses makes the cache count hits and misses, see [CacheStats]. It costs some nanoseconds a use.
	CountUses bool
}

// RemovalReason says why a value is no longer in a cache.
type RemovalReason int

const (
	Evicted  RemovalReason = iota // there was no room
	Expired                       // its time was over
	Replaced                      // Set gave the key another value
	Deleted                       // by Delete or Clear
)

// String returns the reason in one word.
func (r RemovalReason) String() string {
	switch r {
	case Evicted:
		return "evicted"
	case Expired:
		return "expired"
	case Replaced:
		return "replaced"
	case Deleted:
		return "deleted"
	}
	return fmt.Sprintf("RemovalReason(%d)", int(r))
}
