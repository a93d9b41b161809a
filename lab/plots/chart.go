// Package plots draws what a run has measured: for pages that may be light or dark, and as files.
package plots

import (
	"cmp"
	"math"
	"slices"
)

// A Chart is one plot, before it is drawn.
type Chart struct {
	ID      string // of the figure, and its file name
	Title   string
	About   string // what to see in it, in a sentence
	X, Y    Axis
	Series  []Series
	Guessed float64 // what lies right of it is extrapolated; 0: nothing
}

// An Axis says what values are and how they lie.
type Axis struct {
	Label string
	Scale Scale
	Write func(float64) string // of a value
	Ticks []float64            // where they are; nil: by the scale
}

// A Series is what was measured of one discipline.
type Series struct {
	Name string
	Dots []Dot // by rising X
}

// A Dot is one measured or computed value.
type Dot struct {
	X, Y      float64
	Low, High float64 // its uncertainty, if they are finite
	Hover     string  // what it is, in words
}

// Empty reports whether there is nothing to draw.
func (c *Chart) Empty() bool {
	return !slices.ContainsFunc(c.Series, func(s Series) bool { return len(s.Dots) > 0 })
}

// tidy takes out what cannot be drawn, and puts the rest in order.
func (c *Chart) tidy() {
	for i := range c.Series {
		s := &c.Series[i]
		s.Dots = slices.DeleteFunc(s.Dots, func(d Dot) bool { return !c.X.Scale.takes(d.X) || !c.Y.Scale.takes(d.Y) })
		slices.SortStableFunc(s.Dots, func(a, b Dot) int { return cmp.Compare(a.X, b.X) })
	}
	c.Series = slices.DeleteFunc(c.Series, func(s Series) bool { return len(s.Dots) == 0 })
}

// extent returns the least and the greatest of all values that an axis has to show.
func (c *Chart) extent(values func(Dot) []float64, scale Scale) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range c.Series {
		for _, d := range s.Dots {
			for _, v := range values(d) {
				if scale.takes(v) {
					low, high = min(low, v), max(high, v)
				}
			}
		}
	}
	return low, high
}
