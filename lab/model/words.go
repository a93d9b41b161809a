package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/rinse-go/rinse/lab/figure"
)

// Sentences says of each study who would be ahead on the most cores, as far as forecasts tell them apart.
func (m *Model) Sentences() (sentences []string) {
	var order []string
	byStudy := map[string][]*Curve{}
	for _, c := range m.Curves {
		if len(c.Forecasts) == 0 {
			continue
		}
		name := c.Study.Name()
		if byStudy[name] == nil {
			order = append(order, name)
		}
		byStudy[name] = append(byStudy[name], c)
	}
	for _, name := range order {
		if curves := byStudy[name]; len(curves) > 1 {
			sentences = append(sentences, leading(name, curves))
		}
	}
	return sentences
}

func leading(study string, curves []*Curve) string {
	last := func(c *Curve) Forecast { return c.Forecasts[len(c.Forecasts)-1] }
	best := slices.MaxFunc(curves, func(a, b *Curve) int {
		if last(a).Throughput < last(b).Throughput {
			return -1
		}
		return 1
	})
	var others []string
	for _, c := range curves {
		if c != best && last(c).High >= last(best).Low {
			others = append(others, "`"+figure.Plain(c.Discipline)+"`")
		}
	}
	f := last(best)
	sentence := fmt.Sprintf("For %s on %d cores the guess is that `%s` does %s op/s (%s to %s)",
		figure.Plain(study), f.Cores, figure.Plain(best.Discipline),
		figure.Count(f.Throughput), figure.Count(f.Low), figure.Count(f.High))
	if len(others) == 0 {
		return sentence + ", ahead of all others."
	}
	return sentence + ", which cannot be told apart from " + figure.List(others) + "."
}

// About says in a few sentences how good the model was at what could be checked.
func (m *Model) About() string {
	checks, workloads := 0, map[string]bool{}
	for _, c := range m.Curves {
		if c.Check != nil {
			checks++
			workloads[c.Study.Workload] = true
		}
	}
	if checks == 0 {
		return "Nothing could be checked: no discipline was measured both with one goroutine and with two on two cores."
	}
	about := fmt.Sprintf("About one core it is right by construction. Before it saw what two cores do, its forecasts of that "+
		"were off by a factor of %s (the median of %d), and %.0f %% of what was measured was inside of what it held possible with "+
		"a probability of 90 %%. So what it holds possible is widened, by a factor of %s for one doubling. ",
		figure.Three(m.Error), checks, 100*m.Bare, figure.Three(math.Exp(m.Margin)))
	switch {
	case len(workloads) == 1:
		return about + "Whether that is enough cannot be told: it takes measurements of other workloads."
	case checks < leastChecks:
		return about + "Whether that is enough cannot be told from so few."
	}
	return about + fmt.Sprintf("Widened by as much as other workloads ask for, and not its own, "+
		"%.0f %% of what was measured is inside. That is of two cores; of more, no measurement of this machine can tell.", 100*m.Inside)
}
