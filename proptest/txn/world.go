package txn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A world is one run: a fresh memory, its variables, the clients and what they did.
type world struct {
	stm    STM
	ctx    context.Context
	cancel context.CancelFunc
	limits limits
	clock  atomic.Int64
	last   atomic.Int64 // fresh value
	vars   []Var

	clients []*client
	running []chan struct{} // by client: closed when it is done

	mu     sync.Mutex // guards what follows
	faults []string
	hung   bool // somebody may still be running
}

// limits are the times that a run waits.
type limits struct {
	patience time.Duration // for somebody who may be blocked
	deadline time.Duration // for somebody who must come
}

func newWorld(a Adapter, l limits) *world {
	w := &world{stm: a.New(), limits: l}
	if w.stm == nil {
		panic(fmt.Sprintf("txn: New of adapter %q returned nil", a.Name))
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

// now is a moment on the clock of this world: no two are the same.
func (w *world) now() int64 { return w.clock.Add(1) }

// fresh is a value that was never used.
func (w *world) fresh() int { return int(w.last.Add(1)) }

func (w *world) int(name string) intVar {
	w.vars = append(w.vars, Int(name, 0))
	return intVar{name, w.stm.NewInt(name, 0)}
}

func (w *world) list(name string) listVar {
	w.vars = append(w.vars, List(name))
	return listVar{name, w.stm.NewList(name)}
}

// fail notes what went wrong.
func (w *world) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

// stuck notes that somebody hangs, and isStuck tells.
func (w *world) stuck() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hung = true
}

func (w *world) isStuck() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hung
}

// spawn starts a client on a goroutine of its own.
func (w *world) spawn(work func(*client)) (done <-chan struct{}) {
	c := &client{w: w, number: len(w.clients) + 1}
	ended := make(chan struct{})
	w.clients, w.running = append(w.clients, c), append(w.running, ended)
	go func() {
		defer close(ended)
		work(c)
	}()
	return ended
}

// do runs a client and waits until it is done. It reports whether it is.
func (w *world) do(work func(*client)) bool {
	return w.expect(w.spawn(work), "client %d", len(w.clients))
}

// await waits for a signal that may not come, because whoever gives it may be blocked by the one who waits. A
// memory that does not block gives it at once; for one that does, the run goes on after a while, in another order.
func (w *world) await(signal <-chan struct{}) bool {
	timer := time.NewTimer(w.limits.patience)
	defer timer.Stop()
	select {
	case <-signal:
		return true
	case <-timer.C:
		return false
	case <-w.ctx.Done():
		return false
	}
}

// expect waits for a signal that must come.
func (w *world) expect(signal <-chan struct{}, format string, args ...any) bool {
	timer := time.NewTimer(w.limits.deadline)
	defer timer.Stop()
	select {
	case <-signal:
		return true
	case <-timer.C:
		w.fail("%s hangs (waited %v)", fmt.Sprintf(format, args...), w.limits.deadline)
		w.stuck()
		return false
	}
}

// join waits for all clients.
func (w *world) join() {
	for i, ended := range w.running {
		if !w.isStuck() { // one message is enough
			w.expect(ended, "client %d", i+1)
		}
	}
}

// close ends the run: it lets go those who wait, if the memory listens.
func (w *world) close() {
	w.cancel()
	for _, ended := range w.running {
		timer := time.NewTimer(w.limits.patience)
		select {
		case <-ended:
		case <-timer.C:
			w.stuck()
		}
		timer.Stop()
	}
}

// history is what happened, once all are done; if somebody hangs it cannot be told.
func (w *world) history() (History, bool) {
	if w.isStuck() {
		return History{}, false
	}
	h := History{Vars: w.vars}
	for _, c := range w.clients {
		h.Attempts = append(h.Attempts, c.attempts...)
	}
	slices.SortStableFunc(h.Attempts, func(a, b Attempt) int { return cmp.Compare(a.Start, b.Start) })
	return h, true
}

// fault is what went wrong by itself, or "".
func (w *world) fault() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.faults, "\n")
}

// duel lets the intruder run in full when the victim pauses for the first time, if the memory lets it. It reports
// whether the intruder was done before the victim went on.
func (w *world) duel(victim func(c *client, pause func()), intruder func(*client)) bool {
	paused, done := make(chan struct{}), make(chan struct{})
	first, undisturbed := true, false // the victim's, until it is done
	pause := func() {
		if first {
			first = false
			close(paused)
			undisturbed = w.await(done)
		}
	}
	w.spawn(func(c *client) { victim(c, pause) })
	w.spawn(func(c *client) {
		defer close(done)
		if w.expect(paused, "client 1") {
			intruder(c)
		}
	})
	w.join()
	return !w.isStuck() && undisturbed
}

// pausing is a victim with a single transaction that has to commit.
func pausing(body func(t *tx, pause func())) func(*client, func()) {
	return func(c *client, pause func()) {
		c.must(func(t *tx) error {
			body(t, pause)
			return nil
		})
	}
}

// once is an intruder with a single transaction that has to commit.
func once(body func(*tx)) func(*client) {
	return func(c *client) {
		c.must(func(t *tx) error {
			body(t)
			return nil
		})
	}
}
