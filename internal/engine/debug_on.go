//go:build rinsedebug

package engine

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
)

// Debug tells whether misuse that costs too much to detect is detected.
const Debug = true

// running has the goroutines that run a managed transaction.
var running sync.Map

func goroutine() int {
	buf := make([]byte, 64)
	fields := bytes.Fields(buf[:runtime.Stack(buf, false)])
	id, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		panic(err)
	}
	return id
}

func (t *Tx) enterGoroutine() {
	if t.start&Held != 0 || t.onStack != 0 {
		return
	}
	t.onStack = goroutine()
	if _, nested := running.LoadOrStore(t.onStack, t); nested {
		t.onStack = 0
		panic(errors.New("stm: a transaction was started inside a transaction function; pass its *Tx on, or use Nested"))
	}
}

func (t *Tx) leaveGoroutine() {
	if t.onStack != 0 {
		running.Delete(t.onStack)
		t.onStack = 0
	}
}

// CheckGoroutine panics if t is used by another goroutine than the one that runs it.
func (t *Tx) CheckGoroutine() {
	if t.onStack != 0 && t.onStack != goroutine() {
		panic(fmt.Errorf("stm: a transaction of goroutine %d is used by goroutine %d; a *Tx belongs to the goroutine that runs it", t.onStack, goroutine()))
	}
}

// checkGate panics if this goroutine is about to wait for a gate that it has shut itself.
func (o *Owner) checkGate() {
	t, ok := running.Load(goroutine())
	if ok && t.(*Tx).owner == o && t.(*Tx).gate != nil {
		panic(errors.New("stm: a Store, an Update or the Commit of a checkout inside Irrevocably would wait for itself; use its *Tx"))
	}
}
