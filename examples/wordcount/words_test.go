package main

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

func TestWords(t *testing.T) {
	long := strings.Repeat("a", 200_000) // longer than the reader's buffer
	for _, tt := range []struct {
		name, text string
		want       map[string]int
	}{
		{"empty file", "", nil},
		{"no words", " \t\r\n1984 ...", nil},
		{"case", "Go go GO", map[string]int{"go": 3}},
		{"punctuation and line ends", "a,b\r\na\n(b)\nb", map[string]int{"a": 2, "b": 3}},
		{"digits inside", "h2o 2x4", map[string]int{"h2o": 1, "x4": 1}},
		{"other scripts", "Straße ΛΌΓΟΣ 世界 ÉTÉ", map[string]int{"straße": 1, "λόγοσ": 1, "世界": 1, "été": 1}},
		{"combining marks", "cafe\u0301 \u0301x", map[string]int{"cafe\u0301": 1, "x": 1}},
		{"invalid UTF-8", "caf\xe9 na\xefve \xff\xfe", map[string]int{"caf": 1, "na": 1, "ve": 1}},
		{"a rune cut off at the end", "abc\xe4\xb8", map[string]int{"abc": 1}},
		{"a very long word", long + " " + long, map[string]int{long: 2}},
		{"a very long line", strings.Repeat("ab ", 100_000), map[string]int{"ab": 100_000}},
		{"escape sequences", "\x1b[1mbold\x1b[0m\f", map[string]int{"mbold": 1, "m": 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{"f": {Data: []byte(tt.text)}}
			got, err := countAlone(t.Context(), files, []string{"f"}, func() {})
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("got %.200v, want %.200v", got, tt.want)
			}
		})
	}
}

func TestSizeIsThatOfTheFile(t *testing.T) {
	const text = "häßlich \xff\xff x\n"
	r := newReader(fstest.MapFS{"f": {Data: []byte(text)}})
	size, err := r.read(t.Context(), "f", func([]byte) {})
	if size != len(text) || err != nil {
		t.Errorf("got %d, %v, want %d", size, err, len(text))
	}
}

func TestBinaryFilesAreRefused(t *testing.T) {
	files := fstest.MapFS{
		"zip":   {Data: []byte("PK\x03\x04 text")},
		"utf16": {Data: []byte("\xff\xfeh\x00i\x00")},
		"late":  {Data: []byte(strings.Repeat("text ", 1000) + "\x00")},
	}
	r := newReader(files)
	for name := range files {
		if _, err := r.read(t.Context(), name, func([]byte) {}); err != errBinary {
			t.Errorf("%s: error %v, want %v", name, err, errBinary)
		}
	}
}

// A word of a file that broke off must not begin the next file's first word.
func TestABrokenFileLeavesNothingBehind(t *testing.T) {
	r := newReader(broken{fstest.MapFS{
		"broken": {Data: []byte(strings.Repeat("x", 100_000))},
		"good":   {Data: []byte("good")},
	}})
	if _, err := r.read(t.Context(), "broken", func([]byte) {}); !errors.Is(err, errDisk) {
		t.Errorf("error %v, want %v", err, errDisk)
	}
	words := make(counter)
	if _, err := r.read(t.Context(), "good", words.found); err != nil {
		t.Fatal(err)
	}
	if len(words) != 1 || words["good"] == nil {
		t.Errorf("got %v, want one word, good", words)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := newReader(fstest.MapFS{"f": {Data: []byte("text")}})
	if _, err := r.read(ctx, "f", func([]byte) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

var errDisk = errors.New("disk error")

// broken is a file system in which "broken" can be read halfway only, and
// "locked" not at all.
type broken struct{ fs.FS }

func (b broken) Open(name string) (fs.File, error) {
	if name == "locked" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	file, err := b.FS.Open(name)
	if name == "broken" && err == nil {
		return &halfFile{File: file}, nil
	}
	return file, err
}

// halfFile fails at its second read.
type halfFile struct {
	fs.File
	read bool
}

func (f *halfFile) Read(p []byte) (int, error) {
	if f.read {
		return 0, errDisk
	}
	f.read = true
	return f.File.Read(p)
}
