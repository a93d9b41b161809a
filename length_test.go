package rinse_test

import (
	"go/build"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mostLines is how many lines of code the engine has at most, so that it can be read at one go. What it is to
// come down to is 1,500.
const mostLines = 1620

// TestTheEngineIsShort counts lines with code on them, neither blank nor comment, of the files that are built
// without tags: the others are for tests.
func TestTheEngineIsShort(t *testing.T) {
	const dir = "internal/engine"
	files, err := filepath.Glob(dir + "/*.go")
	require.NoError(t, err)
	total := 0
	for _, file := range files {
		built, err := build.Default.MatchFile(dir, filepath.Base(file))
		require.NoError(t, err)
		if built && !strings.HasSuffix(file, "_test.go") {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			total += codeLines(file, text)
		}
	}
	assert.Greater(t, total, 1000, "is this the engine?")
	assert.LessOrEqual(t, total, mostLines, "move out what is no engine, or simplify")
}

func TestLinesWithoutCodeDoNotCount(t *testing.T) {
	assert.Equal(t, 5, codeLines("x.go", []byte("// a\npackage x\n\n/* b\nc */\nvar s = `1\n2\n3` // d\n\nvar y = 1\n")))
}

// codeLines counts the lines of a Go file that have some token on them.
func codeLines(file string, text []byte) (lines int) {
	set := token.NewFileSet()
	source := set.AddFile(file, -1, len(text))
	var s scanner.Scanner
	s.Init(source, text, nil, 0)
	for last := 0; ; {
		at, kind, literal := s.Scan()
		if kind == token.EOF {
			return lines
		}
		if kind == token.SEMICOLON && literal == "\n" {
			continue // that the scanner has put there
		}
		first := source.Line(at)
		end := first + strings.Count(literal, "\n")
		lines += end - max(first-1, last)
		last = max(last, end)
	}
}
