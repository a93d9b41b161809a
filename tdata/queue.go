package tdata

import (
	"context"
	"iter"
	"slices"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// A Queue hands values over, first in, first out, to whoever takes them. It has no bound; [BoundedQueue] has
// one. The zero Queue is ready, empty, and belongs to the default owner. A Queue must not be copied.
//
// In a transaction use Put, Take, TryTake, Peek, Untake, Close, Closed, Len, Clear and All; as transactions of
// their own Send, Receive, TryReceive, Shut, Purge, Size and Snapshot.
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
	heads *engine.Rare  // immutable: the record of the head
	head  link[node[T]] // the node whose value was taken last; nil as long as the queue was not used
}

// NewQueue returns an empty queue. In clash reports its variables are name.head, name.tail and name.next.
func NewQueue[T any](options ...Option) *Queue[T] {
	q := new(Queue[T])
	first := q.init(originFor[Queue[T]](options))
	q.heads = q.record("head")
	q.head.init(q.heads, 0, first)
	return q
}

func (q *Queue[T]) use() *Queue[T] {
	mustHave(q != nil, "Queue; make it with tdata.NewQueue or take the address of one")
	return q
}

// end returns the end of the chain and whether that is closed.
func (q *Queue[T]) end(t *engine.Tx) (*node[T], bool) {
	if end, closed := q.chain.end(t, q.use().tail.get(t, q.tails)); end != nil {
		return end, closed
	}
	return q.endFromHead(t)
}

// endFromHead is for when the tail is cut off. Looking at the head without relying on it, it does not clash with
// takes: a node that has a next, as this transaction sees it, is in the chain that it sees.
func (q *Queue[T]) endFromHead(t *engine.Tx) (*node[T], bool) {
	if n := q.head.load(); n != nil {
		if end, closed := q.chain.end(t, n.next.get(t, q.nexts)); end != nil {
			return end, closed
		}
	}
	return q.chain.end(t, q.begun(t))
}

// begun returns the head, and makes a first node if there is none.
func (q *Queue[T]) begun(t *engine.Tx) *node[T] {
	n := q.use().head.get(t, q.heads)
	if n == nil {
		n = q.begin(t)
		q.head.set(t, n)
	}
	return n
}

// first returns the head and the node of the first value. That is nil if there is none, and then, if the queue is
// closed, the error says so.
func (q *Queue[T]) first(t *engine.Tx) (head, first *node[T], err error) {
	if head = q.use().head.get(t, q.heads); head != nil {
		first = head.next.get(t, q.nexts)
	}
	if first != nil && first == head {
		return head, nil, ErrClosed
	}
	return head, first, nil
}

// Put adds a value at the end. It does not wait. It returns [ErrClosed] if the queue is closed.
func (q *Queue[T]) Put(tx *stm.Tx, value T) error {
	t := inside(tx)
	end, closed := q.end(t)
	if closed {
		return ErrClosed
	}
	q.add(t, end, value)
	return nil
}

// Take removes the first value and returns it. If there is none it waits, by Retry. It returns [ErrClosed] if
// the queue is closed and empty.
func (q *Queue[T]) Take(tx *stm.Tx) (value T, err error) {
	head, first, err := q.first(inside(tx))
	if first == nil {
		tx.Check(err != nil)
		return value, err
	}
	q.pass(inside(tx), head, first)
	return first.value, nil
}

// pass has another node as the head.
func (q *Queue[T]) pass(t *engine.Tx, head, next *node[T]) {
	q.head.set(t, next)
	if head.number%stretch == 0 {
		head.next.set(t, &q.gone)
	}
}

// TryTake is Take without waiting: it reports false if the queue is empty.
func (q *Queue[T]) TryTake(tx *stm.Tx) (value T, ok bool) {
	head, first, _ := q.first(inside(tx))
	if first == nil {
		return value, false
	}
	q.pass(inside(tx), head, first)
	return first.value, true
}

// Peek returns the first value and leaves it there. It waits as Take does, and returns the same error.
func (q *Queue[T]) Peek(tx *stm.Tx) (value T, err error) {
	_, first, err := q.first(inside(tx))
	if first == nil {
		tx.Check(err != nil)
		return value, err
	}
	return first.value, nil
}

// Untake puts a value back in front of all others, also if the queue is closed. It does not wait.
func (q *Queue[T]) Untake(tx *stm.Tx, value T) {
	t := inside(tx)
	head := q.begun(t)
	next := head.next.get(t, q.nexts)
	if next == nil || next == head {
		q.tail.get(t, q.tails)
		q.add(t, head, value)
		if next == head {
			end := head.next.get(t, q.nexts)
			end.next.set(t, end)
		}
		return
	}
	first := q.node(head.number, value)
	first.next.set(t, next)
	front := q.node(head.number-1, *new(T))
	front.next.set(t, first)
	q.pass(t, head, front)
}

// Close closes the queue: nothing more can be put, and who takes gets [ErrClosed] when nothing is left. Closing
// it again does nothing.
func (q *Queue[T]) Close(tx *stm.Tx) {
	t := inside(tx)
	if end, closed := q.end(t); !closed {
		end.next.set(t, end)
	}
}

// Closed reports whether the queue has been closed. There may be values left.
func (q *Queue[T]) Closed(tx *stm.Tx) bool {
	t := inside(tx)
	if q.use().tail.get(t, q.tails) == nil {
		return false
	}
	_, closed := q.end(t)
	return closed
}

// Len returns how many values there are. It clashes with every put and take.
func (q *Queue[T]) Len(tx *stm.Tx) int {
	t := inside(tx)
	head := q.use().head.get(t, q.heads)
	if head == nil {
		return 0
	}
	end, _ := q.end(t)
	return int(end.number - head.number)
}

// Clear drops all values.
func (q *Queue[T]) Clear(tx *stm.Tx) {
	t := inside(tx)
	head := q.use().head.get(t, q.heads)
	if head == nil {
		return
	}
	if end, _ := q.end(t); end != head {
		q.head.set(t, end)
		head.next.set(t, &q.gone)
	}
}

// All iterates over the values, first to last, as they are when the iteration begins: what the loop does to the
// queue does not change what it sees. It clashes with every put and take, and needs memory for all values.
func (q *Queue[T]) All(tx *stm.Tx) iter.Seq[T] {
	q.use()
	return func(yield func(T) bool) { slices.Values(q.values(tx))(yield) }
}

func (q *Queue[T]) values(tx *stm.Tx) []T {
	values := []T{}
	for head, n, _ := q.first(inside(tx)); n != nil && n != head; {
		values = append(values, n.value)
		head, n = n, n.next.get(inside(tx), q.nexts)
	}
	return values
}

// Send is Put as a transaction of its own. It returns [ErrClosed] if the queue is closed, and ctx's error if ctx
// has ended; then the value was not put. About 50 ns.
func (q *Queue[T]) Send(ctx context.Context, value T) error {
	q.use()
	mustHave(ctx != nil, "context")
	if err := ctx.Err(); err != nil {
		return err
	}
	end, from := q.node(0, value), q.tail.load()
	for range tries {
		switch ok, closed := q.append(from, end); {
		case closed:
			return ErrClosed
		case ok:
			q.lead(end)
			return nil
		}
		from = q.head.load()
	}
	return q.in().Atomically(ctx, func(tx *stm.Tx) error { return q.Put(tx, value) })
}

// lead has the tail follow the end, now and then: also to what comes right behind a node where the chain will be cut, or a put,
// which goes on from the tail, would rely on that link and clash with the take that cuts it.
func (q *Queue[T]) lead(end *node[T]) {
	if end.number%lag == 1 {
		q.follow(end)
	}
}

// tries is how often Send looks for a head that is not passed and cut off at once, before it has a transaction do it.
const tries = 8

// lag is how many values Send lets the tail be behind: to look at them is cheaper than to move it each time.
const lag = 4

// Receive is Take as a transaction of its own. It waits until there is a value. It returns [ErrClosed] if the queue
// is closed and empty, and ctx's error if ctx ends first; then nothing was taken. About 25 ns if there is a value.
func (q *Queue[T]) Receive(ctx context.Context) (value T, err error) {
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

// TryReceive is TryTake as a transaction of its own. About 25 ns.
func (q *Queue[T]) TryReceive() (value T, ok bool) {
	if first := q.shift(); first != nil {
		return first.value, true
	}
	alone(&q.origin, func(tx *stm.Tx) { value, ok = q.TryTake(tx) })
	return value, ok
}

// shift takes the first value. It returns nil if there is none, if others are always faster, or if the gate is shut; then a
// transaction has to look.
func (q *Queue[T]) shift() *node[T] {
	for lost := 1; lost <= engine.GateAfter; lost++ {
		switch first, verdict := q.shiftOnce(); verdict {
		case engine.Committed:
			return first
		case engine.Shut:
			return nil
		}
		engine.Lost(&q.head.cell, engine.Changed, lost)
	}
	return nil
}

// shiftOnce takes the first value by a transaction of one variable: as long as a node with a next is the head, that next
// stays what it is. (If the next is the mark of a cut, the head has been passed, and its word is another.)
func (q *Queue[T]) shiftOnce() (first *node[T], verdict engine.Verdict) {
	word, head := q.use().head.current()
	if head == nil {
		return nil, engine.Committed
	}
	if first = head.next.load(); first == nil || first == head {
		return nil, engine.Committed
	}
	verdict = q.head.replace(word, first, nil)
	if verdict == engine.Committed && head.number%stretch == 0 {
		q.cut(head)
	}
	return first, verdict
}

// cut cuts the chain behind a node that was passed. Nobody else changes that link any more.
func (q *Queue[T]) cut(n *node[T]) {
	for {
		word, _ := n.next.current()
		verdict := n.next.replace(word, &q.gone, nil)
		if verdict == engine.Committed {
			return
		}
		engine.Lost(&n.next.cell, verdict, 1)
	}
}

// Shut is Close as a transaction of its own.
func (q *Queue[T]) Shut() { alone(&q.use().origin, q.Close) }

// Purge is Clear as a transaction of its own. A queue that is closed stays closed.
func (q *Queue[T]) Purge() { alone(&q.use().origin, q.Clear) }

// Size is Len as a transaction of its own. It disturbs nobody.
func (q *Queue[T]) Size() int { return seen(&q.use().origin, q.Len) }

// Snapshot returns the values, first to last, as they are at one moment. It disturbs nobody.
func (q *Queue[T]) Snapshot() []T { return seen(&q.use().origin, q.values) }

// MarshalJSON returns the array of what [Queue.Snapshot] returns.
func (q *Queue[T]) MarshalJSON() ([]byte, error) { return marshalArray(slices.Values(q.Snapshot())) }
