package txn

import (
	"errors"
	"runtime"
)

// Runs that break isolation and atomicity. In most of them one attempt pauses between two of its operations while
// another client runs a whole transaction.

func tornInts(w *world) {
	x, y := w.int("x"), w.int("y")
	w.duel(pausing(func(t *tx, pause func()) {
		t.read(x)
		pause()
		t.read(y)
	}), once(func(t *tx) {
		t.write(x, w.fresh())
		t.write(y, w.fresh())
	}))
}

func tornLists(w *world) {
	l, m := w.list("l"), w.list("m")
	w.duel(pausing(func(t *tx, pause func()) {
		t.readList(l)
		pause()
		t.readList(m)
	}), once(func(t *tx) {
		t.push(m)
		t.push(l)
	}))
}

func tornChain(w *world) {
	x, y := w.int("x"), w.int("y")
	w.duel(pausing(func(t *tx, pause func()) {
		t.read(x)
		pause()
		t.read(y)
	}), func(c *client) {
		once(func(t *tx) { t.write(x, w.fresh()) })(c)
		once(func(t *tx) { t.write(y, t.read(x)+100) })(c)
	})
}

func tornUpdate(w *world) {
	x, y, z := w.int("x"), w.int("y"), w.int("z")
	w.duel(pausing(func(t *tx, pause func()) {
		t.write(z, w.fresh())
		t.read(x)
		pause()
		t.write(z, t.read(y)+100)
	}), once(func(t *tx) {
		t.write(y, w.fresh())
		t.write(x, w.fresh())
	}))
}

func readSnapshot(w *world) {
	var all []intVar
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		all = append(all, w.int(name))
	}
	change := once(func(t *tx) {
		for _, v := range all {
			t.write(v, w.fresh())
		}
	})
	w.duel(pausing(func(t *tx, pause func()) {
		for i, v := range all {
			if i == len(all)/2 {
				pause()
			}
			t.read(v)
		}
	}), func(c *client) {
		change(c)
		change(c)
	})
}

func readMixed(w *world) {
	x, l := w.int("x"), w.list("l")
	w.duel(pausing(func(t *tx, pause func()) {
		t.readList(l)
		pause()
		t.read(x)
	}), once(func(t *tx) {
		t.write(x, w.fresh())
		t.push(l)
	}))
}

func lostIncrement(w *world) {
	x := w.int("x")
	w.duel(pausing(func(t *tx, pause func()) {
		old := t.read(x)
		pause()
		t.write(x, old+1)
	}), once(func(t *tx) { t.write(x, t.read(x)+1) }))
	w.do(once(func(t *tx) { t.read(x) }))
}

func lostAppend(w *world) {
	l := w.list("l")
	w.duel(pausing(func(t *tx, pause func()) {
		t.readList(l)
		pause()
		t.push(l)
	}), once(func(t *tx) { t.push(l) }))
	w.do(once(func(t *tx) { t.readList(l) }))
}

func manyAppends(w *world) {
	l := w.list("l")
	for range 4 {
		w.spawn(func(c *client) {
			for range 25 {
				once(func(t *tx) {
					t.readList(l)
					runtime.Gosched()
					t.push(l)
				})(c)
			}
		})
	}
	w.join()
	w.do(once(func(t *tx) { t.readList(l) }))
}

func skewInts(w *world) {
	x, y := w.int("x"), w.int("y")
	both := func(t *tx) { t.read(x); t.read(y) }
	w.duel(pausing(func(t *tx, pause func()) {
		both(t)
		pause()
		t.write(x, w.fresh())
	}), once(func(t *tx) {
		both(t)
		t.write(y, w.fresh())
	}))
}

func skewLists(w *world) {
	l, m := w.list("l"), w.list("m")
	both := func(t *tx) { t.readList(l); t.readList(m) }
	w.duel(pausing(func(t *tx, pause func()) {
		both(t)
		pause()
		t.push(m)
	}), once(func(t *tx) {
		both(t)
		t.push(l)
	}))
	w.do(once(both))
}

func skewCrossed(w *world) {
	x, y := w.int("x"), w.int("y")
	w.duel(pausing(func(t *tx, pause func()) {
		t.read(x)
		pause()
		t.write(y, w.fresh())
	}), once(func(t *tx) {
		t.read(y)
		t.write(x, w.fresh())
	}))
}

// errWanted is an error that bodies return to abort.
var errWanted = errors.New("as the test wants it")

func (w *world) checkWanted(c *client, r result) {
	if r.panicked != nil || !errors.Is(r.err, errWanted) {
		w.fail("client %d: the body returned an error and Atomically gave %v (panic: %v)", c.number, r.err, r.panicked)
	}
}

func dirtyError(w *world) {
	x, y := w.int("x"), w.int("y")
	w.duel(func(c *client, pause func()) {
		c.atomically(func(t *tx) error {
			t.write(x, w.fresh())
			pause()
			return errWanted
		})
	}, once(func(t *tx) { t.write(y, t.read(x)+100) }))
}

func dirtyRetry(w *world) {
	x, y := w.int("x"), w.int("y")
	w.duel(pausing(func(t *tx, pause func()) {
		if t.read(y) == 0 {
			t.write(x, w.fresh())
			pause()
			t.retry()
		}
	}), once(func(t *tx) {
		t.read(x)
		t.write(y, w.fresh())
	}))
}

func dirtyIntermediate(w *world) {
	l := w.int("x")
	w.duel(pausing(func(t *tx, pause func()) {
		t.write(l, w.fresh())
		pause()
		t.write(l, w.fresh())
	}), once(func(t *tx) { t.read(l) }))
}

// dirtyEarly is about a write that is committed later: no order is wrong, but what is read was not yet decided.
func dirtyEarly(w *world) {
	x, saw := w.int("x"), 0
	if w.duel(pausing(func(t *tx, pause func()) {
		t.write(x, 1)
		pause()
	}), once(func(t *tx) { saw = t.read(x) })) && saw != 0 {
		w.fail("client 2 read x = %d, was done, and only then client 1, who wrote it, came to its commit", saw)
	}
}

func readAfterWrite(w *world) {
	x := w.int("x")
	for range 3 {
		w.do(once(func(t *tx) { t.write(x, w.fresh()) }))
		w.do(once(func(t *tx) { t.read(x) }))
	}
}

func readAfterOwn(w *world) {
	x, y := w.int("x"), w.int("y")
	w.do(func(c *client) {
		for range 3 {
			once(func(t *tx) { t.write(x, w.fresh()); t.write(y, w.fresh()) })(c)
			once(func(t *tx) { t.read(x) })(c)
			once(func(t *tx) { t.read(y) })(c)
		}
	})
}

func readAfterChain(w *world) {
	x, y := w.int("x"), w.int("y")
	w.do(once(func(t *tx) { t.write(x, w.fresh()) }))
	w.do(once(func(t *tx) { t.write(y, t.read(x)+100) }))
	w.do(once(func(t *tx) { t.read(y) }))
	w.do(once(func(t *tx) { t.read(x) }))
}

func appendInTurn(w *world) {
	l, m := w.list("l"), w.list("m")
	for range 3 {
		w.do(once(func(t *tx) { t.push(l) }))
		w.do(once(func(t *tx) { t.readList(l); t.push(m) }))
		w.do(once(func(t *tx) { t.readList(m) }))
	}
}

func errorAfterWrites(w *world) {
	x, y := w.int("x"), w.int("y")
	w.do(func(c *client) {
		w.checkWanted(c, c.atomically(func(t *tx) error {
			t.write(x, w.fresh())
			t.write(y, w.fresh())
			return errWanted
		}))
	})
	w.do(once(func(t *tx) { t.read(x); t.read(y) }))
	w.do(once(func(t *tx) { t.write(x, w.fresh()) }))
}

func errorAfterAppends(w *world) {
	l, m := w.list("l"), w.list("m")
	w.do(once(func(t *tx) { t.push(l); t.push(m) }))
	w.do(func(c *client) {
		w.checkWanted(c, c.atomically(func(t *tx) error {
			t.push(l)
			t.readList(m)
			t.push(m)
			return errWanted
		}))
	})
	w.do(once(func(t *tx) { t.push(l); t.push(m) }))
	w.do(once(func(t *tx) { t.readList(l); t.readList(m) }))
}

func panicAfterWrites(w *world) {
	x, y := w.int("x"), w.int("y")
	w.do(func(c *client) {
		r := c.atomically(func(t *tx) error {
			t.write(x, t.read(x)+w.fresh())
			t.write(y, w.fresh())
			panic(errWanted)
		})
		if r.panicked != errWanted {
			w.fail("the body panicked and the caller got panic %v, error %v", r.panicked, r.err)
		}
	})
	w.do(once(func(t *tx) { t.read(x); t.read(y) }))
	w.do(once(func(t *tx) { t.write(x, w.fresh()); t.write(y, w.fresh()) }))
}

func goexitAfterAppends(w *world) {
	l, m := w.list("l"), w.list("m")
	w.do(func(c *client) {
		c.atomically(func(t *tx) error {
			t.push(l)
			t.push(m)
			runtime.Goexit()
			return nil
		})
	})
	w.do(once(func(t *tx) { t.push(m); t.push(l) }))
	w.do(once(func(t *tx) { t.readList(l); t.readList(m) }))
}
