package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/measure"
	"github.com/rinse-go/rinse/lab/model"
	"github.com/rinse-go/rinse/lab/result"
)

func newRun(l *lab) *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Measure, and write results and a page",
		Long: "Measure workloads under disciplines, and write three files: results as JSON lines (which all other\n" +
			"commands read) and as Go benchmark text (which benchstat reads), and a page to look at.\n\n" +
			"Without flags it measures a part of everything, in less than a minute.",
		Example: "  lab run --full\n" +
			"  lab run --workloads cache,bank --disciplines mutex,stm --goroutines 1,2,8\n" +
			"  lab run --workloads cache/90/10 --rounds 20 --time 200ms --out cache.jsonl\n" +
			"  lab run --from cache.jsonl --out again.jsonl",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.HasSubCommands() {
				return unknown("command", args[0], commandNames(cmd))
			}
			return exactly(0, "flags only")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return l.run(cmd, &s) },
	}
	s.flags(cmd)
	complete := func(flag string, names func() []string) {
		_ = cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return completeList(typed, names()), cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
		})
	}
	complete("workloads", l.studyNames)
	complete("disciplines", l.disciplineNames)
	return cmd
}

func commandNames(cmd *cobra.Command) (names []string) {
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// completeList completes the last of some names with commas between them.
func completeList(typed string, names []string) (completions []string) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	for _, name := range names {
		if strings.HasPrefix(before+name, typed) {
			completions = append(completions, before+name)
		}
	}
	return completions
}

func (l *lab) run(cmd *cobra.Command, s *settings) error {
	if err := s.complete(cmd); err != nil {
		return err
	}
	plan, err := l.plan(s)
	if err != nil {
		return err
	}
	files, err := newFiles(s.out)
	if err != nil {
		return err
	}
	if files.stream() {
		l.out = l.errs // so that nothing else is in the stream
	}
	run := measure.Describe()
	run.Seed, run.Args = s.seed, s.args()
	run.Command = quoted(append([]string{l.command()}, run.Args...))

	ctx := cmd.Context()
	l.announce(plan, run, s)
	if err = calibrate(ctx, run, s.costs); err == nil {
		bar := newProgress(l.errs)
		err = plan.Run(ctx, run, measure.Watch{Step: bar.step, Keep: files.keep})
		bar.end()
	}
	return l.finish(run, files, err)
}

// calibrate measures the measuring, and what sharing costs on this machine, where that can be measured.
func calibrate(ctx context.Context, run *result.Run, costs bool) (err error) {
	if run.Overhead, run.Late, err = measure.Overhead(ctx, 50*time.Millisecond); err != nil || !costs {
		return err
	}
	if run.Costs, err = model.Calibrate(ctx); errors.Is(err, model.ErrCores) {
		return nil
	}
	return err
}

// finish shows and writes what there is, also after an error.
func (l *lab) finish(run *result.Run, files files, failed error) error {
	if len(run.Points) == 0 && failed != nil {
		return interrupted(failed, "nothing was measured")
	}
	l.show(run)
	if err := files.complete(run, l.page); err != nil {
		return errors.Join(failed, err)
	}
	files.tell(l.out)
	return interrupted(failed, kept(len(run.Points)))
}

func kept(points int) string {
	if points == 1 {
		return "1 measurement is kept"
	}
	return fmt.Sprintf("%d measurements are kept", points)
}

func interrupted(err error, what string) error {
	if errors.Is(err, context.Canceled) {
		return failure{fmt.Errorf("interrupted: %s", what), exitInterrupted}
	}
	return err
}

func (l *lab) plan(s *settings) (measure.Plan, error) {
	studies, err := l.studies(s.workloads)
	if err != nil {
		return measure.Plan{}, err
	}
	disciplines, err := l.findDisciplines(s.disciplines)
	if err != nil {
		return measure.Plan{}, err
	}
	return measure.Plan{
		Studies:     studies,
		Disciplines: disciplines,
		Goroutines:  s.goroutines,
		Procs:       s.procs,
		Rounds:      s.rounds,
		Settings:    measure.Settings{Seed: s.seed, Time: s.time, WarmUp: s.warmUp, Patience: 30 * time.Second},
	}, nil
}

func (l *lab) announce(plan measure.Plan, run *result.Run, s *settings) {
	steps, _ := plan.Steps()
	text := fmt.Sprintf("%s, about %s: %s, %s, goroutines %s, GOMAXPROCS %s.",
		figure.Of(len(steps), "measurement"), plan.About().Round(time.Second), figure.Of(len(plan.Studies), "workload"),
		figure.Of(len(plan.Disciplines), "discipline"), joined(s.goroutines), joined(s.procs))
	if !s.full && s.from == "" {
		text += " That is a part; --full measures all, -h says what else there is."
	}
	machine := fmt.Sprintf("%s, %s, %s/%s, %s", run.CPU, figure.Of(run.Cores, "core"), run.OS, run.Arch, run.Go)
	fmt.Fprintf(l.out, "%s\n%s\n", l.wrapped(text), l.wrapped(machine))
}

func (l *lab) command() string {
	if l.Command != "" {
		return l.Command
	}
	return filepath.Base(os.Args[0])
}

// quoted joins words as a shell would read them. The first may be several words already.
func quoted(words []string) string {
	line := words[0]
	for _, word := range words[1:] {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return strings.ContainsRune(" \t\n'\"\\$`*?[]{}()<>|&;#~!", r) }) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		line += " " + word
	}
	return line
}

func joined(numbers []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(numbers)), ","), "[]")
}

func unique(numbers []int) []int { return slices.Compact(slices.Sorted(slices.Values(numbers))) }
