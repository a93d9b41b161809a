package main

import (
	"regexp"
	"strings"
)

// A block is a heading, a list or a paragraph of a page. Templates turn it into HTML, and escape it.
type block struct {
	Kind  string // "h2", "h3", "ul" or "p"
	Lines [][]span
}

// A span is text, or a link to a page.
type span struct {
	Text string
	Link bool
}

// parse reads the markup of a page: headings, lists, paragraphs and links.
func parse(text string) (blocks []block) {
	last := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		kind, rest := kindOf(line)
		switch {
		case line == "":
			kind = ""
		case kind == last && (kind == "ul" || kind == "p"):
			b := &blocks[len(blocks)-1]
			b.Lines = append(b.Lines, spans(rest))
		default:
			blocks = append(blocks, block{kind, [][]span{spans(rest)}})
		}
		last = kind
	}
	return blocks
}

func kindOf(line string) (kind, rest string) {
	for _, mark := range []struct{ prefix, kind string }{{"## ", "h3"}, {"# ", "h2"}, {"- ", "ul"}} {
		if rest, ok := strings.CutPrefix(line, mark.prefix); ok {
			return mark.kind, rest
		}
	}
	return "p", line
}

var link = regexp.MustCompile(`\[\[([a-z0-9][a-z0-9-]{0,63})\]\]`)

// spans splits a line at its links.
func spans(line string) (all []span) {
	at := 0
	for _, m := range link.FindAllStringSubmatchIndex(line, -1) {
		if m[0] > at {
			all = append(all, span{Text: line[at:m[0]]})
		}
		all = append(all, span{Text: line[m[2]:m[3]], Link: true})
		at = m[1]
	}
	if at < len(line) {
		all = append(all, span{Text: line[at:]})
	}
	return all
}
