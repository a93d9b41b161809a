package workload

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rinse-go/rinse/discipline"
)

// STMBench7 is the long and the short traversals of STMBench7 (Guerraoui, Kapalka and Vitek, "STMBench7:
// A Benchmark for Software Transactional Memory", EuroSys 2007), rewritten from the paper: T1 to T6, Q6
// and Q7, and ST1 to ST10, on the same structure (see design.go) but smaller. A case has so many percent of
// traversals that only read to those that write, all of one group equally often; in the cases called long,
// one of twenty is a long one. There are no structure modifications, so the structure is the same in
// the end, and every word of it is compared with what the traversals that were done must have left.
var STMBench7 = Workload{
	Name: "stmbench7",
	Explain: "STMBench7's traversals of a design: a tree of assemblies of 32 parts, each a graph of 20 atomic parts with a " +
		"document. Short ones go along one path; in the cases called long, one of 20 goes through everything. " +
		"In 90/10 nine of ten only read. The paper's design is 100 times as large, and its structure changes, too.",
	Cases: []string{"short-90/10", "short-60/40", "short-10/90", "long-90/10", "long-60/40", "long-10/90"},
	Needs: []string{"Memory"},
	Rate:  1000,
	New: func(s Setup) (*Load, error) {
		mix, err := parseMix(s.Case)
		if err != nil {
			return nil, err
		}
		d := newDesign(s.Seed)
		memory := s.Discipline.Memory(len(d.image))
		memory.Update(func(w discipline.Words) {
			for word, value := range d.image {
				if value != 0 {
					w.Set(word, value)
				}
			}
		})
		travellers := make([]*traveller, s.Goroutines)
		return &Load{
			Objects: []Object{memory},
			Worker: func(i int) Op {
				travellers[i] = newTraveller(d, s.Rand(i), i%s.Goroutines)
				return func(context.Context) error { return travellers[i].travel(memory, mix) }
			},
			Check: func(uint64) (wrong error) {
				memory.View(func(w discipline.Words) { wrong = d.check(w, travellers) })
				return wrong
			},
		}, nil
	},
}

// A mix says how often traversals are of which group, in percent.
type mix struct{ long, read int }

func parseMix(name string) (m mix, err error) {
	var length string
	var writes int
	if _, err = fmt.Sscanf(name, "%5s%d/%d", &length, &m.read, &writes); err != nil {
		return m, fmt.Errorf("case %q: %w", name, err)
	}
	if length == "long-" {
		m.long = 5
	}
	return m, nil
}

func (m mix) draw(random *rand.Rand) traversal {
	group := shortReads
	long, read := random.IntN(100) < m.long, random.IntN(100) < m.read
	switch {
	case long && read:
		group = longReads
	case long:
		group = longWrites
	case !read:
		group = shortWrites
	}
	return group[random.IntN(len(group))]
}
