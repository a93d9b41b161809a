package proptest

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/rinse-go/rinse/proptest/sched"
)

// An execution is one run of a program on a fresh object: its history, and how it ended.
type execution[C, R any] struct {
	history     []Op[C, R]
	schedule    sched.Schedule // nil under Stress
	preemptions int
	err         error // a *panicError, *sched.StuckError, sched.ErrTooLong or sched.ErrDiverged
	timedOut    bool  // Stress outside a bubble: operations did not return in time
	rows        []row // if traced
}

// A panicError says where an implementation panicked.
type panicError struct {
	where string // "client a", "New", …
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("%s panicked: %v", e.where, e.value) }

// A seat is where one client sits: what it has called so far, and what it is doing.
type seat[C, R any] struct {
	client int
	ops    []Op[C, R]
	doing  string // traced: what the current step does, in words
}

// A performer lets the clients of a program perform it. It is used once.
type performer[C, R any] struct {
	print   func(C) string
	run     *sched.Run // nil under Stress
	tracing bool
	env     *Env
	do      func(C) R
	main    seat[C, R]
	seats   []seat[C, R]
	clock   atomic.Int64 // Stress: time
	over    atomic.Bool  // what returns from now on does not count
	rows    []row
	part    string // traced: which sequential part, if any
}

// betweenOperations is the yield point before every operation but a client's first.
const betweenOperations = "between operations"

// perform is what one client does.
func (x *performer[C, R]) perform(s *seat[C, R], commands []command[C]) {
	for i, c := range commands {
		if i > 0 && x.run != nil {
			x.run.Yield(betweenOperations)
		}
		s.ops = append(s.ops, Op[C, R]{Client: s.client, Command: c.value, Outcome: Waiting, Call: x.now()})
		if x.tracing {
			s.doing = x.print(c.value)
		}
		result := x.do(c.value)
		if x.over.Load() {
			return
		}
		op := &s.ops[len(s.ops)-1]
		op.Result, op.Return, op.Outcome = result, x.now()+1, Returned
		if x.tracing {
			s.doing += " → " + printResult(result)
		}
	}
}

// now is an even number that grows with every step; operations that return in it add one.
func (x *performer[C, R]) now() int64 {
	if x.run != nil {
		return 2 * int64(x.run.Steps())
	}
	return x.clock.Add(2)
}

// start makes the object.
func (x *performer[C, R]) start(impl Impl[C, R], env *Env, clients int) (err error) {
	x.env = env
	defer catchPanic("New", &err)
	x.main.client = -1
	x.seats = make([]seat[C, R], clients)
	for i := range x.seats {
		x.seats[i].client = i
	}
	if x.do = impl.New(env); x.do == nil {
		return &panicError{where: "New", value: "it returned nil, not a function"}
	}
	return nil
}

// stop ends the object's life. Operations that return later do not count.
func (x *performer[C, R]) stop() error {
	x.over.Store(true)
	return x.env.close()
}

func (x *performer[C, R]) history() []Op[C, R] {
	h := append([]Op[C, R](nil), x.main.ops...)
	for i := range x.seats {
		h = append(h, x.seats[i].ops...)
	}
	return h
}

func catchPanic(where string, err *error) {
	if p := recover(); p != nil {
		*err = &panicError{where: where, value: p, stack: debug.Stack()}
	}
}

// controlled performs a program under the schedule of a run.
func controlled[C, R any](run *sched.Run, impl Impl[C, R], p program[C], print func(C) string, bubble, tracing bool) *execution[C, R] {
	x := &performer[C, R]{print: print, run: run, tracing: tracing}
	e := &execution[C, R]{}
	if e.err = x.start(impl, newEnv(run, bubble), len(p.clients)); e.err != nil {
		_ = x.stop()
		return e
	}
	run.OnFailure(func() { e.history = x.history(); _ = x.stop() })
	where := x.phases(run, p, &e.err)
	e.schedule, e.preemptions = run.Schedule(), run.Preemptions()
	if e.err == nil {
		e.history = x.history()
		e.err = x.stop()
	}
	var panicked *sched.PanicError
	if errors.As(e.err, &panicked) {
		if where == "" {
			where = "client " + clientName(panicked.Task)
		}
		e.err = &panicError{where: where, value: panicked.Value, stack: panicked.Stack}
	}
	e.rows = x.rows
	return e
}

// phases runs prefix, clients and suffix; it returns where the error arose, "" for the clients.
func (x *performer[C, R]) phases(run *sched.Run, p program[C], err *error) (where string) {
	alone := func(commands []command[C]) func() { return func() { x.perform(&x.main, commands) } }
	if len(p.prefix) > 0 {
		x.trace("first", &x.main)
		if *err = run.Parallel(alone(p.prefix)); *err != nil {
			x.traceStuck(*err, &x.main)
			return "the first part"
		}
	}
	tasks := make([]func(), len(p.clients))
	seats := make([]*seat[C, R], len(p.clients))
	for i, commands := range p.clients {
		seats[i] = &x.seats[i]
		tasks[i] = func() { x.perform(seats[i], commands) }
	}
	x.trace("", seats...)
	if *err = run.Parallel(tasks...); *err != nil {
		x.traceStuck(*err, seats...)
		return ""
	}
	if len(p.suffix) > 0 {
		x.trace("then", &x.main)
		if *err = run.Parallel(alone(p.suffix)); *err != nil {
			x.traceStuck(*err, &x.main)
			return "the last part"
		}
	}
	return ""
}
