package sched

import "iter"

// An Option changes how [Explore] runs its tasks.
type Option func(*config)

type config struct {
	maxSteps int
	bubble   bool
}

// MaxSteps limits the steps of one run, 10,000 unless told. A run that takes more ends with [ErrTooLong].
func MaxSteps(n int) Option { return func(c *config) { c.maxSteps = n } }

// InBubble makes tasks goroutines of the synctest bubble in which Explore is called. They may block on
// whatever synctest sees: channels made in the bubble, sync.Cond, sync.WaitGroup, timers.
func InBubble() Option { return func(c *config) { c.bubble = true } }

// Explore yields one [Run] for each schedule of the strategy. It may be left and called again with the
// same strategy, to go on with the schedule after the last one. A Run is valid for its own iteration only.
// It ends early where a run is [Run.Lost].
func Explore(strategy Strategy, options ...Option) iter.Seq[*Run] {
	c := config{maxSteps: 10_000}
	for _, o := range options {
		o(&c)
	}
	return func(yield func(*Run) bool) {
		r := &Run{strategy: strategy, maxSteps: c.maxSteps}
		if c.bubble {
			r.host = &bubble{owner: r}
		} else {
			r.host = &coroutines{owner: r, current: -1}
		}
		defer r.host.close()
		for strategy.Next() {
			r.begin()
			if !yield(r) || r.lost {
				return
			}
		}
	}
}
