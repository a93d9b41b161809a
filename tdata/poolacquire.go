package tdata

import (
	"context"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// Acquire borrows a resource: an idle one, or else a new one if there is room and New, or else it waits in line
// until one comes back. If New fails, its error is returned unchanged; if it panics, that goes on in the
// caller; and in both cases its place is free again. It returns ctx.Err() if the context ends the wait, and
// [ErrPoolClosed] once the pool is closed, also to those who wait. If the context has ended by the time New returns, what
// that has made is idle, for others, and Acquire returns ctx.Err() as well.
func (p *Pool[T]) Acquire(ctx context.Context) (*Resource[T], error) {
	p.use()
	mustHave(ctx != nil, "context")
	if ctx.Err() == nil {
		if r := p.take(); r != nil {
			return r, nil
		}
	}
	start := p.now()
	r, waited, err := p.acquire(ctx)
	p.tally.tried(err, waited, p.since(start))
	return p.count(r), err
}

// TryAcquire is TryBorrow as a transaction of its own: it reports false if no resource is idle, or somebody is in line
// for it. It neither waits for one nor makes one.
func (p *Pool[T]) TryAcquire() (r *Resource[T], ok bool) {
	if r = p.use().take(); r == nil {
		runAlone(p.owner, func(tx *stm.Tx) { r = p.TryBorrow(tx) })
		p.count(r)
	}
	return r, r != nil
}

// take takes an idle resource by the commit of its place alone. It returns nil if it finds none, somebody is in line, or
// the gate is shut.
func (p *Pool[T]) take() *Resource[T] {
	if !p.line.isEmpty() {
		return nil
	}
	start := p.home()
	for n := range p.places {
		place := &p.places[(start+n)%len(p.places)]
		if !isIdle(place.link.load()) {
			continue
		}
		word, r := place.link.current()
		if !isIdle(r) {
			continue
		}
		lent := r.as(poolLent)
		if place.link.replace(word, lent, nil) == engine.Committed {
			return p.count(lent)
		}
	}
	return nil
}

// count counts who has acquired r, if that is one.
func (p *Pool[T]) count(r *Resource[T]) *Resource[T] {
	if r != nil {
		r.place().acquired.Add(1)
	}
	return r
}

// acquire is Acquire for one that has found nothing at once. It tells whether it had to wait, or to make one.
func (p *Pool[T]) acquire(ctx context.Context) (r *Resource[T], waited bool, err error) {
	var w *waiter
	err = p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		r, w = nil, nil
		if p.closed.Get(tx) {
			return ErrPoolClosed
		}
		if p.line.head(tx) == nil {
			r = p.claim(tx)
		}
		if r == nil {
			w = p.line.join(tx, 1)
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	if w != nil {
		if r, err = p.await(ctx, w); err != nil {
			return nil, true, err
		}
	}
	if r.phase == poolMaking {
		r, err = p.construct(ctx, r, poolLent)
		return r, true, err
	}
	return r, w != nil, nil
}

// claim takes an idle resource, or else a free place for one that is to be made. It returns nil if there is neither.
func (p *Pool[T]) claim(tx *stm.Tx) *Resource[T] {
	if r := p.lend(tx, p.home()); r != nil {
		return r
	}
	return p.reserve(tx)
}

// await waits until w is the first in line and can claim something.
func (p *Pool[T]) await(ctx context.Context, w *waiter) (r *Resource[T], err error) {
	closed := false
	err = p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		if closed = p.closed.Get(tx); !closed {
			tx.Check(w.prev.Get(tx) == nil)
			r = p.claim(tx)
			tx.Check(r != nil)
		}
		p.line.leave(tx, w)
		return nil
	})
	switch {
	case err != nil:
		soon(p.owner, func(tx *stm.Tx) { p.line.leave(tx, w) })
		return nil, err
	case closed:
		return nil, ErrPoolClosed
	}
	return r, nil
}

// reserve takes a free place for a resource that is to be made. It returns nil if there is none, or no New.
func (p *Pool[T]) reserve(tx *stm.Tx) *Resource[T] {
	if p.config.New == nil {
		return nil
	}
	i := p.seek(tx, p.home(), isFree)
	if i < 0 {
		return nil
	}
	r := &Resource[T]{item: &poolItem[T]{pool: p, at: i}}
	p.set(tx, i, r)
	return r
}

// Warm makes a resource and leaves it idle, if there is room, and the pool is not reset meanwhile. It reports whether it
// did so, and returns the error of New, of the context, or [ErrPoolClosed]. It panics if the pool has no New.
func (p *Pool[T]) Warm(ctx context.Context) (made bool, err error) {
	if p.use().config.New == nil {
		panic("tdata: Pool: Warm of a pool without New; Park what you have made")
	}
	var r *Resource[T]
	err = p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		if p.closed.Get(tx) {
			return ErrPoolClosed
		}
		r = p.reserve(tx)
		return nil
	})
	if err != nil || r == nil {
		return false, err
	}
	r, err = p.construct(ctx, r, poolIdle)
	return r != nil, err
}

// construct has a resource made for a reserved place, and puts it there. It returns nil if that is not wanted any more.
func (p *Pool[T]) construct(ctx context.Context, reserved *Resource[T], as poolPhase) (r *Resource[T], err error) {
	item, err := p.build(ctx, reserved)
	if err != nil {
		return nil, err
	}
	closed := false
	err = p.owner.Atomically(ctx, func(tx *stm.Tx) error {
		r, closed = p.admit(tx, reserved, &Resource[T]{item: item, phase: as})
		return nil
	})
	switch {
	case err != nil:
		soon(p.owner, func(tx *stm.Tx) { p.admit(tx, reserved, &Resource[T]{item: item, phase: poolIdle}) })
		return nil, err
	case closed:
		return nil, ErrPoolClosed
	}
	return r, nil
}

// build runs New, and frees the place again unless there is a resource to put there.
func (p *Pool[T]) build(ctx context.Context, reserved *Resource[T]) (item *poolItem[T], err error) {
	defer func() {
		if item == nil {
			soon(p.owner, func(tx *stm.Tx) { p.vacate(tx, reserved) })
		}
	}()
	value, err := p.config.New(ctx)
	if err != nil {
		return nil, err
	}
	return p.newItem(reserved.item.at, value), nil
}

// admit puts a new resource into its place, or has it destroyed and returns nil: if the pool was closed meanwhile, or if
// it was reset and nobody waits for this one.
func (p *Pool[T]) admit(tx *stm.Tx, reserved, made *Resource[T]) (r *Resource[T], closed bool) {
	i := made.item.at
	outdated := p.get(tx, i) != reserved
	switch closed = p.closed.Get(tx); {
	case closed || outdated && made.phase == poolIdle:
		p.end(tx, made)
		return nil, closed
	case outdated:
		p.set(tx, i, made.outdated())
	default:
		p.set(tx, i, made)
	}
	return made, false
}
