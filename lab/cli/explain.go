package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/workload"
)

func newExplain(l *lab) *cobra.Command {
	names := func() []string {
		all := l.disciplineNames()
		for _, w := range l.workloads() {
			all = append(all, w.Name)
		}
		return all
	}
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Explain a discipline or a workload",
		Args:  exactly(1, "the name of a discipline or a workload"),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, d := range l.disciplines() {
				if d.Name == args[0] {
					l.explainDiscipline(&d)
					return nil
				}
			}
			for _, w := range l.workloads() {
				if w.Name == args[0] {
					l.explainWorkload(&w)
					return nil
				}
			}
			if name, _, _ := strings.Cut(args[0], "/"); slices.Contains(names(), name) {
				return usage("explain takes the name of a discipline or a workload, without a case: say lab explain %s", name)
			}
			return unknown("discipline or workload", args[0], names())
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return names(), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func (l *lab) explainDiscipline(d *discipline.Discipline) {
	fmt.Fprintf(l.out, "%s\n\n%s\n\n%s\n", d.Name, l.wrapped("From: "+d.From), l.wrapped(d.Explain))
	if len(d.Cannot) > 0 {
		fmt.Fprintln(l.out, "\nWhat it cannot do:")
		for _, what := range slices.Sorted(maps.Keys(d.Cannot)) {
			l.item(what, d.Cannot[what])
		}
	}
	fmt.Fprintln(l.out, "\nWorkloads:")
	for _, w := range l.workloads() {
		can := "yes"
		if err := w.Cannot(d); err != nil {
			can = "no: " + err.Error()
		}
		l.item(w.Name, can)
	}
}

func (l *lab) explainWorkload(w *workload.Workload) {
	fmt.Fprintf(l.out, "%s\n\n%s\n", w.Name, l.wrapped(w.Explain))
	if w.Cases != nil {
		fmt.Fprintf(l.out, "\n%s\n", l.wrapped("Cases: "+strings.Join(w.Cases, ", ")))
	}
	fmt.Fprintln(l.out, "\nDisciplines:")
	all := l.disciplines()
	for i := range all {
		can := "yes"
		if err := w.Cannot(&all[i]); err != nil {
			can = "no: " + err.Error()
		}
		l.item(all[i].Name, can)
	}
}
