package workload

import (
	"context"
	"fmt"
)

// Either waits for two objects at once.
var Either = Workload{
	Name: "either",
	Explain: "Everybody puts a value into one of two queues and takes one from whichever has some, waiting while both " +
		"are empty.",
	Needs: []string{"Pair", "Pair.TakeAny"},
	New: func(s Setup) (*Load, error) {
		pair := s.Discipline.Pair()
		in, out := make([]tally, s.Goroutines), make([]tally, s.Goroutines)
		return &Load{
			Objects: []Object{pair},
			Worker: func(i int) Op {
				random := s.Rand(i)
				return func(context.Context) error {
					value := random.Int64N(1 << 30)
					pair.Put(int(value&1), value)
					in[i].n += value
					// There are as many values as goroutines that want one, so nobody waits for ever.
					taken, err := pair.TakeAny(context.Background())
					if err != nil {
						return err
					}
					out[i].n += taken
					return nil
				}
			},
			Check: func(uint64) error {
				for queue := range 2 {
					if value, ok := pair.Take(queue); ok {
						return fmt.Errorf("queue %d has %d left over", queue, value)
					}
				}
				return Want("the sum of what was taken", sum(out), sum(in))
			},
		}, nil
	},
}
