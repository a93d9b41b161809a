package tdata

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

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
// Which of the idle resources is borrowed is not defined. Two transactions that borrow clash only if they choose
// the same one. Each begins to look at another place than those before it, until all places have had their turn, and
// far from the last few. Those who wait are all woken when a resource comes back, and
// the first to come gets it, not the first who waited. Borrowing looks at up to MaxSize places, so a pool is for
// hundreds of resources rather than for many thousands.
type Pool[T any] struct {
	owner  *stm.Owner
	config PoolConfig[T] // immutable
	closed tvar.TVar[bool]
	era    tvar.TVar[uint64] // begins anew with Reset and Close; what is of an earlier one goes when it comes back
	places []poolPlace[T]    // MaxSize of them
	stride int               // from where one begins to look to where the next one does
	turn   atomic.Uint32
	tally  poolTally
}

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

// A poolPlace is where a resource may be.
type poolPlace[T any] = tvar.TVar[*Resource[T]] // nil: it is free

// A Resource is a borrowed resource. Each borrowing makes a new one, which ends with Return, Release, Drop,
// Destroy or Hijack: using it again panics, whoever has borrowed what was in it meanwhile.
type Resource[T any] struct {
	item  *poolItem[T]  // immutable, as everything here, and small, since each borrowing and each return makes one
	at    int           // the place
	used  time.Duration // from when it was made to when it was given back last
	again bool          // whether it was
	phase poolPhase
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
	era   uint64 // of the pool, when it began to be made
	value T
	made  time.Time
}

// as returns what is in the place of a resource when something else happens there.
func (r *Resource[T]) as(phase poolPhase) *Resource[T] {
	next := *r
	next.phase = phase
	return &next
}

// NewPool returns an empty pool. It panics if MaxSize is not positive.
func NewPool[T any](cfg PoolConfig[T], options ...Option) *Pool[T] {
	if cfg.MaxSize <= 0 {
		panic(fmt.Sprintf("tdata: NewPool: MaxSize %d; it must be positive", cfg.MaxSize))
	}
	if cfg.Clock == nil {
		cfg.Clock = systemClock{}
	}
	o := configure(options)
	p := &Pool[T]{owner: o.owner, config: cfg, places: make([]poolPlace[T], cfg.MaxSize), stride: strideOf(cfg.MaxSize)}
	p.closed.Init(false, poolOptions(o, "closed")...)
	p.era.Init(0, poolOptions(o, "era")...)
	for i := range p.places {
		p.places[i].Init(nil, poolOptions(o, i)...)
	}
	return p
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

// poolOptions are those of the variable of a part of the pool.
func poolOptions(o config, part any) []tvar.Option {
	list := []tvar.Option{tvar.In(o.owner)}
	if o.name != "" {
		list = append(list, tvar.Name(fmt.Sprintf("%s[%v]", o.name, part)))
	}
	return list
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

// TryBorrow takes an idle resource. It returns nil if there is none, and if the pool is closed. The transaction
// then relies on there being none.
func (p *Pool[T]) TryBorrow(tx *stm.Tx) *Resource[T] {
	i := p.use().seek(tx, func(r *Resource[T]) bool { return r != nil && r.phase == poolIdle })
	if i < 0 {
		return nil
	}
	lent := p.places[i].Get(tx).as(poolLent)
	p.places[i].Set(tx, lent)
	return lent
}

// seek returns a place that holds what is wanted, -1 if there is none. It first looks without relying on
// what it sees, and each one begins to look somewhere else, so that transactions seldom choose the same place.
func (p *Pool[T]) seek(tx *stm.Tx, wanted func(*Resource[T]) bool) int {
	start := int(uint64(p.turn.Add(1)) * uint64(p.stride) % uint64(len(p.places)))
	for n := range p.places {
		if i := (start + n) % len(p.places); wanted(p.places[i].Load()) && wanted(p.places[i].Get(tx)) {
			return i
		}
	}
	for i := range p.places {
		if wanted(p.places[i].Get(tx)) {
			return i
		}
	}
	return -1
}

// BorrowAll takes all idle resources, to check their health, say, and relies on there being no others.
func (p *Pool[T]) BorrowAll(tx *stm.Tx) (all []*Resource[T]) {
	for i := range p.use().places {
		if r := p.places[i].Get(tx); r != nil && r.phase == poolIdle {
			lent := r.as(poolLent)
			p.places[i].Set(tx, lent)
			all = append(all, lent)
		}
	}
	return all
}

// Park puts a resource that the caller has made into the pool, idle. It retries while the pool is full. If the pool
// is closed it returns [ErrPoolClosed], and the resource remains the caller's.
func (p *Pool[T]) Park(tx *stm.Tx, value T) error {
	if p.use().closed.Get(tx) {
		return ErrPoolClosed
	}
	i := p.seek(tx, isFree)
	tx.Check(i >= 0)
	p.places[i].Set(tx, &Resource[T]{item: p.newItem(p.era.Get(tx), value), at: i, phase: poolIdle})
	return nil
}

func isFree[T any](r *Resource[T]) bool { return r == nil }

func (p *Pool[T]) newItem(era uint64, value T) *poolItem[T] {
	return &poolItem[T]{pool: p, era: era, value: value, made: p.config.Clock.Now()}
}

// Acquire borrows a resource: an idle one, or else a new one if there is room and New, or else it waits
// until one comes back. If New fails, its error is returned unchanged; if it panics, that goes on in the
// caller; and in both cases its place is free again. It returns ctx.Err() if the context ends the wait, and
// [ErrPoolClosed] once the pool is closed, also to those who wait.
func (p *Pool[T]) Acquire(ctx context.Context) (*Resource[T], error) {
	start, waited := p.use().config.Clock.Now(), false
	r, err := p.acquire(ctx, &waited)
	p.tally.acquired(err, waited, p.config.Clock.Now().Sub(start))
	return r, err
}

// TryAcquire is TryBorrow as a transaction of its own: it reports false if no resource is idle. It neither waits nor makes one.
func (p *Pool[T]) TryAcquire() (r *Resource[T], ok bool) {
	start := p.use().config.Clock.Now()
	runAlone(p.owner, func(tx *stm.Tx) { r = p.TryBorrow(tx) })
	if r == nil {
		return nil, false
	}
	p.tally.acquired(nil, false, p.config.Clock.Now().Sub(start))
	return r, true
}

func (p *Pool[T]) acquire(ctx context.Context, waited *bool) (r *Resource[T], err error) {
	err = p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		if p.closed.Get(tx) {
			return ErrPoolClosed
		}
		if r = p.TryBorrow(tx); r != nil {
			return nil
		}
		*waited = true
		r = p.reserve(tx)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if r.phase == poolLent {
		return r, nil
	}
	return p.construct(ctx, r, poolLent)
}

// reserve takes a free place for a resource that is to be made, and retries while there is none.
func (p *Pool[T]) reserve(tx *stm.Tx) *Resource[T] {
	tx.Check(p.config.New != nil)
	i := p.seek(tx, isFree)
	tx.Check(i >= 0)
	r := &Resource[T]{item: &poolItem[T]{pool: p, era: p.era.Get(tx)}, at: i}
	p.places[i].Set(tx, r)
	return r
}

// Warm makes a resource and leaves it idle, if there is room, and the pool is not reset meanwhile. It reports whether it did so,
// and returns the error of New, or [ErrPoolClosed]. It panics if the pool has no New.
func (p *Pool[T]) Warm(ctx context.Context) (made bool, err error) {
	if p.use().config.New == nil {
		panic("tdata: Pool: Warm of a pool without New; Park what you have made")
	}
	var r *Resource[T]
	err = p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		if p.closed.Get(tx) {
			return ErrPoolClosed
		}
		return tx.OrElse(
			func(tx *stm.Tx) error { r = p.reserve(tx); return nil },
			func(*stm.Tx) error { r = nil; return nil },
		)
	})
	if err != nil || r == nil {
		return false, err
	}
	r, err = p.construct(ctx, r, poolIdle)
	return r != nil, err
}

// construct runs New for a reserved place, and frees that unless there is a resource to put there. It returns nil if that
// is not wanted any more.
func (p *Pool[T]) construct(ctx context.Context, reserved *Resource[T], as poolPhase) (*Resource[T], error) {
	made := reserved.as(as)
	defer func() {
		if made.item == reserved.item {
			p.vacate(reserved)
		}
	}()
	value, err := p.config.New(ctx)
	if err != nil {
		return nil, err
	}
	made.item = p.newItem(reserved.item.era, value)
	if kept, err := p.admit(made); !kept {
		return nil, err
	}
	return made, nil
}

// admit puts a new resource into its place, or has it destroyed: if the pool was closed meanwhile, or if it was reset and nobody
// waits for this one.
func (p *Pool[T]) admit(made *Resource[T]) (kept bool, err error) {
	runAlone(p.owner, func(tx *stm.Tx) {
		if err = nil; p.closed.Get(tx) {
			err = ErrPoolClosed
		}
		kept = err == nil && (made.phase == poolLent || made.item.era == p.era.Get(tx))
		if kept {
			p.places[made.at].Set(tx, made)
		} else {
			p.end(tx, made)
		}
	})
	return kept, err
}

func (p *Pool[T]) vacate(r *Resource[T]) { p.places[r.at].Store(nil) }

// end takes a resource out of its place, for good.
func (p *Pool[T]) end(tx *stm.Tx, r *Resource[T]) {
	if p.config.Destroy == nil {
		p.places[r.at].Set(tx, nil)
		return
	}
	p.places[r.at].Set(tx, r.as(poolEnding))
	tx.OnCommit(func() {
		defer p.vacate(r)
		p.config.Destroy(r.item.value)
	})
}

// Reset gives up all resources: those that are idle are destroyed when the transaction has committed, and those that are
// borrowed, or being made, when they come back. What is made from then on is kept. Use it when they have become useless, since
// the password was changed, say. It clashes with everybody who borrows or gives back.
func (p *Pool[T]) Reset(tx *stm.Tx) {
	p.use().era.Set(tx, p.era.Get(tx)+1)
	for i := range p.places {
		if r := p.places[i].Get(tx); r != nil && r.phase == poolIdle {
			p.end(tx, r)
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
// ends: then it returns ctx.Err(), and the pool is closed all the same.
func (p *Pool[T]) Shutdown(ctx context.Context) error {
	must(p.use().owner.Atomically(context.Background(), func(tx *stm.Tx) error {
		p.Close(tx)
		return nil
	}))
	return p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		for i := range p.places {
			tx.Check(p.places[i].Get(tx) == nil)
		}
		return nil
	})
}
