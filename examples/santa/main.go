// Santa is the Santa Claus problem: Santa sleeps until all nine reindeer are back
// from their holidays, or three of the ten elves want advice. Reindeer come first.
//
// It teaches how to build blocking things out of variables (a gate, a group) and
// how OrElse chooses between two of them, left before right. The solution is that
// of Simon Peyton Jones, "Beautiful concurrency", in Oram and Wilson (editors),
// Beautiful Code, 2007. The problem is John Trono's, 1994.
//
// Run it with
//
//	go run ./examples/santa [-rounds 20]
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
		fmt.Fprintln(os.Stderr, "santa:", err)
		os.Exit(1)
	}
}

// run wakes Santa that many times and tells it to w.
func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("santa", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are returned instead
	rounds := flags.Int("rounds", 20, "times that Santa is woken")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(w)
		flags.Usage()
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0 || *rounds < 1:
		return errors.New("want -rounds of at least 1, and nothing else")
	}
	return newNorthPole(w).open(ctx, *rounds)
}
