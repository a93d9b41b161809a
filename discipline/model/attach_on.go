//go:build rinsesched

package model

import (
	"sync/atomic"
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/proptest"
)

// asking is the environment whose scheduler decides about accesses to shared memory, nil if none does.
var asking atomic.Pointer[proptest.Env]

// places numbers what was asked for the place of, in one run. Only a client that has the turn uses it.
var places map[unsafe.Pointer]uintptr

func init() {
	shared.Hook = bridge{}
	shared.Place = place
}

// place is not the address where a scheduler is in charge, so that a run can be repeated.
func place(p unsafe.Pointer) uintptr {
	if env := asking.Load(); env == nil || !env.Scheduled() {
		return uintptr(p)
	}
	at, known := places[p]
	if !known {
		at = uintptr(len(places)) << 5
		places[p] = at
	}
	return at
}

// attach has the scheduler of the environment decide about accesses to shared memory from now on.
func attach(env *proptest.Env) {
	if env.Controlled() {
		places = map[unsafe.Pointer]uintptr{}
		asking.Store(env)
	} else {
		asking.Store(nil)
	}
}

// A bridge passes what the engine asks on to the scheduler of the present environment.
type bridge struct{}

func (bridge) Access(_ unsafe.Pointer, change bool) {
	env := asking.Load()
	if env == nil {
		return
	}
	if change {
		env.Yield("write")
	} else {
		env.Yield("read")
	}
}

func (bridge) Until(what string, _, _ unsafe.Pointer, _ bool, holds func() bool) {
	if env := asking.Load(); env != nil && env.Scheduled() {
		env.Until(holds, what)
	}
}
