package plots

import (
	"fmt"
	"hash/fnv"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/summary"
)

// Of returns the charts of a study, in the order in which one wants to see them. None is empty.
func Of(s *summary.Study) (charts []*Chart) {
	for _, c := range []*Chart{throughput(s), latency(s), clashes(s), memory(s), cores(s)} {
		if c != nil && !c.Empty() {
			charts = append(charts, c)
		}
	}
	return charts
}

func throughput(s *summary.Study) *Chart {
	c := byGoroutines(s, "throughput", summary.Throughput, Log)
	c.About = "Operations a second of all goroutines together, against the number of goroutines; higher is better."
	return c
}

// clashes leaves out disciplines that never clash.
func clashes(s *summary.Study) *Chart {
	c := byGoroutines(s, "clashes", summary.Clashes, LogZero)
	c.About = "How often an operation had to be done again, against the number of goroutines; lower is better."
	var kept []Series
	var never []string
	for _, series := range c.Series {
		greatest := 0.0
		for _, d := range series.Dots {
			greatest = max(greatest, d.Y)
		}
		if greatest > 0 {
			kept = append(kept, series)
		} else if len(series.Dots) > 0 {
			never = append(never, series.Name)
		}
	}
	c.Series = kept
	if len(never) > 0 {
		c.About += " No clash was seen with " + figure.List(never) + "."
	}
	return c
}

func memory(s *summary.Study) *Chart {
	c := byGoroutines(s, "memory", summary.Memory, Log)
	c.About = "Memory of a goroutine, against the number of goroutines; lower is better."
	c.Y.Write = figure.Bytes
	return c
}

// byGoroutines draws a metric at the greatest GOMAXPROCS.
func byGoroutines(s *summary.Study, what string, m summary.Metric, scale Scale) *Chart {
	c := &Chart{
		ID:    ID(s.Name(), what),
		Title: fmt.Sprintf("%s: %s", s.Name(), m.Name),
		X:     whole("goroutines", s.Goroutines),
		Y:     Axis{Label: m.Unit, Scale: scale, Write: figure.Count},
	}
	for _, d := range s.Disciplines {
		series := Series{Name: d}
		for _, cell := range s.Row(d, s.MostProcs()) {
			series.add(m, cell, float64(cell.Goroutines), figure.Of(cell.Goroutines, "goroutine"))
		}
		c.Series = append(c.Series, series)
	}
	return c
}

// cores draws the throughput against GOMAXPROCS, at the greatest number of goroutines.
func cores(s *summary.Study) *Chart {
	if len(s.Procs) < 2 {
		return nil
	}
	most := s.Goroutines[len(s.Goroutines)-1]
	c := &Chart{
		ID:    ID(s.Name(), "cores"),
		Title: fmt.Sprintf("%s: throughput by cores, %s", s.Name(), figure.Of(most, "goroutine")),
		About: "Operations a second against GOMAXPROCS, the cores that Go may use; higher is better.",
		X:     whole("GOMAXPROCS", s.Procs),
		Y:     Axis{Label: summary.Throughput.Unit, Scale: Log, Write: figure.Count},
	}
	for _, d := range s.Disciplines {
		series := Series{Name: d}
		for _, procs := range s.Procs {
			series.add(summary.Throughput, s.Cell(d, most, procs), float64(procs), fmt.Sprintf("GOMAXPROCS %d", procs))
		}
		c.Series = append(c.Series, series)
	}
	return c
}

// add adds the median of a metric, if there is one.
func (s *Series) add(m summary.Metric, cell *summary.Cell, x float64, at string) {
	of := cell.Of(m)
	if of.N == 0 {
		return
	}
	s.Dots = append(s.Dots, Dot{
		X: x, Y: of.Median, Low: of.Low, High: of.High,
		Hover: fmt.Sprintf("%s, %s: %s", figure.Plain(s.Name), at, m.Text(of)),
	})
}

// whole is an axis for small whole numbers, of which each is a tick while there is room.
func whole(label string, values []int) Axis {
	a := Axis{Label: label, Scale: Log, Write: func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }}
	last := math.Inf(-1)
	for _, v := range values {
		if at := math.Log2(float64(v)); at-last >= 0.99 || len(values) < 6 {
			a.Ticks, last = append(a.Ticks, float64(v)), at
		}
	}
	return a
}

// latency draws the latency curves with the number of goroutines for which there are most.
func latency(s *summary.Study) *Chart {
	goroutines, procs := mostLatencies(s)
	var late []string
	c := &Chart{
		ID:    ID(s.Name(), "latency"),
		Title: fmt.Sprintf("%s: latency, %s", s.Name(), figure.Of(goroutines, "goroutine")),
		About: "How long that share of operations took at most, waiting included; lower is better.",
		X:     Axis{Label: "share of operations, %", Scale: Quantile, Write: nines},
		Y:     Axis{Label: "latency", Scale: Log, Write: figure.Nanoseconds},
	}
	for _, d := range s.Disciplines {
		series := Series{Name: d}
		cell := s.Cell(d, goroutines, procs)
		if cell == nil {
			continue
		}
		if !cell.KeepsUp() {
			late = append(late, d)
		}
		for _, p := range cell.Curve() {
			dot := Dot{X: p.Quantile, Y: p.Latency.Median, Low: math.NaN(), High: math.NaN()}
			if slices.Contains(named, p.Quantile) {
				dot.Hover = fmt.Sprintf("%s: %s of operations took at most %s",
					figure.Plain(d), percent(p.Quantile), figure.Nanoseconds(p.Latency.Median))
			}
			series.Dots = append(series.Dots, dot)
		}
		c.Series = append(c.Series, series)
	}
	if len(late) > 0 {
		c.About += " Worse than shown, since more than 1 % of what arrived was not served: " + figure.List(late) + "."
	}
	return c
}

// named are the quantiles whose values are told where one points at a curve.
var named = []float64{0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999}

func mostLatencies(s *summary.Study) (goroutines, procs int) {
	most := 0
	for _, p := range s.Procs {
		for _, g := range s.Goroutines {
			n := 0
			for _, d := range s.Disciplines {
				n += len(s.Cell(d, g, p).Values(summary.P50))
			}
			if n > 0 && n >= most {
				most, goroutines, procs = n, g, p
			}
		}
	}
	return goroutines, procs
}

func percent(q float64) string { return nines(q) + " %" }

// nines writes a quantile in percent, with as many nines as it has.
func nines(q float64) string {
	text := strconv.FormatFloat(100*q, 'f', 4, 64)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

var tame = regexp.MustCompile(`^[a-z][-a-z0-9]{0,60}$`)

// ID makes a name for a file or an element out of names that may have anything in them.
func ID(parts ...string) string {
	whole := strings.Join(parts, " ")
	plain := strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return unicode.ToLower(r)
		case r == ' ' || r == '/' || r == '-':
			return '-'
		}
		return '_'
	}, whole)
	if !tame.MatchString(plain) {
		hash := fnv.New32a()
		hash.Write([]byte(whole))
		end := strings.ReplaceAll(plain[max(0, len(plain)-12):], "_", "")
		plain = strings.Trim(fmt.Sprintf("study-%08x-%s", hash.Sum32(), strings.Trim(end, "-")), "-")
	}
	return plain
}
