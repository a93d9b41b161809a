package result_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rinse-go/rinse/lab/result"
)

func ExampleRun_Save() {
	dir, _ := os.MkdirTemp("", "")
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "run.jsonl")

	key := result.Key{Workload: "counter", Discipline: "mutex", Goroutines: 1, Procs: 2}
	run := &result.Run{Seed: 7, Points: []result.Point{{Key: key, Ops: 100, Elapsed: time.Microsecond}}}
	fmt.Println(run.Save(path))

	back, err := result.Load(path)
	fmt.Println(back.Seed, back.Points[0].Discipline, back.Points[0].Elapsed, err)
	// Output:
	// <nil>
	// 7 mutex 1µs <nil>
}

func ExampleRun_WriteText() {
	key := result.Key{Workload: "cache", Case: "90/10", Discipline: "cow", Goroutines: 4, Procs: 2}
	run := &result.Run{
		OS: "linux", Arch: "amd64", CPU: "a CPU", Cores: 2, Command: "go run ./lab",
		Points: []result.Point{{Key: key, Ops: 1000, Elapsed: time.Millisecond, Bytes: 48, Allocs: 1}},
	}
	_ = run.WriteText(os.Stdout)
	// Output:
	// goos: linux
	// goarch: amd64
	// pkg: github.com/rinse-go/rinse/lab
	// cpu: a CPU
	// cores: 2
	// start: 0001-01-01T00:00:00Z
	// seed: 0
	// command: go run ./lab
	//
	// BenchmarkCache/case=90:10/discipline=cow/goroutines=4-2	1000	1000 ns/op	1e+06 ops/s	0 clashes/op	48 B/op	1 allocs/op	0 gc-share
}
