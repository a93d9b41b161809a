package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/rinse-go/rinse/examples/wiki/text"
	"github.com/rinse-go/rinse/httptoken"
)

// editing is one run of edit or resume.
type editing struct {
	server *server
	in     io.Reader // answers
	out    io.Writer
}

// edit checks a page out, has it edited, and commits it.
func (e *editing) edit(ctx context.Context, name string) error {
	if err := validate(name); err != nil {
		return err
	}
	p, err := e.server.get(ctx, name)
	if err != nil {
		return err
	}
	c, err := newCheckout(name, p)
	if err != nil {
		return err
	}
	return e.goOn(ctx, c, true)
}

// resume goes on with what an earlier run has left, and commits it as it is.
func (e *editing) resume(ctx context.Context, dir string) error {
	c, err := openCheckout(dir)
	if err != nil {
		return err
	}
	return e.goOn(ctx, c, false)
}

// goOn edits and commits until it got through, or its user gives up. Whatever happens, it says where the text is.
func (e *editing) goOn(ctx context.Context, c *checkout, editFirst bool) error {
	done, err := false, error(nil)
	for first := editFirst; !done && err == nil; first = true {
		if first {
			err = e.open(ctx, c.file())
		}
		if err == nil {
			done, err = e.commit(ctx, c)
		}
	}
	if err == nil || errors.Is(err, errGone) {
		return errors.Join(err, c.remove())
	}
	return fmt.Errorf("%w\nYour text is in %s\nGo on with: ctl resume %s", err, c.file(), c.dir)
}

// errLeft is why a text was not committed if its user did not want it.
var errLeft = errors.New("not committed")

// commit commits the text, rebased if need be and wanted. It reports false if the text is to be edited again.
func (e *editing) commit(ctx context.Context, c *checkout) (done bool, err error) {
	for {
		mine, base, err := c.read()
		if err != nil {
			return false, err
		}
		if mine == base {
			fmt.Fprintln(e.out, "Nothing to commit: the page has this text.")
			return true, nil
		}
		if text.Marked(mine) {
			return false, e.ask("There are marks of a conflict in the text. Edit it again?", true)
		}
		if mine == "" { // perhaps the editor's mistake
			if err := e.ask("There is no text left. Remove the page?", false); err != nil {
				return false, err
			}
		}
		err = e.server.commit(ctx, c.Page, mine, c.Tag)
		switch {
		case err == nil && mine == "":
			fmt.Fprintf(e.out, "Removed %s.\n", c.Page)
			return true, nil
		case err == nil:
			fmt.Fprintf(e.out, "Committed %s.\n", c.Page)
			return true, nil
		case !rebaseHelps(err):
			return false, outcome(err)
		}
		e.explain(err)
		if err := e.ask("Rebase onto what is there now?", true); err != nil {
			return false, err
		}
		if conflicts, err := e.rebase(ctx, c, mine, base); err != nil || conflicts > 0 {
			return false, err
		}
	}
}

// rebaseHelps reports whether an error is about a tag that does not do any more.
func rebaseHelps(err error) bool {
	var p *httptoken.Problem
	if !errors.As(err, &p) {
		return false
	}
	switch p.Type {
	case httptoken.Stale, httptoken.Foreign, httptoken.Malformed, httptoken.Absent, httptoken.Present:
		return true
	}
	return p.Status == 404 // to be removed, and gone already
}

// outcome says what became of a commit that was not answered as it should be.
func outcome(err error) error {
	var p *httptoken.Problem
	if errors.As(err, &p) {
		return fmt.Errorf("not committed: %s %s", p.Title, p.Detail)
	}
	if errors.Is(err, errNoServer) {
		return fmt.Errorf("not committed: %w", err)
	}
	return fmt.Errorf("the wiki did not answer, so the text may be committed or not (resuming finds out): %w", err)
}

// explain tells who has changed what.
func (e *editing) explain(err error) {
	var p *httptoken.Problem
	errors.As(err, &p)
	fmt.Fprintf(e.out, "Not committed. %s.\n", p.Title)
	for _, clash := range p.Clashes {
		fmt.Fprintf(e.out, "  %s was changed by %s: version %d is now %d\n",
			clash.Name, cmp.Or(clash.By, "somebody"), clash.Base, clash.Current)
	}
}

// rebase merges what is there now into the text. It returns in how many places they conflict.
func (e *editing) rebase(ctx context.Context, c *checkout, mine, base string) (conflicts int, err error) {
	now, err := e.server.get(ctx, c.Page)
	if err != nil {
		return 0, err
	}
	merged, conflicts := text.Merge(base, mine, now.text)
	if err := c.write(merged, now); err != nil {
		return 0, err
	}
	switch conflicts {
	case 0:
		fmt.Fprintln(e.out, "Merged: you have not changed the same lines.")
	case 1:
		fmt.Fprintln(e.out, "You have changed the same lines, in one place: choose between the marks.")
	default:
		fmt.Fprintf(e.out, "You have changed the same lines, in %d places: choose between the marks.\n", conflicts)
	}
	return conflicts, nil
}

// ask returns nil if the answer is yes; the Enter key alone is the one in capitals. Without an answer it is no.
func (e *editing) ask(question string, enter bool) error {
	choice := " [y/N] "
	if enter {
		choice = " [Y/n] "
	}
	fmt.Fprint(e.out, question, choice)
	answer, ok := readLine(e.in)
	if !ok {
		fmt.Fprintln(e.out)
		return errLeft
	}
	switch answer = strings.ToLower(strings.TrimSpace(answer)); {
	case answer == "y", answer == "yes", answer == "" && enter:
		return nil
	}
	return errLeft
}

// readLine reads no further than the line, for what follows may be for the editor.
func readLine(in io.Reader) (line string, ok bool) {
	var b [1]byte
	for {
		n, err := in.Read(b[:])
		switch {
		case n == 1 && b[0] == '\n':
			return line, true
		case n == 1:
			line += string(b[:])
		case err != nil:
			return line, line != ""
		}
	}
}

// open opens a file in the user's editor, and waits for its end.
func (e *editing) open(ctx context.Context, file string) error {
	editor := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), "vi")
	cmd := exec.Command("sh", "-c", editor+` "$@"`, editor, file) // it may have arguments
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the editor %q: %w", editor, err)
	}
	return ctx.Err()
}
