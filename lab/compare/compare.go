package compare

import (
	"io"

	"github.com/rinse-go/rinse/lab/result"
)

// A Table has what has changed from one run to another.
type Table struct{}

// Compare compares two runs.
func Compare(old, new *result.Run) Table { return Table{} }

// Regressions counts what has become worse, significantly.
func (t Table) Regressions() int { return 0 }

// Write writes the table as text.
func (t Table) Write(w io.Writer) error { return nil }
