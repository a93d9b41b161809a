package proptest

import (
	"fmt"

	"github.com/rinse-go/rinse/proptest/sched"
)

// A Scheduler says in which ways each program is run. All but [Stress] are controlled: one client at a
// time, in an order that is chosen, written down and repeatable; see package sched.
type Scheduler struct {
	name    string
	repeats int // Stress
	// phases makes the strategies for one program, to be run one after the other; at most limit schedules.
	phases func(seed uint64) []sched.Strategy
	limit  int
}

func (s Scheduler) String() string { return s.name }

// Stress runs each program so many times on real threads. With the race detector it finds data races.
func Stress(repeats int) Scheduler {
	return Scheduler{name: fmt.Sprintf("Stress(%d)", repeats), repeats: repeats}
}

// Random runs each program under so many schedules in which every step is a throw of the dice.
func Random(runs int) Scheduler {
	return Scheduler{
		name:   fmt.Sprintf("Random(%d)", runs),
		limit:  runs,
		phases: func(seed uint64) []sched.Strategy { return []sched.Strategy{sched.Random(seed, runs)} },
	}
}

// PCT runs each program under so many schedules of [sched.PCT], which finds what needs depth ordering
// constraints.
func PCT(depth, runs int) Scheduler {
	return Scheduler{
		name:   fmt.Sprintf("PCT(%d, %d)", depth, runs),
		limit:  runs,
		phases: func(seed uint64) []sched.Strategy { return []sched.Strategy{sched.PCT(seed, depth, runs)} },
	}
}

// Exhaustive runs each program under every schedule with at most so many preemptions, those with fewer
// first, but no more than maxSchedules. A negative number of preemptions means all schedules.
func Exhaustive(preemptions, maxSchedules int) Scheduler {
	return Scheduler{
		name:  fmt.Sprintf("Exhaustive(%d, %d)", preemptions, maxSchedules),
		limit: maxSchedules,
		phases: func(uint64) (all []sched.Strategy) {
			if preemptions < 0 {
				return []sched.Strategy{sched.Exhaustive(-1)}
			}
			for bound := range preemptions + 1 {
				all = append(all, sched.Exhaustive(bound))
			}
			return all
		},
	}
}

func (s Scheduler) validate() error {
	if s.name == "" {
		return fmt.Errorf("proptest: the zero Scheduler does nothing: use Stress, Random, PCT or Exhaustive")
	}
	if s.repeats <= 0 && s.limit <= 0 {
		return fmt.Errorf("proptest: scheduler %s runs nothing: use a positive number", s.name)
	}
	return nil
}

// begin makes the strategy of this scheduler for one program.
func (s Scheduler) begin(seed uint64) *phases {
	return &phases{strategies: s.phases(seed), left: s.limit}
}

// phases runs strategies one after the other, up to a limit of schedules. It tells when it is done, so
// that an exploration that was interrupted can be taken up again.
type phases struct {
	strategies []sched.Strategy
	left       int
	done       bool
}

func (p *phases) Next() bool {
	for p.left > 0 && len(p.strategies) > 0 {
		if p.strategies[0].Next() {
			p.left--
			return true
		}
		p.strategies = p.strategies[1:]
	}
	p.done = true
	return false
}

func (p *phases) Pick(point *sched.Point) int { return p.strategies[0].Pick(point) }

// complete reports whether every schedule was run, rather than the limit reached.
func (p *phases) complete() bool { return p.done && len(p.strategies) == 0 }
