package tvar_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

func TestNameIsKept(t *testing.T) {
	assert.Equal(t, "alice", tvar.New(1, tvar.Name("alice")).Name())
	assert.Equal(t, "a b\n\"ü\"", tvar.New("", tvar.Name("a b\n\"ü\"")).Name())
	assert.Empty(t, tvar.New(1, tvar.Name("")).Name())
	assert.Empty(t, tvar.New(1).Name())
	assert.Empty(t, new(tvar.TVar[int]).Name())
	var field tvar.TVar[string]
	field.Init("", tvar.Name("field"))
	assert.Equal(t, "field", field.Name())
	field.Store("changed")
	assert.Equal(t, "field", field.Name())
}

func TestAClashNamesTheVariables(t *testing.T) {
	owner := stm.NewOwner()
	alice := tvar.New(1, tvar.In(owner), tvar.Name("alice"))
	bob := tvar.New(1, tvar.Name("bob"), tvar.In(owner))
	nameless := tvar.New(1, tvar.In(owner))
	held := owner.Checkout()
	defer held.Discard()
	alice.Get(held)
	bob.Set(held, 2)
	nameless.Get(held)
	alice.Store(3)
	bob.Store(3)
	nameless.Store(3)
	_, err := held.Commit()
	var clash *stm.ClashError
	require.ErrorAs(t, err, &clash)
	written := map[string]bool{}
	for _, v := range clash.Vars {
		written[v.Name] = v.Written
		assert.Greater(t, v.Current, v.Base)
	}
	assert.Equal(t, map[string]bool{"alice": false, "bob": true, "": false}, written)
	assert.Contains(t, err.Error(), "alice")
	assert.Contains(t, err.Error(), "bob")
}

func TestInPutsAVariableUnderItsOwner(t *testing.T) {
	owner := stm.NewOwner()
	ours := tvar.New(1, tvar.In(owner), tvar.Name("ours"))
	do(t, owner, func(tx *stm.Tx) error { ours.Set(tx, 2); return nil })
	assert.Equal(t, 2, ours.Load())
	err := failureOf(func() error {
		return stm.Atomically(t.Context(), func(tx *stm.Tx) error { ours.Set(tx, 3); return nil })
	})
	assert.ErrorIs(t, err, stm.ErrForeign)
	assert.ErrorContains(t, err, "ours")
	assert.Equal(t, 2, ours.Load())

	explicit := tvar.New(1, tvar.In(stm.Default()))
	do(t, nil, func(tx *stm.Tx) error { explicit.Set(tx, 2); return nil })
	assert.Equal(t, 2, explicit.Load())
}

// TestAnOptionForAnotherTypeNamesBoth: the panic tells what the option was made for and what the variable holds.
func TestAnOptionForAnotherTypeNamesBoth(t *testing.T) {
	same := func(a, b int) bool { return a == b }
	for _, test := range []struct {
		name             string
		make             func()
		option, variable string
	}{
		{"Equal", func() { tvar.New("a", tvar.Equal(same)) }, "int", "string"},
		{"Clone", func() { tvar.New([]int{1}, tvar.Clone(maps.Clone[map[string]int])) }, "map[string]int", "[]int"},
		{"named type", func() { tvar.New(celsius(1), tvar.Equal(func(a, b float64) bool { return a == b })) }, "float64", "tvar_test.celsius"},
		{"interface", func() { tvar.New[any](1, tvar.Equal(same)) }, "int", "interface"},
		{"other pointer", func() { tvar.New(new(payload), tvar.Clone(func(p *failure) *failure { return p })) }, "*tvar_test.failure", "*tvar_test.payload"},
		{"after good ones", func() { tvar.New("a", tvar.Name("x"), tvar.In(stm.NewOwner()), tvar.Equal(same)) }, "int", "string"},
		{"Init", func() { new(tvar.TVar[string]).Init("a", tvar.Equal(same)) }, "int", "string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := failureOf(func() error { test.make(); return nil })
			require.Error(t, err)
			text := strings.ReplaceAll(err.Error(), "interface {}", "interface")
			text = strings.ReplaceAll(text, "any", "interface")
			assert.Contains(t, text, test.option)
			assert.Contains(t, text, test.variable)
		})
	}
}

// A boxed map is changed in place by those who use these tests, so it is the type to try Clone on.
type counts = map[string]int

// writes are the ways to put m into a variable; each gives a variable that must hold {"a": 1}.
var writes = map[string]func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts]{
	"New": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		return tvar.New(m, options...)
	},
	"Init": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		v := new(tvar.TVar[counts])
		v.Init(m, options...)
		return v
	},
	"Store": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		v := tvar.New(counts{}, options...)
		v.Store(m)
		return v
	},
	"Update": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		v := tvar.New(counts{}, options...)
		v.Update(func(counts) counts { return m })
		return v
	},
	"Set": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		v := tvar.New(counts{}, options...)
		do(t, nil, func(tx *stm.Tx) error { v.Set(tx, m); return nil })
		return v
	},
	"Set, changed before the commit": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		v := tvar.New(counts{}, options...)
		do(t, nil, func(tx *stm.Tx) error { v.Set(tx, m); m["later"] = 1; return nil })
		return v
	},
	"Modify": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		v := tvar.New(counts{}, options...)
		do(t, nil, func(tx *stm.Tx) error { v.Modify(tx, func(counts) counts { return m }); return nil })
		return v
	},
	"Commute": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		v := tvar.New(counts{}, options...)
		do(t, nil, func(tx *stm.Tx) error { v.Commute(tx, func(counts) counts { return m }); return nil })
		return v
	},
	"held Set": func(t *testing.T, m counts, options ...tvar.Option) *tvar.TVar[counts] {
		v := tvar.New(counts{}, options...)
		held := stm.Checkout()
		v.Set(held, m)
		m["later"] = 1
		_, err := held.Commit()
		require.NoError(t, err)
		return v
	},
}

func TestCloneCopiesWhatGoesIn(t *testing.T) {
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			m := counts{"a": 1}
			v := write(t, m, tvar.Clone(maps.Clone[counts]))
			m["later"] = 1
			assert.Equal(t, counts{"a": 1}, v.Load())
		})
	}
}

func TestWithoutCloneValuesAreShared(t *testing.T) {
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			m := counts{"a": 1}
			v := write(t, m)
			m["later"] = 1
			assert.Equal(t, counts{"a": 1, "later": 1}, v.Load())
		})
	}
}

func TestCloneCopiesWhatComesOut(t *testing.T) {
	spoil := func(m counts) counts { m["spoilt"] = 1; return m }
	inside := func(fn func(*stm.Tx, *tvar.TVar[counts])) func(t *testing.T, v *tvar.TVar[counts]) {
		return func(t *testing.T, v *tvar.TVar[counts]) {
			do(t, nil, func(tx *stm.Tx) error { fn(tx, v); return nil })
		}
	}
	good := func() counts { return counts{"a": 1} }
	for name, read := range map[string]func(t *testing.T, v *tvar.TVar[counts]){
		"Load":      func(t *testing.T, v *tvar.TVar[counts]) { spoil(v.Load()) },
		"LoadToken": func(t *testing.T, v *tvar.TVar[counts]) { m, _ := v.LoadToken(); spoil(m) },
		"Get":       inside(func(tx *stm.Tx, v *tvar.TVar[counts]) { spoil(v.Get(tx)) }),
		"Get twice": inside(func(tx *stm.Tx, v *tvar.TVar[counts]) { spoil(v.Get(tx)); assert.Equal(t, good(), v.Get(tx)) }),
		"Get of an own write": inside(func(tx *stm.Tx, v *tvar.TVar[counts]) {
			v.Set(tx, good())
			spoil(v.Get(tx))
			assert.Equal(t, good(), v.Get(tx))
		}),
		"Modify's argument": inside(func(tx *stm.Tx, v *tvar.TVar[counts]) {
			v.Modify(tx, func(m counts) counts { spoil(m); return good() })
		}),
		"Modify's result": inside(func(tx *stm.Tx, v *tvar.TVar[counts]) {
			spoil(v.Modify(tx, func(m counts) counts { return m }))
		}),
		"Commute's argument": inside(func(tx *stm.Tx, v *tvar.TVar[counts]) {
			v.Commute(tx, func(m counts) counts { spoil(m); return good() })
		}),
		"Commute, then Get": inside(func(tx *stm.Tx, v *tvar.TVar[counts]) {
			v.Commute(tx, func(m counts) counts { return m })
			spoil(v.Get(tx))
		}),
		"Update's argument": func(t *testing.T, v *tvar.TVar[counts]) {
			v.Update(func(m counts) counts { spoil(m); return good() })
		},
		"Update's result": func(t *testing.T, v *tvar.TVar[counts]) {
			spoil(v.Update(func(m counts) counts { return m }))
		},
		"Modify in place, undone": func(t *testing.T, v *tvar.TVar[counts]) {
			err := stm.Atomically(t.Context(), func(tx *stm.Tx) error { v.Modify(tx, spoil); return errOwn })
			assert.Equal(t, errOwn, err)
		},
		"Modify in place in a Nested, undone": inside(func(tx *stm.Tx, v *tvar.TVar[counts]) {
			v.Set(tx, good())
			assert.Equal(t, errOwn, tx.Nested(func(tx *stm.Tx) error { v.Modify(tx, spoil); return errOwn }))
			assert.Equal(t, good(), v.Get(tx))
		}),
		"View": func(t *testing.T, v *tvar.TVar[counts]) {
			assert.NoError(t, stm.View(t.Context(), func(tx *stm.Tx) error { spoil(v.Get(tx)); return nil }))
		},
		"held": func(t *testing.T, v *tvar.TVar[counts]) {
			held := stm.Checkout()
			spoil(v.Get(held))
			v.Set(held, good())
			spoil(v.Get(held))
			_, err := held.Commit()
			assert.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := tvar.New(good(), tvar.Clone(maps.Clone[counts]))
			pinned := stm.Checkout()
			defer pinned.Discard()
			read(t, v)
			assert.Equal(t, good(), v.Load(), "the current value")
			assert.Equal(t, good(), v.Get(pinned), "the value before")
			spoil(v.Get(pinned))
			assert.Equal(t, good(), v.Get(pinned), "the value at a pin")
		})
	}
}

// TestModifyInPlaceStartsAfresh: what an attempt that clashed did to its copy is not in the next attempt's.
func TestModifyInPlaceStartsAfresh(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(counts{}, tvar.Clone(maps.Clone[counts]), tvar.In(owner))
	attempts := 0
	add := func(m counts) counts { m["a"]++; return m }
	do(t, owner, func(tx *stm.Tx) error {
		attempts++
		v.Modify(tx, add)
		if attempts < 4 {
			elsewhere(t, func() { v.Update(func(m counts) counts { m["b"]++; return m }) })
		}
		return nil
	})
	assert.Equal(t, counts{"a": 1, "b": 3}, v.Load())
	v.Update(add)
	do(t, owner, func(tx *stm.Tx) error { v.Commute(tx, add); return nil })
	assert.Equal(t, counts{"a": 3, "b": 3}, v.Load())
}

func TestCloneOfTheZeroValue(t *testing.T) {
	var got []bool
	v := new(tvar.TVar[counts])
	v.Init(nil, tvar.Clone(func(m counts) counts { got = append(got, m == nil); return maps.Clone(m) }))
	assert.Nil(t, v.Load())
	assert.NotContains(t, got, false)
}

// equalWrites are the ways to set a variable to a value.
var equalWrites = map[string]func(t *testing.T, owner *stm.Owner, v *tvar.TVar[string], value string){
	"Store": func(t *testing.T, owner *stm.Owner, v *tvar.TVar[string], value string) { v.Store(value) },
	"Update": func(t *testing.T, owner *stm.Owner, v *tvar.TVar[string], value string) {
		v.Update(func(string) string { return value })
	},
	"Set": func(t *testing.T, owner *stm.Owner, v *tvar.TVar[string], value string) {
		do(t, owner, func(tx *stm.Tx) error { v.Set(tx, value); return nil })
	},
	"Set after Get": func(t *testing.T, owner *stm.Owner, v *tvar.TVar[string], value string) {
		do(t, owner, func(tx *stm.Tx) error { v.Get(tx); v.Set(tx, value); return nil })
	},
	"Modify": func(t *testing.T, owner *stm.Owner, v *tvar.TVar[string], value string) {
		do(t, owner, func(tx *stm.Tx) error { v.Modify(tx, func(string) string { return value }); return nil })
	},
	"Irrevocably": func(t *testing.T, owner *stm.Owner, v *tvar.TVar[string], value string) {
		assert.NoError(t, owner.Irrevocably(context.Background(), func(tx *stm.Tx) error { v.Set(tx, value); return nil }))
	},
	"held Set": func(t *testing.T, owner *stm.Owner, v *tvar.TVar[string], value string) {
		held := owner.Checkout()
		v.Set(held, value)
		_, err := held.Commit()
		assert.NoError(t, err)
	},
}

func TestSettingAnEqualValueIsNoChange(t *testing.T) {
	for name, write := range equalWrites {
		t.Run(name, func(t *testing.T) {
			owner := stm.NewOwner()
			v := tvar.New("alice", tvar.In(owner), tvar.Equal(strings.EqualFold))
			plain := tvar.New("alice", tvar.In(owner))
			_, seen := v.LoadToken()
			write(t, owner, v, "ALICE")
			assert.Equal(t, "alice", v.Load(), "the value stays, no part of it is replaced")
			assert.False(t, changed(t, owner, seen, v), "no new version")

			write(t, owner, v, "bob")
			assert.Equal(t, "bob", v.Load())
			assert.True(t, changed(t, owner, seen, v))

			_, seen = plain.LoadToken()
			write(t, owner, plain, "alice")
			assert.True(t, changed(t, owner, seen, plain), "without Equal every write is a change")
		})
	}
}

func TestSettingAnEqualValueWakesNobody(t *testing.T) {
	for name, write := range equalWrites {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				owner := stm.NewOwner()
				v := tvar.New("alice", tvar.In(owner), tvar.Equal(strings.EqualFold))
				runs, got := 0, ""
				go do(t, owner, func(tx *stm.Tx) error {
					runs++
					got = v.Get(tx)
					tx.Check(got == "bob")
					return nil
				})
				synctest.Wait()
				require.Equal(t, 1, runs)
				write(t, owner, v, "ALICE")
				synctest.Wait()
				require.Equal(t, 1, runs, "woken by no change")
				write(t, owner, v, "carol")
				synctest.Wait()
				require.Equal(t, 2, runs)
				write(t, owner, v, "bob")
				synctest.Wait()
				require.Equal(t, 3, runs)
				require.Equal(t, "bob", got)
			})
		})
	}
}

func TestSettingAnEqualValueDisturbsNobody(t *testing.T) {
	for name, write := range equalWrites {
		t.Run(name, func(t *testing.T) {
			owner := stm.NewOwner()
			v := tvar.New("alice", tvar.In(owner), tvar.Equal(strings.EqualFold))
			result := tvar.New("", tvar.In(owner))
			held := owner.Checkout()
			result.Set(held, "held saw "+v.Get(held))
			write(t, owner, v, "ALICE")
			_, err := held.Commit()
			require.NoError(t, err)

			attempts := 0
			do(t, owner, func(tx *stm.Tx) error {
				attempts++
				result.Set(tx, v.Get(tx))
				elsewhere(t, func() { write(t, owner, v, "ALICE") })
				return nil
			})
			assert.Equal(t, 1, attempts)
			assert.Equal(t, "alice", result.Load())
		})
	}
}

// TestAnEqualSetIsARead: it was found to be no change because of what was there, so that must stay.
func TestAnEqualSetIsARead(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New("alice", tvar.In(owner), tvar.Equal(strings.EqualFold), tvar.Name("person"))
	other := tvar.New(0, tvar.In(owner))

	attempts := 0
	do(t, owner, func(tx *stm.Tx) error {
		attempts++
		v.Set(tx, "alice")
		other.Set(tx, attempts)
		if attempts == 1 {
			elsewhere(t, func() { v.Store("bob") })
		}
		return nil
	})
	assert.Equal(t, 2, attempts)
	assert.Equal(t, "alice", v.Load())

	held := owner.Checkout()
	defer held.Discard()
	v.Set(held, "ALICE")
	other.Set(held, 7)
	v.Store("bob")
	_, err := held.Commit()
	assert.ErrorIs(t, err, stm.ErrClash)
	assert.ErrorContains(t, err, "person")

	synctest.Test(t, func(t *testing.T) {
		owner := stm.NewOwner()
		v := tvar.New("alice", tvar.In(owner), tvar.Equal(strings.EqualFold))
		runs := 0
		go do(t, owner, func(tx *stm.Tx) error {
			runs++
			v.Set(tx, "ALICE")
			tx.Check(runs > 1)
			return nil
		})
		synctest.Wait()
		require.Equal(t, 1, runs)
		v.Store("bob")
		synctest.Wait()
		require.Equal(t, 2, runs, "a Retry after an equal Set waits for that variable")
	})
}

// TestTheLastSetCounts, also if it only goes back to what was there before.
func TestTheLastSetCounts(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New("alice", tvar.In(owner), tvar.Equal(strings.EqualFold))
	thereAndBack := func(tx *stm.Tx) error {
		v.Set(tx, "bob")
		v.Set(tx, "ALICE")
		assert.True(t, strings.EqualFold("alice", v.Get(tx)), v.Get(tx))
		return nil
	}
	_, seen := v.LoadToken()
	do(t, owner, thereAndBack)
	assert.True(t, strings.EqualFold("alice", v.Load()), v.Load())
	assert.False(t, changed(t, owner, seen, v), "all in all it is no change")

	held := owner.Checkout()
	require.NoError(t, thereAndBack(held))
	_, err := held.Commit()
	require.NoError(t, err)
	assert.True(t, strings.EqualFold("alice", v.Load()), v.Load())

	do(t, owner, func(tx *stm.Tx) error {
		v.Set(tx, "alice")
		v.Set(tx, "bob")
		return nil
	})
	assert.Equal(t, "bob", v.Load())
}

func TestEqualMeetsNaNAndUncomparableValues(t *testing.T) {
	owner := stm.NewOwner()
	number := tvar.New(math.NaN(), tvar.In(owner), tvar.Equal(func(a, b float64) bool { return a == b }))
	_, seen := number.LoadToken()
	number.Store(math.NaN())
	assert.True(t, changed(t, owner, seen, number), "Equal decides, and NaN is not equal to NaN")

	bits := func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
	number = tvar.New(math.NaN(), tvar.In(owner), tvar.Equal(bits))
	_, seen = number.LoadToken()
	number.Store(math.NaN())
	assert.False(t, changed(t, owner, seen, number))

	anything := tvar.New[any]([]int{1}, tvar.In(owner), tvar.Equal(func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }))
	_, seen = anything.LoadToken()
	anything.Store([]int{1})
	assert.False(t, changed(t, owner, seen, anything))
	anything.Store(map[string]func(){})
	assert.True(t, changed(t, owner, seen, anything))
}

func TestOptionsTogether(t *testing.T) {
	owner := stm.NewOwner()
	options := []tvar.Option{
		tvar.Equal(maps.Equal[counts]), tvar.In(owner), tvar.Clone(maps.Clone[counts]), tvar.Name("counts"),
	}
	first, second := tvar.New(counts{"a": 1}, options...), tvar.New(counts{"b": 1}, options...)
	for _, v := range []*tvar.TVar[counts]{first, second} {
		require.Equal(t, "counts", v.Name())
		_, seen := v.LoadToken()
		same := v.Load()
		v.Store(same)
		same["spoilt"] = 1
		require.NotContains(t, v.Load(), "spoilt")
		v.Update(func(m counts) counts { return m })
		require.False(t, changed(t, owner, seen, v))
		v.Update(func(m counts) counts { m["new"] = 1; return m })
		require.True(t, changed(t, owner, seen, v))
		require.Contains(t, v.Load(), "new")
	}
	assert.Equal(t, counts{"a": 1, "new": 1}, first.Load(), "variables made with the same options are two")
	assert.Equal(t, counts{"b": 1, "new": 1}, second.Load())
}

// TestOptionFunctionsMayUseTheLibrary: they run while nothing is locked.
func TestOptionFunctionsMayUseTheLibrary(t *testing.T) {
	owner := stm.NewOwner()
	var v *tvar.TVar[int]
	busy := false
	use := func() {
		if v == nil || busy {
			return
		}
		busy = true
		elsewhere(t, func() { v.Load(); v.Store(100) })
		busy = false
	}
	v = tvar.New(1, tvar.In(owner),
		tvar.Clone(func(n int) int { use(); return n }),
		tvar.Equal(func(a, b int) bool { use(); return a == b }))
	v.Store(2)
	v.Update(func(n int) int { return n + 1 })
	_, seen := v.LoadToken()
	busy = true
	_ = changed(t, owner, seen, v)
	assert.Greater(t, v.Load(), 1)
}

// TestAnOptionFunctionThatFailsChangesNothing lets Equal and Clone leave in every way, in every operation.
func TestAnOptionFunctionThatFailsChangesNothing(t *testing.T) {
	operations := map[string]func(v *tvar.TVar[int], owner *stm.Owner){
		"Load":      func(v *tvar.TVar[int], owner *stm.Owner) { v.Load() },
		"LoadToken": func(v *tvar.TVar[int], owner *stm.Owner) { v.LoadToken() },
		"Store":     func(v *tvar.TVar[int], owner *stm.Owner) { v.Store(7) },
		"Update":    func(v *tvar.TVar[int], owner *stm.Owner) { v.Update(func(n int) int { return 7 }) },
		"Get":       inTransaction(func(v *tvar.TVar[int], tx *stm.Tx) { v.Get(tx) }),
		"Set":       inTransaction(func(v *tvar.TVar[int], tx *stm.Tx) { v.Set(tx, 7) }),
		"Modify":    inTransaction(func(v *tvar.TVar[int], tx *stm.Tx) { v.Modify(tx, func(int) int { return 7 }) }),
		"Commute":   inTransaction(func(v *tvar.TVar[int], tx *stm.Tx) { v.Commute(tx, func(int) int { return 7 }) }),
		"Commute and Get": inTransaction(func(v *tvar.TVar[int], tx *stm.Tx) {
			v.Commute(tx, func(int) int { return 7 })
			v.Get(tx)
		}),
		"Irrevocably": func(v *tvar.TVar[int], owner *stm.Owner) {
			_ = owner.Irrevocably(context.Background(), func(tx *stm.Tx) error { v.Set(tx, v.Get(tx)+1); return nil })
		},
		"View": func(v *tvar.TVar[int], owner *stm.Owner) {
			_ = owner.View(context.Background(), func(tx *stm.Tx) error { v.Get(tx); return nil })
		},
		"held": func(v *tvar.TVar[int], owner *stm.Owner) {
			held := owner.Checkout()
			defer held.Discard()
			v.Set(held, v.Get(held)+1)
			_, _ = held.Commit()
		},
	}
	onlyReads := map[string]bool{"Load": true, "LoadToken": true, "Get": true, "View": true}
	for exit, leave := range exits {
		for name, operate := range operations {
			for _, option := range []string{"Clone", "Equal"} {
				t.Run(exit+" in "+option+" in "+name, func(t *testing.T) {
					owner := stm.NewOwner()
					armed := false
					fire := func() {
						if armed {
							leave()
						}
					}
					v := tvar.New(1, tvar.In(owner), tvar.Name("v"), map[string]tvar.Option{
						"Clone": tvar.Clone(func(n int) int { fire(); return n }),
						"Equal": tvar.Equal(func(a, b int) bool { fire(); return a == b }),
					}[option])
					_, before := v.LoadToken()
					armed = true
					left := outcome(func() { operate(v, owner) })
					armed = false
					switch {
					case option == "Clone" || !onlyReads[name] && !strings.HasPrefix(name, "Commute"):
						assert.Equal(t, wayOut[exit], left)
					case left == "returned" && strings.HasPrefix(name, "Commute"):
						return // Equal need not be asked about what Commute leaves
					}
					untouched(t, owner, v, 1, before)
				})
			}
		}
	}
}

// TestACloneThatFailsInNewMakesNothing: the panic surfaces where the variable would have been made.
func TestACloneThatFailsInNewMakesNothing(t *testing.T) {
	for exit, leave := range exits {
		assert.Equal(t, wayOut[exit], outcome(func() {
			tvar.New(1, tvar.Clone(func(n int) int { leave(); return n }))
		}))
	}
}

// TestInitComesFirst: a variable that has been written, named or made by New cannot be given a first value.
func TestInitComesFirst(t *testing.T) {
	owner := stm.NewOwner()
	var stored, named tvar.TVar[int]
	stored.Store(1)
	named.Init(1, tvar.Name("alice"))
	for name, v := range map[string]*tvar.TVar[int]{
		"New": tvar.New(1), "New in another owner": tvar.New(1, tvar.In(owner)), "Store": &stored, "Init": &named,
	} {
		err := failureOf(func() error { v.Init(2, tvar.In(stm.NewOwner())); return nil })
		require.ErrorContains(t, err, "Init", name)
		assert.Equal(t, 1, v.Load(), name)
	}
	var loaded tvar.TVar[int]
	require.Zero(t, loaded.Load())
	loaded.Init(1)
	assert.Equal(t, 1, loaded.Load())
}

func inTransaction(fn func(*tvar.TVar[int], *stm.Tx)) func(*tvar.TVar[int], *stm.Owner) {
	return func(v *tvar.TVar[int], owner *stm.Owner) {
		_ = owner.Atomically(context.Background(), func(tx *stm.Tx) error { fn(v, tx); return nil })
	}
}

// TestNilsAreToldClearly hands nil to everything that takes a pointer or a function.
func TestNilsAreToldClearly(t *testing.T) {
	var none *tvar.TVar[int]
	v := tvar.New(1, tvar.Name("alice"))
	inside := func(fn func(*stm.Tx)) func() {
		return func() { _ = stm.Atomically(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil }) }
	}
	for _, test := range []struct {
		name  string
		call  func()
		tells string
	}{
		{"Load of nil", func() { none.Load() }, "TVar"},
		{"Store of nil", func() { none.Store(1) }, "TVar"},
		{"Update of nil", func() { none.Update(func(n int) int { return n }) }, "TVar"},
		{"LoadToken of nil", func() { none.LoadToken() }, "TVar"},
		{"Name of nil", func() { _ = none.Name() }, "TVar"},
		{"Init of nil", func() { none.Init(1) }, "TVar"},
		{"Get of nil", inside(func(tx *stm.Tx) { none.Get(tx) }), "TVar"},
		{"Set of nil", inside(func(tx *stm.Tx) { none.Set(tx, 1) }), "TVar"},
		{"Modify of nil", inside(func(tx *stm.Tx) { none.Modify(tx, func(n int) int { return n }) }), "TVar"},
		{"Commute of nil", inside(func(tx *stm.Tx) { none.Commute(tx, func(n int) int { return n }) }), "TVar"},

		{"Get without a transaction", func() { v.Get(nil) }, "Tx"},
		{"Set without a transaction", func() { v.Set(nil, 1) }, "Tx"},
		{"Modify without a transaction", func() { v.Modify(nil, func(n int) int { return n }) }, "Tx"},
		{"Commute without a transaction", func() { v.Commute(nil, func(n int) int { return n }) }, "Tx"},

		{"Update without a function", func() { v.Update(nil) }, "func"},
		{"Modify without a function", inside(func(tx *stm.Tx) { v.Modify(tx, nil) }), "func"},
		{"Commute without a function", inside(func(tx *stm.Tx) { v.Commute(tx, nil) }), "func"},

		{"New with a zero option", func() { tvar.New(1, []tvar.Option{*new(tvar.Option)}...) }, "option"},
		{"New in no owner", func() { tvar.New(1, tvar.In(nil)) }, "owner"},
		{"New with a nil Clone", func() { tvar.New(1, tvar.Clone[int](nil)) }, "clone"},
		{"New with a nil Equal", func() { tvar.New(1, tvar.Equal[int](nil)) }, "equal"},
		{"Init in no owner", func() { new(tvar.TVar[int]).Init(1, tvar.In(nil)) }, "owner"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := failureOf(func() error { test.call(); return nil })
			require.Error(t, err, "nothing was said")
			var raw runtime.Error
			assert.False(t, errors.As(err, &raw), "a raw runtime error says too little: %v", err)
			assert.Regexp(t, "nil|zero", err.Error())
			assert.Contains(t, strings.ToLower(err.Error()), strings.ToLower(test.tells))
		})
	}
	assert.Equal(t, 1, v.Load())
	elsewhere(t, func() { v.Store(2) })
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
