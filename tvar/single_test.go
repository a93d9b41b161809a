package tvar_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

func TestLoadNeverSeesWhatIsNotCommitted(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner))
	do(t, owner, func(tx *stm.Tx) error {
		v.Set(tx, 2)
		assert.Equal(t, 1, v.Load(), "in the transaction's goroutine")
		elsewhere(t, func() { assert.Equal(t, 1, v.Load(), "in another goroutine") })
		return nil
	})
	assert.Equal(t, 2, v.Load())
}

func TestUpdateReturnsWhatItStored(t *testing.T) {
	v := tvar.New(20)
	assert.Equal(t, 42, v.Update(func(old int) int { return 2*old + 2 }))
	assert.Equal(t, 42, v.Load())
}

// TestEveryIncrementIsSeenOnce mixes all ways to add one: each must return or leave a number of its own.
func TestEveryIncrementIsSeenOnce(t *testing.T) {
	const goroutines, rounds = 4, 500
	owner := stm.NewOwner()
	v := tvar.New(0, tvar.In(owner))
	increment := func(n int) int { return n + 1 }
	results := make([][]int, goroutines)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for range rounds {
				results[g] = append(results[g], v.Update(increment))
				var got int
				do(t, owner, func(tx *stm.Tx) error { got = v.Modify(tx, increment); return nil })
				results[g] = append(results[g], got)
				do(t, owner, func(tx *stm.Tx) error { got = v.Get(tx) + 1; v.Set(tx, got); return nil })
				results[g] = append(results[g], got)
			}
		})
	}
	all.Wait()
	const total = goroutines * rounds * 3
	require.Equal(t, total, v.Load())
	seen := slices.Sorted(slices.Values(slices.Concat(results...)))
	for i, n := range seen {
		require.Equal(t, i+1, n, "every number from 1 to %d must have been returned once", total)
	}
}

func TestUpdatesAndCommutesAddUp(t *testing.T) {
	const goroutines, rounds = 4, 500
	owner := stm.NewOwner()
	v := tvar.New(0, tvar.In(owner))
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for range rounds {
				v.Update(func(n int) int { return n + 1 })
				do(t, owner, func(tx *stm.Tx) error { v.Commute(tx, func(n int) int { return n + 1 }); return nil })
			}
		})
	}
	all.Wait()
	assert.Equal(t, goroutines*rounds*2, v.Load())
}

func TestUpdateRunsAgainOnWhatAnotherStored(t *testing.T) {
	v := tvar.New(1)
	var seen []int
	result := v.Update(func(old int) int {
		seen = append(seen, old)
		if len(seen) == 1 {
			elsewhere(t, func() { v.Store(10) })
		}
		return old + 1
	})
	assert.Equal(t, []int{1, 10}, seen, "the function runs again on the new value")
	assert.Equal(t, 11, result)
	assert.Equal(t, 11, v.Load())
}

// TestUpdateHoldsNoLock uses the variable, from inside and from elsewhere, while Update's function runs.
func TestUpdateHoldsNoLock(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner))
	runs := 0
	v.Update(func(old int) int {
		runs++
		assert.Equal(t, old, v.Load())
		elsewhere(t, func() {
			v.Load()
			v.LoadToken()
			assert.NoError(t, owner.View(t.Context(), func(tx *stm.Tx) error { v.Get(tx); return nil }))
			if runs == 1 {
				v.Update(func(n int) int { return n + 10 })
				do(t, owner, func(tx *stm.Tx) error { v.Modify(tx, func(n int) int { return n + 100 }); return nil })
				do(t, owner, func(tx *stm.Tx) error { v.Commute(tx, func(n int) int { return n + 1000 }); return nil })
			}
		})
		return old + 1
	})
	assert.Equal(t, 1112, v.Load())
}

func TestStoreMakesAReaderRunAgain(t *testing.T) {
	for name, write := range map[string]func(v *tvar.TVar[int]){
		"Store":  func(v *tvar.TVar[int]) { v.Store(10) },
		"Update": func(v *tvar.TVar[int]) { v.Update(func(n int) int { return n * 10 }) },
	} {
		t.Run(name, func(t *testing.T) {
			owner := stm.NewOwner()
			v, result := tvar.New(1, tvar.In(owner)), tvar.New(0, tvar.In(owner))
			attempts := 0
			do(t, owner, func(tx *stm.Tx) error {
				attempts++
				got := v.Get(tx)
				if attempts == 1 {
					elsewhere(t, func() { write(v) })
				}
				result.Set(tx, got)
				return nil
			})
			assert.Equal(t, 2, attempts)
			assert.Equal(t, 10, result.Load())
		})
	}
}

// TestNoAttemptSeesTwoStores has a transaction read twice with a Store in between: both reads agree in every attempt.
func TestNoAttemptSeesTwoStores(t *testing.T) {
	owner := stm.NewOwner()
	v, w := tvar.New(0, tvar.In(owner)), tvar.New(0, tvar.In(owner))
	attempts := 0
	do(t, owner, func(tx *stm.Tx) error {
		attempts++
		before := v.Get(tx)
		if attempts == 1 {
			elsewhere(t, func() { v.Store(1); w.Store(1) })
		}
		assert.Equal(t, before, w.Get(tx), "v was %d", before)
		assert.Equal(t, before, v.Get(tx))
		return nil
	})
	assert.Equal(t, 1, v.Load())
}

// TestLoadsInARowFollowTheCommits: with both variables written by one transaction, a later Load is never older.
func TestLoadsInARowFollowTheCommits(t *testing.T) {
	const rounds = 5_000
	owner := stm.NewOwner()
	a, b := tvar.New(0, tvar.In(owner)), tvar.New(0, tvar.In(owner))
	var all sync.WaitGroup
	all.Go(func() {
		for n := range rounds {
			do(t, owner, func(tx *stm.Tx) error { a.Set(tx, n+1); b.Set(tx, n+1); return nil })
		}
	})
	for _, order := range [][2]*tvar.TVar[int]{{a, b}, {b, a}} {
		all.Go(func() {
			for first := 0; first < rounds; {
				first = order[0].Load()
				if second := order[1].Load(); second < first {
					t.Errorf("loaded %d, then %d of the same commit's other variable", first, second)
					return
				}
			}
		})
	}
	all.Wait()
}

// TestMoneyIsKept runs transfers, single deposits and audits side by side.
func TestMoneyIsKept(t *testing.T) {
	const accounts, workers, rounds = 8, 3, 500
	owner := stm.NewOwner()
	bank := make([]*tvar.TVar[int], accounts)
	for i := range bank {
		bank[i] = tvar.New(100, tvar.In(owner))
	}
	sum := func(tx *stm.Tx) (total int) {
		for _, account := range bank {
			total += account.Get(tx)
		}
		return total
	}
	seed := rand.Uint64()
	var all sync.WaitGroup
	for worker := range workers {
		random := rand.New(rand.NewPCG(seed, uint64(worker)))
		all.Go(func() {
			for range rounds {
				from, to := bank[random.IntN(accounts)], bank[random.IntN(accounts)]
				do(t, owner, func(tx *stm.Tx) error {
					from.Set(tx, from.Get(tx)-1)
					to.Set(tx, to.Get(tx)+1)
					return nil
				})
				bank[random.IntN(accounts)].Update(func(n int) int { return n + accounts })
			}
		})
	}
	all.Go(func() {
		for range rounds {
			assert.NoError(t, owner.View(t.Context(), func(tx *stm.Tx) error {
				assert.Zero(t, sum(tx)%accounts, "seed %d", seed)
				return nil
			}))
		}
	})
	all.Wait()
	do(t, owner, func(tx *stm.Tx) error {
		assert.Equal(t, accounts*100+workers*rounds*accounts, sum(tx), "seed %d", seed)
		return nil
	})
}

func TestTokensOfOneVariableIncrease(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(0, tvar.In(owner))
	_, last := v.LoadToken()
	writes := []func(){
		func() { v.Store(0) },
		func() { v.Update(func(n int) int { return n }) },
		func() { do(t, owner, func(tx *stm.Tx) error { v.Set(tx, v.Get(tx)); return nil }) },
		func() { do(t, owner, func(tx *stm.Tx) error { v.Set(tx, 0); return nil }) },
		func() {
			do(t, owner, func(tx *stm.Tx) error { v.Commute(tx, func(n int) int { return n }); return nil })
		},
		func() { held := owner.Checkout(); v.Set(held, 0); _, err := held.Commit(); require.NoError(t, err) },
	}
	for round := range 3 {
		for i, write := range writes {
			write()
			_, tok := v.LoadToken()
			require.Greater(t, tok.Version(), last.Version(), "round %d, write %d", round, i)
			require.Equal(t, last.Owner(), tok.Owner())
			require.True(t, changed(t, owner, last, v))
			require.False(t, changed(t, owner, tok, v))
			_, again := v.LoadToken()
			require.False(t, changed(t, owner, again, v))
			last = tok
		}
	}
}

// TestATokenGoesWithItsValue has one goroutine count up while another checks: nothing changed since the token means
// the value is still the one that came with it, and something changed means it is a later one.
func TestATokenGoesWithItsValue(t *testing.T) {
	const rounds = 5_000
	owner := stm.NewOwner()
	v := tvar.New(0, tvar.In(owner))
	var all sync.WaitGroup
	all.Go(func() {
		for range rounds {
			v.Update(func(n int) int { return n + 1 })
		}
	})
	for got := 0; got < rounds && !t.Failed(); {
		value, tok := v.LoadToken()
		do(t, owner, func(tx *stm.Tx) error {
			err := tx.Expect(tok, v)
			now := v.Get(tx)
			assert.Equal(t, now == value, err == nil, "loaded %d, now %d: %v", value, now, err)
			assert.GreaterOrEqual(t, now, value)
			return nil
		})
		got = value
	}
	all.Wait()
}

func TestStoreLeavesAHeldCheckoutAlone(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(1, tvar.In(owner), tvar.Name("alice"))
	held := owner.Checkout()
	defer held.Discard()
	require.Equal(t, 1, v.Get(held))
	v.Store(2)
	assert.Equal(t, 1, v.Get(held))
	assert.Equal(t, 2, v.Load())
	v.Set(held, 3)
	_, err := held.Commit()
	var clash *stm.ClashError
	require.ErrorAs(t, err, &clash)
	require.Len(t, clash.Vars, 1)
	assert.Equal(t, "alice", clash.Vars[0].Name)
	assert.Equal(t, 2, v.Load())
}

func TestSingleWritesWakeAWaiter(t *testing.T) {
	for name, write := range map[string]func(v *tvar.TVar[int]){
		"Store":  func(v *tvar.TVar[int]) { v.Store(1) },
		"Update": func(v *tvar.TVar[int]) { v.Update(func(n int) int { return n + 1 }) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				owner := stm.NewOwner()
				v, beside := tvar.New(0, tvar.In(owner)), tvar.New(0, tvar.In(owner))
				runs, got := 0, 0
				go do(t, owner, func(tx *stm.Tx) error {
					runs++
					tx.Check(v.Get(tx) > 0)
					got = v.Get(tx)
					return nil
				})
				synctest.Wait()
				require.Equal(t, 1, runs)
				write(beside)
				synctest.Wait()
				require.Equal(t, 1, runs, "woken by a variable it did not read")
				write(v)
				synctest.Wait()
				require.Equal(t, 2, runs)
				require.Equal(t, 1, got)
			})
		})
	}
}

func TestOwnersDoNotMix(t *testing.T) {
	ours, theirs := stm.NewOwner(), stm.NewOwner()
	a, b := tvar.New(1, tvar.In(ours)), tvar.New(1, tvar.In(theirs))
	_, first := a.LoadToken()
	_, second := b.LoadToken()
	assert.NotEqual(t, first.Owner(), second.Owner())
	for range 10 {
		b.Store(2)
	}
	assert.False(t, changed(t, ours, first, a), "a change of another owner's variable is none of ours")
}

var errOwn = errors.New("the user's own error")

// TestAPanicInUpdateChangesNothing covers the ways out of a function.
func TestAPanicInUpdateChangesNothing(t *testing.T) {
	for name, leave := range exits {
		t.Run(name, func(t *testing.T) {
			owner := stm.NewOwner()
			v := tvar.New(1, tvar.In(owner))
			_, before := v.LoadToken()
			left := outcome(func() { v.Update(func(int) int { leave(); return 2 }) })
			assert.Equal(t, wayOut[name], left)
			untouched(t, owner, v, 1, before)
		})
	}
}

// TestAPanicInACommuteChangesNothing: its function runs in the commit, and again there if the variable has moved.
func TestAPanicInACommuteChangesNothing(t *testing.T) {
	for name, leave := range exits {
		for form, commit := range map[string]func(*stm.Owner, func(*stm.Tx)){
			"Atomically": func(owner *stm.Owner, fn func(*stm.Tx)) {
				_ = owner.Atomically(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil })
			},
			"Irrevocably": func(owner *stm.Owner, fn func(*stm.Tx)) {
				_ = owner.Irrevocably(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil })
			},
			"Try": func(owner *stm.Owner, fn func(*stm.Tx)) {
				_ = owner.Try(func(tx *stm.Tx) error { fn(tx); return nil })
			},
			"Checkout": func(owner *stm.Owner, fn func(*stm.Tx)) {
				held := owner.Checkout()
				defer held.Discard()
				fn(held)
				_, _ = held.Commit()
			},
		} {
			for _, at := range []int{1, 2} {
				if form == "Irrevocably" && at == 2 {
					continue // nobody can move the variable
				}
				t.Run(fmt.Sprintf("%s in run %d in %s", name, at, form), func(t *testing.T) {
					owner := stm.NewOwner()
					v, written := tvar.New(1, tvar.In(owner)), tvar.New(1, tvar.In(owner))
					_, before := written.LoadToken()
					runs := 0
					left := outcome(func() {
						commit(owner, func(tx *stm.Tx) {
							written.Set(tx, 2)
							v.Commute(tx, func(n int) int {
								if runs++; runs == at {
									leave()
								}
								elsewhere(t, func() { v.Store(1) })
								return 2
							})
						})
					})
					assert.Equal(t, wayOut[name], left)
					_, since := v.LoadToken()
					untouched(t, owner, v, 1, since)
					untouched(t, owner, written, 1, before)
				})
			}
		}
	}
}

// TestUpdateCommitsWithinTheBound, although somebody else changes the variable in every run of its function, for as
// long as anybody else can commit.
func TestUpdateCommitsWithinTheBound(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(0, tvar.In(owner))
	disturb := func() (done bool) {
		elsewhere(t, func() {
			done = owner.Try(func(tx *stm.Tx) error { v.Set(tx, 100); return nil }) == nil
		})
		return done
	}
	for name, update := range map[string]func(fn func(int) int) error{
		"Update": func(fn func(int) int) error { v.Update(fn); return nil },
		"Modify": func(fn func(int) int) error {
			return owner.Atomically(t.Context(), func(tx *stm.Tx) error { v.Modify(tx, fn); return nil })
		},
		"Commute": func(fn func(int) int) error {
			return owner.Atomically(t.Context(), func(tx *stm.Tx) error { v.Commute(tx, fn); return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			runs, disturbed := 0, 0
			require.NoError(t, update(func(n int) int {
				if runs++; runs > 1_000_000 {
					return n + 1 // it has failed already; let it end
				}
				if disturb() {
					disturbed++
				}
				return n + 1
			}))
			assert.Equal(t, 101, v.Load())
			limit := stm.MaxClashes + 2
			if name == "Commute" {
				limit *= 32 // the function is applied again some times before the transaction is run again
			}
			assert.LessOrEqual(t, runs, limit)
			assert.Positive(t, disturbed)
			_, since := v.LoadToken()
			untouched(t, owner, v, 101, since)
		})
	}
	for name, leave := range exits {
		t.Run(name+" with the gate shut", func(t *testing.T) {
			v.Store(1)
			left := outcome(func() {
				v.Update(func(n int) int {
					if !disturb() {
						leave()
					}
					return n + 1
				})
			})
			assert.Equal(t, wayOut[name], left)
			_, since := v.LoadToken()
			untouched(t, owner, v, 100, since)
		})
	}
}

// exits are the ways to leave a function other than to return.
var exits = map[string]func(){
	"panic":          func() { panic(errOwn) },
	"panic of a nil": func() { var none error; panic(none) },
	"Goexit":         runtime.Goexit,
	"runtime error":  func() { var none *payload; none.numbers[0]++ },
}

// wayOut is what outcome reports for each of exits.
var wayOut = map[string]string{
	"panic":          errOwn.Error(),
	"panic of a nil": "panic called with nil argument",
	"Goexit":         "goexit",
	"runtime error":  "runtime error: invalid memory address or nil pointer dereference",
}

// outcome runs fn in a goroutine of its own and tells how it ended: "returned", "goexit" or what it panicked with.
func outcome(fn func()) string {
	ended := make(chan string)
	go func() {
		result := "goexit"
		defer func() {
			switch r := recover().(type) {
			case nil:
			case error:
				result = r.Error()
			default:
				result = "not an error"
			}
			ended <- result
		}()
		fn()
		result = "returned"
	}()
	return <-ended
}

// untouched fails unless v has its value and version still, and can be used from another goroutine.
func untouched(t *testing.T, owner *stm.Owner, v *tvar.TVar[int], value int, since token.Token) {
	t.Helper()
	require.Equal(t, value, v.Load())
	require.False(t, changed(t, owner, since, v), "the version moved")
	elsewhere(t, func() {
		v.Store(value + 1)
		v.Update(func(n int) int { return n + 1 })
		do(t, owner, func(tx *stm.Tx) error { v.Set(tx, v.Get(tx)+1); return nil })
		assert.NoError(t, owner.Irrevocably(context.Background(), func(tx *stm.Tx) error { v.Set(tx, v.Get(tx)+1); return nil }))
	})
	require.Equal(t, value+4, v.Load())
}

// changed asks the owner whether v has changed since the token.
func changed(t *testing.T, owner *stm.Owner, since token.Token, v stm.Var) bool {
	t.Helper()
	var err error
	require.NoError(t, owner.View(context.Background(), func(tx *stm.Tx) error { err = tx.Expect(since, v); return nil }))
	if err != nil {
		require.ErrorIs(t, err, stm.ErrClash)
	}
	return err != nil
}

// patience is how long something may take that must not hang. Nothing waits for it in a test that passes.
const patience = time.Minute

// elsewhere runs fn in another goroutine and fails if it does not end.
func elsewhere(t *testing.T, fn func()) {
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
