//go:build !rinsesched

package shared

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

type (
	Bool           = atomic.Bool
	Int32          = atomic.Int32
	Uint64         = atomic.Uint64
	Pointer[T any] = atomic.Pointer[T]
	Mutex          = sync.Mutex
	RWMutex        = sync.RWMutex
)

// Set stores to a word that nobody else can see yet. A sync/atomic store would be an exchange, several
// times as slow.
func Set(u *Uint64, value uint64) { *(*uint64)(unsafe.Pointer(u)) = value }

// SetPointer is Set for a pointer.
func SetPointer[T any](p *Pointer[T], value *T) { *(**T)(unsafe.Pointer(p)) = value }

// LoadPointer is atomic.LoadPointer.
func LoadPointer(p *unsafe.Pointer) unsafe.Pointer { return atomic.LoadPointer(p) }

// StorePointer is atomic.StorePointer.
func StorePointer(p *unsafe.Pointer, value unsafe.Pointer) { atomic.StorePointer(p, value) }

// Place is the address that a hash may be made of.
func Place(p unsafe.Pointer) uintptr { return uintptr(p) }

// Receive receives from a channel. It reports false if done ended the wait; nil never does.
func Receive(from, done <-chan struct{}) bool {
	if done == nil {
		<-from
		return true
	}
	select {
	case <-from:
		return true
	case <-done:
		return false
	}
}

// Send sends to a channel, at once if there is room. It reports false if done ended the wait.
func Send(to chan<- struct{}, done <-chan struct{}) bool {
	select {
	case to <- struct{}{}:
		return true
	default:
	}
	select {
	case to <- struct{}{}:
		return true
	case <-done:
		return false
	}
}

// Signal sends to a channel if there is room.
func Signal(to chan<- struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

// Close closes a channel.
func Close(c chan struct{}) { close(c) }

// Spins is how often Pause keeps the processor: for 8 µs together, in which a commit of a hundred cells
// is over. Who leaves the processor does not have it again before all others have had theirs.
const Spins = 128

// Pause waits a moment for somebody else to make progress; spin counts the calls in a row. The caller
// does not come again for ever.
func Pause(spin int) {
	if spin < Spins {
		Idle(spin)
		return
	}
	runtime.Gosched()
}

// AwaitClear is Pause for somebody who comes again until some bits of a word are clear.
func AwaitClear(word *Uint64, bits uint64, spin int) { Pause(spin) }

// Idle does nothing for about a nanosecond times n.
func Idle(n int) {
	for range n {
		nothing()
	}
}

//go:noinline
func nothing() {}
