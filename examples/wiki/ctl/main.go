// Ctl is the command-line client of the wiki: another process of the same machine, which works on the wiki's variables
// over a Unix socket.
//
// It works like a version control system in the small. A page is checked out into a directory, together with the tag
// that says which version it is, edited in $EDITOR, and committed. If somebody else was faster, ctl says who, and offers
// to rebase: to merge both changes by lines, and to edit again where they conflict. Whatever goes wrong, the text stays
// in its directory, and ctl says where; "resume" goes on from there.
//
// Run it with
//
//	go run ./examples/wiki -socket /tmp/wiki.socket
//	go run ./examples/wiki/ctl -socket /tmp/wiki.socket list
//	go run ./examples/wiki/ctl -socket /tmp/wiki.socket edit home
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdin, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ctl:", err)
		os.Exit(1)
	}
}

const usage = `usage: ctl [flags] COMMAND

  list          list the pages
  show NAME     print a page
  edit NAME     check a page out, edit it in $VISUAL or $EDITOR, and commit it; without any text it is removed,
                if you say so
  resume DIR    go on with an edit that did not get through

flags:
`

// run carries out one command. It reads answers from in.
func run(ctx context.Context, in io.Reader, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("ctl", flag.ContinueOnError)
	socket := flags.String("socket", os.Getenv("WIKI_SOCKET"), "the wiki's socket, a `file` (default $WIKI_SOCKET)")
	author := flags.String("author", os.Getenv("USER"), "your `name` (default $USER)")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.SetOutput(io.Discard) // errors are returned instead
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(out)
		flags.Usage()
		return nil
	case err != nil:
		return err
	case *socket == "":
		return errors.New("want the wiki's socket; give -socket or WIKI_SOCKET, as you gave it to the wiki")
	}
	s := dial(*socket, *author)
	defer s.close()
	e := &editing{server: s, in: in, out: out}
	switch command, arg := flags.Arg(0), flags.Arg(1); {
	case command == "list" && flags.NArg() == 1:
		return list(ctx, s, out)
	case command == "show" && flags.NArg() == 2:
		return show(ctx, s, out, arg)
	case command == "edit" && flags.NArg() == 2:
		return e.edit(ctx, arg)
	case command == "resume" && flags.NArg() == 2:
		return e.resume(ctx, arg)
	}
	return fmt.Errorf("want list, show NAME, edit NAME or resume DIR, got %q; -h tells more", flags.Args())
}

func list(ctx context.Context, s *server, out io.Writer) error {
	pages, err := s.list(ctx)
	for _, p := range pages {
		fmt.Fprintf(out, "%-24s %6d bytes  %s  %s\n", p.Name, p.Bytes, p.Saved.Format("2006-01-02 15:04"), p.Author)
	}
	return err
}

func show(ctx context.Context, s *server, out io.Writer, name string) error {
	if err := validate(name); err != nil {
		return err
	}
	p, err := s.get(ctx, name)
	if err != nil {
		return err
	}
	if p.tag == "" {
		return fmt.Errorf("there is no page %q; \"edit %s\" makes it", name, name)
	}
	_, err = io.WriteString(out, p.text)
	return err
}
