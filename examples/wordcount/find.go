package main

import (
	"context"
	"errors"
	"io/fs"
)

var (
	errLink    = errors.New("symbolic link")
	errSpecial = errors.New("not a regular file")
)

// find lists the regular files below the root of a file system, in order. What
// it passes over it reports to skip: links, which it does not follow (so a loop
// of links cannot catch it), devices and the like, and what it cannot read.
func find(ctx context.Context, files fs.FS, skip func(path string, why error) error) (paths []string, err error) {
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && path == ".":
			return err
		case err != nil:
			return skip(path, err)
		case d.Type().IsRegular():
			paths = append(paths, path)
		case d.Type()&fs.ModeSymlink != 0:
			return skip(path, errLink)
		case !d.IsDir():
			return skip(path, errSpecial)
		}
		return nil
	})
	return paths, err
}
