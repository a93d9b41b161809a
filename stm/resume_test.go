package stm_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// next is a token of this moment.
func next(o *stm.Owner) token.Token {
	tx := o.Checkout()
	defer tx.Discard()
	return tx.Token()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func TestResumeGoesOnUnderAToken(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "a", "b", "c")
	at, err := token.Parse(next(o).String())
	require.NoError(t, err)
	v[2].Store(20)
	tx, err := o.Resume(at, v[0], v[1])
	require.NoError(t, err)
	defer tx.Discard()
	assert.Equal(t, []int{0, 1, 20}, []int{v[0].Get(tx), v[1].Get(tx), v[2].Get(tx)}, "a checkout of the present")
	v[0].Set(tx, 10)
	_, err = tx.Commit()
	require.NoError(t, err)
	assert.Equal(t, 10, v[0].Load())
	healthy(t, o, v...)
}

func TestResumeNamesEachVariableThatHasChanged(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "a", "b", "c", "d")
	at := next(o)
	v[0].Store(10)
	mustAtomically(o, func(tx *stm.Tx) { write(tx, v[2]); write(tx, v[3]) })
	tx, err := o.Resume(at, v[0], v[1], v[2])
	assert.Nil(t, tx)
	assert.Equal(t, map[string]stm.VarClash{
		"a": {Name: "a", Base: at.Version(), Current: version(v[0])},
		"c": {Name: "c", Base: at.Version(), Current: version(v[2])},
	}, clashes(t, err))
	var full *stm.ClashError
	require.ErrorAs(t, err, &full)
	assert.Equal(t, at, full.Base)
	healthy(t, o, v...)
}

// A token is good for one success: what it was used for is what has changed since.
func TestATokenReplayedAfterSuccessClashes(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o), tvar.Name("x"))
	at := next(o)
	for replay := range 3 {
		tx, err := o.Resume(at, x)
		if replay > 0 {
			require.Contains(t, clashes(t, err), "x")
			continue
		}
		require.NoError(t, err)
		x.Set(tx, 1)
		_, err = tx.Commit()
		require.NoError(t, err)
	}
	_, one := x.LoadToken()
	first, err := o.Resume(one, x)
	require.NoError(t, err)
	second, err := o.Resume(one, x)
	require.NoError(t, err, "both are in time")
	write(first, x)
	write(second, x)
	_, err = first.Commit()
	require.NoError(t, err)
	_, err = second.Commit()
	require.Contains(t, clashes(t, err), "x", "but one of them only is the first to commit")
	second.Discard()
	assert.Equal(t, 2, x.Load())
}

func TestForeignTokensAreRefusedWhateverTheirNumber(t *testing.T) {
	o, other := stm.NewOwner(), stm.NewOwner()
	x := tvar.New(0, tvar.In(o), tvar.Name("x"))
	x.Store(1)
	_, good := x.LoadToken()
	others := []uint64{0, 1, next(other).Owner(), next(stm.Default()).Owner(), ^good.Owner(), good.Owner()}
	past, clock := o.Stats().Pins, o.Stats().Clock
	for _, version := range []uint64{0, 1, good.Version(), clock, clock + 1, math.MaxUint64 / 2, math.MaxUint64} {
		for _, owner := range others {
			forged := token.New(owner, version)
			if owner == good.Owner() && version <= clock {
				continue
			}
			for _, vars := range [][]stm.Var{nil, {x}} {
				_, err := o.Resume(forged, vars...)
				assert.ErrorIs(t, err, stm.ErrForeign, "Resume of %v", forged)
				assert.NotErrorIs(t, err, stm.ErrClash)
				err = o.Atomically(background, func(tx *stm.Tx) error { return tx.Expect(forged, vars...) })
				assert.ErrorIs(t, err, stm.ErrForeign, "Expect of %v", forged)
				assert.NotErrorIs(t, err, stm.ErrClash)
			}
		}
	}
	assert.Equal(t, past, o.Stats().Pins, "not even a checkout was made")
}

// The clock goes in strides. A number inside of one is a moment of the past like any other.
func TestATokenInsideAStrideIsAMomentOfThePast(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o), tvar.Name("x"))
	x.Store(1)
	_, at := x.LoadToken()
	require.Less(t, at.Version(), o.Stats().Clock)
	_, err := o.Resume(token.New(at.Owner(), at.Version()-1), x)
	assert.Contains(t, clashes(t, err), "x")
	tx, err := o.Resume(token.New(at.Owner(), at.Version()+1), x)
	require.NoError(t, err)
	tx.Discard()
	x.Store(2)
	_, err = o.Resume(token.New(at.Owner(), o.Stats().Clock), x)
	assert.Contains(t, clashes(t, err), "x", "later changes are above the clock that the token was below")
}

func TestResumeRefusesWhatItCannotCheck(t *testing.T) {
	o, other := stm.NewOwner(), stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	y := tvar.New(0, tvar.In(other), tvar.Name("alice"))
	at := next(o)
	_, err := o.Resume(at, x, y)
	told(t, err, stm.ErrForeign, "alice")
	assert.Panics(t, func() { _, _ = o.Resume(at, x, nil) })
	assert.Panics(t, func() { _, _ = o.Resume(at, (*tvar.TVar[int])(nil)) })
	assert.Panics(t, func() { _, _ = (*stm.Owner)(nil).Resume(at) })
	assert.Panics(t, func() { _, _ = new(stm.Owner).Resume(at) })
	healthy(t, o, x)
}

// A token may be younger than the transaction that is asked about it.
func TestExpectOfATokenYoungerThanTheSnapshot(t *testing.T) {
	for _, f := range []form{formAtomically, formView, formHeld} {
		for _, readFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", f.name, readFirst), func(t *testing.T) {
				o := stm.NewOwner()
				v := named(o, "x", "y")
				runs := 0
				var err error
				require.NoError(t, f.run(o, func(tx *stm.Tx) error {
					runs++
					v[1].Get(tx)
					if readFirst {
						v[0].Get(tx)
					}
					if runs > 1 {
						return nil
					}
					var at token.Token
					elsewhere(func() {
						v[0].Store(50)
						_, at = v[0].LoadToken()
					})
					if err = tx.Expect(at, v[0]); err == nil {
						assert.Equal(t, 50, v[0].Get(tx), "nothing has changed since, so it must see that")
					}
					return nil
				}))
				if f.name == formHeld.name {
					assert.Contains(t, clashes(t, err), "x", "its snapshot is older")
				}
			})
		}
	}
}

// A variable that was made anew in place of another has never changed, whatever its name. So a token of the one before
// is none against it; only what led to it tells.
func TestAVariableMadeAnewHasNeverChanged(t *testing.T) {
	o := stm.NewOwner()
	first := tvar.New(1, tvar.In(o), tvar.Name("page"))
	list := tvar.New(first, tvar.In(o), tvar.Name("list"))
	first.Store(2)
	seen := next(o)
	first.Store(3)
	_, err := o.Resume(seen, first)
	assert.Contains(t, clashes(t, err), "page")

	anew := tvar.New(9, tvar.In(o), tvar.Name("page"))
	list.Store(anew)
	for _, token := range []token.Token{seen, token.New(seen.Owner(), 0)} {
		tx, err := o.Resume(token, anew)
		require.NoError(t, err, "it was never written")
		tx.Discard()
		_, err = o.Resume(token, list, anew)
		assert.Equal(t, []string{"list"}, slices.Collect(maps.Keys(clashes(t, err))))
	}
	anew.Store(10)
	_, err = o.Resume(seen, anew)
	assert.Contains(t, clashes(t, err), "page", "from its first change on it is like any other")
}

// One that is set by the transaction that shows it to others has a version of its own, above all tokens of before.
func TestAVariableThatIsSetWhenItIsMadeClashesWithOldTokens(t *testing.T) {
	o := stm.NewOwner()
	list := tvar.New[*tvar.TVar[int]](nil, tvar.In(o))
	seen := next(o)
	mustAtomically(o, func(tx *stm.Tx) {
		anew := tvar.New(0, tvar.In(o), tvar.Name("page"))
		anew.Set(tx, 9)
		list.Set(tx, anew)
	})
	_, err := o.Resume(seen, list.Load())
	assert.Contains(t, clashes(t, err), "page")
}
