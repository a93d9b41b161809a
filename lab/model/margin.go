package model

import (
	"math"
	"slices"
)

// What guesses say is spread as widely as what was not measured allows. But the model is wrong in other ways
// as well, and how wrong can only be seen where it is held against measurements. So intervals are widened
// until nine of ten measurements are inside: conformal prediction (Vovk, Gammerman and Shafer, Algorithmic
// Learning in a Random World, 2005), with nested intervals (Gupta, Kuchibhotla and Ramdas, Pattern
// Recognition 127, 2022). It rests on nothing but this: that the next error is one like those that were seen.

// confidence is how many measurements shall be inside of what is forecast of them.
const confidence = 0.9

// leastMargin is for one that a model too good to be true would have.
var leastMargin = math.Log(1.1)

// leastChecks is from how many errors one can tell what nine of ten are below.
const leastChecks = 9

// margin is by how much forecasts have to be widened so that, of measurements like these, nine of ten are
// inside. From too few nobody can tell; then it is all that it takes for these, and a lot at least.
func margin(checks []*Check) float64 {
	n, least := len(checks), leastMargin
	if n < leastChecks {
		least = math.Log(hopeless)
	}
	if n == 0 {
		return least
	}
	var lacks []float64
	for _, c := range checks {
		lacks = append(lacks, c.lacks())
	}
	slices.Sort(lacks)
	rank := min(n, int(math.Ceil(confidence*float64(n+1))))
	return math.Max(least, lacks[rank-1])
}

// lacks is by how much a forecast has to be widened at least so that what was measured is inside.
func (c *Check) lacks() float64 {
	off := math.Log(c.Measured.Median / c.Throughput)
	reach := math.Log(c.High / c.Throughput)
	if off < 0 {
		reach = math.Log(c.Throughput / c.Low)
	}
	return math.Sqrt(math.Max(0, off*off-reach*reach))
}

// widen widens each workload's checks by a margin from those of all others. Within a workload errors are
// alike, so there the margin would come from what it is to be held against.
func widen(byWorkload map[string][]*Check) {
	margins := map[string]float64{}
	for workload := range byWorkload {
		var others []*Check
		for other, checks := range byWorkload {
			if other != workload {
				others = append(others, checks...)
			}
		}
		margins[workload] = margin(others)
	}
	for workload, checks := range byWorkload {
		for _, c := range checks {
			c.Forecast = c.wider(margins[workload])
		}
	}
}

func inside(checks []*Check) float64 {
	n := 0
	for _, c := range checks {
		if c.Inside() {
			n++
		}
	}
	return float64(n) / float64(len(checks))
}
