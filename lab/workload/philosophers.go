package workload

import (
	"context"
	"fmt"
)

// Philosophers each need two things that their neighbours need too.
var Philosophers = Workload{
	Name: "philosophers",
	Explain: "Dijkstra's dining philosophers, a goroutine each: pick up both forks, waiting for the neighbours, and put " +
		"them down. There are five seats at least.",
	Needs: []string{"Table"},
	New: func(s Setup) (*Load, error) {
		seats := max(5, s.Goroutines)
		table := s.Discipline.Table(seats)
		forks := make([]holder, seats)
		return &Load{
			Objects: []Object{table},
			Worker: func(seat int) Op {
				left, right := &forks[seat], &forks[(seat+1)%seats]
				return func(ctx context.Context) error {
					if err := table.PickUp(ctx, seat); err != nil {
						return err
					}
					if !left.take() || !right.take() {
						return fmt.Errorf("the philosopher at seat %d was given a fork that another has", seat)
					}
					left.give()
					right.give()
					table.PutDown(seat)
					return nil
				}
			},
			Check: func(done uint64) error { return Want("uses of forks", uses(forks), 2*int64(done)) },
		}, nil
	},
}
