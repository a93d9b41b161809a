package model

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/rinse-go/rinse/lab/result"
)

// A sharing is how a discipline shares state, as far as that bears on how it scales. Where it has a
// range, nothing that was measured says which of its values is right, and all are tried.
type sharing struct {
	kind   kind
	serial [2]float64 // share of an operation that one core at a time can do
}

// A kind is what stands in the way when several cores want the same.
type kind int

const (
	coarse     kind = iota // one lock, held throughout
	shared                 // one lock, which readers share: they meet on its cache line only
	fine                   // a lock for each part of the state
	owner                  // one goroutine that serves all requests
	line                   // one cache line, changed by single instructions
	copying                // readers see the latest value, changes replace it
	optimistic             // changes clash if somebody was faster, and are made again
)

// sharings has what the disciplines of the lab do.
var sharings = map[string]sharing{
	"mutex":     {coarse, [2]float64{0.6, 1}},
	"rwmutex":   {shared, [2]float64{0.6, 1}},
	"striped":   {fine, [2]float64{0.6, 1}},
	"queue":     {owner, [2]float64{0.3, 1}},
	"batch":     {owner, [2]float64{0.1, 1}},
	"pool":      {owner, [2]float64{0.1, 1}},
	"loop":      {owner, [2]float64{0.3, 1}},
	"actors":    {owner, [2]float64{0.2, 1}},
	"green":     {owner, [2]float64{0.05, 1}},
	"process":   {owner, [2]float64{0.2, 1}},
	"cow":       {copying, [2]float64{0, 0}},
	"atomic":    {line, [2]float64{0.5, 1}},
	"stm":       {optimistic, [2]float64{0, 0.2}},
	"checkout":  {optimistic, [2]float64{0.05, 0.5}},
	"anacrolix": {optimistic, [2]float64{0.05, 0.6}},
}

// A shape is what a workload does, as far as that bears on how it scales.
type shape struct {
	reads float64    // share of operations that only read
	meet  [2]float64 // the probability that two operations need the same part of the state: a range
}

// waits lists workloads in which operations wait for other operations, which the model knows nothing of.
var waits = map[string]bool{
	"buffer": true, "either": true, "philosophers": true, "pool": true, "wakeup": true, "waiting": true,
}

// shapeOf returns the shape of a study; of one that is not known here the range is wide.
func shapeOf(workload, of string) shape {
	s := shape{reads: readsOf(of), meet: [2]float64{0.001, 1}}
	switch workload {
	case "counter":
		s.meet = [2]float64{1, 1}
	case "bank":
		s.meet = [2]float64{2.0 / 1024, 8.0 / 1024} // two of 1,024 accounts each
	case "cache":
		s.meet = [2]float64{0.02, 0.08} // the sum of squares of Zipf's law is 0.04
	case "index":
		s.reads = 0.7
	}
	return s
}

// readsOf reads a case such as 90/10 or long-90/10.
func readsOf(of string) float64 {
	of = of[strings.LastIndex(of, "-")+1:]
	before, after, _ := strings.Cut(of, "/")
	reads, err1 := strconv.ParseFloat(before, 64)
	writes, err2 := strconv.ParseFloat(after, 64)
	if err1 != nil || err2 != nil || reads < 0 || reads+writes != 100 {
		return 0
	}
	return reads / 100
}

// A guess is one way in which a discipline may do a workload, out of all that what was measured allows.
type guess struct {
	sharing
	reads, meet float64
	time        float64 // nanoseconds of an operation on one core
	serial      float64
	clash       float64
	jitter      float64
	near        float64 // hand-over between two cores
	far         float64 // hand-over among many
	line        float64 // an addition to a word
}

// guessed draws a guess. One core takes so many nanoseconds, and of two that run at once so many clash.
func guessed(s sharing, sh shape, costs *result.Costs, time, clash float64, random *rand.Rand) guess {
	between := func(low, high float64) float64 { return low + random.Float64()*(high-low) }
	logBetween := func(low, high float64) float64 { return low * math.Pow(high/low, random.Float64()) }
	of := func(c result.Cost) float64 { return between(c.Low, c.High) }
	g := guess{
		sharing: s, reads: sh.reads, meet: logBetween(sh.meet[0], sh.meet[1]), time: time, clash: clash,
		serial: between(s.serial[0], s.serial[1]), jitter: between(0.1, 1), line: of(costs.Atomic),
	}
	transfer := of(costs.Transfer) * logBetween(1, 3) // as much more between the dies of a big machine
	switch s.kind {
	case coarse, shared, fine:
		g.near = math.Max(0, of(costs.HandOff)-of(costs.Lock))
		g.far = g.near + between(0, 2*transfer) // the lock's line, and what it guards
	case owner:
		g.serial = math.Max(g.serial, math.Min(1, of(costs.Message)/time*s.serial[0]))
		g.far = between(0, 2*transfer)
	default:
		g.near = math.Max(0, of(costs.Shared)-of(costs.Atomic))
		g.far = g.near + between(0, transfer)
	}
	return g
}

// handOver grows from what it is between two cores to what it is among many.
func (g guess) handOver(cores int) float64 {
	return g.near + (g.far-g.near)*math.Min(1, float64(cores-2)/14)
}

// design is how the simulation does what the guess says.
func (g guess) design(cores int) design {
	d := design{share: g.reads, jitter: g.jitter}
	if cores > 1 {
		d.handOver = g.handOver(cores)
	}
	serial := step{time: g.time * g.serial, at: server}
	rest := step{time: g.time - serial.time}
	switch g.kind {
	case coarse, owner, line:
		d.steps = []step{rest, serial}
	case shared:
		enter := step{time: math.Min(g.line, g.time/2), at: server}
		d.steps = []step{rest, serial}
		d.reads = []step{enter, {time: g.time - 2*enter.time}, enter}
	case fine:
		serial.spread = int(math.Ceil(1 / g.meet))
		d.steps = []step{rest, serial}
	case copying:
		d.steps, d.reads = []step{{time: g.time}}, []step{{time: g.time}}
		d.optimistic, d.clash, d.inTurns = true, math.Max(g.clash, 0.5), true
	case optimistic:
		d.steps, d.reads = []step{rest, serial}, []step{{time: g.time}}
		d.optimistic, d.clash, d.inTurns = true, g.clash, true
	}
	return d
}
