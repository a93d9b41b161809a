// Wiki is a small wiki: pages that people edit in a browser, and programs over a socket, without locks and without
// anybody's work being overwritten.
//
// It teaches what tokens are for. The form in which somebody edits a page carries the token of what they saw, for as
// long as they take; the server keeps nothing for them. When the form comes back, Expect tells whether the page has
// changed meanwhile, and who changed it, and then the editor is shown both versions merged. Changed tells them before
// they are done, by a server-sent event. Programs get the same over plain HTTP, as ETag and If-Match, by package
// httptoken. Renaming a page changes the links on all others: that is a held checkout, which merges what people save
// meanwhile with Rebase. Other processes of this machine are served on a Unix socket: see the client in
// examples/wiki/ctl.
//
// There are no accounts: whoever reaches the server may edit, under any name. So it listens on this machine only,
// unless it is told otherwise. Pages are in memory, and gone when it ends.
//
// Run it with
//
//	go run ./examples/wiki [-addr localhost:8080] [-socket FILE] [-keys FILE] [-check]
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rinse-go/rinse/token"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "wiki:", err)
		os.Exit(1)
	}
}

type options struct {
	addr, socket, keys string
	check              bool
}

// run serves a wiki until ctx ends, and says on w where.
func run(ctx context.Context, w io.Writer, args []string) error {
	o, err := parseFlags(w, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	signer, err := newSigner(o.keys)
	if err != nil {
		return err
	}
	s := newSite(newWiki(), signer)
	if o.check {
		return check(ctx, w, s)
	}
	listeners, err := listen(o)
	if err != nil {
		return err
	}
	for _, l := range listeners {
		fmt.Fprintln(w, where(l))
	}
	fmt.Fprintln(w, "Press Ctrl-C to end it.")
	return serve(ctx, s, listeners)
}

// parseFlags reads the command line. Asked for help, it gives it and returns flag.ErrHelp.
func parseFlags(w io.Writer, args []string) (o options, err error) {
	flags := flag.NewFlagSet("wiki", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "localhost:0", "`address` to serve on; port 0 is any free one, and nothing is none")
	flags.StringVar(&o.socket, "socket", "", "Unix socket to serve on as well, a `file`")
	flags.StringVar(&o.keys, "keys", "", "`file` of keys that sign tokens, one a line, 64 hexadecimal digits or more; "+
		"the first one signs (default: a key for this run)")
	flags.BoolVar(&o.check, "check", false, "try it out: serve two editors who clash, and end")
	flags.SetOutput(io.Discard) // errors are returned instead
	err = flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(w)
		flags.Usage()
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("want flags only, got %q; the client is in examples/wiki/ctl", flags.Args())
	case o.addr == "" && o.socket == "":
		err = errors.New("want -addr or -socket")
	}
	return o, err
}

// newSigner returns a signer with the keys in a file, or with a new one.
func newSigner(file string) (*token.Signer, error) {
	if file == "" {
		key := make([]byte, token.MinKey)
		rand.Read(key) // never fails
		return token.NewSigner(key)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var keys [][]byte
	for i, line := range strings.Fields(string(content)) {
		key, err := hex.DecodeString(line)
		if err != nil {
			return nil, fmt.Errorf("%s: key %d is not hexadecimal", file, i+1) // and do not show it
		}
		keys = append(keys, key)
	}
	return token.NewSigner(keys...)
}

func listen(o options) (listeners []net.Listener, err error) {
	if o.addr != "" {
		l, err := net.Listen("tcp", o.addr)
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, l)
	}
	if o.socket != "" {
		l, err := listenUnix(o.socket)
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			return nil, err
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// listenUnix listens on a socket that only this user can reach. It takes the place of one that nobody serves any more.
func listenUnix(file string) (net.Listener, error) {
	l, err := net.Listen("unix", file)
	if errors.Is(err, syscall.EADDRINUSE) && abandoned(file) {
		if err := os.Remove(file); err != nil {
			return nil, err
		}
		l, err = net.Listen("unix", file)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(file, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// abandoned reports whether a file is a socket without a server.
func abandoned(file string) bool {
	info, err := os.Lstat(file)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return false
	}
	c, err := net.Dial("unix", file)
	if err == nil {
		c.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func where(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return "For programs: the socket " + l.Addr().String()
	}
	return "The wiki is at http://" + l.Addr().String() + "/"
}

// serve serves until ctx ends, and then finishes the requests that it has begun.
func serve(ctx context.Context, s *site, listeners []net.Listener) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	server.RegisterOnShutdown(s.close)
	server.RegisterOnShutdown(closeUnused(server))
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- server.Serve(l) }()
	}
	select {
	case err := <-failed:
		server.Close()
		return err
	case <-ctx.Done():
	}
	finish, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(finish); err != nil {
		return fmt.Errorf("some requests were cut off: %w", err)
	}
	return nil
}

// closeUnused returns what closes the connections of a server on which nothing was asked yet: browsers open some for
// later, and Shutdown takes them for busy.
func closeUnused(server *http.Server) func() {
	var unused sync.Map // of net.Conn
	server.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateNew {
			unused.Store(c, nil)
		} else {
			unused.Delete(c)
		}
	}
	return func() {
		for c := range unused.Range {
			c.(net.Conn).Close()
		}
	}
}
