package model_test

import (
	"flag"
	"os"
	"testing"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/internal/proof"
	"github.com/rinse-go/rinse/proptest"
)

// tally counts what this run of the tests came to. The mutants are the objects with defects. A program is
// explored to the end if every schedule with at most two preemptions was run.
var tally = proof.Figures{Of: "disciplines"}

func count(r proptest.Report) {
	tally.Programs += r.Programs
	if r.Schedules > 0 {
		tally.Cut += r.Programs - r.Complete
	}
	tally.Schedules += r.Schedules
	tally.Stressed += r.Stressed
	tally.Histories += r.Histories
	tally.Unknown += r.Unknown
}

func TestMain(m *testing.M) {
	discipline.RunChild()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // of child processes, of which there will be many
	flag.Parse()
	code := m.Run()
	if tally.Programs+tally.Mutants > 0 {
		tally.Print()
	}
	os.Exit(code)
}
