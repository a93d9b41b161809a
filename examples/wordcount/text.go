package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/dustin/go-humanize"

	"github.com/rinse-go/rinse/stm"
)

func clashes(stats stm.Stats) string {
	n := int(stats.Clashes.Total())
	if n == 1 {
		return "1 clash"
	}
	return comma(n) + " clashes"
}

// plural counts things with a name.
func plural(n int, name string) string {
	if n != 1 {
		name += "s"
	}
	return comma(n) + " " + name
}

func comma(n int) string { return humanize.Comma(int64(n)) }

func millions(n int) string { return fmt.Sprintf("%.1fM", float64(n)/1e6) }

// shorten cuts a word that is longer than n letters.
func shorten(word string, n int) string {
	letters := []rune(word)
	if len(letters) <= n {
		return word
	}
	return string(letters[:n-1]) + "…"
}

// printable is a path that cannot upset the terminal.
func printable(path string) string {
	if quoted := strconv.Quote(path); quoted != `"`+path+`"` {
		return quoted
	}
	return path
}

// cause is an error without the path, which is said already.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

func percent(done, of int) string { return fmt.Sprintf("%d%%", 100*done/max(of, 1)) }
