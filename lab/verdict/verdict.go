// Package verdict says in plain sentences what a run shows, and claims nothing that it does not show.
//
// With each number of goroutines the discipline with the best median is compared with each other one by
// Mann and Whitney's test. All of these tests of a study go through the procedure of Benjamini and
// Hochberg, so that of the differences that are called significant at most one in twenty is expected to
// be none. What is not significant "cannot be told apart".
package verdict

import (
	"slices"

	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
	"github.com/rinse-go/rinse/lab/summary"
)

// falseRate is the share of the differences called significant that may be expected to be none.
const falseRate = 1 - stats.Confidence

// Verdicts judges every study of a run.
func Verdicts(run *result.Run) (verdicts []*Verdict) {
	for _, s := range summary.Of(run) {
		verdicts = append(verdicts, Judge(s))
	}
	return verdicts
}

// A Verdict is what can be said of one study.
type Verdict struct {
	Study     *summary.Study
	Metric    summary.Metric // that the study is about
	Procs     int            // GOMAXPROCS of all that follows
	Standings []Standing     // by rising goroutines, where anything was measured
}

// A Standing is how the disciplines compare with one number of goroutines.
type Standing struct {
	Goroutines int
	Best       string             // the best median
	Tied       []string           // cannot be told apart from the best; best first
	Behind     []Behind           // are significantly worse; best first
	Late       []string           // do not keep up with what arrives, so that their latencies do not count
	Rounds     int                // of the best
	Medians    map[string]float64 // of the metric, by discipline
}

// Behind is a discipline that is significantly worse than the best.
type Behind struct {
	Discipline string
	By         stats.Ratio // at least 1: how many times better the best is
}

// Judge compares the disciplines of a study in what it is about, at the greatest GOMAXPROCS that was measured.
func Judge(s *summary.Study) *Verdict { return JudgeBy(s, metricOf(s)) }

// JudgeBy compares the disciplines of a study by a metric.
func JudgeBy(s *summary.Study, m summary.Metric) *Verdict {
	v := &Verdict{Study: s, Metric: m, Procs: s.MostProcs()}
	var tests []*test
	for _, g := range s.Goroutines {
		if found := v.contest(g); found != nil {
			tests = append(tests, found...)
		}
	}
	settle(tests)
	for _, t := range tests {
		t.enter(&v.Standings[t.standing])
	}
	return v
}

// metricOf returns what a study is about: memory where that was measured, how soon one goes on where
// that is all that is done, else throughput.
func metricOf(s *summary.Study) summary.Metric {
	switch {
	case s.Has(summary.Memory):
		return summary.Memory
	case s.Workload == "wakeup" && s.Has(summary.P50):
		return summary.P50
	}
	return summary.Throughput
}

// Latencies judges by the 99th percentile of latency each study that has latencies which compare: of
// operations that arrived at the same rate.
func Latencies(run *result.Run) (verdicts []*Verdict) {
	for _, s := range summary.Of(run) {
		if v := JudgeBy(s, summary.P99); len(v.Standings) > 0 && s.SameRate() {
			verdicts = append(verdicts, v)
		}
	}
	return verdicts
}

// A test compares the best of a standing with another discipline.
type test struct {
	standing   int // its index
	discipline string
	by         stats.Ratio
	differs    bool
}

// contest adds the standing with so many goroutines, and returns the tests that it takes.
func (v *Verdict) contest(goroutines int) (tests []*test) {
	values, standing := map[string][]float64{}, Standing{Goroutines: goroutines, Medians: map[string]float64{}}
	var order []string
	for _, d := range v.Study.Disciplines {
		cell := v.Study.Cell(d, goroutines, v.Procs)
		switch of := cell.Values(v.Metric); {
		case len(of) == 0:
		case v.Metric.IsLatency() && !cell.KeepsUp():
			standing.Late = append(standing.Late, d)
		default:
			values[d] = of
			standing.Medians[d] = stats.Summarize(of).Median
			order = append(order, d)
		}
	}
	if len(order) == 0 {
		return nil
	}
	slices.SortStableFunc(order, func(a, b string) int { return v.better(standing.Medians[a], standing.Medians[b]) })
	standing.Best, standing.Rounds = order[0], len(values[order[0]])
	v.Standings = append(v.Standings, standing)
	for _, d := range order[1:] {
		tests = append(tests, &test{
			standing: len(v.Standings) - 1, discipline: d, by: v.ratio(values[order[0]], values[d]),
		})
	}
	return tests
}

// better orders by the metric, what is better first.
func (v *Verdict) better(a, b float64) int {
	sign := 1
	if v.Metric.MoreWins {
		sign = -1
	}
	switch {
	case a < b:
		return -sign
	case a > b:
		return sign
	}
	return 0
}

// ratio says how many times better one is than the other.
func (v *Verdict) ratio(one, other []float64) stats.Ratio {
	if v.Metric.MoreWins {
		return stats.RatioOf(one, other)
	}
	return stats.RatioOf(other, one)
}

// settle decides which tests found a difference.
func settle(tests []*test) {
	var p []float64
	for _, t := range tests {
		p = append(p, t.by.P)
	}
	for i, found := range stats.Discoveries(p, falseRate) {
		// Medians and ranks can disagree about who is better; then nobody is.
		tests[i].differs = found && tests[i].by.Low > 1
	}
}

func (t *test) enter(s *Standing) {
	if t.differs {
		s.Behind = append(s.Behind, Behind{t.discipline, t.by})
	} else {
		s.Tied = append(s.Tied, t.discipline)
	}
}
