package measure_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/measure"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/workload"
)

var settings = measure.Settings{Time: time.Millisecond, WarmUp: time.Millisecond, Patience: time.Minute}

func ExampleOne() {
	mutex, _ := discipline.Find("mutex")
	key := result.Key{Workload: "counter", Case: "inc", Discipline: "mutex", Goroutines: 2, Procs: 2}
	point, err := measure.One(context.Background(), &workload.Counter, &mutex, key, 0, settings)
	fmt.Println(point.Ops > 0, point.Latency.P99 > 0, err)
	// Output: true true <nil>
}

func ExamplePlan_Run() {
	atomic, _ := discipline.Find("atomic")
	plan := measure.Plan{
		Studies:     []measure.Study{{Workload: &workload.Move}},
		Disciplines: []discipline.Discipline{atomic},
		Goroutines:  []int{1},
		Procs:       []int{1},
		Rounds:      2,
		Settings:    settings,
	}
	run := measure.Describe()
	err := plan.Run(context.Background(), run, measure.Watch{
		Step: func(done, all int, next measure.Step) {},
		Keep: func(*result.Run) error { return nil },
	})
	fmt.Println(len(run.Points), len(run.Refusals), run.Partial, err)
	for _, refusal := range run.Refusals {
		fmt.Println(refusal.Discipline, "cannot do", refusal.Workload)
	}
	// Output:
	// 0 1 false <nil>
	// atomic cannot do move
}

func ExampleOverhead() {
	nanoseconds, late, err := measure.Overhead(context.Background(), time.Millisecond)
	fmt.Println(nanoseconds > 0, late > 0, err)
	// Output: true true <nil>
}
