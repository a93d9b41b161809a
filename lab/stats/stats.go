// Package stats says how sure one can be of a few repeated measurements. It assumes nothing of how they
// are distributed, since times of programs are never normal: medians with order-statistic intervals,
// Mann and Whitney's test, and Hodges and Lehmann's estimate of a ratio.
package stats

import (
	"math"
	"slices"
	"sync"

	moremath "github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

// Confidence is that of all intervals; what is significant at less than 1 - Confidence is not.
const Confidence = 0.95

// A Summary is a median with its confidence interval.
type Summary struct {
	N         int
	Median    float64
	Low, High float64 // -Inf and +Inf if there are too few values (five or less) to say
}

// Bounded reports whether there were values enough for an interval.
func (s Summary) Bounded() bool { return s.N > 0 && !math.IsInf(s.Low, 0) && !math.IsInf(s.High, 0) }

// Summarize returns the median of values and its confidence interval. Without values it is NaN.
func Summarize(values []float64) Summary {
	if len(values) == 0 {
		return Summary{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
	}
	s := benchmath.AssumeNothing.Summary(sample(values), Confidence)
	return Summary{N: len(values), Median: s.Center, Low: s.Lo, High: s.Hi}
}

func sample(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}

// A Ratio says how many times as great the values of one sample are as those of another.
type Ratio struct {
	Value     float64 // the median of the ratios of all pairs
	Low, High float64 // its confidence interval, which is 0 and +Inf if there are too few values to say
	P         float64 // how probable so great a difference is if there is none; 1 if there are no values
}

// Significant reports whether the two samples can be told apart, if nothing else is tested.
func (r Ratio) Significant() bool { return r.P < 1-Confidence }

// Inverse returns the ratio the other way round.
func (r Ratio) Inverse() Ratio {
	return Ratio{Value: 1 / r.Value, Low: 1 / r.High, High: 1 / r.Low, P: r.P}
}

// RatioOf compares two samples of values that are not negative. Its interval leaves out 1 where its P
// is below 0.05, but for ties: both come from the distribution of Mann and Whitney's U (Hodges and
// Lehmann, Estimates of Location Based on Rank Tests, 1963).
func RatioOf(of, to []float64) Ratio {
	if len(of) == 0 || len(to) == 0 {
		return Ratio{Value: math.NaN(), Low: 0, High: math.Inf(1), P: 1}
	}
	ratios := make([]float64, 0, len(of)*len(to))
	for _, a := range of {
		for _, b := range to {
			ratios = append(ratios, divide(a, b))
		}
	}
	slices.Sort(ratios)
	r := Ratio{Value: median(ratios), Low: 0, High: math.Inf(1)}
	if k := criticalRank(len(of), len(to)); k > 0 {
		r.Low, r.High = ratios[k-1], ratios[len(ratios)-k]
	}
	r.P = benchmath.AssumeNothing.Compare(sample(of), sample(to)).P
	return r
}

func divide(a, b float64) float64 {
	if a == b {
		return 1
	}
	return a / b
}

func median(sorted []float64) float64 {
	n := len(sorted)
	if low, high := sorted[(n-1)/2], sorted[n/2]; low != high {
		return math.Sqrt(low * high) // halfway between two ratios
	}
	return sorted[n/2]
}

var ranks sync.Map // criticalRank by its arguments

// criticalRank returns the greatest k with P(U < k) ≤ (1 - Confidence) / 2.
func criticalRank(n, m int) int {
	key := [2]int{n, m}
	if k, ok := ranks.Load(key); ok {
		return k.(int)
	}
	const tail = (1 - Confidence) / 2
	k := 0
	if max(n, m) > 50 {
		mean, deviation := float64(n*m)/2, math.Sqrt(float64(n*m*(n+m+1))/12)
		k = max(0, int(mean+deviation*moremath.StdNormal.InvCDF(tail)))
	} else {
		u := moremath.UDist{N1: n, N2: m}
		for u.CDF(float64(k)) <= tail {
			k++
		}
	}
	ranks.Store(key, k)
	return k
}

// Discoveries says which of several tests, by their P, one may call significant so that at most rate of
// what one says is expected to be wrong (Benjamini and Hochberg, Controlling the False Discovery Rate, 1995).
func Discoveries(p []float64, rate float64) []bool {
	sorted := slices.Sorted(slices.Values(p))
	limit := math.Inf(-1)
	for i, v := range sorted {
		if v <= rate*float64(i+1)/float64(len(p)) {
			limit = v
		}
	}
	found := make([]bool, len(p))
	for i, v := range p {
		found[i] = v <= limit
	}
	return found
}
