//go:build rinsesched

package engine

// Where all orders are explored the limits are small, so that what happens at a limit happens soon.
// See limits_off.go for what they are.

const MaxClashes = 32

// GateAfter, Stride and the others may be changed while no transaction runs.
var (
	Stride    uint64 = 2
	GateAfter        = 1
	maxSpin          = 1
	maxTries         = 1
)

// plenty is such that a third read makes the log tidy.
const plenty = 2

// Sweeps is not set, because a schedule that is given up drops its checkouts, and its owner serves the next.
const Sweeps = false
