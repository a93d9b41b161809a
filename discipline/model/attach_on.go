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

func init() { shared.Hook = bridge{} }

// attach has the scheduler of the environment decide about accesses to shared memory from now on.
func attach(env *proptest.Env) {
	if env.Controlled() {
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
