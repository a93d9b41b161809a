// Package synthetic makes up runs for tests. They look like real ones, and are the same for a seed.
package synthetic

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/rinse-go/rinse/lab/result"
)

// Disciplines of a made-up run, with the nanoseconds that an operation takes and the share of that which
// only one core at a time can do.
var disciplines = []struct {
	name         string
	cost, serial float64
	clashes      float64
}{
	{"mutex", 12, 0.9, 0}, {"rwmutex", 14, 0.8, 0}, {"striped", 20, 0.1, 0}, {"queue", 280, 0.8, 0},
	{"pool", 420, 0.7, 0}, {"loop", 300, 0.9, 0}, {"actors", 600, 0.6, 0}, {"green", 900, 0.5, 0},
	{"process", 9000, 0.8, 0}, {"cow", 9, 0.05, 0.02}, {"atomic", 5, 0.7, 0}, {"checkout", 140, 0.2, 0.03},
	{"stm", 60, 0.2, 0.01}, {"anacrolix", 1500, 0.7, 0.05},
}

// Studies of a made-up run.
var studies = [][2]string{
	{"counter", ""}, {"bank", ""}, {"cache", "99/1"}, {"cache", "90/10"}, {"cache", "50/50"}, {"buffer", ""},
	{"move", ""}, {"philosophers", ""}, {"pool", ""}, {"index", ""}, {"scan", ""}, {"wakeup", ""},
	{"waiting", ""}, {"vacation", ""}, {"kmeans", ""}, {"stmbench7", "short"}, {"stmbench7", "long"},
}

// Run makes up a whole run of so many rounds.
func Run(seed uint64, rounds int) *result.Run {
	random := rand.New(rand.NewPCG(seed, 1))
	run := header(seed)
	for _, study := range studies {
		for _, d := range disciplines {
			key := result.Key{Workload: study[0], Case: study[1], Discipline: d.name}
			if why := refusal(key); why != "" {
				run.Refusals = append(run.Refusals, result.Refusal{Key: key, Cannot: why})
				continue
			}
			factor := math.Exp(random.NormFloat64() * 0.7)
			for _, procs := range []int{1, 2} {
				for _, g := range []int{1, 2, 4, 8} {
					key.Goroutines, key.Procs = g, procs
					for round := range rounds {
						p := point(random, key, d.cost*factor, d.serial, d.clashes)
						p.Round = round
						run.Points = append(run.Points, p)
					}
				}
			}
		}
	}
	return run
}

func header(seed uint64) *result.Run {
	cost := func(ns float64) result.Cost { return result.Cost{Median: ns, Low: ns * 0.8, High: ns * 1.3} }
	return &result.Run{
		Version: result.Version, Command: "go run ./lab run -seed 7 all", Start: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC),
		Seed: seed, CPU: "Synthetic 9000", Cores: 2, OS: "linux", Arch: "amd64", Kernel: "6.1.0", Go: "go1.26.8", Commit: "0123abc",
		Costs: &result.Costs{
			Transfer: cost(45), Atomic: cost(5), Shared: cost(8), Lock: cost(10), HandOff: cost(13), Message: cost(120),
		},
	}
}

func refusal(k result.Key) string {
	switch {
	case k.Discipline == "atomic" && k.Workload != "counter":
		return "single words only: nothing holds two of them together"
	case k.Discipline == "cow" && (k.Workload == "buffer" || k.Workload == "wakeup"):
		return "an immutable value has nothing to wait on"
	}
	return ""
}

func point(random *rand.Rand, k result.Key, cost, serial, clashes float64) result.Point {
	cores := float64(min(k.Goroutines, k.Procs))
	ns := cost * (serial*(1+0.3*(cores-1)) + (1-serial)/cores) * math.Exp(random.NormFloat64()*0.04)
	elapsed := 100 * time.Millisecond
	ops := uint64(float64(elapsed) / ns)
	p := result.Point{
		Key: k, Ops: ops, Elapsed: elapsed, Clashes: uint64(float64(ops) * clashes * (cores - 1)),
		Allocs: math.Floor(cost / 100), Bytes: math.Floor(cost / 100 * 48), GCShare: min(cost/1e5, 0.2),
	}
	if k.Procs == 2 && k.Goroutines == 8 {
		p.Latency = latency(random, ns)
	}
	if k.Workload == "waiting" {
		p.Memory = 2000 + cost
	}
	return p
}

func latency(random *rand.Rand, ns float64) *result.Latency {
	at := func(q float64) time.Duration {
		return time.Duration(8 * ns * (1 + math.Pow(-math.Log(1-q), 1.7)) * math.Exp(random.NormFloat64()*0.05))
	}
	l := &result.Latency{Rate: 0.5e9 / ns, Count: 100_000, P50: at(0.5), P99: at(0.99), P999: at(0.999)}
	for tail := 1.0; tail > 1e-5; tail *= 0.8 {
		b := result.Bucket{Quantile: 1 - tail, Value: at(1 - tail)}
		if n := len(l.Buckets); n > 0 {
			b.Value = max(b.Value, l.Buckets[n-1].Value)
		}
		l.Buckets = append(l.Buckets, b)
		l.Max = b.Value
	}
	return l
}
