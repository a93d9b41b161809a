//go:build rinsesched

package explore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
)

// executor runs a program's calls on the engine and records what comes of it.
type executor struct {
	*world
	orders  *orders
	now     int // calls begun or ended so far
	records []*record
	used    int
	tokens  [MaxThreads]token.Token
}

var errFail = errors.New("fail")

const explosion = "explode"

// begin and end mark moments that others can observe: one call ended before another began.
func (x *executor) begin() int { return x.moment(load) }
func (x *executor) end() int   { return x.moment(mark) }

func (x *executor) moment(kind accessKind) int {
	x.orders.before(access{at: unsafe.Pointer(&x.now), kind: kind})
	x.now++
	return x.now
}

func (x *executor) newRecord(c *Call, thread int) *record {
	if x.used == len(x.records) {
		x.records = append(x.records, new(record))
	}
	r := x.records[x.used]
	x.used++
	r.reset(c, thread)
	return r
}

// thread runs the calls of a thread.
func (x *executor) thread(calls []Call, thread int) func() {
	return func() {
		for i := range calls {
			r := x.newRecord(&calls[i], thread)
			r.begin = x.begin()
			r.outcome = x.call(r)
			if r.end == 0 {
				r.end = x.end()
			}
			r.finish()
		}
	}
}

func (x *executor) call(r *record) outcome {
	c := r.call
	switch c.Form {
	case Load, Store, Update, LoadToken, Notice:
		a, v := r.try(x.now), x.vars[c.Var]
		switch c.Form {
		case Load:
			a.seen = append(a.seen, v.load())
		case LoadToken:
			value, t := v.loadToken()
			a.seen, x.tokens[r.thread] = append(a.seen, value), t
		case Store:
			v.store(c.Value)
		case Notice:
			x.notice(r, v)
		case Update:
			a.seen = append(a.seen, v.update(func(n int) int { return n + c.Value }))
		}
		return committed
	case Cancel:
		x.orders.before(access{at: x.ctx.(watched).address(), kind: change})
		x.cancel()
		return committed
	case Held, Resumed, Rebased, Chained:
		return x.held(r)
	}
	return x.managed(r)
}

func (x *executor) managed(r *record) (o outcome) {
	defer x.recovered(&o)
	ctx := context.Background()
	if r.call.Cancel {
		ctx = x.ctx
	}
	fn := func(tx *stm.Tx) error {
		b := body{executor: x, record: r, attempt: r.try(x.now), number: len(r.attempts) - 1}
		defer b.left()
		return b.run(tx, r.call.Body)
	}
	switch r.call.Form {
	case View:
		return r.ended(x.owner.View(ctx, fn))
	case Irrevocably:
		return r.ended(x.owner.Irrevocably(ctx, fn))
	case Try:
		return r.ended(x.owner.Try(fn))
	}
	return r.ended(x.owner.Atomically(ctx, fn))
}

func (x *executor) recovered(o *outcome) {
	if r := recover(); r == explosion {
		*o = panicked
	} else if r != nil {
		panic(r)
	}
}

// ended says what an error means.
func (r *record) ended(err error) outcome {
	switch {
	case err == nil:
		return committed
	case err == errFail:
		return failed
	case errors.Is(err, stm.ErrRetry):
		return blocked
	case errors.Is(err, stm.ErrClash):
		return clashed
	case err == context.Canceled:
		return cancelled
	}
	r.problem = fmt.Sprintf("unexpected error: %v", err)
	return failed
}

func (x *executor) held(r *record) (o outcome) {
	defer x.recovered(&o)
	b := body{executor: x, record: r, attempt: r.try(x.now)}
	tx := b.checkout()
	if tx != nil {
		defer tx.Discard()
	}
	r.pinned = x.end()
	if tx == nil {
		return clashed
	}
	if err := b.run(tx, r.call.Body); err != nil {
		return r.ended(err)
	}
	if r.call.Form == Rebased || r.call.Form == Chained {
		r.moves = x.begin()
		if err := b.move(tx); err != nil {
			return r.ended(err)
		}
	}
	r.commits = x.begin()
	t, err := tx.Commit()
	if err == nil {
		x.tokens[r.thread] = t
	}
	return r.ended(err)
}

// notice waits for news of a variable, if there is a token.
func (x *executor) notice(r *record, v variable) {
	t := x.tokens[r.thread]
	stale, err := x.owner.Changed(context.Background(), t, v.stmVar())
	switch {
	case err == nil:
		r.last().outcome, r.last().end = blocked, math.MaxInt // until it is told
		shared.Receive(stale, nil)
	case !t.IsZero() || !errors.Is(err, stm.ErrForeign):
		r.problem = fmt.Sprintf("unexpected error: %v", err)
	}
}

// checkout makes a checkout, nil if it was to be resumed and could not.
func (b *body) checkout() *stm.Tx {
	if b.record.call.Form != Resumed {
		return b.owner.Checkout()
	}
	t := b.tokens[b.record.thread]
	tx, err := b.owner.Resume(t, b.vars[b.record.call.Var].stmVar())
	b.see(b.meaning(t, err))
	return tx
}

// move moves a checkout on, and looks at what it sees from there.
func (b *body) move(tx *stm.Tx) error {
	r := b.record
	t, err := b.tokens[r.thread], error(nil)
	if r.call.Form == Rebased {
		err = tx.Rebase()
	} else {
		t, err = tx.Checkpoint()
	}
	end := b.executor.end()
	if err != nil {
		return err
	}
	r.moved, b.tokens[r.thread] = end, t
	if r.call.Form == Rebased {
		for _, v := range uses(r.call.Body) {
			r.rest = append(r.rest, b.vars[v].get(tx))
		}
		return nil
	}
	next := body{executor: b.executor, record: r, attempt: &attempt{}}
	err = next.run(tx, r.call.Next)
	r.rest = append(r.rest, next.attempt.seen...)
	return err
}

// body is one run of a transaction's operations.
type body struct {
	*executor
	record  *record
	attempt *attempt
	number  int
}

// left notes the last moment at which the attempt is known to run.
func (b *body) left() { b.attempt.end = b.now }

func (b *body) see(value int) { b.attempt.seen = append(b.attempt.seen, value) }

func (b *body) run(tx *stm.Tx, ops []Op) error {
	for i := range ops {
		if err := b.step(tx, &ops[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *body) step(tx *stm.Tx, op *Op) error {
	v := b.vars[op.Var]
	add := func(n int) int { return n + op.Value }
	switch op.Act {
	case Read:
		b.see(v.get(tx))
	case Write:
		v.set(tx, op.Value)
	case Add:
		b.see(v.modify(tx, add))
	case Commute:
		v.commute(tx, add)
	case Await:
		n := v.get(tx)
		b.see(n)
		if n < op.Value {
			b.attempt.outcome = blocked
			tx.Retry()
		}
	case OrElse:
		return tx.OrElse(b.alternatives(op.Body)...)
	case Nested:
		if err := tx.Nested(b.part(op.Body[0])); err != errFail {
			return err
		}
	case Fail:
		return errFail
	case Explode:
		panic(explosion)
	default:
		b.extras(tx, op)
	}
	return nil
}

// extras are the operations that change nothing.
func (b *body) extras(tx *stm.Tx, op *Op) {
	switch op.Act {
	case OnCommit:
		tx.OnCommit(func() { b.committed(op) })
	case OnAbort:
		b.attempt.aborts = append(b.attempt.aborts, op.Value)
		r, n := b.record, b.number
		tx.OnAbort(func() { r.attempts[n].ran = append(r.attempts[n].ran, op.Value) })
	case OnToken:
		thread := b.record.thread
		tx.OnCommitToken(func(t token.Token) { b.tokens[thread] = t })
	case Expect:
		b.see(b.expect(tx, op.Var))
	}
}

func (b *body) expect(tx *stm.Tx, v int) int {
	t := b.tokens[b.record.thread]
	return b.meaning(t, tx.Expect(t, b.vars[v].stmVar()))
}

// meaning is what an error says about a token.
func (b *body) meaning(t token.Token, err error) int {
	switch {
	case err == nil:
		return unchanged
	case errors.Is(err, stm.ErrClash):
		return hasChanged
	case t.IsZero() && errors.Is(err, stm.ErrForeign):
		return noToken
	}
	b.record.problem = fmt.Sprintf("unexpected error: %v", err)
	return noToken
}

// committed is a hook: by now everybody sees the commit.
func (b *body) committed(op *Op) {
	if b.record.end == 0 {
		b.record.end = b.end()
	}
	b.record.hooks = append(b.record.hooks, op.Value)
	r := b.newRecord(&Call{Form: Load, Var: op.Var}, b.record.thread)
	r.begin = b.begin()
	r.outcome = b.call(r)
	r.end = b.executor.end()
	r.finish()
}

func (b *body) alternatives(bodies [][]Op) []func(*stm.Tx) error {
	var fns []func(*stm.Tx) error
	for _, ops := range bodies {
		fns = append(fns, b.part(ops))
	}
	return fns
}

// part is a function whose hooks count only if it comes to its end.
func (b *body) part(ops []Op) func(*stm.Tx) error {
	return func(tx *stm.Tx) error {
		b.attempt.outcome = clashed
		n, kept := len(b.attempt.aborts), false
		defer func() {
			if !kept {
				b.attempt.aborts = b.attempt.aborts[:n]
			}
		}()
		err := b.run(tx, ops)
		kept = err == nil
		return err
	}
}
