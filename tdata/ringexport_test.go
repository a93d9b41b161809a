package tdata

// Mislead has the queue begin to look at these places.
func (q *BoundedQueue[T]) Mislead(head, tail int) {
	q.head.Store(uint64(head))
	q.tail.Store(uint64(tail))
}
