package sched

import (
	"math/bits"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
)

// A Run is one schedule: the tasks given to Parallel, taking turns.
//
// Exactly one goroutine touches a Run at any time, because tasks hand over to each other; that hand-over
// is what orders all accesses to its fields. How it is done is the host's business.
type Run struct {
	strategy  Strategy
	host      host
	maxSteps  int
	tasks     []task   // each written by its own task while that runs, and by nobody else then
	point     Point    // reused for every step
	schedule  Schedule // reused by the next run
	tracer    func(Stop)
	onFailure func()
	aborting  bool        // tasks unwind instead of going on
	failure   error       // why the run ends early
	lost      bool        // tasks remain that nothing can end
	failing   atomic.Bool // unwinding has begun: nobody waits for a Mutex outside tasks
}

// A host carries tasks and hands over between them.
type host interface {
	run(fns []func()) // runs all tasks to their end, or until the run fails
	self() int        // the calling task, -1 if the caller is none
	park(task int)    // called by the task itself: returns when it shall take its next step
	arrive()          // called by a task before it writes to its place in tasks
	idle() bool       // nobody can go on: reports whether somebody may be able to after all
	close()           // ends what carries the tasks
}

type state uint8

const (
	ready   state = iota // stopped at a Yield, or not started
	paused               // stopped at a Pause
	waiting              // stopped at an Until
	running              // taking a step, or blocked on something that the scheduler does not know
	ended
)

type task struct {
	state  state
	until  func() bool // waiting: whether it can go on
	what   string      // waiting: for what, in words
	paused int         // paused: the number of steps taken when it paused
	traced *Stop       // where it stopped, not yet told to the tracer
	failed *PanicError
}

// A Stop is a point at which a task stopped, for [Run.Trace].
type Stop struct {
	Task    int
	At      string    // the text given to Yield, Pause or Until
	Callers []uintptr // the stack of that call, for runtime.CallersFrames
	Ended   bool      // not a point: the task has ended
}

// begin forgets the run before.
func (r *Run) begin() {
	r.tasks = r.tasks[:0]
	r.schedule = r.schedule[:0]
	r.point = Point{Enabled: r.point.Enabled[:0], Last: -1}
	r.tracer, r.onFailure, r.aborting, r.failure = nil, nil, false, nil
	r.failing.Store(false)
}

// Parallel runs the functions as tasks 0, 1, … under the run's schedule and returns when all have ended.
// The error is a *[StuckError], a *[PanicError], [ErrTooLong] or [ErrDiverged]; tasks that have not ended
// then are unwound by a panic out of their next Yield, with their deferred functions run. Parallel can be
// called again in the same run, to go on with other tasks.
func (r *Run) Parallel(fns ...func()) error {
	if len(fns) > MaxTasks {
		panic("sched: more than 52 tasks")
	}
	if r.failure != nil {
		return r.failure
	}
	r.tasks = slices.Grow(r.tasks[:0], len(fns))[:len(fns)]
	clear(r.tasks)
	r.point.Last = -1
	r.host.run(fns)
	return r.failure
}

// Yield lets others go first. A task calls it before each access to something shared. The text says what
// the access is, for [Run.Trace]. Outside a task Yield does nothing.
func (r *Run) Yield(at ...string) {
	if me := r.host.self(); me >= 0 {
		r.note(me, at)
		r.stop(me, ready)
	}
}

// Pause is Yield for a task that spins: it is not picked again until another task has taken a step, as
// long as another task can.
func (r *Run) Pause(at ...string) {
	if me := r.host.self(); me >= 0 {
		r.note(me, at)
		r.tasks[me].paused = len(r.schedule)
		r.stop(me, paused)
	}
}

// Until waits for a condition. The condition is asked between steps, by whoever has the turn; it must be
// quick, must not change anything and must not yield. The text says what is waited for, for a
// [StuckError] and for [Run.Trace]. Outside a task a condition that does not hold is a panic.
func (r *Run) Until(holds func() bool, what ...string) {
	if me := r.host.self(); me >= 0 {
		r.until(me, holds, what)
	} else if !holds() {
		panic("sched: Until outside a task waits for ever")
	}
}

func (r *Run) until(me int, holds func() bool, what []string) {
	t := &r.tasks[me]
	t.until = holds
	if t.what = ""; len(what) > 0 {
		t.what = what[0]
	}
	r.note(me, what)
	r.stop(me, waiting)
	t.until = nil
}

// Self returns the number of the calling task, or -1 outside tasks.
func (r *Run) Self() int { return r.host.self() }

// Trace has the function called with every stop of this run, in the order of the steps that led there;
// stops of one step come with the task that had the turn first. It must be set before Parallel.
func (r *Run) Trace(stopped func(Stop)) { r.tracer = stopped }

// OnFailure has the function called when the run fails, before the tasks that have not ended are unwound.
// It is the place to release what tasks block on outside the scheduler. It must be set before Parallel.
func (r *Run) OnFailure(release func()) { r.onFailure = release }

// Lost reports whether tasks of this run remain blocked outside the scheduler, where nothing can end them.
// Explore then ends after this run, and the bubble cannot be left cleanly: synctest panics. Recover from
// that and call Explore again, with the same strategy, in a new bubble.
func (r *Run) Lost() bool { return r.lost }

// Schedule returns a copy of the steps taken so far.
func (r *Run) Schedule() Schedule { return slices.Clone(r.schedule) }

// Steps returns the number of steps taken so far, the one that is being taken included.
func (r *Run) Steps() int {
	r.host.arrive()
	return len(r.schedule)
}

// Preemptions returns how often a task was made to wait although it could have gone on.
func (r *Run) Preemptions() int { return r.point.Preemptions }

func (r *Run) note(me int, at []string) {
	if r.tracer == nil || r.aborting {
		return
	}
	s := &Stop{Task: me, Callers: make([]uintptr, 16)}
	if len(at) > 0 {
		s.At = at[0]
	}
	s.Callers = s.Callers[:runtime.Callers(3, s.Callers)]
	r.tasks[me].traced = s
}

// tell passes the stops of the last step on to the tracer.
func (r *Run) tell() {
	if last := r.point.Last; last >= 0 {
		r.tellOf(last)
	}
	for i := range r.tasks {
		r.tellOf(i)
	}
}

func (r *Run) tellOf(i int) {
	if t := &r.tasks[i]; t.traced != nil {
		r.tracer(*t.traced)
		t.traced = nil
	}
}

// unwinding is the panic that ends a task of a run that has failed.
type unwinding struct{}

func (r *Run) stop(me int, s state) {
	if r.aborting {
		panic(unwinding{})
	}
	r.tasks[me].state = s
	r.host.park(me)
	if r.aborting {
		panic(unwinding{})
	}
	r.tasks[me].state = running
}

// call runs a task's function to its end, whatever that is.
func (r *Run) call(me int, fn func()) {
	t := &r.tasks[me]
	t.state = running
	returned := false
	defer func() {
		p := recover()
		r.host.arrive()
		if !returned && p == nil {
			p = "it called runtime.Goexit"
		}
		if p != nil && !r.aborting {
			t.failed = &PanicError{Task: me, Value: p, Stack: debug.Stack()}
		}
		if r.tracer != nil && !r.aborting {
			t.traced = &Stop{Task: me, Ended: true}
		}
		t.state = ended
	}()
	fn()
	returned = true
}

// next decides who takes the next step; -1 ends the run.
func (r *Run) next() int {
	if r.tracer != nil {
		r.tell()
	}
	for !r.over() && r.point.Mask == 0 {
		if !r.host.idle() {
			r.failure = r.stuck()
		}
	}
	if r.failure != nil || r.point.Mask == 0 {
		return -1
	}
	p := &r.point
	p.Step = len(r.schedule)
	if p.Step >= r.maxSteps {
		r.failure = ErrTooLong
		return -1
	}
	chosen := r.strategy.Pick(p)
	if chosen < 0 || p.Mask&(1<<chosen) == 0 {
		r.failure = ErrDiverged
		return -1
	}
	if chosen != p.Last && p.LastEnabled() {
		p.Preemptions++
	}
	p.Last = chosen
	r.schedule = append(r.schedule, uint8(chosen))
	return chosen
}

// over finds the tasks that can go on and reports whether the run has ended or failed. A task that paused
// goes on when another one has taken a step since; when nobody else can, all that pause go on, for they
// may be about to give up.
func (r *Run) over() bool {
	var mask, resting uint64
	live := false
	for i := range r.tasks {
		t := &r.tasks[i]
		if t.failed != nil && r.failure == nil {
			r.failure = t.failed
		}
		live = live || t.state != ended
		switch t.state {
		case ready:
			mask |= 1 << i
		case waiting:
			if t.until() {
				mask |= 1 << i
			}
		case paused:
			if t.paused < len(r.schedule) {
				mask |= 1 << i
			} else {
				resting |= 1 << i
			}
		}
	}
	if mask == 0 {
		mask = resting
	}
	p := &r.point
	p.Mask = mask
	p.Enabled = p.Enabled[:0]
	for ; mask != 0; mask &= mask - 1 {
		p.Enabled = append(p.Enabled, bits.TrailingZeros64(mask))
	}
	return !live || r.failure != nil
}

// release begins the unwinding of tasks that have not ended; the host does the rest.
func (r *Run) release() {
	if r.failure == nil {
		return
	}
	r.failing.Store(true)
	if r.onFailure != nil {
		r.onFailure()
	}
}

func (r *Run) stuck() error {
	e := &StuckError{}
	for i, t := range r.tasks {
		if t.state != ended {
			e.Waiting = append(e.Waiting, Waiting{Task: i, For: t.what, Outside: t.state == running})
		}
	}
	return e
}
