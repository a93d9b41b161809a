package tdata

import (
	"github.com/rinse-go/rinse/internal/engine"
)

// A chain is a linked list that grows at its end: what [Queue] and [Topic] are made of.
//
//	node ──next──▶ node ──next──▶ node ──next──▶ node, the end: no next
//	                               ▲ tail
//
// Who is at a node has had its value, and will have that of the next one.
//
//  1. To append is to give the end a next. That is a change of one variable, which is not used by anybody who is
//     at an earlier node.
//  2. A node whose next is itself is the end of a closed chain.
//  3. Otherwise a next is set once, and changes afterwards only when the chain is cut there, to gone.
//  4. A node that has no next is the end. (Else a value appended to it would be lost.)
//  5. The tail is a hint. It is at a node of the chain, at most a few before the end, and may be cut off.
//  6. Nothing leads backwards. So what everybody has passed is garbage.
//
// A snapshot has old values of variables, hence perhaps a node that was passed long ago, and by it all that came after.
// Therefore a queue cuts its chain at every stretch-th node when that is no longer its head.
//
// The idea is Michael and Scott's, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue
// Algorithms" (1996). Rejected: values apart from nodes, so that the value taken last is garbage at once (50 ns
// a value for the second allocation and its garbage); two lists, one of them reversed now and then, as in
// Haskell's TQueue (a take that reverses clashes with all puts).
type chain[T any] struct {
	origin
	tails, nexts *engine.Rare // immutable: the records of the tail, and of the nodes' variables
	tail         link[node[T]]
	gone         node[T] // its address marks a cut
}

const stretch = 32

type node[T any] struct {
	next   link[node[T]]
	number uint64 // immutable once it is in the chain: the difference of two is how many values are between
	value  T      // immutable
}

// init makes a chain ready, and returns its first node.
func (c *chain[T]) init(o origin) *node[T] {
	c.origin = o
	c.tails, c.nexts = c.record("tail"), c.record("next")
	var none T
	first := c.node(0, none)
	c.tail.init(c.tails, 0, first)
	return first
}

// node makes a node, which has no next yet.
func (c *chain[T]) node(number uint64, value T) *node[T] {
	n := &node[T]{number: number, value: value}
	n.next.init(c.nexts, 0, nil)
	return n
}

// begin makes the first node of a chain that was not used yet.
func (c *chain[T]) begin(t *engine.Tx) *node[T] {
	var none T
	n := c.node(0, none)
	c.tail.get(t, c.tails)
	c.tail.set(t, n)
	return n
}

// end goes from n to the end of the chain and reports whether it is closed. It returns nil if n is nil or cut off.
func (c *chain[T]) end(t *engine.Tx, n *node[T]) (end *node[T], closed bool) {
	for n != nil && n != &c.gone {
		next := n.next.get(t, c.nexts)
		if next == nil || next == n {
			return n, next == n
		}
		n = next
	}
	return nil, false
}

// add appends a value to the end. The caller has read the tail.
func (c *chain[T]) add(t *engine.Tx, end *node[T], value T) *node[T] {
	n := c.node(end.number+1, value)
	end.next.set(t, n)
	c.tail.set(t, n)
	return n
}

// append gives the chain a new end as a transaction of its own, looking for the present one from a node on. It reports
// false if from is nil or cut off, the gate is shut, or the chain is closed.
func (c *chain[T]) append(from, end *node[T]) (ok, closed bool) {
	for n := from; n != nil && n != &c.gone; {
		word, next := n.next.current()
		switch next {
		case n:
			return false, true
		case nil:
			end.number = n.number + 1
			if verdict := n.next.replace(word, end, nil); verdict != engine.Changed {
				return verdict == engine.Committed, false
			}
		default:
			n = next
		}
	}
	return false, false
}

// follow moves the tail to n, unless it is further already, or others move it right now: it is a hint.
func (c *chain[T]) follow(n *node[T]) {
	if word, tail := c.tail.current(); tail == nil || n.after(tail) {
		c.tail.replace(word, n, nil)
	}
}

// after reports whether n comes after another node. Numbers may have wrapped around.
func (n *node[T]) after(other *node[T]) bool { return int64(n.number-other.number) > 0 }
