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
	owners                 // one such goroutine for each part of the state
	copying                // readers see the latest value; who changes it takes turns, and replaces it
	optimistic             // changes clash if somebody was faster, and are made again
)

// sharings has what the disciplines of the lab do.
var sharings = map[string]sharing{
	"mutex":         {coarse, [2]float64{0.6, 1}},
	"rwmutex":       {shared, [2]float64{0.6, 1}},
	"striped":       {fine, [2]float64{0.6, 1}},
	"queue":         {owner, [2]float64{0.3, 1}},
	"queue-batched": {owner, [2]float64{0.1, 1}},
	"pool":          {owner, [2]float64{0.1, 1}},
	"loop":          {owner, [2]float64{0.3, 1}},
	"actors":        {owner, [2]float64{0.2, 1}},
	"green":         {owners, [2]float64{0.2, 1}},
	"process":       {owner, [2]float64{0.2, 1}},
	"cow":           {copying, [2]float64{0.6, 1}},
	"atomic":        {line, [2]float64{0.5, 1}},
	"stm":           {optimistic, [2]float64{0, 0.2}},
	"checkout":      {optimistic, [2]float64{0.05, 1}},
	"anacrolix":     {optimistic, [2]float64{0.05, 0.6}},
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
	misses      float64 // of cache lines that another core wrote last, at most
	transfer    float64 // of a cache line between two cores
	apart       float64 // how many times as much that is among many
	wake        float64 // of an owner by another core
}

// guessed draws a guess. One core takes so many nanoseconds, and of two that run at once so many clash.
func guessed(s sharing, sh shape, costs *result.Costs, time, clash float64, random *rand.Rand) guess {
	between := func(low, high float64) float64 { return low + random.Float64()*(high-low) }
	logBetween := func(low, high float64) float64 { return low * math.Pow(high/low, random.Float64()) }
	of := func(c result.Cost) float64 { return between(c.Low, c.High) }
	g := guess{
		sharing: s, reads: sh.reads, meet: logBetween(sh.meet[0], sh.meet[1]), time: time, clash: clash,
		serial: between(s.serial[0], s.serial[1]), jitter: between(0.1, 1), line: of(costs.Atomic),
		transfer: of(costs.Transfer), misses: between(0, mostMisses), apart: logBetween(1, 3),
	}
	switch s.kind {
	case coarse, shared, fine, copying:
		// Go's locks stay with a core for a while, and what they guard with them.
		g.near = math.Max(0, of(costs.HandOff)-of(costs.Lock)) * (1 + g.misses)
	case owner, owners:
		g.wake = between(0, 2*of(costs.Message))
	case line:
		g.near, g.misses = math.Max(0, of(costs.Shared)-of(costs.Atomic)), 0
	default:
		g.near = math.Max(0, of(costs.Shared)-of(costs.Atomic))
	}
	g.far = g.near + between(0, g.transfer*g.apart)
	if s.kind == coarse || s.kind == shared || s.kind == fine {
		g.far += random.Float64() * g.misses * g.transfer * g.apart
		g.misses = 0 // they come with the lock
	}
	return g
}

// mostMisses is how many lines that another core wrote last an operation may have to fetch.
const mostMisses = 6

// many is how far so many cores are from two, between 0 and 1: 16 are many.
func many(cores int) float64 { return math.Min(1, float64(cores-2)/14) }

// fetching is the time an operation spends on fetching lines that others have written.
func (g guess) fetching(cores int) float64 {
	written := (1 - g.reads) * float64(cores-1) // for each time that one comes back to a line
	return g.misses * g.transfer * (1 + (g.apart-1)*many(cores)) * written / (1 + written)
}

// handOver grows from what it is between two cores to what it is among many.
func (g guess) handOver(cores int) float64 {
	return g.near + (g.far-g.near)*many(cores)
}

// design is how the simulation does what the guess says.
func (g guess) design(cores int) design {
	d := design{share: g.reads, jitter: g.jitter}
	if cores > 1 {
		d.handOver = g.handOver(cores)
	}
	time := g.time
	if cores > 1 {
		time += g.fetching(cores)
	}
	serial := step{time: time * g.serial, at: server}
	rest := step{time: time - serial.time}
	if cores > 1 {
		serial.time += g.wake
	}
	switch g.kind {
	case coarse, owner, line:
		d.steps = []step{rest, serial}
	case shared:
		enter := step{time: math.Min(g.line, time/2), at: server}
		d.steps = []step{rest, serial}
		d.reads = []step{enter, {time: time - 2*enter.time}, enter}
	case fine, owners:
		serial.spread = int(math.Ceil(1 / g.meet))
		d.steps = []step{rest, serial}
	case copying:
		d.steps, d.reads = []step{rest, serial}, []step{{time: time}}
	case optimistic:
		d.steps, d.reads = []step{rest, serial}, []step{{time: time}}
		d.optimistic, d.clash, d.inTurns = true, g.clash, true
	}
	return d
}
