package txn_test

import (
	"context"
	"testing"
	"time"

	peer "github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/proptest/txn"
)

// anacrolix adapts github.com/anacrolix/stm, which has neither errors nor contexts: an error travels as a panic.
type anacrolix struct{}

type anacrolixCell[T any] struct{ *peer.Var[T] }

func (c anacrolixCell[T]) Get(tx txn.Tx) T        { return c.Var.Get(tx.(anacrolixTx).Tx) }
func (c anacrolixCell[T]) Set(tx txn.Tx, value T) { c.Var.Set(tx.(anacrolixTx).Tx, value) }

func (anacrolix) NewInt(_ string, initial int) txn.Cell[int] {
	return anacrolixCell[int]{peer.NewVar(initial)}
}

func (anacrolix) NewList(string) txn.Cell[[]int] {
	return anacrolixCell[[]int]{peer.NewVar([]int(nil))}
}

type anacrolixTx struct{ *peer.Tx }

func (t anacrolixTx) Retry() { t.Tx.Retry() }

func (t anacrolixTx) OrElse(left, right func(txn.Tx) error) error {
	peer.Select(operation(left), operation(right))(t.Tx)
	return nil
}

type abortPanic struct{ err error }

func operation(body func(txn.Tx) error) peer.Operation[struct{}] {
	return peer.VoidOperation(func(tx *peer.Tx) {
		if err := body(anacrolixTx{tx}); err != nil {
			panic(abortPanic{err})
		}
	})
}

func (anacrolix) Atomically(_ context.Context, body func(txn.Tx) error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case abortPanic:
			err = p.err
		default:
			panic(p)
		}
	}()
	peer.Atomically(operation(body))
	return nil
}

// TestAnacrolixIsRecorded shows how a peer fares. What it fails is not our failure; that its torn reads are found
// says that the suite sees what it should see in a memory that nobody wrote for it.
func TestAnacrolixIsRecorded(t *testing.T) {
	adapter := txn.Adapter{Name: "github.com/anacrolix/stm v0.5.0", New: func() txn.STM { return anacrolix{} }}
	report := txn.Run(adapter, txn.Seed(3), txn.Rounds(50), txn.Patience(time.Second), txn.Deadline(5*time.Second))
	t.Log(report)
	if report.Result(txn.NoTornRead).Status != txn.Failed {
		t.Log("its torn reads were not found: has it changed, or has the suite?")
	}
}
