package main

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"testing/fstest"
)

func TestFindListsRegularFilesOnly(t *testing.T) {
	files := fstest.MapFS{
		"b.txt":      {},
		"a/deep/c":   {},
		"a/loop":     {Data: []byte(".."), Mode: fs.ModeSymlink},
		"a/dangling": {Data: []byte("nowhere"), Mode: fs.ModeSymlink},
		"pipe":       {Mode: fs.ModeNamedPipe},
		"void":       {Mode: fs.ModeDir},
	}
	skips := map[string]error{}
	paths, err := find(t.Context(), files, func(path string, why error) error {
		skips[path] = why
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a/deep/c", "b.txt"}; !slices.Equal(paths, want) {
		t.Errorf("found %v, want %v", paths, want)
	}
	want := map[string]error{"a/loop": errLink, "a/dangling": errLink, "pipe": errSpecial}
	if !maps.Equal(skips, want) {
		t.Errorf("skipped %v, want %v", skips, want)
	}
}

func TestFindPassesOverALockedDirectory(t *testing.T) {
	files := broken{fstest.MapFS{"locked/x": {}, "open/y": {}}}
	var why error
	paths, err := find(t.Context(), files, func(path string, err error) error {
		if path == "locked" {
			why = err
		}
		return nil
	})
	if err != nil || !slices.Equal(paths, []string{"open/y"}) || !errors.Is(why, fs.ErrPermission) {
		t.Errorf("found %v, %v; skipped locked because of %v, want open/y and %v", paths, err, why, fs.ErrPermission)
	}
}

func TestFindEndsWithItsContextAndWithSkip(t *testing.T) {
	files := fstest.MapFS{"pipe": {Mode: fs.ModeNamedPipe}}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := find(ctx, files, func(string, error) error { return errDisk }); !errors.Is(err, errDisk) {
		t.Errorf("error %v, want skip's", err)
	}
	cancel()
	if _, err := find(ctx, files, func(string, error) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
