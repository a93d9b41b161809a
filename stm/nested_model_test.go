package stm_test

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// TestNestedUndoesExactlyItsOwnChanges holds random trees of Nested and OrElse against a map that is
// copied at each level. There are more variables than fit the plain search of a write set.
func TestNestedUndoesExactlyItsOwnChanges(t *testing.T) {
	for seed := range uint64(2_000) {
		random := rand.New(rand.NewPCG(seed, 0))
		o := stm.NewOwner()
		vars := make([]*tvar.TVar[int], 1+random.IntN(20))
		for i := range vars {
			vars[i] = tvar.New(0, tvar.In(o))
		}
		m := &model{random: random, vars: vars, values: map[int]int{}}
		tx := o.Checkout()
		managed := random.IntN(2) == 0
		if managed {
			tx.Discard()
			require.NoError(t, o.Atomically(background, func(tx *stm.Tx) error { m.grow(tx, 4); return nil }))
		} else {
			m.grow(tx, 4)
			_, err := tx.Commit()
			require.NoError(t, err)
		}
		for i, v := range vars {
			require.Equal(t, m.values[i], v.Load(), "seed %d, variable %d", seed, i)
		}
	}
}

type model struct {
	random *rand.Rand
	vars   []*tvar.TVar[int]
	values map[int]int
}

// grow does a few things at random, some of them in deeper levels.
func (m *model) grow(tx *stm.Tx, depth int) {
	for range m.random.IntN(8) {
		i, n := m.random.IntN(len(m.vars)), m.random.IntN(1000)
		switch what := m.random.IntN(8); {
		case what < 2:
			m.vars[i].Set(tx, n)
			m.values[i] = n
		case what == 2:
			m.vars[i].Commute(tx, func(x int) int { return 3*x + n })
			m.values[i] = 3*m.values[i] + n
		case what == 3:
			if m.vars[i].Get(tx) != m.values[i] {
				panic("a value that was not set")
			}
		case depth > 0 && what < 6:
			m.level(func(deeper func(*stm.Tx, bool) error) {
				_ = tx.Nested(func(tx *stm.Tx) error { return deeper(tx, false) })
			}, depth)
		case depth > 0:
			m.level(func(deeper func(*stm.Tx, bool) error) {
				_ = tx.OrElse(func(tx *stm.Tx) error { return deeper(tx, true) }, func(*stm.Tx) error { return nil })
			}, depth)
		}
	}
}

// level runs one level, and puts the model back if it ends otherwise than well.
func (m *model) level(run func(func(*stm.Tx, bool) error), depth int) {
	before := maps.Clone(m.values)
	run(func(tx *stm.Tx, retries bool) error {
		m.grow(tx, depth-1)
		if m.random.IntN(2) == 0 {
			return nil
		}
		m.values = before
		if retries {
			tx.Retry()
		}
		return errUser
	})
}
