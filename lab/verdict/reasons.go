package verdict

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/stats"
	"github.com/rinse-go/rinse/lab/summary"
)

// Reasons says what was measured of a discipline that bears on how fast it is, with so many goroutines:
// what a second core is worth to it, its clashes, its allocations and its garbage.
func (v *Verdict) Reasons(discipline string, goroutines int) (reasons []string) {
	c := v.Study.Cell(discipline, goroutines, v.Procs)
	if c == nil {
		return nil
	}
	if text := v.scaling(discipline, c); text != "" {
		reasons = append(reasons, text)
	}
	if clashes := c.Of(summary.Clashes); clashes.N > 0 && clashes.Median >= 0.0005 {
		reasons = append(reasons, figure.Three(clashes.Median)+" clashes an operation")
	}
	if allocs := c.Of(summary.Allocs); allocs.N > 0 {
		reasons = append(reasons, allocated(allocs.Median, c.Of(summary.Bytes).Median))
	}
	if gc := c.Of(summary.GC); gc.N > 0 && gc.Median >= 0.02 {
		reasons = append(reasons, fmt.Sprintf("%.0f %% of the CPU time for collecting garbage", 100*gc.Median))
	}
	return reasons
}

func allocated(allocs, bytes float64) string {
	if allocs < 0.005 {
		return "no allocation"
	}
	return fmt.Sprintf("%s allocations (%s) an operation", figure.Three(allocs), figure.Bytes(bytes))
}

// scaling compares the greatest GOMAXPROCS with 1, if both were measured and differ.
func (v *Verdict) scaling(discipline string, c *summary.Cell) string {
	one := v.Study.Cell(discipline, c.Goroutines, 1)
	if v.Procs < 2 || c.Goroutines < 2 || one == nil {
		return ""
	}
	switch r := stats.RatioOf(c.Values(summary.Throughput), one.Values(summary.Throughput)); {
	case !r.Significant():
		return fmt.Sprintf("no faster on %d cores than on 1", v.Procs)
	case r.Value < 1:
		return fmt.Sprintf("%s slower on %d cores than on 1", figure.Ratio(r.Inverse()), v.Procs)
	default:
		return fmt.Sprintf("%s faster on %d cores than on 1", figure.Ratio(r), v.Procs)
	}
}

// Refused lists what a study could not be done with, and why: in the order of the run.
func (v *Verdict) Refused() (refused [][2]string) {
	for _, d := range v.Study.Disciplines {
		if why, ok := v.Study.Cannot[d]; ok {
			refused = append(refused, [2]string{d, "cannot: " + why})
		}
		if why, ok := v.Study.Errors[d]; ok {
			refused = append(refused, [2]string{d, "not counted: " + why})
		}
	}
	return refused
}

// A Refusal is what a discipline cannot do, and in which studies.
type Refusal struct {
	Discipline string
	Studies    []string
	Why        string
}

// Refusals puts together what is refused for the same reason.
func Refusals(verdicts []*Verdict) (all []*Refusal) {
	for _, v := range verdicts {
		for _, r := range v.Refused() {
			i := slices.IndexFunc(all, func(other *Refusal) bool { return other.Discipline == r[0] && other.Why == r[1] })
			if i < 0 {
				i, all = len(all), append(all, &Refusal{Discipline: r[0], Why: r[1]})
			}
			all[i].Studies = append(all[i].Studies, v.Study.Name())
		}
	}
	return all
}

// Choice is the discipline to use: with how many goroutines it was best, and its standing there.
type Choice struct {
	From, To int // goroutines
	Best     string
	Others   []string // cannot be told apart from it
	Lead     string   // over the next, empty if there is none
	Reasons  []string // of the best
	Standing Standing // the first of the span
}

// Choices returns which disciplines to use for a study, by rising goroutines.
func (v *Verdict) Choices() (choices []Choice) {
	for _, s := range v.spans() {
		first, last := s.places[0], s.places[len(s.places)-1]
		if first.tooFew() {
			continue
		}
		c := Choice{
			From: s.from, To: s.to, Best: first.Best, Others: slices.Clone(first.Tied), Standing: first.Standing,
			Reasons: v.Reasons(first.Best, last.Goroutines),
		}
		if least, most, all := s.leads(); all {
			c.Lead = leadOf(least, most, false)
		}
		choices = append(choices, c)
	}
	return choices
}

// Goroutines writes with how many of them.
func (c Choice) Goroutines() string {
	if c.From == c.To {
		return strconv.Itoa(c.From)
	}
	return fmt.Sprintf("%d to %d", c.From, c.To)
}
