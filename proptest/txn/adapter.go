package txn

import "context"

// An Adapter lets the conformance suite run a transactional memory.
type Adapter struct {
	Name string
	// New makes a memory for one run. Runs do not overlap, so that adapters of memories that are global may give the
	// same one again.
	New func() STM
}

// STM is a transactional memory.
type STM interface {
	// NewInt and NewList make variables, outside any transaction. Names are for messages.
	NewInt(name string, initial int) Cell[int]
	NewList(name string) Cell[[]int] // empty at first

	// Atomically runs the body as one transaction on the caller's goroutine, as often as it takes, and returns nil
	// once it has committed. An error that the body returns aborts the transaction and is returned; a panic aborts it
	// and reaches the caller. If the context ends, a memory that can should give up; one that cannot may ignore it.
	Atomically(ctx context.Context, body func(Tx) error) error
}

// Cell is a variable of an STM. The Tx is the one that the STM gave to the body.
type Cell[T any] interface {
	Get(Tx) T
	Set(Tx, T) // the suite does not change a list after it was set
}

// Tx is a running attempt. It may implement OrElser and Versioned as well.
type Tx interface {
	// Retry gives up the attempt until something it read has changed. It does not return.
	Retry()
}

// OrElser is a Tx that has alternatives: if left retries, right runs in its place as if left never had.
type OrElser interface {
	OrElse(left, right func(Tx) error) error
}

// Versioned is a Tx that knows which version of the memory it sees.
type Versioned interface {
	// Snapshot is the version that all reads so far are consistent with. Versions begin above 0.
	Snapshot() uint64
	// OnCommit calls the function once the attempt has committed, before Atomically returns, with its version, if it
	// wrote anything.
	OnCommit(func(version uint64))
}
