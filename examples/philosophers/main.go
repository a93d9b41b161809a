// Philosophers is Dijkstra's dinner: five philosophers, five forks, and each
// needs the two beside the plate.
//
// It teaches Check and Retry. A philosopher takes both forks in one transaction
// or none, and sleeps until a neighbour puts one down. There is no order of
// forks to agree on, no waiter and nothing to signal, and it cannot deadlock.
//
// Run it with
//
//	go run ./examples/philosophers [-meals 60]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "philosophers:", err)
		os.Exit(1)
	}
}

// run serves one dinner and tells it to w.
func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("philosophers", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are returned instead
	meals := flags.Int("meals", 60, "meals for each philosopher")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(w)
		flags.Usage()
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0 || *meals < 1:
		return errors.New("want -meals of at least 1, and nothing else")
	}
	d := &dinner{out: w, table: seat("Plato", "Laozi", "Rumi", "Sappho", "Hannah"), meals: *meals}
	return d.serve(ctx)
}
