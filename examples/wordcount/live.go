package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// A live line is written over and over on a terminal while something works. On
// anything but a terminal it stays silent.
type live struct {
	out   io.Writer
	width func() int // columns; 0 if there is no terminal
	shown int        // columns written last
}

func newLive(w io.Writer) *live {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(file.Fd())) {
		return &live{out: w, width: func() int { return 0 }}
	}
	return &live{out: w, width: func() int {
		columns, _, err := term.GetSize(int(file.Fd()))
		if err != nil {
			return 0
		}
		return columns
	}}
}

// during runs work, and shows the fields of status until it is done.
func (l *live) during(status func() []string, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	defer l.show()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			l.show(status()...)
		}
	}
}

// show replaces the line by as many of the fields as fit; without fields it
// clears the line.
func (l *live) show(fields ...string) {
	room := l.width() - 1 // the last column stays free, or some terminals wrap
	if room <= 0 {
		return
	}
	line := ""
	for _, field := range fields {
		if utf8.RuneCountInString(line)+2+utf8.RuneCountInString(field) <= room {
			line += "  " + field
		}
	}
	columns := utf8.RuneCountInString(line)
	blank := strings.Repeat(" ", max(0, min(l.shown, room)-columns))
	fmt.Fprintf(l.out, "\r%s%s\r", line, blank)
	l.shown = columns
}
