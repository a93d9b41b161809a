package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/httptoken"
)

// binaries is the directory of the wiki and of this client, built once: these tests are of several processes.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ctl-test-")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", dir+"/", "..", ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return dir, err
})

func TestMain(m *testing.M) {
	status := m.Run()
	if dir, err := binaries(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(status)
}

// A wiki is a process that serves one on a socket.
type wiki struct {
	socket, keys string
	cmd          *exec.Cmd
}

func startWiki(t *testing.T) *wiki {
	t.Helper()
	dir := t.TempDir()
	w := &wiki{socket: filepath.Join(dir, "socket"), keys: filepath.Join(dir, "keys")}
	require.NoError(t, os.WriteFile(w.keys, []byte(strings.Repeat("ab", 32)), 0o600))
	w.start(t)
	return w
}

func (w *wiki) start(t *testing.T) {
	t.Helper()
	dir, err := binaries()
	require.NoError(t, err)
	w.cmd = exec.Command(filepath.Join(dir, "wiki"), "-addr", "", "-socket", w.socket, "-keys", w.keys)
	out, err := w.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, w.cmd.Start())
	t.Cleanup(w.kill)
	_, err = io.ReadAtLeast(out, make([]byte, 10), 10) // it says where it is once it listens
	require.NoError(t, err)
}

func (w *wiki) kill() {
	w.cmd.Process.Kill()
	w.cmd.Wait()
}

// as is somebody at a terminal of their own: an editor that is a script, and answers to be given.
type as struct {
	author, editor, answers string
}

// ctl runs one command, and returns what it prints.
func (w *wiki) ctl(t *testing.T, who as, args ...string) (string, error) {
	t.Helper()
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", who.editor)
	t.Setenv("TMPDIR", t.TempDir())
	var out strings.Builder
	err := run(t.Context(), strings.NewReader(who.answers), &out, append([]string{"-socket", w.socket, "-author", who.author}, args...))
	return out.String(), err
}

// script returns an editor that is a shell script; $1 is the file.
func script(t *testing.T, lines ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "editor")
	require.NoError(t, os.WriteFile(file, []byte("#!/bin/sh\nset -e\n"+strings.Join(lines, "\n")+"\n"), 0o700))
	return file
}

// meanwhile is a line of a script in which somebody else edits and commits.
func (w *wiki) meanwhile(t *testing.T, author, sed string) string {
	t.Helper()
	dir, err := binaries()
	require.NoError(t, err)
	return fmt.Sprintf(`EDITOR="sed -i '%s'" %s -socket %s -author %s edit home`, sed, filepath.Join(dir, "ctl"), w.socket, author)
}

func (w *wiki) text(t *testing.T, name string) string {
	t.Helper()
	out, err := w.ctl(t, as{}, "show", name)
	require.NoError(t, err)
	return out
}

// left returns the directory that an error says the text was left in.
func left(t *testing.T, err error) string {
	t.Helper()
	require.Error(t, err)
	m := regexp.MustCompile(`Your text is in (\S+)\nGo on with: ctl resume (\S+)$`).FindStringSubmatch(err.Error())
	require.NotNil(t, m, err.Error())
	require.Equal(t, m[2], filepath.Dir(m[1]))
	return m[2]
}

func TestListShowAndEdit(t *testing.T) {
	w := startWiki(t)
	out, err := w.ctl(t, as{author: "Ann", editor: script(t, `sed -i 's/# Welcome/# Hello/' "$1"`)}, "edit", "home")
	require.NoError(t, err)
	assert.Equal(t, "Committed home.\n", out)
	assert.Contains(t, w.text(t, "home"), "# Hello\n")

	out, err = w.ctl(t, as{author: "Ben", editor: script(t, `echo "made by Ben" > "$1"`)}, "edit", "made")
	require.NoError(t, err)
	assert.Equal(t, "Committed made.\n", out)
	out, err = w.ctl(t, as{}, "list")
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^home +\d+ bytes  \d{4}-\d\d-\d\d \d\d:\d\d  Ann$`, out)
	assert.Regexp(t, `(?m)^made +12 bytes .* Ben$`, out)

	out, err = w.ctl(t, as{editor: script(t, `: > "$1"`), answers: "y\n"}, "edit", "made")
	require.NoError(t, err)
	assert.Equal(t, "There is no text left. Remove the page? [y/N] Removed made.\n", out)
	_, err = w.ctl(t, as{}, "show", "made")
	assert.ErrorContains(t, err, `no page "made"`)
}

// TestAnEditorThatFailsRemovesNoPage has one that leaves an empty file, as on a full disk, and one that leaves none.
func TestAnEditorThatFailsRemovesNoPage(t *testing.T) {
	w := startWiki(t)
	for _, answers := range []string{"", "\n", "n\n"} {
		_, err := w.ctl(t, as{editor: script(t, `: > "$1"`), answers: answers}, "edit", "home")
		left(t, err)
		assert.ErrorIs(t, err, errLeft)
	}
	_, err := w.ctl(t, as{editor: "rm"}, "edit", "home")
	assert.EqualError(t, err, "the file with the text is gone; nothing was changed")
	assert.Empty(t, entries(t, os.Getenv("TMPDIR")))
	assert.Contains(t, w.text(t, "home"), "# Welcome\n")
}

func TestNothingIsCommittedThatIsNoChange(t *testing.T) {
	w := startWiki(t)
	out, err := w.ctl(t, as{editor: "true"}, "edit", "home")
	require.NoError(t, err)
	assert.Contains(t, out, "Nothing to commit")
	assert.Empty(t, entries(t, os.Getenv("TMPDIR")), "the checkout is gone")
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "wiki-*"))
	require.NoError(t, err)
	return names
}

func TestAnEditorMayHaveArguments(t *testing.T) {
	w := startWiki(t)
	_, err := w.ctl(t, as{editor: `sed -i -e "s/# Welcome/# Hello  you/"`}, "edit", "home")
	require.NoError(t, err)
	assert.Contains(t, w.text(t, "home"), "# Hello  you\n")
}

// TestAClashIsToldAndRebased has another client commit while the editor is open.
func TestAClashIsToldAndRebased(t *testing.T) {
	for _, answers := range []string{"\n", "y\n", " YES \n"} {
		w := startWiki(t)
		edit := script(t, `sed -i 's/# Welcome/# Hello/' "$1"`, w.meanwhile(t, "Ann", "s/^See .*/See Ann./"))
		out, err := w.ctl(t, as{"Ben", edit, answers}, "edit", "home")
		require.NoError(t, err)
		assert.Contains(t, out, "Not committed. Somebody else has changed it meanwhile.\n  home was changed by Ann: version ")
		assert.Contains(t, out, "Rebase onto what is there now? [Y/n] Merged: you have not changed the same lines.\nCommitted home.\n")
		text := w.text(t, "home")
		assert.Contains(t, text, "# Hello\n")
		assert.Contains(t, text, "See Ann.\n")
		assert.Empty(t, entries(t, os.Getenv("TMPDIR")))
	}
}

// TestTheSameLinesAreEditedAgain has both change the first line. The editor is opened once more, with marks, and once
// again, because they were left.
func TestTheSameLinesAreEditedAgain(t *testing.T) {
	w := startWiki(t)
	count := filepath.Join(t.TempDir(), "count")
	edit := script(t, `echo x >> `+count, `case $(wc -l < `+count+`) in`,
		`1) sed -i 's/# Welcome/# Hello/' "$1"`, w.meanwhile(t, "Ann", "s/# Welcome/# Ahoy/"), `;;`,
		`2) grep -q '^<<<<<<< yours' "$1"; grep -q '^# Hello' "$1"; grep -q '^# Ahoy' "$1" ;;`,
		`3) sed -i -e '/^<<<<<<<\|^=======\|^>>>>>>>/d' -e 's/# Hello/# Hello, ahoy/' -e '/^# Ahoy/d' "$1" ;;`, `esac`)
	out, err := w.ctl(t, as{"Ben", edit, "y\ny\n"}, "edit", "home")
	require.NoError(t, err, out)
	assert.Contains(t, out, "in one place: choose between the marks.\nThere are marks of a conflict in the text. Edit it again? [Y/n] Committed home.\n")
	text := w.text(t, "home")
	assert.True(t, strings.HasPrefix(text, "# Hello, ahoy\n\nThis is a small wiki."), text)
}

func TestTheTextIsKeptIfItsAuthorDoesNotRebase(t *testing.T) {
	for _, answers := range []string{"n\n", "no\n", "what?\n", ""} {
		w := startWiki(t)
		edit := script(t, `sed -i 's/# Welcome/# Hello/' "$1"`, w.meanwhile(t, "Ann", "s/^See .*/See Ann./"))
		_, err := w.ctl(t, as{"Ben", edit, answers}, "edit", "home")
		dir := left(t, err)
		mine, err := os.ReadFile(filepath.Join(dir, "home.txt"))
		require.NoError(t, err)
		assert.Contains(t, string(mine), "# Hello\n")
		assert.Contains(t, w.text(t, "home"), "# Welcome\n")

		out, err := w.ctl(t, as{author: "Ben", answers: "y\n", editor: "false"}, "resume", dir)
		require.NoError(t, err, out)
		assert.Contains(t, w.text(t, "home"), "# Hello\n")
		assert.Contains(t, w.text(t, "home"), "See Ann.\n")
		assert.NoDirExists(t, dir)
	}
}

// TestTwoClientsLoseNothing has two of them with their editors open at the same time.
func TestTwoClientsLoseNothing(t *testing.T) {
	w := startWiki(t)
	_, err := w.ctl(t, as{author: "Ann", editor: script(t, `printf 'a\n\n\n\nb\n' > "$1"`)}, "edit", "both")
	require.NoError(t, err)
	met := t.TempDir()
	require.NoError(t, exec.Command("mkfifo", filepath.Join(met, "fifo")).Run())
	t.Setenv("EDITOR", script(t, "cd "+met, `if mkdir first 2>/dev/null`,
		`then sed -i s/a/A/ "$1"; cat fifo`,
		`else sed -i s/b/B/ "$1"; echo there > fifo; fi`))
	var all sync.WaitGroup
	outs := make([]strings.Builder, 2)
	for i := range outs {
		all.Go(func() {
			err := run(t.Context(), strings.NewReader("y\n"), &outs[i], []string{"-socket", w.socket, "edit", "both"})
			assert.NoError(t, err)
		})
	}
	all.Wait()
	assert.Equal(t, "A\n\n\n\nB\n", w.text(t, "both"))
	assert.Equal(t, 1, strings.Count(outs[0].String()+outs[1].String(), "Not committed."), "one of them clashes")
}

// TestAfterARestartTheTextIsRebased has the server killed, and started anew, while the editor is open: the tag is of an
// earlier life, and what was there is gone.
func TestAfterARestartTheTextIsRebased(t *testing.T) {
	w := startWiki(t)
	died := make(chan error, 1)
	go func() { died <- w.cmd.Wait() }()
	dead := fmt.Sprintf("kill -9 %[1]d; while kill -0 %[1]d 2>/dev/null; do sleep 0.01; done", w.cmd.Process.Pid)
	_, err := w.ctl(t, as{editor: script(t, `sed -i 's/# Welcome/# Hello/' "$1"`, dead)}, "edit", "home")
	dir := left(t, err)
	assert.ErrorContains(t, err, "not committed: no wiki is there; start one with -socket")
	<-died
	w.start(t)

	out, err := w.ctl(t, as{author: "Ben", answers: "y\n"}, "resume", dir)
	require.NoError(t, err)
	assert.Contains(t, out, "Not committed. The tag was made before this server started, or by another one.")
	assert.Contains(t, w.text(t, "home"), "# Hello\n")
}

func TestATagOfAnotherKeyIsRebasedToo(t *testing.T) {
	w := startWiki(t)
	_, err := w.ctl(t, as{editor: script(t, `sed -i 's/# Welcome/# Hello/' "$1"`, "exit 1")}, "edit", "home")
	dir := left(t, err)
	assert.ErrorContains(t, err, "the editor")
	w.kill()
	require.NoError(t, os.WriteFile(w.keys, []byte(strings.Repeat("cd", 32)), 0o600))
	w.start(t)
	out, err := w.ctl(t, as{answers: "\n"}, "resume", dir)
	require.NoError(t, err)
	assert.Contains(t, out, "Not committed. The tag is not one that was handed out here.")
	assert.Contains(t, w.text(t, "home"), "# Hello\n")
}

// TestTheServerGoesAwayInTheMiddle has a server that takes the request, and hangs up before, or after, it has done it.
// The text is kept, and resuming finds out which it was.
func TestTheServerGoesAwayInTheMiddle(t *testing.T) {
	for _, done := range []bool{false, true} {
		t.Run(fmt.Sprintf("done=%v", done), func(t *testing.T) {
			w := startWiki(t)
			between := &proxy{to: w.socket, forward: done}
			behind := &wiki{socket: between.listen(t), keys: w.keys}
			edit := script(t, `sed -i 's/# Welcome/# Hello/' "$1"`)
			_, err := behind.ctl(t, as{author: "Ben", editor: edit}, "edit", "home")
			dir := left(t, err)
			assert.ErrorContains(t, err, "may be committed or not")
			assert.Equal(t, done, strings.Contains(w.text(t, "home"), "# Hello\n"), "all or nothing")

			out, err := w.ctl(t, as{author: "Ben", answers: "y\n"}, "resume", dir)
			require.NoError(t, err)
			if done {
				assert.Contains(t, out, "home was changed by Ben")
				assert.Contains(t, out, "Nothing to commit: the page has this text.")
			} else {
				assert.Equal(t, "Committed home.\n", out)
			}
			assert.Contains(t, w.text(t, "home"), "# Hello\n")
			assert.NoDirExists(t, dir)
		})
	}
}

// A proxy passes requests on to a wiki, but hangs up on those that change something: before they are passed on, or
// after they are carried out.
type proxy struct {
	to      string
	forward bool
}

func (p *proxy) listen(t *testing.T) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "proxy")
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	server := &http.Server{Handler: p}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return socket
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	changes := r.Method != http.MethodGet
	if changes && !p.forward {
		io.CopyN(io.Discard, r.Body, 10)
		panic(http.ErrAbortHandler)
	}
	s := dial(p.to, "")
	defer s.close()
	out, err := http.NewRequestWithContext(r.Context(), r.Method, "http://wiki"+r.URL.Path, r.Body)
	if err != nil {
		panic(err)
	}
	out.Header = r.Header
	response, err := s.client.Do(out)
	if err != nil || changes {
		panic(http.ErrAbortHandler)
	}
	defer response.Body.Close()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	io.Copy(w, response.Body)
}

func TestWhatTheServerDoesNotTakeIsKept(t *testing.T) {
	w := startWiki(t)
	_, err := w.ctl(t, as{editor: script(t, `head -c 70000 /dev/zero | tr '\0' x > "$1"`)}, "edit", "home")
	dir := left(t, err)
	assert.ErrorContains(t, err, "64 KiB")
	info, err := os.Stat(filepath.Join(dir, "home.txt"))
	require.NoError(t, err)
	assert.Equal(t, int64(70000), info.Size())
}

func TestAnInterruptKeepsTheText(t *testing.T) {
	w := startWiki(t)
	t.Setenv("TMPDIR", t.TempDir())
	ready := filepath.Join(t.TempDir(), "ready")
	require.NoError(t, exec.Command("mkfifo", ready).Run())
	t.Setenv("EDITOR", script(t, `sed -i 's/# Welcome/# Hello/' "$1"`, `cat `+ready))
	ctx, interrupt := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		failed <- run(ctx, strings.NewReader(""), io.Discard, []string{"-socket", w.socket, "edit", "home"})
	}()
	f, err := os.OpenFile(ready, os.O_WRONLY, 0) // waits for the editor to be there
	require.NoError(t, err)
	interrupt()
	require.NoError(t, f.Close())
	err = <-failed
	dir := left(t, err)
	assert.ErrorIs(t, err, context.Canceled)
	mine, err := os.ReadFile(filepath.Join(dir, "home.txt"))
	require.NoError(t, err)
	assert.Contains(t, string(mine), "# Hello\n")
	assert.Contains(t, w.text(t, "home"), "# Welcome\n")
}

func TestAServerThatIsNoWiki(t *testing.T) {
	for what, handler := range map[string]http.HandlerFunc{
		"another one": http.NotFound,
		"an endless answer": func(w http.ResponseWriter, r *http.Request) {
			for range maxReply * 2 {
				io.WriteString(w, "x")
			}
		},
		"a broken problem": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(500)
			io.WriteString(w, "{")
		},
	} {
		socket := filepath.Join(t.TempDir(), "socket")
		l, err := net.Listen("unix", socket)
		require.NoError(t, err, what)
		server := &http.Server{Handler: handler}
		go server.Serve(l)
		_, err = (&wiki{socket: socket}).ctl(t, as{}, "list")
		assert.Error(t, err, what)
		require.NoError(t, server.Close())
	}
}

func TestBadCommandsAreRefused(t *testing.T) {
	none := &wiki{socket: filepath.Join(t.TempDir(), "nothing")}
	for _, args := range [][]string{
		{}, {"list", "x"}, {"show"}, {"edit"}, {"edit", "a", "b"}, {"push"}, {"-x"}, {"list"}, {"edit", "home"}, {"edit", "../home"},
		{"resume", t.TempDir()}, {"resume", "/nowhere"},
	} {
		_, err := none.ctl(t, as{editor: "true"}, args...)
		assert.Error(t, err, "%q", args)
	}
	for _, command := range []string{"show", "edit"} {
		_, err := none.ctl(t, as{}, command, "Bad Name")
		assert.ErrorContains(t, err, `"Bad Name" cannot be the name of a page`)
	}
	damaged := t.TempDir()
	for _, state := range []string{"", "{", `{"page":"../../etc/passwd"}`, `[]`} {
		require.NoError(t, os.WriteFile(filepath.Join(damaged, stateFile), []byte(state), 0o600))
		_, err := none.ctl(t, as{}, "resume", damaged)
		assert.ErrorContains(t, err, "damaged", state)
	}
	t.Setenv("WIKI_SOCKET", "")
	assert.ErrorContains(t, run(t.Context(), nil, io.Discard, []string{"list"}), "socket")
	var help strings.Builder
	assert.NoError(t, run(t.Context(), nil, &help, []string{"-h"}))
	assert.Contains(t, help.String(), "resume DIR")
}

// TestHalfAnAnswerIsNoAnswer has the server break off after the headers.
func TestHalfAnAnswerIsNoAnswer(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.SetDeadline(time.Now().Add(patience))
			c.Read(make([]byte, 1000))
			io.WriteString(c, "HTTP/1.1 200 OK\r\nEtag: \"x\"\r\nContent-Length: 1000\r\n\r\nhalf")
			c.Close()
		}
	}()
	_, err = (&wiki{socket: socket}).ctl(t, as{editor: "true"}, "edit", "home")
	assert.ErrorContains(t, err, "broke off")
}

func TestAProblemIsWhatTheServerSays(t *testing.T) {
	body, err := json.Marshal(httptoken.Problem{Type: httptoken.Stale, Title: "Stale", Status: 999})
	require.NoError(t, err)
	response := &http.Response{Status: "412 Precondition Failed", StatusCode: 412, Header: http.Header{}}
	assert.Equal(t, "412 Precondition Failed", problem(response, body).Title, "it is no problem document")
	response.Header.Set("Content-Type", "application/problem+json; charset=utf-8")
	assert.Equal(t, httptoken.Stale, problem(response, body).Type)
	assert.Equal(t, 412, problem(response, body).Status)
}
