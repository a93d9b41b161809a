package sched

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"testing/synctest"
	"time"
)

// bubble carries each task on a goroutine of the synctest bubble. A step ends when every goroutine of the
// bubble is durably blocked: a task that then is neither stopped nor ended is blocked outside the
// scheduler, and comes back to it when somebody unblocks it.
//
// Who calls Yield? A goroutine that carries tasks is marked: debug.SetPanicOnFault is a setting that each
// goroutine has for itself, false unless set, and reading it is cheap. Goroutines without the mark are
// let pass. A marked one is the task that has the turn, unless a task was blocked outside when the step
// began: the step may have woken it, and two of them reach a stop within one step. Then the goroutine's id
// tells, which takes a microsecond to find out.
type bubble struct {
	owner   *Run
	workers []*resident // nil where the goroutine was given up
	active  bool        // Parallel is running
	turn    int         // who takes the step, -1 if others may be running as well
	rounds  atomic.Int64
}

// settle waits until every goroutine of the bubble is blocked. A task that a timer or a sync.Cond wakes
// runs after what the scheduler did before; rounds tells the race detector so, which does not see it.
func (b *bubble) settle() {
	b.rounds.Add(1)
	synctest.Wait()
}

func (b *bubble) arrive() { b.rounds.Load() }

type resident struct {
	id     uint64 // of its goroutine
	fns    chan func()
	resume chan struct{}
}

func (b *bubble) run(fns []func()) {
	for i := range fns {
		if i == len(b.workers) {
			b.workers = append(b.workers, nil)
		}
		if b.workers[i] == nil {
			b.workers[i] = b.newResident(i)
		}
	}
	b.settle() // the new ones know their ids
	b.active = true
	defer func() { b.active = false }()
	for i, fn := range fns {
		b.workers[i].fns <- fn
	}
	b.settle()
	for next := b.owner.next(); next >= 0; next = b.owner.next() {
		b.turn = b.alone(next)
		b.rounds.Add(1)
		b.workers[next].resume <- struct{}{}
		b.settle()
	}
	b.unwind()
}

// alone returns the task that takes the next step, or -1 if another one is blocked outside.
func (b *bubble) alone(next int) int {
	for i := range b.owner.tasks {
		if b.owner.tasks[i].state == running {
			return -1
		}
	}
	return next
}

func (b *bubble) newResident(me int) *resident {
	w := &resident{fns: make(chan func()), resume: make(chan struct{})}
	go func() {
		w.id = goroutineID()
		debug.SetPanicOnFault(true)
		defer func() { b.workers[me] = nil }() // a task that calls Goexit takes its goroutine along
		for fn := range w.fns {
			<-w.resume
			if b.owner.aborting {
				b.owner.tasks[me].state = ended
				continue
			}
			b.owner.call(me, fn)
		}
	}()
	return w
}

// unwind ends the tasks of a run that has failed. One that is blocked outside may come free when the
// others have let go of what they hold; if not, its goroutine is given up, and so is its place.
func (b *bubble) unwind() {
	r := b.owner
	b.turn, r.aborting = -1, true
	b.rounds.Add(1)
	r.release()
	b.settle()
	for again := true; again; {
		again = false
		for i := range r.tasks {
			if s := r.tasks[i].state; s != ended && s != running {
				b.workers[i].resume <- struct{}{}
				b.settle()
				again = true
			}
		}
	}
	for i := range r.tasks {
		if r.tasks[i].state == running {
			b.workers[i] = nil
			r.lost = true
		}
	}
	r.aborting = false
}

func (b *bubble) self() int {
	b.arrive()
	if !b.active {
		return -1
	}
	if !debug.SetPanicOnFault(true) {
		debug.SetPanicOnFault(false)
		return -1
	}
	if b.turn >= 0 {
		return b.turn
	}
	id := goroutineID()
	for i := range b.owner.tasks {
		if w := b.workers[i]; w != nil && w.id == id {
			return i
		}
	}
	return -1
}

func (b *bubble) park(me int) { <-b.workers[me].resume }

// idle lets the bubble's clock run, in growing steps up to about an hour, until a task can go on.
func (b *bubble) idle() bool {
	r := b.owner
	for wait := time.Millisecond; wait < time.Hour; wait *= 2 {
		b.rounds.Add(1)
		time.Sleep(wait)
		b.settle()
		if r.over() || r.point.Mask != 0 {
			return true
		}
	}
	return false
}

func (b *bubble) close() {
	for _, w := range b.workers {
		if w != nil {
			close(w.fns)
		}
	}
}

// goroutineID reads the id from the first line of the goroutine's stack: "goroutine 7 [running]:".
func goroutineID() uint64 {
	var buffer [64]byte
	line := buffer[:runtime.Stack(buffer[:], false)]
	line = bytes.TrimPrefix(line, []byte("goroutine "))
	if end := bytes.IndexByte(line, ' '); end > 0 {
		line = line[:end]
	}
	id, err := strconv.ParseUint(string(line), 10, 64)
	if err != nil {
		panic("sched: the runtime no longer prints goroutine ids as expected: " + err.Error())
	}
	return id
}
