// Package model says what a machine with more cores might do: a guess, with how wide it is.
//
// A discrete-event simulation has each core do one operation after another. What an operation costs on
// one core, what it costs to hand a lock or a cache line from core to core, and how often two operations
// clash, were measured; how much of an operation is serial, how far apart the cores of a bigger machine
// are, and other things that were not, are drawn at random from what they may be. First each draw
// predicts what two cores do, which nothing of it was made from: that prediction beside the measurement
// is how good the model is, and is shown. Then draws are kept as far as they got two cores right, and say
// what 16, 64 and 256 cores do. The spread of what they say is drawn, widened by as much as it takes for nine
// of ten measurements of two cores to be inside of what was predicted (see margin), more so for each doubling.
//
// Where six or more core counts were measured, the universal scalability law is fitted instead.
package model

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
	"github.com/rinse-go/rinse/lab/summary"
)

// Cores are those that are extrapolated to.
var Cores = []int{16, 64, 256}

const (
	guesses   = 96  // for each discipline and study
	kept      = 24  // of them, some more than once
	tolerance = 0.1 // of a guess about two cores: the deviation of the logarithm
	hopeless  = 1.5 // a factor: if no guess comes nearer to two cores, the model does not hold
	simulated = 500 // operations
)

// A Model is what can be said of bigger machines.
type Model struct {
	Curves []*Curve
	Error  float64 // by what factor predictions about two cores were off: the median; NaN if there are none
	Margin float64 // by how much predictions are widened: see margin
	Bare   float64 // the share of measurements that were inside of what was predicted before it was widened
	Inside float64 // and after, by a margin from other workloads
}

// A Curve is what a discipline does in a study, by cores.
type Curve struct {
	Study      *summary.Study
	Discipline string
	Law        bool // from the universal scalability law, not the simulation
	Forecasts  []Forecast
	WhyNot     string // there are none

	Check *Check // what it said about two cores, before it saw what they do; nil if nothing

	fit *fit
}

// A Forecast is a throughput that was not measured, and where it lies with a probability of nine in ten.
type Forecast struct {
	Cores                 int
	Throughput, Low, High float64
}

// A Check is a forecast of what was then measured. It is widened by a margin that comes from the forecasts for
// other workloads, so it shows what the margin is worth where it was not taken from.
type Check struct {
	Study, Discipline string
	Forecast
	Measured stats.Summary
}

// Error is by what factor a forecast was off, at least 1.
func (c Check) Error() float64 { return math.Exp(math.Abs(math.Log(c.Throughput / c.Measured.Median))) }

// Inside reports whether what was measured is inside of what was forecast.
func (c Check) Inside() bool { return c.Low <= c.Measured.Median && c.Measured.Median <= c.High }

// Extrapolate says what bigger machines may do. The same run gives the same model. It takes seconds.
func Extrapolate(run *result.Run) *Model {
	return extrapolate(run, func(*summary.Study) []int { return Cores }, true)
}

// Validate holds the model against a run on a machine with more than two cores: it is shown what one and
// two of them do, and forecasts the rest that was measured.
func Validate(run *result.Run) (checks []Check) {
	m := extrapolate(run, func(s *summary.Study) []int { return s.Procs }, false)
	for _, c := range m.Curves {
		for _, f := range c.Forecasts {
			cell := c.Study.Cell(c.Discipline, f.Cores, f.Cores)
			if of := cell.Of(summary.Throughput); f.Cores > 2 && of.N > 0 {
				checks = append(checks, Check{c.Study.Name(), c.Discipline, f, of})
			}
		}
	}
	return checks
}

func extrapolate(run *result.Run, cores func(*summary.Study) []int, lawful bool) *Model {
	m := &Model{}
	for _, s := range summary.Of(run) {
		for _, d := range s.Disciplines {
			if s.Cannot[d] == "" {
				m.Curves = append(m.Curves, &Curve{Study: s, Discipline: d})
			}
		}
	}
	parallel(m.Curves, func(c *Curve) { c.prepare(run, lawful) })
	m.judge()
	parallel(m.Curves, func(c *Curve) { c.forecast(cores(c.Study), m.Margin) })
	return m
}

// parallel does something with each curve, on all cores.
func parallel(curves []*Curve, do func(*Curve)) {
	var wait sync.WaitGroup
	work := make(chan *Curve)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for c := range work {
				do(c)
			}
		})
	}
	for _, c := range curves {
		work <- c
	}
	close(work)
	wait.Wait()
}

// judge says how good the checks are, and widens them.
func (m *Model) judge() {
	checks := map[string][]*Check{} // by workload
	var all []*Check
	var errors []float64
	for _, c := range m.Curves {
		if c.Check != nil {
			all, errors = append(all, c.Check), append(errors, c.Check.Error())
			checks[c.Study.Workload] = append(checks[c.Study.Workload], c.Check)
		}
	}
	m.Error, m.Margin = stats.Summarize(errors).Median, margin(all)
	m.Bare = inside(all)
	widen(checks)
	m.Inside = inside(all)
}

// prepare sees whether anything can be said, and checks what is said about two cores.
func (c *Curve) prepare(run *result.Run, lawful bool) {
	if lawful {
		if c.fit = lawFit(c, seedOf(run, c)); c.fit != nil {
			c.Law = true
			return
		}
	}
	one := c.Study.Cell(c.Discipline, 1, 1)
	if one == nil {
		one = c.Study.Cell(c.Discipline, 1, c.Study.MostProcs())
	}
	two := c.Study.Cell(c.Discipline, 2, 2)
	switch how, known := sharings[c.Discipline]; {
	case waits[c.Study.Workload]:
		c.WhyNot = "operations wait for others, which is not simulated"
	case !known:
		c.WhyNot = "how it shares state is not known to the simulation"
	case run.Costs == nil || run.Costs.Transfer.Median <= 0:
		c.WhyNot = "the costs of sharing were not measured"
	case !positive(one) || !positive(two):
		c.WhyNot = "one goroutine on one core, or two on two, were not measured"
	default:
		c.fit = newFit(how, run.Costs, one, two, seedOf(run, c))
		c.check(two)
	}
}

func positive(c *summary.Cell) bool {
	values := c.Values(summary.Throughput)
	return len(values) > 0 && slices.Min(values) > 0
}

func seedOf(run *result.Run, c *Curve) *rand.Rand {
	name := fnv.New64a()
	name.Write([]byte(c.Study.Name() + "\x00" + c.Discipline))
	return rand.New(rand.NewPCG(run.Seed, name.Sum64()))
}

func (c *Curve) check(two *summary.Cell) {
	measured := two.Of(summary.Throughput)
	f := spreadOf(2, c.fit.two)
	c.Check = &Check{c.Study.Name(), c.Discipline, f, measured}
	if !c.fit.condition(measured.Median) {
		c.fit = nil
		c.WhyNot = "the simulation cannot explain what two cores do"
	}
}

// forecast says what happens on more cores than were measured (or, to be checked, on those that were).
func (c *Curve) forecast(cores []int, margin float64) {
	if c.fit == nil {
		return
	}
	for _, n := range cores {
		if n > 2 && (!c.Law || n > c.Study.MostProcs()) {
			c.Forecasts = append(c.Forecasts, c.fit.forecast(n, margin))
		}
	}
}

// spreadOf makes a forecast of what several guesses say.
func spreadOf(cores int, says []float64) Forecast {
	sorted := slices.Sorted(slices.Values(says))
	n := len(sorted)
	return Forecast{Cores: cores, Throughput: sorted[n/2], Low: sorted[n/20], High: sorted[n-1-n/20]}
}
