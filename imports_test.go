package rinse_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/rinse-go/rinse"

// A room is a directory of packages that follow the same rule.
type room struct {
	imports  []string // the rooms that it may import from
	standard bool     // and nothing else but the standard library
}

// rooms says which way imports run: never back to who imports you. Tests are free.
var rooms = map[string]room{
	"token":            {standard: true},
	"internal/shared":  {standard: true},
	"internal/waiting": {imports: []string{"internal/shared"}, standard: true},
	"internal/history": {imports: []string{"internal/shared"}, standard: true},
	"internal/engine":  {imports: []string{"internal/history", "internal/shared", "internal/waiting"}, standard: true},
	"internal/layout":  {imports: []string{"internal/engine"}, standard: true},
	"stm":              {imports: []string{"internal/engine", "token"}, standard: true},
	"tvar":             {imports: []string{"internal/engine", "internal/layout", "token", "stm"}, standard: true},
	"proptest":         {imports: []string{"proptest"}}, // it tests any concurrent object, not only ours
	"internal":         {imports: []string{"internal", "internal/engine", "internal/shared", "token", "stm", "tvar", "proptest"}},
	"tdata":            {imports: []string{"internal/engine", "internal/layout", "internal/shared", "token", "stm", "tvar"}, standard: true},
	"httptoken":        {imports: []string{"token", "stm", "tvar"}, standard: true},
	"discipline":       {imports: []string{"internal/shared", "token", "stm", "tvar", "tdata", "discipline"}},
	"discipline/model": {imports: []string{"internal/shared", "proptest", "discipline"}},
	"examples":         {imports: []string{"token", "stm", "tvar", "tdata", "httptoken", "examples"}},
	"bench":            {imports: []string{"token", "stm", "tvar"}},
}

func TestImportsRunOneWay(t *testing.T) {
	found := 0
	for _, file := range sources(t) {
		name := roomOf(file)
		r, ok := rooms[name]
		if !assert.True(t, ok, "%s: no rule for this directory; say in rooms what it may import", file) {
			continue
		}
		for _, imported := range importsOf(t, file) {
			found++
			switch of, ours := strings.CutPrefix(imported, module+"/"); {
			case ours:
				assert.Contains(t, r.imports, roomOf(of+"/"), "%s imports %s, but %s may not", file, imported, name)
			case r.standard:
				assert.True(t, isStandard(imported), "%s imports %s, but %s needs the standard library alone", file, imported, name)
			}
		}
	}
	assert.Greater(t, found, 10, "too few imports: are these the files of the module?")
}

// sources lists all Go files of this module that are no tests, whatever their build tags.
func sources(t *testing.T) (files []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if isElsewhere(file) {
				return fs.SkipDir
			}
		case strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go"):
			files = append(files, file)
		}
		return nil
	})
	require.NoError(t, err)
	return files
}

// isElsewhere reports whether a directory is none of this module's, as the go command sees it.
func isElsewhere(dir string) bool {
	base := path.Base(dir)
	if dir == "." {
		return false
	}
	_, err := os.Stat(path.Join(dir, "go.mod"))
	return err == nil || base == "testdata" || base[0] == '.' || base[0] == '_'
}

// roomOf returns the innermost room that a file is in, or else its outermost directory.
func roomOf(file string) string {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if _, ok := rooms[dir]; ok {
			return dir
		}
	}
	first, _, _ := strings.Cut(file, "/")
	return first
}

func importsOf(t *testing.T, file string) (paths []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	require.NoError(t, err)
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		paths = append(paths, imported)
	}
	return paths
}

// isStandard reports whether an import path is one of the standard library, which has no dot in its
// first element.
func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && imported != "C"
}
