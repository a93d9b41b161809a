// Package summary puts the points of a run in the order in which people ask about them: by study (a case
// of a workload), then discipline, goroutines and GOMAXPROCS, with all rounds of a measurement together.
package summary

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
)

// A Study is what was measured of one case of one workload.
type Study struct {
	Workload, Case string
	Disciplines    []string          // that were measured or refused, in the order of the run
	Goroutines     []int             // rising
	Procs          []int             // rising
	Cannot         map[string]string // by discipline, why it cannot do this at all
	Errors         map[string]string // by discipline, why a measurement of it does not count

	cells map[cell]*Cell
}

type cell struct {
	discipline        string
	goroutines, procs int
}

// Of returns the studies of a run, in the order of the run.
func Of(run *result.Run) []*Study {
	b := builder{studies: map[[2]string]*Study{}}
	for i := range run.Points {
		p := &run.Points[i]
		s := b.study(p.Key)
		s.add(p)
	}
	for _, r := range run.Refusals {
		b.study(r.Key).refuse(r)
	}
	for _, s := range b.order {
		s.finish()
	}
	return b.order
}

type builder struct {
	studies map[[2]string]*Study
	order   []*Study
}

func (b *builder) study(k result.Key) *Study {
	id := [2]string{k.Workload, k.Case}
	s := b.studies[id]
	if s == nil {
		s = &Study{
			Workload: k.Workload, Case: k.Case, cells: map[cell]*Cell{},
			Cannot: map[string]string{}, Errors: map[string]string{},
		}
		b.studies[id] = s
		b.order = append(b.order, s)
	}
	if !slices.Contains(s.Disciplines, k.Discipline) {
		s.Disciplines = append(s.Disciplines, k.Discipline)
	}
	return s
}

func (s *Study) add(p *result.Point) {
	id := cell{p.Discipline, p.Goroutines, p.Procs}
	c := s.cells[id]
	if c == nil {
		c = &Cell{Key: p.Key}
		s.cells[id] = c
	}
	c.Points = append(c.Points, p)
}

func (s *Study) refuse(r result.Refusal) {
	if r.Cannot != "" {
		s.Cannot[r.Discipline] = r.Cannot
	} else if r.Error != "" {
		s.Errors[r.Discipline] = r.Error
	}
}

func (s *Study) finish() {
	goroutines, procs := map[int]bool{}, map[int]bool{}
	for id := range s.cells {
		goroutines[id.goroutines], procs[id.procs] = true, true
	}
	s.Goroutines = slices.Sorted(maps.Keys(goroutines))
	s.Procs = slices.Sorted(maps.Keys(procs))
	for _, c := range s.cells {
		slices.SortStableFunc(c.Points, func(a, b *result.Point) int { return cmp.Compare(a.Round, b.Round) })
	}
}

// Name is what a study is called: its workload and its case.
func (s *Study) Name() string {
	if s.Case == "" {
		return s.Workload
	}
	return s.Workload + " " + s.Case
}

// MostProcs is the greatest GOMAXPROCS that was measured, 0 if nothing was.
func (s *Study) MostProcs() int {
	if len(s.Procs) == 0 {
		return 0
	}
	return s.Procs[len(s.Procs)-1]
}

// Cell returns what was measured of a discipline, nil if nothing was.
func (s *Study) Cell(discipline string, goroutines, procs int) *Cell {
	return s.cells[cell{discipline, goroutines, procs}]
}

// Row returns the cells of a discipline at one GOMAXPROCS, by rising goroutines, without gaps.
func (s *Study) Row(discipline string, procs int) (row []*Cell) {
	for _, g := range s.Goroutines {
		if c := s.Cell(discipline, g, procs); c != nil {
			row = append(row, c)
		}
	}
	return row
}

// Has reports whether anything was measured that a metric is of.
func (s *Study) Has(m Metric) bool {
	for _, c := range s.cells {
		if len(c.Values(m)) > 0 {
			return true
		}
	}
	return false
}

// SameRate reports whether operations arrived at the same rate wherever latency was measured.
func (s *Study) SameRate() bool {
	rates := map[float64]bool{}
	for _, c := range s.cells {
		for _, p := range c.Points {
			if p.Latency != nil {
				rates[p.Latency.Rate] = true
			}
		}
	}
	return len(rates) == 1
}

// Extras lists the units of what this study alone measured.
func (s *Study) Extras() []string {
	units := map[string]bool{}
	for _, c := range s.cells {
		for _, p := range c.Points {
			for unit := range p.Extra {
				units[unit] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(units))
}

// A Cell is one measurement, all rounds of it.
type Cell struct {
	result.Key
	Points []*result.Point // by round
}

// Values returns a metric of each round that has it.
func (c *Cell) Values(m Metric) (values []float64) {
	if c == nil {
		return nil
	}
	for _, p := range c.Points {
		if v := m.of(p); !math.IsNaN(v) && !math.IsInf(v, 0) {
			values = append(values, v)
		}
	}
	return values
}

// Of returns the summary of a metric over the rounds.
func (c *Cell) Of(m Metric) stats.Summary { return stats.Summarize(c.Values(m)) }

// KeepsUp reports whether all but one in a hundred of the operations that arrived were served. If not,
// their latencies are better than the truth, since those that were not served have none.
func (c *Cell) KeepsUp() bool {
	unserved := c.Of(Extra("unserved-share"))
	return unserved.N == 0 || unserved.Median <= 0.01
}

// IsLatency reports whether a metric is of latencies.
func (m Metric) IsLatency() bool { return m.Unit == P50.Unit }

// A Metric is a figure of a point.
type Metric struct {
	Name     string
	Unit     string
	MoreWins bool // else less is better
	of       func(*result.Point) float64
}

var nan = math.NaN()

// What points have. A figure that a point does not have is not a value of it.
var (
	Throughput = Metric{"throughput", "op/s", true, throughput}
	Clashes    = Metric{"clashes", "clashes/op", false, func(p *result.Point) float64 {
		return float64(p.Clashes) / float64(p.Ops) // none without operations: 0/0
	}}
	Allocs = Metric{"allocations", "allocs/op", false, func(p *result.Point) float64 { return p.Allocs }}
	Bytes  = Metric{"allocated", "B/op", false, func(p *result.Point) float64 { return p.Bytes }}
	GC     = Metric{"garbage collection", "of CPU time", false, func(p *result.Point) float64 { return p.GCShare }}
	Memory = Metric{"memory", "B/goroutine", false, func(p *result.Point) float64 {
		if p.Memory == 0 {
			return nan
		}
		return p.Memory
	}}
	P50  = Metric{"p50 latency", "ns", false, latency(func(l *result.Latency) time.Duration { return l.P50 })}
	P99  = Metric{"p99 latency", "ns", false, latency(func(l *result.Latency) time.Duration { return l.P99 })}
	P999 = Metric{"p99.9 latency", "ns", false, latency(func(l *result.Latency) time.Duration { return l.P999 })}
	Max  = Metric{"greatest latency", "ns", false, latency(func(l *result.Latency) time.Duration { return l.Max })}
)

// Extra is the metric of what a workload alone measures.
func Extra(unit string) Metric {
	return Metric{unit, unit, false, func(p *result.Point) float64 {
		if v, ok := p.Extra[unit]; ok {
			return v
		}
		return nan
	}}
}

func throughput(p *result.Point) float64 {
	if p.Elapsed <= 0 {
		return nan
	}
	return float64(p.Ops) / p.Elapsed.Seconds()
}

func latency(of func(*result.Latency) time.Duration) func(*result.Point) float64 {
	return func(p *result.Point) float64 {
		if p.Latency == nil {
			return nan
		}
		return float64(of(p.Latency))
	}
}
