package tdata

import (
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
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
// Therefore a queue cuts its chain at every stretch-th node when it has passed it.
//
// The idea is Michael and Scott's, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue
// Algorithms" (1996). Rejected: values apart from nodes, so that the value taken last is garbage at once (50 ns
// a value for the second allocation and its garbage); two lists, one of them reversed now and then, as in
// Haskell's TQueue (a take that reverses clashes with all puts).
type chain[T any] struct {
	origin
	list []tvar.Option // immutable: of the nodes' variables
	tail tvar.TVar[*node[T]]
	gone node[T] // its address marks a cut
}

const stretch = 32

type node[T any] struct {
	next   tvar.TVar[*node[T]]
	number uint64 // immutable once it is in the chain: the difference of two is how many values are between
	value  T      // immutable
}

// init makes a chain ready, and returns its first node.
func (c *chain[T]) init(options []Option) *node[T] {
	c.origin = originOf(options)
	c.list = c.part("next")
	first := new(node[T])
	c.ready(first)
	c.tail.Init(first, c.part("tail")...)
	return first
}

// ready makes the variable of a new node one of this chain.
func (c *chain[T]) ready(n *node[T]) *node[T] {
	if c.list != nil {
		n.next.Init(nil, c.list...)
	}
	return n
}

// end goes from n to the end of the chain and reports whether it is closed. It returns nil if n is nil or cut off.
func (c *chain[T]) end(tx *stm.Tx, n *node[T]) (end *node[T], closed bool) {
	for n != nil && n != &c.gone {
		next := n.next.Get(tx)
		if next == nil || next == n {
			return n, next == n
		}
		n = next
	}
	return nil, false
}

// add appends a value to the end.
func (c *chain[T]) add(tx *stm.Tx, end *node[T], value T) {
	n := c.ready(&node[T]{number: end.number + 1, value: value})
	end.next.Set(tx, n)
	c.tail.Set(tx, n)
}

// append gives the chain a new end as a transaction of its own, looking for the present one from a node on. It
// reports false if from is nil or cut off, or the chain is closed.
func (c *chain[T]) append(from, end *node[T]) (ok, closed bool) {
	link := func(next *node[T]) (*node[T], bool) { return end, next == nil }
	for n := from; n != nil && n != &c.gone; {
		next := n.next.Load()
		if next == nil {
			end.number = n.number + 1
			if next, ok = n.next.TryUpdate(link); ok {
				return true, false
			}
		}
		if next == n {
			return false, true
		}
		n = next
	}
	return false, false
}

// follow moves the tail to n, unless it is further already.
func (c *chain[T]) follow(n *node[T]) {
	c.tail.TryUpdate(func(tail *node[T]) (*node[T], bool) { return n, tail == nil || n.after(tail) })
}

// after reports whether n comes after another node. Numbers may have wrapped around.
func (n *node[T]) after(other *node[T]) bool { return int64(n.number-other.number) > 0 }
