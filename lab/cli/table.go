package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mitchellh/go-wordwrap"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/measure"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/summary"
	"github.com/rinse-go/rinse/lab/verdict"
	"github.com/rinse-go/rinse/lab/workload"
)

// columns is how wide output may be.
func (l *lab) columns() int {
	if width := widthOf(l.out); width > 0 {
		return min(width, 100)
	}
	return 100
}

func (l *lab) wrapped(text string) string { return wrap(text, l.columns()) }

func wrap(text string, columns int) string {
	return wordwrap.WrapString(text, uint(max(10, columns)))
}

// show prints a short table of each study, what was refused, and what follows from it all.
func (l *lab) show(run *result.Run) {
	for _, study := range summary.Of(run) {
		l.table(study)
	}
	l.refusals(run)
	for _, sentence := range verdict.Sentences(run) {
		fmt.Fprintf(l.out, "\n%s\n", l.wrapped(strings.ReplaceAll(sentence, "`", "")))
	}
}

const (
	nameWidth   = 14
	figureWidth = 9
)

// table shows the time of an operation, all goroutines together, by discipline and goroutines.
func (l *lab) table(study *summary.Study) {
	goroutines := study.Goroutines
	if fit := max(1, (l.columns()-nameWidth)/figureWidth); len(goroutines) > fit {
		goroutines = append(slices.Clone(goroutines[:fit-1]), goroutines[len(goroutines)-1])
	}
	fmt.Fprintf(l.out, "\n%s\n%*s", l.wrapped(study.Name()+": time an operation, by goroutines"), nameWidth, "")
	for _, n := range goroutines {
		fmt.Fprintf(l.out, "%*d", figureWidth, n)
	}
	fmt.Fprintln(l.out)
	for _, name := range study.Disciplines {
		fmt.Fprint(l.out, fixed(name, nameWidth))
		for _, n := range goroutines {
			fmt.Fprintf(l.out, "%*s", figureWidth, cellText(study, name, n))
		}
		fmt.Fprintln(l.out)
	}
}

func cellText(study *summary.Study, name string, goroutines int) string {
	cell := study.Cell(name, goroutines, study.MostProcs())
	switch {
	case study.Errors[name] != "" && cell == nil:
		return "wrong"
	case study.Cannot[name] != "" && cell == nil:
		return "cannot"
	case cell == nil:
		return figure.None
	}
	return figure.Nanoseconds(1e9 / cell.Of(summary.Throughput).Median)
}

// refusals says once for each discipline and reason what it cannot do, and what went wrong with it.
func (l *lab) refusals(run *result.Run) {
	var told []string
	for _, r := range run.Refusals {
		name := studyName(measure.Study{Workload: &workload.Workload{Name: r.Workload}, Case: r.Case})
		line := fmt.Sprintf("%s cannot do %s: %s", r.Discipline, r.Workload, r.Cannot)
		if r.Error != "" {
			line = fmt.Sprintf("%s FAILED at %s: %s", r.Discipline, name, r.Error)
		}
		if !slices.Contains(told, line) {
			told = append(told, line)
			fmt.Fprintf(l.out, "\n%s\n", l.wrapped(line))
		}
	}
}
