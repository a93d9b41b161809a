//go:build !rinsedebug

package engine

// Debug tells whether misuse that costs too much to detect is detected: with the build tag
// rinsedebug descriptors are not pooled and goroutines are checked.
const Debug = false

func (t *Tx) enterGoroutine() {}
func (t *Tx) leaveGoroutine() {}
func (o *Owner) checkGate()   {}

// CheckGoroutine panics if t is used by another goroutine than the one that runs it.
func (t *Tx) CheckGoroutine() {}
