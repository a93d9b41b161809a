package model_test

import (
	"flag"
	"os"
	"testing"

	"github.com/rinse-go/rinse/internal/proof"
	"github.com/rinse-go/rinse/proptest"
)

// tally counts what this run of the tests came to. The mutants are the objects with defects. A program is
// explored to the end if every schedule with at most two preemptions was run.
var tally = proof.Figures{Of: "disciplines"}

func count(r proptest.Report) {
	tally.Programs += r.Programs
	tally.Cut += r.Programs - r.Complete
	tally.Schedules += r.Schedules
	tally.Stressed += r.Stressed
	tally.Histories += r.Histories
	tally.Unknown += r.Unknown
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if tally.Programs+tally.Mutants > 0 {
		tally.Print()
	}
	os.Exit(code)
}
