package model_test

import (
	"fmt"
	"sync"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/discipline/model"
	"github.com/rinse-go/rinse/proptest"
)

// carelessCounter adds up under a lock, but looks first.
type carelessCounter struct {
	mu    sync.Mutex
	n     int64
	yield func()
}

func (c *carelessCounter) Value() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func (c *carelessCounter) Add(delta int64) {
	n := c.Value()
	c.yield()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n = n + delta
}

func (c *carelessCounter) Inc() int64 {
	c.Add(1)
	return c.Value()
}

func (c *carelessCounter) Close() {}

// A counter of your own against the model that those of this module are held to.
func ExampleCounter() {
	mine := proptest.Impl[model.Command, model.Result]{Name: "mine", New: func(env *proptest.Env) func(model.Command) model.Result {
		open := func() discipline.Counter { return &carelessCounter{yield: func() { env.Yield("looked") }} }
		return model.CounterImpl("mine", open).New(env)
	}}
	_, err := proptest.Find(model.Counter(), []proptest.Impl[model.Command, model.Result]{mine}, proptest.WithSeed(1),
		proptest.WithSchedulers(proptest.Exhaustive(2, 1000)))
	fmt.Println(err)
	// Output:
	// proptest: counter: implementation "mine" is wrong: not linearizable
	//
	// program, shrunk from 6 commands to 3
	//   client a  add 0
	//   client b  add 1
	//   then      value
	//
	// interleaving, 1 preemption
	//    step  a             b
	//       1  add 0
	//       2                add 1
	//       3                looked → ok
	//       4  looked → ok
	//    then  value → 0
	//
	// no order of these operations explains what came back; the model follows this far:
	//   first a add 0 → ok
	//   then  b add 1 → ok
	//   but   value → 0, where the model allows 1 (state 1)
	//
	// replay: proptest.Replay(t, spec, impls, "pt1-7qWZ4wnBuYnIyL2LhZEBAgMCAQUEBAQHB2FiMmEycGOYFQ")
	// seed:   proptest.WithSeed(0x1)
}

// The same bank under a lock, behind an owner goroutine and in transactions, on real threads.
func ExampleBank() {
	var impls []proptest.Impl[model.Command, model.Result]
	for _, name := range []string{"mutex", "queue", "stm"} {
		d, _ := discipline.Find(name)
		impls = append(impls, model.BankImpl(name, d.Bank, 3, 10))
	}
	report, err := proptest.Find(model.Bank(3, 10), impls, proptest.WithPrograms(10), proptest.WithSchedulers(proptest.Stress(5)))
	fmt.Println(report.Programs, "programs,", report.Histories, "histories,", err)
	// Output: 30 programs, 150 histories, <nil>
}

// What Check does in a test, for whoever wants to do it by hand.
func ExampleObjects() {
	d, _ := discipline.Find("atomic")
	for _, o := range model.Objects(d) {
		report, err := o.Find(proptest.WithPrograms(10), proptest.WithSchedulers(proptest.Stress(5)))
		fmt.Println(o.Name, report.Histories, err)
	}
	// Output: Counter 50 <nil>
}
