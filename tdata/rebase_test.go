package tdata_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// A checkout has read a key, which is deleted, and its place in the structure is let go of: by a Rebase the checkout relies
// on the key being absent. So it clashes with whoever sets the key after that.
func TestWhatWasReadBeforeARebaseIsReliedOn(t *testing.T) {
	type table interface {
		Get(*stm.Tx, int) (string, bool)
		Store(int, string)
	}
	for name, make := range map[string]func(o *stm.Owner) (table, func(key int)){
		"Map": func(o *stm.Owner) (table, func(int)) {
			m := tdata.NewMap[int, string](tdata.In(o))
			return m, func(key int) { m.Remove(key) }
		},
		"OrderedMap": func(o *stm.Owner) (table, func(int)) {
			m := tdata.NewOrderedMap[int, string](tdata.In(o))
			return m, func(key int) { m.Remove(key) }
		},
		"Cache": func(o *stm.Owner) (table, func(int)) {
			c := tdata.NewCache(tdata.CacheConfig[int, string]{Capacity: 10_000}, tdata.In(o))
			return c, func(key int) { c.Remove(key) }
		},
	} {
		for _, set := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				o := stm.NewOwner()
				m, remove := make(o)
				churn := func() {
					for i := 10; i < 1000; i++ {
						m.Store(i, "")
					}
					for i := 10; i < 1000; i++ {
						remove(i)
					}
				}
				done := tvar.New(false, tvar.In(o))
				m.Store(1, "first")
				tx := o.Checkout()
				defer tx.Discard()
				value, found := m.Get(tx, 1)
				require.True(t, found)
				require.Equal(t, "first", value)
				done.Set(tx, true)
				remove(1)
				churn()
				require.NoError(t, tx.Rebase())
				churn()
				if set {
					m.Store(1, "second")
				}
				_, err := tx.Commit()
				if set {
					assert.ErrorIs(t, err, stm.ErrClash)
				}
				assert.Equal(t, err == nil, done.Load())
			})
		}
	}
}
