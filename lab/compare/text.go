package compare

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/result"
)

// Write writes what has changed, what has become worst first, and how much has not.
func (t Table) Write(w io.Writer) error {
	var b strings.Builder
	for _, warning := range t.Warnings {
		fmt.Fprintf(&b, "caution: %s\n", figure.Plain(warning))
	}
	if changed := t.changed(); len(changed) > 0 {
		columns := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(columns, "workload\tdiscipline\tgoroutines\tprocs\tmetric\told\tnew\tnew/old\t\t")
		for _, r := range changed {
			fmt.Fprintln(columns, r.text())
		}
		columns.Flush() // a builder has no errors
	}
	fmt.Fprintln(&b, t.Summary())
	for _, key := range t.OnlyOld {
		fmt.Fprintf(&b, "only in the old run: %s\n", name(key))
	}
	for _, key := range t.OnlyNew {
		fmt.Fprintf(&b, "only in the new run: %s\n", name(key))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// changed returns the rows that have changed, what has become worst first and what has become best last.
func (t Table) changed() (rows []Row) {
	for _, r := range t.Rows {
		if r.Verdict != Same {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(a.gain(), b.gain()) })
	return rows
}

// gain is by what factor a row has become better.
func (r Row) gain() float64 {
	if r.Metric.MoreWins {
		return r.By.Value
	}
	return 1 / r.By.Value
}

func (r Row) text() string {
	study := strings.TrimSpace(figure.Plain(r.Workload + " " + r.Case))
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s", study, figure.Plain(r.Discipline), r.Goroutines, r.Procs,
		r.Metric.Name, r.Metric.Write(r.Old.Median), r.Metric.Write(r.New.Median), ratio(r), r.Verdict, figure.P(r.By.P))
}

// ratio writes how many times as much something is, also if it was nothing.
func ratio(r Row) string {
	if r.Old.Median == 0 {
		return "from 0"
	}
	return figure.Ratio(r.By)
}

// Summary says in a line what has changed.
func (t Table) Summary() string {
	if len(t.Rows) == 0 {
		return "nothing to compare: the runs have no measurement in common"
	}
	better, worse := 0, t.Regressions()
	rounds := t.Rows[0].Old.N
	for _, r := range t.Rows {
		rounds = min(rounds, r.Old.N, r.New.N)
		if r.Verdict == Better {
			better++
		}
	}
	text := fmt.Sprintf("of %s, %d became worse and %d better; the others did not change, as far as this can tell",
		figure.Of(len(t.Rows), "figure"), worse, better)
	if rounds < enoughRounds {
		text += fmt.Sprintf(" (some have %s; it takes %d of each to tell anything)", figure.Of(rounds, "round"), enoughRounds)
	}
	return text
}

// enoughRounds is how many rounds of both can show a difference at all.
const enoughRounds = 4

func name(k result.Key) string {
	return strings.Join(strings.Fields(figure.Plain(fmt.Sprintf("%s %s %s, %s, GOMAXPROCS %d",
		k.Workload, k.Case, k.Discipline, figure.Of(k.Goroutines, "goroutine"), k.Procs))), " ")
}
