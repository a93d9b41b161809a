package rinse_test

import (
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// site is a program around the code of docs/checkouts.md: a form is shown, comes back while ann changes the same
// variable, comes back once more, and somebody merges.
const site = `package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

var (
	ctx                     = context.Background()
	page                    struct{ Title, Text, Token string }
	theTitle, theText       *tvar.TVar[string]
	mergeText               = func(base, mine, theirs string) (string, error) { return mine + ", " + theirs, nil }
	user                    = "bob"
)

type request func(field string) string

func (r request) FormValue(field string) string { return r(field) }

func show() error {
	[0]
	theTitle, theText = title, text
	return err
}

func change(r request) error {
	title, text := theTitle, theText
	[1]
	_ = next
	return err
}

func tell(err error) {
	[2]
}

func watch() error {
	seen, _ := token.Parse(page.Token)
	title, text := theTitle, theText
	[3]
	return err
}

func merge(edit func(string) string) error {
	text := theText
	[4]
	return err
}

func ann(value string) {
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		tx.Label("ann")
		theText.Set(tx, value)
		return nil
	})
}

func main() {
	fmt.Println(show(), page.Title, page.Text)
	form := request(func(field string) string {
		if field == "token" {
			return page.Token
		}
		return "black"
	})
	fmt.Println(change(form), theText.Load())
	fmt.Println(errors.Is(change(form), stm.ErrClash), theText.Load())
	fmt.Println(watch())
	fmt.Println(show(), page.Text)
	tell(change(func(field string) string {
		if field == "text" {
			ann("white")
		}
		return form(field)
	}))
	fmt.Println(merge(func(was string) string { ann("red"); return was + " or blue" }), theText.Load())
}
`

func TestTheCodeOfTheGuideToCheckoutsDoesWhatItSays(t *testing.T) {
	snippets := blocks(t, "docs/checkouts.md", "go")
	program := site
	for i, b := range snippets {
		code := strings.Replace(b.text, "\n...\n", "\nif err != nil {\n\treturn err\n}\n", 1)
		formatted, err := format.Source([]byte(code))
		require.NoError(t, err, "line %d", b.line)
		assert.Equal(t, string(formatted), code, "line %d: not as gofmt would have it", b.line)
		place := "[" + string(rune('0'+i)) + "]"
		require.Contains(t, program, place, "line %d: the program around it does not use this", b.line)
		program = strings.Replace(program, place, code, 1)
	}
	require.Len(t, snippets, 5)
	claim := regexp.MustCompile(`fmt\.Println\(v\) // (.*)`).FindStringSubmatch(program)
	require.NotNil(t, claim)

	dir := t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "site")
	require.NoError(t, os.WriteFile(source, []byte(program), 0o600))
	output(t, "go", "build", "-o", binary, source)
	number := regexp.MustCompile(`\d+`)
	assert.Equal(t, strings.Join([]string{
		"<nil> Tea green",
		"<nil> black",
		"true black", // the second time
		"<nil>",
		"<nil> green",
		number.ReplaceAllString(claim[1], "N"),
		"<nil> white or blue, red",
		"",
	}, "\n"), number.ReplaceAllString(output(t, binary), "N"))
}
