package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/rinse-go/rinse/stm"
)

// A report is what the program says when it has counted.
type report struct {
	out io.Writer
	err error // the first of out
}

func (r *report) say(format string, args ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintf(r.out, format+"\n", args...)
	}
}

// sums says how much was counted.
func (r *report) sums(dir string, sum totals) {
	r.say("%s", dir)
	r.say("  %s, %s", plural(sum.files, "file"), humanize.Bytes(uint64(sum.bytes)))
	r.say("  %s, %s different", plural(sum.words, "word"), comma(sum.different))
}

// skipped says what was not counted, and why. It names what could not be read,
// and if all is set everything else as well.
func (r *report) skipped(skips []*skip, all bool) {
	kinds := []struct {
		why  error
		name string
	}{{errBinary, "binary file"}, {errLink, "symbolic link"}, {errSpecial, "special file"}, {nil, "unreadable file"}}
	for _, kind := range kinds {
		of := slices.DeleteFunc(slices.Clone(skips), func(s *skip) bool { return s.kind() != kind.why })
		if len(of) == 0 {
			continue
		}
		r.say("  skipped %s", plural(len(of), kind.name))
		if all || kind.why == nil {
			r.list(of, all)
		}
	}
}

// list names the skipped files, or some of them.
func (r *report) list(skips []*skip, all bool) {
	const some = 5
	slices.SortFunc(skips, func(a, b *skip) int { return cmp.Compare(a.path, b.path) })
	for i, s := range skips {
		if i == some && !all {
			r.say("    and %s more; -v names them all", comma(len(skips)-some))
			return
		}
		r.say("    %s: %v", printable(s.path), cause(s.why))
	}
}

// kind is which of the reasons it was, nil for what could not be read.
func (s *skip) kind() error {
	switch s.why {
	case errBinary, errLink, errSpecial:
		return s.why
	}
	return nil
}

// top says which words are the most frequent.
func (r *report) top(counts map[string]int, n int) {
	words := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	words = words[:min(n, len(words))]
	if len(words) == 0 {
		return
	}
	r.say("")
	for _, word := range words {
		const full = 12
		count := counts[word]
		bar := strings.Repeat("▪", (count*full+counts[words[0]]-1)/counts[words[0]])
		r.say("  %11s %-*s %s", comma(count), full, bar, shorten(word, 12))
	}
}

// speed says how fast a count was.
func (r *report) speed(how string, sum totals, took time.Duration) {
	perSecond := float64(sum.words) / took.Seconds()
	r.say("  %-14s %5.2f s, %s words/s", how, took.Seconds(), millions(int(perSecond)))
}

// effort says what the transactions cost.
func (r *report) effort(stats stm.Stats) {
	c := stats.Clashes
	r.say("  %s commits, %s", comma(int(stats.Commits)), clashes(stats))
	if c.Total() > 0 {
		r.say("  (read %s, commit %s, busy %s, gate %s)",
			comma(int(c.Read)), comma(int(c.Commit)), comma(int(c.Busy)), comma(int(c.Gate)))
	}
}

// differences names some words that the two counts disagree on.
func (r *report) differences(together, alone map[string]int) {
	words := maps.Clone(together)
	maps.Copy(words, alone)
	maps.DeleteFunc(words, func(word string, _ int) bool { return together[word] == alone[word] })
	for i, word := range slices.Sorted(maps.Keys(words)) {
		if i == 5 {
			r.say("  and %s more", comma(len(words)-i))
			return
		}
		r.say("  %s: %s together, %s one by one", shorten(word, 30), comma(together[word]), comma(alone[word]))
	}
}
