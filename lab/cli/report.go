package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rinse-go/rinse/lab/compare"
	"github.com/rinse-go/rinse/lab/report"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/verdict"
)

func newReport(l *lab) *cobra.Command {
	var out, plots, markdown string
	var formats, validate []string
	cmd := &cobra.Command{
		Use:               "report FILE",
		Short:             "Show results, and write their page and plots",
		Example:           "  lab report results.jsonl\n  lab report results.jsonl --plots figures --format svg,png",
		Args:              exactly(1, "a file of results"),
		ValidArgsFunction: completeResults,
		RunE: func(_ *cobra.Command, args []string) error {
			for _, format := range formats {
				if known := []string{"svg", "png"}; !slices.Contains(known, format) {
					return unknown("format", format, known)
				}
			}
			runs, err := load(append(args, validate...))
			if err != nil {
				return err
			}
			if err := l.report(runs[0], runs[1:], outOf(args[0], out), plots, formats); err != nil {
				return err
			}
			return l.markdown(runs[0], markdown)
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "`file` for the page (default FILE with .html)")
	f.StringVar(&markdown, "markdown", "", "write the findings as Markdown into this `file`, too")
	f.StringVar(&plots, "plots", "", "write each plot into this `folder`, too")
	f.StringSliceVar(&formats, "format", []string{"svg"}, "of plots: svg, png")
	f.StringSliceVar(&validate, "validate", nil, "results of bigger machines, to hold what is extrapolated against")
	_ = cmd.MarkFlagFilename("validate", "jsonl")
	_ = cmd.MarkFlagDirname("plots")
	return cmd
}

func outOf(results, out string) string {
	if out != "" {
		return out
	}
	return strings.TrimSuffix(results, ".jsonl") + ".html"
}

func (l *lab) report(run *result.Run, validate []*result.Run, out, plots string, formats []string) error {
	l.show(run)
	err := result.Replace(out, func(w io.Writer) error { return l.pageWith(w, run, validate) })
	if err != nil {
		return fmt.Errorf("the page could not be written: %w", err)
	}
	fmt.Fprintf(l.out, "\npage     %s\n", out)
	if plots == "" {
		return nil
	}
	names, err := report.WritePlots(plots, run, formats)
	if err != nil {
		return fmt.Errorf("the plots could not be written: %w", err)
	}
	fmt.Fprintf(l.out, "plots    %d in %s\n", len(names), plots)
	return nil
}

// markdown writes what the run has found, if a file is named for it.
func (l *lab) markdown(run *result.Run, file string) error {
	if file == "" {
		return nil
	}
	err := result.Replace(file, func(w io.Writer) error { return verdict.Which(w, run) })
	if err != nil {
		return fmt.Errorf("the findings could not be written: %w", err)
	}
	fmt.Fprintf(l.out, "findings %s\n", file)
	return nil
}

func newCompare(l *lab) *cobra.Command {
	return &cobra.Command{
		Use:               "compare OLD NEW",
		Short:             "Say what has become faster or slower from one run to another",
		Long:              "Say what has become faster or slower from one run to another. The exit code is 3 if anything has\nbecome worse, significantly.",
		Args:              exactly(2, "two files of results"),
		ValidArgsFunction: completeResults,
		RunE: func(_ *cobra.Command, args []string) error {
			runs, err := load(args)
			if err != nil {
				return err
			}
			table := compare.Compare(runs[0], runs[1])
			if err := table.Write(l.out); err != nil {
				return err
			}
			if n := table.Regressions(); n > 0 {
				return failure{fmt.Errorf("worse than before: %d", n), exitRegressed}
			}
			return nil
		},
	}
}

func completeResults(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
}

func load(paths []string) (runs []*result.Run, err error) {
	for _, path := range paths {
		run, err := result.Load(path)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}
