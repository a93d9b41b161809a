//go:build !rinsesched

package engine

import "runtime"

// yield marks an access to shared memory. With the build tag rinsesched a scheduler decides there
// who goes on; without it there is nothing here.
func yield() {}

// pause waits a moment for somebody else to make progress; spin counts the calls in a row.
func pause(spin int) {
	if spin < 32 {
		idle(spin)
		return
	}
	runtime.Gosched()
}

// idle does nothing for about a nanosecond times n.
func idle(n int) {
	for range n {
		nothing()
	}
}

//go:noinline
func nothing() {}
