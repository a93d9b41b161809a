// Command prove runs the tests that explore schedules of the engine and of the disciplines, and prints
// what they came to:
//
//	go run ./internal/proof/prove
//
// It takes a few minutes; with -long it explores ten times as much and more. It fails if a test does, if
// a history was left undecided, or if a mutant survived.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rinse-go/rinse/internal/proof"
)

func main() {
	long := flag.Bool("long", false, "explore ten times as much and more: some hours")
	flag.Parse()
	if err := prove(*long); err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}

func prove(long bool) error {
	start := time.Now()
	figures, err := explore(long)
	if err != nil {
		return err
	}
	if len(figures) < 2 {
		return fmt.Errorf("%d packages printed figures: want 2", len(figures))
	}
	total := sum(figures)
	table(os.Stdout, append(figures, total))
	fmt.Printf("\n%d programs, %d schedules, %d histories, %d unknown; mutants killed: %d of %d; in %v\n",
		total.Programs, total.Schedules, total.Histories, total.Unknown, total.Killed, total.Mutants, time.Since(start).Round(time.Second))
	switch {
	case total.Unknown > 0:
		return fmt.Errorf("%d histories could not be decided", total.Unknown)
	case total.Killed < total.Mutants:
		return fmt.Errorf("%d mutants survived", total.Mutants-total.Killed)
	}
	return nil
}

func sum(figures []proof.Figures) (total proof.Figures) {
	for _, f := range figures {
		total = total.Plus(f)
	}
	return total
}

// explore runs the tests and returns the figures that they print. What else they say is shown if one fails.
func explore(long bool) (figures []proof.Figures, err error) {
	args := []string{"test", "-tags", "rinsesched", "-count", "1", "-v", "-timeout", "6h", "./internal/explore", "./discipline/model"}
	if long {
		args = append(args, "-args", "-long")
	}
	command := exec.Command("go", args...)
	fmt.Println(command)
	output, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, output)
	}
	for line := range strings.Lines(string(output)) {
		if f, ok := proof.Parse(strings.TrimSpace(line)); ok {
			figures = append(figures, f)
		}
	}
	return figures, nil
}

func table(to io.Writer, figures []proof.Figures) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintln(w, "\n\tprograms\tnot to the end\tschedules\treal threads\thistories\tunknown\tmutants killed\t")
	for _, f := range figures {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d of %d\t\n",
			f.Of, f.Programs, f.Cut, f.Schedules, f.Stressed, f.Histories, f.Unknown, f.Killed, f.Mutants)
	}
}
