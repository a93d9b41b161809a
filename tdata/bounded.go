package tdata

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// A BoundedQueue is a [Queue] that holds so many values and no more: who puts waits for room. It is made by
// [NewBoundedQueue] and must not be copied.
//
// In a transaction use Put, TryPut, Take, TryTake, Peek, Untake, Close, Closed, Len, Clear and All; as transactions
// of their own Send, TrySend, Receive, TryReceive, Shut, Purge, Size and Snapshot.
//
// Puts and takes do not clash with each other while it is neither empty nor full. Puts of two transactions clash, and
// so do takes. Send and Receive try again by themselves, for some nanoseconds. Who waits is woken by nothing but the put, or
// the take, that ends the waiting, together with all who wait for the same.
//
// It is a ring of 32 bytes a place, and a value costs an allocation of its size and a word. While a checkout of the same owner
// is held, one old value a place is kept.
type BoundedQueue[T any] struct {
	origin
	ring[T]
	closes *engine.Rare  // immutable: the record of
	closed link[held[T]] // not nil once the queue is closed
}

// NewBoundedQueue returns an empty queue that holds as many values as its capacity. It panics if that is not positive:
// without room nothing can be handed over, since a put has to be over before a take can see it. In clash reports its
// variables are name.place and name.closed.
func NewBoundedQueue[T any](capacity int, options ...Option) *BoundedQueue[T] {
	if capacity < 1 {
		panic(fmt.Sprintf("tdata: NewBoundedQueue: capacity %d, must be at least 1", capacity))
	}
	q := &BoundedQueue[T]{origin: originFor[BoundedQueue[T]](options)}
	q.closes = q.record("closed")
	q.closed.init(q.closes, 0, nil)
	q.ring.init(q.record("place"), capacity)
	return q
}

func (q *BoundedQueue[T]) use() *BoundedQueue[T] {
	mustBeMade(q != nil && q.places != nil, "a BoundedQueue", "NewBoundedQueue")
	return q
}

// Cap returns how many values the queue holds at most. Some more may be in it that were put back, see Untake.
func (q *BoundedQueue[T]) Cap() int { return len(q.use().places) }

// TryPut is Put without waiting: it reports false if the queue is full or closed.
func (q *BoundedQueue[T]) TryPut(tx *stm.Tx, value T) bool {
	place, free := q.use().due(inside(tx), puts)
	if free.isFull() || q.Closed(tx) {
		return false
	}
	place.set(inside(tx), q.fill(free, value))
	return true
}

// Put adds a value at the end. If there is no room it waits, by Retry. It returns [ErrClosed] if the queue is closed.
func (q *BoundedQueue[T]) Put(tx *stm.Tx, value T) error {
	if q.TryPut(tx, value) {
		return nil
	}
	tx.Check(q.Closed(tx))
	return ErrClosed
}

// TryTake is Take without waiting: it reports false if the queue is empty.
func (q *BoundedQueue[T]) TryTake(tx *stm.Tx) (value T, ok bool) {
	place, first := q.use().due(inside(tx), takes)
	if !first.isFull() {
		return value, false
	}
	place.set(inside(tx), first.under)
	return first.value, true
}

// Take removes the first value and returns it. If there is none it waits, by Retry. It returns [ErrClosed] if the
// queue is closed and empty.
func (q *BoundedQueue[T]) Take(tx *stm.Tx) (T, error) {
	value, ok := q.TryTake(tx)
	if ok {
		return value, nil
	}
	tx.Check(q.Closed(tx))
	return value, ErrClosed
}

// Peek returns the first value and leaves it there. It waits as Take does, and returns the same error.
func (q *BoundedQueue[T]) Peek(tx *stm.Tx) (value T, err error) {
	if _, first := q.use().due(inside(tx), takes); first.isFull() {
		return first.value, nil
	}
	tx.Check(q.Closed(tx))
	return value, ErrClosed
}

// Untake puts a value back in front of all others, also if the queue is full or closed. It does not wait. A value that is put
// back before others needs no room.
func (q *BoundedQueue[T]) Untake(tx *stm.Tx, value T) {
	place, first := q.use().due(inside(tx), takes)
	if first.isFull() {
		place.set(inside(tx), &held[T]{value, first})
	} else {
		place.set(inside(tx), q.fill(first, value))
	}
}

// Close closes the queue: nothing more can be put, and who takes gets [ErrClosed] when nothing is left. Closing it again
// does nothing.
func (q *BoundedQueue[T]) Close(tx *stm.Tx) {
	if q.Closed(tx) {
		return
	}
	if place, free := q.due(inside(tx), puts); !free.isFull() {
		place.set(inside(tx), free) // so that who is about to put there notices
	}
	q.closed.set(inside(tx), &q.empty[0])
}

// Closed reports whether the queue has been closed. There may be values left.
func (q *BoundedQueue[T]) Closed(tx *stm.Tx) bool {
	return q.use().closed.get(inside(tx), q.closes) != nil
}

// Len returns how many values there are. It clashes with every put and take.
func (q *BoundedQueue[T]) Len(tx *stm.Tx) int { return q.use().count(inside(tx)) }

// Clear drops all values. It takes time in proportion to their number.
func (q *BoundedQueue[T]) Clear(tx *stm.Tx) {
	for place, v := range q.use().all(inside(tx)) {
		place.set(inside(tx), v.last())
	}
}

// All iterates over the values, first to last, as they are when the iteration begins: what the loop does to the queue
// does not change what it sees. It clashes with every put and take, and needs memory for all values.
func (q *BoundedQueue[T]) All(tx *stm.Tx) iter.Seq[T] {
	q.use()
	return func(yield func(T) bool) { slices.Values(q.values(tx))(yield) }
}

func (q *BoundedQueue[T]) values(tx *stm.Tx) []T {
	values := []T{}
	for _, v := range q.use().all(inside(tx)) {
		for ; v.isFull(); v = v.under {
			values = append(values, v.value)
		}
	}
	return values
}

// Send is Put as a transaction of its own. It waits for room. It returns [ErrClosed] if the queue is closed, and ctx's
// error if ctx ends first; then the value was not put. Some 50 ns if there is room.
func (q *BoundedQueue[T]) Send(ctx context.Context, value T) error {
	q.use()
	mustHave(ctx != nil, "context")
	if err := ctx.Err(); err != nil {
		return err
	}
	if q.push(value) {
		return nil
	}
	return q.in().Atomically(ctx, func(tx *stm.Tx) error { return q.Put(tx, value) })
}

// TrySend is TryPut as a transaction of its own.
func (q *BoundedQueue[T]) TrySend(value T) (ok bool) {
	if q.use().push(value) {
		return true
	}
	alone(&q.origin, func(tx *stm.Tx) { ok = q.TryPut(tx, value) })
	return ok
}

// push puts a value by a transaction of one variable. It reports false if there is no room, the queue is closed, others are
// always faster, or the gate is shut; then a transaction has to look.
func (q *BoundedQueue[T]) push(value T) bool {
	i, added := int(q.tail.Load()), &held[T]{value: value}
	for range reach {
		place := &q.places[i]
		word, free := place.current()
		if q.isDue(i, free, q.before(i).load(), puts) {
			if free.isFull() || q.closed.load() != nil { // looked at after the place: who closes the queue changes that
				return false
			}
			added.under = q.other(free)
			switch place.replace(word, added, nil) {
			case engine.Committed:
				q.tail.Store(uint64(q.after(i)))
				return true
			case engine.Shut:
				return false
			}
		}
		i = q.after(i)
	}
	return false
}

// Receive is Take as a transaction of its own. It waits until there is a value. It returns [ErrClosed] if the queue is
// closed and empty, and ctx's error if ctx ends first; then nothing was taken. Some 30 ns if there is a value.
func (q *BoundedQueue[T]) Receive(ctx context.Context) (value T, err error) {
	q.use()
	mustHave(ctx != nil, "context")
	if err := ctx.Err(); err != nil {
		return value, err
	}
	if first := q.shift(); first != nil {
		return first.value, nil
	}
	return stm.DoIn(ctx, q.in(), q.Take)
}

// TryReceive is TryTake as a transaction of its own.
func (q *BoundedQueue[T]) TryReceive() (value T, ok bool) {
	if first := q.use().shift(); first != nil {
		return first.value, true
	}
	alone(&q.origin, func(tx *stm.Tx) { value, ok = q.TryTake(tx) })
	return value, ok
}

// shift takes the first value by a transaction of one variable. It returns nil when a transaction has to look, as push does.
func (q *BoundedQueue[T]) shift() *held[T] {
	i := int(q.head.Load())
	for range reach {
		place := &q.places[i]
		word, first := place.current()
		if q.isDue(i, first, q.before(i).load(), takes) {
			if !first.isFull() {
				return nil
			}
			switch place.replace(word, first.under, nil) {
			case engine.Committed:
				if !first.under.isFull() {
					q.head.Store(uint64(q.after(i)))
				}
				return first
			case engine.Shut:
				return nil
			}
		}
		i = q.after(i)
	}
	return nil
}

// Shut is Close as a transaction of its own.
func (q *BoundedQueue[T]) Shut() { alone(&q.use().origin, q.Close) }

// Purge is Clear as a transaction of its own. A queue that is closed stays closed.
func (q *BoundedQueue[T]) Purge() { alone(&q.use().origin, q.Clear) }

// Size is Len as a transaction of its own. It disturbs nobody.
func (q *BoundedQueue[T]) Size() int { return seen(&q.use().origin, q.Len) }

// Snapshot returns the values, first to last, as they are at one moment. It disturbs nobody.
func (q *BoundedQueue[T]) Snapshot() []T { return seen(&q.use().origin, q.values) }

// MarshalJSON returns the array of what [BoundedQueue.Snapshot] returns.
func (q *BoundedQueue[T]) MarshalJSON() ([]byte, error) {
	return marshalArray(slices.Values(q.Snapshot()))
}
