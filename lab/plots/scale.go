package plots

import (
	"math"

	"gonum.org/v1/plot"
)

// A Scale is how the values of an axis lie.
type Scale int

// The scales.
const (
	Log      Scale = iota // of numbers above 0
	LogZero               // as Log, with a place for 0 below all others
	Quantile              // of numbers from 0 to below 1: the distance from 1 is logarithmic
)

// takes reports whether a value has a place.
func (s Scale) takes(v float64) bool {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return false
	case s == Quantile:
		return v >= 0 && v < 1
	case s == LogZero:
		return v >= 0
	}
	return v > 0
}

// at returns where a value lies, in decades.
func (s Scale) at(v float64) float64 {
	if s == Quantile {
		return -math.Log10(1 - v)
	}
	return math.Log10(v)
}

// ticks returns the ticks from low to high, both as places in decades.
func (s Scale) ticks(low, high float64, write func(float64) string) []plot.Tick {
	if s == Quantile {
		return quantileTicks(high, write)
	}
	ticks := decades(low, high, []float64{1}, write)
	if len(ticks) < 3 {
		ticks = decades(low, high, []float64{1, 2, 5}, write)
	}
	if len(ticks) < 3 {
		ticks = decades(low, high, []float64{1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9}, write)
	}
	for len(ticks) > 8 {
		ticks = everySecond(ticks)
	}
	return ticks
}

func decades(low, high float64, digits []float64, write func(float64) string) (ticks []plot.Tick) {
	for decade := math.Floor(low); decade <= high; decade++ {
		for _, digit := range digits {
			v := digit * math.Pow(10, decade)
			if at := math.Log10(v); at >= low-1e-9 && at <= high+1e-9 {
				ticks = append(ticks, plot.Tick{Value: at, Label: write(v)})
			}
		}
	}
	return ticks
}

func everySecond(ticks []plot.Tick) (kept []plot.Tick) {
	for i := 0; i < len(ticks); i += 2 {
		kept = append(kept, ticks[i])
	}
	return kept
}

func quantileTicks(high float64, write func(float64) string) (ticks []plot.Tick) {
	for _, q := range []float64{0, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999} {
		if at := Quantile.at(q); at <= high+1e-9 {
			ticks = append(ticks, plot.Tick{Value: at, Label: write(q)})
		}
	}
	return ticks
}
