package measure

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/rinse-go/rinse/lab/result"
)

const longest = 100 * time.Second

// newHistogram returns one from a nanosecond on, right to 1 %.
func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, int64(longest), 2) }

func record(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(int64(min(max(d, 1), longest))) // it has no other error than that of its range
}

func summary(h *hdrhistogram.Histogram, rate float64) *result.Latency {
	at := func(quantile float64) time.Duration { return time.Duration(h.ValueAtQuantile(100 * quantile)) }
	l := &result.Latency{
		Rate: rate, Count: h.TotalCount(),
		P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: time.Duration(h.Max()),
	}
	for _, q := range quantiles {
		if (1-q)*float64(l.Count) < 1 {
			break
		}
		l.Buckets = append(l.Buckets, result.Bucket{Quantile: q, Value: at(q)})
	}
	return l
}

// quantiles lie evenly where the distance from 1 is logarithmic, since the interest is in the tail.
var quantiles = func() (all []float64) {
	for _, tail := range []float64{1, 0.1, 0.01, 0.001, 0.0001, 0.00001} {
		for _, share := range []float64{1, 0.7, 0.5, 0.3, 0.2, 0.14} {
			all = append(all, math.Round((1-tail*share)*1e8)/1e8)
		}
	}
	return all
}()
