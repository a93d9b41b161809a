package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/model"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
)

// Extrapolated is what the page says about bigger machines, and how good that is.
type extrapolated struct {
	About     string
	Sentences []string
	Costs     [][3]string // what, median, where half of them are
	Checks    []checkRow
	Others    []validation
	WhyNot    []string
}

// A checkRow is a forecast beside what was measured.
type checkRow struct{ Study, Discipline, Cores, Forecast, Measured, Error, Inside string }

// A validation has what the model says about another machine, beside what was measured there.
type validation struct {
	Machine, Command, About string
	Checks                  []checkRow
}

func newExtrapolated(run *result.Run, m *model.Model, others []*result.Run) extrapolated {
	e := extrapolated{About: m.About(), Sentences: m.Sentences(), Costs: costsOf(run.Costs)}
	why := map[string][]string{}
	for _, c := range m.Curves {
		if c.Check != nil {
			e.Checks = append(e.Checks, newCheckRow(*c.Check))
		}
		if c.WhyNot != "" {
			why[c.WhyNot] = append(why[c.WhyNot], c.Study.Name()+" with `"+figure.Plain(c.Discipline)+"`")
		}
	}
	for reason, which := range why {
		e.WhyNot = append(e.WhyNot, fmt.Sprintf("%s: %s", reason, strings.Join(which, ", ")))
	}
	slices.Sort(e.WhyNot)
	for _, other := range others {
		e.Others = append(e.Others, validate(other))
	}
	return e
}

func costsOf(c *result.Costs) (rows [][3]string) {
	if c == nil {
		return nil
	}
	for _, of := range []struct {
		what string
		cost result.Cost
	}{
		{"a cache line from the core that wrote it last to another", c.Transfer},
		{"an addition to a word that no other core wants", c.Atomic},
		{"an addition to a word that two cores add to", c.Shared},
		{"Lock and Unlock of a mutex with nobody else there", c.Lock},
		{"the same with two cores that both want it", c.HandOff},
		{"a value through a channel to a goroutine that waits", c.Message},
	} {
		rows = append(rows, [3]string{
			of.what, figure.Three(of.cost.Median) + " ns",
			figure.Three(of.cost.Low) + " to " + figure.Three(of.cost.High) + " ns",
		})
	}
	return rows
}

func newCheckRow(c model.Check) checkRow {
	inside := "no"
	if c.Inside() {
		inside = "yes"
	}
	return checkRow{
		c.Study, c.Discipline, figure.Three(float64(c.Cores)),
		fmt.Sprintf("%s (%s to %s)", figure.Count(c.Throughput), figure.Count(c.Low), figure.Count(c.High)),
		figure.Summary(c.Measured, figure.Count), figure.Times(c.Error()), inside,
	}
}

func validate(other *result.Run) validation {
	v := validation{Machine: machine(other), Command: other.Command}
	var errors []float64
	inside := 0
	for _, c := range model.Validate(other) {
		v.Checks = append(v.Checks, newCheckRow(c))
		errors = append(errors, c.Error())
		if c.Inside() {
			inside++
		}
	}
	if len(errors) == 0 {
		v.About = "It has no measurements with more than two cores that the model could be held against."
		return v
	}
	v.About = fmt.Sprintf("Shown what one and two cores of it do, the model was off by a factor of %s about more of them (the "+
		"median of %d), and %.0f %% of what was measured was inside of what it held possible with a probability of 90 %%.",
		figure.Three(stats.Summarize(errors).Median), len(errors), 100*float64(inside)/float64(len(errors)))
	return v
}
