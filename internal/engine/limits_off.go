//go:build !rinsesched

package engine

import "github.com/rinse-go/rinse/internal/shared"

// Stride is how far the clock goes in one step. The versions in between are room for commits that
// write the same cell again and again: they count on without touching the clock. With a stride of
// one, every second commit to a cell would have to advance the clock, a line all threads share.
const Stride = 256

// MaxClashes is how often a transaction can clash before it shuts the gate.
const MaxClashes = 32

// GateAfter is MaxClashes, except where all orders are explored.
const GateAfter = MaxClashes

// maxSpin is how often one looks at a lock that is held for a commit before it does something else. Who
// holds locks leaves them by then, rather than to leave the processor with them.
const maxSpin = shared.Spins

// maxTries is how often a commit starts over before the attempt counts as a clash.
const maxTries = 16

// plenty is how much is read before it is looked for what was read twice.
const plenty = many

// Sweeps tells whether the pins of dropped checkouts are let go of.
const Sweeps = true
