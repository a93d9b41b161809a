package stm_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// named makes variables with the names that are to appear in reports.
func named(o *stm.Owner, names ...string) []*tvar.TVar[int] {
	vars := make([]*tvar.TVar[int], len(names))
	for i, name := range names {
		vars[i] = tvar.New(i, tvar.In(o), tvar.Name(name))
	}
	return vars
}

// clashes are the entries of a report by name.
func clashes(t *testing.T, err error) map[string]stm.VarClash {
	t.Helper()
	require.ErrorIs(t, err, stm.ErrClash)
	var report *stm.ClashError
	require.ErrorAs(t, err, &report)
	all := map[string]stm.VarClash{}
	for _, v := range report.Vars {
		require.NotContains(t, all, v.Name, "one entry a variable")
		all[v.Name] = v
	}
	return all
}

// The walk-through of old: check out, change, commit, and the commit that must clash.
func TestHeldCheckoutCommitsAsOne(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 3, 1)
	tx := o.Checkout()
	defer tx.Discard()
	v[0].Set(tx, v[1].Get(tx)+1)
	v[1].Modify(tx, func(n int) int { return n + 10 })
	v[2].Commute(tx, func(n int) int { return n + 100 })
	assert.Equal(t, []int{1, 1, 1}, []int{v[0].Load(), v[1].Load(), v[2].Load()}, "nobody sees it yet")
	assert.Equal(t, 2, v[0].Get(tx), "but its holder does")
	before := look(v...)
	at, err := tx.Commit()
	require.NoError(t, err)
	assert.Equal(t, []int{2, 11, 101}, []int{v[0].Load(), v[1].Load(), v[2].Load()})
	for i, now := range look(v...) {
		assert.Greater(t, now.token.Version(), before[i].token.Version())
		assert.LessOrEqual(t, now.token.Version(), at.Version(), "the token covers what it committed")
	}
	tx.Discard()
	tx.Discard()
	assert.Equal(t, 2, v[0].Load(), "Discard after Commit takes nothing back")
	healthy(t, o, v...)
}

func TestHeldCheckoutOfTheDefaultOwner(t *testing.T) {
	x := tvar.New(1)
	tx := stm.Checkout()
	defer tx.Discard()
	write(tx, x)
	_, err := tx.Commit()
	require.NoError(t, err)
	assert.Equal(t, 2, x.Load())
}

func TestDiscardForgetsAndIsIdempotent(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(1, tvar.In(o))
	before := look(x)
	tx := o.Checkout()
	write(tx, x)
	tx.Discard()
	tx.Discard()
	assert.Equal(t, before, look(x))
	healthy(t, o, x)
	empty := o.Checkout()
	empty.Discard()
	empty.Discard()
	healthy(t, o, x)
}

// A checkout is a snapshot: of what was read before others changed it, and of what is read afterwards.
func TestHeldCheckoutKeepsItsSnapshot(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 300, 0)
	tx := o.Checkout()
	defer tx.Discard()
	at := tx.Token()
	for _, x := range v[:100] {
		x.Get(tx)
	}
	for round := range 5 {
		for i, x := range v {
			if i%2 == 0 {
				x.Store(round + 1)
			} else {
				mustAtomically(o, func(tx *stm.Tx) { write(tx, x); write(tx, v[0]) })
			}
		}
		for i, x := range v {
			require.Equal(t, 0, x.Get(tx), "variable %d", i)
		}
	}
	assert.Equal(t, at, tx.Token())
	_, err := tx.Commit()
	assert.NoError(t, err, "it has only read")
}

// Many checkouts of different times each show their own time, in whatever order they come and go.
func TestHeldCheckoutsOfDifferentTimes(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	o := stm.NewOwner()
	v := ints(o, 12, 0)
	type snapshot struct {
		tx    *stm.Tx
		state [12]int
	}
	var now [12]int
	var open []snapshot
	for step := range rounds(4000) {
		switch random.IntN(6) {
		case 0:
			if len(open) < 8 {
				open = append(open, snapshot{o.Checkout(), now})
			}
		case 1:
			if len(open) > 0 {
				i := random.IntN(len(open))
				if random.IntN(2) == 0 {
					open[i].tx.Discard()
				} else {
					_, err := open[i].tx.Commit()
					require.NoError(t, err)
				}
				open = append(open[:i], open[i+1:]...)
			}
		case 2, 3:
			i, k := random.IntN(12), random.IntN(12)
			now[i], now[k] = step, step
			mustAtomically(o, func(tx *stm.Tx) { v[i].Set(tx, step); v[k].Set(tx, step) })
		case 4:
			i := random.IntN(12)
			now[i] = -step
			v[i].Store(-step)
		}
		for _, s := range open {
			for range 3 {
				i := random.IntN(12)
				require.Equal(t, s.state[i], v[i].Get(s.tx), "variable %d at step %d of seed %d", i, step, seed)
			}
		}
	}
	for _, s := range open {
		for i := range v {
			require.Equal(t, s.state[i], v[i].Get(s.tx))
		}
		s.tx.Discard()
	}
	healthy(t, o, v...)
}

// The report names every variable that was relied on and has changed, and no other.
func TestClashReportsNameTheVariables(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "read", "written", "blind", "untouched", "kept", "commuted", "modified")
	before := look(v...)
	tx := o.Checkout()
	defer tx.Discard()
	base := tx.Token()
	v[0].Get(tx)
	v[1].Set(tx, v[1].Get(tx)+1)
	v[2].Set(tx, 10)
	v[4].Set(tx, v[4].Get(tx))
	v[5].Commute(tx, func(n int) int { return n + 1 })
	v[6].Modify(tx, func(n int) int { return n + 1 })
	for i, x := range v {
		if i != 4 {
			x.Store(100)
			x.Store(100 + i)
		}
	}
	after := look(v...)
	_, err := tx.Commit()
	report := clashes(t, err)
	entry := func(i int, written bool) stm.VarClash {
		return stm.VarClash{
			Name: v[i].Name(), Base: before[i].token.Version(), Current: after[i].token.Version(), Written: written,
		}
	}
	assert.Equal(t, map[string]stm.VarClash{
		"read": entry(0, false), "written": entry(1, true), "blind": entry(2, true), "modified": entry(6, true),
	}, report)
	var full *stm.ClashError
	require.ErrorAs(t, err, &full)
	assert.Equal(t, base, full.Base)
	for name := range report {
		assert.Contains(t, err.Error(), name)
	}
	assert.Equal(t, after, look(v...), "nothing was changed")
}

// A clash leaves the checkout open, with its snapshot and its changes, and nothing locked.
func TestAClashLeavesTheCheckoutOpen(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "a", "b", "c")
	var calls []string
	tx := o.Checkout()
	both(tx, "it", &calls)
	write(tx, v[0])
	v[0].Store(50)
	v[2].Store(50)
	for range 2 {
		_, err := tx.Commit()
		require.Contains(t, clashes(t, err), "a")
		assert.Equal(t, 1, v[0].Get(tx))
		assert.Equal(t, 1, v[1].Get(tx))
		assert.Equal(t, 2, v[2].Get(tx), "the state of old")
	}
	healthy(t, o, v...)
	write(tx, v[1])
	_, err := tx.Commit()
	assert.Len(t, clashes(t, err), 3, "it relies on all three by now")
	tx.Discard()
	tx.Discard()
	assert.Equal(t, []string{"abort it"}, calls)
	healthy(t, o, v...)
}

// What each operation relies on.
func TestWhatACheckoutReliesOn(t *testing.T) {
	cases := []struct {
		name   string
		do     func(tx *stm.Tx, x *tvar.TVar[int])
		relies bool
		result int // if it commits, after somebody else has stored 50
	}{
		{"nothing", func(*stm.Tx, *tvar.TVar[int]) {}, false, 50},
		{"Get", func(tx *stm.Tx, x *tvar.TVar[int]) { x.Get(tx) }, true, 0},
		{"Set", func(tx *stm.Tx, x *tvar.TVar[int]) { x.Set(tx, 7) }, true, 0},
		{"Modify", func(tx *stm.Tx, x *tvar.TVar[int]) { x.Modify(tx, func(n int) int { return n + 1 }) }, true, 0},
		{"Expect", func(tx *stm.Tx, x *tvar.TVar[int]) { _ = tx.Expect(tx.Token(), x) }, true, 0},
		{"Commute", func(tx *stm.Tx, x *tvar.TVar[int]) { x.Commute(tx, func(n int) int { return n + 1 }) }, false, 51},
		{"Commute twice", func(tx *stm.Tx, x *tvar.TVar[int]) {
			x.Commute(tx, func(n int) int { return n + 1 })
			x.Commute(tx, func(n int) int { return n * 2 })
		}, false, 102},
		{"Commute and Get", func(tx *stm.Tx, x *tvar.TVar[int]) {
			x.Commute(tx, func(n int) int { return n + 1 })
			x.Get(tx)
		}, true, 0},
		{"Get and Commute", func(tx *stm.Tx, x *tvar.TVar[int]) {
			x.Get(tx)
			x.Commute(tx, func(n int) int { return n + 1 })
		}, true, 0},
		{"Set and Commute", func(tx *stm.Tx, x *tvar.TVar[int]) {
			x.Set(tx, 7)
			x.Commute(tx, func(n int) int { return n + 1 })
		}, true, 0},
		{"Get in Nested, undone", func(tx *stm.Tx, x *tvar.TVar[int]) {
			_ = tx.Nested(func(tx *stm.Tx) error { x.Get(tx); return errUser })
		}, true, 0},
		{"Commute in Nested, undone", func(tx *stm.Tx, x *tvar.TVar[int]) {
			_ = tx.Nested(func(tx *stm.Tx) error { x.Commute(tx, func(n int) int { return n + 1 }); return errUser })
		}, false, 50},
	}
	for _, c := range cases {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/after the change %v", c.name, late), func(t *testing.T) {
				o := stm.NewOwner()
				v := named(o, "x", "other")
				tx := o.Checkout()
				defer tx.Discard()
				v[1].Set(tx, 9)
				if !late {
					c.do(tx, v[0])
				}
				elsewhere(func() { v[0].Store(50) })
				if late {
					c.do(tx, v[0])
				}
				_, err := tx.Commit()
				if c.relies {
					assert.Len(t, clashes(t, err), 1)
					assert.Equal(t, 50, v[0].Load())
					assert.Equal(t, 1, v[1].Load())
					return
				}
				require.NoError(t, err)
				assert.Equal(t, c.result, v[0].Load())
				assert.Equal(t, 9, v[1].Load())
			})
		}
	}
}

// In a managed transaction a blind Set relies on nothing.
func TestABlindSetOfAManagedTransactionReliesOnNothing(t *testing.T) {
	for _, f := range []form{formAtomically, formDo, formTry} {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(0, tvar.In(o))
			runs := 0
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				runs++
				x.Set(tx, 7)
				elsewhere(func() { x.Store(50) })
				return nil
			}))
			assert.Equal(t, 1, runs)
			assert.Equal(t, 7, x.Load())
		})
	}
}

// Two that commute do not clash, in any form, and their function is applied to what is there.
func TestCommuteNeverClashes(t *testing.T) {
	for _, f := range optimistic {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(1, tvar.In(o))
			runs := 0
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				runs++
				x.Commute(tx, func(n int) int { return n + 5 })
				elsewhere(func() {
					mustAtomically(o, func(tx *stm.Tx) { x.Commute(tx, func(n int) int { return n * 10 }) })
				})
				return nil
			}))
			assert.Equal(t, 1, runs)
			assert.Equal(t, 15, x.Load())
		})
	}
}

// A checkout that only reads has nothing to clash about, and its token tells the difference.
func TestReadOnlyCheckoutsCommitAfterAnyChange(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "a", "b")
	tx := o.Checkout()
	defer tx.Discard()
	assert.Equal(t, 1, v[0].Get(tx)+v[1].Get(tx))
	v[0].Store(50)
	at, err := tx.Commit()
	require.NoError(t, err)
	assert.NoError(t, expect(o, at, v[1]))
	assert.Contains(t, clashes(t, expect(o, at, v[0])), "a")
}

// Checkouts with nothing in common commit in any order; of two with something, the first.
func TestHeldCheckoutsBesideEachOther(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "a", "b", "c")
	var txs []*stm.Tx
	for i := range 3 {
		tx := o.Checkout()
		defer tx.Discard()
		write(tx, v[i])
		txs = append(txs, tx)
	}
	late := o.Checkout()
	defer late.Discard()
	write(late, v[0])
	write(late, v[2])
	for i := range 3 {
		_, err := txs[2-i].Commit()
		require.NoError(t, err)
	}
	_, err := late.Commit()
	assert.Len(t, clashes(t, err), 2)
	assert.Equal(t, []int{1, 2, 3}, []int{v[0].Load(), v[1].Load(), v[2].Load()})
}

// A checkout may go from hand to hand.
func TestHeldCheckoutsMayChangeTheirGoroutine(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	tx := o.Checkout()
	for range 5 {
		elsewhere(func() { write(tx, x) })
	}
	elsewhere(func() {
		_, err := tx.Commit()
		assert.NoError(t, err)
	})
	assert.Equal(t, 5, x.Load())
}

// A commit at a shut gate waits for it.
func TestHeldCommitsWaitForTheGate(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	tx := o.Checkout()
	defer tx.Discard()
	write(tx, v[0])
	var done <-chan struct{}
	require.NoError(t, o.Irrevocably(background, func(in *stm.Tx) error {
		write(in, v[1])
		done = start(func() {
			_, err := tx.Commit()
			assert.NoError(t, err)
		})
		return nil
	}))
	arrives(t, "the commit", done)
	assert.Equal(t, 1, v[0].Load())
}

// Values that are changed in place: what a checkout does to its copy is its own.
func TestCloneKeepsCheckoutsApart(t *testing.T) {
	for _, f := range updates {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			list := tvar.New([]int{1, 2}, tvar.In(o), tvar.Clone(func(l []int) []int { return append([]int(nil), l...) }))
			var kept []int
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				list.Get(tx)[0] = 100 // not set
				mine := list.Get(tx)
				mine[1] = 20
				list.Set(tx, mine)
				mine[1] = 200 // after it was set
				kept = list.Get(tx)
				return nil
			}))
			kept[0] = 1000
			list.Load()[0] = 10000
			assert.Equal(t, []int{1, 20}, list.Load())
		})
	}
}

// Set to an equal value is no change, and a checkout that does only that has changed nothing.
func TestEqualMakesASetNoChange(t *testing.T) {
	for _, f := range updates {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(1, tvar.In(o), tvar.Equal(func(a, b int) bool { return a == b }))
			at := version(x)
			require.NoError(t, f.run(o, func(tx *stm.Tx) error { x.Set(tx, 1); return nil }))
			assert.Equal(t, at, version(x))
			require.NoError(t, f.run(o, func(tx *stm.Tx) error { x.Set(tx, 2); return nil }))
			assert.Greater(t, version(x), at)
			assert.Equal(t, 2, x.Load())
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				x.Set(tx, 3)
				x.Set(tx, 4)
				assert.Equal(t, 4, x.Get(tx))
				return nil
			}))
			assert.Equal(t, 4, x.Load())
		})
	}
}

// Tokens outlive the transaction that they come from, and travel as text.
func TestTokensTellWhetherSomethingHasChanged(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "a", "b", "c")
	var ways []token.Token
	_, one := v[0].LoadToken()
	_, two := v[1].LoadToken()
	_, three := v[2].LoadToken()
	last := one
	for _, other := range []token.Token{two, three} {
		if other.Version() > last.Version() {
			last = other
		}
	}
	ways = append(ways, last)
	tx := o.Checkout()
	ways = append(ways, tx.Token())
	write(tx, v[0])
	at, err := tx.Commit()
	require.NoError(t, err)
	assert.ErrorIs(t, expect(o, ways[0], v[0]), stm.ErrClash)
	assert.ErrorIs(t, expect(o, ways[1], v[0]), stm.ErrClash)
	assert.NoError(t, expect(o, ways[1], v[1], v[2]))
	text, err := token.Parse(at.String())
	require.NoError(t, err)
	assert.NoError(t, expect(o, text, v...))
	mustAtomically(o, func(tx *stm.Tx) { write(tx, v[0]); write(tx, v[2]) })
	err = o.View(background, func(tx *stm.Tx) error { return tx.Expect(text, v[0], v[1], v[2]) })
	report := clashes(t, err)
	assert.Len(t, report, 2)
	for _, i := range []int{0, 2} {
		assert.Equal(t, version(v[i]), report[v[i].Name()].Current)
	}
	var full *stm.ClashError
	require.ErrorAs(t, err, &full)
	assert.Equal(t, at, full.Base)
}

// LoadToken's token is that of this variable's last change.
func TestLoadTokenBelongsToTheValue(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	_, at := v[0].LoadToken()
	v[1].Store(1)
	_, still := v[0].LoadToken()
	assert.Equal(t, at, still)
	require.NoError(t, expect(o, at, v[0]))
	v[0].Store(1)
	value, later := v[0].LoadToken()
	assert.Equal(t, 1, value)
	assert.Greater(t, later.Version(), at.Version())
	require.NoError(t, expect(o, later, v[0]))
	require.ErrorIs(t, expect(o, at, v[0]), stm.ErrClash)
}

// Expect is a read: what it has said must still be so at the commit.
func TestExpectCountsAsARead(t *testing.T) {
	for _, f := range optimistic {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			_, at := v[0].LoadToken()
			runs := 0
			err := f.run(o, func(tx *stm.Tx) error {
				runs++
				if err := tx.Expect(at, v[0]); err != nil {
					return fmt.Errorf("given up: %w", errUser)
				}
				if runs == 1 {
					elsewhere(func() { v[0].Store(50) })
				}
				v[1].Set(tx, 1)
				return nil
			})
			assert.ErrorIs(t, err, errUser)
			assert.Equal(t, 2, runs)
			assert.Zero(t, v[1].Load())
		})
	}
}

// Expect's error is the function's own to return, and the transaction is not run again for it.
func TestExpectIsReturnedToTheCaller(t *testing.T) {
	for _, f := range []form{formAtomically, formDo, formIrrevocably, formView, onceTry, onceHeld} {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := named(o, "a")
			_, at := v[0].LoadToken()
			v[0].Store(50)
			runs := 0
			err := f.run(o, func(tx *stm.Tx) error { runs++; return tx.Expect(at, v[0]) })
			assert.Contains(t, clashes(t, err), "a")
			assert.Equal(t, 1, runs)
			assert.NoError(t, f.run(o, func(tx *stm.Tx) error {
				_ = tx.Expect(at, v[0])
				return tx.Expect(tx.Token(), v[0])
			}), "as it is by now")
		})
	}
}

// The token inside a transaction is consistent with all that it has read, at any moment.
func TestTokenIsWhatTheReadsAreConsistentWith(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	v := ints(o, 4, 0)
	stop := meanwhile(2, func(g int) {
		mustAtomically(o, func(tx *stm.Tx) { write(tx, v[g]); write(tx, v[g+2]) })
	})
	defer stop()
	var wrong atomic.Int64
	crowd(t, 2, func(int) {
		for i := range rounds(1000) {
			f := patient[i%len(patient)]
			err := f.run(o, func(tx *stm.Tx) error {
				for k := range v {
					v[k].Get(tx)
					for _, seen := range v[:k+1] {
						if err := tx.Expect(tx.Token(), seen); err != nil {
							wrong.Add(1)
						}
					}
				}
				return nil
			})
			assert.NoError(t, unlessClash(err))
		}
	})
	assert.Zero(t, wrong.Load())
}

// Held commits beside a crowd: each one that says so is in the sum, and none else.
func TestHeldCommitsAreInTheSumOrNot(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	v := ints(o, 3, 0)
	var done atomic.Int64
	crowd(t, 4, func(g int) {
		for range rounds(1000) {
			err := checkout(o, func(tx *stm.Tx) error {
				write(tx, v[g%3])
				write(tx, v[(g+1)%3])
				return nil
			})
			if err == nil {
				done.Add(2)
			} else if !errors.Is(err, stm.ErrClash) {
				assert.NoError(t, err)
			}
		}
	})
	assert.EqualValues(t, done.Load(), v[0].Load()+v[1].Load()+v[2].Load())
	assert.Positive(t, done.Load())
	healthy(t, o, v...)
}
