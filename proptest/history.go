package proptest

// An Op is one operation of a history: which client gave which command, what came back, and when. Times
// are any numbers that grow; an operation that returned before another was called happened before it,
// others are concurrent.
type Op[C, R any] struct {
	Client  int // from 0; -1 for the sequential parts of a program
	Command C
	Result  R // meaningless unless Returned
	Call    int64
	Return  int64 // meaningless unless Returned
	Outcome Outcome
}

// An Outcome says how an operation ended.
type Outcome uint8

const (
	// Returned: the operation returned its result.
	Returned Outcome = iota
	// Pending: the operation did not return, and may or may not have taken effect.
	Pending
	// Waiting: the operation still waits now that everything has come to rest. That is right only where the
	// model says that it blocks.
	Waiting
)
