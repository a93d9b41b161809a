package txn

import (
	"runtime"
	"sync"
	"time"
)

// Runs that break Retry and OrElse. Whoever is not woken is found hanging at the deadline.

// settle gives others the processor for a while, so that who is about to sleep usually does; in a bubble of synctest
// always. Nothing depends on it: a write that comes before the sleep must be noticed just the same.
func settle() {
	for range 1000 {
		runtime.Gosched()
	}
	time.Sleep(time.Nanosecond)
}

// waiter starts a client that waits until ready says so, and gives a channel that is closed when it first retries.
func (w *world) waiter(ready func(*tx) bool) (retrying <-chan struct{}) {
	first := make(chan struct{})
	tell := sync.OnceFunc(func() { close(first) })
	w.spawn(once(func(t *tx) {
		if !ready(t) {
			tell()
			t.retry()
		}
	}))
	return first
}

func wakeByEach(w *world) {
	for changed, names := range [][]string{{"a", "b", "c"}, {"d", "e", "f"}, {"g", "h", "i"}} {
		var all []intVar
		for _, name := range names {
			all = append(all, w.int(name))
		}
		retrying := w.waiter(func(t *tx) bool {
			sum := 0
			for _, v := range all {
				sum += t.read(v)
			}
			return sum > 0
		})
		if !w.expect(retrying, "a waiter's first attempt") {
			return
		}
		settle()
		w.do(once(func(t *tx) { t.write(all[changed], w.fresh()) }))
	}
	w.join()
}

func wakeAll(w *world) {
	x, l := w.int("x"), w.list("l")
	for range 4 {
		retrying := w.waiter(func(t *tx) bool { return t.read(x) > 0 && len(t.readList(l)) == 0 })
		if !w.expect(retrying, "a waiter's first attempt") {
			return
		}
		settle()
	}
	w.do(once(func(t *tx) { t.write(x, w.fresh()) }))
	w.join()
}

func wakeBefore(w *world) {
	x := w.int("x")
	w.duel(pausing(func(t *tx, pause func()) {
		if t.read(x) == 0 {
			pause()
			t.retry()
		}
	}), once(func(t *tx) { t.write(x, w.fresh()) }))
}

func wakeAtOnce(w *world) {
	x := w.int("x")
	for round := range 12 {
		retrying := w.waiter(func(t *tx) bool { return t.read(x) > round })
		if !w.expect(retrying, "a waiter's first attempt") {
			return
		}
		w.do(once(func(t *tx) { t.write(x, round+1) }))
		w.join()
		if w.isStuck() {
			return
		}
	}
}

func pingPong(w *world) {
	const rounds = 25
	l := w.list("l")
	for me := range 2 {
		w.spawn(func(c *client) {
			for round := range rounds {
				once(func(t *tx) {
					if len(t.readList(l)) != 2*round+me {
						t.retry()
					}
					t.push(l)
				})(c)
			}
		})
	}
	w.join()
}

func retryAfterWrites(w *world) {
	x, y, l := w.int("x"), w.int("y"), w.list("l")
	retrying := w.waiter(func(t *tx) bool {
		if t.read(x) > 0 {
			return true
		}
		t.write(y, w.fresh())
		t.push(l)
		return false
	})
	if !w.expect(retrying, "a waiter's first attempt") {
		return
	}
	settle()
	w.do(once(func(t *tx) { t.write(x, w.fresh()) }))
	w.join()
	w.do(once(func(t *tx) { t.read(y); t.readList(l) }))
}

// alternative is a side of orElse.
type alternative = func(*tx) error

// sides makes alternatives of which the first to go on is number first: those before it retry. Each writes its
// number, and notes it in ran.
func sides(v intVar, first int, ran *int) (all [3]alternative) {
	for i := range all {
		all[i] = func(t *tx) error {
			*ran = i
			t.write(v, i+1)
			if i < first {
				t.retry()
			}
			return nil
		}
	}
	return all
}

// either is a transaction of one orElse.
func either(left, right alternative) alternative {
	return func(t *tx) error { return t.orElse(left, right) }
}

// takes runs a transaction of alternatives and checks that the right one was the last to run.
func (w *world) takes(want int, ran *int, form string, body alternative) {
	if w.do(func(c *client) { c.must(body) }) && *ran != want {
		w.fail("%s took alternative %d, and should have taken %d", form, *ran+1, want+1)
	}
}

func orElseLeft(w *world) {
	x, ran := w.int("x"), 0
	s := sides(x, 0, &ran)
	w.takes(0, &ran, "a or b", either(s[0], s[1]))
	w.do(once(func(t *tx) { t.read(x) }))
}

func orElseRight(w *world) {
	x, y, z, l := w.int("x"), w.int("y"), w.int("z"), w.list("l")
	left := func(t *tx) error {
		t.write(x, w.fresh())
		t.write(z, w.fresh())
		t.push(l)
		t.retry()
		return nil
	}
	right := func(t *tx) error {
		t.write(y, 1+t.read(z)+t.read(x))
		t.readList(l)
		return nil
	}
	w.do(once(func(t *tx) { t.write(z, 100); t.push(l) }))
	w.do(func(c *client) {
		c.must(func(t *tx) error {
			t.write(z, 200)
			return t.orElse(left, right)
		})
	})
	w.do(once(func(t *tx) { t.readList(l); t.read(x); t.read(y); t.read(z) }))
}

func orElseError(w *world) {
	x, y, ran := w.int("x"), w.int("y"), false
	left := func(t *tx) error {
		t.write(x, w.fresh())
		return errWanted
	}
	right := func(t *tx) error {
		ran = true
		t.write(y, w.fresh())
		return nil
	}
	if w.do(func(c *client) { w.checkWanted(c, c.atomically(either(left, right))) }) && ran {
		w.fail("left of orElse returned an error, and right ran")
	}
	w.do(once(func(t *tx) { t.read(x); t.read(y) }))
}

func orElseNeutral(w *world) {
	x, ran := w.int("x"), 0
	retries := func(t *tx) error {
		t.retry()
		return nil
	}
	s := sides(x, 0, &ran)
	w.takes(1, &ran, "Retry or b", either(retries, s[1]))
	w.takes(2, &ran, "c or Retry", either(s[2], retries))
	w.do(once(func(t *tx) { t.read(x) }))
}

func orElseGroups(w *world) {
	x, y, ran := w.int("x"), w.int("y"), 0
	for first := range 3 {
		a, b := sides(x, first, &ran), sides(y, first, &ran)
		w.takes(first, &ran, "(a or b) or c", either(either(a[0], a[1]), a[2]))
		w.takes(first, &ran, "a or (b or c)", either(b[0], either(b[1], b[2])))
		w.do(once(func(t *tx) { t.read(x); t.read(y) }))
	}
}

func orElseWakes(w *world) {
	for _, names := range [][]string{{"a", "b"}, {"c", "d"}} {
		left, right := w.int(names[0]), w.int(names[1])
		first := make(chan struct{})
		tell := sync.OnceFunc(func() { close(first) })
		unless := func(v intVar, last bool) alternative {
			return func(t *tx) error {
				if t.read(v) == 0 {
					if last {
						tell()
					}
					t.retry()
				}
				return nil
			}
		}
		w.spawn(func(c *client) { c.must(either(unless(left, false), unless(right, true))) })
		if !w.expect(first, "a waiter's first attempt") {
			return
		}
		settle()
		change := left
		if names[0] == "c" {
			change = right
		}
		w.do(once(func(t *tx) { t.write(change, w.fresh()) }))
	}
	w.join()
}
