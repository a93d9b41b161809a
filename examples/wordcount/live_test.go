package main

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

var status = []string{"12.3s", "123.4M words", "1,234 clashes", "45%", "12,345 files/s", "1,234,567 files"}

func TestTheLineFitsTheTerminal(t *testing.T) {
	for columns, want := range map[int]string{
		100: "  12.3s  123.4M words  1,234 clashes  45%  12,345 files/s  1,234,567 files",
		80:  "  12.3s  123.4M words  1,234 clashes  45%  12,345 files/s  1,234,567 files",
		40:  "  12.3s  123.4M words  1,234 clashes",
		10:  "  12.3s",
		5:   "",
		1:   "",
		0:   "",
	} {
		var out strings.Builder
		l := &live{out: &out, width: func() int { return columns }}
		l.show(status...)
		got := strings.Trim(out.String(), "\r")
		if got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
		if n := utf8.RuneCountInString(got); columns > 0 && n >= columns {
			t.Errorf("%d columns: the line has %d", columns, n)
		}
	}
}

func TestALineReplacesTheOneBefore(t *testing.T) {
	var out strings.Builder
	l := &live{out: &out, width: func() int { return 80 }}
	l.show("a long line")
	l.show("short")
	l.show()
	const want = "\r  a long line\r" + "\r  short      \r" + "\r       \r"
	if got := out.String(); got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}

func TestNothingIsShownWithoutATerminal(t *testing.T) {
	var out strings.Builder
	l := newLive(&out)
	err := l.during(func() []string { return status }, func() error {
		l.show(status...)
		return errDisk
	})
	if !errors.Is(err, errDisk) || out.Len() > 0 {
		t.Errorf("error %v, output %q, want work's error and no output", err, out.String())
	}
}

func TestTheLineLivesAsLongAsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		l := &live{out: &out, width: func() int { return 80 }}
		err := l.during(func() []string { return []string{"x"} }, func() error {
			time.Sleep(250 * time.Millisecond)
			return errDisk
		})
		const want = "\r  x\r" + "\r  x\r" + "\r   \r"
		if got := out.String(); !errors.Is(err, errDisk) || got != want {
			t.Errorf("error %v, output %q, want %v and %q", err, got, errDisk, want)
		}
	})
}
