// Package result is what the lab has measured: the types, and how they are kept in files.
package result

import "time"

// Version is the version of the file format.
const Version = 1

// A Run is one run of the lab on one machine.
type Run struct {
	Version  int       `json:"version"`
	Command  string    `json:"command"` // as it can be typed again
	Args     []string  `json:"args"`    // of Command, without the program, every default spelt out
	Start    time.Time `json:"start"`
	Seed     uint64    `json:"seed"`
	CPU      string    `json:"cpu"`
	Cores    int       `json:"cores"`
	OS       string    `json:"os"`
	Arch     string    `json:"arch"`
	Kernel   string    `json:"kernel"`
	Go       string    `json:"go"`
	Commit   string    `json:"commit"`            // empty if unknown, with "+changes" if the tree was dirty
	Overhead float64   `json:"overhead_ns"`       // of the measuring itself, in each operation of each figure
	Late     float64   `json:"late_ns"`           // by the median, how late the lab's clock begins an operation: in each latency with a rate
	Partial  bool      `json:"partial,omitempty"` // it was interrupted
	Costs    *Costs    `json:"costs,omitempty"`   // nil if they were not measured
	Points   []Point   `json:"-"`                 // a line each in a file
	Refusals []Refusal `json:"-"`                 // a line each in a file
}

// A Key says what was measured.
type Key struct {
	Workload   string `json:"workload"`       // "cache"
	Case       string `json:"case,omitempty"` // "90/10"; empty if the workload has one case only
	Discipline string `json:"discipline"`
	Goroutines int    `json:"goroutines"`
	Procs      int    `json:"procs"` // GOMAXPROCS
}

// A Point is one repetition of one measurement, whose result was checked and right.
type Point struct {
	Key
	Round   int                `json:"round"` // from 0
	Ops     uint64             `json:"ops"`
	Elapsed time.Duration      `json:"elapsed_ns"`
	Clashes uint64             `json:"clashes"`           // 0 where a discipline has none
	Allocs  float64            `json:"allocs"`            // an operation
	Bytes   float64            `json:"bytes"`             // an operation
	GCShare float64            `json:"gc_share"`          // of the CPU time, 0 to 1
	Memory  float64            `json:"memory,omitempty"`  // bytes a goroutine, where the workload measures that
	Latency *Latency           `json:"latency,omitempty"` // where it was measured
	Extra   map[string]float64 `json:"extra,omitempty"`   // by unit, what this workload alone measures
}

// Latency is the distribution of the time that operations took, from when they should have started.
type Latency struct {
	Rate    float64       `json:"rate"` // operations a second that arrived; 0: as fast as possible (closed loop)
	Count   int64         `json:"count"`
	P50     time.Duration `json:"p50_ns"`
	P99     time.Duration `json:"p99_ns"`
	P999    time.Duration `json:"p999_ns"`
	Max     time.Duration `json:"max_ns"`
	Buckets []Bucket      `json:"buckets,omitempty"` // for the curve
}

// A Bucket is a place on the curve: this share of operations took at most this long.
type Bucket struct {
	Quantile float64       `json:"q"`
	Value    time.Duration `json:"ns"`
}

// A Refusal is a measurement that was not made, and why: the discipline cannot do it (Cannot), or its
// result was wrong or it failed (Error).
type Refusal struct {
	Key
	Cannot string `json:"cannot,omitempty"`
	Error  string `json:"error,omitempty"`
}
