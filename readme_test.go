package rinse_test

import (
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
)

// A block is a fenced block of a Markdown file.
type block struct {
	line     int
	language string
	text     string
}

func TestREADMECodeDoesWhatItSays(t *testing.T) {
	snippets := blocks(t, "README.md", "go")
	require.NotEmpty(t, snippets)
	for _, b := range snippets {
		t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) {
			formatted, err := format.Source([]byte(b.text))
			require.NoError(t, err)
			assert.Equal(t, string(formatted), b.text, "not as gofmt would have it")
			_, claim, ok := strings.Cut(b.text, "// Output:")
			require.True(t, ok, "it claims no // Output:")
			assert.Equal(t, uncomment(claim), strings.TrimSpace(runSnippet(t, b.text)))
		})
	}
}

// uncomment returns the text of the comment lines that follow // Output:.
func uncomment(comment string) string {
	var lines []string
	for line := range strings.Lines(comment) {
		lines = append(lines, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "//")))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// usual are the packages that a snippet may use without saying so, by name.
var usual = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "sync": "sync",
	"token": module + "/token", "stm": module + "/stm", "tvar": module + "/tvar",
}

// runSnippet returns what statements print when they are all of main, and ctx is a context.
func runSnippet(t *testing.T, statements string) string {
	t.Helper()
	var program strings.Builder
	program.WriteString("package main\n")
	body := "var ctx = context.Background()\n\nfunc main() {\n" + statements + "}\n"
	for name, path := range usual {
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(body) {
			fmt.Fprintf(&program, "import %s %q\n", name, path)
		}
	}
	program.WriteString(body)
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "snippet")
	require.NoError(t, os.WriteFile(source, []byte(program.String()), 0o600))
	output(t, "go", "build", "-o", binary, source)
	return output(t, binary)
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func TestCIRunsTheCommandsOfTheREADME(t *testing.T) {
	shell := blocks(t, "README.md", "sh")
	require.NotEmpty(t, shell)
	commands := strings.Split(strings.TrimSpace(shell[0].text), "\n")
	require.Len(t, commands, 2, "the README has two commands: one for the main job, one for the tests")

	ci := read(t, ".ci/run")
	lines := strings.Split(ci, "\n")
	assert.True(t, slices.Contains(lines, "step tests "+commands[1]), ".ci/run has no line: step tests %s", commands[1])
	assert.True(t, slices.Contains(lines, "step "+commands[0]), ".ci/run has no line: step %s", commands[0])
	assert.Contains(t, ci, "for example in examples/*/")
	dir, ok := strings.CutPrefix(commands[0], "go run ./")
	require.True(t, ok)
	assert.FileExists(t, filepath.Join(dir, "main.go"))
}

func TestREADMENamesTheBound(t *testing.T) {
	assert.Contains(t, read(t, "README.md"), fmt.Sprintf("is alone after %d clashes", stm.MaxClashes))
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	require.NoError(t, err)
	found := 0
	for _, page := range pages {
		for _, match := range link.FindAllStringSubmatch(read(t, page), -1) {
			target, _, _ := strings.Cut(match[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			found++
			_, err := os.Stat(target)
			assert.NoError(t, err, "%s links to %s", page, target)
		}
	}
	assert.NotZero(t, found)
}

// blocks lists the blocks of a page that are in a language.
func blocks(t *testing.T, page, language string) (found []block) {
	t.Helper()
	var open *block
	for i, line := range slices.Collect(strings.Lines(read(t, page))) {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			open = &block{line: i + 2, language: fence}
		case isFence:
			if open.language == language {
				found = append(found, *open)
			}
			open = nil
		case open != nil:
			open.text += line
		}
	}
	assert.Nil(t, open, "%s: a block is not closed", page)
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}
