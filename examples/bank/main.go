// Bank moves money between accounts with many goroutines, and never loses any.
//
// It teaches how transactions compose: an account's methods take a transaction,
// and a transfer puts two of them together with Do. It shows the two ways to
// meet an account without cover, an error (which undoes everything) and a wait
// (Check); audits with View that run all the while; a held checkout that clashes;
// and what Stats says about it all.
//
// Run it with
//
//	go run ./examples/bank [-tellers 8] [-transfers 5000]
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
		fmt.Fprintln(os.Stderr, "bank:", err)
		os.Exit(1)
	}
}

// run spends a day at the bank and tells it to w.
func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("bank", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are returned instead
	tellers := flags.Int("tellers", 8, "goroutines that make transfers")
	transfers := flags.Int("transfers", 5000, "transfers that each of them makes")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(w)
		flags.Usage()
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0 || *tellers < 1 || *transfers < 1:
		return errors.New("want -tellers and -transfers of at least 1, and nothing else")
	}

	d := &day{out: w, bank: &bank{}}
	return d.pass(ctx, *tellers, *transfers)
}
