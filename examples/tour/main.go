// Tour is the first walk through Rinse: check out some variables, change your
// copies, commit. If somebody else got there first the commit clashes: rinse
// and repeat.
//
// It teaches the held form of a transaction (Checkout, Commit, Discard), what a
// token is, what a clash report says, and that Atomically is the same thing with
// the loop written for you. The story, a greeting and three accounts, is the one
// that Kamaelia's documentation tells about its own transactional store, from
// which Rinse descends.
//
// Run it with
//
//	go run ./examples/tour
package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// run tells the whole story to w.
func run(ctx context.Context, w io.Writer, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("takes no arguments, got %q", args)
	}
	t := &tour{out: w}
	if err := t.greeting(); err != nil {
		return err
	}
	if err := t.accounts(ctx, openAccounts()); err != nil {
		return err
	}
	return t.err
}

// A tour tells its story to out.
type tour struct {
	out io.Writer
	err error // the first of out
}

func (t *tour) say(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.out, format+"\n", args...)
	}
}
