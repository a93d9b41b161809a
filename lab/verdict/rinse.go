package verdict

import (
	"fmt"
	"slices"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
)

// Rinse has the disciplines that are Rinse.
var Rinse = []string{"stm", "checkout"}

// An Outcome is how the better of Rinse's disciplines does against the best of the others.
type Outcome struct {
	Goroutines  int
	Ours, Other string
	By          stats.Ratio // of the better to the worse
	Loses, Wins bool        // neither: cannot be told apart
}

// Outcomes compares Rinse with the best of all others, with each number of goroutines where both were
// measured.
func (v *Verdict) Outcomes() (outcomes []Outcome) {
	var p []float64
	for _, s := range v.Standings {
		ours, other := v.champions(s)
		if ours == "" || other == "" {
			continue
		}
		of := v.Study.Cell(ours, s.Goroutines, v.Procs).Values(v.Metric)
		to := v.Study.Cell(other, s.Goroutines, v.Procs).Values(v.Metric)
		outcomes = append(outcomes, Outcome{s.Goroutines, ours, other, v.ratio(of, to), false, false})
		p = append(p, outcomes[len(outcomes)-1].By.P)
	}
	for i, found := range stats.Discoveries(p, falseRate) {
		o := &outcomes[i]
		o.Wins = found && o.By.Low > 1
		o.Loses = found && o.By.High < 1
		if o.By.Value < 1 {
			o.By = o.By.Inverse()
		}
	}
	return outcomes
}

// champions returns the best of Rinse's disciplines and the best of the others, by their medians.
func (v *Verdict) champions(s Standing) (ours, other string) {
	for _, d := range v.Study.Disciplines {
		median, ok := s.Medians[d]
		champion := &other
		if slices.Contains(Rinse, d) {
			champion = &ours
		}
		if ok && (*champion == "" || v.better(median, s.Medians[*champion]) < 0) {
			*champion = d
		}
	}
	return ours, other
}

// Text says an outcome in a few words.
func (o Outcome) Text() string {
	switch {
	case o.Loses:
		return "loses by " + figure.Ratio(o.By) + " to " + code(o.Other)
	case o.Wins:
		return "wins by " + figure.Ratio(o.By) + " over " + code(o.Other)
	}
	return "cannot be told apart from " + code(o.Other)
}

// Losses says of every study where Rinse loses by how much, and to whom.
func Losses(run *result.Run) (sentences []string) {
	for _, v := range Verdicts(run) {
		var worst *Outcome
		lost, outcomes := 0, v.Outcomes()
		for i := range outcomes {
			if o := &outcomes[i]; o.Loses {
				lost++
				if worst == nil || o.By.Value > worst.By.Value {
					worst = o
				}
			}
		}
		if worst != nil {
			sentences = append(sentences, v.loss(*worst, lost, len(outcomes)))
		}
	}
	return sentences
}

func (v *Verdict) loss(worst Outcome, lost, of int) string {
	where := fmt.Sprintf("with %d of %d numbers of goroutines", lost, of)
	if lost == of {
		where = "throughout"
	}
	return fmt.Sprintf("At %s %s; worst with %s, where %s loses by %s to %s.", figure.Plain(v.Study.Name()), where,
		figure.Of(worst.Goroutines, "goroutine"), code(worst.Ours), figure.Ratio(worst.By), code(worst.Other))
}
