// Own is the lab with a workload and a discipline of one's own, from a module of one's own:
//
//	go run . run --workloads tickets --disciplines spin,mutex,stm
package main

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/cli"
	"github.com/rinse-go/rinse/lab/workload"
)

func main() {
	cli.Main(cli.Options{
		Command:     "go run .",
		Workloads:   []workload.Workload{tickets},
		Disciplines: []discipline.Discipline{spin},
	})
}

// tickets is a workload: what is shared, what each goroutine does with it, and how to see that it was
// done right.
var tickets = workload.Workload{
	Name:    "tickets",
	Explain: "Everybody draws a number and waits for nobody.",
	Needs:   []string{"Counter"},
	New: func(s workload.Setup) (*workload.Load, error) {
		drawn := s.Discipline.Counter()
		return &workload.Load{
			Objects: []workload.Object{drawn},
			Worker: func(int) workload.Op {
				return func(context.Context) error { drawn.Inc(); return nil }
			},
			Check: func(done uint64) error {
				return workload.Want("tickets", drawn.Value(), int64(done))
			},
		}, nil
	},
}

// spin is a discipline: the objects that it can offer. What it does not offer, the lab reports so.
var spin = discipline.Discipline{
	Name:    "spin",
	From:    "test-and-set locks, as old as the instruction",
	Explain: "Whoever finds the lock taken looks again, and again. Use it never where goroutines may be preempted.",
	Counter: func() discipline.Counter { return new(spinCounter) },
	Cannot:  map[string]string{"Buffer": "who spins cannot sleep until there is something"},
}

type spinCounter struct {
	locked atomic.Bool
	n      int64 // guarded by locked
}

func (c *spinCounter) lock() {
	for !c.locked.CompareAndSwap(false, true) {
		runtime.Gosched()
	}
}

func (c *spinCounter) Inc() int64 {
	c.lock()
	defer c.locked.Store(false)
	c.n++
	return c.n
}

func (c *spinCounter) Add(delta int64) {
	c.lock()
	defer c.locked.Store(false)
	c.n += delta
}

func (c *spinCounter) Value() int64 {
	c.lock()
	defer c.locked.Store(false)
	return c.n
}

func (*spinCounter) Close() {}
