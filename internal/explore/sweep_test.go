//go:build rinsesched

package explore

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rinse-go/rinse/proptest/sched"
)

// bodies returns every sequence of one to most reads and writes of two variables.
func bodies(most int) [][]Op {
	letters := []Op{{Act: Read, Var: 0}, {Act: Read, Var: 1}, {Act: Write, Var: 0}, {Act: Write, Var: 1}}
	all := [][]Op{}
	level := [][]Op{nil}
	for range most {
		var longer [][]Op
		for _, b := range level {
			for _, op := range letters {
				longer = append(longer, append(b[:len(b):len(b)], op))
			}
		}
		all, level = append(all, longer...), longer
	}
	return all
}

// numbered gives the writes of a thread values that no other has.
func numbered(ops []Op, thread int) []Op {
	mine := make([]Op, len(ops))
	for i, op := range ops {
		if op.Act == Write {
			op.Value = 10*(thread+1) + i
		}
		mine[i] = op
	}
	return mine
}

func transactions(bodies ...[]Op) *Program {
	p := &Program{}
	for i, b := range bodies {
		p.Threads = append(p.Threads, []Call{{Body: numbered(b, i)}})
	}
	return p
}

func TestMeasure(t *testing.T) {
	all := bodies(3)
	var e Explorer
	for _, pick := range [][2]int{{0, 0}, {0, 2}, {2, 2}, {20, 40}, {83, 83}, {50, 60}, {30, 70}, {22, 66}} {
		p := transactions(all[pick[0]], all[pick[1]])
		start := time.Now()
		r := e.Explore(p, 1_000_000)
		t.Log(p, r.Schedules, r.Repeats, r.Histories, r.Complete, time.Since(start))
		if r.Violation != nil {
			t.Fatal(r.Violation)
		}
	}
}

// outline is what a history says about the order of calls and what they saw, and nothing else.
func outline(h *history) string {
	var b strings.Builder
	records := slices.Clone(h.records)
	slices.SortStableFunc(records, func(a, b *record) int { return a.thread - b.thread })
	for _, r := range records {
		fmt.Fprintf(&b, "%d %v %v %v:", r.thread, r.outcome, r.seen(), r.hooks)
		for i := range r.attempts {
			fmt.Fprintf(&b, " %v%v", r.attempts[i].outcome, r.attempts[i].seen)
		}
		for _, other := range records {
			fmt.Fprintf(&b, " %v", other.end > 0 && other.end < r.begin)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestNothingIsMissed compares with the plain enumeration of all schedules.
func TestNothingIsMissed(t *testing.T) {
	all := bodies(2)
	var e Explorer
	for _, pick := range [][2]int{{0, 0}, {0, 2}, {2, 2}, {2, 3}, {4, 2}, {6, 2}, {10, 10}, {6, 14}, {7, 13}} {
		p := transactions(all[pick[0]], all[pick[1]])
		reduced, plain := map[string]bool{}, map[string]bool{}
		e.observe = func(h *history) { reduced[outline(h)] = true }
		r := e.Explore(p, 1_000_000)
		e.observe = func(h *history) { plain[outline(h)] = true }
		start := time.Now()
		r2 := e.With(sched.Exhaustive(3), p)
		if r2.Violation != nil || r.Violation != nil {
			t.Fatal(r.Violation, r2.Violation)
		}
		t.Log(p, r.Schedules, len(reduced), r2.Schedules, len(plain), time.Since(start))
		for h := range plain {
			if !reduced[h] {
				t.Fatalf("missed\n%s", h)
			}
		}
	}
}
