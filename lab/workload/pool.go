package workload

import (
	"context"
	"fmt"
)

// Pool lends what there is less of than goroutines.
var Pool = Workload{
	Name:    "pool",
	Explain: "Four resources are lent to whoever asks, one at a time; who finds none waits.",
	Needs:   []string{"Pool"},
	New: func(s Setup) (*Load, error) {
		const resources = 4
		pool := s.Discipline.Pool(resources)
		lent := make([]holder, resources)
		return &Load{
			Objects: []Object{pool},
			Worker: func(int) Op {
				return func(ctx context.Context) error {
					r, err := pool.Acquire(ctx)
					if err != nil {
						return err
					}
					if r < 0 || r >= resources {
						return fmt.Errorf("resource %d does not exist", r)
					}
					if !lent[r].take() {
						return fmt.Errorf("resource %d was lent twice", r)
					}
					lent[r].give()
					pool.Release(r)
					return nil
				}
			},
			Check: func(done uint64) error { return Want("uses", uses(lent), int64(done)) },
		}, nil
	},
}
