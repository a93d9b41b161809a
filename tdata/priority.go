package tdata

import (
	"context"
	"iter"
	"slices"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A PriorityQueue hands over the least value first, and of equal ones the one that was put first. It has no bound. It
// is made by [NewPriorityQueue] and must not be copied.
//
// In a transaction use Put, Take, TryTake, Peek, Untake, Close, Closed, Len, Clear and All; as transactions of their own
// Send, Receive, TryReceive, Shut, Purge, Size and Snapshot.
//
// A put and a take clash if what is put comes before what is taken, since then it matters which is first, and never
// otherwise: not if it comes right behind, nor if it is equal, nor if the take leaves the queue empty. Takes clash with
// takes, since they decide who has which value. Puts clash if they go to the same place, between the same two values or
// behind the last one; so do puts of equal values. Who finds the queue empty, or asks for the number or for all values,
// clashes with whoever changes that. A put wakes everybody who waits in Take, and one of them gets a value.
//
// It is a list in order, with hints that lead into it: a put looks at about 2 log₂ n values. Put and Take change three
// variables each, one of them to count. A value costs some 60 bytes beside what it needs itself. What has been taken is
// garbage, but for the value taken last. While a checkout of the same owner is held, the values that were in the queue at
// its time are kept, and no others.
//
// The ideas are from Michael and Scott, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue
// Algorithms" (1996), and Pugh, "Skip Lists: A Probabilistic Alternative to Balanced Trees" (1990).
type PriorityQueue[T any] struct {
	in      structure // immutable, and so are compare, heads, links and size
	compare func(a, b T) int
	anchor  *engine.Rare // of values: what is put and taken hangs on them
	heads   *engine.Rare
	links   *engine.Rare
	size    *stripes
	values  link[ranking[T]]
	closed  tvar.TVar[bool]
}

// NewPriorityQueue returns an empty queue. compare says which of two values comes first, as that of slices.SortFunc does:
// cmp.Compare does it for numbers. It is called inside transactions, must depend on its arguments only, and is called with
// them again and again, also when one has just been taken; so do not change what it looks at. NewPriorityQueue panics if it
// is nil. In clash reports the queue's variables are name.head, name.next, name.size and name.closed.
func NewPriorityQueue[T any](compare func(a, b T) int, options ...Option) *PriorityQueue[T] {
	if compare == nil {
		panic("tdata: NewPriorityQueue: nil function; give cmp.Compare, for example")
	}
	s := newStructure[PriorityQueue[T]](options)
	part := func(name string) *engine.Rare { return s.recordOf(func(*engine.Cell) string { return name }) }
	q := &PriorityQueue[T]{in: s, compare: compare, anchor: part(".head").Fixed(), heads: part(".head"), links: part(".next")}
	q.size = newStripes(s, ".size", 4, 8)
	q.closed.Init(false, tvar.In(s.owner), tvar.Name(s.String()+".closed"))
	r := newRanking[T](q.heads, q.links)
	first := new(ranked[T])
	r.head.init(q.heads, 0, first)
	first.next.init(q.links, 0, &r.end)
	q.values.init(q.anchor, 0, r)
	return q
}

// use returns the owner, and panics if there is none.
func (q *PriorityQueue[T]) use() *stm.Owner {
	mustBeMade(q != nil && q.in.owner != nil, "a PriorityQueue", "NewPriorityQueue")
	return q.in.owner
}

func (q *PriorityQueue[T]) inside(tx *stm.Tx) *engine.Tx {
	q.use()
	return inside(tx)
}

// Put adds a value. It does not wait. It returns [ErrClosed] if the queue is closed.
func (q *PriorityQueue[T]) Put(tx *stm.Tx, value T) error {
	t := q.inside(tx)
	if q.Closed(tx) {
		return ErrClosed
	}
	q.insert(t, value, func(other T) bool { return q.compare(value, other) >= 0 })
	return nil
}

// Untake puts a value back, in front of those that are equal to it, also if the queue is closed. It does not wait.
func (q *PriorityQueue[T]) Untake(tx *stm.Tx, value T) {
	q.insert(q.inside(tx), value, func(other T) bool { return q.compare(value, other) > 0 })
}

// insert puts a value behind those that it has to go behind.
func (q *PriorityQueue[T]) insert(t *engine.Tx, value T, behind func(T) bool) {
	q.size.add(t, 1)
	r := q.values.get(t, q.anchor)
	before, after := r.place(t, behind)
	n := &ranked[T]{value: value}
	n.next.init(q.links, 0, nil)
	n.next.set(t, after)
	before.next.set(t, n)
	if levels := height() - 1; levels > 0 {
		r.hint(t, n, levels, behind)
	}
}

// first returns the values, the one taken last, and the first that is there, nil if there is none.
func (q *PriorityQueue[T]) first(t *engine.Tx) (r *ranking[T], head, first *ranked[T]) {
	r = q.values.get(t, q.anchor)
	head = r.head.get(t, q.heads)
	if first = head.next.get(t, q.links); first == &r.end {
		first = nil
	}
	return r, head, first
}

// TryTake is Take without waiting: it reports false if the queue is empty.
func (q *PriorityQueue[T]) TryTake(tx *stm.Tx) (value T, ok bool) {
	t := q.inside(tx)
	r, head, first := q.first(t)
	if first == nil {
		return value, false
	}
	r.head.set(t, first)
	head.next.set(t, &r.gone)
	q.size.add(t, -1)
	if head.tower != nil {
		t.Hold(head.tower) // to take it down
	}
	return first.value, true
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
	if _, _, first := q.first(q.inside(tx)); first != nil {
		return first.value, nil
	}
	tx.Check(q.Closed(tx))
	return value, ErrClosed
}

// Close closes the queue: nothing more can be put, and who takes gets [ErrClosed] when nothing is left. Closing it again
// does nothing.
func (q *PriorityQueue[T]) Close(tx *stm.Tx) {
	q.use()
	if !q.closed.Get(tx) {
		q.closed.Set(tx, true)
	}
}

// Closed reports whether the queue has been closed. There may be values left.
func (q *PriorityQueue[T]) Closed(tx *stm.Tx) bool {
	q.use()
	return q.closed.Get(tx)
}

// Len returns how many values there are. It clashes with every put and take.
func (q *PriorityQueue[T]) Len(tx *stm.Tx) int {
	q.inside(tx)
	return int(q.size.sum(inside(tx)))
}

// Clear drops all values. Time is constant.
func (q *PriorityQueue[T]) Clear(tx *stm.Tx) {
	if q.Len(tx) == 0 {
		return
	}
	t := inside(tx)
	q.values.get(t, q.anchor)
	r, first := newRanking[T](q.heads, q.links), new(ranked[T])
	first.next.init(q.links, 0, nil)
	q.values.set(t, r)
	r.head.set(t, first)
	first.next.set(t, &r.end)
	q.size.set(t, 0) // not less by so many: a Rebase over a put, which is in the old list, is a clash
}

// All iterates over the values, least to greatest, as they are when the iteration begins: what the loop does to the queue
// does not change what it sees. It clashes with every put and take, and needs memory for all values.
func (q *PriorityQueue[T]) All(tx *stm.Tx) iter.Seq[T] {
	q.use()
	return func(yield func(T) bool) { slices.Values(q.list(tx))(yield) }
}

func (q *PriorityQueue[T]) list(tx *stm.Tx) []T {
	t, values := q.inside(tx), []T{}
	for r, _, n := q.first(t); n != nil && n != &r.end; n = n.next.get(t, q.links) {
		values = append(values, n.value)
	}
	return values
}

// Send is Put as a transaction of its own. It returns [ErrClosed] if the queue is closed, and ctx's error if ctx has ended;
// then the value was not put.
func (q *PriorityQueue[T]) Send(ctx context.Context, value T) error {
	return q.use().Atomically(ctx, func(tx *stm.Tx) error { return q.Put(tx, value) })
}

// Receive is Take as a transaction of its own. It waits until there is a value. It returns [ErrClosed] if the queue is closed
// and empty, and ctx's error if ctx ends first; then nothing was taken.
func (q *PriorityQueue[T]) Receive(ctx context.Context) (T, error) {
	return stm.DoIn(ctx, q.use(), q.Take)
}

// TryReceive is TryTake as a transaction of its own.
func (q *PriorityQueue[T]) TryReceive() (value T, ok bool) {
	runAlone(q.use(), func(tx *stm.Tx) { value, ok = q.TryTake(tx) })
	return value, ok
}

// Shut is Close as a transaction of its own.
func (q *PriorityQueue[T]) Shut() { runAlone(q.use(), q.Close) }

// Purge is Clear as a transaction of its own. A queue that is closed stays closed.
func (q *PriorityQueue[T]) Purge() { runAlone(q.use(), q.Clear) }

// Size is Len as a transaction of its own. It disturbs nobody.
func (q *PriorityQueue[T]) Size() (n int) {
	viewAlone(q.use(), func(tx *stm.Tx) { n = q.Len(tx) })
	return n
}

// Snapshot returns the values, least to greatest, as they are at one moment. It disturbs nobody.
func (q *PriorityQueue[T]) Snapshot() (values []T) {
	viewAlone(q.use(), func(tx *stm.Tx) { values = q.list(tx) })
	return values
}

// MarshalJSON returns the array of what [PriorityQueue.Snapshot] returns.
func (q *PriorityQueue[T]) MarshalJSON() ([]byte, error) {
	return marshalArray(slices.Values(q.Snapshot()))
}
