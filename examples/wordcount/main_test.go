package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
)

var library = fstest.MapFS{
	"rhyme.txt":    {Data: []byte("Row, row, row your boat\n")},
	"sub/dir/more": {Data: []byte("gently down the stream, row\n")},
	"image":        {Data: []byte("\x89PNG\r\n\x1a\n")},
	"link":         {Data: []byte("rhyme.txt"), Mode: fs.ModeSymlink},
	"locked":       {Data: []byte("secret")},
	"broken":       {Data: []byte("half a file")},
}

const libraryReport = `lib
  2 files, 52 B
  10 words, 7 different
  skipped 1 binary file
  skipped 1 symbolic link
  skipped 2 unreadable files
    broken: disk error
    locked: permission denied

            4 ▪▪▪▪▪▪▪▪▪▪▪▪ row
            1 ▪▪▪          boat

  3 goroutines    TIME
  6 commits, CLASHES
  one by one      TIME

Both counts agree on every word.
`

func TestReport(t *testing.T) {
	got, err := reportOn(t.Context(), broken{library}, options{top: 2})
	if err != nil {
		t.Error(err)
	}
	if got != libraryReport {
		t.Errorf("got:\n%s\nwant:\n%s", got, libraryReport)
	}
}

func TestVerboseNamesEverySkippedFile(t *testing.T) {
	got, err := reportOn(t.Context(), broken{library}, options{verbose: true})
	if err != nil {
		t.Error(err)
	}
	for _, want := range []string{"    image: binary\n", "    link: symbolic link\n", "    locked: permission denied\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("output lacks %q; it is\n%s", want, got)
		}
	}
}

func TestManyUnreadableFilesAreNotAllNamed(t *testing.T) {
	files := fstest.MapFS{"good": {Data: []byte("good")}}
	for _, name := range strings.Fields("a b c d e f g") {
		files[name+"/broken"] = &fstest.MapFile{Data: []byte("x")}
	}
	got, err := reportOn(t.Context(), everyBroken{files}, options{})
	if err != nil {
		t.Error(err)
	}
	if !strings.Contains(got, "    e/broken: disk error\n    and 2 more; -v names them all\n") {
		t.Errorf("output is\n%s", got)
	}
}

func TestDisagreementIsSaidAndFails(t *testing.T) {
	files := &changing{FS: fstest.MapFS{"f": {Data: []byte("before")}}, then: fstest.MapFS{"f": {Data: []byte("after all")}}}
	got, err := reportOn(t.Context(), files, options{})
	if err != errDisagree {
		t.Errorf("error %v, want %v", err, errDisagree)
	}
	const want = `
The counts disagree. Did a file change meanwhile?
  after: 0 together, 1 one by one
  all: 0 together, 1 one by one
  before: 1 together, 0 one by one
`
	if !strings.HasSuffix(got, want) {
		t.Errorf("output ends otherwise than with%s\nit is\n%s", want, got)
	}
}

func TestAFileThatVanishesBeforeTheCheckFails(t *testing.T) {
	files := &changing{FS: fstest.MapFS{"f": {Data: []byte("before")}}, then: fstest.MapFS{}}
	got, err := reportOn(t.Context(), files, options{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasSuffix(got, "\nNot checked.\n") {
		t.Errorf("error %v, want %v, after\n%s", err, fs.ErrNotExist, got)
	}
}

func TestInterruptSaysWhatItHad(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	files := interrupting{fstest.MapFS{"a": {Data: []byte("one two")}, "b": {Data: []byte("three")}, "c": {Data: []byte("four")}}, cancel}
	got, err := reportOn(ctx, files, options{top: 5, workers: 1})
	if err != errInterrupted {
		t.Errorf("error %v, want %v", err, errInterrupted)
	}
	for _, want := range []string{"  1 file, 7 B\n  2 words, 2 different\n", "\nInterrupted after 1 of 3 files.\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("output lacks %q; it is\n%s", want, got)
		}
	}
	if strings.Contains(got, "skipped") {
		t.Errorf("the file that was interrupted is called skipped:\n%s", got)
	}
}

func TestRealDirectories(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tree", "a.txt"), "apple pear")
	write(t, filepath.Join(dir, "tree", "sub", "b.txt"), "apple")
	write(t, filepath.Join(dir, "binaries", "b"), "\x00")
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	link(t, filepath.Join(dir, "tree"), filepath.Join(dir, "link"))
	link(t, "..", filepath.Join(dir, "tree", "sub", "up"))
	link(t, "loop", filepath.Join(dir, "loop"))

	for _, tt := range []struct {
		arg, output, err string
	}{
		{"tree", "\n  3 words, 2 different\n  skipped 1 symbolic link\n", ""},
		{"link", "\nBoth counts agree on every word.\n", ""},
		{"empty", "\nThere is no text to count.\n", ""},
		{"binaries", "  skipped 1 binary file\n\nThere is no text to count.\n", ""},
		{"missing", "", "no such file"},
		{"tree/a.txt", "", "is not a directory"},
		{"loop", "", "too many"},
	} {
		var out strings.Builder
		err := run(t.Context(), &out, []string{filepath.Join(dir, tt.arg)})
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: error %v, want %q", tt.arg, err, tt.err)
		}
		if !strings.Contains(out.String(), tt.output) {
			t.Errorf("%s: output lacks %q; it is\n%s", tt.arg, tt.output, out.String())
		}
	}
}

func TestWithoutDirItCountsWhereItIsRun(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "here", "here I am")
	var out strings.Builder
	if err := run(t.Context(), &out, nil); err != nil || !strings.HasPrefix(out.String(), ".\n  1 file, 9 B\n  3 words") {
		t.Errorf("error %v, output\n%s", err, out.String())
	}
}

func TestHelpIsNoError(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out, []string{"-h"}); err != nil || !strings.HasPrefix(out.String(), "usage: wordcount") {
		t.Errorf("error %v, output %q", err, out.String())
	}
}

func TestBadFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-workers", "0"}, {"-top", "-1"}, {"a", "b"}, {"-fast"}, {"-workers", "x"}} {
		var out strings.Builder
		if err := run(t.Context(), &out, args); err == nil || out.Len() > 0 {
			t.Errorf("%q: error %v, output %q, want an error alone", args, err, out.String())
		}
	}
}

func TestText(t *testing.T) {
	for got, want := range map[string]string{
		shorten("straße", 6):    "straße",
		shorten("straßen", 6):   "straß…",
		printable("a b/é.txt"):  "a b/é.txt",
		printable("x\x1b[2J\n"): `"x\x1b[2J\n"`,
		plural(1, "file"):       "1 file",
		plural(1234, "file"):    "1,234 files",
		percent(0, 0):           "0%",
		percent(1, 3):           "33%",
		millions(1_260_000):     "1.3M",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

var (
	speeds = regexp.MustCompile(`\d+\.\d+ s, .* words/s`)
	effort = regexp.MustCompile(`\d+ clash(es)?(\n  \(read .*\))?`)
)

// reportOn is what the program says about the files, with three goroutines
// unless told otherwise, and without what differs from run to run.
func reportOn(ctx context.Context, files fs.FS, o options) (string, error) {
	o.dir = "lib"
	if o.workers == 0 {
		o.workers = 3
	}
	var out strings.Builder
	j := newJob(files, &out, o)
	j.tally = newTally(64) // a small table: more clashes, and fast under rinsedebug
	err := j.run(ctx)
	text := speeds.ReplaceAllString(out.String(), "TIME")
	return effort.ReplaceAllString(text, "CLASHES"), err
}

// everyBroken is a file system in which no file called "broken" can be read.
type everyBroken struct{ fs.FS }

func (b everyBroken) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, "/broken") {
		return nil, errDisk
	}
	return b.FS.Open(name)
}

// changing is a file system that turns into another when a file was opened.
type changing struct {
	fs.FS
	then   fs.FS
	opened atomic.Bool
}

func (c *changing) Open(name string) (fs.File, error) {
	switch {
	case name == "f" && c.opened.Swap(true):
		return c.then.Open(name)
	default:
		return c.FS.Open(name)
	}
}

// interrupting is a file system that sends an interrupt when "b" is opened.
type interrupting struct {
	fs.FS
	interrupt func()
}

func (i interrupting) Open(name string) (fs.File, error) {
	if name == "b" {
		i.interrupt()
	}
	return i.FS.Open(name)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}
