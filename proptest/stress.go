package proptest

import (
	"sync/atomic"
	"testing/synctest"
	"time"
)

// uncontrolled performs a program on real threads. In a bubble it knows for certain when everything has
// come to rest; outside one it gives operations so much time to return.
func uncontrolled[C, R any](impl Impl[C, R], p program[C], print func(C) string, bubble bool, patience time.Duration) *execution[C, R] {
	x := &performer[C, R]{print: print}
	e := &execution[C, R]{}
	rest := restInBubble
	if !bubble {
		rest = func(done <-chan struct{}) bool {
			select {
			case <-done:
				return true
			case <-time.After(patience):
				e.timedOut = true
				return false
			}
		}
	}
	if e.err = x.start(impl, newEnv(nil, bubble), len(p.clients)); e.err == nil {
		x.threads(e, p, rest)
	}
	if err := x.stop(); e.err == nil {
		e.err = err
	}
	if bubble {
		synctest.Wait()
	}
	return e
}

// threads runs the phases of the program and fills in the execution.
func (x *performer[C, R]) threads(e *execution[C, R], p program[C], rest func(done <-chan struct{}) bool) {
	var seats []*seat[C, R]
	for i := range x.seats {
		seats = append(seats, &x.seats[i])
	}
	alone := []*seat[C, R]{&x.main}
	_ = x.phase(e, rest, "the first part", alone, p.prefix) &&
		x.phase(e, rest, "", seats, p.clients...) &&
		x.phase(e, rest, "the last part", alone, p.suffix)
	if !e.timedOut { // else clients are still writing
		e.history = x.history()
	}
}

// phase runs clients at the same time and reports whether all have returned.
func (x *performer[C, R]) phase(e *execution[C, R], rest func(done <-chan struct{}) bool, where string,
	seats []*seat[C, R], commands ...[]command[C]) bool {
	start, done := make(chan struct{}), make(chan struct{})
	errs := make([]error, len(seats))
	var left atomic.Int64
	left.Store(int64(len(seats)))
	for i, s := range seats {
		name := where
		if name == "" {
			name = "client " + clientName(i)
		}
		go func() {
			returned := false
			defer func() {
				if !returned && errs[i] == nil {
					errs[i] = &panicError{where: name, value: "it called runtime.Goexit"}
				}
				if left.Add(-1) == 0 {
					close(done)
				}
			}()
			defer catchPanic(name, &errs[i])
			<-start
			x.perform(s, commands[i])
			returned = true
		}()
	}
	close(start)
	rested := rest(done)
	if e.timedOut { // clients are still running
		return false
	}
	for _, err := range errs {
		if err != nil {
			e.err = err
			return false
		}
	}
	return rested
}

// restInBubble waits until all have returned or everything is blocked for good, timers included.
func restInBubble(done <-chan struct{}) bool {
	for wait := time.Millisecond; wait < time.Hour; wait *= 2 {
		synctest.Wait()
		select {
		case <-done:
			return true
		default:
			time.Sleep(wait)
		}
	}
	return false
}
