package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
	"github.com/rinse-go/rinse/lab/summary"
)

// off returns a check of a forecast of 100 (90 to 110) of which so much was measured.
func off(measured float64) *Check {
	return &Check{Forecast: Forecast{2, 100, 90, 110}, Measured: stats.Summary{Median: measured}}
}

func TestMarginIsWhatNineOfTenLack(t *testing.T) {
	var checks []*Check
	for range 90 {
		checks = append(checks, off(105))
	}
	assert.InDelta(t, leastMargin, margin(checks), 1e-9, "all are inside, but no model is better than that")
	for range 10 {
		checks = append(checks, off(400), off(25))
	}
	need := margin(checks)
	assert.InDelta(t, off(25).lacks(), need, 1e-9, "which is less than the others lack")
	assert.InDelta(t, 90.0/110, inside(checks), 1e-9)
	for _, c := range checks {
		c.Forecast = c.wider(need + 1e-9)
	}
	assert.InDelta(t, 100.0/110, inside(checks), 1e-9)
}

func TestFewErrorsTellLittle(t *testing.T) {
	assert.InDelta(t, math.Log(hopeless), margin(nil), 1e-9)
	var checks []*Check
	for range leastChecks - 1 {
		checks = append(checks, off(100))
	}
	assert.InDelta(t, math.Log(hopeless), margin(checks), 1e-9)
	checks[3] = off(1000)
	assert.InDelta(t, off(1000).lacks(), margin(checks), 1e-9)
}

// If the model is wrong, and as wrong about workloads it was not widened by, then nine of ten are inside all the same.
// The errors of one workload are alike, as they are in truth.
func TestWidenedIntervalsHoldWhatWasHeldOut(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	checks := map[string][]*Check{}
	var all []*Check
	for workload := range 60 {
		alike := 0.5 * random.NormFloat64()
		for range 10 {
			c := off(100 * math.Exp(alike+0.5*random.NormFloat64()))
			all = append(all, c)
			checks[fmt.Sprint(workload)] = append(checks[fmt.Sprint(workload)], c)
		}
	}
	assert.Less(t, inside(all), 0.2)
	widen(checks)
	assert.InDelta(t, confidence, inside(all), 0.05)
}

// A workload's own errors say nothing of how far its intervals have to reach: the one that is far off stays outside.
func TestNoWorkloadIsWidenedByItself(t *testing.T) {
	checks := map[string][]*Check{}
	for range 20 {
		checks["good"] = append(checks["good"], off(100))
		checks["bad"] = append(checks["bad"], off(1000))
	}
	widen(checks)
	assert.Zero(t, inside(checks["bad"]))
	assert.Greater(t, checks["good"][0].High, 500.0, "which is wide for the sake of the other")
}

// The committed run is of a real machine, which does not obey the model.
func TestIntervalsHoldWhatARealMachineDid(t *testing.T) {
	file, err := os.Open("../../docs/lab/sample.jsonl")
	require.NoError(t, err)
	defer file.Close()
	run, err := result.Read(file)
	require.NoError(t, err)
	run.Points = slices.DeleteFunc(run.Points, func(p result.Point) bool {
		return !slices.Contains([]string{"mutex", "queue", "cow", "stm"}, p.Discipline) // for they take their time
	})
	m := extrapolate(run, func(*summary.Study) []int { return Cores[:1] }, true)
	assert.Less(t, m.Bare, 0.8, "or there is nothing to widen")
	assert.GreaterOrEqual(t, m.Inside, 0.85)
	assert.LessOrEqual(t, m.Inside, 0.97, "wider than needed")
	for _, c := range m.Curves {
		for _, f := range c.Forecasts {
			assert.GreaterOrEqual(t, f.High/f.Low, math.Exp(2*m.Margin), "%s with %s", c.Study.Name(), c.Discipline)
		}
	}
	assert.Contains(t, m.About(), "is inside. That is of two cores")
}
