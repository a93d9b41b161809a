package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"unicode"
	"unicode/utf8"
)

// A reader finds the words of one file after another. It is for one goroutine.
type reader struct {
	files fs.FS
	buf   *bufio.Reader
	word  []byte
}

func newReader(files fs.FS) *reader {
	return &reader{files: files, buf: bufio.NewReaderSize(nil, 64<<10)}
}

var errBinary = errors.New("binary")

// read calls found for every word of a file, in lower case, and returns the
// file's size. The word is good until found returns. A word is a letter and
// the letters, digits and marks after it; bytes that are not UTF-8 end it.
func (r *reader) read(ctx context.Context, path string, found func(word []byte)) (size int, err error) {
	file, err := r.files.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	r.buf.Reset(interruptible{ctx, file})
	r.word = r.word[:0]

	head, err := r.buf.Peek(8 << 10)
	if err != nil && err != io.EOF {
		return 0, err
	}
	if isBinary(head) {
		return 0, errBinary
	}
	for {
		c, n, err := r.buf.ReadRune()
		if err != nil && err != io.EOF {
			return 0, err
		}
		size += n
		switch {
		case err == nil && belongs(c, r.word):
			r.word = utf8.AppendRune(r.word, unicode.ToLower(c))
		case len(r.word) > 0:
			found(r.word)
			r.word = r.word[:0]
		}
		if err == io.EOF {
			return size, nil
		}
	}
}

// belongs reports whether c goes on with the word so far.
func belongs(c rune, word []byte) bool {
	return unicode.IsLetter(c) || len(word) > 0 && (unicode.IsDigit(c) || unicode.IsMark(c))
}

// isBinary reports whether the head of a file has a byte that no text has.
func isBinary(head []byte) bool {
	const controls = "\x00\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1c\x1d\x1e\x1f"
	return bytes.ContainsAny(head, controls)
}

// interruptible is a Reader that fails once its context has ended.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
