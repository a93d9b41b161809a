package txn_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rinse-go/rinse/proptest/txn"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// rinse adapts this module's own memory: an owner, and one of its managed forms.
type rinse struct {
	owner *stm.Owner
	run   func(*stm.Owner, context.Context, func(*stm.Tx) error) error
	wrap  func(*stm.Tx) txn.Tx
}

type rinseCell[T any] struct{ *tvar.TVar[T] }

func (c rinseCell[T]) Get(tx txn.Tx) T        { return c.TVar.Get(tx.(inRinse).stmTx()) }
func (c rinseCell[T]) Set(tx txn.Tx, value T) { c.TVar.Set(tx.(inRinse).stmTx(), value) }

func (r rinse) NewInt(name string, initial int) txn.Cell[int] {
	return rinseCell[int]{tvar.New(initial, tvar.Name(name), tvar.In(r.owner))}
}

func (r rinse) NewList(name string) txn.Cell[[]int] {
	return rinseCell[[]int]{tvar.New([]int(nil), tvar.Name(name), tvar.In(r.owner))}
}

func (r rinse) Atomically(ctx context.Context, body func(txn.Tx) error) error {
	return r.run(r.owner, ctx, func(tx *stm.Tx) error { return body(r.wrap(tx)) })
}

type inRinse interface{ stmTx() *stm.Tx }

// plainTx is the usual transaction.
type plainTx struct{ *stm.Tx }

func plain(tx *stm.Tx) txn.Tx { return plainTx{tx} }

func (t plainTx) stmTx() *stm.Tx { return t.Tx }

func (t plainTx) OrElse(left, right func(txn.Tx) error) error {
	side := func(f func(txn.Tx) error) func(*stm.Tx) error {
		return func(tx *stm.Tx) error { return f(plainTx{tx}) }
	}
	return t.Tx.OrElse(side(left), side(right))
}

// versionedTx asks for its commit's token, which takes another path.
type versionedTx struct{ plainTx }

func versioned(tx *stm.Tx) txn.Tx { return versionedTx{plainTx{tx}} }

func (t versionedTx) Snapshot() uint64 { return t.Token().Version() }

func (t versionedTx) OnCommit(f func(uint64)) {
	t.OnCommitToken(func(made token.Token) { f(made.Version()) })
}

// sometimesIrrevocable runs every third transaction irrevocably.
func sometimesIrrevocable() func(*stm.Owner, context.Context, func(*stm.Tx) error) error {
	var calls atomic.Int64
	return func(o *stm.Owner, ctx context.Context, body func(*stm.Tx) error) error {
		if calls.Add(1)%3 == 0 {
			return o.Irrevocably(ctx, body)
		}
		return o.Atomically(ctx, body)
	}
}

func TestRinsePassesEverything(t *testing.T) {
	for _, c := range []struct {
		name     string
		run      func(*stm.Owner, context.Context, func(*stm.Tx) error) error
		wrap     func(*stm.Tx) txn.Tx
		patience time.Duration
	}{
		{"atomically", (*stm.Owner).Atomically, plain, 3 * time.Second},
		{"atomically, with tokens", (*stm.Owner).Atomically, versioned, 3 * time.Second},
		{"irrevocably", (*stm.Owner).Irrevocably, plain, 5 * time.Millisecond},
		{"sometimes irrevocably", sometimesIrrevocable(), plain, 5 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			adapter := txn.Adapter{Name: "rinse, " + c.name, New: func() txn.STM {
				return rinse{stm.NewOwner(), c.run, c.wrap}
			}}
			txn.Conformance(t, adapter, txn.Patience(c.patience), txn.Deadline(time.Minute))
		})
	}
}
