//go:build rinsesched

package shared

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A Scheduler decides who goes on. Its methods return when the caller may, and return at once to
// callers that it is not in charge of.
type Scheduler interface {
	// Access comes before an access to what is at an address.
	Access(at unsafe.Pointer, change bool)
	// Until comes before an access that is not possible before a condition holds. It may hold
	// because of what happens at the address, or at a second one if that is not nil.
	Until(what string, at, done unsafe.Pointer, change bool, holds func() bool)
}

// Hook is the scheduler, if any. It may be set while nobody uses this package.
var Hook Scheduler

// Place is the address that a hash may be made of. A scheduler may set it to one that gives the same
// answers in every run, while nobody uses this package.
var Place = func(p unsafe.Pointer) uintptr { return uintptr(p) }

func access(at unsafe.Pointer, change bool) {
	if Hook != nil {
		Hook.Access(at, change)
	}
}

type Bool struct{ v atomic.Bool }

func (b *Bool) Load() bool       { access(unsafe.Pointer(b), false); return b.v.Load() }
func (b *Bool) Store(value bool) { access(unsafe.Pointer(b), true); b.v.Store(value) }
func (b *Bool) CompareAndSwap(old, value bool) bool {
	access(unsafe.Pointer(b), true)
	return b.v.CompareAndSwap(old, value)
}

type Int32 struct{ v atomic.Int32 }

func (i *Int32) Load() int32           { access(unsafe.Pointer(i), false); return i.v.Load() }
func (i *Int32) Store(value int32)     { access(unsafe.Pointer(i), true); i.v.Store(value) }
func (i *Int32) Add(delta int32) int32 { access(unsafe.Pointer(i), true); return i.v.Add(delta) }
func (i *Int32) CompareAndSwap(old, value int32) bool {
	access(unsafe.Pointer(i), true)
	return i.v.CompareAndSwap(old, value)
}

type Uint64 struct{ v atomic.Uint64 }

func (u *Uint64) Load() uint64            { access(unsafe.Pointer(u), false); return u.v.Load() }
func (u *Uint64) Store(value uint64)      { access(unsafe.Pointer(u), true); u.v.Store(value) }
func (u *Uint64) Add(delta uint64) uint64 { access(unsafe.Pointer(u), true); return u.v.Add(delta) }
func (u *Uint64) CompareAndSwap(old, value uint64) bool {
	access(unsafe.Pointer(u), true)
	return u.v.CompareAndSwap(old, value)
}

type Pointer[T any] struct{ v atomic.Pointer[T] }

func (p *Pointer[T]) Load() *T       { access(unsafe.Pointer(p), false); return p.v.Load() }
func (p *Pointer[T]) Store(value *T) { access(unsafe.Pointer(p), true); p.v.Store(value) }
func (p *Pointer[T]) CompareAndSwap(old, value *T) bool {
	access(unsafe.Pointer(p), true)
	return p.v.CompareAndSwap(old, value)
}

// Set stores to a word that nobody else can see yet.
func Set(u *Uint64, value uint64) { u.v.Store(value) }

// SetPointer is Set for a pointer.
func SetPointer[T any](p *Pointer[T], value *T) { p.v.Store(value) }

// LoadPointer is atomic.LoadPointer.
func LoadPointer(p *unsafe.Pointer) unsafe.Pointer {
	access(unsafe.Pointer(p), false)
	return atomic.LoadPointer(p)
}

// StorePointer is atomic.StorePointer.
func StorePointer(p *unsafe.Pointer, value unsafe.Pointer) {
	access(unsafe.Pointer(p), true)
	atomic.StorePointer(p, value)
}

// A Mutex is a sync.Mutex that the scheduler sees.
type Mutex struct {
	mu   sync.Mutex
	held bool // read by the scheduler, between steps
}

func (m *Mutex) Lock() {
	if Hook != nil {
		Hook.Until("a mutex", unsafe.Pointer(m), nil, true, func() bool { return !m.held })
	}
	m.mu.Lock()
	m.held = true
}

func (m *Mutex) Unlock() {
	access(unsafe.Pointer(m), true)
	m.held = false
	m.mu.Unlock()
}

// An RWMutex is a sync.RWMutex that the scheduler sees.
type RWMutex struct {
	mu      sync.RWMutex
	held    bool         // read by the scheduler, between steps
	readers atomic.Int32 // so is this
}

func (m *RWMutex) Lock() {
	if Hook != nil {
		Hook.Until("a lock", unsafe.Pointer(m), nil, true, func() bool { return !m.held && m.readers.Load() == 0 })
	}
	m.mu.Lock()
	m.held = true
}

func (m *RWMutex) Unlock() {
	access(unsafe.Pointer(m), true)
	m.held = false
	m.mu.Unlock()
}

func (m *RWMutex) RLock() {
	if Hook != nil {
		Hook.Until("a lock for reading", unsafe.Pointer(m), nil, true, func() bool { return !m.held })
	}
	m.mu.RLock()
	m.readers.Add(1)
}

func (m *RWMutex) RUnlock() {
	access(unsafe.Pointer(m), true)
	m.readers.Add(-1)
	m.mu.RUnlock()
}

// Receive receives from a channel. It reports false if done ended the wait; nil never does.
func Receive(from, done <-chan struct{}) bool {
	if Hook != nil {
		Hook.Until("a channel", addressOf(from), addressOf(done), true, func() bool { return ready(from) || ready(done) })
	}
	select {
	case <-from:
		return true
	default:
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
	if Hook != nil {
		Hook.Until("room in a channel", *(*unsafe.Pointer)(unsafe.Pointer(&to)), addressOf(done), true,
			func() bool { return len(to) < cap(to) || ready(done) })
	}
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
	access(*(*unsafe.Pointer)(unsafe.Pointer(&to)), true)
	select {
	case to <- struct{}{}:
	default:
	}
}

// Close closes a channel.
func Close(c chan struct{}) {
	access(addressOf(c), true)
	close(c)
}

// addressOf returns what makes a channel the same as another.
func addressOf(c <-chan struct{}) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&c)) }

// ready reports whether a receive would not block; nothing is lost, since an empty channel can only
// be received from if it is closed.
func ready(c <-chan struct{}) bool {
	if len(c) > 0 {
		return true
	}
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Pause does nothing: whoever calls it gives up in the end, with or without the others' progress.
func Pause(int) {}

// AwaitClear waits until some bits of a word are clear.
func AwaitClear(word *Uint64, bits uint64, _ int) {
	if Hook != nil {
		Hook.Until("a lock", unsafe.Pointer(word), nil, false, func() bool { return word.v.Load()&bits == 0 })
	} else {
		runtime.Gosched()
	}
}

// Idle does nothing.
func Idle(int) {}
