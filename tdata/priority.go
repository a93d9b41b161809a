package tdata

import (
	"context"
	"encoding/json"
	"iter"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A PriorityQueue hands over the least value first, and of equal ones the one that was put first. It has no bound. It
// is made by [NewPriorityQueue] and must not be copied.
//
// In a transaction use Put, Take, TryTake, Peek, Untake, Close, Closed, Len, Clear and All; as transactions of their own
// Send, Receive, TryReceive, Shut, Size and Snapshot.
//
// A put of a value that is not among the first clashes seldom with a take, or with a put elsewhere: it does if none of the
// values before it has a taller tower than the one that is taken or put, which for n values before it happens about once
// in n times. Takes clash with takes. A put wakes everybody who waits in Take, and one of them gets a value.
//
// It is a skip list: a put looks at about 2 log₂ n values, a take changes three variables. A value costs some 110 bytes
// beside what it needs itself. The idea is from Pugh, "Skip Lists: A Probabilistic Alternative to Balanced Trees" (1990),
// and Lotan and Shavit, "Skiplist-Based Concurrent Priority Queues" (2000).
type PriorityQueue[T any] struct {
	origin
	list    []tvar.Option // immutable: of the towers' variables
	compare func(a, b T) int
	first   tower[T] // the next tower at each level
	closed  tvar.TVar[bool]
}

// A tower holds a value. At each level up to its height it leads to the next tower of at least that height.
type tower[T any] struct {
	value T // immutable
	next  []tvar.TVar[*tower[T]]
}

// levels suffice for 4^levels values.
const levels = 14

// NewPriorityQueue returns an empty queue. compare says which of two values comes first, as that of slices.SortFunc does:
// cmp.Compare does it for numbers. It is called inside transactions, must depend on its arguments only, and is called with
// them again and again, so do not change a value that is in the queue. NewPriorityQueue panics if it is nil. In clash
// reports the queue's variables are name.next and name.closed.
func NewPriorityQueue[T any](compare func(a, b T) int, options ...Option) *PriorityQueue[T] {
	if compare == nil {
		panic("tdata: NewPriorityQueue: nil function; give cmp.Compare, for example")
	}
	q := &PriorityQueue[T]{origin: originOf(options), compare: compare}
	q.list = q.part("next")
	q.first.next = make([]tvar.TVar[*tower[T]], levels)
	q.closed.Init(false, q.part("closed")...)
	for i := range q.first.next {
		q.first.next[i].Init(nil, q.list...)
	}
	return q
}

// height draws the height of a tower: each is a quarter as likely as the one below.
func height() int { return 1 + min(bits.TrailingZeros64(rand.Uint64())/2, levels-1) }

// Put adds a value. It does not wait. It returns [ErrClosed] if the queue is closed.
func (q *PriorityQueue[T]) Put(tx *stm.Tx, value T) error {
	if q.Closed(tx) {
		return ErrClosed
	}
	q.insert(tx, value, func(other T) bool { return q.compare(value, other) >= 0 })
	return nil
}

// Untake puts a value back, in front of those that are equal to it, also if the queue is closed. It does not wait.
func (q *PriorityQueue[T]) Untake(tx *stm.Tx, value T) {
	q.insert(tx, value, func(other T) bool { return q.compare(value, other) > 0 })
}

// insert puts a value behind those that it has to go behind.
func (q *PriorityQueue[T]) insert(tx *stm.Tx, value T, behind func(T) bool) {
	if q.compare == nil {
		panic("tdata: a PriorityQueue that was not made by NewPriorityQueue")
	}
	t := &tower[T]{value, make([]tvar.TVar[*tower[T]], height())}
	before := &q.first
	for level := levels - 1; level >= 0; level-- {
		after := before.next[level].Get(tx)
		for after != nil && behind(after.value) {
			before = after
			after = before.next[level].Get(tx)
		}
		if level < len(t.next) {
			t.next[level].Init(after, q.list...)
			before.next[level].Set(tx, t)
		}
	}
}

// TryTake is Take without waiting: it reports false if the queue is empty.
func (q *PriorityQueue[T]) TryTake(tx *stm.Tx) (value T, ok bool) {
	t := q.least(tx)
	if t == nil {
		return value, false
	}
	for level := range t.next {
		next := t.next[level].Get(tx)
		q.first.next[level].Set(tx, next)
		if next != nil {
			t.next[level].Set(tx, nil) // or an old snapshot would keep alive what comes after
		}
	}
	return t.value, true
}

func (q *PriorityQueue[T]) least(tx *stm.Tx) *tower[T] {
	if q.compare == nil {
		panic("tdata: a PriorityQueue that was not made by NewPriorityQueue")
	}
	return q.first.next[0].Get(tx)
}

// Take removes the least value and returns it. If there is none it waits, by Retry. It returns [ErrClosed] if the queue is
// closed and empty.
func (q *PriorityQueue[T]) Take(tx *stm.Tx) (T, error) {
	value, ok := q.TryTake(tx)
	if ok {
		return value, nil
	}
	tx.Check(q.Closed(tx))
	return value, ErrClosed
}

// Peek returns the least value and leaves it there. It waits as Take does, and returns the same error.
func (q *PriorityQueue[T]) Peek(tx *stm.Tx) (value T, err error) {
	if t := q.least(tx); t != nil {
		return t.value, nil
	}
	tx.Check(q.Closed(tx))
	return value, ErrClosed
}

// Close closes the queue: nothing more can be put, and who takes gets [ErrClosed] when nothing is left. Closing it again
// does nothing.
func (q *PriorityQueue[T]) Close(tx *stm.Tx) {
	if !q.closed.Get(tx) {
		q.closed.Set(tx, true)
	}
}

// Closed reports whether the queue has been closed. There may be values left.
func (q *PriorityQueue[T]) Closed(tx *stm.Tx) bool { return q.closed.Get(tx) }

// Len counts the values, one by one. It clashes with every put and take.
func (q *PriorityQueue[T]) Len(tx *stm.Tx) (n int) {
	for t := q.least(tx); t != nil; t = t.next[0].Get(tx) {
		n++
	}
	return n
}

// Clear drops all values.
func (q *PriorityQueue[T]) Clear(tx *stm.Tx) {
	for level := range q.first.next {
		if next := &q.first.next[level]; next.Get(tx) != nil {
			next.Set(tx, nil)
		}
	}
}

// All iterates over the values, least to greatest, as they are when the iteration begins: what the loop does to the queue
// does not change what it sees. It clashes with every put and take, and needs memory for all values.
func (q *PriorityQueue[T]) All(tx *stm.Tx) iter.Seq[T] {
	return func(yield func(T) bool) { slices.Values(q.values(tx))(yield) }
}

func (q *PriorityQueue[T]) values(tx *stm.Tx) []T {
	values := []T{}
	for t := q.least(tx); t != nil; t = t.next[0].Get(tx) {
		values = append(values, t.value)
	}
	return values
}

// Send is Put as a transaction of its own. It returns [ErrClosed] if the queue is closed, and ctx's error if ctx has ended;
// then the value was not put.
func (q *PriorityQueue[T]) Send(ctx context.Context, value T) error {
	return q.in().Atomically(ctx, func(tx *stm.Tx) error { return q.Put(tx, value) })
}

// Receive is Take as a transaction of its own. It waits until there is a value. It returns [ErrClosed] if the queue is closed
// and empty, and ctx's error if ctx ends first; then nothing was taken.
func (q *PriorityQueue[T]) Receive(ctx context.Context) (T, error) {
	return stm.DoIn(ctx, q.in(), q.Take)
}

// TryReceive is TryTake as a transaction of its own.
func (q *PriorityQueue[T]) TryReceive() (value T, ok bool) {
	alone(&q.origin, func(tx *stm.Tx) { value, ok = q.TryTake(tx) })
	return value, ok
}

// Shut is Close as a transaction of its own.
func (q *PriorityQueue[T]) Shut() { alone(&q.origin, q.Close) }

// Size is Len as a transaction of its own. It disturbs nobody.
func (q *PriorityQueue[T]) Size() int { return seen(&q.origin, q.Len) }

// Snapshot returns the values, least to greatest, as they are at one moment. It disturbs nobody.
func (q *PriorityQueue[T]) Snapshot() []T { return seen(&q.origin, q.values) }

// MarshalJSON returns the array of what [PriorityQueue.Snapshot] returns.
func (q *PriorityQueue[T]) MarshalJSON() ([]byte, error) { return json.Marshal(q.Snapshot()) }
