package txn

import (
	"errors"
	"fmt"
	"slices"
)

// A client runs transactions one after the other and records their attempts. It belongs to one goroutine.
type client struct {
	w        *world
	number   int
	attempts []Attempt
}

// call is one transaction under way.
type call struct {
	c    *client
	next int64 // a moment not later than the next attempt's beginning
	open bool  // the last attempt has no end yet
	err  error // what the last body returned
}

// These stand for what a body returned that did not.
var (
	errNotRun   = errors.New("the body never ran")
	errNoReturn = errors.New("the body did not return")
)

// result is how a transaction ended for its caller.
type result struct {
	err      error
	panicked any
	body     error // what the body returned the last time
}

// atomically runs the body as a transaction and records its attempts. A panic ends up in the result. Goexit goes on.
func (c *client) atomically(body func(*tx) error) (r result) {
	run := &call{c: c, next: c.w.now(), err: errNotRun}
	outcome := Aborted
	defer func() {
		r.panicked = recover()
		run.end(outcome)
	}()
	r.err = c.w.stm.Atomically(c.w.ctx, func(inner Tx) error { return run.attempt(inner, body) })
	if r.err == nil {
		outcome = Committed
	}
	r.body = run.err
	return r
}

// must runs the body as a transaction that has to commit.
func (c *client) must(body func(*tx) error) {
	switch r := c.atomically(body); {
	case r.panicked != nil:
		c.w.fail("client %d: a transaction panicked by itself: %v", c.number, r.panicked)
	case r.err != nil && c.w.ctx.Err() == nil:
		c.w.fail("client %d: a transaction failed by itself: %v", c.number, r.err)
	case r.err == nil && r.body != nil:
		c.w.fail("client %d: Atomically returned nil, but %v", c.number, r.body)
	}
}

// attempt records one run of the body. That the one before did not commit is certain only now, and that this one did
// not begin before the end of the one before is all that is known of its beginning.
func (r *call) attempt(inner Tx, body func(*tx) error) error {
	r.end(Aborted)
	r.c.attempts = append(r.c.attempts, Attempt{Client: r.c.number, Start: r.next})
	r.open, r.err = true, errNoReturn
	t := &tx{call: r, inner: inner, index: len(r.c.attempts) - 1}
	defer func() { r.next = r.c.w.now() }()
	versioned, ok := inner.(Versioned)
	if ok {
		versioned.OnCommit(func(version uint64) { t.record().Version = version })
	}
	r.err = body(t)
	if ok {
		t.record().Snapshot = versioned.Snapshot()
	}
	return r.err
}

// end completes the last attempt.
func (r *call) end(outcome Outcome) {
	if !r.open {
		return
	}
	last := &r.c.attempts[len(r.c.attempts)-1]
	last.End, last.Outcome, r.open = r.c.w.now(), outcome, false
}

// intVar and listVar are variables of a world.
type intVar struct {
	name string
	cell Cell[int]
}

type listVar struct {
	name string
	cell Cell[[]int]
}

// tx is a Tx that records.
type tx struct {
	call  *call
	inner Tx
	index int // of the attempt
}

func (t *tx) record() *Attempt { return &t.call.c.attempts[t.index] }

func (t *tx) note(op Op) { t.record().Ops = append(t.record().Ops, op) }

func (t *tx) read(v intVar) int {
	value := v.cell.Get(t.inner)
	t.note(Read(v.name, value))
	return value
}

func (t *tx) write(v intVar, value int) {
	v.cell.Set(t.inner, value)
	t.note(Write(v.name, value))
}

func (t *tx) readList(v listVar) []int {
	list := v.cell.Get(t.inner)
	t.note(ReadList(v.name, list...))
	return list
}

// push appends a fresh element, which takes a read.
func (t *tx) push(v listVar) {
	element := t.call.c.w.fresh()
	v.cell.Set(t.inner, append(slices.Clip(t.readList(v)), element))
	t.note(Append(v.name, element))
}

// retry does not return.
func (t *tx) retry() {
	t.inner.Retry()
	t.call.c.w.fail("client %d: Retry returned", t.call.c.number)
	panic(fmt.Errorf("txn: Retry returned"))
}

// orElse records the alternative that was taken: what left did is struck out when right begins.
func (t *tx) orElse(left, right func(*tx) error) error {
	mark := len(t.record().Ops)
	return t.inner.(OrElser).OrElse(
		func(inner Tx) error { return left(&tx{t.call, inner, t.index}) },
		func(inner Tx) error {
			t.strike(mark)
			return right(&tx{t.call, inner, t.index})
		})
}

// strike leaves of the operations since the mark only the reads of what others had written.
func (t *tx) strike(mark int) {
	own := map[string]bool{}
	ops := t.record().Ops
	kept := slices.DeleteFunc(slices.Clone(ops[mark:]), func(o Op) bool {
		own[o.Var] = own[o.Var] || o.Kind.changes()
		return own[o.Var]
	})
	t.record().Ops = append(ops[:mark], kept...)
}
