package tdata

import (
	"context"
	"time"

	"github.com/rinse-go/rinse/internal/engine"
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
	if now := r.lent(tx); now.stale != nil {
		r.item.pool.end(tx, r)
		return
	}
	r.item.pool.set(tx, r.item.at, r.back())
}

// back returns what is in the place once the resource was given back.
func (r *Resource[T]) back() *Resource[T] {
	idle := r.as(poolIdle)
	idle.used, idle.again = r.item.pool.since(r.item.made), true
	return idle
}

// Release is Return as a transaction of its own.
func (r *Resource[T]) Release() {
	place := r.use().place()
	if word, now := place.link.current(); now == r && place.link.replace(word, r.back(), nil) == engine.Committed {
		return
	}
	r.alone(r.Return)
}

// Drop takes the resource out of the pool, since it is broken, say, and has it destroyed after the commit. Then
// there is room for another. It panics if the resource was given back before.
func (r *Resource[T]) Drop(tx *stm.Tx) {
	r.lent(tx)
	r.item.pool.end(tx, r)
}

// Destroy is Drop as a transaction of its own. It returns when the pool's Destroy has.
func (r *Resource[T]) Destroy() { r.alone(r.Drop) }

// Hijack takes the resource out of the pool without destroying it: it is the caller's from now on. It panics if
// the resource was given back before.
func (r *Resource[T]) Hijack(tx *stm.Tx) T {
	r.lent(tx)
	r.item.pool.set(tx, r.item.at, nil)
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

func (r *Resource[T]) place() *poolPlace[T] { return &r.item.pool.places[r.item.at] }

// lent returns what is in the place of a resource, and panics unless it is that, lent.
func (r *Resource[T]) lent(tx *stm.Tx) *Resource[T] {
	now := r.use().item.pool.get(tx, r.item.at)
	if now == nil || now != r && now.stale != r {
		panic("tdata: Pool: a Resource that was given back, dropped or hijacked before; borrow anew")
	}
	return now
}

func (r *Resource[T]) alone(fn func(*stm.Tx)) {
	must(r.use().item.pool.owner.Atomically(context.Background(), func(tx *stm.Tx) error {
		fn(tx)
		return nil
	}))
}
