package main

import (
	"math"
	"slices"
)

// A round is what every benchmark measured once, by name. Figures are compared within a round only.
type round map[string]sample

// A figure is computed from one round; it is NaN where the round lacks what it needs.
type figure func(round) float64

// A bar is what one figure has to reach.
type bar struct {
	claim   string
	figure  figure
	over    func([]float64) float64 // median or worst of all rounds
	limit   float64
	atLeast bool // the figure must not be below limit; else not above
	unit    string
	or      *bar // reaching this one is as good
}

var bars = []bar{
	{claim: "the machine: atomic loads, 2 goroutines, more than 1 can (else other programs took a core)",
		figure: ratio("Load/atomic/g=1", "Load/atomic/g=2"), limit: 1.8, atLeast: true, unit: "×"},
	{claim: "counter by Atomically, 1 goroutine, against a mutex",
		figure: ratio("Counter/rinse/g=1", "Counter/mutex/g=1"), limit: 4, unit: "×"},
	{claim: "counter by Atomically, 1 goroutine, allocations",
		figure: allocations("Counter/rinse/g=1"), limit: 0, unit: "an operation"},
	{claim: "counter by Update, 1 goroutine, against a mutex",
		figure: ratio("Counter/rinse-update/g=1", "Counter/mutex/g=1"), limit: 2.3, unit: "×"},
	{claim: "counter by Update, 1 goroutine, allocations",
		figure: allocations("Counter/rinse-update/g=1"), limit: 0, unit: "an operation"},
	{claim: "counter, 2 goroutines, against its own cost with 1",
		figure: ratio("Counter/rinse/g=2", "Counter/rinse/g=1"), limit: 2, unit: "×", or: &besideMutex},
	{claim: "counter, 2 goroutines, against its own cost with 1, worst round",
		figure: ratio("Counter/rinse/g=2", "Counter/rinse/g=1"), over: worst, limit: 3, unit: "×", or: &besideMutex},
	besideMutex,
	{claim: "counter, 8 goroutines, against its own cost with 1",
		figure: ratio("Counter/rinse/g=8", "Counter/rinse/g=1"), limit: 4, unit: "×"},
	{claim: "transfer, 1 goroutine, faster than anacrolix/stm",
		figure: ratio("TransferShared/anacrolix/g=1", "TransferShared/rinse/g=1"), limit: 14, atLeast: true, unit: "×"},
	{claim: "transfer, 1 goroutine, against one mutex",
		figure: ratio("TransferShared/rinse/g=1", "TransferShared/mutex/g=1"), limit: 5.5, unit: "×"},
	{claim: "transfer, 1 goroutine, allocations",
		figure: allocations("TransferShared/rinse/g=1"), limit: 0, unit: "an operation"},
	{claim: "transfer among own accounts, 2 goroutines, against 1",
		figure: ratio("TransferOwn/rinse/g=2", "TransferOwn/rinse/g=1"), limit: 0.6, unit: "×"},
	{claim: "transfer among shared accounts, 2 goroutines, against two atomic adds",
		figure: ratio("TransferShared/rinse/g=2", "TransferShared/atomic/g=2"), limit: 3.2, unit: "×"},
	{claim: "read of 16 in a View, 1 goroutine, a variable",
		figure: per(16, nanoseconds("Read16/rinse/g=1")), limit: 3, unit: "ns"},
	{claim: "read of 16 in a View, 2 goroutines, more than 1 can",
		figure: ratio("Read16/rinse/g=1", "Read16/rinse/g=2"), limit: 1.9, atLeast: true, unit: "×"},
	{claim: "read of 1 in a View, 1 goroutine, against RWMutex",
		figure: ratio("Read1/rinse/g=1", "Read1/rwmutex/g=1"), limit: 2, unit: "×"},
	{claim: "Load, 1 goroutine",
		figure: nanoseconds("Load/rinse/g=1"), limit: 2, unit: "ns"},
	{claim: "audit beside 2 writers, runs of a View, worst round",
		figure: metric("TransferAudited/rinse/g=2", "looks-max"), over: worst, limit: 2, unit: "runs"},
	{claim: "audit beside 2 writers, what they lose against a spinning third",
		figure: loss("TransferAudited/rinse/g=2", "TransferBesideSpinner/rinse/g=2"), limit: 15, unit: "%"},
	{claim: "transfers of 2 beside 1,000 held checkouts, what they lose",
		figure: loss("Held/rinse/g=2", "Held/rinse-none/g=2"), limit: 20, unit: "%"},
	{claim: "transfers of 2 beside 1,000 held checkouts that change, what they lose",
		figure: loss("Held/rinse-turnover/g=2", "Held/rinse-none/g=2"), limit: 20, unit: "%"},
	{claim: "elder that writes 300 beside 4 writers, clashes, worst round",
		figure: metric("Elder/rinse/g=4", "clashes-max"), over: worst, limit: 64, unit: "clashes"},
	{claim: "elder that reads 300 and writes 1 beside 4 writers, clashes, worst round",
		figure: metric("Elder/rinse-reads/g=4", "clashes-max"), over: worst, limit: 64, unit: "clashes"},
	{claim: "wake-up of one waiter, against sync.Cond",
		figure: ratio("Herd/rinse/g=1", "Herd/cond/g=1"), limit: 3, unit: "×"},
	{claim: "hand-over between two by Retry, against sync.Cond",
		figure: ratio("PingPong/rinse/g=2", "PingPong/cond/g=2"), limit: 3, unit: "×"},
	{claim: "a goroutine waiting in Retry, beyond one on a channel",
		figure: beyond("Waiting/rinse/g=10000", "Waiting/channel/g=10000", "B/goroutine"), limit: 1024, unit: "B"},
	{claim: "TVar[int], size",
		figure: metric("Million/rinse/g=1", "sizeof-B"), limit: 40, unit: "B"},
	{claim: "TVar[int], heap of a million",
		figure: metric("Million/rinse/g=1", "B/variable"), limit: 48, unit: "MB"},
	{claim: "aim: counter, 1 goroutine, as fast as GHC's STM elsewhere",
		figure: nanoseconds("Counter/rinse/g=1"), limit: 19, unit: "ns"},
	{claim: "aim: transfer, 1 goroutine, as fast as GHC's STM elsewhere",
		figure: nanoseconds("TransferShared/rinse/g=1"), limit: 48, unit: "ns"},
}

var besideMutex = bar{claim: "… or: counter, 2 goroutines, against a mutex under the same",
	figure: ratio("Counter/rinse/g=2", "Counter/mutex/g=2"), limit: 6, unit: "×"}

// measured is the bar's figure over all rounds; NaN if it was not measured.
func (b bar) measured(rounds []round) float64 {
	var values []float64
	for _, r := range rounds {
		if v := b.figure(r); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	switch {
	case len(values) == 0:
		return math.NaN()
	case b.over != nil:
		return b.over(values)
	}
	return median(values)
}

// verdict tells whether the bar was met.
func (b bar) verdict(rounds []round) string {
	value := b.measured(rounds)
	switch {
	case math.IsNaN(value):
		return "not measured"
	case b.atLeast && value >= b.limit, !b.atLeast && value <= b.limit:
		return "met"
	case b.or != nil && b.or.verdict(rounds) == "met":
		return "met otherwise"
	}
	return "MISSED"
}

func metric(name, unit string) figure {
	return func(r round) float64 {
		if value, ok := r[name][unit]; ok {
			return value
		}
		return math.NaN()
	}
}

func nanoseconds(name string) figure { return metric(name, "ns/op") }

// allocations ignores what is rarer than one in 2,000 operations: what the collector took from a pool.
func allocations(name string) figure {
	return func(r round) float64 { return math.Round(metric(name, "allocs/op")(r)*1000) / 1000 }
}

func per(n float64, f figure) figure {
	return func(r round) float64 { return f(r) / n }
}

func ratio(of, to string) figure {
	return func(r round) float64 { return nanoseconds(of)(r) / nanoseconds(to)(r) }
}

func beyond(name, base, unit string) figure {
	return func(r round) float64 { return metric(name, unit)(r) - metric(base, unit)(r) }
}

// loss is by how many percent the throughput of the first is below that of the second.
func loss(of, to string) figure {
	return func(r round) float64 { return 100 * (1 - 1/ratio(of, to)(r)) }
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func worst(values []float64) float64 { return slices.Max(values) }
