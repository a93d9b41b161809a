//go:build rinsesched

package waiting

import "time"

// Where all orders are explored nothing depends on real time.
func tired(time.Time) bool { return true }
