package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/lab/stats"
)

func ExampleRatioOf() {
	r := stats.RatioOf([]float64{20, 21, 22, 23, 24}, []float64{10, 10.1, 10.2, 10.3, 10.4})
	fmt.Printf("%.2f (%.2f to %.2f), p = %.3f, significant: %v\n", r.Value, r.Low, r.High, r.P, r.Significant())
	// Output: 2.16 (1.96 to 2.35), p = 0.008, significant: true
}

func ExampleSummarize() {
	s := stats.Summarize([]float64{3, 1, 2, 4, 6, 5})
	fmt.Println(s.Median, s.Low, s.High, s.Bounded())
	fmt.Println(stats.Summarize([]float64{3, 1, 2}).Bounded())
	// Output:
	// 3.5 1 6 true
	// false
}

func ExampleDiscoveries() {
	fmt.Println(stats.Discoveries([]float64{0.008, 0.03, 0.5, 0.6}, 0.05))
	// Output: [true false false false]
}

func TestFewRoundsSayNothing(t *testing.T) {
	r := stats.RatioOf([]float64{100, 101, 102}, []float64{1, 2, 3})
	assert.False(t, r.Significant(), "three against three can come out like that by chance in one of ten cases")
	assert.Equal(t, 0.0, r.Low)
	assert.True(t, math.IsInf(r.High, 1))
}

func TestNothingToCompare(t *testing.T) {
	assert.False(t, stats.RatioOf(nil, []float64{1}).Significant())
	assert.True(t, math.IsNaN(stats.Summarize(nil).Median))
	assert.False(t, stats.Summarize(nil).Bounded())
	assert.Equal(t, 1.0, stats.RatioOf([]float64{0, 0}, []float64{0, 0}).Value)
	assert.Empty(t, stats.Discoveries(nil, 0.05))
}

// The interval has to hold the true ratio in 19 of 20 cases, whatever the distribution.
func TestIntervalsHoldTheTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(scale float64) (values []float64) {
		for range 8 {
			values = append(values, scale*(1+random.ExpFloat64()))
		}
		return values
	}
	held, significant := 0, 0
	const trials = 2000
	for range trials {
		if r := stats.RatioOf(draw(3), draw(2)); r.Low <= 1.5 && 1.5 <= r.High {
			held++
		}
		if stats.RatioOf(draw(2), draw(2)).Significant() {
			significant++
		}
	}
	assert.Greater(t, held, trials*94/100)
	assert.Less(t, held, trials*995/1000, "an interval that always holds it says nothing")
	assert.Less(t, significant, trials*6/100)
	assert.Greater(t, significant, trials*2/100)
}

func TestIntervalAndTestAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		var a, b []float64
		for range 4 + random.IntN(5) {
			a = append(a, 1+random.Float64())
			b = append(b, 1.3+random.Float64())
		}
		r := stats.RatioOf(a, b)
		assert.Equal(t, r.Significant(), r.High < 1 || r.Low > 1, "%v of %v and %v", r, a, b)
	}
}

func TestManyRounds(t *testing.T) {
	var a, b []float64
	for i := range 60 {
		a, b = append(a, 100+float64(i)), append(b, 200+2*float64(i))
	}
	r := stats.RatioOf(a, b)
	assert.True(t, r.Significant())
	assert.InDelta(t, 0.5, r.Value, 0.01)
	assert.Less(t, r.High, 0.6)
	assert.Greater(t, r.Low, 0.4)
	assert.InDelta(t, r.Low, 1/r.Inverse().High, 1e-12)
}
