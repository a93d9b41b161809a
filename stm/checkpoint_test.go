package stm_test

import (
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A chain of commits by one checkout, which never sees anything but what it committed and changed.
func TestCheckpointGoesOnFromWhatItCommitted(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "a", "b", "c")
	tx := o.Checkout()
	defer tx.Discard()
	last := tx.Token()
	for step := 1; step < 5; step++ {
		write(tx, v[0])
		v[1].Get(tx)
		at, err := tx.Checkpoint()
		require.NoError(t, err)
		assert.Equal(t, at, tx.Token())
		assert.Greater(t, at.Version(), last.Version())
		last = at
		require.NoError(t, expect(o, at, v...))
		v[1].Store(100 * step) // it relies on it no more
		v[2].Store(100 * step)
		assert.Equal(t, step, v[0].Get(tx))
		assert.Equal(t, step, v[0].Load())
		assert.Equal(t, max(1, 100*(step-1)), v[1].Get(tx), "what came after is not in it")
		require.Contains(t, clashes(t, expect(o, at, v...)), "b")
		require.NoError(t, tx.Rebase())
	}
	_, err := tx.Commit()
	require.NoError(t, err)
	healthy(t, o, v...)
}

// Whatever others commit while a Checkpoint commits, the checkout goes on from exactly its own state.
func TestCheckpointBesideWriters(t *testing.T) {
	o := stm.NewOwner()
	mine := ints(o, 2, 0)
	others := ints(o, 4, 0)
	stop := meanwhile(2, func(i int) {
		mustAtomically(o, func(tx *stm.Tx) {
			for _, x := range others {
				write(tx, x)
			}
		})
	})
	defer stop()
	tx := o.Checkout()
	defer tx.Discard()
	for step := range rounds(2000) {
		write(tx, mine[0])
		write(tx, mine[1])
		at, err := tx.Checkpoint()
		require.NoError(t, err)
		require.Equal(t, at, tx.Token())
		require.Equal(t, []int{step + 1, step + 1}, []int{mine[0].Get(tx), mine[1].Get(tx)})
		first := others[0].Get(tx)
		for _, x := range others {
			require.Equal(t, first, x.Get(tx), "one state")
			require.LessOrEqual(t, seenVersion(tx, x), at.Version())
		}
		_, err = tx.Commit()
		require.NoError(t, unlessClash(err))
		tx.Discard()
		tx = o.Checkout()
	}
}

// seenVersion is the version of x in the transaction's snapshot, by Expect.
func seenVersion(tx *stm.Tx, x *tvar.TVar[int]) uint64 {
	err := tx.Expect(token.New(tx.Token().Owner(), 0), x)
	report, _ := err.(*stm.ClashError)
	if report == nil {
		return 0
	}
	return report.Vars[0].Current
}

func TestAClashAtACheckpointLeavesTheCheckoutOpen(t *testing.T) {
	o := stm.NewOwner()
	x, y := tvar.New(0, tvar.In(o), tvar.Name("x"), tvar.Merge(sum)), tvar.New(0, tvar.In(o))
	tx := o.Checkout()
	defer tx.Discard()
	base := tx.Token()
	write(tx, x)
	x.Store(10)
	pins := o.Stats().Pins
	for range 2 {
		_, err := tx.Checkpoint()
		require.Contains(t, clashes(t, err), "x")
		assert.Equal(t, base, tx.Token())
		assert.Equal(t, 1, x.Get(tx))
	}
	assert.Equal(t, pins+2, o.Stats().Pins, "each try was a pin, and is none any more")
	require.NoError(t, tx.Rebase())
	_, err := tx.Checkpoint()
	require.NoError(t, err)
	assert.Equal(t, 11, x.Load())
	x.Store(50)
	assert.Equal(t, 11, x.Get(tx))
	write(tx, y)
	_, err = tx.Commit()
	require.Contains(t, clashes(t, err), "x", "it has read it again")
	tx.Discard()
	healthy(t, o, x, y)
}

func TestCheckpointRunsHooksOnce(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	var calls []string
	var tokens []token.Token
	tx := o.Checkout()
	both(tx, "first", &calls)
	tx.OnCommitToken(func(t token.Token) {
		tokens = append(tokens, t)
		mustAtomically(o, func(tx *stm.Tx) { x.Get(tx) })
	})
	write(tx, x)
	at, err := tx.Checkpoint()
	require.NoError(t, err)
	assert.Equal(t, []token.Token{at}, tokens)
	both(tx, "second", &calls)
	write(tx, x)
	_, err = tx.Checkpoint()
	require.NoError(t, err)
	both(tx, "third", &calls)
	tx.Discard()
	assert.Equal(t, []string{"commit first", "commit second", "abort third"}, calls)
}

// A hook that panics leaves the commit as it stands and the checkout as it goes on.
func TestAHookThatPanicsAtACheckpoint(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	tx := o.Checkout()
	defer tx.Discard()
	write(tx, x)
	tx.OnCommit(func() { panic(errUser) })
	assert.PanicsWithError(t, errUser.Error(), func() { _, _ = tx.Checkpoint() })
	assert.Equal(t, 1, x.Load())
	write(tx, x)
	_, err := tx.Commit()
	require.NoError(t, err)
	assert.Equal(t, 2, x.Load())
}

// A checkout that has changed nothing stays where it is, and so does what it relies on.
func TestCheckpointOfNothing(t *testing.T) {
	o := stm.NewOwner()
	x, y := tvar.New(0, tvar.In(o), tvar.Name("x")), tvar.New(0, tvar.In(o))
	tx := o.Checkout()
	defer tx.Discard()
	base := tx.Token()
	x.Get(tx)
	x.Store(10)
	at, err := tx.Checkpoint()
	require.NoError(t, err)
	assert.Equal(t, base, at)
	assert.Equal(t, 0, x.Get(tx))
	write(tx, y)
	_, err = tx.Checkpoint()
	assert.Contains(t, clashes(t, err), "x")
}

func TestCheckpointOfCommutes(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(1, tvar.In(o))
	tx := o.Checkout()
	defer tx.Discard()
	x.Commute(tx, plusOne)
	x.Store(10)
	_, err := tx.Checkpoint()
	require.NoError(t, err)
	assert.Equal(t, 11, x.Get(tx))
	x.Set(tx, 12)
	panicking := true
	x.Commute(tx, func(n int) int { return n + 1 })
	y := tvar.New(0, tvar.In(o))
	y.Commute(tx, func(n int) int {
		if panicking {
			panic(errUser)
		}
		return n + 1
	})
	assert.PanicsWithError(t, errUser.Error(), func() { _, _ = tx.Checkpoint() })
	panicking = false
	_, err = tx.Checkpoint()
	require.NoError(t, err)
	assert.Equal(t, []int{13, 1}, []int{x.Load(), y.Load()})
}

// Values are kept for the state that the checkout is at, and not for those that it has left.
func TestCheckpointAndRebaseLetGoOfOldValues(t *testing.T) {
	type big [1 << 16]byte
	o := stm.NewOwner()
	x := tvar.New(new(big), tvar.In(o))
	n := tvar.New(0, tvar.In(o))
	tx := o.Checkout()
	defer tx.Discard()
	before := heap()
	for step := range 200 {
		x.Store(new(big))
		x.Get(tx)
		if step%2 == 0 {
			require.NoError(t, tx.Rebase())
		} else {
			n.Set(tx, step)
			_ = tx.Rebase()
			_, err := tx.Checkpoint()
			require.NoError(t, err)
		}
	}
	x.Store(new(big))
	assert.Less(t, heap()-before, int64(5*len(big{})), "one value for the present, and one for the checkout")
	assert.NotNil(t, x.Get(tx))
}
