package summary_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/lab/internal/synthetic"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/summary"
)

func point(discipline string, goroutines, procs, round int, ops uint64) result.Point {
	return result.Point{
		Key:   result.Key{Workload: "bank", Discipline: discipline, Goroutines: goroutines, Procs: procs},
		Round: round, Ops: ops, Elapsed: time.Second,
	}
}

func ExampleOf() {
	run := &result.Run{
		Points: []result.Point{point("mutex", 2, 2, 1, 30), point("stm", 2, 2, 0, 5), point("mutex", 2, 2, 0, 10), point("mutex", 2, 2, 2, 20)},
		Refusals: []result.Refusal{{
			Key: result.Key{Workload: "bank", Discipline: "atomic"}, Cannot: "an instruction changes one word",
		}},
	}
	for _, study := range summary.Of(run) {
		fmt.Println(study.Name(), study.Disciplines, study.Goroutines, study.MostProcs(), study.Cannot)
		mutex := study.Cell("mutex", 2, 2)
		fmt.Println(mutex.Values(summary.Throughput), summary.Throughput.Text(mutex.Of(summary.Throughput)))
	}
	// Output:
	// bank [mutex stm atomic] [2] 2 map[atomic:an instruction changes one word]
	// [10 30 20] 20 op/s in 3 rounds
}

func TestOrderIsThatOfTheRun(t *testing.T) {
	studies := summary.Of(synthetic.Run(1, 2))
	require.Len(t, studies, 17)
	assert.Equal(t, "counter", studies[0].Name())
	assert.Equal(t, "cache 90/10", studies[3].Name())
	assert.Equal(t, []int{1, 2, 4, 8}, studies[0].Goroutines)
	assert.Equal(t, []int{1, 2}, studies[0].Procs)
	row := studies[0].Row("stm", 2)
	require.Len(t, row, 4)
	assert.Equal(t, 8, row[3].Goroutines)
	assert.Nil(t, studies[0].Cell("stm", 3, 2))
	assert.Empty(t, studies[0].Cell("stm", 3, 2).Values(summary.Throughput), "nothing was measured")
}

// What a point does not have is not a value of it: neither 0 nor infinite.
func TestWhatIsNotThere(t *testing.T) {
	empty := point("mutex", 1, 1, 0, 0)
	empty.Elapsed, empty.Clashes = 0, 3
	s := summary.Of(&result.Run{Points: []result.Point{empty}})[0]
	for _, m := range []summary.Metric{
		summary.Throughput, summary.Clashes, summary.P50, summary.Max, summary.Memory, summary.Extra("scans/s"),
	} {
		assert.False(t, s.Has(m), m.Name)
		assert.Equal(t, "–", m.Text(s.Cell("mutex", 1, 1).Of(m)))
	}
	assert.Empty(t, s.Extras())
	assert.False(t, s.SameRate())
}

// A latency curve rises, and ends where the operations end.
func TestCurve(t *testing.T) {
	p := point("mutex", 1, 1, 0, 1000)
	p.Latency = &result.Latency{Count: 1000, P50: 100, P99: 900, P999: 2000, Max: 5000, Buckets: []result.Bucket{
		{Quantile: 0, Value: 10}, {Quantile: 0.5, Value: 100}, {Quantile: 0.99, Value: 900}, {Quantile: 0.999, Value: 2000},
	}}
	cell := summary.Of(&result.Run{Points: []result.Point{p}})[0].Cell("mutex", 1, 1)
	values := map[float64]float64{}
	last := 0.0
	for _, place := range cell.Curve() {
		values[place.Quantile] = place.Latency.Median
		assert.GreaterOrEqual(t, place.Latency.Median, last)
		last = place.Latency.Median
	}
	assert.Equal(t, 10.0, values[0])
	assert.Equal(t, 100.0, values[0.5])
	assert.Equal(t, 900.0, values[0.9], "the next bucket that holds as many")
	assert.Equal(t, 2000.0, values[0.999])
	assert.NotContains(t, values, 0.9999, "of 1,000 operations there is no 99.99 %")

	p.Latency.Buckets = nil
	curve := summary.Of(&result.Run{Points: []result.Point{p}})[0].Cell("mutex", 1, 1).Curve()
	assert.Equal(t, 2000.0, curve[len(curve)-1].Latency.Median, "percentiles do without buckets")
}
