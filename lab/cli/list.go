package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func newList(l *lab) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List workloads and disciplines",
		Args:  exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(l.out, "Workloads (with cases):")
			for _, w := range l.workloads() {
				fmt.Fprintf(l.out, "  %s\n", strings.TrimSpace(fixed(w.Name, 13)+strings.Join(w.Cases, " ")))
			}
			fmt.Fprintln(l.out, "\nDisciplines:")
			for _, d := range l.disciplines() {
				l.item(d.Name, d.From)
			}
			fmt.Fprintln(l.out, "\nlab explain NAME tells more of each.")
			return nil
		},
	}
}

// item prints a name and a text beside it, or below it where there is no room.
func (l *lab) item(name, text string) { l.itemTo(l.out, name, text) }

func (l *lab) itemTo(out io.Writer, name, text string) {
	const margin = 17
	lines := strings.Split(wrap(text, l.columns()-margin), "\n")
	fmt.Fprintf(out, "  %s%s\n", fixed(name, margin-2), lines[0])
	for _, line := range lines[1:] {
		fmt.Fprintf(out, "%*s%s\n", margin, "", line)
	}
}
