package workload

import "context"

// Philosophers each need two things that their neighbours need too.
var Philosophers = Workload{
	Name: "philosophers",
	Explain: "Dijkstra's dining philosophers, a goroutine each: pick up both forks, waiting for the neighbours, and put " +
		"them down. There are five seats at least.",
	Needs: []string{"Table"},
	New: func(s Setup) (*Load, error) {
		seats := max(5, s.Goroutines)
		table := s.Discipline.Table(seats)
		meals := make([]tally, seats) // of each fork; who holds it counts
		return &Load{
			Objects: []Object{table},
			Worker: func(seat int) Op {
				left, right := &meals[seat], &meals[(seat+1)%seats]
				return func(ctx context.Context) error {
					if err := table.PickUp(ctx, seat); err != nil {
						return err
					}
					left.n++
					right.n++
					table.PutDown(seat)
					return nil
				}
			},
			Check: func(done uint64) error { return Want("uses of forks", sum(meals), 2*int64(done)) },
		}, nil
	},
}
