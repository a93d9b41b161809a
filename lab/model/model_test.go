package model

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/lab/internal/synthetic"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/summary"
)

var costs = func() *result.Costs {
	of := func(ns float64) result.Cost { return result.Cost{Median: ns, Low: ns * 0.95, High: ns * 1.05} }
	return &result.Costs{Transfer: of(40), Atomic: of(3), Shared: of(7), Lock: of(6), HandOff: of(7), Message: of(180)}
}()

// simulatedRun makes up a run of a machine that does exactly what one guess says.
func simulatedRun(seed uint64, workload, of, discipline string, cores ...int) *result.Run {
	random := seeded(seed)
	g := guessed(sharings[discipline], shapeOf(workload, of), costs, 100+200*random.Float64(), 0.02*random.Float64(), random)
	run := &result.Run{Seed: seed, Costs: costs}
	for _, n := range cores {
		o := simulate(g.design(n), n, 4000, random)
		for round := range 4 {
			const ops = 1e8
			run.Points = append(run.Points, result.Point{
				Key:   result.Key{Workload: workload, Case: of, Discipline: discipline, Goroutines: n, Procs: n},
				Round: round, Ops: ops, Clashes: uint64(ops * o.clashes),
				Elapsed: time.Duration(ops / o.throughput * 1e9 * (1 + 0.02*random.Float64())),
			})
		}
	}
	return run
}

// What machines do that obey the model has to be inside of what it says of them, as often as it claims.
func TestForecastsHoldTheTruth(t *testing.T) {
	inside, all := 0, 0
	for seed := range uint64(3) {
		for _, c := range [][3]string{
			{"bank", "", "mutex"}, {"cache", "90/10", "rwmutex"}, {"bank", "", "striped"}, {"bank", "", "queue"},
			{"counter", "", "atomic"}, {"cache", "90/10", "cow"}, {"bank", "", "stm"}, {"cache", "50/50", "anacrolix"},
		} {
			for _, check := range Validate(simulatedRun(seed, c[0], c[1], c[2], 1, 2, 16, 64)) {
				all++
				if check.Inside() {
					inside++
				}
			}
		}
	}
	assert.Greater(t, all, 3*8*2*8/10, "nearly all can be forecast")
	assert.Greater(t, inside, all*80/100, "of %d", all)
}

// What two cores do has to count: of guesses that are all possible, those stay that explain it.
func TestTwoCoresTeachSomething(t *testing.T) {
	spread := func(prior bool) float64 {
		run := simulatedRun(2, "bank", "", "queue", 1, 2)
		c := &Curve{Study: summary.Of(run)[0], Discipline: "queue"}
		c.prepare(run, false)
		says := c.fit.two
		if !prior {
			says = nil
			for _, g := range c.fit.guesses {
				says = append(says, simulate(g.design(2), 2, 2000, seeded(1)).throughput)
			}
		}
		f := spreadOf(2, says)
		return math.Log(f.High / f.Low)
	}
	assert.Less(t, spread(false), spread(true)/2)
}

// A machine that does not obey the model has to show as one.
func TestErrorIsNotHidden(t *testing.T) {
	run := simulatedRun(1, "bank", "", "mutex", 1, 2)
	for i := range run.Points {
		if run.Points[i].Procs == 2 {
			run.Points[i].Ops /= 4 // a second core makes it all four times as slow
		}
	}
	c := Extrapolate(run).Curves[0]
	assert.Greater(t, c.Check.Error(), 2.0)
	assert.False(t, c.Check.Inside())
	assert.Empty(t, c.Forecasts)
	assert.Equal(t, "the simulation cannot explain what two cores do", c.WhyNot)
}

func TestSameRunSameModel(t *testing.T) {
	run := simulatedRun(3, "bank", "", "stm", 1, 2)
	one, two := Extrapolate(run), Extrapolate(run)
	assert.Equal(t, one.Curves[0].Forecasts, two.Curves[0].Forecasts)
	require.Len(t, one.Curves[0].Forecasts, len(Cores))
	run.Seed++
	assert.NotEqual(t, one.Curves[0].Forecasts, Extrapolate(run).Curves[0].Forecasts)
}

func TestFartherIsLessCertain(t *testing.T) {
	for _, discipline := range []string{"mutex", "striped", "stm"} {
		wide := 1.0
		for _, f := range Extrapolate(simulatedRun(4, "bank", "", discipline, 1, 2)).Curves[0].Forecasts {
			assert.Greater(t, f.High/f.Low, wide*0.9, "%s on %d cores", discipline, f.Cores)
			wide = f.High / f.Low
		}
	}
}

func TestWhyThereIsNoForecast(t *testing.T) {
	why := func(run *result.Run) string {
		c := Extrapolate(run).Curves[0]
		assert.Empty(t, c.Forecasts)
		return c.WhyNot
	}
	assert.Contains(t, why(simulatedRun(1, "buffer", "", "mutex", 1, 2)), "wait for others")
	assert.Contains(t, why(simulatedRun(1, "bank", "", "mutex", 1)), "were not measured")
	run := simulatedRun(1, "bank", "", "mutex", 1, 2)
	run.Costs = nil
	assert.Contains(t, why(run), "costs of sharing")
	for i := range run.Points {
		run.Points[i].Discipline = "yours"
	}
	assert.Contains(t, why(run), "not known")
}

func TestLawIsFoundAgain(t *testing.T) {
	want := law{first: 1e7, contention: 0.05, coherency: 0.002}
	cores := []float64{1, 2, 4, 8, 16, 32}
	var throughput []float64
	for _, n := range cores {
		throughput = append(throughput, want.at(n))
	}
	got := fitLaw(cores, throughput)
	assert.InEpsilon(t, want.contention, got.contention, 1e-9)
	assert.InEpsilon(t, want.coherency, got.coherency, 1e-9)
	assert.InDelta(t, 0, got.off, 1e-9)
	for i := range throughput {
		throughput[i] = 1e7 * cores[i] * cores[i] // better than linear, which no law is
	}
	got = fitLaw(cores, throughput)
	assert.Zero(t, got.contention)
	assert.Zero(t, got.coherency)
}

// The law says nothing where fewer than six core counts were measured, and nothing about those.
func TestLawTakesSixCoreCounts(t *testing.T) {
	five := Extrapolate(simulatedRun(5, "bank", "", "mutex", 1, 2, 3, 4, 5)).Curves[0]
	assert.False(t, five.Law)
	six := Extrapolate(simulatedRun(5, "bank", "", "mutex", 1, 2, 4, 8, 16, 32)).Curves[0]
	assert.True(t, six.Law)
	require.Len(t, six.Forecasts, 2)
	assert.Equal(t, 64, six.Forecasts[0].Cores)
	assert.Less(t, six.Forecasts[0].Low, six.Forecasts[0].High)
}

func TestOddRuns(t *testing.T) {
	for name, run := range synthetic.Odd() {
		if len(run.Points) > 100 {
			run.Points = run.Points[:100]
		}
		m := Extrapolate(run)
		for _, c := range m.Curves {
			for _, f := range c.Forecasts {
				assert.False(t, math.IsNaN(f.Throughput) || f.Low > f.Throughput || f.High < f.Throughput, "%s: %v", name, f)
			}
		}
		assert.NotEmpty(t, m.About())
		m.Sentences()
	}
}

func TestCalibrate(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 || runtime.NumCPU() < 2 {
		_, err := Calibrate(t.Context())
		assert.ErrorIs(t, err, ErrCores)
		t.Skip("the costs of sharing cannot be measured on one core")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Calibrate(ctx)
	assert.ErrorIs(t, err, context.Canceled)

	faster := func() bool { // whatever others do on this machine: in some trial
		got, err := Calibrate(t.Context())
		require.NoError(t, err)
		for _, c := range []result.Cost{got.Transfer, got.Atomic, got.Shared, got.Lock, got.HandOff, got.Message} {
			assert.Positive(t, c.Low)
			assert.True(t, slices.IsSorted([]float64{c.Low, c.Median, c.High}))
		}
		return got.Transfer.Median > got.Atomic.Median
	}
	for end := time.Now().Add(time.Minute); !faster(); {
		require.True(t, time.Now().Before(end), "the core that has a line already is faster")
	}
}

func TestSentences(t *testing.T) {
	run := simulatedRun(6, "bank", "", "striped", 1, 2)
	run.Points = append(run.Points, simulatedRun(6, "bank", "", "queue", 1, 2).Points...)
	m := Extrapolate(run)
	require.Len(t, m.Sentences(), 1)
	assert.Regexp(t, "^For bank on 256 cores the guess is that `striped` does .* op/s \\(.* to .*\\), ahead of all others\\.$",
		m.Sentences()[0])
	assert.Contains(t, m.About(), "off by a factor of")
	assert.Contains(t, m.About(), "it takes measurements of other workloads")
}

func ExampleExtrapolate() {
	run := simulatedRun(6, "bank", "", "mutex", 1, 2)
	for _, curve := range Extrapolate(run).Curves {
		for _, f := range curve.Forecasts {
			fmt.Println(curve.Discipline, f.Cores, f.Low < f.Throughput && f.Throughput < f.High)
		}
	}
	// Output:
	// mutex 16 true
	// mutex 64 true
	// mutex 256 true
}
