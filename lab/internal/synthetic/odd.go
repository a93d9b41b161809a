package synthetic

import (
	"math"
	"time"

	"github.com/rinse-go/rinse/lab/result"
)

// Odd returns runs as nobody would want them, by what is odd about them.
func Odd() map[string]*result.Run {
	return map[string]*result.Run{
		"empty":         {Version: result.Version},
		"one round":     Run(1, 1),
		"one point":     onePoint(),
		"refusals only": refusalsOnly(),
		"missing cells": missingCells(),
		"zero and huge": zeroAndHuge(),
		"markup":        markup(),
		"all the same":  allTheSame(),
	}
}

func onePoint() *result.Run {
	run := Run(2, 1)
	run.Points, run.Refusals = run.Points[:1], nil
	return run
}

func refusalsOnly() *result.Run {
	run := Run(3, 1)
	run.Points = nil
	run.Refusals = append(run.Refusals, result.Refusal{
		Key: result.Key{Workload: "bank", Discipline: "mutex"}, Error: "lost 3 of 100",
	})
	return run
}

func missingCells() *result.Run {
	run := Run(4, 5)
	run.Partial, run.Commit, run.Costs = true, "", nil
	var kept []result.Point
	for i, p := range run.Points {
		if i*7919%11 < 6 {
			kept = append(kept, p)
		}
	}
	run.Points = kept
	return run
}

func zeroAndHuge() *result.Run {
	run := Run(5, 6)
	for i := range run.Points {
		p := &run.Points[i]
		switch i % 5 {
		case 0:
			p.Ops = 0
		case 1:
			p.Ops, p.Clashes = math.MaxUint64, math.MaxUint64
		case 2:
			p.Elapsed, p.Latency = 0, &result.Latency{}
		case 3:
			p.Allocs, p.Bytes, p.Memory = 1e300, 1e300, 1e300
			p.Latency = &result.Latency{Count: math.MaxInt64, P50: 1, P99: math.MaxInt64, P999: math.MaxInt64, Max: math.MaxInt64}
		}
	}
	run.Costs = &result.Costs{}
	return run
}

// Markup is a name that must never reach a page as it is.
const Markup = `<script>alert("x")</script>&'` + "`|\u202e*_"

func markup() *result.Run {
	run := Run(6, 6)
	run.CPU, run.Command, run.Kernel, run.Commit = Markup, Markup, Markup, Markup
	for i := range run.Points {
		p := &run.Points[i]
		if p.Discipline == "mutex" {
			p.Discipline = Markup
		}
		if p.Workload == "bank" {
			p.Workload, p.Case = Markup, Markup
		}
		p.Extra = map[string]float64{Markup: 1}
	}
	for i := range run.Refusals {
		run.Refusals[i].Cannot = Markup
	}
	return run
}

func allTheSame() *result.Run {
	run := Run(7, 6)
	for i := range run.Points {
		run.Points[i].Ops, run.Points[i].Elapsed = 1000, time.Millisecond
	}
	return run
}
