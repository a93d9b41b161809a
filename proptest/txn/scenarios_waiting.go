package txn

import (
	"runtime"
	"sync"
)

// Runs that break Retry and OrElse. Whoever is not woken is found hanging at the deadline.

// settle gives others the processor for a while, so that who is about to sleep usually does. Nothing depends on it:
// a write that comes before the sleep must be noticed just the same.
func settle() {
	for range 1000 {
		runtime.Gosched()
	}
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

func retryUndoes(w *world) {
	x, y, l := w.int("x"), w.int("y"), w.list("l")
	retrying := w.waiter(func(t *tx) bool {
		t.write(y, w.fresh())
		t.push(l)
		return t.read(x) > 0
	})
	if !w.expect(retrying, "a waiter's first attempt") {
		return
	}
	settle()
	w.do(once(func(t *tx) { t.read(y); t.readList(l) }))
	w.do(once(func(t *tx) { t.write(x, w.fresh()) }))
	w.join()
	w.do(once(func(t *tx) { t.read(y); t.readList(l) }))
}

// alternative is a side of orElse.
type alternative = func(*tx) error

func retries(t *tx) error {
	t.retry()
	return nil
}

// puts is an alternative that writes.
func puts(v intVar, value int) alternative {
	return func(t *tx) error {
		t.write(v, value)
		return nil
	}
}

// either is a transaction of one orElse.
func either(left, right alternative) alternative {
	return func(t *tx) error { return t.orElse(left, right) }
}

func orElseLeft(w *world) {
	x, y := w.int("x"), w.int("y")
	w.do(func(c *client) { c.must(either(puts(x, w.fresh()), puts(y, w.fresh()))) })
	w.do(once(func(t *tx) {
		if t.read(y) != 0 || t.read(x) == 0 {
			w.fail("left of orElse could go on, but right ran or left did not")
		}
	}))
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
	w.do(func(c *client) {
		c.must(func(t *tx) error {
			t.write(z, 100)
			return t.orElse(left, func(t *tx) error {
				t.write(y, t.read(z)+t.read(x))
				t.readList(l)
				return nil
			})
		})
	})
	w.do(once(func(t *tx) {
		t.readList(l)
		if a, b, c := t.read(x), t.read(y), t.read(z); a != 0 || b != 100 || c != 100 {
			w.fail("left of orElse retried, and right and what follows saw what it wrote: x = %d, y = %d, z = %d", a, b, c)
		}
	}))
}

func orElseError(w *world) {
	x, y := w.int("x"), w.int("y")
	left := func(t *tx) error {
		t.write(x, w.fresh())
		return errWanted
	}
	w.do(func(c *client) { w.checkWanted(c, c.atomically(either(left, puts(y, w.fresh())))) })
	w.do(once(func(t *tx) {
		if a, b := t.read(x), t.read(y); a != 0 || b != 0 {
			w.fail("left of orElse returned an error, and yet x = %d, y = %d", a, b)
		}
	}))
}

func orElseNeutral(w *world) {
	x, y := w.int("x"), w.int("y")
	w.do(func(c *client) { c.must(either(retries, puts(x, 1))) })
	w.do(func(c *client) { c.must(either(puts(y, 1), retries)) })
	w.do(once(func(t *tx) {
		if a, b := t.read(x), t.read(y); a != 1 || b != 1 {
			w.fail("Retry is not neutral: on the left it gave %d, on the right %d, and both should be 1", a, b)
		}
	}))
}

func orElseGroups(w *world) {
	x, y := w.int("x"), w.int("y")
	for k := range 3 { // which alternative is the first that can go on
		sides := func(v intVar) (all [3]alternative) {
			for i := range all {
				all[i] = puts(v, 10*k+i+1)
				if i < k {
					all[i] = retries
				}
			}
			return all
		}
		a, b := sides(x), sides(y)
		w.do(func(c *client) { c.must(either(either(a[0], a[1]), a[2])) })
		w.do(func(c *client) { c.must(either(b[0], either(b[1], b[2]))) })
		w.do(once(func(t *tx) {
			if p, q := t.read(x), t.read(y); p != 11*k+1 || q != 11*k+1 {
				w.fail("(a or b) or c gave %d, a or (b or c) gave %d: both should be %d", p, q, 11*k+1)
			}
		}))
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
