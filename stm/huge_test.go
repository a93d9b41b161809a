package stm_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// huge is the number of variables in the largest transactions, and depth how deep they are nested. The debugging mode
// looks up the goroutine at each use, which costs the more the deeper it is, so both are less there.
var huge, depth = 100_000, 10_000

const tenThousand = 10_000

// bound is far above what any of these tests needs in linear time, also under the race detector on a slow machine,
// and far below what quadratic time would need.
const bound = 20 * time.Second

func TestHundredThousandVariablesInOneTransaction(t *testing.T) {
	for form, run := range managed {
		if form == "View" {
			continue
		}
		t.Run(form, func(t *testing.T) {
			owner := stm.NewOwner()
			all := manyOf(owner, huge)
			inTime(t, func(ctx context.Context) {
				require.NoError(t, run(owner, ctx, func(tx *stm.Tx) error {
					for i, v := range all {
						if i%1000 == 0 && ctx.Err() != nil {
							return ctx.Err()
						}
						v.Set(tx, v.Get(tx)+i)
					}
					for i, v := range all {
						if got := v.Get(tx); got != 2*i {
							t.Fatalf("variable %d: got %d in the transaction", i, got)
						}
					}
					return nil
				}))
			})
			holds(t, owner, all, func(i int) int { return 2 * i })
		})
	}
}

func TestHundredThousandVariablesInEveryOtherWay(t *testing.T) {
	for name, fn := range map[string]func(*stm.Tx, int, *tvar.TVar[int]){
		"blind Set": func(tx *stm.Tx, i int, v *tvar.TVar[int]) { v.Set(tx, 2*i) },
		"Modify":    func(tx *stm.Tx, i int, v *tvar.TVar[int]) { v.Modify(tx, func(n int) int { return n + i }) },
		"Commute":   func(tx *stm.Tx, i int, v *tvar.TVar[int]) { v.Commute(tx, func(n int) int { return n + i }) },
	} {
		t.Run(name, func(t *testing.T) {
			owner := stm.NewOwner()
			all := manyOf(owner, huge)
			inTime(t, func(ctx context.Context) {
				require.NoError(t, owner.Atomically(ctx, func(tx *stm.Tx) error {
					for i, v := range all {
						if i%1000 == 0 && ctx.Err() != nil {
							return ctx.Err()
						}
						fn(tx, i, v)
					}
					return nil
				}))
			})
			holds(t, owner, all, func(i int) int { return 2 * i })
		})
	}
}

func TestHundredThousandVariablesInAHeldCheckout(t *testing.T) {
	owner := stm.NewOwner()
	all := manyOf(owner, huge)
	inTime(t, func(context.Context) {
		reader, loser, winner := owner.Checkout(), owner.Checkout(), owner.Checkout()
		for i, v := range all {
			v.Set(winner, v.Get(winner)+i)
			v.Set(loser, -1)
		}
		tok, err := winner.Commit()
		require.NoError(t, err)
		_, err = loser.Commit()
		var clash *stm.ClashError
		require.ErrorAs(t, err, &clash)
		require.Len(t, clash.Vars, huge, "every changed variable is reported")
		require.Less(t, len(err.Error()), 10_000, "but not every one is in the sentence")
		loser.Discard()
		for i, v := range all {
			if got := v.Get(reader); got != i {
				t.Fatalf("variable %d: got %d at the pin", i, got)
			}
		}
		reader.Discard()

		vars := make([]stm.Var, len(all))
		for i, v := range all {
			vars[i] = v
		}
		require.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error { return tx.Expect(tok, vars...) }))
		all[huge/2].Update(plusOne)
		err = owner.Atomically(t.Context(), func(tx *stm.Tx) error { return tx.Expect(tok, vars...) })
		require.ErrorAs(t, err, &clash)
		require.Len(t, clash.Vars, 1)
		all[huge/2].Update(func(n int) int { return n - 1 })
	})
	holds(t, owner, all, func(i int) int { return 2 * i })
}

func TestAHugeTransactionThatFailsChangesNothing(t *testing.T) {
	owner := stm.NewOwner()
	all := manyOf(owner, huge)
	refused := errors.New("refused")
	write := func(tx *stm.Tx) {
		for _, v := range all {
			v.Set(tx, -1)
		}
	}
	inTime(t, func(ctx context.Context) {
		assert.Equal(t, refused, owner.Atomically(ctx, func(tx *stm.Tx) error { write(tx); return refused }))
		assert.ErrorIs(t, failureOf(func() error {
			return owner.Atomically(ctx, func(tx *stm.Tx) error { write(tx); panic(refused) })
		}), refused)
		require.NoError(t, owner.Atomically(ctx, func(tx *stm.Tx) error {
			assert.Equal(t, refused, tx.Nested(func(tx *stm.Tx) error { write(tx); return refused }))
			return tx.OrElse(
				func(tx *stm.Tx) error { write(tx); tx.Retry(); return nil },
				func(tx *stm.Tx) error { all[0].Get(tx); return nil },
			)
		}))
	})
	holds(t, owner, all, func(i int) int { return i })
	usable(t, owner, all[huge-1])
}

// TestASmallTransactionAfterAHugeOne is not slowed by what the huge one left in a pool.
func TestASmallTransactionAfterAHugeOne(t *testing.T) {
	owner := stm.NewOwner()
	all := manyOf(owner, huge)
	inTime(t, func(ctx context.Context) {
		require.NoError(t, owner.Atomically(ctx, func(tx *stm.Tx) error {
			for _, v := range all {
				v.Modify(tx, plusOne)
			}
			return nil
		}))
		for range huge {
			require.NoError(t, owner.Atomically(ctx, func(tx *stm.Tx) error { all[0].Modify(tx, plusOne); return nil }))
		}
	})
	assert.Equal(t, huge+1, all[0].Load())
}

// TestOneVariableManyTimes: reading and writing again and again must not add up.
func TestOneVariableManyTimes(t *testing.T) {
	owner := stm.NewOwner()
	all := manyOf(owner, 40)
	inTime(t, func(ctx context.Context) {
		require.NoError(t, owner.Atomically(ctx, func(tx *stm.Tx) error {
			for i := range huge {
				v := all[i%len(all)]
				v.Set(tx, v.Get(tx)+1)
			}
			for i := range tenThousand {
				all[i%len(all)].Commute(tx, plusOne)
			}
			return nil
		}))
		require.NoError(t, owner.View(ctx, func(tx *stm.Tx) error {
			for range huge {
				all[0].Get(tx)
			}
			return nil
		}))
	})
	holds(t, owner, all, func(i int) int { return i + (huge+tenThousand)/len(all) })
}

func TestManyCommutesOfOneVariable(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(0, tvar.In(owner))
	inTime(t, func(ctx context.Context) {
		require.NoError(t, owner.Atomically(ctx, func(tx *stm.Tx) error {
			for range tenThousand {
				v.Commute(tx, plusOne)
			}
			return nil
		}))
	})
	assert.Equal(t, tenThousand, v.Load())
}

// TestDeepNesting undoes every other level, and every level sees what those around it wrote.
func TestDeepNesting(t *testing.T) {
	owner := stm.NewOwner()
	all := manyOf(owner, depth)
	undo := errors.New("undo")
	var level func(at int) func(*stm.Tx) error
	level = func(at int) func(*stm.Tx) error {
		return func(tx *stm.Tx) error {
			all[at].Set(tx, -1)
			if at+1 < len(all) {
				if all[at].Get(tx) != -1 {
					t.Errorf("depth %d lost its own write", at)
				}
				if err := tx.Nested(level(at + 1)); (at+1)%2 == 0 && err != undo {
					t.Errorf("depth %d returned %v", at+1, err)
				}
			}
			if at%2 == 0 && at > 0 {
				return undo
			}
			return nil
		}
	}
	inTime(t, func(ctx context.Context) {
		require.NoError(t, owner.Atomically(ctx, level(0)))
	})
	// Depth 2 was undone with everything inside it.
	holds(t, owner, all, func(i int) int {
		if i < 2 {
			return -1
		}
		return i
	})
}

func TestDeepOrElse(t *testing.T) {
	owner := stm.NewOwner()
	all := manyOf(owner, depth)
	var level func(at int) func(*stm.Tx) error
	level = func(at int) func(*stm.Tx) error {
		return func(tx *stm.Tx) error {
			all[at].Set(tx, -1)
			if at+1 == len(all) {
				tx.Retry()
			}
			return tx.OrElse(level(at+1), func(tx *stm.Tx) error {
				tx.Check(at < 10)
				return nil
			})
		}
	}
	inTime(t, func(ctx context.Context) {
		require.NoError(t, owner.Atomically(ctx, level(0)))
	})
	// The alternative at depth 9 was the first that did not retry, and levels 0 to 9 are around it.
	holds(t, owner, all, func(i int) int {
		if i < 10 {
			return -1
		}
		return i
	})
}

// TestManyAlternativesWaitForAny: each reads a variable of its own and retries; a change of any one is enough.
func TestManyAlternativesWaitForAny(t *testing.T) {
	for _, change := range []int{0, tenThousand / 2, tenThousand - 1} {
		synctest.Test(t, func(t *testing.T) {
			owner := stm.NewOwner()
			all := manyOf(owner, tenThousand)
			beside := tvar.New(0, tvar.In(owner))
			alternatives := make([]func(*stm.Tx) error, len(all))
			got := -1
			for i, v := range all {
				alternatives[i] = func(tx *stm.Tx) error {
					tx.Check(v.Get(tx) < 0)
					got = i
					return nil
				}
			}
			runs := 0
			go func() {
				assert.NoError(t, owner.Atomically(t.Context(), func(tx *stm.Tx) error {
					runs++
					return tx.OrElse(alternatives...)
				}))
			}()
			synctest.Wait()
			require.Equal(t, 1, runs)
			beside.Store(1)
			synctest.Wait()
			require.Equal(t, 1, runs)
			all[change].Store(-1)
			synctest.Wait()
			require.Equal(t, 2, runs)
			require.Equal(t, change, got)
		})
	}
}

func TestManyHooksRunInOrder(t *testing.T) {
	owner := stm.NewOwner()
	next := 0
	inTime(t, func(ctx context.Context) {
		require.NoError(t, owner.Atomically(ctx, func(tx *stm.Tx) error {
			for i := range huge {
				tx.OnCommit(func() {
					if next != i {
						t.Errorf("hook %d ran as number %d", i, next)
					}
					next++
				})
			}
			return nil
		}))
	})
	assert.Equal(t, huge, next)
}

// TestManyCheckoutsAtOnce: each holds its own snapshot.
func TestManyCheckoutsAtOnce(t *testing.T) {
	const many = 2_000
	owner := stm.NewOwner()
	v := tvar.New(0, tvar.In(owner))
	inTime(t, func(context.Context) {
		held := make([]*stm.Tx, many)
		for i := range held {
			held[i] = owner.Checkout()
			v.Store(i + 1)
		}
		for i, tx := range held {
			if got := v.Get(tx); got != i {
				t.Fatalf("checkout %d sees %d", i, got)
			}
		}
		for i := range held { // in an order that is neither first nor last
			held[(i*7)%many].Discard()
		}
	})
	assert.Equal(t, many, v.Load())
	usable(t, owner, v)
}

// manyOf makes n variables, each holding its index.
func manyOf(owner *stm.Owner, n int) []*tvar.TVar[int] {
	all := make([]*tvar.TVar[int], n)
	for i := range all {
		all[i] = tvar.New(i, tvar.In(owner))
	}
	return all
}

// holds fails unless every variable holds what want says, seen by Load and in one View.
func holds(t *testing.T, owner *stm.Owner, all []*tvar.TVar[int], want func(i int) int) {
	t.Helper()
	require.NoError(t, owner.View(t.Context(), func(tx *stm.Tx) error {
		for i, v := range all {
			if inside, outside := v.Get(tx), v.Load(); inside != want(i) || outside != want(i) {
				t.Fatalf("variable %d: got %d in a View and %d from Load, want %d", i, inside, outside, want(i))
			}
		}
		return nil
	}))
}

// inTime fails if fn makes the cores work for longer than the bound, however long they are given to others meanwhile.
func inTime(t *testing.T, fn func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*bound)
	defer cancel()
	before := worked()
	fn(ctx)
	assert.Less(t, worked()-before, bound)
}
