//go:build rinsesched

package explore

import (
	"fmt"
	"slices"
)

// A Violation is a promise of the engine that was broken.
type Violation struct {
	Property string
	Detail   string
	Schedule string
	Program  *Program
}

func (v *Violation) Error() string {
	return fmt.Sprintf("%s\n\t%v\n\t%s\n\tschedule %s", v.Property, v.Program, v.Detail, v.Schedule)
}

// The properties, by the names under which violations are reported.
const (
	Opacity         = "opacity: every attempt sees one consistent state"
	Serializability = "strict serializability: calls take effect at once, one after the other"
	RealTime        = "real-time order: what returned before another began comes first"
	LostUpdate      = "no lost update"
	WriteSkew       = "no write skew"
	Snapshot        = "a pinned snapshot is what was there when it was taken"
	Atomicity       = "an error or a panic changes nothing"
	Monotonicity    = "versions grow and stay below the clock's bound"
	Freshness       = "a token tells exactly what has changed"
	WakeUp          = "a waiter wakes when something that it read has changed, and then only"
	Hooks           = "hooks run once, in order, after the commit or the abort"
	Progress        = "calls come to an end within the bound of clashes"
	Undoing         = "what an alternative or a part has undone leaves no trace"
	NoLeak          = "nothing is left behind"
	NoFailure       = "no call fails or panics by itself"
	NoDeadlock      = "nobody waits for ever but in a Retry"
)

// history is what one schedule has led to.
type history struct {
	init    [Vars]int
	records []*record
	final   [Vars]int
	stuck   error // somebody waits for ever
}

// item is a point in the order of calls: a call, or the snapshot, the move or the commit of a checkout.
type item struct {
	r          *record
	begin, end int
	phase      phase
	placed     bool
}

type phase uint8

const (
	pinning phase = iota + 1
	moving
	committing
)

// search looks for an order of calls that explains a history.
type search struct {
	items    []item
	attempts []*ghost
	stuck    []*record
	final    [Vars]int
	strict   bool // respect real time
	ghosts   bool // explain attempts that had no effect too
}

// ghost is an attempt that had no effect: it must have seen some state between two calls.
type ghost struct {
	r      *record
	a      *attempt
	placed bool
}

func newSearch(h *history, strict, ghosts bool) *search {
	s := &search{final: h.final, strict: strict, ghosts: ghosts}
	for _, r := range h.records {
		if r.pinned > 0 {
			s.items = append(s.items, item{r: r, begin: r.begin, end: r.pinned, phase: pinning})
		}
		if r.moved > 0 {
			s.items = append(s.items, item{r: r, begin: r.moves, end: r.moved, phase: moving})
		}
		done := r.end > 0
		switch {
		case !done:
			s.stuck = append(s.stuck, r)
		case r.pinned > 0 && r.outcome == committed:
			s.items = append(s.items, item{r: r, begin: r.commits, end: r.end, phase: committing})
		case r.pinned == 0 && r.takesEffect():
			s.items = append(s.items, item{r: r, begin: r.begin, end: r.end})
		}
		if r.pinned > 0 {
			continue
		}
		for i := range r.attempts {
			if i < len(r.attempts)-1 || done && !r.takesEffect() || !done {
				s.attempts = append(s.attempts, &ghost{r: r, a: &r.attempts[i]})
			}
		}
	}
	return s
}

// explains reports whether there is an order.
func (s *search) explains(h *history) bool { return s.from(&state{values: h.init}) }

func (s *search) from(at *state) bool {
	var haunted []*ghost
	if s.ghosts {
		haunted = s.haunt(at)
		defer func() {
			for _, g := range haunted {
				g.placed = false
			}
		}()
	}
	done := true
	for i := range s.items {
		it := &s.items[i]
		if it.placed {
			continue
		}
		done = false
		if !s.mayComeNext(it) {
			continue
		}
		after, ok := it.happens(at)
		if !ok {
			continue
		}
		it.placed = true
		found := s.from(after)
		it.placed = false
		if found {
			return true
		}
	}
	return done && s.ends(at)
}

// ends reports whether a history may end in a state.
func (s *search) ends(at *state) bool {
	if at.values != s.final {
		return false
	}
	for _, r := range s.stuck {
		if at.apply(r.call, r.thread).outcome != blocked {
			return false
		}
	}
	return !s.ghosts || !slices.ContainsFunc(s.attempts, func(g *ghost) bool { return !g.placed })
}

// mayComeNext reports whether nothing that must come before it is left.
func (s *search) mayComeNext(it *item) bool {
	for i := range s.items {
		other := &s.items[i]
		if other.placed || other == it {
			continue
		}
		if other.r == it.r && other.phase < it.phase || s.strict && other.end < it.begin {
			return false
		}
	}
	for _, g := range s.attempts {
		if s.ghosts && !g.placed && (g.r == it.r || s.strict && g.a.end < it.begin) {
			return false
		}
	}
	return true
}

// happens runs the call of an item on a state and compares.
func (it *item) happens(at *state) (*state, bool) {
	if it.phase == moving {
		return it.r.movesOn(at)
	}
	want := at.apply(it.r.call, it.r.thread)
	switch after := *at; {
	case it.phase == pinning:
		after.pins[it.r.thread] = at.commits
		return &after, slices.Equal(want.seen, it.r.seen())
	case it.r.pinned > 0 && !it.r.wrote(): // then it relies on nothing
		after.tokens[it.r.thread] = at.pins[it.r.thread] + 1
		return &after, true
	case it.r.call.Form == Rebased: // what it has seen was before
		return &want.after, want.outcome == it.r.outcome
	case it.r.call.Form == Chained:
		want = at.run(it.r.call, it.r.call.Next, it.r.thread)
		return &want.after, want.outcome == it.r.outcome && slices.Equal(want.seen, it.r.rest)
	}
	return &want.after, want.outcome == it.r.outcome && slices.Equal(want.seen, it.r.seen())
}

// movesOn runs the Rebase or the Checkpoint of a checkout on a state and compares.
func (r *record) movesOn(at *state) (*state, bool) {
	want := at.apply(r.call, r.thread)
	if r.call.Form == Chained {
		next := want.after.run(r.call, r.call.Next, r.thread)
		want.after.pins[r.thread] = want.after.commits
		return &want.after, slices.Equal(want.seen, r.seen()) && slices.Equal(next.seen, r.rest)
	}
	after := *at
	after.pins[r.thread] = at.commits
	for i, v := range uses(r.call.Body) {
		if r.rest[i] != want.after.values[v] {
			return nil, false
		}
	}
	return &after, true
}

// haunt places every attempt that may have seen a state, the earliest of each call first. To place
// one as early as possible never stands in the way of another.
func (s *search) haunt(at *state) (placed []*ghost) {
	for again := true; again; {
		again = false
		for _, g := range s.attempts {
			if !g.placed && s.mayHaunt(g) && g.fits(at) {
				g.placed, again = true, true
				placed = append(placed, g)
			}
		}
	}
	return placed
}

func (s *search) mayHaunt(g *ghost) bool {
	for i := range s.items {
		if it := &s.items[i]; s.strict && !it.placed && it.end <= g.a.start {
			return false
		}
	}
	for _, other := range s.attempts {
		if other == g {
			return true
		}
		if other.r == g.r && !other.placed {
			return false
		}
	}
	return true
}

// fits reports whether the attempt, as far as it came, is what the call does on a state.
func (g *ghost) fits(at *state) bool {
	want := at.apply(g.r.call, g.r.thread)
	seen := g.a.seen
	if g.a.outcome == blocked {
		return want.outcome == blocked && slices.Equal(want.seen, seen)
	}
	return len(seen) <= len(want.seen) && slices.Equal(want.seen[:len(seen)], seen)
}

// check returns the first property that a history breaks, and what is wrong.
func (h *history) check() (property, detail string) {
	for _, r := range h.records {
		if property, detail = r.check(h); property != "" {
			return property, detail
		}
	}
	if newSearch(h, true, true).explains(h) {
		return "", ""
	}
	return h.classify(), h.String()
}

// classify finds the most telling name for a history that no order explains.
func (h *history) classify() string {
	switch {
	case newSearch(h, true, false).explains(h):
		return Opacity
	case h.stuck != nil && newSearch(h.moving(), true, false).explains(h):
		return WakeUp
	case h.uses(func(op *Op) bool { return op.Act == Expect }):
		return Freshness
	case newSearch(h, false, false).explains(h):
		return RealTime
	case h.uses(func(op *Op) bool { return op.Act == OrElse || op.Act == Nested }):
		return Undoing
	case h.uses(func(op *Op) bool { return op.Act == Fail || op.Act == Explode }):
		return Atomicity
	case h.checkouts():
		return Snapshot
	case h.losesUpdate():
		return LostUpdate
	case h.skews():
		return WriteSkew
	}
	return Serializability
}

// moving is the history without those who wait for ever.
func (h *history) moving() *history {
	m := &history{init: h.init, final: h.final}
	for _, r := range h.records {
		if r.end > 0 {
			m.records = append(m.records, r)
		}
	}
	return m
}

func (h *history) uses(is func(*Op) bool) bool {
	return slices.ContainsFunc(h.records, func(r *record) bool { return anyOp(r.call.Body, is) })
}

func anyOp(ops []Op, is func(*Op) bool) bool {
	return slices.ContainsFunc(ops, func(op Op) bool {
		return is(&op) || slices.ContainsFunc(op.Body, func(b []Op) bool { return anyOp(b, is) })
	})
}

func (h *history) checkouts() bool {
	return slices.ContainsFunc(h.records, func(r *record) bool { return r.pinned > 0 || r.call.Form == View })
}
