package figure_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/stats"
)

func ExampleRatio() {
	fmt.Println(figure.Ratio(stats.Ratio{Value: 1.41, Low: 1.33, High: 1.5}))
	fmt.Println(figure.Ratio(stats.Ratio{Value: 1.41, Low: 1.33, High: 4}))
	fmt.Println(figure.Ratio(stats.Ratio{Value: 1.03, Low: 1.02, High: 1.05}))
	fmt.Println(figure.Ratio(stats.Ratio{Value: 1.05, Low: 1.01, High: 1.1}))
	fmt.Println(figure.Ratio(stats.Ratio{Value: 1.004, Low: 1.003, High: 1.005}))
	fmt.Println(figure.Ratio(stats.Ratio{Value: 312, Low: 300, High: 323}))
	fmt.Println(figure.Ratio(stats.Ratio{Value: 5, Low: 0, High: math.Inf(1)}))
	// Output:
	// 1.4× (±0.1)
	// 1.4× (1.3–4.0)
	// 3 % (2 to 5)
	// 5 % (1 to 10)
	// 0.40 % (0.30 to 0.50)
	// 312× (±12)
	// 5.0×
}

func TestNumbers(t *testing.T) {
	for want, got := range map[string]string{
		"1.23M": figure.Count(1_234_567), "0": figure.Count(0), "999": figure.Count(999), "1k": figure.Count(999.9),
		"18.4E": figure.Count(math.MaxUint64), "∞": figure.Three(math.Inf(1)), "–": figure.Three(math.NaN()),
		"2.1 kB": figure.Bytes(2100), "12 µs": figure.Nanoseconds(12_000), "1.5 ns": figure.Nanoseconds(1.5),
		"90 s": figure.Nanoseconds(90e9), "0.0123": figure.Three(0.01234), "12,346": figure.Three(12_345.6),
		"1.0e-07": figure.Three(1e-7), "−1,235": figure.Three(-1234.6), "1 round": figure.Of(1, "round"),
		"2 rounds": figure.Of(2, "round"), "a, b and c": figure.List([]string{"a", "b", "c"}), "": figure.List(nil),
	} {
		assert.Equal(t, want, got)
	}
}
