package proptest_test

import (
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"go/ast"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest"
)

var update = flag.Bool("update", false, "write GALLERY.md")

// pictures says what hangs in the gallery: the bug, the function that has it, and a word on it.
var pictures = []struct{ bug, function, file, word string }{
	{"lost update", "newCounter", "example_test.go",
		"Two clients read the same value, and the second to write undoes what the first has written."},
	{"torn read", "newTornPair", "classics_test.go",
		"A reader sees one half of a value from before a write and the other half from after it."},
	{"ABA", "newABAStack", "classics_test.go",
		"A compare-and-swap succeeds because the top of the stack is again the node that it was. But that node was\n" +
			"popped and pushed in between, and what was read from it is stale."},
	{"lost wake-up", "newSleepyBuffer", "classics_test.go",
		"A client sees that it has to wait. Before it does, what it wants to wait for happens, and nobody is told. Here\n" +
			"the condition is looked at under one hold of the lock, and Wait is called under another."},
	{"lock-order deadlock", "newCrossingAccounts", "classics_test.go",
		"Two clients hold one lock each and want the other's."},
}

// TestGallery compares GALLERY.md with what is printed today; go test ./proptest -run TestGallery -update
// writes it anew.
func TestGallery(t *testing.T) {
	var b strings.Builder
	b.WriteString("# A gallery of failures\n\nWhat package `proptest` prints for five classic bugs, and the code that has them. This page is made by\n" +
		"`go test ./proptest -run TestGallery -update` and compared by every run of the tests.\n")
	for _, p := range pictures {
		i := slices.IndexFunc(classics, func(c classic) bool { return c.name == p.bug })
		f := classics[i].find(t, proptest.WithSeed(1), proptest.InBubble(t), proptest.WithSchedulers(proptest.Exhaustive(2, 5000)))
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```go\n%s\n```\n\n```text\n%s```\n", capital(p.bug), p.word, source(t, p.file, p.function), f.Error())
	}
	if *update {
		require.NoError(t, os.WriteFile("GALLERY.md", []byte(b.String()), 0o644))
	}
	page, err := os.ReadFile("GALLERY.md")
	require.NoError(t, err)
	assert.Equal(t, b.String(), string(page))
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// source is the text of a function.
func source(t *testing.T, file, function string) string {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, text, 0)
	require.NoError(t, err)
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == function {
			return string(text[files.Position(f.Pos()).Offset:files.Position(f.End()).Offset])
		}
	}
	require.Fail(t, "no function "+function)
	return ""
}
