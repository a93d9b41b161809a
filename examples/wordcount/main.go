// Wordcount counts the words of every text file below a directory with many
// goroutines, live, and then checks the result against a count of one file after
// another.
//
// It teaches how to share a large structure: a hash table whose buckets are
// variables, so that transactions clash only where they touch the same words;
// Commute for counters that everybody increments; one View over all of it; and
// Stats, which says what the sharing cost. It also shows that sharing does cost:
// a plain map in one goroutine does less work, and wins on few cores. What the
// transactions buy is that anybody may look at any time and see whole files.
//
// Run it with
//
//	go run ./examples/wordcount [-workers 8] [-top 10] [-v] [DIR]
//
// Without DIR it counts the directory it is run in.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "wordcount:", err)
		os.Exit(1)
	}
}

// run counts one directory and tells the result to w.
func run(ctx context.Context, w io.Writer, args []string) error {
	o, err := parse(w, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(o.dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory; name the directory that it is in", o.dir)
	}
	j := newJob(os.DirFS(o.dir), w, o)
	return j.run(ctx)
}

type options struct {
	dir          string
	workers, top int
	verbose      bool
}

// parse reads the command line. Asked for help, it gives it and returns
// flag.ErrHelp.
func parse(w io.Writer, args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("wordcount", flag.ContinueOnError)
	flags.IntVar(&o.workers, "workers", 4*runtime.GOMAXPROCS(0), "goroutines that count")
	flags.IntVar(&o.top, "top", 10, "frequent words to print")
	flags.BoolVar(&o.verbose, "v", false, "name every file that is skipped")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: wordcount [flags] [DIR]")
		flags.PrintDefaults()
	}
	flags.SetOutput(io.Discard) // errors are returned instead
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(w)
		flags.Usage()
		return o, err
	case err != nil:
		return o, err
	case flags.NArg() > 1:
		return o, fmt.Errorf("want one directory, got %q", flags.Args())
	case o.workers < 1 || o.top < 0:
		return o, errors.New("want -workers of at least 1 and -top of at least 0")
	}
	o.dir = "."
	if flags.NArg() == 1 {
		o.dir = flags.Arg(0)
	}
	return o, nil
}
