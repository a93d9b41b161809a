// Package report writes what a run has found as one HTML file, and its plots as files of their own.
//
// The page needs no network, and no script to be read: scripts only say values where one points. Its
// plots are those of package plots, drawn in the page's own variables for colours, so that light, dark
// and print are matters of the style sheet.
package report

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"os"
	"path/filepath"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/model"
	"github.com/rinse-go/rinse/lab/plots"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/summary"
)

// Options are what a page may have besides the run.
type Options struct {
	Disciplines []discipline.Discipline // explained on the page, in this order
	Workloads   []Workload              // explained on the page
	Validate    []*result.Run           // runs of other machines, to hold the model against
}

// A Workload is how the page explains one.
type Workload struct{ Name, Explain string }

//go:embed page.html page.css page.js
var files embed.FS

// Write writes a run as one HTML file that needs nothing else. It takes some seconds for a whole run.
func Write(w io.Writer, run *result.Run, options Options) error {
	p := newPage(run, options)
	t := template.New("page.html").Funcs(template.FuncMap{"prose": prose, "command": command})
	t, err := t.ParseFS(files, "page.html")
	if err != nil {
		return err
	}
	var page bytes.Buffer // so that nothing is written of a page that cannot be
	if err := t.Execute(&page, p); err != nil {
		return err
	}
	_, err = page.WriteTo(w)
	return err
}

// WritePlots writes each plot of the page into a directory, which it makes if need be, in the formats
// "svg" and "png". It returns the names of the files.
func WritePlots(dir string, run *result.Run, formats []string) (names []string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for _, c := range charts(run) {
		for _, format := range formats {
			name := filepath.Join(dir, c.ID+"."+format)
			write := func(w io.Writer) error { return c.Write(w, format) }
			if err := result.Replace(name, write); err != nil {
				return names, err
			}
			names = append(names, name)
		}
	}
	return names, nil
}

// charts returns all plots of a run.
func charts(run *result.Run) (all []*plots.Chart) {
	extrapolated := model.Extrapolate(run)
	for _, s := range summary.Of(run) {
		all = append(all, plots.Of(s)...)
		if c := plots.Extrapolated(s, extrapolated); c != nil {
			all = append(all, c)
		}
	}
	return all
}
