//go:build rinsesched

package explore

import (
	"math/bits"
	"unsafe"

	"github.com/rinse-go/rinse/proptest/sched"
)

// MaxThreads is the largest number of threads in a program.
const MaxThreads = 4

// orders is the strategy that walks through every order of dependent accesses, depth first, once.
//
// A schedule is a path in the tree of choices. Whenever an access could have come before an earlier
// access of another task that it depends on, and nothing else orders the two, the choice at that
// earlier place is marked for another visit (source sets: Abdulla, Aronis, Jonsson, Sagonas, "Optimal
// Dynamic Partial Order Reduction", POPL 2014). A task that has been chosen at a place sleeps in
// later visits until something depends on what it was about to do (sleep sets: Godefroid, 1996).
//
// It is the Scheduler of package shared as well: that is how it knows the next access of each task.
type orders struct {
	run   *sched.Run
	tasks int
	next  [MaxThreads]access
	muted bool // accesses are those of a check

	path  []place
	depth int             // places on the present run
	last  [MaxThreads]int // each task's last place on the present run, plus one
	begun bool
	split int  // places before it are as in the run before
	slept bool // the present run was cut because it would repeat another
	check func()
}

// access is what a task is about to do. The zero access depends on nothing.
type access struct {
	at, also unsafe.Pointer
	kind     accessKind
	waits    bool // it is not always possible
}

type accessKind uint8

const (
	load   accessKind = iota
	change            // depends on every access to the same place
	mark              // depends on loads of it
)

// clock says of each task how many of its steps come before, by order of dependence.
type clock [MaxThreads]uint16

// A place is one step: what could be chosen, and what was.
type place struct {
	access  access
	clock   clock // this step included
	index   uint16
	task    uint8
	enabled uint8 // tasks that could go on, as bits
	sleep   uint8 // tasks that need no visit
	todo    uint8 // tasks that were or will be chosen
	done    uint8 // tasks that have been chosen
}

func dependent(a, b *access) bool {
	if a.at == nil || b.at == nil || a.kind == b.kind && a.kind != change {
		return false
	}
	return a.at == b.at || a.also != nil && a.also == b.at || b.also != nil && b.also == a.at
}

// Access and Until make it a shared.Scheduler.
func (o *orders) Access(at unsafe.Pointer, isChange bool) {
	o.before(access{at: at, kind: kindOf(isChange)})
}

func kindOf(isChange bool) accessKind {
	if isChange {
		return change
	}
	return load
}

func (o *orders) before(a access) {
	if o.run == nil || o.muted {
		return
	}
	me := o.run.Self()
	if me < 0 {
		return
	}
	o.next[me] = a
	o.run.Yield()
}

func (o *orders) Until(what string, at, done unsafe.Pointer, isChange bool, holds func() bool) {
	if o.run == nil || o.muted {
		return
	}
	if me := o.run.Self(); me >= 0 {
		o.next[me] = access{at: at, also: done, kind: kindOf(isChange), waits: true}
		o.run.Until(holds, what)
	}
}

// Next prepares the next schedule.
func (o *orders) Next() bool {
	o.depth, o.slept = 0, false
	o.last = [MaxThreads]int{}
	o.next = [MaxThreads]access{}
	if !o.begun {
		o.begun = true
		return true
	}
	for len(o.path) > 0 {
		p := &o.path[len(o.path)-1]
		if left := p.todo &^ (p.done | p.sleep); left != 0 {
			p.task = uint8(bits.TrailingZeros8(left))
			p.done |= 1 << p.task
			o.split = len(o.path) - 1
			return true
		}
		o.path = o.path[:len(o.path)-1]
	}
	return false
}

// Pick chooses who takes the next step.
func (o *orders) Pick(point *sched.Point) int {
	if o.check != nil && o.depth >= o.split {
		o.muted = true
		o.check()
		o.muted = false
	}
	d := o.depth
	o.depth++
	if d == len(o.path) && !o.open(point) {
		o.slept = true
		return -1
	}
	p := &o.path[d]
	if uint64(p.enabled) != point.Mask {
		return -1
	}
	p.access = o.next[p.task]
	if d >= o.split {
		o.step(d)
	}
	o.last[p.task] = d + 1
	o.next[p.task] = access{}
	return int(p.task)
}

// open adds a place at the end of the path. It reports false if every task that could go on sleeps.
func (o *orders) open(point *sched.Point) bool {
	p := place{enabled: uint8(point.Mask)}
	if d := len(o.path); d > 0 {
		before := &o.path[d-1]
		for rest := (before.sleep | before.done) &^ (1 << before.task); rest != 0; rest &= rest - 1 {
			if q := bits.TrailingZeros8(rest); !dependent(&o.next[q], &before.access) {
				p.sleep |= 1 << q
			}
		}
	}
	awake := p.enabled &^ p.sleep
	if awake == 0 {
		return false
	}
	p.task = uint8(bits.TrailingZeros8(awake))
	if l := point.Last; l >= 0 && awake&(1<<l) != 0 {
		p.task = uint8(l)
	}
	p.todo = 1 << p.task
	p.done = p.todo
	o.path = append(o.path, p)
	return true
}

// step works out what the step at d depends on, and marks the choices that would reverse a race.
func (o *orders) step(d int) {
	p := &o.path[d]
	p.clock, p.index = clock{}, 1
	if l := o.last[p.task]; l > 0 {
		own := &o.path[l-1]
		p.clock, p.index = own.clock, own.index+1
	}
	ordered := p.clock // by what came before this step, and the races found
	open := ^(uint8(1) << p.task) & (1<<o.tasks - 1)
	for i := d - 1; i >= 0 && p.access.at != nil && open != 0; i-- {
		e := &o.path[i]
		if open&(1<<e.task) == 0 {
			continue
		}
		if e.index <= ordered[e.task] {
			open &^= 1 << e.task // and so are those before
			continue
		}
		if !dependent(&e.access, &p.access) {
			continue
		}
		if e.enabled&(1<<p.task) != 0 {
			o.reverse(i, d)
			if !p.access.waits { // else e may be what made it possible, and the race with one before
				ordered.join(&e.clock)
			}
		}
		p.clock.join(&e.clock)
	}
	p.clock[p.task] = p.index
}

func (c *clock) join(other *clock) {
	for i := range c {
		c[i] = max(c[i], other[i])
	}
}

// reverse makes sure that the place i is visited by a task that can begin what leads to the step at d
// without the step at i.
func (o *orders) reverse(i, d int) {
	e := &o.path[i]
	var initials, met uint8
	for j := i + 1; j <= d; j++ {
		s := &o.path[j]
		if bit := uint8(1) << s.task; met&bit == 0 && (j == d || !s.follows(e)) {
			met |= bit
			if o.initial(e, i+1, j) {
				initials |= bit
			}
		}
	}
	if initials&(e.todo|e.sleep) != 0 {
		return
	}
	switch me := uint8(1) << o.path[d].task; {
	case initials&e.enabled == 0:
		e.todo |= e.enabled
	case initials&me != 0:
		e.todo |= me
	default:
		initials &= e.enabled
		e.todo |= initials & -initials
	}
}

// follows reports whether p comes after e by order of dependence.
func (p *place) follows(e *place) bool { return p.clock[e.task] >= e.index }

// initial reports whether the step at j needs none of those from i on that do without e.
func (o *orders) initial(e *place, i, j int) bool {
	s := &o.path[j]
	for k := i; k < j; k++ {
		if other := &o.path[k]; !other.follows(e) && s.follows(other) {
			return false
		}
	}
	return true
}
