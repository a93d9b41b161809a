package cli_test

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/cli"
)

func TestMain(m *testing.M) {
	discipline.RunChild() // also of a program that is not called lab
	testscript.Main(m, map[string]func(){
		"lab": func() { cli.Main(cli.Options{Command: "lab"}) },
	})
}

// What a person types and sees: testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Condition: func(condition string) (bool, error) {
			return condition == "root" && os.Geteuid() == 0, nil
		},
	})
}
