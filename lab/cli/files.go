package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rinse-go/rinse/lab/report"
	"github.com/rinse-go/rinse/lab/result"
)

// files are what a run writes. Text and page are empty if results go to a device or a pipe.
type files struct {
	results, text, page string
}

// newFiles finds out now whether a run can be written, and not after it.
func newFiles(out string) (files, error) {
	if out == "" {
		out = filepath.Join("lab-results", time.Now().UTC().Format("2006-01-02-150405"))
		if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
			return files{}, fmt.Errorf("no folder for results: %w; say where with --out", err)
		}
	}
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		return files{}, usage("--out %s: it is a folder; name a file in it", out)
	} else if err == nil && !info.Mode().IsRegular() {
		return files{results: out}, nil
	}
	base := strings.TrimSuffix(out, ".jsonl")
	if err := writable(filepath.Dir(base)); err != nil {
		return files{}, err
	}
	return files{base + ".jsonl", base + ".txt", base + ".html"}, nil
}

func writable(dir string) error {
	trial, err := os.CreateTemp(dir, ".lab-*")
	if err != nil {
		return fmt.Errorf("nothing can be written into %s: %w", dir, errors.Unwrap(err))
	}
	return errors.Join(trial.Close(), os.Remove(trial.Name()))
}

// stream reports whether results go where they can be written once only.
func (f files) stream() bool { return f.text == "" }

// keep writes the results so far.
func (f files) keep(run *result.Run) error {
	if f.stream() {
		return nil
	}
	return f.failed(run.Save(f.results))
}

func (f files) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the results could not be written: %w", err)
}

// complete writes all there is to write.
func (f files) complete(run *result.Run, page func(io.Writer, *result.Run) error) error {
	if f.stream() {
		return f.failed(run.Save(f.results))
	}
	return f.failed(errors.Join(
		run.Save(f.results),
		run.SaveText(f.text),
		result.Replace(f.page, func(w io.Writer) error { return page(w, run) }),
	))
}

func (f files) tell(out io.Writer) {
	if f.stream() {
		return
	}
	fmt.Fprintf(out, "\nresults  %s\ntext     %s\npage     %s\n", f.results, f.text, f.page)
}

// page writes the page of a run.
func (l *lab) page(w io.Writer, run *result.Run) error { return l.pageWith(w, run, nil) }

func (l *lab) pageWith(w io.Writer, run *result.Run, validate []*result.Run) error {
	o := report.Options{Disciplines: l.disciplines(), Validate: validate}
	for _, workload := range l.workloads() {
		o.Workloads = append(o.Workloads, report.Workload{Name: workload.Name, Explain: workload.Explain})
	}
	return report.Write(w, run, o)
}
