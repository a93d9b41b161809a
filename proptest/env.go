package proptest

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing/synctest"

	"github.com/rinse-go/rinse/proptest/sched"
)

// An Env is what an implementation can know of the run that it is made for. Under a controlled scheduler
// an implementation is interrupted exactly where it calls Yield, Pause, Until, or locks a Mutex; under
// [Stress] these do what their names say on real threads.
type Env struct {
	run      *sched.Run // nil under Stress
	bubble   bool       // everything happens in a synctest bubble
	ctx      context.Context
	cancel   context.CancelFunc
	mu       sync.Mutex
	cleanups []func() // guarded by mu
}

func newEnv(run *sched.Run, bubble bool) *Env {
	e := &Env{run: run, bubble: bubble}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e
}

// Controlled reports whether a scheduler decides who goes next.
func (e *Env) Controlled() bool { return e.run != nil }

// Scheduled reports whether the caller is a client of whom a scheduler decides when it goes on. Clients on
// real threads are not, nor are goroutines that the implementation has started.
func (e *Env) Scheduled() bool { return e.run != nil && e.run.Self() >= 0 }

// Context ends when the program is over. An operation that blocks, and a goroutine that serves the
// object, should end with it.
func (e *Env) Context() context.Context { return e.ctx }

// Cleanup has the function called when the program is over, last registered first; operations may then
// still be blocked, so closing the object and thereby waking them is what belongs here.
func (e *Env) Cleanup(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cleanups = append(e.cleanups, f)
}

// close ends the run for the implementation. Calling it again does nothing. In a bubble it does not wait
// for a cleanup that blocks, because a client that hangs may hold what the cleanup wants.
func (e *Env) close() (err error) {
	e.cancel()
	if !e.bubble {
		return e.cleanup()
	}
	e.mu.Lock()
	n := len(e.cleanups)
	e.mu.Unlock()
	if n == 0 {
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- e.cleanup() }()
	synctest.Wait()
	select {
	case err = <-done:
	default:
	}
	return err
}

func (e *Env) cleanup() (err error) {
	defer catchPanic("Cleanup", &err)
	for {
		e.mu.Lock()
		n := len(e.cleanups)
		if n == 0 {
			e.mu.Unlock()
			return nil
		}
		f := e.cleanups[n-1]
		e.cleanups = e.cleanups[:n-1]
		e.mu.Unlock()
		f()
	}
}

// Yield is a point at which other clients may go first. Call it before each access to something shared,
// with a word on what the access is; without one the ladder shows file and line.
func (e *Env) Yield(at ...string) {
	if e.run != nil {
		e.run.Yield(at...)
	} else if rand.Uint32()&7 == 0 {
		runtime.Gosched()
	}
}

// Pause is Yield for a client that spins until another one has done something.
func (e *Env) Pause(at ...string) {
	if e.run != nil {
		e.run.Pause(at...)
	} else {
		runtime.Gosched()
	}
}

// Until waits for a condition that other clients make true. It is a yield point as well. Under Stress the
// condition is asked again and again, from the calling goroutine, so it must synchronise what it reads.
func (e *Env) Until(holds func() bool, what ...string) {
	if e.run != nil {
		e.run.Until(holds, what...)
		return
	}
	for !holds() && e.ctx.Err() == nil {
		runtime.Gosched()
	}
}

// A Mutex is a sync.Locker with TryLock.
type Mutex interface {
	sync.Locker
	TryLock() bool
}

// Mutex returns a lock that controlled schedulers see. A sync.Mutex they do not: if a client is interrupted
// while it holds one and another client wants it, the program hangs, and is reported as hanging.
func (e *Env) Mutex(name string) Mutex {
	switch {
	case e.run != nil:
		return e.run.Mutex("lock " + name)
	case e.bubble:
		return make(channelMutex, 1)
	default:
		return new(sync.Mutex)
	}
}

// A Cond is what sync.Cond offers.
type Cond interface {
	Wait()
	Signal()
	Broadcast()
}

// Cond returns a condition variable that controlled schedulers see.
func (e *Env) Cond(name string, l sync.Locker) Cond {
	if e.run != nil {
		return e.run.Cond("signal "+name, l)
	}
	return sync.NewCond(l)
}

// channelMutex is a lock on which goroutines of a bubble are durably blocked.
type channelMutex chan struct{}

func (m channelMutex) Lock() { m <- struct{}{} }

func (m channelMutex) TryLock() bool {
	select {
	case m <- struct{}{}:
		return true
	default:
		return false
	}
}

func (m channelMutex) Unlock() {
	select {
	case <-m:
	default:
		panic("proptest: unlock of unlocked mutex")
	}
}
