package sched

import "math/rand/v2"

// A Strategy decides who goes next. It lives through many runs and is used by one [Explore] at a time.
type Strategy interface {
	// Next prepares the next schedule and is false when there are no more.
	Next() bool
	// Pick returns one of p.Enabled. It is asked before each step, also where there is no choice. Anything
	// else, such as -1, says that this is not the run that was expected, and ends it with [ErrDiverged].
	Pick(p *Point) int
}

// A Point is the moment before a step. The strategy must not change or keep it.
type Point struct {
	Enabled     []int  // the tasks that can go on, ascending
	Mask        uint64 // the same, as bits
	Last        int    // the task that took the last step, -1 at the beginning
	Preemptions int    // how often so far a task was made to wait although it could have gone on
	Step        int    // steps taken so far

	tasks []task
}

// LastEnabled reports whether the task that took the last step can go on, so that picking another one is
// a preemption.
func (p *Point) LastEnabled() bool { return p.Last >= 0 && p.Mask&(1<<p.Last) != 0 }

// independent returns the tasks, as bits, whose next steps commute with the next step of task t.
func (p *Point) independent(t int) (mask uint64) {
	for u := range p.tasks {
		if u != t && commute(&p.tasks[t], &p.tasks[u]) {
			mask |= 1 << u
		}
	}
	return mask
}

func commute(a, b *task) bool {
	switch {
	case a.access == nothing || b.access == nothing:
		return true
	case a.access == everything || b.access == everything:
		return false
	}
	return a.object != b.object || a.access == reads && b.access == reads
}

// Random is the strategy that picks with equal chances, for a number of runs.
func Random(seed uint64, runs int) Strategy { return &random{seed: seed, runs: runs} }

type random struct {
	seed      uint64
	runs, run int
	source    rand.PCG
}

func (s *random) Next() bool {
	if s.run >= s.runs {
		return false
	}
	s.run++
	s.source.Seed(s.seed, uint64(s.run))
	return true
}

func (s *random) Pick(p *Point) int {
	if len(p.Enabled) == 1 {
		return p.Enabled[0]
	}
	return p.Enabled[s.source.Uint64()%uint64(len(p.Enabled))]
}
