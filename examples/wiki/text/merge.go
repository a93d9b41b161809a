// Package text merges and compares texts by lines, for the wiki and its client.
package text

import (
	"strings"

	udiff "github.com/aymanbagabas/go-udiff"
)

// Marks around what two sides have changed in different ways, each at the beginning of a line.
const (
	markMine   = "<<<<<<< yours"
	markMiddle = "======="
	markTheirs = ">>>>>>> theirs"
)

// Merge returns base with the changes of both sides, and in how many places they conflict. There it has both
// versions, between marks.
//
// Lines that one side has changed are taken from it, and so are those that both have changed alike. Places conflict
// if the sides have changed the same lines, or lines without an unchanged one between them, in different ways: the
// rule of diff3 (Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007).
func Merge(base, mine, theirs string) (merged string, conflicts int) {
	m, t := side{base: base, edits: udiff.Lines(base, mine)}, side{base: base, edits: udiff.Lines(base, theirs)}
	var out strings.Builder
	at := 0
	for len(m.edits)+len(t.edits) > 0 {
		start, end := region(m.edits, t.edits)
		out.WriteString(base[at:start])
		at = end
		mineChanged, mine := m.take(start, end)
		theirsChanged, theirs := t.take(start, end)
		switch {
		case !theirsChanged || mine == theirs:
			out.WriteString(mine)
		case !mineChanged:
			out.WriteString(theirs)
		default:
			conflicts++
			writeConflict(&out, mine, theirs)
		}
	}
	out.WriteString(base[at:])
	return out.String(), conflicts
}

// A side is what is left to merge of one.
type side struct {
	base  string
	edits []udiff.Edit
}

// region returns the first stretch of the base that is changed by either side, together with all changes that touch
// it.
func region(m, t []udiff.Edit) (start, end int) {
	first := true
	for {
		var next udiff.Edit
		switch {
		case len(m) > 0 && (len(t) == 0 || m[0].Start <= t[0].Start):
			next, m = m[0], m[1:]
		case len(t) > 0:
			next, t = t[0], t[1:]
		default:
			return start, end
		}
		if !first && next.Start > end {
			return start, end
		}
		if first {
			start, first = next.Start, false
		}
		end = max(end, next.End)
	}
}

// take removes the edits in a region, and returns what they make of it.
func (s *side) take(start, end int) (changed bool, text string) {
	var out strings.Builder
	at := start
	for len(s.edits) > 0 && s.edits[0].Start <= end {
		e := s.edits[0]
		s.edits = s.edits[1:]
		out.WriteString(s.base[at:e.Start])
		out.WriteString(e.New)
		at, changed = e.End, true
	}
	out.WriteString(s.base[at:end])
	return changed, out.String()
}

func writeConflict(out *strings.Builder, mine, theirs string) {
	if s := out.String(); s != "" && !strings.HasSuffix(s, "\n") {
		out.WriteByte('\n')
	}
	for _, part := range []string{markMine, mine, markMiddle, theirs, markTheirs} {
		out.WriteString(part)
		if part != "" && !strings.HasSuffix(part, "\n") {
			out.WriteByte('\n')
		}
	}
}

// Marked reports whether there are marks of a conflict left in a text.
func Marked(text string) bool {
	for line := range strings.Lines(text) {
		switch strings.TrimRight(line, "\r\n") {
		case markMine, markTheirs:
			return true
		}
	}
	return false
}

// A Line is one of a text, and whether it is in the other one as well.
type Line struct {
	Text    string // without its end
	Changed bool
}

// Added returns the lines of after, those changed that are not in before.
func Added(before, after string) []Line {
	var lines []Line
	at := 0
	for _, e := range udiff.Lines(before, after) {
		lines = appendLines(lines, before[at:e.Start], false)
		lines = appendLines(lines, e.New, true)
		at = e.End
	}
	return appendLines(lines, before[at:], false)
}

// Removed returns the lines of before, those changed that are not in each of the others.
func Removed(before string, others ...string) []Line {
	lines := appendLines(nil, before, false)
	for _, other := range others {
		i := 0
		for _, line := range Added(other, before) {
			lines[i].Changed = lines[i].Changed || line.Changed
			i++
		}
	}
	return lines
}

func appendLines(lines []Line, text string, changed bool) []Line {
	for line := range strings.Lines(text) {
		lines = append(lines, Line{strings.TrimRight(line, "\r\n"), changed})
	}
	return lines
}
