package workload

import (
	"context"
	"fmt"
)

// Counter is the least that can be shared, so it shows what sharing itself costs.
var Counter = Workload{
	Name: "counter",
	Explain: "All count on one counter. In the case inc everybody gets the new value back, and no two the same; " +
		"in the case add nobody asks, so a message may be sent and forgotten.",
	Cases: []string{"inc", "add"},
	Needs: []string{"Counter"},
	New: func(s Setup) (*Load, error) {
		counter := s.Discipline.Counter()
		last := make([]tally, s.Goroutines)
		inc := func(i int) Op {
			return func(context.Context) error {
				n := counter.Inc()
				if n <= last[i].n {
					return fmt.Errorf("it returned %d after %d", n, last[i].n)
				}
				last[i].n = n
				return nil
			}
		}
		add := func(int) Op {
			return func(context.Context) error { counter.Add(1); return nil }
		}
		load := &Load{
			Objects: []Object{counter},
			Worker:  inc,
			Check:   func(done uint64) error { return Want("the counter", counter.Value(), int64(done)) },
		}
		if s.Case == "add" {
			load.Worker = add
		}
		return load, nil
	},
}
