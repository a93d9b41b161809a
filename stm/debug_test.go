//go:build rinsedebug

package stm_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

func init() { huge, depth = 10_000, 1_000 }

// TestAnEscapedTransactionIsFoundWhileOthersRun: its descriptor is not given to another transaction.
func TestAnEscapedTransactionIsFoundWhileOthersRun(t *testing.T) {
	for form, run := range managed {
		t.Run(form, func(t *testing.T) {
			owner := stm.NewOwner()
			v := tvar.New(1, tvar.In(owner))
			escaped := escape(func(keep func(*stm.Tx)) {
				_ = run(owner, context.Background(), func(tx *stm.Tx) error { keep(tx); return nil })
			})
			for range 100 {
				require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error {
					v.Get(tx)
					for _, use := range onVariable {
						told(t, failureOf(func() error { return uses[use](escaped, v) }), stm.ErrClosed, "")
					}
					return nil
				}))
			}
			closed(t, escaped, v)
			assert.Equal(t, 1, v.Load())
		})
	}
}

// TestUseFromAnotherGoroutineIsFound while the function still runs.
func TestUseFromAnotherGoroutineIsFound(t *testing.T) {
	for form, run := range managed {
		for _, use := range onVariable {
			if form == "View" && use != "Get" && use != "Expect" {
				continue // two mistakes at once
			}
			t.Run(use+" in "+form, func(t *testing.T) {
				owner := stm.NewOwner()
				v := tvar.New(1, tvar.In(owner), tvar.Name("alice"))
				require.NoError(t, run(owner, t.Context(), func(tx *stm.Tx) error {
					within(t, func() {
						told(t, failureOf(func() error { return uses[use](tx, v) }), nil, "goroutine")
					})
					v.Get(tx)
					return nil
				}))
				assert.Equal(t, 1, v.Load())
				usable(t, owner, v)
			})
		}
	}
}

// TestATransactionInsideATransactionIsFound, in every form of either.
func TestATransactionInsideATransactionIsFound(t *testing.T) {
	for outer, runOuter := range managed {
		for inner, runInner := range managed {
			t.Run(inner+" in "+outer, func(t *testing.T) {
				owner := stm.NewOwner()
				v := tvar.New(1, tvar.In(owner))
				ran := false
				ctx, cancel := context.WithTimeout(t.Context(), patience) // ends what should not have begun
				defer cancel()
				err := failureOf(func() error {
					return runOuter(owner, ctx, func(tx *stm.Tx) error {
						v.Get(tx)
						return runInner(owner, ctx, func(*stm.Tx) error { ran = true; return nil })
					})
				})
				told(t, err, nil, "inside")
				assert.False(t, ran)
				usable(t, owner, v)
			})
		}
	}
}

// TestWhatIsNoTransactionInsideOneIsLeftAlone: the debugging mode does not cry wolf.
func TestWhatIsNoTransactionInsideOneIsLeftAlone(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner))
	require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error {
		assert.Equal(t, 1, v.Load())
		within(t, func() {
			assert.NoError(t, owner.Atomically(context.Background(), func(tx *stm.Tx) error { v.Get(tx); return nil }))
		})
		v.Set(tx, 2)
		return nil
	}))
	for range 3 { // one after another is fine
		require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error { v.Modify(tx, plusOne); return nil }))
	}
	err := failureOf(func() error {
		return owner.Atomically(t.Context(), func(*stm.Tx) error { panic(context.Canceled) })
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, owner.Atomically(t.Context(), func(*stm.Tx) error { return nil }), "after a panic there is no transaction around")

	held := owner.Checkout()
	v.Modify(held, plusOne)
	require.NoError(t, owner.View(t.Context(), func(*stm.Tx) error { return nil }), "a held checkout is no transaction around")
	within(t, func() { v.Get(held) })
	_, err = held.Commit()
	require.NoError(t, err)
	assert.Equal(t, 6, v.Load())
}

// TestAFirstReadByAnotherGoroutineIsFound, of a variable without a name or an option too.
func TestAFirstReadByAnotherGoroutineIsFound(t *testing.T) {
	v := tvar.New(1)
	require.NoError(t, stm.Atomically(t.Context(), func(tx *stm.Tx) error {
		within(t, func() {
			told(t, failureOf(func() error { v.Get(tx); return nil }), nil, "goroutine")
		})
		return nil
	}))
}

// TestWhatWouldWaitForItselfIsFound: inside Irrevocably, what commits by itself waits for the gate that it is behind.
func TestWhatWouldWaitForItselfIsFound(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner))
	held := owner.Checkout()
	defer held.Discard()
	v.Modify(held, plusOne)
	for name, use := range map[string]func(){
		"Store":  func() { v.Store(2) },
		"Update": func() { v.Update(plusOne) },
		"Commit": func() { _, _ = held.Commit() },
	} {
		t.Run(name, func(t *testing.T) {
			err := failureOf(func() error {
				return owner.Irrevocably(t.Context(), func(*stm.Tx) error { use(); return nil })
			})
			told(t, err, nil, "irrevocably")
			assert.Equal(t, 1, v.Load())
		})
	}
	other := tvar.New(1)
	require.NoError(t, owner.Irrevocably(t.Context(), func(*stm.Tx) error { other.Store(2); return nil }), "another owner's gate is open")
}
