package stm_test

import (
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// overwrites are ways to give a variable another value.
func overwrites[T any](o *stm.Owner) map[string]func(*tvar.TVar[T], T) {
	return map[string]func(*tvar.TVar[T], T){
		"Store":  func(v *tvar.TVar[T], x T) { v.Store(x) },
		"Update": func(v *tvar.TVar[T], x T) { v.Update(func(T) T { return x }) },
		"Set":    func(v *tvar.TVar[T], x T) { mustAtomically(o, func(tx *stm.Tx) { v.Set(tx, x) }) },
		"Commute": func(v *tvar.TVar[T], x T) {
			mustAtomically(o, func(tx *stm.Tx) { v.Commute(tx, func(T) T { return x }) })
		},
		"Commit": func(v *tvar.TVar[T], x T) {
			tx := o.Checkout()
			v.Set(tx, x)
			if _, err := tx.Commit(); err != nil {
				panic(err)
			}
		},
	}
}

// testFirst makes variables while a checkout is held, overwrites them, and reads them through that checkout, through
// one that was made before the last change, and in the present.
func testFirst[T any](t *testing.T, first, second, third T, list ...tvar.Option) {
	t.Helper()
	o := stm.NewOwner()
	for way, overwrite := range overwrites[T](o) {
		before := o.Checkout()
		v := tvar.New(first, append(list, tvar.In(o))...)
		overwrite(v, second)
		between := o.Checkout()
		overwrite(v, third)
		assert.Equal(t, second, v.Get(between), "%s: between", way)
		assert.Equal(t, first, v.Get(before), "%s: before", way)
		assert.Equal(t, third, v.Load(), "%s: at last", way)
		between.Discard()
		assert.Equal(t, first, v.Get(before), "%s: when the newer checkout is gone", way)
		clashes := before.Clashes()
		require.Len(t, clashes, 1, "%s: it has changed", way)
		assert.Zero(t, clashes[0].Base, "%s: since its beginning", way)
		v.Set(before, second)
		_, err := before.Commit()
		assert.ErrorIs(t, err, stm.ErrClash, way)
		before.Discard()
		assert.Equal(t, third, v.Load(), way)
	}
}

func TestWhatIsMadeAfterACheckoutHasItsFirstValueThere(t *testing.T) {
	one, two := new(int), new(int)
	t.Run("numbers from zero", func(t *testing.T) { testFirst(t, 0, 1, 2) })
	t.Run("numbers", func(t *testing.T) { testFirst(t, 5, 0, 2) })
	t.Run("pointers from nil", func(t *testing.T) { testFirst(t, nil, one, two) })
	t.Run("pointers", func(t *testing.T) { testFirst(t, one, nil, two) })
	t.Run("strings", func(t *testing.T) { testFirst(t, "", "a", "b") })
	t.Run("pairs from zero", func(t *testing.T) { testFirst(t, [2]int{}, [2]int{1, 2}, [2]int{3, 4}) })
	t.Run("pairs", func(t *testing.T) { testFirst(t, [2]int{1, 2}, [2]int{}, [2]int{3, 4}) })
	t.Run("slices", func(t *testing.T) { testFirst(t, nil, []int{1}, []int{}) })
	t.Run("interfaces", func(t *testing.T) { testFirst[any](t, nil, 1, "b") })
	t.Run("with options", func(t *testing.T) {
		same := func(a, b int) bool { return a == b }
		testFirst(t, 0, 1, 2, tvar.Name("n"), tvar.Clone(func(n int) int { return n }), tvar.Equal(same))
	})
}

func TestAVariableThatNobodyHasSetIsZeroInACheckout(t *testing.T) {
	tx := stm.Checkout()
	defer tx.Discard()
	var n tvar.TVar[int]
	var p tvar.TVar[[2]string]
	n.Store(1)
	p.Store([2]string{"a", "b"})
	assert.Zero(t, n.Get(tx))
	assert.Zero(t, p.Get(tx))
	assert.Zero(t, n.Get(tx), "again")
}

// A zero that came later is a value like others: the one before it must not be taken for it.
func TestALaterZeroIsKept(t *testing.T) {
	o := stm.NewOwner()
	v := tvar.New(7, tvar.In(o))
	seven := o.Checkout()
	v.Store(0)
	zero := o.Checkout()
	v.Store(2)
	assert.Equal(t, 0, v.Get(zero))
	assert.Equal(t, 7, v.Get(seven))
	seven.Discard()
	assert.Equal(t, 0, v.Get(zero))
	zero.Discard()
	healthy(t, o, v)
}

// What changed from zero is merged, or clashes, as what changed from another value does.
func TestRebaseOverAFirstValueOfZero(t *testing.T) {
	o := stm.NewOwner()
	sum := func(base, mine, theirs int) (int, error) { return mine + theirs - base, nil }
	merging, plain := tvar.New(0, tvar.In(o), tvar.Merge(sum)), tvar.New(0, tvar.In(o))
	tx := o.Checkout()
	defer tx.Discard()
	merging.Set(tx, 1)
	merging.Store(10)
	require.NoError(t, tx.Rebase())
	assert.Equal(t, 11, merging.Get(tx))
	plain.Set(tx, 1)
	require.NoError(t, tx.Rebase())
	plain.Store(10)
	assert.ErrorIs(t, tx.Rebase(), stm.ErrClash)
	assert.Zero(t, tx.Clashes()[0].Base)
}

// Variables that are made, set, and dropped while a checkout is held are garbage, and so is what they held.
func TestWhatIsMadeAfterACheckoutIsNotKept(t *testing.T) {
	const variables = 100_000
	o := stm.NewOwner()
	tx := o.Checkout()
	defer tx.Discard()
	before := heap()
	for i := range variables {
		v := tvar.New[*block](nil, tvar.In(o))
		v.Store(new(block))
		v.Store(nil)
		if i%2 == 0 {
			mustAtomically(o, func(tx *stm.Tx) { v.Set(tx, new(block)) })
		}
	}
	assert.Less(t, heap()-before, int64(10*variables), "bytes: 10 a variable")
}
