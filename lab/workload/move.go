package workload

import (
	"context"
	"fmt"
	"slices"
)

// Move changes two objects at once, which is where objects with a lock or an owner each stop composing.
var Move = Workload{
	Name: "move",
	Explain: "Values are moved between two queues, from either to the other, so that nobody ever sees one in both or " +
		"in none; one operation of 64 counts both queues at one moment.",
	Needs: []string{"Pair", "Pair.Move", "Pair.Lens"},
	New: func(s Setup) (*Load, error) {
		const values = 128
		pair := s.Discipline.Pair()
		for v := range values {
			pair.Put(v%2, int64(v))
		}
		return &Load{
			Objects: []Object{pair},
			Worker: func(i int) Op {
				random := s.Rand(i)
				return func(context.Context) error {
					n := random.IntN(128)
					if n < 126 {
						pair.Move(n & 1)
						return nil
					}
					if lens := pair.Lens(); lens[0]+lens[1] != values {
						return fmt.Errorf("there are %d and %d values, together not %d", lens[0], lens[1], values)
					}
					return nil
				}
			},
			Check: func(uint64) error {
				var left []int64
				for queue := range 2 {
					for v, ok := pair.Take(queue); ok; v, ok = pair.Take(queue) {
						left = append(left, v)
					}
				}
				slices.Sort(left)
				for v := range values {
					if v >= len(left) || left[v] != int64(v) {
						return fmt.Errorf("value %d is lost or doubled: %d are left of %d", v, len(left), values)
					}
				}
				return Want("values", int64(len(left)), values)
			},
		}, nil
	},
}
