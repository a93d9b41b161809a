// Package sched runs concurrent tasks one at a time, in an order that it decides itself, so that every
// interleaving can be chosen, counted, written down and repeated.
//
// Tasks say where they may be interrupted: they call [Run.Yield] before each access to something shared,
// [Run.Pause] when they spin, [Run.Until] when they wait. Between two such points nobody else runs. A
// [Strategy] picks who goes next at each point:
//
//   - [Exhaustive] walks through every schedule with at most so many preemptions, depth first;
//   - [Reduced] walks through all schedules but for the order of independent steps;
//   - [PCT] gives tasks random priorities and lowers one at a few random moments, and so finds a bug that
//     needs d ordering constraints with probability at least 1/(n·k^(d-1)) a schedule (Burckhardt,
//     Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic Guarantees of Finding
//     Bugs, ASPLOS 2010);
//   - [Random] picks with equal chances;
//   - [Replay] repeats one [Schedule], which has a short printable form.
//
// One iteration of [Explore] is one schedule:
//
//	for run := range sched.Explore(sched.Exhaustive(2)) {
//		n := 0
//		increment := func() {
//			run.Yield()
//			read := n
//			run.Yield()
//			n = read + 1
//		}
//		if err := run.Parallel(increment, increment); err != nil {
//			t.Fatal(run.Schedule(), err)
//		}
//		if n != 2 {
//			t.Fatalf("lost update under schedule %s", run.Schedule())
//		}
//	}
//
// # Coroutines or a bubble
//
// By default tasks are coroutines, which switch in less than a tenth of a microsecond. They must not
// block on anything but Until, [Mutex] and [Cond]: a task that waits on a channel of its own stops
// everything. Inside a testing/synctest bubble, with the option [InBubble], tasks are goroutines that may
// also block on channels, sync.Cond, sync.WaitGroup and timers, and may start goroutines of their own; the
// scheduler sees that they are blocked and goes on with the others. A step then costs about a microsecond.
// sync.Mutex is not seen, in neither form: use [Run.Mutex].
//
// # What a schedule leaves out
//
// Steps are atomic and memory is sequentially consistent. What the compiler or the processor may reorder,
// and data races as such, are for the race detector under real parallelism.
package sched
