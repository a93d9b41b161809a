package proptest_test

import (
	"errors"
	"fmt"
	"math/rand"

	"github.com/rinse-go/rinse/proptest"
)

// A counter is what the first examples are about: two commands, inc and get.
var counter = proptest.Spec[int, string, int]{
	Name: "counter",
	Gen:  proptest.Commands(func(r *rand.Rand) string { return []string{"inc", "get"}[r.Intn(2)] }),
	Step: func(n int, command string) (int, int) {
		if command == "inc" {
			return n + 1, n + 1
		}
		return n, n
	},
}

// newCounter is an unsynchronised counter, with a yield point before each access to n.
func newCounter(env *proptest.Env) func(string) int {
	n := 0
	return func(command string) int {
		env.Yield("read n")
		v := n
		if command == "inc" {
			v++
			env.Yield("write n")
			n = v
		}
		return v
	}
}

// newLockCounter is the same behind a lock.
func newLockCounter(env *proptest.Env) func(string) int {
	mu := env.Mutex("counter")
	unlocked := newCounter(env)
	return func(command string) int {
		mu.Lock()
		defer mu.Unlock()
		return unlocked(command)
	}
}

// The minimal counterexample of an unsynchronised counter. In a test, Check does the same and fails the
// test with this text.
func ExampleFind() {
	impls := []proptest.Impl[string, int]{{Name: "unsynchronised", New: newCounter}}
	_, err := proptest.Find(counter, impls, proptest.WithSeed(1), proptest.WithSchedulers(proptest.Exhaustive(2, 1000)))
	fmt.Println(err)
	// Output:
	// proptest: counter: implementation "unsynchronised" is wrong: not linearizable
	//
	// program, shrunk from 5 commands to 2
	//   client a  inc
	//   client b  inc
	//
	// interleaving, 1 preemption
	//    step  a             b
	//       1  inc
	//       2  read n
	//       3                inc
	//       4                read n
	//       5                write n → 1
	//       6  write n → 1
	//
	// no order of these operations explains what came back; the model follows this far:
	//   first a inc → 1
	//   but   b inc → 1, where the model allows 2 (state 1)
	//
	// replay: proptest.Replay(t, spec, impls, "pt1-goj_yw_n2LuslrTj9b4BAgMCAQMCAwNhMmIzYW4L3P0")
	// seed:   proptest.WithSeed(0x1)
}

// With a lock the counter passes: the report says what was tried.
func ExampleFind_passes() {
	impls := []proptest.Impl[string, int]{{Name: "lock", New: newLockCounter}}
	report, err := proptest.Find(counter, impls, proptest.WithSeed(1), proptest.WithPrograms(20),
		proptest.WithSchedulers(proptest.Exhaustive(2, 1000)))
	fmt.Println(err)
	fmt.Println(report)
	// Output:
	// <nil>
	// counter: 20 programs, 1253 schedules (20 searches complete), 0 stress runs, 1253 histories, 0 discarded, 0 unknown, seed 0x1
}

// A failure is repeated from its token; Replay does the same in a test. When the bug is gone there is no
// failure any more.
func ExampleReproduce() {
	impls := []proptest.Impl[string, int]{{Name: "unsynchronised", New: newCounter}}
	f, err := proptest.Reproduce(counter, impls, "pt1-goj_yw_n2LuslrTj9b4BAgMCAQMCAwNhMmIzYW4L3P0")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(f.Log)
	// Output:
	// 1 a inc
	// 2 a read n
	// 3 b inc
	// 4 b read n
	// 5 b write n → 1
	// 6 a write n → 1
}

// A history that was recorded elsewhere, by the logs of two machines for example.
func ExampleCheckHistory() {
	err := proptest.CheckHistory(counter, []proptest.Op[string, int]{
		{Client: 0, Command: "inc", Result: 1, Call: 10, Return: 20},
		{Client: 1, Command: "inc", Call: 15, Outcome: proptest.Pending}, // its machine was lost
		{Client: 0, Command: "get", Result: 2, Call: 30, Return: 40},
		{Client: 2, Command: "get", Result: 1, Call: 50, Return: 60},
	})
	fmt.Println(err)
	// Output:
	// proptest: history is not linearizable by spec "counter"
	//   first a inc → 1
	//   then  b inc did not return
	//   then  a get → 2
	//   but   c get → 1, where the model allows 2 (state 2)
}

// A mailbox for one letter: put waits while it is full, take while it is empty. This one forgets to wake
// who waits to put.
func ExampleSpec_blocks() {
	mailbox := proptest.Spec[bool, string, string]{
		Name:   "mailbox",
		Gen:    proptest.Commands(func(r *rand.Rand) string { return []string{"put", "take"}[r.Intn(2)] }),
		Blocks: func(full bool, command string) bool { return full == (command == "put") },
		Step:   func(full bool, command string) (bool, string) { return !full, "ok" },
	}
	forgetful := func(env *proptest.Env) func(string) string {
		mu := env.Mutex("mailbox")
		filled, emptied := env.Cond("filled", mu), env.Cond("emptied", mu)
		full := false
		return func(command string) string {
			mu.Lock()
			defer mu.Unlock()
			if command == "put" {
				for full {
					emptied.Wait()
				}
				full = true
				filled.Signal()
				return "ok"
			}
			for !full {
				filled.Wait()
			}
			full = false
			return "ok"
		}
	}
	_, err := proptest.Find(mailbox, []proptest.Impl[string, string]{{Name: "forgetful", New: forgetful}}, proptest.WithSeed(1),
		proptest.WithSchedulers(proptest.Exhaustive(2, 1000)))
	var f *proptest.Failure
	if errors.As(err, &f) {
		fmt.Print(f.Kind, "\n", f.Program, f.Log)
	}
	// Output:
	// deadlock
	//   first     put
	//   client a  take
	//   client b  put
	// 1 - put
	// 2 - lock mailbox → ok
	// 3 b put
	// 4 b lock mailbox
	// 5 a take
	// 6 a lock mailbox → ok
	// 7 b waits: signal emptied
}
