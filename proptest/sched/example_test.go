//lint:file-ignore SA2001 the order of locking is all that matters here

package sched_test

import (
	"fmt"

	"github.com/rinse-go/rinse/proptest/sched"
)

// Two increments without a lock, under every schedule with one preemption.
func ExampleExplore() {
	schedules := 0
	for run := range sched.Explore(sched.Exhaustive(1)) {
		schedules++
		n := 0
		increment := func() {
			run.Yield()
			read := n
			run.Yield()
			n = read + 1
		}
		if err := run.Parallel(increment, increment); err != nil {
			fmt.Println(err)
		}
		if n != 2 {
			fmt.Println("lost update, schedule", run.Schedule())
			break
		}
	}
	fmt.Println("after", schedules, "schedules")
	// Output:
	// lost update, schedule a2b3a
	// after 2 schedules
}

// A lock that the scheduler sees: whoever finds it taken waits, and a deadlock is an error.
func ExampleRun_Mutex() {
	for run := range sched.Explore(sched.Exhaustive(1)) {
		left, right := run.Mutex("left"), run.Mutex("right")
		err := run.Parallel(
			func() { left.Lock(); right.Lock(); right.Unlock(); left.Unlock() },
			func() { right.Lock(); left.Lock(); left.Unlock(); right.Unlock() },
		)
		if err != nil {
			fmt.Println(err)
			break
		}
	}
	// Output:
	// sched: deadlock: no task can go on; task a waits for right; task b waits for left
}

// A schedule has a short printed form.
func ExampleParseSchedule() {
	schedule, err := sched.ParseSchedule("a2b3a")
	fmt.Println([]uint8(schedule), err)
	// Output:
	// [0 0 1 1 1 0] <nil>
}
