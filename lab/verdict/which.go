package verdict

import (
	"fmt"
	"io"
	"strings"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/result"
)

// Which writes what a run has found as a Markdown page: which discipline for what and why, where Rinse
// loses and by how much, and what cannot be done.
func Which(w io.Writer, run *result.Run) error {
	page := &page{verdicts: Verdicts(run)}
	page.head(run)
	page.list("In sentences", Sentences(run), "Nothing was measured.")
	page.list("In sentences, by latency", LatencySentences(run), "No latencies that compare were measured.")
	page.choices()
	page.list("Where Rinse loses", Losses(run), "Nowhere, as far as this run can tell.")
	page.outcomes()
	page.refusals()
	_, err := io.WriteString(w, page.String())
	return err
}

type page struct {
	strings.Builder
	verdicts []*Verdict
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) head(run *result.Run) {
	p.line("# Which discipline for what\n")
	p.line("What the lab found in one run. Every figure on this page is from\n")
	p.line("- machine: %s", Machine(run))
	p.line("- command: %s", code(run.Command))
	p.line("- date: %s; commit: %s; seed: %d\n", Date(run), cell(Commit(run)), run.Seed)
	if run.Partial {
		p.line("The run was interrupted: what is missing here was not measured.\n")
	}
	p.line("%s\n", Method)
}

// Method says how the figures of a verdict came about.
const Method = `Factors are medians over interleaved rounds, with their 95 % intervals (Hodges and Lehmann). Differences are
tested by Mann and Whitney's test, and of those called significant at most one in twenty is expected to be none
(Benjamini and Hochberg). What is not significant cannot be told apart. On another machine all of it may be different:
run the lab there.`

// Machine says in a line what a run was made on.
func Machine(run *result.Run) string {
	return cell(fmt.Sprintf("%s, %s, %s/%s, kernel %s, %s", orUnknown(run.CPU), figure.Of(run.Cores, "core"),
		run.OS, run.Arch, orUnknown(run.Kernel), run.Go))
}

// Date says when a run began.
func Date(run *result.Run) string { return run.Start.UTC().Format("2006-01-02 15:04 UTC") }

// Commit is the commit of a run, shortened, with a mark if there were changes on top of it.
func Commit(run *result.Run) string {
	hash, changes, _ := strings.Cut(run.Commit, "+")
	if changes != "" {
		changes = " and changes"
	}
	return orUnknown(hash[:min(12, len(hash))] + changes)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

func (p *page) list(title string, items []string, none string) {
	p.line("## %s\n", title)
	for _, item := range items {
		p.line("- %s", markdown(item))
	}
	if len(items) == 0 {
		p.line("%s", none)
	}
	p.line("")
}

func (p *page) choices() {
	p.line("## Which for what, and why\n")
	p.line("| workload | goroutines | use | wins by | what was measured of it |")
	p.line("|---|---|---|---|---|")
	for _, v := range p.verdicts {
		choices := v.Choices()
		if len(choices) == 0 {
			p.line("| %s | | cannot be told | %s | |", cell(v.Study.Name()), v.Why())
		}
		for _, c := range choices {
			p.line("| %s | %s | %s | %s | %s |", cell(v.Study.Name()), c.Goroutines(), c.Use(), dash(c.Lead), strings.Join(c.Reasons, "; "))
		}
	}
	p.line("")
}

// Why says why there is no choice.
func (v *Verdict) Why() string {
	if len(v.Standings) == 0 {
		return "nothing was measured"
	}
	return fmt.Sprintf("too few rounds: it takes %d", enoughRounds)
}

// Use names the discipline to use, or all that cannot be told apart.
func (c Choice) Use() string {
	if len(c.Others) == 0 {
		return code(c.Best)
	}
	return together(c.Standing) + ", which cannot be told apart"
}

func dash(s string) string {
	if s == "" {
		return figure.None
	}
	return s
}

func (p *page) outcomes() {
	p.line("The better of Rinse's disciplines (%s) beside the best of all others, with every number of goroutines:\n", codes(Rinse))
	p.line("| workload | goroutines | Rinse | median | | |")
	p.line("|---|---:|---|---:|---|---|")
	for _, v := range p.verdicts {
		for _, o := range v.Outcomes() {
			c := v.Study.Cell(o.Ours, o.Goroutines, v.Procs)
			p.line("| %s | %d | %s | %s | %s | %s |", cell(v.Study.Name()), o.Goroutines, code(o.Ours),
				v.Metric.Text(c.Of(v.Metric)), o.Text(), figure.P(o.By.P))
		}
		if why := v.rinseCannot(); why != "" {
			p.line("| %s | | | | %s | |", cell(v.Study.Name()), markdown(why))
		}
	}
	p.line("")
}

// rinseCannot says why Rinse was not measured, where it was not.
func (v *Verdict) rinseCannot() string {
	var all []string
	for _, ours := range Rinse {
		for _, r := range v.Refused() {
			if r[0] == ours {
				all = append(all, code(ours)+" "+figure.Plain(r[1]))
			}
		}
	}
	return strings.Join(all, "; ")
}

func codes(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = code(n)
	}
	return figure.List(all)
}

func (p *page) refusals() {
	p.line("## What cannot be done, or failed\n")
	refusals := Refusals(p.verdicts)
	for _, r := range refusals {
		p.line("- %s at %s: %s", code(r.Discipline), markdown(figure.Plain(figure.List(r.Studies))), cell(r.Why))
	}
	if len(refusals) == 0 {
		p.line("Every discipline could do everything, and did.")
	}
}

// cell makes a text safe for a cell of a Markdown table.
func cell(s string) string { return markdown(figure.Plain(s)) }

var escapes = strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`)

// markdown escapes what Markdown would read as something else, but for what is in backticks: there
// only bars count.
func markdown(s string) string {
	parts := strings.Split(s, "`")
	for i := range parts {
		if i%2 == 0 {
			parts[i] = escapes.Replace(parts[i])
		} else {
			parts[i] = strings.ReplaceAll(parts[i], "|", `\|`)
		}
	}
	return strings.Join(parts, "`")
}
