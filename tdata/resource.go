package tdata

import (
	"context"
	"time"

	"github.com/rinse-go/rinse/stm"
)

func (r *Resource[T]) use() *Resource[T] {
	mustBeMade(r != nil && r.item != nil, "a Resource", "borrowing it from a Pool")
	return r
}

// Value returns the resource itself. It may be used until the Resource is given back.
func (r *Resource[T]) Value() T { return r.use().item.value }

// Return gives the resource back, in the transaction: once that has committed, others can borrow it. If the pool
// was closed or reset since the resource was made, that is destroyed instead. It panics if the resource was given back before.
func (r *Resource[T]) Return(tx *stm.Tx) {
	r.mustBeLent(tx)
	if r.item.era != r.item.pool.era.Get(tx) {
		r.item.pool.end(tx, r)
		return
	}
	idle := r.as(poolIdle)
	idle.used, idle.again = r.item.pool.config.Clock.Now().Sub(r.item.made), true
	r.item.pool.places[r.at].Set(tx, idle)
}

// Release is Return as a transaction of its own.
func (r *Resource[T]) Release() { r.alone(r.Return) }

// Drop takes the resource out of the pool, since it is broken, say, and has it destroyed after the commit. Then
// there is room for another. It panics if the resource was given back before.
func (r *Resource[T]) Drop(tx *stm.Tx) {
	r.mustBeLent(tx)
	r.item.pool.end(tx, r)
}

// Destroy is Drop as a transaction of its own. It returns when the pool's Destroy has.
func (r *Resource[T]) Destroy() { r.alone(r.Drop) }

// Hijack takes the resource out of the pool without destroying it: it is the caller's from now on. It panics if
// the resource was given back before.
func (r *Resource[T]) Hijack(tx *stm.Tx) T {
	r.mustBeLent(tx)
	r.item.pool.places[r.at].Set(tx, nil)
	return r.item.value
}

// Made returns when the resource was made or parked.
func (r *Resource[T]) Made() time.Time { return r.use().item.made }

// LastUsed returns when the resource was given back before it was borrowed, the zero time if this is its first use.
func (r *Resource[T]) LastUsed() time.Time {
	if !r.use().again {
		return time.Time{}
	}
	return r.item.made.Add(r.used)
}

func (r *Resource[T]) mustBeLent(tx *stm.Tx) {
	if r.use().item.pool.places[r.at].Get(tx) != r {
		panic("tdata: Pool: a Resource that was given back, dropped or hijacked before; borrow anew")
	}
}

func (r *Resource[T]) alone(fn func(*stm.Tx)) {
	must(r.use().item.pool.owner.Atomically(context.Background(), func(tx *stm.Tx) error {
		fn(tx)
		return nil
	}))
}
