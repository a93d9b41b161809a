package tdata

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// ErrPoolClosed is returned when something is wanted from, or given to, a [Pool] that has been closed. It is an [ErrClosed].
var ErrPoolClosed = fmt.Errorf("%w: Pool", ErrClosed)

// A Pool keeps resources that are costly to make, such as connections: they are parked in it, borrowed by
// one at a time, and given back. It is made by [NewPool] and must not be copied.
//
// Methods that take a *stm.Tx are part of that transaction: a connection and a job for it are taken in one
// step, or none of them. The others are transactions by themselves and must not be called inside a
// transaction function. User functions, New and Destroy, run outside of transactions.
//
// Those who wait in Acquire stand in line and are served in the order in which they came: what comes back wakes the
// first of them. To stand in line is to be seen waiting, which a transaction is not before it commits. So Borrow,
// TryBorrow and BorrowAll, in a transaction, go to the end of the line: they get resources only while nobody is in it.
//
// Which of the idle resources is borrowed is not defined. Acquire begins to look where the same goroutine has mostly
// begun before. Two transactions that borrow clash only if they choose the same one, and each begins to look at another
// place than those before it, until all places have had their turn, and far from the last few. Borrowing looks at up to
// MaxSize places, so a pool is for hundreds of resources rather than for many thousands. To acquire and release what is
// idle takes some 115 ns, and two allocations of 32 bytes.
type Pool[T any] struct {
	owner  *stm.Owner
	config PoolConfig[T] // immutable
	closed tvar.TVar[bool]
	places []poolPlace[T] // MaxSize of them
	spots  *engine.Rare   // immutable: their record
	line   line           // of those who wait in Acquire
	stride int            // from where one begins to look to where the next one does
	turn   atomic.Uint32
	tally  poolTally
}

// What it rests on:
//
//  1. What is in a place, and what is to become of that, is all in its one variable. So to borrow what is idle, and to
//     give back, is to change one variable.
//  2. Reset, and so Close, changes every place, the free ones too. So whoever has decided something about a place before
//     clashes, and so does a checkout that is rebased: nobody leaves anything in a closed pool.
//  3. Only the first in line looks at the places. It has read all of them when it sleeps, and so wakes when one of them
//     changes; and whoever leaves the line wakes the next one. So no resource stays idle while somebody is in line.

// PoolConfig says what a [Pool] is like. MaxSize must be given.
type PoolConfig[T any] struct {
	// MaxSize is how many resources there are at most: idle, borrowed, being made, and being destroyed.
	MaxSize int

	// New makes a resource. It runs on the goroutine that calls Acquire or Warm, with the context given there.
	// Without New only what is parked can be borrowed.
	New func(context.Context) (T, error)

	// Destroy lets go of a resource that left the pool by Drop or since the pool was closed or reset. It runs once for
	// each, on the goroutine that committed that, after the commit. Nil: nothing has to be done.
	Destroy func(T)

	// Clock tells the time for Resource and PoolStats; nil: the system's.
	Clock Clock
}

// A poolPlace is where a resource may be. It fills a cache line, so that neighbours can be borrowed at the same time.
type poolPlace[T any] struct {
	link     link[Resource[T]] // nil: it is free
	acquired atomic.Uint64     // how many have acquired what was here
	_        [24]byte
}

// A Resource is a borrowed resource. Each borrowing makes a new one, which ends with Return, Release, Drop,
// Destroy or Hijack: using it again panics, whoever has borrowed what was in it meanwhile.
type Resource[T any] struct {
	item  *poolItem[T]  // immutable, as everything here, and small, since each borrowing and each return makes one
	used  time.Duration // from when it was made to when it was given back last
	again bool          // whether it was
	phase poolPhase
	stale *Resource[T] // what this was before a Reset, if it was lent or being made: then it goes when it comes back
}

// poolPhase says what happens in a place.
type poolPhase uint8

const (
	poolMaking poolPhase = iota // New runs; the item has no value yet
	poolIdle
	poolLent
	poolEnding // Destroy runs
)

// A poolItem is a resource itself.
type poolItem[T any] struct {
	pool  *Pool[T]
	at    int // the place
	value T
	made  time.Time
}

// as returns what is in the place of a resource when something else happens there.
func (r *Resource[T]) as(phase poolPhase) *Resource[T] {
	return &Resource[T]{item: r.item, used: r.used, again: r.again, phase: phase}
}

// outdated returns what is in the place of a resource that is lent or being made, from a Reset on.
func (r *Resource[T]) outdated() *Resource[T] {
	next := r.as(r.phase)
	next.stale = r
	return next
}

// NewPool returns an empty pool. It panics if MaxSize is not positive. In clash reports its variables are name[0] and so
// on, the places for resources, name.closed and name.line.
func NewPool[T any](cfg PoolConfig[T], options ...Option) *Pool[T] {
	if cfg.MaxSize <= 0 {
		panic(fmt.Sprintf("tdata: NewPool: MaxSize %d; it must be positive", cfg.MaxSize))
	}
	o := originFor[Pool[T]](options)
	p := &Pool[T]{owner: o.in(), config: cfg, places: make([]poolPlace[T], cfg.MaxSize), stride: strideOf(cfg.MaxSize)}
	p.closed.Init(false, o.part("closed")...)
	p.line.init(&o)
	p.spots = engine.PartsOf(engineOf(p.owner), func(c *engine.Cell) string { return o.name + p.called(c) })
	for i := range p.places {
		p.places[i].link.init(p.spots, 0, nil)
	}
	return p
}

func (p *Pool[T]) get(tx *stm.Tx, i int) *Resource[T] {
	return p.places[i].link.get(inside(tx), p.spots)
}
func (p *Pool[T]) set(tx *stm.Tx, i int, r *Resource[T]) { p.places[i].link.overwrite(tx, r) }

// called returns what reports call a place.
func (p *Pool[T]) called(c *engine.Cell) string {
	i := 0
	for i < len(p.places)-1 && &p.places[i].link.cell != c {
		i++
	}
	return keyed(i)
}

func (p *Pool[T]) use() *Pool[T] {
	mustBeMade(p != nil && p.owner != nil, "a Pool", "NewPool")
	return p
}

// strideOf returns a number that has no divisor in common with n, so that n steps of it come to n places, and is about the
// golden section of n, so that a few steps come to places far from each other (Knuth, The Art of Computer Programming, 6.4).
func strideOf(n int) int {
	stride := int(math.Ceil(float64(n) / math.Phi))
	for gcd(stride, n) != 1 {
		stride++
	}
	return stride
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Borrow takes an idle resource, and retries while there is none. It does not make one, which would be an effect: see
// [Pool.Warm] and [Pool.Acquire]. It returns [ErrPoolClosed] once the pool is closed.
func (p *Pool[T]) Borrow(tx *stm.Tx) (*Resource[T], error) {
	if p.use().closed.Get(tx) {
		return nil, ErrPoolClosed
	}
	r := p.TryBorrow(tx)
	if r == nil {
		tx.Retry()
	}
	return r, nil
}

// TryBorrow takes an idle resource. It returns nil if there is none, if somebody is in line for it, and if the pool is
// closed. The transaction then relies on that.
func (p *Pool[T]) TryBorrow(tx *stm.Tx) *Resource[T] {
	if p.use().line.head(tx) != nil {
		return nil
	}
	return p.lend(tx, p.next())
}

// lend takes an idle resource, and returns nil if there is none.
func (p *Pool[T]) lend(tx *stm.Tx, start int) *Resource[T] {
	i := p.seek(tx, start, isIdle)
	if i < 0 {
		return nil
	}
	lent := p.get(tx, i).as(poolLent)
	p.set(tx, i, lent)
	return lent
}

func isIdle[T any](r *Resource[T]) bool { return r != nil && r.phase == poolIdle }
func isFree[T any](r *Resource[T]) bool { return r == nil }

// next returns where a transaction begins to look: each one somewhere else, so that they seldom choose the same place.
func (p *Pool[T]) next() int {
	return int(uint64(p.turn.Add(1)) * uint64(p.stride) % uint64(len(p.places)))
}

// home returns where this goroutine begins to look when others need not be kept clear of: mostly the same place.
func (p *Pool[T]) home() int { return int(here() >> 32 % uint64(len(p.places))) }

// seek returns a place that holds what is wanted, -1 if there is none. It first looks without relying on what it sees.
func (p *Pool[T]) seek(tx *stm.Tx, start int, wanted func(*Resource[T]) bool) int {
	for n := range p.places {
		if i := (start + n) % len(p.places); wanted(p.places[i].link.load()) && wanted(p.get(tx, i)) {
			return i
		}
	}
	for i := range p.places {
		if wanted(p.get(tx, i)) {
			return i
		}
	}
	return -1
}

// BorrowAll takes all idle resources, to check their health, say, and relies on there being no others. It takes none
// while somebody is in line.
func (p *Pool[T]) BorrowAll(tx *stm.Tx) (all []*Resource[T]) {
	if p.use().line.head(tx) != nil {
		return nil
	}
	for i := range p.places {
		if r := p.get(tx, i); isIdle(r) {
			lent := r.as(poolLent)
			p.set(tx, i, lent)
			all = append(all, lent)
		}
	}
	return all
}

// Park puts a resource that the caller has made into the pool, idle. It retries while the pool is full. If the pool
// is closed it returns [ErrPoolClosed], and the resource remains the caller's. A value that is parked twice is there twice.
func (p *Pool[T]) Park(tx *stm.Tx, value T) error {
	if p.use().closed.Get(tx) {
		return ErrPoolClosed
	}
	i := p.seek(tx, p.next(), isFree)
	tx.Check(i >= 0)
	p.set(tx, i, &Resource[T]{item: p.newItem(i, value), phase: poolIdle})
	return nil
}

func (p *Pool[T]) newItem(at int, value T) *poolItem[T] {
	return &poolItem[T]{pool: p, at: at, value: value, made: p.now()}
}

// now returns the time.
func (p *Pool[T]) now() time.Time {
	if p.config.Clock == nil {
		return time.Now()
	}
	return p.config.Clock.Now()
}

// since returns how much time has passed. For the system's clock that is less than a look at the time of day.
func (p *Pool[T]) since(start time.Time) time.Duration {
	if p.config.Clock == nil {
		return time.Since(start)
	}
	return p.config.Clock.Now().Sub(start)
}

// vacate frees a place.
func (p *Pool[T]) vacate(tx *stm.Tx, r *Resource[T]) { p.set(tx, r.item.at, nil) }

// end takes a resource out of its place, for good.
func (p *Pool[T]) end(tx *stm.Tx, r *Resource[T]) {
	if p.config.Destroy == nil {
		p.vacate(tx, r)
		return
	}
	p.set(tx, r.item.at, r.as(poolEnding))
	tx.OnCommit(func() {
		defer runAlone(p.owner, func(tx *stm.Tx) { p.vacate(tx, r) })
		p.config.Destroy(r.item.value)
	})
}

// Reset gives up all resources: those that are idle are destroyed when the transaction has committed, and those that are
// borrowed, or being made, when they come back. What is made from then on is kept. Use it when they have become useless, since
// the password was changed, say. It clashes with everybody who borrows, parks or gives back.
func (p *Pool[T]) Reset(tx *stm.Tx) {
	for i := range p.use().places {
		switch r := p.get(tx, i); {
		case isFree(r) || r.stale != nil || r.phase == poolEnding:
			p.set(tx, i, r) // which is a change, by 2
		case isIdle(r):
			p.end(tx, r)
		default:
			p.set(tx, i, r.outdated())
		}
	}
}

// Renew is Reset as a transaction of its own. It returns when the idle resources are destroyed.
func (p *Pool[T]) Renew() { runAlone(p.use().owner, p.Reset) }

// Close closes the pool. Idle resources are destroyed, those borrowed when they come back, and those being made when
// New returns. Who waits or will wait gets [ErrPoolClosed]. Closing again does nothing.
func (p *Pool[T]) Close(tx *stm.Tx) {
	p.use().closed.Set(tx, true)
	p.Reset(tx)
}

// Shutdown closes the pool and waits until all resources have come back and are destroyed, or until the context
// ends: then it returns ctx.Err(), and the pool is closed all the same. (If another transaction has the gate shut, by
// [stm.Owner.Irrevocably], it is closed when that has ended.)
func (p *Pool[T]) Shutdown(ctx context.Context) error {
	err := p.use().owner.Atomically(ctx, func(tx *stm.Tx) error { p.Close(tx); return nil })
	if err != nil {
		soon(p.owner, p.Close)
		return err
	}
	return p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		for i := range p.places {
			tx.Check(isFree(p.get(tx, i)))
		}
		return nil
	})
}
