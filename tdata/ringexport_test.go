package tdata

// Mislead has a queue begin to look at these places.
func Mislead[T any](q *BoundedQueue[T], head, tail int) {
	q.head.Store(uint64(head))
	q.tail.Store(uint64(tail))
}
