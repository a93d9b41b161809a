package workload_test

import (
	"context"
	"fmt"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/workload"
)

// A workload of one's own, run by hand. The lab does it for as long as it is told.
func ExampleWorkload() {
	tickets := workload.Workload{
		Name:  "tickets",
		Needs: []string{"Counter"},
		New: func(s workload.Setup) (*workload.Load, error) {
			drawn := s.Discipline.Counter()
			return &workload.Load{
				Objects: []workload.Object{drawn},
				Worker:  func(int) workload.Op { return func(context.Context) error { drawn.Inc(); return nil } },
				Check:   func(done uint64) error { return workload.Want("tickets", drawn.Value(), int64(done)) },
			}, nil
		},
	}
	mutex, _ := discipline.Find("mutex")
	load, _ := tickets.New(workload.Setup{Discipline: &mutex, Goroutines: 1})
	draw := load.Worker(0)
	fmt.Println(draw(context.Background()), draw(context.Background()))
	fmt.Println(load.Check(2))
	fmt.Println(load.Check(3))
	// Output:
	// <nil> <nil>
	// <nil>
	// tickets: got 2, want 3
}

func ExampleWorkload_Cannot() {
	atomic, _ := discipline.Find("atomic")
	fmt.Println(workload.Counter.Cannot(&atomic))
	fmt.Println(workload.Move.Cannot(&atomic))
	// Output:
	// <nil>
	// a move changes two queues at one moment; an instruction changes one word
}

func ExampleSetup_Rand() {
	same := workload.Setup{Seed: 1}.Rand(3).IntN(100) == workload.Setup{Seed: 1}.Rand(3).IntN(100)
	fmt.Println(same)
	// Output: true
}

func ExampleRefuse() {
	err := workload.Refuse("it has no keys")
	fmt.Println(err)
	// Output: it has no keys
}

func ExampleAll() {
	for _, w := range workload.All()[:3] {
		fmt.Println(w.Name, w.Cases)
	}
	// Output:
	// counter [inc add]
	// bank []
	// cache [99/1 90/10 50/50]
}
