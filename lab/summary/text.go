package summary

import (
	"fmt"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/stats"
)

// Write writes a value of a metric, without its unit unless that depends on the value.
func (m Metric) Write(v float64) string {
	switch m.Unit {
	case "ns":
		return figure.Nanoseconds(v)
	case "op/s", "B/goroutine", "B/op":
		return figure.Count(v)
	case GC.Unit:
		return figure.Three(100*v) + " %"
	}
	return figure.Three(v)
}

// Text writes a summary of a metric, with its interval and its unit.
func (m Metric) Text(s stats.Summary) string {
	text := m.Write(s.Median)
	if m.Unit != "ns" {
		text += " " + m.Unit
	}
	if s.N == 0 {
		return figure.None
	}
	if !s.Bounded() {
		return fmt.Sprintf("%s in %s", text, figure.Of(s.N, "round"))
	}
	return fmt.Sprintf("%s (%s to %s)", text, m.Write(s.Low), m.Write(s.High))
}
