//go:build rinsesched

package explore

import (
	"fmt"
	"strings"

	"github.com/rinse-go/rinse/internal/engine"
)

// What can be told about a call without the others, and the names of the classic anomalies.

// check looks at one call by itself.
func (r *record) check(h *history) (property, detail string) {
	if r.problem != "" {
		return NoFailure, r.problem
	}
	if h.stuck != nil && r.end == 0 && (len(r.attempts) == 0 || r.last().outcome != blocked) {
		return NoDeadlock, h.stuck.Error() + ": " + r.String()
	}
	if n := r.worstRun(); n > r.bound() {
		return Progress, fmt.Sprintf("%d attempts in a row, %d allowed: %v", n, r.bound(), r)
	}
	if r.end > 0 && !r.hooksFit() {
		return Hooks, r.String()
	}
	if r.wokenByNothing() {
		return WakeUp, "it ran again, but nothing that it had read had changed: " + r.String()
	}
	if i := r.clashedAlone(h); i >= 0 {
		return Progress, fmt.Sprintf("attempt %d clashed, but nobody else was there: %v", i+1, r)
	}
	return "", ""
}

// bound is how many attempts a call may make in a row, without waiting in between.
func (r *record) bound() int {
	switch r.call.Form {
	case View:
		return 2
	case Irrevocably, Try, Held, Resumed, Rebased, Chained:
		return 1
	}
	return engine.GateAfter + 1
}

// worstRun returns the largest number of attempts in a row none of which but the last chose to wait.
func (r *record) worstRun() int {
	worst, run := 0, 0
	for i := range r.attempts {
		if run++; run > worst {
			worst = run
		}
		if r.attempts[i].outcome == blocked {
			run = 0
		}
	}
	return worst
}

// hooksFit compares the hooks that ran with those that were to run.
func (r *record) hooksFit() bool {
	for i := range r.attempts {
		a := &r.attempts[i]
		want := a.aborts
		if i == len(r.attempts)-1 && r.outcome == committed {
			want = nil
		}
		if fmt.Sprint(a.ran) != fmt.Sprint(want) {
			return false
		}
	}
	var want []int
	if r.outcome == committed {
		want = r.wantedHooks()
	}
	return fmt.Sprint(r.hooks) == fmt.Sprint(want)
}

// wantedHooks finds the hooks of a committed call from what it has seen.
func (r *record) wantedHooks() []int {
	if !anyOp(r.call.Body, func(op *Op) bool { return op.Act == OnCommit }) {
		return nil
	}
	f := feed{seen: r.read()}
	f.run(r.call.Body)
	return f.hooks
}

// read is what the call's body has read in the end.
func (r *record) read() []int {
	if r.call.Form == Resumed {
		return r.seen()[1:] // first it was told whether it may go on
	}
	return r.seen()
}

// wrote reports whether the transaction had something to commit in the end.
func (r *record) wrote() bool {
	f := feed{seen: r.read()}
	if r.call.Form == Chained {
		f.seen = r.rest
		f.run(r.call.Next)
	} else {
		f.run(r.call.Body)
	}
	return f.writes > 0
}

// feed runs a body on what was seen instead of on a state.
type feed struct {
	seen   []int
	hooks  []int
	writes int
}

func (f *feed) take() int {
	if len(f.seen) == 0 {
		return 0
	}
	x := f.seen[0]
	f.seen = f.seen[1:]
	return x
}

func (f *feed) run(ops []Op) outcome {
	for i := range ops {
		switch op := &ops[i]; op.Act {
		case Read, Expect:
			f.take()
		case Write, Commute:
			f.writes++
		case Add:
			f.take()
			f.writes++
		case Await:
			if f.take() < op.Value {
				return blocked
			}
		case Fail:
			return failed
		case Explode:
			return panicked
		case OnCommit:
			f.hooks = append(f.hooks, op.Value)
		case Nested:
			if o := f.part(op.Body[0]); o != unfinished && o != failed {
				return o
			}
		case OrElse:
			o := blocked
			for j := 0; j < len(op.Body) && o == blocked; j++ {
				o = f.part(op.Body[j])
			}
			if o != unfinished {
				return o
			}
		}
	}
	return unfinished
}

func (f *feed) part(ops []Op) outcome {
	hooks, writes := len(f.hooks), f.writes
	o := f.run(ops)
	if o != unfinished {
		f.hooks, f.writes = f.hooks[:hooks], writes
	}
	return o
}

// wokenByNothing reports whether a call waited and, when it was woken, saw what it had seen before.
// A View that waits runs once more first, to note what it reads.
func (r *record) wokenByNothing() bool {
	for i := 1; i < len(r.attempts); i++ {
		a, b := &r.attempts[i-1], &r.attempts[i]
		if a.outcome == blocked && b.outcome == blocked && fmt.Sprint(a.seen) == fmt.Sprint(b.seen) &&
			(r.call.Form != View || i > 1) {
			return true
		}
	}
	return false
}

// clashedAlone returns an attempt that clashed while no other call ran, or -1. A View may start over
// because of a commit that is long over, since it keeps no record of what it has read.
func (r *record) clashedAlone(h *history) int {
	if r.call.Form == View || r.call.Form == Resumed && r.seen()[0] != unchanged {
		return -1
	}
	for i := range r.attempts {
		if r.attempts[i].outcome != clashed || r.end == 0 {
			continue
		}
		alone := true
		for _, other := range h.records {
			from := r.begin
			if other.thread != r.thread && other.begin <= r.attempts[i].end && (other.end == 0 || other.end > from) {
				alone = false
			}
		}
		if alone {
			return i
		}
	}
	return -1
}

// losesUpdate reports whether two committed calls changed the same value of a variable into another.
func (h *history) losesUpdate() bool {
	type update struct{ v, from int }
	seen := map[update]bool{}
	for _, r := range h.records {
		if r.outcome != committed || r.end == 0 {
			continue
		}
		reads, writes := r.footprint()
		for v, from := range reads {
			if !writes[v] {
				continue
			}
			if seen[update{v, from}] {
				return true
			}
			seen[update{v, from}] = true
		}
	}
	return false
}

// skews reports whether two committed calls each read what the other one changed, and neither saw it.
func (h *history) skews() bool {
	for i, a := range h.records {
		for _, b := range h.records[:i] {
			if a.outcome == committed && b.outcome == committed && a.missed(b) && b.missed(a) {
				return true
			}
		}
	}
	return false
}

// missed reports whether r read the value of a variable that other read as well or changed.
func (r *record) missed(other *record) bool {
	reads, _ := r.footprint()
	seen, writes := other.footprint()
	for v, x := range reads {
		if y, both := seen[v]; writes[v] && (!both || x == y) {
			return true
		}
	}
	return false
}

// footprint returns what a call of plain reads and writes read first of each variable, and wrote.
func (r *record) footprint() (reads map[int]int, writes map[int]bool) {
	reads, writes = map[int]int{}, map[int]bool{}
	f := feed{seen: r.read()}
	if r.call.Form == Update {
		reads[r.call.Var] = f.take() - r.call.Value
	}
	if r.call.Form == Update || r.call.Form == Store {
		writes[r.call.Var] = true
	}
	for i := range r.call.Body {
		op := &r.call.Body[i]
		x, reading := 0, false
		switch op.Act {
		case Read, Await:
			x, reading = f.take(), true
		case Add:
			x, reading = f.take()-op.Value, true
		}
		if _, again := reads[op.Var]; reading && !again && !writes[op.Var] {
			reads[op.Var] = x
		}
		if op.Act == Write || op.Act == Add || op.Act == Commute {
			writes[op.Var] = true
		}
	}
	return reads, writes
}

func (h *history) String() string {
	var all []string
	for _, r := range h.records {
		all = append(all, r.String())
	}
	return strings.Join(all, "\n\t")
}

func (r *record) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "thread %c, %v: began at %d, ended at %d, %v", 'a'+r.thread, r.call, r.begin, r.end, r.outcome)
	for i := range r.attempts {
		a := &r.attempts[i]
		fmt.Fprintf(&b, "; attempt %d %v saw %v", i+1, a.outcome, a.seen)
		if len(a.aborts)+len(a.ran) > 0 {
			fmt.Fprintf(&b, ", to run on abort %v, ran %v", a.aborts, a.ran)
		}
	}
	if r.moved > 0 {
		fmt.Fprintf(&b, "; moved on and saw %v", r.rest)
	}
	if len(r.hooks) > 0 {
		fmt.Fprintf(&b, "; hooks %v", r.hooks)
	}
	return b.String()
}
