package sched

import "math/bits"

// Reduced is the strategy that walks through all schedules but for the order of independent steps: of the
// schedules that differ only in that, it completes exactly one. Steps are independent if they access
// different objects or both only read, as announced by [Run.Read] and [Run.Write]; a step announced by
// another yield point depends on all others. A condition of [Run.Until] may be changed by no step that is
// announced as a Read or Write of something else. Runs found to be repetitions end with [ErrRedundant].
//
// What the caller concludes from a run must not depend on the order of independent steps either: announce
// what is observed, such as which operation returned before another was called, as an access as well.
func Reduced() Strategy { return &reduced{} }

// redundant is what Pick returns for a repetition.
const redundant = -2

// Sleep sets (Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996): when all
// schedules that begin with a task's step have been seen, the task is put to sleep at that node. In the
// subtrees of its siblings it sleeps on, as long as only steps that commute with its own are taken, for
// until then its step would lead to what has been seen. Where all that can go on are asleep, the run is a
// repetition.
type reduced struct {
	path     []branch
	depth    int
	sleep    uint64 // of the node that the current run comes to next
	begun    bool
	diverged bool // see exhaustive
}

type branch struct {
	enabled uint64
	asleep  uint64 // on arrival, and siblings that have been visited
	taken   uint8
}

func (s *reduced) Next() bool {
	if s.diverged {
		return false
	}
	if s.depth < len(s.path) {
		s.diverged = true
		return true
	}
	first := !s.begun
	s.begun, s.depth, s.sleep = true, 0, 0
	for len(s.path) > 0 {
		last := &s.path[len(s.path)-1]
		last.asleep |= 1 << last.taken
		if rest := last.enabled &^ last.asleep; rest != 0 {
			last.taken = uint8(bits.TrailingZeros64(rest))
			return true
		}
		s.path = s.path[:len(s.path)-1]
	}
	return first
}

func (s *reduced) Pick(p *Point) int {
	if s.depth == len(s.path) {
		awake := p.Mask &^ s.sleep
		if awake == 0 {
			return redundant
		}
		s.path = append(s.path, branch{enabled: p.Mask, asleep: s.sleep, taken: uint8(bits.TrailingZeros64(awake))})
	}
	b := s.path[s.depth]
	s.depth++
	if b.enabled != p.Mask || s.diverged {
		return -1
	}
	if s.sleep = b.asleep; s.sleep != 0 {
		s.sleep &= p.independent(int(b.taken))
	}
	return int(b.taken)
}
