package stm_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// TestALoserInASyncTestDoesNotSpinForever: the holder of a hot variable's queue is durably blocked,
// and the clock of a bubble stands still while anybody spins.
func TestALoserInASyncTestDoesNotSpinForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		read, changed, again, end := make(chan int), make(chan int), make(chan int), make(chan int)
		go func() {
			_ = o.Atomically(background, func(tx *stm.Tx) error {
				x.Set(tx, x.Get(tx)+1)
				if tx.Attempt() == 1 {
					read <- 1
					<-changed
					return nil
				}
				again <- 1
				<-end
				return nil
			})
		}()
		<-read
		x.Store(10)
		changed <- 1
		<-again // x is hot, and its queue is held
		require.NoError(t, o.Atomically(background, func(tx *stm.Tx) error {
			x.Get(tx)
			return nil
		}))
		close(end)
		synctest.Wait()
		require.Equal(t, 11, x.Load())
	})
}

// TestAnOwnerThatNobodyUsesIsCollected, with its descriptors and their pages.
func TestAnOwnerThatNobodyUsesIsCollected(t *testing.T) {
	gone := func() weak.Pointer[stm.Owner] {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		for range 10 {
			_ = o.Atomically(background, func(tx *stm.Tx) error { x.Set(tx, 1); return nil })
		}
		held := o.Checkout()
		x.Set(held, 3)
		held.Discard()
		return weak.Make(o)
	}()
	soon(t, "the garbage collector", func() {
		for gone.Value() != nil {
			runtime.GC()
		}
	})
}

func TestARetryInTryIsCounted(t *testing.T) {
	o := stm.NewOwner()
	require.ErrorIs(t, o.Try(func(tx *stm.Tx) error { tx.Retry(); return nil }), stm.ErrRetry)
	require.EqualValues(t, 1, o.Stats().Retries)
}

func TestACommuteToAnEqualValueIsNoChangeEvenIfRead(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(5, tvar.In(o), tvar.Equal(func(a, b int) bool { return a == b }))
	_, before := x.LoadToken()
	require.NoError(t, o.Atomically(background, func(tx *stm.Tx) error {
		x.Commute(tx, func(x int) int { return max(x, 3) })
		x.Get(tx)
		return nil
	}))
	_, after := x.LoadToken()
	require.Equal(t, before, after)
}

func TestASetBackAndACommuteToAnEqualValueIsNoChange(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(5, tvar.In(o), tvar.Equal(func(a, b int) bool { return a == b }))
	_, before := x.LoadToken()
	require.NoError(t, o.Atomically(background, func(tx *stm.Tx) error {
		x.Set(tx, 6)
		x.Set(tx, 5)
		x.Commute(tx, func(x int) int { return max(x, 3) })
		return nil
	}))
	_, after := x.LoadToken()
	require.Equal(t, before, after)
}

// TestCommitInsideNestedIsRefused: what Nested would undo has been published.
func TestCommitInsideNestedIsRefused(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(5, tvar.In(o))
	tx := o.Checkout()
	defer tx.Discard()
	tx.OnCommit(func() {})
	require.NotPanics(t, func() {
		_ = tx.Nested(func(tx *stm.Tx) error {
			x.Set(tx, 7)
			func() {
				defer func() { _ = recover() }() // it tells that it is no place to commit
				_, _ = tx.Commit()
			}()
			return errUser
		})
	})
	require.Equal(t, 5, x.Load(), "Nested returned an error, so its changes are undone")
}
