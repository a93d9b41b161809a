package stm_test

import (
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheDefaultOwnerIsOne(t *testing.T) {
	assert.Same(t, stm.Default(), stm.Default())
	assert.NotSame(t, stm.Default(), stm.NewOwner())
	var zero tvar.TVar[int]
	made, asked := tvar.New(0), tvar.New(0, tvar.In(stm.Default()))
	use := func(tx *stm.Tx) error {
		write(tx, &zero)
		write(tx, made)
		write(tx, asked)
		return nil
	}
	require.NoError(t, stm.Atomically(background, use))
	require.NoError(t, stm.Default().Atomically(background, use))
	n, err := stm.Do(background, func(tx *stm.Tx) (int, error) { return zero.Get(tx), use(tx) })
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	require.NoError(t, stm.View(background, func(tx *stm.Tx) error {
		assert.Equal(t, 9, zero.Get(tx)+made.Get(tx)+asked.Get(tx))
		return nil
	}))
}

// Ids are random, so that no two owners are taken for one, in this life of the process or the next.
func TestOwnersHaveDifferentIds(t *testing.T) {
	ids := map[uint64]bool{}
	for range 1000 {
		x := tvar.New(0, tvar.In(stm.NewOwner()))
		_, at := x.LoadToken()
		require.False(t, ids[at.Owner()], "twice the id %x", at.Owner())
		require.NotZero(t, at.Owner())
		ids[at.Owner()] = true
	}
	small := 0
	for id := range ids {
		if id < 1<<48 {
			small++
		}
	}
	assert.Less(t, small, 100, "these ids are counted, not random")
}

// While the gate of one is shut, and everything of it in use, the other works as ever.
func TestOwnersDoNotStopEachOther(t *testing.T) {
	one, two := stm.NewOwner(), stm.NewOwner()
	x, y := tvar.New(0, tvar.In(one)), tvar.New(0, tvar.In(two))
	held := one.Checkout()
	defer held.Discard()
	write(held, x)
	require.NoError(t, one.Irrevocably(background, func(tx *stm.Tx) error {
		x.Set(tx, 1)
		healthy(t, two, y)
		return nil
	}))
	assert.Equal(t, 1, x.Load())
}

// A transaction inside another, of another owner, is a transaction of its own.
func TestOwnersInsideEachOther(t *testing.T) {
	one, two := stm.NewOwner(), stm.NewOwner()
	x, y := tvar.New(0, tvar.In(one)), tvar.New(0, tvar.In(two))
	err := one.Atomically(background, func(tx *stm.Tx) error {
		write(tx, x)
		mustAtomically(two, func(tx *stm.Tx) { write(tx, y) })
		write(tx, x)
		return errUser
	})
	assert.Same(t, errUser, err)
	assert.Equal(t, []int{0, 1}, []int{x.Load(), y.Load()})
}

// Nobody who waits under one owner is woken by another's changes.
func TestOwnersWakeTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := stm.NewOwner(), stm.NewOwner()
		x, others := tvar.New(0, tvar.In(one)), ints(two, 100, 0)
		s := sleep(background, one, until(x))
		synctest.Wait()
		for _, v := range others {
			v.Store(1)
		}
		synctest.Wait()
		assert.EqualValues(t, 1, s.runs.Load())
		x.Store(1)
		assert.NoError(t, <-s.ended)
	})
}

// A token says nothing to another owner, and neither does one from the future.
func TestTokensOfAnotherOwnerAreForeign(t *testing.T) {
	one, two := stm.NewOwner(), stm.NewOwner()
	x, y := tvar.New(0, tvar.In(one)), tvar.New(0, tvar.In(two))
	_, at := x.LoadToken()
	assert.ErrorIs(t, expect(two, at, y), stm.ErrForeign)
	assert.ErrorIs(t, expect(one, token.New(at.Owner(), 1<<62), x), stm.ErrForeign, "above the clock")
	assert.ErrorIs(t, expect(one, token.New(at.Owner()+1, at.Version()), x), stm.ErrForeign)
	assert.NoError(t, expect(one, at, x))
}

// A variable of another owner is refused, and the attempt with it.
func TestVariablesOfAnotherOwnerAreRefused(t *testing.T) {
	one, two := stm.NewOwner(), stm.NewOwner()
	x, y := tvar.New(0, tvar.In(one)), tvar.New(0, tvar.In(two))
	uses := map[string]func(tx *stm.Tx){
		"Get":     func(tx *stm.Tx) { y.Get(tx) },
		"Set":     func(tx *stm.Tx) { y.Set(tx, 1) },
		"Modify":  func(tx *stm.Tx) { write(tx, y) },
		"Commute": func(tx *stm.Tx) { y.Commute(tx, func(n int) int { return n + 1 }) },
	}
	for name, use := range uses {
		for _, f := range updates {
			t.Run(name+"/"+f.name, func(t *testing.T) {
				before := look(x, y)
				end := watch(func() error {
					return f.run(one, func(tx *stm.Tx) error { write(tx, x); use(tx); return nil })
				})
				err, _ := end.panicked.(error)
				assert.ErrorIs(t, err, stm.ErrForeign)
				assert.Equal(t, before, look(x, y))
			})
		}
	}
	healthy(t, one, x)
	healthy(t, two, y)
}

// Each owner counts for itself.
func TestOwnersCountForThemselves(t *testing.T) {
	one, two := stm.NewOwner(), stm.NewOwner()
	x := tvar.New(0, tvar.In(one))
	before := two.Stats()
	for range 10 {
		mustAtomically(one, func(tx *stm.Tx) { write(tx, x) })
		require.NoError(t, one.View(background, func(tx *stm.Tx) error { x.Get(tx); return nil }))
	}
	assert.Equal(t, before, two.Stats())
	assert.EqualValues(t, 20, one.Stats().Commits)
}
