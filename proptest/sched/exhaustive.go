package sched

import "math/bits"

// Exhaustive is the strategy that walks through every schedule with at most so many preemptions, depth
// first, the ones without a preemption being the cheapest way to go on. A negative bound means all
// schedules. Switching away from a task that has ended, waits or pauses is not a preemption (Musuvathi,
// Qadeer: Iterative Context Bounding for Systematic Testing of Multithreaded Programs, PLDI 2007).
//
// The program must be deterministic: it must meet the same choices again after the same choices. Where
// it does not, the run ends with [ErrDiverged].
func Exhaustive(preemptions int) Strategy { return &exhaustive{bound: preemptions} }

// The schedules form a tree whose nodes are steps. path is the branch taken by the current run; each node
// keeps the siblings not yet visited. The next schedule changes the deepest node that has any.
type exhaustive struct {
	bound int
	path  []choice
	depth int // of the next choice in the current run
	begun bool

	// A run that ends before it has come to the node that it was to change is not the same program as
	// before. This is known when it is over; the next run is made to fail for it, and is the last.
	diverged bool
}

type choice struct {
	enabled uint64 // who could go on, to notice a program that is not deterministic
	rest    uint64 // siblings still to visit
	taken   uint8
}

func (s *exhaustive) Next() bool {
	if s.diverged {
		return false
	}
	if s.depth < len(s.path) { // see diverged
		s.diverged = true
		return true
	}
	first := !s.begun
	s.begun, s.depth = true, 0
	for len(s.path) > 0 {
		last := &s.path[len(s.path)-1]
		if last.rest != 0 {
			last.taken = uint8(bits.TrailingZeros64(last.rest))
			last.rest &= last.rest - 1
			return true
		}
		s.path = s.path[:len(s.path)-1]
	}
	return first
}

func (s *exhaustive) Pick(p *Point) int {
	depth := s.depth
	s.depth++
	if depth == len(s.path) {
		s.path = append(s.path, s.branch(p))
	}
	if s.path[depth].enabled != p.Mask || s.diverged {
		return -1
	}
	return int(s.path[depth].taken)
}

// branch opens a new node: go on with the same task first, and with others if the bound leaves room.
func (s *exhaustive) branch(p *Point) choice {
	if !p.LastEnabled() {
		return choice{enabled: p.Mask, rest: p.Mask & (p.Mask - 1), taken: uint8(bits.TrailingZeros64(p.Mask))}
	}
	c := choice{enabled: p.Mask, taken: uint8(p.Last)}
	if s.bound < 0 || p.Preemptions < s.bound {
		c.rest = p.Mask &^ (1 << p.Last)
	}
	return c
}
