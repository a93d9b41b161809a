package verdict

import (
	"io"

	"github.com/rinse-go/rinse/lab/result"
)

// Sentences says in plain words what a run shows, and nothing that it does not show.
func Sentences(run *result.Run) []string { return nil }

// Which writes docs/which.md: the findings of a run, as Markdown.
func Which(w io.Writer, run *result.Run) error { return nil }
