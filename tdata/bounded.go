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
// so do takes. Who waits is woken by nothing but the put, or the take, that ends the waiting, together with all who
// wait for the same.
//
// It is a ring of 32 bytes a place, and a value costs an allocation of its size and a word. While a checkout of the same owner
// is held, one old value a place is kept.
type BoundedQueue[T any] struct {
	origin
	heads, tails, spots *engine.Rare    // immutable: the records of the variables
	places              []link[held[T]] // nil where there is room
	head                slot[uint64]    // the number of the first value, which is at its remainder by the capacity
	tail                slot[uint64]    // the number of the next one to be put, with a mark once the queue is closed
}

// A held value is in a place of the ring, on top of others if it was put back there.
type held[T any] struct {
	value T
	under *held[T]
}

const closedMark = 1 << 63

// NewBoundedQueue returns an empty queue that holds as many values as its capacity. It panics if that is not positive:
// without room nothing can be handed over, since a put has to be over before a take can see it. In clash reports its
// variables are name.head, name.tail and name.place.
func NewBoundedQueue[T any](capacity int, options ...Option) *BoundedQueue[T] {
	if capacity < 1 {
		panic(fmt.Sprintf("tdata: NewBoundedQueue: capacity %d, must be at least 1", capacity))
	}
	q := &BoundedQueue[T]{origin: originFor[BoundedQueue[T]](options), places: make([]link[held[T]], capacity)}
	q.heads, q.tails, q.spots = q.record("head"), q.record("tail"), q.record("place")
	q.head.init(q.heads, 0)
	q.tail.init(q.tails, 0)
	for i := range q.places {
		q.places[i].init(q.spots, 0, nil)
	}
	return q
}

func (q *BoundedQueue[T]) use() *BoundedQueue[T] {
	mustBeMade(q != nil && q.places != nil, "a BoundedQueue", "NewBoundedQueue")
	return q
}

// Cap returns how many values the queue holds at most. Some more may be in it that were put back, see Untake.
func (q *BoundedQueue[T]) Cap() int { return len(q.use().places) }

func (q *BoundedQueue[T]) place(number uint64) *link[held[T]] {
	return &q.places[number%uint64(len(q.places))]
}

// TryPut is Put without waiting: it reports false if the queue is full or closed.
func (q *BoundedQueue[T]) TryPut(tx *stm.Tx, value T) bool {
	tail := q.end(tx)
	place := q.place(tail)
	if tail&closedMark != 0 || place.get(inside(tx), q.spots) != nil {
		return false
	}
	place.set(inside(tx), &held[T]{value: value})
	q.tail.set(inside(tx), engine.Raw, tail+1)
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

// first returns the number and the place of the first value, and what is there, nil if there is none.
func (q *BoundedQueue[T]) first(tx *stm.Tx) (uint64, *link[held[T]], *held[T]) {
	head := q.begin(tx)
	place := q.place(head)
	return head, place, place.get(inside(tx), q.spots)
}

// begin returns the number of the first value, and end that of the next one to be put.
func (q *BoundedQueue[T]) begin(tx *stm.Tx) uint64 {
	return number(q.use().head.get(inside(tx), q.heads))
}
func (q *BoundedQueue[T]) end(tx *stm.Tx) uint64 {
	return number(q.use().tail.get(inside(tx), q.tails))
}

func number(c content[uint64]) uint64 {
	n, _ := c.get() // nothing is 0
	return n
}

// TryTake is Take without waiting: it reports false if the queue is empty.
func (q *BoundedQueue[T]) TryTake(tx *stm.Tx) (value T, ok bool) {
	head, place, first := q.first(tx)
	if first == nil {
		return value, false
	}
	place.set(inside(tx), first.under)
	if first.under == nil {
		q.head.set(inside(tx), engine.Raw, head+1)
	}
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
	if _, _, first := q.first(tx); first != nil {
		return first.value, nil
	}
	tx.Check(q.Closed(tx))
	return value, ErrClosed
}

// Untake puts a value back in front of all others, also if the queue is full or closed. It does not wait.
func (q *BoundedQueue[T]) Untake(tx *stm.Tx, value T) {
	_, place, first := q.first(tx)
	place.set(inside(tx), &held[T]{value, first})
	if first == nil {
		q.tail.set(inside(tx), engine.Raw, q.end(tx)+1)
	}
}

// Close closes the queue: nothing more can be put, and who takes gets [ErrClosed] when nothing is left. Closing it again
// does nothing.
func (q *BoundedQueue[T]) Close(tx *stm.Tx) {
	if tail := q.end(tx); tail&closedMark == 0 {
		q.tail.set(inside(tx), engine.Raw, tail|closedMark)
	}
}

// Closed reports whether the queue has been closed. There may be values left.
func (q *BoundedQueue[T]) Closed(tx *stm.Tx) bool { return q.end(tx)&closedMark != 0 }

// Len returns how many values there are. It clashes with every put and take.
func (q *BoundedQueue[T]) Len(tx *stm.Tx) int {
	head, _, first := q.first(tx)
	if first == nil {
		return 0
	}
	n := int(q.end(tx)&^closedMark - head)
	for under := first.under; under != nil; under = under.under {
		n++
	}
	return n
}

// Clear drops all values. It takes time in proportion to their number.
func (q *BoundedQueue[T]) Clear(tx *stm.Tx) {
	tail := q.end(tx) &^ closedMark
	for head := q.begin(tx); head != tail; head++ {
		q.place(head).overwrite(tx, nil)
	}
	q.head.set(inside(tx), engine.Raw, tail)
}

// All iterates over the values, first to last, as they are when the iteration begins: what the loop does to the queue
// does not change what it sees. It clashes with every put and take, and needs memory for all values.
func (q *BoundedQueue[T]) All(tx *stm.Tx) iter.Seq[T] {
	q.use()
	return func(yield func(T) bool) { slices.Values(q.values(tx))(yield) }
}

func (q *BoundedQueue[T]) values(tx *stm.Tx) []T {
	values := []T{}
	tail := q.end(tx) &^ closedMark
	for head := q.begin(tx); head != tail; head++ {
		for v := q.place(head).get(inside(tx), q.spots); v != nil; v = v.under {
			values = append(values, v.value)
		}
	}
	return values
}

// Send is Put as a transaction of its own. It waits for room. It returns [ErrClosed] if the queue is closed, and ctx's
// error if ctx ends first; then the value was not put.
func (q *BoundedQueue[T]) Send(ctx context.Context, value T) error {
	return q.use().in().Atomically(ctx, func(tx *stm.Tx) error { return q.Put(tx, value) })
}

// TrySend is TryPut as a transaction of its own.
func (q *BoundedQueue[T]) TrySend(value T) (ok bool) {
	alone(&q.use().origin, func(tx *stm.Tx) { ok = q.TryPut(tx, value) })
	return ok
}

// Receive is Take as a transaction of its own. It waits until there is a value. It returns [ErrClosed] if the queue is
// closed and empty, and ctx's error if ctx ends first; then nothing was taken.
func (q *BoundedQueue[T]) Receive(ctx context.Context) (T, error) {
	return stm.DoIn(ctx, q.use().in(), q.Take)
}

// TryReceive is TryTake as a transaction of its own.
func (q *BoundedQueue[T]) TryReceive() (value T, ok bool) {
	alone(&q.use().origin, func(tx *stm.Tx) { value, ok = q.TryTake(tx) })
	return value, ok
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
