//go:build rinsesched

package explore

import (
	"errors"
	"fmt"
	"math"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/proptest/sched"
	"github.com/rinse-go/rinse/token"
)

// A Result is what the exploration of a program came to.
type Result struct {
	Schedules int // run to the end
	Repeats   int // given up because they would have repeated others
	Histories int // different ones, each checked
	Complete  bool
	Violation *Violation
}

// maxSteps is more than any schedule of a small program takes that comes to an end.
const maxSteps = 3000

// An Explorer runs programs. Only one can be at work at a time.
type Explorer struct {
	exec    executor
	world   world
	orders  *orders
	known   map[string]struct{} // histories of the present program
	key     []byte
	trouble error // what a look between steps has found
	observe func(*history)
}

// Explore runs a program in every order, or in the first so many.
func (e *Explorer) Explore(p *Program, limit int) Result {
	o := &orders{check: e.look, tasks: len(p.Threads)}
	return e.explore(p, limit, o, o)
}

// With runs a program under another strategy.
func (e *Explorer) With(strategy sched.Strategy, p *Program) Result {
	return e.explore(p, math.MaxInt, strategy, &orders{})
}

func (e *Explorer) explore(p *Program, limit int, strategy sched.Strategy, o *orders) (result Result) {
	e.known = map[string]struct{}{}
	e.orders = o
	shared.Hook = o
	defer func() { shared.Hook = nil }()
	tasks := e.tasks(p)
	result.Complete = true
	for run := range sched.Explore(strategy, sched.MaxSteps(maxSteps)) {
		o.run = run
		e.reset(p)
		err := run.Parallel(tasks...)
		if o.slept {
			result.Repeats++
			continue
		}
		result.Schedules++
		if v := e.judge(p, err); v != nil {
			v.Program, v.Schedule = p, run.Schedule().String()
			result.Violation, result.Complete = v, false
			e.world.other = nil // it may be beyond repair
			break
		}
		if result.Schedules+result.Repeats >= limit {
			result.Complete = false
			break
		}
	}
	result.Histories = len(e.known)
	return result
}

func (e *Explorer) tasks(p *Program) []func() {
	e.exec.world, e.exec.orders = &e.world, e.orders
	var tasks []func()
	for i, calls := range p.Threads {
		tasks = append(tasks, e.exec.thread(calls, i))
	}
	return tasks
}

func (e *Explorer) reset(p *Program) {
	run := e.orders.run
	e.orders.run = nil // accesses until the tasks run are nobody's
	e.world.reset(p, e.orders)
	e.orders.run = run
	e.exec.now, e.exec.used = 0, 0
	e.exec.tokens = [MaxThreads]token.Token{}
	e.trouble = nil
}

// look is called between steps that were not taken in the schedule before.
func (e *Explorer) look() {
	w := &e.world
	for i, c := range w.cells {
		version, _, bound := c.State()
		if e.trouble == nil && (version < w.reached[i] || version > bound) {
			e.trouble = fmt.Errorf("variable %c went from version %d to %d, where %d is the most", 'x'+i, w.reached[i], version, bound)
		}
		w.reached[i] = version
	}
}

// judge checks what a schedule has led to.
func (e *Explorer) judge(p *Program, err error) *Violation {
	h := &history{init: p.Init, records: e.exec.records[:e.exec.used]}
	var stuck *sched.StuckError
	switch {
	case errors.As(err, &stuck):
		h.stuck = err
	case errors.Is(err, sched.ErrTooLong):
		return &Violation{Property: Progress, Detail: err.Error() + "\n\t" + h.String()}
	case err != nil:
		return &Violation{Property: NoFailure, Detail: err.Error() + "\n\t" + h.String()}
	}
	if e.trouble != nil {
		return &Violation{Property: Monotonicity, Detail: e.trouble.Error()}
	}
	if h.stuck == nil {
		if err := e.world.core.Residue(e.world.cells[:]...); err != nil {
			return &Violation{Property: NoLeak, Detail: err.Error() + "\n\t" + h.String()}
		}
	}
	h.final = e.world.values()
	if e.observe != nil {
		e.observe(h)
	}
	e.key = encodeInts(e.key[:0], h.final[:])
	for _, r := range h.records {
		e.key = r.encode(append(e.key, byte(r.thread)))
	}
	if _, known := e.known[string(e.key)]; known {
		return nil
	}
	e.known[string(e.key)] = struct{}{}
	if property, detail := h.check(); property != "" {
		return &Violation{Property: property, Detail: detail}
	}
	return nil
}
