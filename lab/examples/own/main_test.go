package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"own": main}) }

func TestOneOfYourOwnBesideThoseOfTheLab(t *testing.T) {
	script := t.TempDir() + "/own.txtar"
	err := os.WriteFile(script, []byte(`
exec own list
stdout '^  tickets$'
stdout '^  spin '
exec own explain spin
stdout '^  tickets +yes$'
stdout '^  buffer +no: who spins cannot sleep'
! exec own run --workloads tikets
stderr 'did you mean "tickets"\?'
exec own run --workloads tickets,buffer --disciplines spin,mutex --goroutines 2 --rounds 1 --time 2ms --warm-up 1ms --out a.jsonl
stdout '^spin +[0-9.]+ .?s$'
stdout '^spin cannot do buffer: who spins cannot sleep'
grep '"command":"go run . run --workloads tickets,buffer' a.jsonl
grep 'BenchmarkTickets/discipline=spin/goroutines=2' a.txt
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Files: []string{script}})
}
