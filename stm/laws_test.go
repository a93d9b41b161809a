package stm_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The laws of retry and orElse are those of "Composable memory transactions"
// (Harris, Marlow, Peyton Jones, Herlihy, 2005). Two actions are the same if nobody can tell them apart.

// An action is part of a transaction on two variables.
type action struct {
	name string
	do   func(tx *stm.Tx, x, y *tvar.TVar[int]) error
}

var (
	errOne = errors.New("one")
	errTwo = errors.New("two")

	retry   = action{"retry", func(tx *stm.Tx, _, _ *tvar.TVar[int]) error { tx.Retry(); return nil }}
	actions = []action{
		retry,
		{"nothing", func(*stm.Tx, *tvar.TVar[int], *tvar.TVar[int]) error { return nil }},
		{"x=7", func(tx *stm.Tx, x, _ *tvar.TVar[int]) error { x.Set(tx, 7); return nil }},
		{"x=y+1", func(tx *stm.Tx, x, y *tvar.TVar[int]) error { x.Set(tx, y.Get(tx)+1); return nil }},
		{"y=8,fail", func(tx *stm.Tx, _, y *tvar.TVar[int]) error { y.Set(tx, 8); return errOne }},
		{"x=9,retry", func(tx *stm.Tx, x, _ *tvar.TVar[int]) error { x.Set(tx, 9); tx.Retry(); return nil }},
		{"y=9,await x", func(tx *stm.Tx, x, y *tvar.TVar[int]) error { y.Set(tx, 9); tx.Check(x.Get(tx) > 0); return nil }},
		{"x++,await y", func(tx *stm.Tx, x, y *tvar.TVar[int]) error { write(tx, x); tx.Check(y.Get(tx) > 0); return nil }},
		{"await x,fail", func(tx *stm.Tx, x, _ *tvar.TVar[int]) error { tx.Check(x.Get(tx) > 0); return errTwo }},
		{"y commutes", func(tx *stm.Tx, _, y *tvar.TVar[int]) error {
			y.Commute(tx, func(n int) int { return 10*n + 3 })
			return nil
		}},
	}
)

// orElse is the composition of actions.
func orElse(all ...action) action {
	name := "orElse("
	for i, a := range all {
		if i > 0 {
			name += ", "
		}
		name += a.name
	}
	return action{name + ")", func(tx *stm.Tx, x, y *tvar.TVar[int]) error {
		var alternatives []func(*stm.Tx) error
		for _, a := range all {
			alternatives = append(alternatives, func(tx *stm.Tx) error { return a.do(tx, x, y) })
		}
		return tx.OrElse(alternatives...)
	}}
}

// andThen runs the second action in the same transaction, whatever came of the first.
func andThen(a, b action) action {
	return action{a.name + "; " + b.name, func(tx *stm.Tx, x, y *tvar.TVar[int]) error {
		err := a.do(tx, x, y)
		return errors.Join(err, b.do(tx, x, y))
	}}
}

// An outcome is all that can be seen of an action.
type outcome struct {
	waits          bool
	wokenX, wokenY bool // by a change of x, or of y
	x, y           int
	err            string
}

// observe runs an action as a transaction, and if it waits, finds out for what.
func observe(t *testing.T, a action, x0, y0 int) (seen outcome) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x, y := tvar.New(x0, tvar.In(o)), tvar.New(y0, tvar.In(o))
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		s := sleep(ctx, o, func(tx *stm.Tx) error {
			// The errors of actions that are undone by themselves still let the rest commit.
			err := a.do(tx, x, y)
			seen.err = fmt.Sprint(err)
			return nil
		})
		synctest.Wait()
		select {
		case err := <-s.ended:
			if err != nil {
				seen.err = err.Error()
			}
		default:
			seen.waits = true
			x.Store(x.Load()) // the same value, but a change
			synctest.Wait()
			seen.wokenX = s.runs.Load() == 2
			before := s.runs.Load()
			y.Store(y.Load())
			synctest.Wait()
			seen.wokenY = s.runs.Load() == before+1
			cancel()
			<-s.ended
			seen.err = ""
		}
		seen.x, seen.y = x.Load(), y.Load()
	})
	return seen
}

// same checks that two actions cannot be told apart in any state.
func same(t *testing.T, a, b action) {
	t.Helper()
	for state := range 4 {
		x, y := state%2, state/2
		one, two := observe(t, a, x, y), observe(t, b, x, y)
		require.Equal(t, one, two, "%s and %s, in the state x=%d y=%d", a.name, b.name, x, y)
	}
}

func TestRetryIsTheUnitOfOrElseOnTheLeft(t *testing.T) {
	for _, a := range actions {
		if a.name != "y=8,fail" && a.name != "await x,fail" { // OrElse undoes what fails
			same(t, a, orElse(retry, a))
		}
		same(t, orElse(a), orElse(retry, a))
	}
}

func TestRetryIsTheUnitOfOrElseOnTheRight(t *testing.T) {
	for _, a := range actions {
		same(t, orElse(a), orElse(a, retry))
	}
}

func TestOrElseIsAssociative(t *testing.T) {
	for _, a := range actions {
		for _, b := range actions {
			for _, c := range actions {
				flat := orElse(a, b, c)
				same(t, flat, orElse(a, orElse(b, c)))
				if testing.Short() || raced() {
					continue
				}
				same(t, flat, orElse(orElse(a, b), c))
			}
		}
	}
}

// OrElse is one part of a transaction: what comes before and after it stays what it is.
func TestOrElseComposes(t *testing.T) {
	for _, a := range actions {
		for _, b := range actions {
			same(t, andThen(b, orElse(a)), andThen(b, orElse(retry, a)))
			same(t, andThen(orElse(a), b), andThen(orElse(a, retry), b))
		}
	}
}

// Retry ends everything that would have come after it, and what came before it leaves nothing.
func TestRetryIsAZeroOnTheLeft(t *testing.T) {
	for _, a := range actions {
		same(t, retry, andThen(retry, a))
	}
}

// The cases of the laws one by one.

func TestTheLeftSideIsTakenUnlessItRetries(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	mustAtomically(o, func(tx *stm.Tx) {
		err := tx.OrElse(
			func(tx *stm.Tx) error { v[0].Set(tx, 1); return nil },
			func(*stm.Tx) error { t.Error("the right side ran"); return nil })
		assert.NoError(t, err)
	})
	assert.Equal(t, 1, v[0].Load())
}

func TestLeftWritesAreDiscardedWhenTheLeftSideRetries(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 4, 1)
	at := look(v[0], v[3])
	mustAtomically(o, func(tx *stm.Tx) {
		v[1].Set(tx, 10)
		v[2].Commute(tx, func(n int) int { return n + 10 })
		err := tx.OrElse(func(tx *stm.Tx) error {
			v[0].Set(tx, 2)
			v[1].Set(tx, 20)
			v[2].Commute(tx, func(n int) int { return n + 100 })
			v[3].Commute(tx, func(n int) int { return n + 100 })
			tx.Retry()
			return nil
		}, func(tx *stm.Tx) error {
			assert.Equal(t, 1, v[0].Get(tx))
			assert.Equal(t, 10, v[1].Get(tx), "what was written before OrElse")
			return nil
		})
		assert.NoError(t, err)
	})
	assert.Equal(t, []int{1, 10, 11, 1}, []int{v[0].Load(), v[1].Load(), v[2].Load(), v[3].Load()})
	assert.Equal(t, at, look(v[0], v[3]), "not even their versions")
}

func TestIfBothSidesRetryTheWaitIsOnWhatEitherHasRead(t *testing.T) {
	for changed := range 4 {
		synctest.Test(t, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 5, 0)
			s := sleep(background, o, func(tx *stm.Tx) error {
				sum := v[0].Get(tx)
				one := func(i int) func(*stm.Tx) error {
					return func(tx *stm.Tx) error {
						tx.Check(sum+v[i].Get(tx) > 0)
						return nil
					}
				}
				return tx.OrElse(one(1), one(2), one(3))
			})
			synctest.Wait()
			v[4].Store(1)
			synctest.Wait()
			require.EqualValues(t, 1, s.runs.Load())
			v[changed].Store(1)
			require.NoError(t, <-s.ended)
			require.EqualValues(t, 2, s.runs.Load(), "variable %d", changed)
		})
	}
}

// The right side was taken because of what the left side has read: if that changes, the choice was wrong.
func TestWhatTheLeftSideHasReadStillCounts(t *testing.T) {
	for _, f := range []form{formAtomically, formDo, formTry} {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			x, chosen := tvar.New(0, tvar.In(o)), tvar.New("", tvar.In(o))
			first := true
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				return tx.OrElse(func(tx *stm.Tx) error {
					tx.Check(x.Get(tx) > 0)
					chosen.Set(tx, "left")
					return nil
				}, func(tx *stm.Tx) error {
					if first {
						first = false
						elsewhere(func() { x.Store(1) })
					}
					chosen.Set(tx, "right")
					return nil
				})
			}))
			assert.Equal(t, "left", chosen.Load())
		})
	}
}

func TestAnErrorInAnAlternativeUndoesItAndIsReturned(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 3, 0)
	at := look(v[1], v[2])
	mustAtomically(o, func(tx *stm.Tx) {
		v[0].Set(tx, 1)
		err := tx.OrElse(func(tx *stm.Tx) error {
			v[1].Set(tx, 1)
			tx.Retry()
			return nil
		}, func(tx *stm.Tx) error {
			v[0].Set(tx, 2)
			v[2].Set(tx, 1)
			return errUser
		}, func(*stm.Tx) error {
			t.Error("the next alternative is for Retry alone")
			return nil
		})
		assert.Same(t, errUser, err)
		assert.Equal(t, 1, v[0].Get(tx))
	})
	assert.Equal(t, 1, v[0].Load())
	assert.Equal(t, at, look(v[1], v[2]))
}

func TestNestedUndoesItselfAlone(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 4, 0)
	at := version(v[1])
	mustAtomically(o, func(tx *stm.Tx) {
		v[0].Set(tx, 1)
		v[3].Commute(tx, func(n int) int { return n + 1 })
		err := tx.Nested(func(tx *stm.Tx) error {
			assert.Equal(t, 1, v[0].Get(tx), "it sees what is around it")
			v[0].Set(tx, 2)
			v[1].Set(tx, 2)
			v[3].Commute(tx, func(n int) int { return n + 10 })
			assert.NoError(t, tx.Nested(func(tx *stm.Tx) error { v[1].Set(tx, 3); return nil }))
			assert.Equal(t, 3, v[1].Get(tx))
			return errUser
		})
		assert.Same(t, errUser, err)
		assert.Equal(t, 1, v[0].Get(tx))
		assert.Equal(t, 0, v[1].Get(tx))
		assert.NoError(t, tx.Nested(func(tx *stm.Tx) error {
			v[2].Set(tx, 5)
			assert.Same(t, errOne, tx.Nested(func(tx *stm.Tx) error { v[2].Set(tx, 6); return errOne }))
			return nil
		}))
		assert.Equal(t, 5, v[2].Get(tx), "it is seen afterwards")
	})
	assert.Equal(t, []int{1, 0, 5, 1}, []int{v[0].Load(), v[1].Load(), v[2].Load(), v[3].Load()})
	assert.Equal(t, at, version(v[1]))
}

// Held checkouts nest in the same way.
func TestNestedUndoesItselfAloneInACheckout(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	tx := o.Checkout()
	defer tx.Discard()
	v[0].Set(tx, 1)
	assert.Same(t, errUser, tx.Nested(func(tx *stm.Tx) error { v[0].Set(tx, 2); v[1].Set(tx, 2); return errUser }))
	assert.Same(t, errOne, tx.OrElse(func(tx *stm.Tx) error { v[1].Set(tx, 3); return errOne }))
	_, err := tx.Commit()
	require.NoError(t, err)
	assert.Equal(t, []int{1, 0}, []int{v[0].Load(), v[1].Load()})
}

// What an undone part has read has decided what came after it, so it still counts.
func TestWhatAnUndonePartHasReadStillCounts(t *testing.T) {
	for _, f := range optimistic {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			first := true
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				n := 0
				_ = tx.Nested(func(tx *stm.Tx) error { n = v[0].Get(tx); return errUser })
				if first {
					first = false
					elsewhere(func() { v[0].Store(7) })
				}
				v[1].Set(tx, n)
				return nil
			}))
			assert.Equal(t, 7, v[1].Load())
		})
	}
}

// Retry goes through Nested, to the next alternative around it or to the whole transaction.
func TestRetryGoesThroughNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		v := ints(o, 3, 0)
		nested := func(tx *stm.Tx) error {
			return tx.Nested(func(tx *stm.Tx) error { v[1].Set(tx, 1); tx.Check(v[0].Get(tx) > 0); return nil })
		}
		mustAtomically(o, func(tx *stm.Tx) {
			assert.NoError(t, tx.OrElse(nested, func(tx *stm.Tx) error { v[2].Set(tx, 1); return nil }))
		})
		assert.Equal(t, []int{0, 1}, []int{v[1].Load(), v[2].Load()})
		s := sleep(background, o, nested)
		synctest.Wait()
		assert.Zero(t, v[1].Load())
		v[0].Store(1)
		assert.NoError(t, <-s.ended)
		assert.Equal(t, 1, v[1].Load())
	})
}

// A transaction reads what it has written itself.
func TestATransactionSeesItsOwnChanges(t *testing.T) {
	for _, f := range updates {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(1, tvar.In(o))
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				assert.Equal(t, 1, x.Get(tx))
				x.Set(tx, 2)
				assert.Equal(t, 2, x.Get(tx))
				assert.Equal(t, 6, x.Modify(tx, func(n int) int { return n * 3 }))
				x.Commute(tx, func(n int) int { return n + 1 })
				assert.Equal(t, 7, x.Get(tx))
				return nil
			}))
			assert.Equal(t, 7, x.Load())
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				x.Commute(tx, func(n int) int { return n * 10 })
				x.Commute(tx, func(n int) int { return n + 1 })
				assert.Equal(t, 71, x.Get(tx), "in the order in which they were asked for")
				x.Commute(tx, func(n int) int { return n + 1 })
				return nil
			}))
			assert.Equal(t, 72, x.Load())
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				x.Commute(tx, func(n int) int { return n + 1 })
				x.Set(tx, 5)
				return nil
			}))
			assert.Equal(t, 5, x.Load())
		})
	}
}
