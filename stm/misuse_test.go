package stm_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// uses are all the things that can be done with a transaction and a variable. Each is told a different way when it
// is misused, so the tables below are built on this one.
var uses = map[string]func(*stm.Tx, *tvar.TVar[int]) error{
	"Get":           func(tx *stm.Tx, v *tvar.TVar[int]) error { v.Get(tx); return nil },
	"Set":           func(tx *stm.Tx, v *tvar.TVar[int]) error { v.Set(tx, 7); return nil },
	"Modify":        func(tx *stm.Tx, v *tvar.TVar[int]) error { v.Modify(tx, plusOne); return nil },
	"Commute":       func(tx *stm.Tx, v *tvar.TVar[int]) error { v.Commute(tx, plusOne); return nil },
	"Expect":        func(tx *stm.Tx, v *tvar.TVar[int]) error { _, tok := v.LoadToken(); return tx.Expect(tok, v) },
	"Retry":         func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Retry(); return nil },
	"Check(false)":  func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Check(false); return nil },
	"OrElse":        func(tx *stm.Tx, _ *tvar.TVar[int]) error { return tx.OrElse(nothing, nothing) },
	"Nested":        func(tx *stm.Tx, _ *tvar.TVar[int]) error { return tx.Nested(nothing) },
	"Token":         func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Token(); return nil },
	"OnCommit":      func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.OnCommit(func() {}); return nil },
	"OnCommitToken": func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.OnCommitToken(func(token.Token) {}); return nil },
	"OnAbort":       func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.OnAbort(func() {}); return nil },
	"Attempt":       func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Attempt(); return nil },
	"Context":       func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Context(); return nil },
}

// onVariable are those of uses that name a variable, and writing those that change it.
var (
	onVariable = []string{"Get", "Set", "Modify", "Commute", "Expect"}
	writing    = []string{"Set", "Modify", "Commute"}
)

func plusOne(n int) int     { return n + 1 }
func nothing(*stm.Tx) error { return nil }

func TestWritingInAViewIsReadOnly(t *testing.T) {
	for _, use := range writing {
		for _, name := range []string{"alice", ""} {
			t.Run(use+" of "+name, func(t *testing.T) {
				owner := stm.NewOwner()
				v := tvar.New(1, tvar.In(owner), tvar.Name(name))
				err := failureOf(func() error {
					return owner.View(t.Context(), func(tx *stm.Tx) error { return uses[use](tx, v) })
				})
				told(t, err, stm.ErrReadOnly, name)
				assert.Equal(t, 1, v.Load())
				usable(t, owner, v)
			})
		}
	}
}

// TestWritingInsideAnythingInAViewIsReadOnly: no nesting opens the door.
func TestWritingInsideAnythingInAViewIsReadOnly(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner), tvar.Name("alice"))
	set := func(tx *stm.Tx) error { v.Set(tx, 2); return nil }
	for name, fn := range map[string]func(*stm.Tx) error{
		"Nested": func(tx *stm.Tx) error { return tx.Nested(set) },
		"OrElse": func(tx *stm.Tx) error { return tx.OrElse(func(tx *stm.Tx) error { tx.Retry(); return nil }, set) },
	} {
		t.Run(name, func(t *testing.T) {
			told(t, failureOf(func() error { return owner.View(t.Context(), fn) }), stm.ErrReadOnly, "alice")
			assert.Equal(t, 1, v.Load())
		})
	}
	usable(t, owner, v)
}

func TestAVariableOfAnotherOwnerIsForeign(t *testing.T) {
	for form, run := range managed {
		for _, use := range onVariable {
			if form == "View" && use != "Get" && use != "Expect" {
				continue // two mistakes at once
			}
			t.Run(use+" in "+form, func(t *testing.T) {
				ours, theirs := stm.NewOwner(), stm.NewOwner()
				mine := tvar.New(1, tvar.In(ours))
				foreign := tvar.New(1, tvar.In(theirs), tvar.Name("alice"))
				err := failureOf(func() error {
					return run(ours, context.Background(), func(tx *stm.Tx) error {
						if form != "View" {
							mine.Set(tx, 2)
						}
						return foreignUse(use, mine)(tx, foreign)
					})
				})
				told(t, err, stm.ErrForeign, "alice")
				assert.Equal(t, 1, mine.Load(), "nothing of it is committed")
				assert.Equal(t, 1, foreign.Load())
				usable(t, ours, mine)
				usable(t, theirs, foreign)
			})
		}
	}
}

func TestAVariableOfAnotherOwnerIsForeignToAHeldCheckout(t *testing.T) {
	for _, use := range onVariable {
		t.Run(use, func(t *testing.T) {
			ours, theirs := stm.NewOwner(), stm.NewOwner()
			mine := tvar.New(1, tvar.In(ours))
			foreign := tvar.New(1, tvar.In(theirs), tvar.Name("alice"))
			held := ours.Checkout()
			defer held.Discard()
			told(t, failureOf(func() error { return foreignUse(use, mine)(held, foreign) }), stm.ErrForeign, "alice")
			mine.Set(held, 2)
			_, err := held.Commit()
			require.NoError(t, err, "the checkout itself has taken no harm")
			assert.Equal(t, 2, mine.Load())
			assert.Equal(t, 1, foreign.Load())
		})
	}
}

// foreignUse returns one of uses; an Expect has a token of the owner of mine, so that only the variable is foreign.
func foreignUse(use string, mine *tvar.TVar[int]) func(*stm.Tx, *tvar.TVar[int]) error {
	if use != "Expect" {
		return uses[use]
	}
	_, good := mine.LoadToken()
	return func(tx *stm.Tx, foreign *tvar.TVar[int]) error { return tx.Expect(good, mine, foreign) }
}

// TestANamelessForeignVariableIsToldAsWell: with no name the type or the words must do.
func TestANamelessForeignVariableIsToldAsWell(t *testing.T) {
	var zero tvar.TVar[int] // of the default owner
	err := failureOf(func() error {
		return stm.NewOwner().Atomically(t.Context(), func(tx *stm.Tx) error { zero.Get(tx); return nil })
	})
	told(t, err, stm.ErrForeign, "variable")
}

func TestEndingAManagedTransactionIsRefused(t *testing.T) {
	for form, run := range managed {
		for name, end := range map[string]func(*stm.Tx){
			"Commit":     func(tx *stm.Tx) { _, _ = tx.Commit() },
			"Checkpoint": func(tx *stm.Tx) { _, _ = tx.Checkpoint() },
			"Rebase":     func(tx *stm.Tx) { _ = tx.Rebase() },
			"Discard":    func(tx *stm.Tx) { tx.Discard() },
		} {
			t.Run(name+" in "+form, func(t *testing.T) {
				owner := stm.NewOwner()
				v := tvar.New(1, tvar.In(owner))
				var recovered any
				returned := false
				func() {
					defer func() { recovered = recover() }()
					_ = run(owner, t.Context(), func(tx *stm.Tx) error {
						if form != "View" {
							v.Set(tx, 2)
						}
						end(tx)
						returned = true
						return nil
					})
				}()
				assert.False(t, returned, "it must panic")
				err, _ := recovered.(error)
				told(t, err, stm.ErrManaged, "")
				assert.Equal(t, 1, v.Load())
				usable(t, owner, v)
			})
		}
	}
}

func TestRetryOfAHeldCheckoutIsRefused(t *testing.T) {
	for _, use := range []string{"Retry", "Check(false)"} {
		t.Run(use, func(t *testing.T) {
			owner := stm.NewOwner()
			v := tvar.New(1, tvar.In(owner))
			held := owner.Checkout()
			defer held.Discard()
			v.Set(held, v.Get(held)+1)
			told(t, failureOf(func() error { return uses[use](held, v) }), stm.ErrHeld, "")
			held.Check(true)
			_, err := held.Commit()
			require.NoError(t, err, "the checkout itself has taken no harm")
			assert.Equal(t, 2, v.Load())
		})
	}
}

// TestAHeldCheckoutRetriesToAnAlternative, since that needs no function to run again; but not beyond.
func TestAHeldCheckoutRetriesToAnAlternative(t *testing.T) {
	owner := stm.NewOwner()
	v, w := tvar.New(1, tvar.In(owner)), tvar.New(1, tvar.In(owner))
	held := owner.Checkout()
	defer held.Discard()
	left := func(tx *stm.Tx) error { v.Set(tx, v.Get(tx)+10); tx.Retry(); return nil }
	right := func(tx *stm.Tx) error { w.Set(tx, v.Get(tx)+w.Get(tx)); return nil }
	require.NoError(t, held.OrElse(left, right))
	told(t, failureOf(func() error { return held.OrElse(left, left) }), stm.ErrHeld, "")
	require.NoError(t, held.OrElse(func(tx *stm.Tx) error { return tx.OrElse(left, left) }, right))
	_, err := held.Commit()
	require.NoError(t, err)
	assert.Equal(t, 1, v.Load(), "what was retried is undone")
	assert.Equal(t, 3, w.Load())
	usable(t, owner, v)
}

func TestAHeldCheckoutEndsOnce(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner), tvar.Name("alice"))
	clashing := func() *stm.Tx {
		held := owner.Checkout()
		v.Set(held, v.Get(held)+1)
		v.Update(plusOne)
		_, err := held.Commit()
		require.ErrorIs(t, err, stm.ErrClash)
		return held
	}
	for name, ended := range map[string]func() *stm.Tx{
		"committed": func() *stm.Tx {
			held := owner.Checkout()
			v.Set(held, v.Get(held)+1)
			_, err := held.Commit()
			require.NoError(t, err)
			return held
		},
		"committed, nothing done": func() *stm.Tx { held := owner.Checkout(); _, _ = held.Commit(); return held },
		"discarded":               func() *stm.Tx { held := owner.Checkout(); v.Set(held, 7); held.Discard(); return held },
		"discarded twice":         func() *stm.Tx { held := owner.Checkout(); held.Discard(); held.Discard(); return held },
		"discarded after a clash": func() *stm.Tx { held := clashing(); held.Discard(); return held },
	} {
		t.Run(name, func(t *testing.T) {
			held := ended()
			before := v.Load()
			closed(t, held, v)
			told(t, failureOf(func() error { _, err := held.Commit(); return err }), stm.ErrClosed, "")
			told(t, failureOf(func() error { _, err := held.Checkpoint(); return err }), stm.ErrClosed, "")
			told(t, failureOf(held.Rebase), stm.ErrClosed, "")
			held.Discard()
			assert.Equal(t, before, v.Load())
			usable(t, owner, v)
		})
	}

	held := clashing()
	defer held.Discard()
	_, err := held.Commit()
	assert.ErrorIs(t, err, stm.ErrClash, "a clash leaves it open, and it clashes again")
	var clash *stm.ClashError
	require.ErrorAs(t, err, &clash)
	require.Len(t, clash.Vars, 1)
	assert.Equal(t, "alice", clash.Vars[0].Name)
	v.Get(held)
}

// TestARetryThatReadNothingIsAnError, at once: nothing could ever wake it.
func TestARetryThatReadNothingIsAnError(t *testing.T) {
	retry := func(tx *stm.Tx) error { tx.Retry(); return nil }
	for form, run := range managed {
		for name, fn := range map[string]func(*stm.Tx, *tvar.TVar[int]) error{
			"Retry":  func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Retry(); return nil },
			"Check":  func(tx *stm.Tx, _ *tvar.TVar[int]) error { tx.Check(false); return nil },
			"Nested": func(tx *stm.Tx, _ *tvar.TVar[int]) error { return tx.Nested(retry) },
			"OrElse": func(tx *stm.Tx, _ *tvar.TVar[int]) error { return tx.OrElse(retry, retry) },
			"after a Set": func(tx *stm.Tx, v *tvar.TVar[int]) error {
				v.Set(tx, 2)
				tx.Retry()
				return nil
			},
			"after a Commute": func(tx *stm.Tx, v *tvar.TVar[int]) error {
				v.Commute(tx, plusOne)
				tx.Retry()
				return nil
			},
		} {
			if form == "View" && strings.HasPrefix(name, "after") {
				continue // a View does not write
			}
			t.Run(name+" in "+form, func(t *testing.T) {
				owner := stm.NewOwner()
				v := tvar.New(1, tvar.In(owner))
				runs := 0
				var err error
				within(t, func() {
					err = run(owner, context.Background(), func(tx *stm.Tx) error {
						runs++
						return fn(tx, v)
					})
				})
				if form == "Try" {
					assert.True(t, errors.Is(err, stm.ErrBlockedForever) || errors.Is(err, stm.ErrRetry), "%v", err)
				} else {
					told(t, err, stm.ErrBlockedForever, "")
				}
				assert.LessOrEqual(t, runs, 2, "a View may run again to see what it could wait for")
				assert.True(t, runs == 1 || form == "View", "%d runs", runs)
				assert.Equal(t, 1, v.Load())
				usable(t, owner, v)
			})
		}
	}
}

func TestTokensThatCannotBeOurs(t *testing.T) {
	owner, other := stm.NewOwner(), stm.NewOwner()
	v := tvar.New(1, tvar.In(owner), tvar.Name("alice"))
	foreign := tvar.New(1, tvar.In(other))
	for range 10 {
		v.Update(plusOne)
		foreign.Update(plusOne)
	}
	_, good := v.LoadToken()
	_, theirs := foreign.LoadToken()
	always := func(tok token.Token) func() token.Token { return func() token.Token { return tok } }
	for name, tok := range map[string]func() token.Token{
		"zero":              always(token.Token{}),
		"another owner's":   always(theirs),
		"the next version":  func() token.Token { return token.New(good.Owner(), owner.Stats().Clock+1) },
		"the far future's":  func() token.Token { return token.New(good.Owner(), owner.Stats().Clock+1<<20) },
		"the end of time's": always(token.New(good.Owner(), math.MaxUint64)),
		"an earlier life's": always(token.New(^good.Owner(), good.Version())),
		"owner zero's":      always(token.New(0, good.Version())),
		"a near owner's":    always(token.New(good.Owner()+1, 0)),
	} {
		expect := func(tx *stm.Tx) error { return tx.Expect(tok(), v) }
		for form, run := range managed {
			t.Run(name+" in "+form, func(t *testing.T) {
				told(t, failureOf(func() error { return run(owner, context.Background(), expect) }), stm.ErrForeign, "token")
			})
		}
		t.Run(name+" in a held checkout", func(t *testing.T) {
			held := owner.Checkout()
			defer held.Discard()
			told(t, failureOf(func() error { return expect(held) }), stm.ErrForeign, "token")
		})
	}
	require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error {
		assert.NoError(t, tx.Expect(good), "about no variable there is nothing to expect")
		return tx.Expect(good, v, v)
	}))
	usable(t, owner, v)
}

// TestContextsThatAreOver: nothing runs.
func TestContextsThatAreOver(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	owner := stm.NewOwner()
	for form, run := range managed {
		if form == "Try" {
			continue // has no context
		}
		for name, ctx := range map[string]context.Context{"cancelled": cancelled, "expired": expired} {
			t.Run(form+" "+name, func(t *testing.T) {
				ran := false
				err := run(owner, ctx, func(tx *stm.Tx) error { ran = true; return nil })
				assert.Equal(t, ctx.Err(), err)
				assert.False(t, ran)
			})
		}
	}
	assert.Equal(t, context.Canceled, stm.Atomically(cancelled, nothing))
	assert.Equal(t, context.Canceled, stm.View(cancelled, nothing))
	_, err := stm.Do(cancelled, func(*stm.Tx) (int, error) { return 1, nil })
	assert.Equal(t, context.Canceled, err)
}

// TestNilsAreToldClearly hands nil to everything that takes a pointer, an interface or a function.
func TestNilsAreToldClearly(t *testing.T) {
	ctx := context.Background()
	var (
		noContext context.Context
		noOwner   *stm.Owner
		noTx      *stm.Tx
		noVar     *tvar.TVar[int]
		noFn      func(*stm.Tx) error
		noResult  func(*stm.Tx) (int, error)
	)
	result := func(*stm.Tx) (int, error) { return 1, nil }
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner), tvar.Name("alice"))
	_, tok := v.LoadToken()
	inside := func(fn func(*stm.Tx) error) func() error {
		return func() error { return owner.Atomically(ctx, fn) }
	}
	type test struct {
		name  string
		call  func() error
		tells string
	}
	tests := []test{
		{"Atomically without a context", func() error { return stm.Atomically(noContext, nothing) }, "context"},
		{"View without a context", func() error { return stm.View(noContext, nothing) }, "context"},
		{"Do without a context", func() error { _, err := stm.Do(noContext, result); return err }, "context"},
		{"DoIn without a context", func() error { _, err := stm.DoIn(noContext, owner, result); return err }, "context"},
		{"Owner.Atomically without a context", func() error { return owner.Atomically(noContext, nothing) }, "context"},
		{"Owner.View without a context", func() error { return owner.View(noContext, nothing) }, "context"},
		{"Irrevocably without a context", func() error { return owner.Irrevocably(noContext, nothing) }, "context"},

		{"Atomically without a function", func() error { return stm.Atomically(ctx, noFn) }, "func"},
		{"View without a function", func() error { return stm.View(ctx, noFn) }, "func"},
		{"Do without a function", func() error { _, err := stm.Do(ctx, noResult); return err }, "func"},
		{"DoIn without a function", func() error { _, err := stm.DoIn(ctx, owner, noResult); return err }, "func"},
		{"Owner.Atomically without a function", func() error { return owner.Atomically(ctx, noFn) }, "func"},
		{"Owner.View without a function", func() error { return owner.View(ctx, noFn) }, "func"},
		{"Irrevocably without a function", func() error { return owner.Irrevocably(ctx, noFn) }, "func"},
		{"Try without a function", func() error { return owner.Try(noFn) }, "func"},

		{"no owner's Atomically", func() error { return noOwner.Atomically(ctx, nothing) }, "owner"},
		{"no owner's View", func() error { return noOwner.View(ctx, nothing) }, "owner"},
		{"no owner's Irrevocably", func() error { return noOwner.Irrevocably(ctx, nothing) }, "owner"},
		{"no owner's Try", func() error { return noOwner.Try(nothing) }, "owner"},
		{"no owner's Checkout", func() error { noOwner.Checkout(); return nil }, "owner"},
		{"no owner's Stats", func() error { noOwner.Stats(); return nil }, "owner"},
		{"DoIn no owner", func() error { _, err := stm.DoIn(ctx, noOwner, result); return err }, "owner"},

		{"Commit of nil", func() error { _, err := noTx.Commit(); return err }, "Tx|transaction"},
		{"Discard of nil", func() error { noTx.Discard(); return nil }, "Tx|transaction"},

		{"OrElse without a function", inside(func(tx *stm.Tx) error { return tx.OrElse(nothing, noFn) }), "func|alternative"},
		{"Nested without a function", inside(func(tx *stm.Tx) error { return tx.Nested(noFn) }), "func"},
		{"OnCommit without a function", inside(func(tx *stm.Tx) error { tx.OnCommit(nil); return nil }), "func|hook"},
		{"OnCommitToken without a function", inside(func(tx *stm.Tx) error { tx.OnCommitToken(nil); return nil }), "func|hook"},
		{"OnAbort without a function", inside(func(tx *stm.Tx) error { tx.OnAbort(nil); return nil }), "func|hook"},

		{"Expect of no variable", inside(func(tx *stm.Tx) error { return tx.Expect(tok, v, nil) }), "var"},
		{"Expect of a nil variable", inside(func(tx *stm.Tx) error { return tx.Expect(tok, v, noVar) }), "var"},
	}
	for name, use := range uses {
		if name == "Expect" {
			use = func(tx *stm.Tx, v *tvar.TVar[int]) error { return tx.Expect(tok, v) }
		}
		tests = append(tests, test{name + " of no transaction", func() error { return use(noTx, v) }, "Tx|transaction"})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := v.Load()
			err := failureOf(test.call)
			told(t, err, nil, "nil")
			assert.Regexp(t, "(?i)"+test.tells, err.Error())
			assert.Equal(t, before, v.Load())
			usable(t, owner, v)
		})
	}
}

// TestATransactionOutOfThinAirIsClosed: a Tx made by hand is nobody's.
func TestATransactionOutOfThinAirIsClosed(t *testing.T) {
	v := tvar.New(1)
	closed(t, new(stm.Tx), v)
	assert.Equal(t, 1, v.Load())
}

// TestAnOwnerOutOfThinAirIsToldOrWorks: there is no promise about the zero Owner but that it says so.
func TestAnOwnerOutOfThinAirIsToldOrWorks(t *testing.T) {
	owner := new(stm.Owner)
	err := failureOf(func() error {
		v := tvar.New(1, tvar.In(owner))
		v.Store(2)
		return owner.Atomically(t.Context(), func(tx *stm.Tx) error { v.Set(tx, v.Get(tx)+1); return nil })
	})
	if err != nil {
		told(t, err, nil, "owner")
	}
}

// TestANilOwnerOptionIsToldOrIgnored, but is no crash.
func TestANilOwnerOptionIsToldOrIgnored(t *testing.T) {
	if err := failureOf(func() error { stm.NewOwner([]stm.OwnerOption{*new(stm.OwnerOption)}...); return nil }); err != nil {
		told(t, err, nil, "option")
	}
}

// hostile is an error and a value all of whose methods panic.
type hostile struct{ n int }

func (hostile) Error() string                { panic("Error was called") }
func (hostile) String() string               { panic("String was called") }
func (hostile) GoString() string             { panic("GoString was called") }
func (hostile) Format(fmt.State, rune)       { panic("Format was called") }
func (hostile) Is(error) bool                { panic("Is was called") }
func (hostile) As(any) bool                  { panic("As was called") }
func (hostile) Unwrap() error                { panic("Unwrap was called") }
func (hostile) MarshalText() ([]byte, error) { panic("MarshalText was called") }

// TestErrorsAndPanicsAreNotLookedInto: what user code returns or panics with comes out as it is, its methods unused.
func TestErrorsAndPanicsAreNotLookedInto(t *testing.T) {
	for form, run := range managed {
		t.Run(form, func(t *testing.T) {
			owner := stm.NewOwner()
			v := tvar.New(1, tvar.In(owner))
			write := func(tx *stm.Tx) {
				if form != "View" {
					v.Set(tx, 2)
				}
			}
			err := run(owner, t.Context(), func(tx *stm.Tx) error { write(tx); return hostile{1} })
			assert.True(t, err == error(hostile{1}))
			err = run(owner, t.Context(), func(tx *stm.Tx) error {
				return tx.OrElse(func(tx *stm.Tx) error { write(tx); return hostile{2} }, nothing)
			})
			assert.True(t, err == error(hostile{2}))
			err = run(owner, t.Context(), func(tx *stm.Tx) error {
				inner := tx.Nested(func(tx *stm.Tx) error { write(tx); return hostile{3} })
				assert.True(t, inner == error(hostile{3}))
				return inner
			})
			assert.True(t, err == error(hostile{3}))

			var recovered any
			func() {
				defer func() { recovered = recover() }()
				_ = run(owner, t.Context(), func(tx *stm.Tx) error { write(tx); panic(hostile{4}) })
			}()
			assert.True(t, recovered == any(hostile{4}))
			assert.Equal(t, 1, v.Load())
			usable(t, owner, v)
		})
	}
}

// TestHostileValuesAreKept: the library does not print, compare or hash what variables hold.
func TestHostileValuesAreKept(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(hostile{1}, tvar.In(owner), tvar.Name("hostile"))
	boxed := tvar.New[any](hostile{1}, tvar.In(owner))
	held := owner.Checkout()
	defer held.Discard()
	v.Set(held, hostile{3})
	boxed.Set(held, nil)
	require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error {
		v.Set(tx, hostile{v.Get(tx).n + 1})
		boxed.Set(tx, []hostile{{2}})
		return nil
	}))
	_, err := held.Commit()
	var clash *stm.ClashError
	require.ErrorAs(t, err, &clash)
	assert.Contains(t, clash.Error(), "hostile")
	assert.True(t, v.Load() == hostile{2})
	assert.True(t, boxed.Load().([]hostile)[0] == hostile{2})
}

// TestErrorsOfTheLibraryReturnedByFunctions come out unchanged too, and are not taken for the library's own.
func TestErrorsOfTheLibraryReturnedByFunctions(t *testing.T) {
	own := []error{
		stm.ErrClash, stm.ErrRetry, stm.ErrClosed, stm.ErrForeign, stm.ErrReadOnly, stm.ErrManaged, stm.ErrHeld,
		stm.ErrBlockedForever, &stm.ClashError{}, fmt.Errorf("wrapped: %w", stm.ErrRetry), context.Canceled,
	}
	for form, run := range managed {
		for _, own := range own {
			t.Run(form+" "+own.Error(), func(t *testing.T) {
				owner := stm.NewOwner()
				v := tvar.New(1, tvar.In(owner))
				runs := 0
				err := run(owner, t.Context(), func(tx *stm.Tx) error {
					runs++
					v.Get(tx)
					return own
				})
				assert.True(t, own == err, "%v", err)
				assert.Equal(t, 1, runs)
			})
		}
	}
}

func TestTheErrorsAreTellingApart(t *testing.T) {
	all := map[string]error{
		"clash": stm.ErrClash, "retry": stm.ErrRetry, "closed": stm.ErrClosed, "foreign": stm.ErrForeign,
		"read-only": stm.ErrReadOnly, "managed": stm.ErrManaged, "held": stm.ErrHeld, "blocked": stm.ErrBlockedForever,
	}
	for name, err := range all {
		assert.True(t, strings.HasPrefix(err.Error(), "stm: "), "%s: %v", name, err)
		for other, target := range all {
			assert.Equal(t, name == other, errors.Is(err, target), "%s is %s", name, other)
		}
	}
	clash := error(&stm.ClashError{Vars: []stm.VarClash{{Name: "alice", Base: 1, Current: 2, Written: true}}})
	assert.ErrorIs(t, clash, stm.ErrClash)
	assert.NotErrorIs(t, clash, stm.ErrRetry)
	assert.ErrorContains(t, clash, "alice")
	assert.NotEmpty(t, (&stm.ClashError{}).Error())
	assert.NotContains(t, (&stm.ClashError{Vars: make([]stm.VarClash, 3)}).Error(), `""`, "a nameless variable is not called nothing")
}

// managed are the ways to run a function in a transaction.
var managed = map[string]func(*stm.Owner, context.Context, func(*stm.Tx) error) error{
	"Atomically":  (*stm.Owner).Atomically,
	"View":        (*stm.Owner).View,
	"Irrevocably": (*stm.Owner).Irrevocably,
	"Try": func(owner *stm.Owner, _ context.Context, fn func(*stm.Tx) error) error {
		return owner.Try(fn)
	},
	"DoIn": func(owner *stm.Owner, ctx context.Context, fn func(*stm.Tx) error) error {
		_, err := stm.DoIn(ctx, owner, func(tx *stm.Tx) (struct{}, error) { return struct{}{}, fn(tx) })
		return err
	},
}

// failureOf runs fn and returns what it fails with: an error, or what it panicked with as one.
func failureOf(fn func() error) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = r
		default:
			err = fmt.Errorf("%v", r)
		}
	}()
	return fn()
}

// told fails unless err is target and a sentence for its reader that says what it must say.
func told(t *testing.T, err, target error, says string) {
	t.Helper()
	require.Error(t, err, "nothing was said")
	var raw runtime.Error
	require.False(t, errors.As(err, &raw), "a raw runtime error says too little: %v", err)
	if target != nil {
		require.ErrorIs(t, err, target)
	}
	text := err.Error()
	assert.True(t, strings.HasPrefix(text, "stm: ") || strings.HasPrefix(text, "tvar: "), "who speaks? %s", text)
	assert.Contains(t, strings.ToLower(text), says)
	assert.NotContains(t, text, `""`, "a nameless variable is not called nothing: %s", text)
	assert.NotContains(t, text, "\n")
}

// closed fails unless every use of tx is refused as the use of a closed transaction.
func closed(t *testing.T, tx *stm.Tx, v *tvar.TVar[int]) {
	t.Helper()
	for name, use := range uses {
		t.Run(name, func(t *testing.T) {
			told(t, failureOf(func() error { return use(tx, v) }), stm.ErrClosed, "")
		})
	}
}

// usable fails if anything that v or its owner needs is still locked, shut or blocked.
func usable(t *testing.T, owner *stm.Owner, v *tvar.TVar[int]) {
	t.Helper()
	before := v.Load()
	within(t, func() {
		v.Update(plusOne)
		assert.NoError(t, owner.Atomically(context.Background(), func(tx *stm.Tx) error { v.Modify(tx, plusOne); return nil }))
		assert.NoError(t, owner.Irrevocably(context.Background(), func(tx *stm.Tx) error { v.Modify(tx, plusOne); return nil }))
		assert.NoError(t, owner.Try(func(tx *stm.Tx) error { v.Modify(tx, plusOne); return nil }))
		held := owner.Checkout()
		v.Set(held, v.Get(held)+1)
		_, err := held.Commit()
		assert.NoError(t, err)
	})
	require.Equal(t, before+5, v.Load())
	v.Store(before)
}

// within runs fn in a goroutine of its own and fails if it does not end.
func within(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Error("blocked: something is still locked")
		runtime.Goexit()
	}
}
