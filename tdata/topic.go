package tdata

import (
	"context"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// A Topic gives every value to every subscriber: each [Subscription] has all that is published from its beginning on, once,
// in order. The zero Topic is ready and belongs to the default owner. A Topic must not be copied.
//
// In a transaction use Publish, Subscribe, Close and Closed; as transactions of their own Send, Follow and Shut.
//
// Nobody waits for a subscriber. What a subscription has not taken yet is kept alive by it, and what all have taken, but for
// the value published last, is garbage; so is a subscription that was let go. One that is kept and does not take keeps
// everything. While a checkout of the same owner is held, what was there at its time is kept, and of what came next up to some
// 64 values; what all have taken later is not.
//
// Publishing to any number of subscribers costs the same. It does not clash with those who have something to take, and they
// do not clash with each other. The idea is that of Haskell's broadcast TChan.
type Topic[T any] struct {
	chain[T]
	cursors     *engine.Rare // immutable: the record of subscriptions' variables
	subscribers subscribers[T]
}

// NewTopic returns a topic without subscribers. In clash reports its variables are name.tail and name.next, and those of
// subscriptions name.cursor.
func NewTopic[T any](options ...Option) *Topic[T] {
	t := new(Topic[T])
	t.init(originFor[Topic[T]](options))
	t.cursors = t.record("cursor")
	return t
}

func (t *Topic[T]) use() *Topic[T] {
	mustHave(t != nil, "Topic; make it with tdata.NewTopic or take the address of one")
	return t
}

// end returns the end of the chain and whether that is closed, and makes a first node if there is none.
func (t *Topic[T]) end(tx *stm.Tx) (*node[T], bool) {
	tail := t.use().tail.get(inside(tx), t.tails)
	if tail == nil {
		tail = t.begin(inside(tx))
	}
	return t.chain.end(inside(tx), tail)
}

// Publish adds a value for all who are subscribed. It does not wait. It returns [ErrClosed] if the topic is closed.
func (t *Topic[T]) Publish(tx *stm.Tx, value T) error {
	end, closed := t.end(tx)
	if closed {
		return ErrClosed
	}
	if n := t.add(inside(tx), end, value); n.number%stretch == 0 {
		tx.OnCommit(func() { t.subscribers.trim(&t.chain) })
	}
	return nil
}

// Subscribe returns a subscription to what is published from now on. It clashes with a Publish. For others the subscription
// is closed until the transaction has committed, and remains so if it does not.
func (t *Topic[T]) Subscribe(tx *stm.Tx) *Subscription[T] {
	end, _ := t.end(tx)
	s := &Subscription[T]{topic: t}
	s.cursor.init(t.cursors, 0, nil)
	s.cursor.overwrite(tx, end) // by the commit: without one, nobody comes by the end that this transaction sees
	s.back.init(t.cursors, 0, nil)
	s.start.Store(end)
	over := func() { s.start.Store(nil) }
	tx.OnCommit(over)
	tx.OnAbort(over)
	t.subscribers.add(s)
	return s
}

// Close closes the topic: nothing more can be published, and subscribers get [ErrClosed] when they have taken the rest.
// Closing it again does nothing.
func (t *Topic[T]) Close(tx *stm.Tx) {
	if end, closed := t.end(tx); !closed {
		end.next.set(inside(tx), end)
	}
}

// Closed reports whether the topic has been closed.
func (t *Topic[T]) Closed(tx *stm.Tx) bool {
	_, closed := t.use().chain.end(inside(tx), t.tail.get(inside(tx), t.tails))
	return closed
}

// Send is Publish as a transaction of its own. It returns [ErrClosed] if the topic is closed, and ctx's error if ctx has
// ended; then nothing was published.
func (t *Topic[T]) Send(ctx context.Context, value T) error {
	t.use()
	mustHave(ctx != nil, "context")
	if err := ctx.Err(); err != nil {
		return err
	}
	end := t.node(0, value)
	switch ok, closed := t.append(t.tail.load(), end); {
	case closed:
		return ErrClosed
	case ok:
		t.follow(end)
		if end.number%stretch == 0 {
			t.subscribers.trim(&t.chain)
		}
		return nil
	}
	return t.in().Atomically(ctx, func(tx *stm.Tx) error { return t.Publish(tx, value) })
}

// Follow is Subscribe as a transaction of its own.
func (t *Topic[T]) Follow() (s *Subscription[T]) {
	alone(&t.use().origin, func(tx *stm.Tx) { s = t.Subscribe(tx) })
	return s
}

// Shut is Close as a transaction of its own.
func (t *Topic[T]) Shut() { alone(&t.use().origin, t.Close) }

// A Subscription is where one subscriber of a [Topic] is. Several goroutines can take from one; then each value goes to one
// of them. It must not be copied.
//
// In a transaction use Take, TryTake, Untake, Len, Skip and Close; as transactions of their own Receive, TryReceive and
// Stop. A subscription that is no longer used need not be closed.
type Subscription[T any] struct {
	topic  *Topic[T]     // immutable
	cursor link[node[T]] // the node whose value was taken last; nil once the subscription is closed
	back   link[held[T]] // what was put back, the last on top

	start atomic.Pointer[node[T]] // where it is to begin; nil once it has begun, or never will
}

func (s *Subscription[T]) use() *Subscription[T] {
	mustBeMade(s != nil && s.topic != nil, "a Subscription", "Topic.Subscribe or Follow")
	return s
}

// at returns the node whose value was taken last, and top what was put back last.
func (s *Subscription[T]) at(tx *stm.Tx) *node[T] {
	return s.use().cursor.get(inside(tx), s.topic.cursors)
}

func (s *Subscription[T]) top(tx *stm.Tx) *held[T] {
	return s.use().back.get(inside(tx), s.topic.cursors)
}

// next returns the node after the cursor, nil if there is none, and then, if none will come, the error says so.
func (s *Subscription[T]) next(tx *stm.Tx) (*node[T], error) {
	at := s.at(tx)
	if at == nil {
		return nil, ErrClosed
	}
	next := at.next.get(inside(tx), s.topic.nexts)
	if next == at {
		return nil, ErrClosed
	}
	return next, nil
}

// take returns the next value, or reports that there is none, and then, if none will come, the error says so.
func (s *Subscription[T]) take(tx *stm.Tx) (value T, ok bool, err error) {
	if top := s.top(tx); top != nil {
		s.back.overwrite(tx, top.under)
		return top.value, true, nil
	}
	next, err := s.next(tx)
	if next == nil {
		return value, false, err
	}
	s.cursor.overwrite(tx, next)
	return next.value, true, nil
}

// Take returns the next value. If there is none yet it waits, by Retry. It returns [ErrClosed] if the topic is closed and all
// has been taken, or the subscription is closed.
func (s *Subscription[T]) Take(tx *stm.Tx) (T, error) {
	value, ok, err := s.take(tx)
	tx.Check(ok || err != nil)
	return value, err
}

// TryTake is Take without waiting: it reports false if there is nothing to take.
func (s *Subscription[T]) TryTake(tx *stm.Tx) (T, bool) {
	value, ok, _ := s.take(tx)
	return value, ok
}

// Untake puts a value back: the next Take of this subscription returns it. It does not wait. After Close it does nothing.
func (s *Subscription[T]) Untake(tx *stm.Tx, value T) {
	if s.at(tx) != nil {
		s.back.overwrite(tx, &held[T]{value, s.top(tx)})
	}
}

// Len returns how many values there are to take. It clashes with every Publish.
func (s *Subscription[T]) Len(tx *stm.Tx) (n int) {
	for top := s.top(tx); top != nil; top = top.under {
		n++
	}
	if at := s.at(tx); at != nil {
		end, _ := s.topic.end(tx)
		n += int(end.number - at.number)
	}
	return n
}

// Skip drops what there is to take: the next Take returns what is published from now on. It clashes with a Publish.
func (s *Subscription[T]) Skip(tx *stm.Tx) {
	if s.at(tx) != nil {
		end, _ := s.topic.end(tx)
		s.cursor.overwrite(tx, end)
		s.back.overwrite(tx, nil)
	}
}

// Close ends the subscription: there is nothing more to take, and who waits in Take gets [ErrClosed].
func (s *Subscription[T]) Close(tx *stm.Tx) {
	s.use().cursor.overwrite(tx, nil)
	s.back.overwrite(tx, nil)
}

// Receive is Take as a transaction of its own. It waits until there is a value. It returns [ErrClosed] as Take does, and
// ctx's error if ctx ends first; then nothing was taken.
func (s *Subscription[T]) Receive(ctx context.Context) (T, error) {
	return stm.DoIn(ctx, s.use().topic.in(), s.Take)
}

// TryReceive is TryTake as a transaction of its own.
func (s *Subscription[T]) TryReceive() (value T, ok bool) {
	alone(&s.use().topic.origin, func(tx *stm.Tx) { value, ok = s.TryTake(tx) })
	return value, ok
}

// Stop is Close as a transaction of its own.
func (s *Subscription[T]) Stop() { alone(&s.use().topic.origin, s.Close) }
