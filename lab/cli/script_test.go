package cli_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/cli"
	"github.com/rinse-go/rinse/lab/workload"
)

func TestMain(m *testing.M) {
	discipline.RunChild() // also of a program that is not called lab
	testscript.Main(m, map[string]func(){
		"lab":     func() { cli.Main(cli.Options{Command: "lab"}) },
		"endless": func() { cli.Main(cli.Options{Command: "endless", Workloads: []workload.Workload{endless}}) },
	})
}

// endless has an operation without an end, behind everything but a mutex. It says when it begins.
var endless = workload.Workload{Name: "endless", New: func(s workload.Setup) (*workload.Load, error) {
	counter := s.Discipline.Counter()
	check := func(done uint64) error { return workload.Want("count", counter.Value(), int64(done)) }
	return &workload.Load{Objects: []workload.Object{counter}, Check: check, Worker: func(int) workload.Op {
		return func(context.Context) error {
			counter.Inc()
			if s.Discipline.Name != "mutex" {
				fmt.Println("endless begins")
				for {
					counter.Inc()
				}
			}
			return nil
		}
	}}, nil
}}

// What a person types and sees: testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Condition: func(condition string) (bool, error) {
			return condition == "root" && os.Geteuid() == 0, nil
		},
	})
}
