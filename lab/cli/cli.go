// Package cli is the command line of the lab: list, run, report, compare and explain. A program of your
// own that adds a workload or a discipline has the whole of it, and begins with
//
//	func main() { cli.Main(cli.Options{Command: "go run .", Workloads: []workload.Workload{Tickets}}) }
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/workload"
)

// Options are what a program adds to the lab. Names have small letters, digits, hyphens and dots, and none of
// them twice.
type Options struct {
	// Command is how people call the program, such as "go run ./lab". It is written into results, so that
	// they can be repeated. Empty is the name of the program.
	Command string

	Workloads   []workload.Workload     // beside those of the lab
	Disciplines []discipline.Discipline // beside those of the lab
}

// Main is the lab: it reads the arguments of the program, does what they say, and exits. Call it first in
// main, since the program is started again for the processes of the discipline that has some.
//
// The exit code is 0, or 1 after an error, 2 if something was called in a wrong way, 3 if compare found
// regressions, and 130 after an interrupt.
func Main(o Options) {
	discipline.RunChild()
	os.Exit(run(o, os.Args[1:], os.Stdout, os.Stderr))
}

const (
	exitFailed      = 1
	exitUsage       = 2
	exitRegressed   = 3
	exitInterrupted = 130
)

// A failure is an error with the exit code it leads to.
type failure struct {
	error
	code int
}

func (f failure) Unwrap() error { return f.error }

func usage(format string, args ...any) error { return failure{fmt.Errorf(format, args...), exitUsage} }

func run(o Options, args []string, out, errs io.Writer) int {
	ctx, stop := interruptible(errs)
	defer stop()
	l := &lab{Options: o, out: out, errs: errs}
	root := newRoot(l)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	err := l.wrong()
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintf(errs, "lab: %v\n", err)
	var failed failure
	if errors.As(err, &failed) {
		return failed.code
	}
	return exitFailed
}

// interruptible returns a context that ends at the first interrupt. The second one ends the program.
func interruptible(errs io.Writer) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
			return
		}
		fmt.Fprintln(errs, "\nlab: interrupted: keeping what was measured; once more to stop at once")
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx, cancel
}

// lab is one call of the program.
type lab struct {
	Options
	out, errs io.Writer
}

func newRoot(l *lab) *cobra.Command {
	runs := newRun(l)
	root := &cobra.Command{
		Use:   "lab",
		Short: "Measure every way of sharing state, side by side, on this machine",
		Long: "Locks, queues, transactions, event loops, processes: which for what, and from where on?\n" +
			"Without a command it measures a part of everything, in less than a minute.",
		Args:          runs.Args,
		RunE:          runs.RunE,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.Flags().AddFlagSet(runs.Flags())
	root.AddCommand(newList(l), runs, newReport(l), newCompare(l), newExplain(l))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see %s -h", err, cmd.CommandPath())
	})
	return root
}

// exactly is cobra.ExactArgs with the exit code of wrong usage.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("%s takes %s: got %d arguments; see %s -h", cmd.Name(), what, len(args), cmd.CommandPath())
		}
		return nil
	}
}
