package sched

import "math/rand/v2"

// PCT is the probabilistic strategy of Burckhardt and others, for a number of runs. A run starts with the
// tasks in a random order of priority; the most important task that can go on takes the next step; at
// depth-1 steps, drawn before the run, the task that would go next becomes the least important one. The
// steps are drawn from the length of the longest run so far.
func PCT(seed uint64, depth, runs int) Strategy {
	return &pct{seed: seed, depth: max(depth, 1), runs: runs, longest: 1}
}

type pct struct {
	seed             uint64
	depth, runs, run int
	longest          int           // steps of the longest run so far
	source           rand.PCG      //
	priority         [MaxTasks]int // higher goes first; all distinct
	lowest           int           // below every priority given so far
	changes          []int         // steps at which a priority is lowered
}

func (s *pct) Next() bool {
	if s.run >= s.runs {
		return false
	}
	s.run++
	s.source.Seed(s.seed, uint64(s.run))
	random := rand.New(&s.source)
	for i, p := range random.Perm(MaxTasks) {
		s.priority[i] = p
	}
	s.lowest = 0
	s.changes = s.changes[:0]
	for range s.depth - 1 {
		s.changes = append(s.changes, random.IntN(s.longest))
	}
	return true
}

func (s *pct) Pick(p *Point) int {
	s.longest = max(s.longest, p.Step+1)
	for i := 0; i < len(s.changes); {
		if s.changes[i] > p.Step {
			i++
			continue
		}
		s.lowest--
		s.priority[s.first(p)] = s.lowest
		s.changes[i] = s.changes[len(s.changes)-1]
		s.changes = s.changes[:len(s.changes)-1]
	}
	return s.first(p)
}

// first returns the most important of the enabled tasks.
func (s *pct) first(p *Point) int {
	best := p.Enabled[0]
	for _, t := range p.Enabled[1:] {
		if s.priority[t] > s.priority[best] {
			best = t
		}
	}
	return best
}
