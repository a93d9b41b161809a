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
// owner keeps the old values of what others overwrite, with their variables: one value a variable and
// checkout at most. Nothing is kept of a variable that held its type's zero value from its beginning until it
// was set first, so what was made after the checkout, and set and dropped since, is garbage; one that began
// with another value, as by tvar.New(5), is kept when it is overwritten. (Values that take more than a
// word count as other values, unless the variable is a TVar that was never initialised.)
//
// One that is dropped without an end is ended when the garbage collector finds it: its changes are
// lost, the old values are let go of, and the hooks of OnAbort do not run.
func (o *Owner) Checkout() *Tx {
	o.mustBeMade()
	tx := o.newTx()
	tx.ctx = context.Background()
	tx.attempt = 1
	tx.core.Open(engine.Held)
	tx.core.Pin()
	tx.page.pin.Store(tx.core.Pinned())
	tx.core.Begin()
	return tx
}

// Commit makes the changes of a held checkout visible, all at once, ends it, and returns the token
// of the new state. If others have changed a variable that it has read or set, nothing happens:
// Commit returns a [*ClashError] that names them, and the checkout stays open, for [Tx.Rebase] or
// [Tx.Discard]. A checkout that changed nothing, or only commuted, does not clash. After the end it
// returns [ErrClosed]; on a managed transaction it panics with [ErrManaged].
//
// It waits while another transaction has shut the gate.
func (tx *Tx) Commit() (token.Token, error) {
	version, err := tx.commitHeld("Commit", false)
	if err != nil {
		return token.Token{}, err
	}
	t, hooks := tx.committed(version)
	tx.end()
	runHooks(hooks, t)
	return t, nil
}

// Checkpoint is [Tx.Commit], except that the checkout goes on from what was committed, under the token
// that is returned: it sees exactly that state, relies on nothing yet, and what others commit meanwhile
// is not in it. The hooks of OnCommit run, and are done with. If it clashes, the checkout stays as it
// was, for [Tx.Rebase] or [Tx.Discard].
//
// A checkout that has changed nothing stays where it is.
func (tx *Tx) Checkpoint() (token.Token, error) {
	version, err := tx.commitHeld("Checkpoint", true)
	if err != nil {
		return token.Token{}, err
	}
	t, hooks := tx.committed(version)
	runHooks(hooks, t)
	return t, nil
}

// commitHeld commits, and goes on from there or not. The checkout stays usable if it fails or a
// function given to Commute panics.
func (tx *Tx) commitHeld(method string, goOn bool) (uint64, error) {
	if err := tx.mustBeHeld(method); err != nil {
		return 0, err
	}
	if tx.core.Idle() {
		return tx.core.Snapshot(), nil
	}
	defer tx.core.Reopen()
	if goOn {
		tx.core.Chain()
	}
	version, err := tx.push()
	if err == nil && goOn {
		tx.core.GoOn()
		tx.page.pin.Store(tx.core.Pinned())
	}
	return version, err
}

// push commits, by shutting the gate if need be.
func (tx *Tx) push() (uint64, error) {
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

// committed counts a commit and returns its token, and its hooks, which are to run once it is over.
func (tx *Tx) committed(version uint64) (token.Token, []hook) {
	hooks := tx.onCommit
	tx.page.count()
	tx.onCommit, tx.onAbort = nil, nil
	return tx.tokenAt(version), hooks
}

// Clashes tells what a held checkout relies on, by reading or setting it, that others have changed, as
// Commit would now: nothing means that it would get through if nobody came in between. It changes
// nothing and does not wait, but for a moment while somebody publishes a change. A checkout that has set
// nothing yet is told as well, although its Commit would not clash. After the end it panics with
// [ErrClosed]; on a managed transaction, with [ErrManaged].
func (tx *Tx) Clashes() []VarClash {
	tx.mustBeOpen()
	if !tx.core.Is(engine.Held) {
		panic(fmt.Errorf("%w: it is run again when it clashes; Clashes is for held checkouts", ErrManaged))
	}
	return tx.clash().Vars
}

// Discard ends a held checkout without a trace. It does nothing after Commit or another Discard. On
// a managed transaction it panics with [ErrManaged].
func (tx *Tx) Discard() {
	if tx.mustBeHeld("Discard") == nil {
		tx.end()
		tx.runAborts()
	}
}

// end lets go of all that a checkout holds.
func (tx *Tx) end() {
	tx.page.pin.Store(nil)
	tx.core.Close()
}

// mustBeHeld panics unless tx is a held checkout that a method can be called on here, and returns an
// error if it is over.
func (tx *Tx) mustBeHeld(method string) error {
	mustHave(tx != nil, "transaction")
	if !tx.core.Is(engine.Held) {
		panic(fmt.Errorf("%w: do not call %s in a transaction function; return nil to commit, an error to discard", ErrManaged, method))
	}
	if tx.nested > 0 {
		panic(fmt.Errorf("%w: %s was called inside Nested or OrElse, which could not undo it; call it outside", ErrManaged, method))
	}
	if tx.core.Committing() {
		panic(fmt.Errorf("%w: %s was called by a function that runs at commit or in Rebase; it may use its arguments only", ErrClosed, method))
	}
	if tx.core.Closed() {
		return fmt.Errorf("%w: %s of a checkout that was committed or discarded", ErrClosed, method)
	}
	return nil
}
