package stm

import (
	"context"

	"github.com/rinse-go/rinse/internal/engine"
)

// MaxClashes is how often a transaction can clash. One that clashed that often shuts its owner's
// gate: until it has committed nobody else commits, so it cannot clash again.
const MaxClashes = engine.MaxClashes

// Atomically runs fn as a transaction on the default owner; see [Owner.Atomically].
func Atomically(ctx context.Context, fn func(*Tx) error) error {
	return defaultOwner.Atomically(ctx, fn)
}

// View runs fn as a read-only transaction on the default owner; see [Owner.View].
func View(ctx context.Context, fn func(*Tx) error) error { return defaultOwner.View(ctx, fn) }

// Do is Atomically on the default owner for functions with a result. If the transaction does not
// commit it returns the zero T and the error.
func Do[T any](ctx context.Context, fn func(*Tx) (T, error)) (T, error) {
	return DoIn(ctx, &defaultOwner, fn)
}

// DoIn is [Do] on another owner.
func DoIn[T any](ctx context.Context, o *Owner, fn func(*Tx) (T, error)) (T, error) {
	mustHave(fn != nil, "function")
	var result T
	err := o.Atomically(ctx, func(tx *Tx) (err error) {
		result, err = fn(tx)
		return err
	})
	if err != nil {
		var zero T
		return zero, err
	}
	return result, nil
}

// Atomically runs fn as a transaction: what it does to variables becomes visible to others all at
// once when fn returns nil, or not at all.
//
// fn sees one consistent state of the owner's variables from beginning to end, with its own changes
// on top. If others change what it relied on, it is run again from the start, so it must have no
// effects but on variables (see [Tx.OnCommit] for the others), and must not call Atomically. After
// [MaxClashes] clashes it cannot clash again. If it calls [Tx.Retry] it is run again as soon as
// something that it read has changed.
//
// If fn returns an error, Atomically returns it unchanged; if fn panics or calls runtime.Goexit,
// that goes on in the caller. In each case nothing has changed. If ctx ends while the transaction
// waits or between attempts, or has ended already, ctx.Err() is returned, and
// [ErrBlockedForever] if fn called Retry having read nothing.
//
// Atomically blocks for Retry, while another transaction has shut the gate, and no longer than a
// moment otherwise. A transaction of two integers costs about as much as four uses of a mutex, and
// allocates nothing.
//
// The idea is that of Haskell's STM; the protocol is described in package internal/engine.
func (o *Owner) Atomically(ctx context.Context, fn func(*Tx) error) error {
	return o.run(ctx, fn, 0)
}

// View runs fn as a read-only transaction: it sees one consistent state, changes nothing, and never
// disturbs or waits for those who do. If others change what it reads, it is started over once, on a
// registered snapshot, which nothing can disturb; so fn runs at most twice, unless it calls Retry.
// A change of a variable in fn panics with [ErrReadOnly]. Everything else is as in Atomically.
//
// It is cheaper than Atomically, since no reads are recorded. The idea of reading old values that
// writers keep is that of multi-version concurrency control.
func (o *Owner) View(ctx context.Context, fn func(*Tx) error) error {
	return o.run(ctx, fn, engine.ReadOnly)
}

// Irrevocably is Atomically with the gate shut from the start: it waits until no other transaction
// has the gate, and from then on no other can commit. So fn runs exactly once, unless it calls
// Retry: then the gate is opened for the wait. fn may have effects on the world. Others can still
// read. In fn, do nothing that waits for a commit: not somebody else's, and not by a Store, an Update or
// the Commit of a checkout, which wait until fn has ended, and so for ever. With -tags rinsedebug the
// latter panic.
func (o *Owner) Irrevocably(ctx context.Context, fn func(*Tx) error) error {
	return o.run(ctx, fn, engine.Irrevocable)
}

// Try makes one attempt and never waits. It returns a [*ClashError] if that clashed, also if the
// gate was shut, and [ErrRetry] if fn called Retry.
func (o *Owner) Try(fn func(*Tx) error) error {
	return o.run(context.Background(), fn, engine.Impatient)
}

func mustHave(ok bool, what string) {
	if !ok {
		panic("stm: nil " + what)
	}
}

// run runs fn until it is decided. The first attempt is here, and what comes after in decide.
func (o *Owner) run(ctx context.Context, fn func(*Tx) error, kind engine.Flags) error {
	mustHave(o != nil, "owner")
	mustHave(ctx != nil, "context")
	mustHave(fn != nil, "transaction function")
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, ok := o.pool.Get().(*Tx)
	if !ok {
		o.mustBeMade()
	}
	tx.ctx, tx.attempt = ctx, 1
	tx.core.Open(kind)
	if kind == engine.Irrevocable && !tx.core.ShutGate(ctx.Done()) {
		return tx.fail(ctx.Err())
	}
	err := tx.once(fn)
	if tx.outcome == committed && tx.core.Finish() {
		tx.page.count()
		tx.ctx = nil
		o.pool.Put(tx)
		return nil
	}
	return tx.decide(fn, err)
}

// decide goes on after an attempt until the transaction is over.
func (tx *Tx) decide(fn func(*Tx) error, err error) error {
	for {
		switch tx.outcome {
		case committed:
			tx.succeed()
			return nil
		case clashed:
			err = tx.lose()
		case retried:
			err = tx.wait()
		}
		if err != nil {
			return tx.fail(err)
		}
		tx.attempt++
		err = tx.once(fn)
	}
}

// outcome is what became of an attempt.
type outcome uint8

const (
	interrupted outcome = iota // by a panic or Goexit that is not ours
	committed
	failed
	clashed
	retried
)

// once runs fn and commits.
func (tx *Tx) once(fn func(*Tx) error) error {
	tx.outcome = interrupted
	defer tx.unwound()
	tx.core.Begin()
	err := fn(tx)
	if tx.core.Interrupted() {
		tx.outcome = tx.signalled() // fn recovered what is not its own
		return nil
	}
	switch {
	case err != nil:
		tx.outcome = failed
	case tx.core.Idle():
		if tx.wantsToken() {
			tx.version = tx.core.Snapshot()
		}
		tx.outcome = committed
	default:
		version, verdict := tx.core.Commit(tx.wantsToken())
		if verdict != engine.Committed {
			return tx.commitSlow(verdict)
		}
		tx.version, tx.outcome = version, committed
	}
	return err
}

// unwound catches the engine's own panic, and ends the transaction on any other and on Goexit.
func (tx *Tx) unwound() {
	if tx.outcome != interrupted {
		return
	}
	if tx.core.Interrupted() {
		switch r := recover(); {
		case engine.IsUnwind(r):
			tx.outcome = tx.signalled()
			return
		case r != nil:
			defer panic(r) // fn recovered ours and panicked on its own account
		}
	}
	tx.core.Close()
	tx.runAborts()
}

func (tx *Tx) signalled() outcome {
	if tx.core.Is(engine.Retried) {
		return retried
	}
	return clashed
}

// commitSlow goes on after a commit that could not be made at once, waiting for the gate if need be.
func (tx *Tx) commitSlow(verdict engine.Verdict) error {
	for tries := 0; ; tries++ {
		switch verdict {
		case engine.Committed:
			tx.outcome = committed
			return nil
		case engine.Changed:
			return tx.clashedOn(engine.CommitCause)
		case engine.Busy:
			if tries > 0 {
				return tx.clashedOn(engine.BusyCause)
			}
			tx.version, verdict = tx.core.Insist(tx.wantsToken())
		case engine.Shut:
			if tx.core.Is(engine.Impatient) {
				return tx.clashedOn(engine.GateCause)
			}
			if !tx.core.AwaitGate(tx.ctx.Done()) {
				tx.outcome = failed
				return tx.ctx.Err()
			}
			tx.version, verdict = tx.core.Commit(tx.wantsToken())
		}
	}
}

func (tx *Tx) clashedOn(cause engine.Cause) error {
	tx.core.Count(cause)
	tx.outcome = clashed
	return nil
}

// succeed ends a transaction that has committed and runs its hooks.
func (tx *Tx) succeed() {
	tx.page.count()
	if tx.onCommit == nil {
		tx.release()
		return
	}
	hooks, t := tx.onCommit, tx.tokenAt(tx.version)
	tx.release()
	runHooks(hooks, t)
}

// fail ends a transaction that has changed nothing.
func (tx *Tx) fail(err error) error {
	if tx.onAbort == nil {
		tx.release()
		return err
	}
	aborts := tx.onAbort
	tx.release()
	runAll(aborts)
	return err
}

// release closes the transaction and gives the descriptor back.
func (tx *Tx) release() {
	tx.core.Close()
	tx.ctx = nil
	tx.clashes = 0
	tx.onCommit, tx.onAbort = nil, nil
	if !engine.Debug {
		tx.owner.pool.Put(tx)
	}
}

// lose decides how to go on after a clash.
func (tx *Tx) lose() error {
	if tx.core.Is(engine.Impatient) {
		return tx.clash()
	}
	tx.core.Suspend()
	tx.runAborts()
	tx.core.Clear()
	if err := tx.ctx.Err(); err != nil {
		return err
	}
	tx.clashes++
	switch {
	case tx.core.Is(engine.ReadOnly):
		tx.core.Pin()
	case tx.clashes < engine.GateAfter:
		tx.core.Lost()
	case !tx.core.Alone() && !tx.core.ShutGate(tx.ctx.Done()):
		return tx.ctx.Err()
	}
	return nil
}

// wait sleeps until something that the attempt read has changed.
func (tx *Tx) wait() error {
	tx.core.Retried()
	if tx.core.Is(engine.Impatient) {
		return ErrRetry
	}
	tx.core.Suspend()
	tx.core.OpenGate()
	tx.core.Unpin()
	tx.runAborts()
	if tx.core.Is(engine.ReadOnly) && !tx.core.Logs() {
		tx.core.LogReads() // run it again, to see what to wait for
	} else if tx.core.ReadNothing() {
		return ErrBlockedForever
	} else if !tx.core.Wait(tx.ctx.Done()) {
		return tx.ctx.Err()
	}
	tx.core.Clear()
	tx.clashes = 0
	if tx.core.Is(engine.ReadOnly) {
		tx.core.Pin()
	}
	if tx.core.Is(engine.Irrevocable) && !tx.core.ShutGate(tx.ctx.Done()) {
		return tx.ctx.Err()
	}
	return nil
}
