//go:build rinsesched

package engine

import "time"

// The limits are small where all orders are explored: what happens at a limit happens soon, and
// nothing depends on real time. See limits_off.go for what they are.

var Stride uint64 = 2

const (
	MaxClashes = 2
	maxSpin    = 1
	maxTries   = 2
)

func tired(time.Time) bool { return true }
