//go:build !unix

package stm_test

import "time"

var began = time.Now()

// worked returns how long cores may have worked for this process.
func worked() time.Duration { return time.Since(began) }
