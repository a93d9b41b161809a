package verdict

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
)

// Sentences says who wins where and by how much, and where no winner can be told: a sentence for each
// study, or for several cases of a workload that come out the same. Names of disciplines are in backticks.
func Sentences(run *result.Run) []string { return sentences(Verdicts(run)) }

// LatencySentences says who is quickest to answer, where that can be compared.
func LatencySentences(run *result.Run) []string { return sentences(Latencies(run)) }

func sentences(verdicts []*Verdict) (sentences []string) {
	for _, g := range groups(verdicts) {
		sentences = append(sentences, g.sentence())
	}
	return sentences
}

// Sentence says it of one study alone.
func (v *Verdict) Sentence() string {
	return (&group{[]*Verdict{v}, v.spans(), []*Verdict{v}}).sentence()
}

func (g *group) sentence() string {
	clauses := []string{}
	for _, s := range g.spans {
		clauses = append(clauses, s.clause(len(g.verdicts) > 1))
	}
	if len(clauses) == 0 {
		clauses = []string{"nothing was measured"}
	}
	subject := "For " + figure.Plain(g.subject())
	if m := g.verdicts[0].Metric; !m.MoreWins {
		subject += ", by " + m.Name
	}
	if late := g.late(); len(late) > 0 {
		clauses = append(clauses, codes(late)+" left out wherever more than 1 % of what arrived was not served")
	}
	return subject + ": " + strings.Join(clauses, "; ") + "."
}

// late lists who did not keep up somewhere.
func (g *group) late() (names []string) {
	for _, v := range g.verdicts {
		for _, s := range v.Standings {
			names = append(names, s.Late...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// subject names the workload and its cases: cache from 10 % writes on.
func (g *group) subject() string {
	workload, n := g.verdicts[0].Study.Workload, len(g.verdicts)
	var cases, writes []string
	for _, v := range g.verdicts {
		if v.Study.Case == "" {
			return workload
		}
		cases = append(cases, v.Study.Case)
		if share, ok := Writes(v.Study.Case); ok {
			writes = append(writes, fmt.Sprintf("%d %% writes", share))
		}
	}
	switch {
	case len(writes) < n:
		return workload + " " + figure.List(cases)
	case n == 1 || !rising(g.whole):
		return workload + " at " + figure.List(writes)
	case n == len(g.whole):
		return fmt.Sprintf("%s at %s to %s", workload, strings.TrimSuffix(writes[0], " writes"), writes[n-1])
	case g.verdicts[0] == g.whole[0]:
		return workload + " up to " + writes[n-1]
	case g.verdicts[n-1] == g.whole[len(g.whole)-1]:
		return workload + " from " + writes[0] + " on"
	}
	return workload + " at " + figure.List(writes)
}

func rising(verdicts []*Verdict) bool {
	last := -1
	for _, v := range verdicts {
		share, ok := Writes(v.Study.Case)
		if !ok || share <= last {
			return false
		}
		last = share
	}
	return true
}

// Writes reads a case such as 90/10: so many percent reads, so many writes.
func Writes(name string) (percent int, ok bool) {
	before, after, _ := strings.Cut(name, "/")
	reads, err1 := strconv.Atoi(before)
	writes, err2 := strconv.Atoi(after)
	return writes, err1 == nil && err2 == nil && reads >= 0 && writes >= 0 && reads+writes == 100
}

// clause says what holds in a span.
func (s span) clause(cases bool) string {
	first := s.places[0]
	least, most, all := s.leads()
	lead := ""
	if all {
		lead = leadOf(least, most, cases)
	}
	where := s.where() + " "
	switch tied := len(first.Tied); {
	case first.tooFew():
		return fmt.Sprintf("%snothing can be told from %s each, since it takes %d", where, figure.Of(first.Rounds, "round"), enoughRounds)
	case tied == 0 && len(first.Behind) == 0:
		return where + "only " + code(first.Best) + " was measured"
	case tied == 0:
		return where + code(first.Best) + " wins by " + lead
	case lead == "":
		return where + together(first.Standing) + " cannot be told apart"
	}
	return where + together(first.Standing) + " cannot be told apart, and the best of them wins by " + lead
}

// enoughRounds is how many rounds of two disciplines can show a difference at all.
const enoughRounds = 4

func (s Standing) tooFew() bool {
	return s.Rounds < enoughRounds && len(s.Tied) > 0 && len(s.Behind) == 0
}

// together names those in front, or says how many they are.
func together(s Standing) string {
	if names := front(s); len(names) <= 5 {
		for i, n := range names {
			names[i] = code(n)
		}
		return figure.List(names)
	}
	return fmt.Sprintf("%s and %d others", code(s.Best), len(s.Tied))
}

func (s span) where() string {
	with := figure.Of(s.to, "goroutine")
	switch {
	case s.from == s.to:
		return "with " + with
	case s.first && s.last:
		return fmt.Sprintf("with %d to %s", s.from, with)
	case s.first:
		return "up to " + with
	case s.last:
		return "from " + figure.Of(s.from, "goroutine") + " on"
	}
	return fmt.Sprintf("with %d to %s", s.from, with)
}

// leadOf says by how much the first are ahead of the next: once, if that is much the same everywhere.
func leadOf(least, most place, cases bool) string {
	a, b := least.Behind[0], most.Behind[0]
	if a.Discipline == b.Discipline && b.By.Low <= a.By.High {
		return figure.Ratio(stats.Ratio{
			Value: math.Sqrt(a.By.Value * b.By.Value), Low: min(a.By.Low, b.By.Low), High: max(a.By.High, b.By.High),
		}) + " over " + code(a.Discipline)
	}
	return fmt.Sprintf("%s over %s (%s) to %s over %s (%s)",
		figure.Ratio(a.By), code(a.Discipline), least.at(cases), figure.Ratio(b.By), code(b.Discipline), most.at(cases))
}

func (p place) at(cases bool) string {
	at := "with " + strconv.Itoa(p.Goroutines)
	switch share, ok := Writes(p.of.Study.Case); {
	case !cases:
		return at
	case ok:
		return fmt.Sprintf("%s at %d %% writes", at, share)
	}
	return at + ", " + figure.Plain(p.of.Study.Case)
}

func code(name string) string { return "`" + figure.Plain(name) + "`" }
