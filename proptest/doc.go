// Package proptest finds bugs in concurrent objects. You write what the object does when one client uses
// it, as a small pure function; proptest generates programs for several clients, runs your implementation
// through their interleavings, checks that what came back can be explained by some order of the
// operations (linearizability), and shrinks what cannot to a program that you can read.
//
// # Ten minutes from a counter to its counterexample
//
// Take an object. A counter has two commands, inc and get, both of which return a number:
//
//	type counter struct{ n int }
//
//	func (c *counter) inc() int { c.n++; return c.n }
//	func (c *counter) get() int { return c.n }
//
// Write its [Spec]: a name, the initial state (0 is the zero value here), a generator of commands, and a
// step, which takes a state and a command and returns the next state and the result:
//
//	spec := proptest.Spec[int, string, int]{
//		Name: "counter",
//		Gen:  proptest.Commands(func(r *rand.Rand) string { return []string{"inc", "get"}[r.Intn(2)] }),
//		Step: func(n int, command string) (int, int) {
//			if command == "inc" {
//				return n + 1, n + 1
//			}
//			return n, n
//		},
//	}
//
// Wrap the implementation into an [Impl]: a function that makes a fresh object and returns what executes
// a command on it. Clients take turns, and they do so where the implementation says: call [Env.Yield]
// before each access to something shared. c.n++ is two accesses:
//
//	newCounter := func(env *proptest.Env) func(string) int {
//		n := 0
//		return func(command string) int {
//			env.Yield("read n")
//			v := n
//			if command == "inc" {
//				v++
//				env.Yield("write n")
//				n = v
//			}
//			return v
//		}
//	}
//
// Run it in a test:
//
//	func TestCounter(t *testing.T) {
//		proptest.Check(t, spec, []proptest.Impl[string, int]{{Name: "unsynchronised", New: newCounter}})
//	}
//
// and read what it prints, which is also the output of the example of [Find]:
//
//	program, shrunk from 5 commands to 2
//	  client a  inc
//	  client b  inc
//
//	interleaving, 1 preemption
//	   step  a             b
//	      1  inc
//	      2  read n
//	      3                inc
//	      4                read n
//	      5                write n → 1
//	      6  write n → 1
//
//	no order of these operations explains what came back; the model follows this far:
//	  first a inc → 1
//	  but   b inc → 1, where the model allows 2 (state 1)
//
//	replay: proptest.Replay(t, spec, impls, "pt1-…")
//
// (Under go test -race the race detector may be first: it then ends the test with a report of its own, and
// proptest says in which program.)
//
// Each column is a client, each row a step. A row says what the client did in that step: give a command,
// or what it had announced at the yield point where it was stopped; an arrow says what came back. Paste
// the replay line into a test and the very same steps happen again, as often as you like, under a debugger
// if you want, until the bug is gone.
//
// Now put a lock around it. Take it from the environment, [Env.Mutex], so that schedulers know who waits:
//
//	mu := env.Mutex("counter")
//	…
//	mu.Lock()
//	defer mu.Unlock()
//
// and the same check passes. That is all. GALLERY.md shows what the failures of five classic bugs look like.
//
// # Programs
//
// A program is a sequential prefix, parallel clients, and a sequential suffix; [WithShape] bounds them. A
// command that may not be given in every state has a precondition, [Spec.Pre]; programs are made so that
// it holds in whatever order commands take effect. A failing program is shrunk: whole clients go first,
// then runs of commands, then clients' first commands move into the prefix, then values become simpler,
// then the schedule gets as few preemptions as possible. What is reported has been run again and failed.
//
// # Schedulers
//
// [Exhaustive] runs all interleavings with a few preemptions, which suffices for most bugs; [PCT] and
// [Random] draw interleavings of longer programs; [Stress] runs on real threads, where the race detector
// can watch. All but Stress control who goes next: a run depends on nothing but the program and the
// schedule. They interrupt clients at yield points only, so an implementation without any is run as if each
// operation were atomic, and only Stress can find fault with it. Package sched is the scheduler on its own.
//
// # Operations that block
//
// Say in [Spec.Blocks] when the model waits. When everything has come to rest, each operation that still
// waits must be one that blocks in the model: a deadlock or a lost wake-up is found at once, not by a
// time-out. Given a *testing.T, runs happen in synctest bubbles, and the implementation may block on
// channels, sync.Cond, sync.WaitGroup and timers, and may have goroutines, which must end with
// [Env.Context] or in [Env.Cleanup]. Those goroutines are not interrupted; they run until they block. A
// sync.Mutex is not seen in a bubble; use [Env.Mutex]. Without a *testing.T, with [Find] alone, only what
// Env offers may block, and goroutines that are left behind are not noticed.
//
// # What it does not find
//
// Controlled schedulers make every step atomic and memory sequentially consistent. Use Stress and the race
// detector beside them. An unlimited Exhaustive that completes has proved the program at hand, for the
// yield points at hand, and nothing about longer ones.
//
// # Where it comes from
//
// Parallel state machines are from Quviq QuickCheck (Claessen and others, Finding Race Conditions in Erlang
// with QuickCheck and PULSE, ICFP 2009); the controlled schedulers are those of CHESS, PCT, Lincheck and
// Shuttle. Programs are drawn with gopter and histories are checked with porcupine.
package proptest
