package summary

import (
	"math"
	"sort"

	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
)

// A Place is a place on a latency curve: this share of operations took at most so many nanoseconds.
type Place struct {
	Quantile float64
	Latency  stats.Summary
}

// Curve returns the latency curve of a cell: at each quantile the median of the rounds. It ends where
// one operation of a round is all that is beyond. A cell without latencies has none.
func (c *Cell) Curve() (curve []Place) {
	var rounds []*result.Latency
	count := int64(math.MaxInt64)
	for _, p := range c.Points {
		if p.Latency != nil && p.Latency.Count > 0 {
			rounds = append(rounds, p.Latency)
			count = min(count, p.Latency.Count)
		}
	}
	for _, q := range quantiles {
		if len(rounds) == 0 || 1-q < 1/float64(count)*(1-1e-9) {
			break
		}
		var values []float64
		for _, r := range rounds {
			values = append(values, at(r, q))
		}
		curve = append(curve, Place{q, stats.Summarize(values)})
	}
	return curve
}

// quantiles lie evenly where the distance from 1 is logarithmic.
var quantiles = func() (all []float64) {
	for _, nines := range []float64{0, 0.9, 0.99, 0.999, 0.9999, 0.99999} {
		for _, share := range []float64{1, 0.7, 0.5, 0.3, 0.2, 0.14} {
			all = append(all, nines+(1-nines)*(1-share))
		}
	}
	all[2] = 0.5
	return append(all, 0.999999)
}()

// at returns what the share q of operations took at most, as far as that was recorded.
func at(l *result.Latency, q float64) float64 {
	buckets := l.Buckets
	if len(buckets) == 0 {
		buckets = []result.Bucket{{Quantile: 0.5, Value: l.P50}, {Quantile: 0.99, Value: l.P99}, {Quantile: 0.999, Value: l.P999}}
	}
	i := sort.Search(len(buckets), func(i int) bool { return buckets[i].Quantile >= q-1e-12 })
	if i == len(buckets) {
		return float64(l.Max)
	}
	return float64(buckets[i].Value)
}
