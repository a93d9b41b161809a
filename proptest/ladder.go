package proptest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/rinse-go/rinse/proptest/sched"
)

// A row is what one client did in one step.
type row struct {
	step   int
	part   string // "first" or "then" in the sequential parts, else ""
	client int
	text   string
}

// trace has the steps of the next phase written down. What a client was stopped before is what it does
// when it gets its next turn.
func (x *performer[C, R]) trace(part string, seats ...*seat[C, R]) {
	if !x.tracing {
		return
	}
	x.part = part
	x.run.Trace(func(s sched.Stop) {
		seat := seats[s.Task]
		if seat.doing != "" {
			x.rows = append(x.rows, row{x.run.Steps(), part, seat.client, seat.doing})
		}
		switch {
		case s.Ended || s.At == betweenOperations:
			seat.doing = ""
		case s.At != "":
			seat.doing = s.At
		default:
			seat.doing = location(s.Callers)
		}
	})
}

// traceStuck adds what each client waits for in the end, or does when the run is given up.
func (x *performer[C, R]) traceStuck(err error, seats ...*seat[C, R]) {
	var stuck *sched.StuckError
	if !x.tracing || !errors.As(err, &stuck) {
		return
	}
	for _, w := range stuck.Waiting {
		text := "waits"
		if w.For != "" {
			text += ": " + w.For
		} else if seats[w.Task].doing != "" {
			text += " in " + seats[w.Task].doing
		}
		x.rows = append(x.rows, row{x.run.Steps() + 1, x.part, seats[w.Task].client, text})
	}
}

// location is the file and line of the caller, in the implementation.
func location(callers []uintptr) string {
	frames := runtime.CallersFrames(callers)
	for {
		f, more := frames.Next()
		if !ours(f.Function) {
			return fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return "?"
		}
	}
}

const self = "github.com/rinse-go/rinse/proptest"

func ours(function string) bool {
	return strings.HasPrefix(function, self+".") || strings.HasPrefix(function, self+"/sched.") ||
		strings.HasPrefix(function, "sync.")
}

// eventLog is the plain form of rows, one line each.
func eventLog(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%d %s %s\n", r.step, clientName(r.client), r.text)
	}
	return b.String()
}

// ladder draws rows with a column for each client.
func ladder(rows []row, clients int) string {
	widths := make([]int, clients)
	for _, r := range rows {
		if r.client >= 0 {
			widths[r.client] = max(widths[r.client], utf8.RuneCountInString(r.text), 6)
		}
	}
	var b strings.Builder
	line := func(number string, client int, text string) {
		indent := 2
		for i := range max(client, 0) {
			indent += widths[i] + 3
		}
		fmt.Fprintf(&b, "  %5s%s%s\n", number, strings.Repeat(" ", indent), text)
	}
	header := ""
	for i, w := range widths {
		header += fmt.Sprintf("%-*s", w+3, clientName(i))
	}
	headed := false
	for i, r := range rows {
		if r.client < 0 {
			line(r.part, -1, r.text)
			continue
		}
		if !headed {
			headed = true
			line("step", -1, strings.TrimRight(header, " "))
		}
		number := fmt.Sprint(r.step)
		if i > 0 && rows[i-1].step == r.step {
			number = ""
		}
		line(number, r.client, r.text)
	}
	return b.String()
}
