package tdata

import (
	"context"
	"iter"
	"slices"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A Queue hands values over, first in, first out, to whoever takes them. It has no bound; [BoundedQueue] has
// one. The zero Queue is ready, empty, and belongs to the default owner. A Queue must not be copied.
//
// In a transaction use Put, Take, TryTake, Peek, Untake, Close, Closed, Len, Clear and All; as transactions of
// their own Send, Receive, TryReceive, Shut, Size and Snapshot.
//
// Puts and takes do not clash with each other while there is a value in the queue. Puts of two transactions
// clash, since they decide who is first, and so do takes. Send and Receive try again by themselves, for some
// nanoseconds. A put wakes everybody who waits in Take, and one of them gets the value.
//
// A value costs one allocation of 40 bytes beside what it needs itself. What has been taken is garbage, but for the last few
// values, at most four, which go when others have taken their place. While a checkout of the same owner is held, the values
// that were in the queue at its time are kept, and up to 31 of those that came next, or those that the next Clear drops; what
// passes through later is not.
type Queue[T any] struct {
	chain[T]
	head tvar.TVar[*node[T]] // the node that has the first item; nil as long as the queue was not used
}

// NewQueue returns an empty queue. In clash reports its variables are name.head, name.tail and name.item.
func NewQueue[T any](options ...Option) *Queue[T] {
	q := new(Queue[T])
	q.head.Init(q.init(options), q.part("head")...)
	return q
}

// end returns the end of the chain and whether that is closed.
func (q *Queue[T]) end(tx *stm.Tx) (*node[T], bool) {
	if end, closed := q.chain.end(tx, q.tail.Get(tx)); end != nil {
		return end, closed
	}
	return q.endFromHead(tx)
}

// endFromHead is for when the tail is cut off. Looking at the head without relying on it, it does not clash with
// takes: a node that has a next, as this transaction sees it, is in the chain that it sees.
func (q *Queue[T]) endFromHead(tx *stm.Tx) (*node[T], bool) {
	if n := q.head.Load(); n != nil {
		if end, closed := q.chain.end(tx, n.next.Get(tx)); end != nil {
			return end, closed
		}
	}
	return q.chain.end(tx, q.begun(tx))
}

// begun returns the head, and makes a first node if there is none.
func (q *Queue[T]) begun(tx *stm.Tx) *node[T] {
	n := q.head.Get(tx)
	if n == nil {
		n = new(node[T])
		q.head.Set(tx, n)
		q.tail.Set(tx, n)
	}
	return n
}

// first returns the head and the node of the first value. That is nil if there is none, and then, if the queue is
// closed, the error says so.
func (q *Queue[T]) first(tx *stm.Tx) (head, first *node[T], err error) {
	if head = q.head.Get(tx); head != nil {
		first = head.next.Get(tx)
	}
	if first != nil && first == head {
		return head, nil, ErrClosed
	}
	return head, first, nil
}

// Put adds a value at the end. It does not wait. It returns [ErrClosed] if the queue is closed.
func (q *Queue[T]) Put(tx *stm.Tx, value T) error {
	end, closed := q.end(tx)
	if closed {
		return ErrClosed
	}
	q.add(tx, end, value)
	return nil
}

// Take removes the first value and returns it. If there is none it waits, by Retry. It returns [ErrClosed] if
// the queue is closed and empty.
func (q *Queue[T]) Take(tx *stm.Tx) (value T, err error) {
	head, first, err := q.first(tx)
	if first == nil {
		tx.Check(err != nil)
		return value, err
	}
	q.pass(tx, head, first)
	return first.value, nil
}

// pass moves the head on.
func (q *Queue[T]) pass(tx *stm.Tx, head, first *node[T]) {
	q.head.Set(tx, first)
	if head.number%stretch == 0 {
		head.next.Set(tx, &q.gone)
	}
}

// TryTake is Take without waiting: it reports false if the queue is empty.
func (q *Queue[T]) TryTake(tx *stm.Tx) (value T, ok bool) {
	head, first, _ := q.first(tx)
	if first == nil {
		return value, false
	}
	q.pass(tx, head, first)
	return first.value, true
}

// Peek returns the first value and leaves it there. It waits as Take does, and returns the same error.
func (q *Queue[T]) Peek(tx *stm.Tx) (value T, err error) {
	_, first, err := q.first(tx)
	if first == nil {
		tx.Check(err != nil)
		return value, err
	}
	return first.value, nil
}

// Untake puts a value back in front of all others, also if the queue is closed. It does not wait.
func (q *Queue[T]) Untake(tx *stm.Tx, value T) {
	head := q.begun(tx)
	switch next := head.next.Get(tx); next {
	case nil:
		q.add(tx, head, value)
	case head:
		q.add(tx, head, value)
		end := head.next.Get(tx)
		end.next.Set(tx, end)
	default:
		first := q.ready(&node[T]{number: head.number, value: value})
		first.next.Set(tx, next)
		front := q.ready(&node[T]{number: head.number - 1})
		front.next.Set(tx, first)
		q.head.Set(tx, front)
	}
}

// Close closes the queue: nothing more can be put, and who takes gets [ErrClosed] when nothing is left. Closing
// it again does nothing.
func (q *Queue[T]) Close(tx *stm.Tx) {
	if end, closed := q.end(tx); !closed {
		end.next.Set(tx, end)
	}
}

// Closed reports whether the queue has been closed. There may be values left.
func (q *Queue[T]) Closed(tx *stm.Tx) bool {
	if q.tail.Get(tx) == nil {
		return false
	}
	_, closed := q.end(tx)
	return closed
}

// Len returns how many values there are. It clashes with every put and take.
func (q *Queue[T]) Len(tx *stm.Tx) int {
	head := q.head.Get(tx)
	if head == nil {
		return 0
	}
	end, _ := q.end(tx)
	return int(end.number - head.number)
}

// Clear drops all values.
func (q *Queue[T]) Clear(tx *stm.Tx) {
	head := q.head.Get(tx)
	if head == nil {
		return
	}
	if end, _ := q.end(tx); end != head {
		q.head.Set(tx, end)
		head.next.Set(tx, &q.gone)
	}
}

// All iterates over the values, first to last, as they are when the iteration begins: what the loop does to the
// queue does not change what it sees. It clashes with every put and take, and needs memory for all values.
func (q *Queue[T]) All(tx *stm.Tx) iter.Seq[T] {
	return func(yield func(T) bool) { slices.Values(q.values(tx))(yield) }
}

func (q *Queue[T]) values(tx *stm.Tx) []T {
	values := []T{}
	for head, n, _ := q.first(tx); n != nil && n != head; {
		values = append(values, n.value)
		head, n = n, n.next.Get(tx)
	}
	return values
}

// Send is Put as a transaction of its own. It returns [ErrClosed] if the queue is closed, and ctx's error if ctx
// has ended; then the value was not put. About 80 ns.
func (q *Queue[T]) Send(ctx context.Context, value T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	end := q.ready(&node[T]{value: value})
	ok, closed := q.append(q.tail.Load(), end)
	for try := 0; !ok && !closed && try < tries; try++ {
		ok, closed = q.append(q.head.Load(), end)
	}
	switch {
	case ok:
		if end.number%lag == 0 {
			q.follow(end)
		}
		return nil
	case closed:
		return ErrClosed
	}
	return q.in().Atomically(ctx, func(tx *stm.Tx) error { return q.Put(tx, value) })
}

// tries is how often Send and Receive look for a head that is not passed and cut off at once, before they have a
// transaction do it.
const tries = 8

// lag is how many values Send lets the tail be behind: to look at them is cheaper than to move it each time.
const lag = 4

// Receive is Take as a transaction of its own. It waits until there is a value. It returns [ErrClosed] if the queue
// is closed and empty, and ctx's error if ctx ends first; then nothing was taken. About 30 ns if there is a value.
func (q *Queue[T]) Receive(ctx context.Context) (value T, err error) {
	if err := ctx.Err(); err != nil {
		return value, err
	}
	if first := q.shift(); first != nil {
		return first.value, nil
	}
	return stm.DoIn(ctx, q.in(), q.Take)
}

// TryReceive is TryTake as a transaction of its own. About 30 ns.
func (q *Queue[T]) TryReceive() (value T, ok bool) {
	if first := q.shift(); first != nil {
		return first.value, true
	}
	alone(&q.origin, func(tx *stm.Tx) { value, ok = q.TryTake(tx) })
	return value, ok
}

// shift takes the first value. It returns nil if there seems to be none.
func (q *Queue[T]) shift() *node[T] {
	for range tries {
		if first, passed := q.shiftOnce(); !passed {
			return first
		}
	}
	return nil
}

// shiftOnce takes the first value by a transaction of one variable: as long as a node with a next is the head, that next
// stays what it is. It reports whether the head was passed meanwhile, and cut off.
func (q *Queue[T]) shiftOnce() (first *node[T], passed bool) {
	var head, next *node[T]
	first, ok := q.head.TryUpdate(func(n *node[T]) (*node[T], bool) {
		if head, next = n, nil; n != nil {
			next = n.next.Load()
		}
		return next, next != nil && next != n && next != &q.gone
	})
	if !ok {
		return nil, next == &q.gone
	}
	if head.number%stretch == 0 {
		head.next.Store(&q.gone)
	}
	return first, false
}

// Shut is Close as a transaction of its own.
func (q *Queue[T]) Shut() { alone(&q.origin, q.Close) }

// Size is Len as a transaction of its own. It disturbs nobody.
func (q *Queue[T]) Size() int { return seen(&q.origin, q.Len) }

// Snapshot returns the values, first to last, as they are at one moment. It disturbs nobody.
func (q *Queue[T]) Snapshot() []T { return seen(&q.origin, q.values) }

// MarshalJSON returns the array of what [Queue.Snapshot] returns.
func (q *Queue[T]) MarshalJSON() ([]byte, error) { return marshalArray(slices.Values(q.Snapshot())) }
