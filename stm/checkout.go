package stm

import (
	"context"
	"fmt"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/token"
)

// Checkout checks out the variables of the default owner; see [Owner.Checkout].
func Checkout() *Tx { return defaultOwner.Checkout() }

// Checkout returns a held transaction: a snapshot of all the owner's variables as they are now, to
// read, to change, and to hold for as long as you like. Nobody waits for it, and its reads never
// fail. End it with [Tx.Commit], or with [Tx.Discard], which is safe to defer; until then the
// owner keeps the old values of what others overwrite: one value a variable and checkout at most.
func (o *Owner) Checkout() *Tx {
	o.mustBeMade()
	tx := o.newTx()
	tx.ctx = context.Background()
	tx.attempt = 1
	tx.core.Open(engine.Held)
	tx.core.Pin()
	tx.core.Begin()
	return tx
}

// Commit makes the changes of a held checkout visible, all at once, ends it, and returns the token
// of the new state. If others have changed a variable that it has read or set, nothing happens:
// Commit returns a [*ClashError] that names them, and the checkout stays open, to be looked at and
// discarded. A checkout that changed nothing, or only commuted, does not clash. After the end it
// returns [ErrClosed]; on a managed transaction it panics with [ErrManaged].
//
// It waits while another transaction has shut the gate.
func (tx *Tx) Commit() (token.Token, error) {
	tx.mustBeHeld("Commit")
	if tx.core.Closed() {
		return token.Token{}, fmt.Errorf("%w: Commit of a checkout that was committed or discarded", ErrClosed)
	}
	version, err := tx.commitHeld()
	if err != nil {
		return token.Token{}, err
	}
	t, hooks := tx.tokenAt(version), tx.onCommit
	tx.page.count()
	tx.onCommit, tx.onAbort = nil, nil
	tx.core.Close()
	runHooks(hooks, t)
	return t, nil
}

// commitHeld commits; the checkout stays usable if it fails or a function given to Commute panics.
func (tx *Tx) commitHeld() (uint64, error) {
	if tx.core.Idle() {
		return tx.core.Snapshot(), nil
	}
	defer tx.core.Reopen()
	version, verdict := tx.core.Commit(true)
	for {
		switch verdict {
		case engine.Committed:
			return version, nil
		case engine.Changed:
			tx.core.Count(engine.CommitCause)
			return 0, tx.clash()
		case engine.Busy: // it cannot be run again, so it must get through
			tx.core.ShutGate(nil)
			defer tx.core.OpenGate()
			version, verdict = tx.core.Insist(true)
		case engine.Shut:
			tx.core.AwaitGate(nil)
			version, verdict = tx.core.Commit(true)
		}
	}
}

// Discard ends a held checkout without a trace. It does nothing after Commit or another Discard. On
// a managed transaction it panics with [ErrManaged].
func (tx *Tx) Discard() {
	tx.mustBeHeld("Discard")
	if !tx.core.Closed() {
		tx.core.Close()
		tx.runAborts()
	}
}

func (tx *Tx) mustBeHeld(method string) {
	mustHave(tx != nil, "transaction")
	if !tx.core.Is(engine.Held) {
		panic(fmt.Errorf("%w: do not call %s in a transaction function; return nil to commit, an error to discard", ErrManaged, method))
	}
	if tx.nested > 0 {
		panic(fmt.Errorf("%w: %s was called inside Nested or OrElse, which could not undo it; call it outside", ErrManaged, method))
	}
	if tx.core.Committing() {
		panic(fmt.Errorf("%w: %s was called by a function that runs at commit; it may use its argument only", ErrClosed, method))
	}
}
