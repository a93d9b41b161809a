package stm

import (
	"context"
	"fmt"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/token"
)

// A Tx is a transaction: a consistent snapshot of one owner's variables, and the changes made on
// top of it, which nobody else sees yet. Variables are read and changed with the methods of
// tvar.TVar that take a *Tx.
//
// A managed Tx is given to the function of [Atomically] and its like, which end it. A held one is
// made by [Checkout] and ended by [Tx.Commit] or [Tx.Discard].
//
// A Tx belongs to one goroutine at a time, and using it after its end panics with [ErrClosed].
// Since descriptors are used again, that cannot be noticed while the descriptor serves another
// transaction; nor can use by two goroutines, nor Atomically inside a transaction function, which
// runs as a transaction of its own. Build with -tags rinsedebug to have all three noticed, always.
type Tx struct {
	core engine.Tx // first: tvar finds it there

	owner    *Owner
	page     *page // counts its commits
	ctx      context.Context
	attempt  int
	clashes  int
	outcome  outcome
	version  uint64 // of the commit
	catching int    // how many OrElse are around
	nested   int    // how many savepoints are around
	onCommit []hook
	onAbort  []func()
}

// A hook has one of its two functions.
type hook struct {
	plain     func()
	withToken func(token.Token)
}

func (o *Owner) newTx() *Tx {
	tx := &Tx{owner: o}
	tx.core.Init(&o.core)
	tx.page = o.ledger.open(tx)
	return tx
}

// mustBeOpen panics if tx is nil or over.
func (tx *Tx) mustBeOpen() {
	mustHave(tx != nil, "transaction")
	tx.core.CheckOpen()
}

// Retry gives up this attempt and waits until a variable that it has read is changed by somebody
// else; then the transaction runs again. It does not return. What it waits for includes all that
// alternatives of an [Tx.OrElse] around it have read. In a held checkout it panics with [ErrHeld].
//
// The idea is from Harris, Marlow, Peyton Jones and Herlihy, "Composable Memory Transactions" (2005).
func (tx *Tx) Retry() {
	tx.mustBeOpen()
	if tx.core.Is(engine.Held) && tx.catching == 0 {
		panic(fmt.Errorf("%w: it has no function to run again; discard it and check out anew", ErrHeld))
	}
	tx.core.Retry()
}

// Check retries unless ok.
func (tx *Tx) Check(ok bool) {
	tx.mustBeOpen()
	if !ok {
		tx.Retry()
	}
}

// OrElse runs the first alternative. If that retries, its changes are undone and the next one runs
// in its place; if all retry, so does the transaction, and waits for all that they read. An
// alternative that returns an error undoes its own changes, and the error is returned. Without
// alternatives OrElse retries.
func (tx *Tx) OrElse(alternatives ...func(*Tx) error) error {
	tx.mustBeOpen()
	for _, fn := range alternatives {
		mustHave(fn != nil, "alternative")
	}
	for _, fn := range alternatives {
		if retried, err := tx.alternative(fn); !retried {
			return err
		}
	}
	tx.Retry()
	return nil
}

// alternative runs fn and reports whether it retried.
func (tx *Tx) alternative(fn func(*Tx) error) (retried bool, err error) {
	s := tx.save()
	returned := false
	tx.catching++
	defer func() {
		tx.catching--
		if tx.core.Is(engine.Retried) {
			if r := recover(); r != nil && !engine.IsUnwind(r) {
				panic(r)
			} else if r != nil || returned {
				retried, err = true, nil
				tx.core.Resume()
			}
		}
		tx.restore(s, returned && !retried && err == nil)
	}()
	err = fn(tx)
	returned = true
	return false, err
}

// Nested runs fn as a part of the transaction that can fail by itself: if it returns an error, or
// panics, its changes and hooks are undone, and those made before remain. The error is returned
// unchanged. What fn has read still counts as read.
func (tx *Tx) Nested(fn func(*Tx) error) error {
	tx.mustBeOpen()
	mustHave(fn != nil, "function")
	s := tx.save()
	keep := false
	defer func() { tx.restore(s, keep) }()
	err := fn(tx)
	keep = err == nil
	return err
}

// savepoint is a place to come back to.
type savepoint struct {
	core     engine.Savepoint
	label    string
	onCommit int
	onAbort  int
}

func (tx *Tx) save() savepoint {
	tx.nested++
	return savepoint{tx.core.Save(), tx.core.LabelSet(), len(tx.onCommit), len(tx.onAbort)}
}

func (tx *Tx) restore(s savepoint, keep bool) {
	tx.nested--
	if keep {
		tx.core.Keep(s.core)
		return
	}
	tx.core.Rollback(s.core)
	tx.core.Label(s.label)
	tx.onCommit = tx.onCommit[:s.onCommit]
	tx.onAbort = tx.onAbort[:s.onAbort]
}

// Token returns the owner and the version that all reads so far are consistent with. Ask for it after
// the reads that it is to stand for: a transaction that is not held, and has read nothing yet, may be
// at a version below that of changes already made, and moves on when it reads them.
func (tx *Tx) Token() token.Token {
	tx.mustBeOpen()
	return tx.tokenAt(tx.core.Snapshot())
}

func (tx *Tx) tokenAt(version uint64) token.Token { return token.New(tx.core.Owner().ID, version) }

// Attempt returns how often the transaction has been started: 1, 2, and so on.
func (tx *Tx) Attempt() int {
	tx.mustBeOpen()
	return tx.attempt
}

// Context returns the context that the transaction was started with; for [Owner.Try] and held
// checkouts it is the background.
func (tx *Tx) Context() context.Context {
	tx.mustBeOpen()
	return tx.ctx
}
