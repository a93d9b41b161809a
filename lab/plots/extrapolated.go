package plots

import (
	"fmt"
	"math"
	"slices"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/model"
	"github.com/rinse-go/rinse/lab/summary"
)

// Extrapolated draws what was measured of a study, and what the model says of more cores. It returns nil
// if that is nothing.
func Extrapolated(s *summary.Study, m *model.Model) *Chart {
	c := &Chart{
		ID:    ID(s.Name(), "extrapolated"),
		Title: s.Name() + ": extrapolated to more cores",
		About: "Operations a second with as many goroutines as cores. What is hatched and dashed was not measured: it is the " +
			"model's guess, and each bar is where it lies with a probability of 90 %.",
		Y: Axis{Label: summary.Throughput.Unit, Scale: Log, Write: figure.Count},
	}
	cores := map[int]bool{}
	for _, curve := range m.Curves {
		if curve.Study.Name() == s.Name() && len(curve.Forecasts) > 0 {
			c.Series = append(c.Series, c.extrapolated(s, curve, cores))
		}
	}
	if len(c.Series) == 0 {
		return nil
	}
	var all []int
	for n := range cores {
		all = append(all, n)
	}
	slices.Sort(all)
	c.X = whole("cores", all)
	return c
}

func (c *Chart) extrapolated(s *summary.Study, curve *model.Curve, cores map[int]bool) Series {
	series := Series{Name: curve.Discipline}
	for _, n := range s.Procs {
		if cell := s.Cell(curve.Discipline, n, n); cell != nil {
			series.add(summary.Throughput, cell, float64(n), "measured on "+figure.Of(n, "core"))
			c.Guessed, cores[n] = math.Max(c.Guessed, float64(n)), true
		}
	}
	for _, f := range curve.Forecasts {
		cores[f.Cores] = true
		series.Dots = append(series.Dots, Dot{
			X: float64(f.Cores), Y: f.Throughput, Low: f.Low, High: f.High,
			Hover: fmt.Sprintf("%s, extrapolated to %s: %s op/s (%s to %s)",
				figure.Plain(curve.Discipline), figure.Of(f.Cores, "core"),
				figure.Count(f.Throughput), figure.Count(f.Low), figure.Count(f.High)),
		})
	}
	return series
}
