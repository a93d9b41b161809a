package model_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/rinse-go/rinse/proptest"
)

// tally counts what this run of the tests came to.
var tally struct {
	reports        []proptest.Report
	defects, found int
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	var programs, schedules, stressed, histories, unknown int
	for _, r := range tally.reports {
		programs += r.Programs
		schedules += r.Schedules
		stressed += r.Stressed
		histories += r.Histories
		unknown += r.Unknown
	}
	if programs+tally.defects > 0 {
		fmt.Printf("explored: %d programs, %d schedules, %d runs on real threads; %d histories, %d unknown; defects found: %d of %d\n",
			programs, schedules, stressed, histories, unknown, tally.found, tally.defects)
	}
	os.Exit(code)
}
