// Package compare says what has become better and what worse from one run to another, as benchstat does:
// medians, and Mann and Whitney's test. But it compares thousands of figures, of which one in twenty
// passes that test by chance, and two runs of the same program always differ by some percent. So a change
// counts only if all of its 95 % interval is beyond [Least].
package compare

import (
	"slices"

	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
	"github.com/rinse-go/rinse/lab/summary"
)

// metrics are what is compared, of each measurement.
var metrics = []summary.Metric{
	summary.Throughput, summary.P50, summary.P99, summary.P999, summary.Allocs, summary.Bytes, summary.Memory,
}

// Least is by how much a figure must have changed to count: 5 %.
const Least = 1.05

// A Table has what has changed from one run to another.
type Table struct {
	Rows     []Row    // what both have measured, in the order of the old run
	Warnings []string // why the runs do not quite compare
	OnlyOld  []result.Key
	OnlyNew  []result.Key
}

// A Row is one metric of one measurement.
type Row struct {
	result.Key
	Metric   summary.Metric
	Old, New stats.Summary
	By       stats.Ratio // of new to old
	Verdict  Verdict
}

// A Verdict says what has become of a metric.
type Verdict string

// What becomes of a metric. A difference that may be chance is none.
const (
	Same   Verdict = "~"
	Better Verdict = "better"
	Worse  Verdict = "worse"
)

// Compare compares two runs, measurement by measurement.
func Compare(old, new *result.Run) Table {
	before, after := cellsOf(old), cellsOf(new)
	t := Table{Warnings: warnings(old, new)}
	for _, key := range before.order {
		if after.cells[key] == nil {
			t.OnlyOld = append(t.OnlyOld, key)
			continue
		}
		t.add(key, before.cells[key], after.cells[key])
	}
	for _, key := range after.order {
		if before.cells[key] == nil {
			t.OnlyNew = append(t.OnlyNew, key)
		}
	}
	return t
}

// Regressions counts what has become worse, significantly.
func (t Table) Regressions() (count int) {
	for _, r := range t.Rows {
		if r.Verdict == Worse {
			count++
		}
	}
	return count
}

type cells struct {
	order []result.Key
	cells map[result.Key]*summary.Cell
}

func cellsOf(run *result.Run) cells {
	c := cells{cells: map[result.Key]*summary.Cell{}}
	for _, s := range summary.Of(run) {
		for _, d := range s.Disciplines {
			for _, procs := range s.Procs {
				for _, cell := range s.Row(d, procs) {
					c.order = append(c.order, cell.Key)
					c.cells[cell.Key] = cell
				}
			}
		}
	}
	return c
}

func (t *Table) add(key result.Key, before, after *summary.Cell) {
	for _, m := range metrics {
		of, to := before.Values(m), after.Values(m)
		if len(of) > 0 && len(to) > 0 {
			by := stats.RatioOf(to, of)
			t.Rows = append(t.Rows, Row{key, m, stats.Summarize(of), stats.Summarize(to), by, verdictOf(m, by)})
		}
	}
}

// verdictOf decides whether a metric has changed.
func verdictOf(m summary.Metric, by stats.Ratio) Verdict {
	more, less := by.Low > Least, by.High < 1/Least
	switch {
	case !by.Significant() || !more && !less:
		return Same
	case more == m.MoreWins:
		return Better
	}
	return Worse
}

// warnings says what differs between the runs beside what was measured.
func warnings(old, new *result.Run) (all []string) {
	for _, of := range []struct{ what, old, new string }{
		{"the CPU", old.CPU, new.CPU},
		{"the kernel", old.Kernel, new.Kernel},
		{"the version of Go", old.Go, new.Go},
		{"the system", old.OS + "/" + old.Arch, new.OS + "/" + new.Arch},
	} {
		if of.old != of.new {
			all = append(all, of.what+" differs: "+of.old+", then "+of.new)
		}
	}
	if old.Cores != new.Cores {
		all = append(all, "the number of cores differs")
	}
	if old.Partial || new.Partial {
		all = append(all, "a run was interrupted, so measurements are missing")
	}
	return slices.Clip(all)
}
