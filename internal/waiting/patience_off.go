//go:build !rinsesched

package waiting

import "time"

// patience is how long one waits for a queue before one goes on without.
const patience = 50 * time.Microsecond

func tired(start time.Time) bool { return time.Since(start) > patience }
