// Package doctest checks the documentation of the public packages.
package doctest

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// needNone are the exported names that need no example of their own, with the reason.
var needNone = map[string]string{
	"stm.OwnerOption":       "made by functions that have examples",
	"tdata.Option":          "made by functions that have examples",
	"tvar.Option":           "made by functions that have examples",
	"stm.Causes":            "shown by the examples of Stats",
	"stm.VarClash":          "shown by the example of ClashError",
	"stm.ClashError.Error":  "shown wherever an error is printed",
	"stm.VarClash.String":   "shown wherever an error is printed",
	"stm.ClashError.Is":     "called by errors.Is, which has examples",
	"stm.ClashError.Unwrap": "called by errors.Is and errors.As, as Is is",
	"discipline.Words":      "shown by the example of Memory",
	"discipline.Component":  "shown by the example of Pipeline",
	"httptoken.Clash":       "shown by the example of Problem",
}

// TestEveryEntryPointHasAnExample, with output, so that it is run; and a comment.
func TestEveryEntryPointHasAnExample(t *testing.T) {
	used := map[string]bool{}
	for _, name := range []string{"token", "stm", "tvar", "tdata", "discipline", "httptoken"} {
		pkg := parse(t, name)
		assert.NotEmpty(t, pkg.Doc, "package %s has no comment", name)
		assert.NotEmpty(t, pkg.Examples, "package %s has no example", name)
		for entry, examples := range entries(t, pkg) {
			full := name + "." + entry
			if _, free := needNone[full]; free {
				used[full] = true
				continue
			}
			assert.NotEmpty(t, examples, "%s has no example", full)
		}
		for _, example := range examplesOf(pkg) {
			assert.True(t, example.Output != "" || example.EmptyOutput,
				"%s: Example%s has no // Output: and is never run", name, example.Name)
		}
	}
	for name := range needNone {
		assert.True(t, used[name], "%s needs no exception: there is no such name", name)
	}
}

// entries returns the exported functions, types and methods of a package with their examples.
func entries(t *testing.T, pkg *doc.Package) map[string][]*doc.Example {
	t.Helper()
	all := map[string][]*doc.Example{}
	add := func(name, text string, examples []*doc.Example) {
		assert.NotEmpty(t, text, "%s.%s has no comment", pkg.Name, name)
		all[name] = examples
	}
	for _, f := range pkg.Funcs {
		add(f.Name, f.Doc, f.Examples)
	}
	for _, typ := range pkg.Types {
		add(typ.Name, typ.Doc, typ.Examples)
		for _, f := range typ.Funcs {
			add(f.Name, f.Doc, f.Examples)
		}
		for _, m := range typ.Methods {
			if m.Level == 0 || ast.IsExported(strings.TrimLeft(m.Recv, "*")) {
				add(typ.Name+"."+m.Name, m.Doc, m.Examples)
			}
		}
	}
	require.NotEmpty(t, all, "package %s has no exported names", pkg.Name)
	return all
}

func examplesOf(pkg *doc.Package) []*doc.Example {
	all := pkg.Examples
	for _, f := range pkg.Funcs {
		all = append(all, f.Examples...)
	}
	for _, typ := range pkg.Types {
		all = append(all, typ.Examples...)
		for _, f := range append(typ.Funcs, typ.Methods...) {
			all = append(all, f.Examples...)
		}
	}
	return all
}

// parse reads all files of a package of this module, tests included.
func parse(t *testing.T, name string) *doc.Package {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", name, "*.go"))
	require.NoError(t, err)
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, path := range paths {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		file, err := parser.ParseFile(files, path, source, parser.ParseComments)
		require.NoError(t, err)
		if file.Name.Name == name || strings.HasSuffix(path, "_test.go") {
			parsed = append(parsed, file)
		}
	}
	pkg, err := doc.NewFromFiles(files, parsed, "github.com/rinse-go/rinse/"+name)
	require.NoError(t, err)
	return pkg
}
