package model

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/summary"
)

// A fit is what is held possible of a discipline in a study: many guesses, or many laws.
type fit struct {
	guesses []guess
	two     []float64 // what each guess says about two cores
	laws    []law
	most    int // cores that the laws were fitted to
	random  *rand.Rand
}

// newFit draws guesses, and asks each of them about two cores.
func newFit(how sharing, costs *result.Costs, one, two *summary.Cell, random *rand.Rand) *fit {
	f := &fit{random: random}
	single, clashes := one.Values(summary.Throughput), two.Values(summary.Clashes)
	sh := shapeOf(one.Workload, one.Case)
	for range guesses {
		time := 1e9 / center(single, random)
		clash := 0.0
		if len(clashes) > 0 {
			clash = probability(center(clashes, random), sh.reads)
		}
		g := guessed(how, sh, costs, time, clash, random)
		f.guesses = append(f.guesses, g)
		f.two = append(f.two, simulate(g.design(2), 2, simulated, random).throughput)
	}
	return f
}

// probability turns clashes an operation, of two cores, into the probability that two changes which
// overlap clash: an operation that clashes with probability p does so p/(1-p) times on average.
func probability(clashes, reads float64) float64 {
	if reads < 1 {
		clashes /= 1 - reads
	}
	return clashes / (1 + clashes)
}

// center is the median of as many values drawn from some, with repetition (the bootstrap).
func center(of []float64, random *rand.Rand) float64 {
	drawn := make([]float64, len(of))
	for i := range drawn {
		drawn[i] = pick(of, random)
	}
	slices.Sort(drawn)
	return drawn[len(drawn)/2]
}

func pick[T any](from []T, random *rand.Rand) T { return from[random.IntN(len(from))] }

// condition keeps guesses as far as they are right about two cores. It reports whether any is.
func (f *fit) condition(measured float64) bool {
	weights, total := make([]float64, len(f.two)), 0.0
	nearest := math.Inf(1)
	for i, says := range f.two {
		off := math.Log(says / measured)
		nearest = math.Min(nearest, math.Abs(off))
		weights[i] = math.Exp(-off * off / (2 * tolerance * tolerance))
		total += weights[i]
	}
	if nearest > math.Log(hopeless) {
		return false
	}
	var likely []guess
	at := f.random.Float64() / kept // systematic resampling
	for i, w := range weights {
		for at -= w / total; at < 0; at += 1.0 / kept {
			likely = append(likely, f.guesses[i])
		}
	}
	f.guesses = likely
	return len(likely) > 0
}

// forecast asks all guesses about so many cores, and widens what they say by the margin, which is that of one
// doubling, times the root of the doublings since the last measured core count.
func (f *fit) forecast(cores int, margin float64) Forecast {
	var says []float64
	off, doublings := 0.0, 0.0
	for _, l := range f.laws {
		says = append(says, l.at(float64(cores)))
		off, doublings = math.Max(off, 1.645*l.off), math.Log2(float64(cores)/float64(f.most))
	}
	for _, g := range f.guesses {
		says = append(says, simulate(g.design(cores), cores, simulated, f.random).throughput)
		off, doublings = margin, math.Log2(float64(cores)/2)
	}
	return spreadOf(cores, says).wider(off * math.Sqrt(doublings))
}

// wider adds an uncertainty of the logarithm, independent of the one that there is.
func (f Forecast) wider(by float64) Forecast {
	f.Low = f.Throughput * math.Exp(-math.Hypot(by, math.Log(f.Throughput/f.Low)))
	f.High = f.Throughput * math.Exp(math.Hypot(by, math.Log(f.High/f.Throughput)))
	return f
}

// lawFit fits laws if enough core counts were measured: one to each of many draws of rounds.
func lawFit(c *Curve, random *rand.Rand) *fit {
	var cores []float64
	var rounds [][]float64
	for _, n := range c.Study.Procs {
		if cell := c.Study.Cell(c.Discipline, n, n); positive(cell) {
			cores, rounds = append(cores, float64(n)), append(rounds, cell.Values(summary.Throughput))
		}
	}
	if len(cores) < enoughCores || cores[0] != 1 {
		return nil
	}
	f := &fit{random: random, most: int(cores[len(cores)-1])}
	for range 200 {
		var drawn []float64
		for _, values := range rounds {
			drawn = append(drawn, center(values, f.random))
		}
		f.laws = append(f.laws, fitLaw(cores, drawn))
	}
	return f
}
