package report

import (
	"io"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/result"
)

// Options are what a page may have besides the run.
type Options struct {
	Disciplines []discipline.Discipline // explained on the page, in this order
	Workloads   []Workload              // explained on the page, in this order
	Validate    []*result.Run           // runs of other machines, to hold the model against
}

// A Workload is how the page explains one.
type Workload struct{ Name, Explain string }

// Write writes a run as one HTML file that needs nothing else.
func Write(w io.Writer, run *result.Run, options Options) error { return nil }

// WritePlots writes each plot of the page into a directory, in the formats "svg" and "png".
// It returns the names of the files.
func WritePlots(dir string, run *result.Run, formats []string) ([]string, error) { return nil, nil }
