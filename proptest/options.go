package proptest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// An Option changes how [Check], [Find], [Prop], [Replay] and [Reproduce] work.
type Option func(*config)

type config struct {
	shape      Shape
	schedulers []Scheduler
	programs   int
	seed       uint64
	html       string
	maxSteps   int
	unknown    float64
	patience   time.Duration
	bubble     *testing.T
}

func newConfig(options []Option) (config, error) {
	c := config{
		shape:      Shape{Clients: 2, PerClient: 3, Prefix: 2, Suffix: 1},
		schedulers: []Scheduler{Exhaustive(2, 1000), PCT(3, 200), Stress(5)},
		programs:   50,
		seed:       rand.Uint64(),
		maxSteps:   10_000,
		unknown:    0.05,
		patience:   10 * time.Second,
	}
	for _, o := range options {
		o(&c)
	}
	return c, c.validate()
}

func (c *config) validate() error {
	if err := c.shape.validate(); err != nil {
		return err
	}
	if len(c.schedulers) == 0 {
		return fmt.Errorf("proptest: no scheduler: give WithSchedulers at least one")
	}
	for _, s := range c.schedulers {
		if err := s.validate(); err != nil {
			return err
		}
	}
	if c.programs < 1 {
		return fmt.Errorf("proptest: %d programs: generate at least one", c.programs)
	}
	if c.patience <= 0 {
		return fmt.Errorf("proptest: patience %v: want more", c.patience)
	}
	if c.maxSteps < 1 {
		return fmt.Errorf("proptest: %d steps: want at least one", c.maxSteps)
	}
	return nil
}

// WithShape bounds the programs; 2 clients with up to 3 commands, a prefix of up to 2 and a suffix of up
// to 1 unless told.
func WithShape(s Shape) Option { return func(c *config) { c.shape = s } }

// WithSchedulers chooses the schedulers, which take turns on every program in this order;
// Exhaustive(2, 1000), PCT(3, 200) and Stress(5) unless told.
func WithSchedulers(s ...Scheduler) Option { return func(c *config) { c.schedulers = s } }

// WithPrograms sets how many programs are generated, 50 unless told.
func WithPrograms(n int) Option { return func(c *config) { c.programs = n } }

// WithSeed makes programs and schedules the same each time. Without it they differ from run to run; the
// seed is in every failure and report.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithHTML has a page about each failure's history written into the directory, which must exist.
func WithHTML(directory string) Option { return func(c *config) { c.html = directory } }

// WithMaxSteps limits the steps of one controlled run, 10,000 unless told; a run with more is a livelock.
func WithMaxSteps(n int) Option { return func(c *config) { c.maxSteps = n } }

// WithUnknown sets which share of histories may stay undecided before this is a failure, 0.05 unless told.
func WithUnknown(share float64) Option { return func(c *config) { c.unknown = share } }

// WithPatience sets after how much real time without progress an implementation hangs, and a history
// stays undecided; 10 seconds unless told.
func WithPatience(d time.Duration) Option { return func(c *config) { c.patience = d } }

// InBubble makes runs happen in synctest bubbles of the test, so that implementations may block on
// channels, sync.Cond, sync.WaitGroup and timers, and may start goroutines, and leaks are found. [Check]
// and [Replay] do so by themselves if they are given a *testing.T.
func InBubble(t *testing.T) Option { return func(c *config) { c.bubble = t } }
