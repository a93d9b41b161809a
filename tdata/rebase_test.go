package tdata_test

import (
	"context"
	"testing"
	"testing/synctest"

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
		// As long as the leaf of the key is not renewed, see docs/checkouts.md.
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

// A subscription that was made in a checkout gets what is published after it, and nothing that never was, also after a Rebase.
func TestASubscriptionSurvivesARebase(t *testing.T) {
	o := stm.NewOwner()
	topic := tdata.NewTopic[int](tdata.In(o))
	tx := o.Checkout()
	defer tx.Discard()
	s := topic.Subscribe(tx)
	for i := range 200 {
		require.NoError(t, topic.Send(background, i+1))
	}
	require.NoError(t, tx.Rebase())
	if _, err := tx.Commit(); err != nil {
		require.ErrorIs(t, err, stm.ErrClash)
		return
	}
	require.NoError(t, topic.Send(background, 201))
	var got []int
	for v, ok := s.TryReceive(); ok; v, ok = s.TryReceive() {
		got = append(got, v)
	}
	if assert.NotEmpty(t, got) {
		assert.Equal(t, 201, got[len(got)-1], "%v", got)
		assert.NotContains(t, got, 0)
	}
}

// What a rebased checkout puts into or takes from a PriorityQueue that was cleared leaves the queue in order.
func TestAPriorityQueueSurvivesARebase(t *testing.T) {
	for _, take := range []bool{false, true} {
		o := stm.NewOwner()
		q := tdata.NewPriorityQueue(func(a, b int) int { return a - b }, tdata.In(o))
		for i := range 3 {
			require.NoError(t, q.Send(background, i))
		}
		tx := o.Checkout()
		if take {
			_, ok := q.TryTake(tx)
			require.True(t, ok)
		} else {
			require.NoError(t, q.Put(tx, 7))
		}
		q.Purge()
		if err := tx.Rebase(); err == nil {
			_, err = tx.Commit()
			if err == nil {
				assert.Len(t, q.Snapshot(), q.Size(), "take %v", take)
			}
		}
		tx.Discard()
	}
}

// What others have put into a PriorityQueue meanwhile is not lost by a Clear that is rebased.
func TestARebasedClearLosesNothing(t *testing.T) {
	o := stm.NewOwner()
	q := tdata.NewPriorityQueue(func(a, b int) int { return a - b }, tdata.In(o))
	require.NoError(t, q.Send(background, 6))
	tx := o.Checkout()
	defer tx.Discard()
	q.Clear(tx)
	require.NoError(t, q.Send(background, 7))
	assert.ErrorIs(t, tx.Rebase(), stm.ErrClash)
	_, err := tx.Commit()
	assert.ErrorIs(t, err, stm.ErrClash)
	assert.Equal(t, []int{6, 7}, q.Snapshot())
	assert.Equal(t, 2, q.Size())
}

// Who joins the line while a checkout holds a release is not forgotten when that is rebased and commits.
func TestARebasedReleaseServesWhoHasJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		s := tdata.NewFairSemaphore(2, tdata.In(o))
		commit(t, o, func(tx *stm.Tx) { s.Acquire(tx, 1) })
		tx := o.Checkout()
		defer tx.Discard()
		s.Release(tx, 1)
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		served := false
		go func() { _, err := s.Hold(ctx, 2); served = err == nil }()
		synctest.Wait()
		if tx.Rebase() == nil {
			_, err := tx.Commit()
			require.NoError(t, err)
			synctest.Wait()
			assert.True(t, served)
			return
		}
		commit(t, o, func(tx *stm.Tx) { s.Release(tx, 1) })
		synctest.Wait()
		assert.True(t, served)
	})
}
