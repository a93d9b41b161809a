package stm_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// endings are the ways a transaction function can end, by what it does last.
var endings = map[string]func(tx *stm.Tx, v *tvar.TVar[int]) error{
	"returned": func(*stm.Tx, *tvar.TVar[int]) error { return nil },
	"failed":   func(*stm.Tx, *tvar.TVar[int]) error { return errors.New("failed") },
	"panicked": func(*stm.Tx, *tvar.TVar[int]) error { panic("panicked") },
	"Goexit":   func(*stm.Tx, *tvar.TVar[int]) error { runtime.Goexit(); return nil },
	"blocked":  func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Retry(); return nil },
}

// TestAnEscapedTransactionIsClosed keeps a Tx beyond its function, for each way to run one and each way to end it.
func TestAnEscapedTransactionIsClosed(t *testing.T) {
	for form, run := range managed {
		for name, end := range endings {
			t.Run(form+" "+name, func(t *testing.T) {
				owner := stm.NewOwner()
				v := tvar.New(1, tvar.In(owner))
				escaped := escape(func(keep func(*stm.Tx)) {
					_ = run(owner, context.Background(), func(tx *stm.Tx) error {
						keep(tx)
						return end(tx, v)
					})
				})
				closed(t, escaped, v)
				endsClosed(t, escaped)
				assert.Equal(t, 1, v.Load())
				usable(t, owner, v)
			})
		}
	}
}

// TestCheckLooksEvenIfAllIsWell: a mistake must not show only when the condition fails.
func TestCheckLooksEvenIfAllIsWell(t *testing.T) {
	var escaped *stm.Tx
	require.NoError(t, stm.NewOwner().Atomically(t.Context(), func(tx *stm.Tx) error { escaped = tx; return nil }))
	told(t, failureOf(func() error { escaped.Check(true); return nil }), stm.ErrClosed, "")
	told(t, failureOf(func() error { (*stm.Tx)(nil).Check(true); return nil }), nil, "nil")
}

// escape runs fn in a goroutine of its own, so that it may panic or exit, and returns what fn kept.
func escape(fn func(keep func(*stm.Tx))) *stm.Tx {
	var escaped *stm.Tx
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		fn(func(tx *stm.Tx) { escaped = tx })
	}()
	<-done
	return escaped
}

// endsClosed fails unless Commit and Discard of an escaped managed transaction are refused: it is both closed and
// managed, and either says what is wrong.
func endsClosed(t *testing.T, escaped *stm.Tx) {
	t.Helper()
	for name, end := range map[string]func() error{
		"Commit":  func() error { _, err := escaped.Commit(); return err },
		"Discard": func() error { escaped.Discard(); return nil },
	} {
		err := failureOf(end)
		told(t, err, nil, "")
		assert.True(t, errors.Is(err, stm.ErrClosed) || errors.Is(err, stm.ErrManaged), "%s: %v", name, err)
	}
}

// TestAnEscapedWriteIsNeverCommitted, also not by a transaction that is run afterwards.
func TestAnEscapedWriteIsNeverCommitted(t *testing.T) {
	owner := stm.NewOwner()
	v, other := tvar.New(1, tvar.In(owner)), tvar.New(1, tvar.In(owner))
	var escaped *stm.Tx
	for round := range 100 {
		require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error { escaped = tx; v.Get(tx); return nil }))
		for _, use := range uses {
			_ = failureOf(func() error { return use(escaped, v) })
		}
		require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error {
			require.Equal(t, 1, tx.Attempt())
			other.Modify(tx, plusOne)
			return nil
		}))
		require.Equal(t, 1, v.Load(), "round %d", round)
		require.Equal(t, round+2, other.Load())
	}
}

// TestHooksRunAfterTheEnd: a hook that uses its transaction uses one that is over.
func TestHooksRunAfterTheEnd(t *testing.T) {
	for name, register := range map[string]func(*stm.Tx, func()){
		"OnCommit":      func(tx *stm.Tx, hook func()) { tx.OnCommit(hook) },
		"OnCommitToken": func(tx *stm.Tx, hook func()) { tx.OnCommitToken(func(token.Token) { hook() }) },
		"OnAbort":       func(tx *stm.Tx, hook func()) { tx.OnAbort(hook) },
	} {
		t.Run(name, func(t *testing.T) {
			owner := stm.NewOwner()
			v := tvar.New(1, tvar.In(owner))
			refused := errors.New("refused")
			var want error
			if name == "OnAbort" {
				want = refused
			}
			ran := 0
			err := owner.Atomically(t.Context(), func(tx *stm.Tx) error {
				v.Set(tx, 2)
				register(tx, func() {
					ran++
					for _, use := range onVariable {
						told(t, failureOf(func() error { return uses[use](tx, v) }), stm.ErrClosed, "")
					}
				})
				return want
			})
			assert.Equal(t, want, err)
			assert.Equal(t, 1, ran)
			assert.Equal(t, want == nil, v.Load() == 2)
			usable(t, owner, v)
		})
	}
}

// TestACommuteMayUseItsArgumentOnly: it runs in the commit, when its transaction can no longer be used or ended.
func TestACommuteMayUseItsArgumentOnly(t *testing.T) {
	ends := map[string]func(*stm.Tx, *tvar.TVar[int]) error{
		"Commit":  func(tx *stm.Tx, _ *tvar.TVar[int]) error { _, err := tx.Commit(); return err },
		"Discard": func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Discard(); return nil },
	}
	for name, commit := range map[string]func(*stm.Owner, func(*stm.Tx)) error{
		"Atomically": func(owner *stm.Owner, fn func(*stm.Tx)) error {
			return owner.Atomically(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil })
		},
		"Checkout": func(owner *stm.Owner, fn func(*stm.Tx)) error {
			held := owner.Checkout()
			defer held.Discard()
			fn(held)
			_, err := held.Commit()
			return err
		},
	} {
		for _, group := range []map[string]func(*stm.Tx, *tvar.TVar[int]) error{uses, ends} {
			for use, fn := range group {
				t.Run(use+" in "+name, func(t *testing.T) {
					owner := stm.NewOwner()
					v, other := tvar.New(1, tvar.In(owner)), tvar.New(1, tvar.In(owner))
					runs := 0
					err := failureOf(func() error {
						return commit(owner, func(tx *stm.Tx) {
							v.Commute(tx, func(n int) int {
								if runs++; runs == 1 {
									told(t, failureOf(func() error { return fn(tx, other) }), nil, "")
								}
								return n + 1
							})
						})
					})
					assert.NoError(t, err, "the mistake was caught where it was made")
					assert.Equal(t, 2, v.Load())
					assert.Equal(t, 1, other.Load())
					usable(t, owner, v)
					usable(t, owner, other)
				})
			}
		}
	}
}

// TestAnAbortHookRunsAfterItsAttempt: between attempts there is no transaction either, and a hook that panics there
// ends it all.
func TestAnAbortHookRunsAfterItsAttempt(t *testing.T) {
	boom := errors.New("boom")
	for form, run := range managed {
		for name, lose := range map[string]func(tx *stm.Tx, v *tvar.TVar[int]){
			"clash": func(tx *stm.Tx, v *tvar.TVar[int]) {
				v.Get(tx)
				v.Update(plusOne)
				v.Update(plusOne)
			},
			"Retry": func(tx *stm.Tx, v *tvar.TVar[int]) { v.Get(tx); tx.Retry() },
			"error": func(tx *stm.Tx, v *tvar.TVar[int]) {},
			"panic": func(tx *stm.Tx, v *tvar.TVar[int]) { panic(errors.New("first")) },
		} {
			if name == "clash" && form != "Atomically" && form != "DoIn" && form != "Try" {
				continue // a View does not clash, and beside Irrevocably nobody commits
			}
			t.Run(name+" in "+form, func(t *testing.T) {
				owner := stm.NewOwner()
				v, other := tvar.New(1, tvar.In(owner)), tvar.New(1, tvar.In(owner))
				ran := 0
				err := failureOf(func() error {
					return run(owner, t.Context(), func(tx *stm.Tx) error {
						if form != "View" {
							other.Set(tx, 2)
						}
						tx.OnAbort(func() {
							ran++
							told(t, failureOf(func() error { v.Get(tx); return nil }), stm.ErrClosed, "")
							panic(boom)
						})
						lose(tx, v)
						if name == "clash" {
							other.Set(tx, v.Get(tx))
						}
						return errors.New("refused")
					})
				})
				assert.ErrorIs(t, err, boom)
				assert.Equal(t, 1, ran)
				assert.Equal(t, 1, other.Load())
				usable(t, owner, v)
				usable(t, owner, other)
			})
		}
	}
}

// TestAnAttemptThatClashedIsOver: the Tx of an earlier attempt serves the next one or is closed, but never mixes.
func TestAnAttemptThatClashedIsOver(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner))
	var attempts []*stm.Tx
	require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error {
		attempts = append(attempts, tx)
		require.Equal(t, len(attempts), tx.Attempt())
		v.Get(tx)
		if len(attempts) < 3 {
			within(t, func() { v.Update(plusOne) })
		}
		v.Set(tx, v.Get(tx)*10)
		return nil
	}))
	require.Len(t, attempts, 3)
	assert.Equal(t, 30, v.Load())
	for _, tx := range attempts {
		told(t, failureOf(func() error { v.Get(tx); return nil }), stm.ErrClosed, "")
	}
}

// TestAnotherOwnersCheckoutStandsAlone: committed inside a transaction function, it is not undone with it.
func TestAnotherOwnersCheckoutStandsAlone(t *testing.T) {
	ours, theirs := stm.NewOwner(), stm.NewOwner()
	mine, other := tvar.New(1, tvar.In(ours)), tvar.New(1, tvar.In(theirs))
	held := theirs.Checkout()
	refused := errors.New("refused")
	err := ours.Atomically(t.Context(), func(tx *stm.Tx) error {
		mine.Set(tx, 2)
		other.Set(held, 2)
		_, err := held.Commit()
		require.NoError(t, err)
		return refused
	})
	assert.Equal(t, refused, err)
	assert.Equal(t, 1, mine.Load())
	assert.Equal(t, 2, other.Load())
}

// TestAHeldCheckoutTravels: unlike a managed transaction it may be used from one goroutine after another.
func TestAHeldCheckoutTravels(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner))
	held := owner.Checkout()
	for range 3 {
		within(t, func() { v.Set(held, v.Get(held)+1) })
	}
	require.NoError(t, owner.Atomically(t.Context(), nothing), "beside a held checkout one may run transactions")
	within(t, func() {
		_, err := held.Commit()
		assert.NoError(t, err)
	})
	assert.Equal(t, 4, v.Load())
}
