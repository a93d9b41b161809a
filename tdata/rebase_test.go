package tdata_test

import (
	"context"
	"fmt"
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

// A checkout that has looked at the size and adds and deletes keys is rebased on top of others who do so. The size is that
// of the keys.
func TestASizeIsRebasedWithItsKeys(t *testing.T) {
	type table interface {
		Set(*stm.Tx, int, string)
		Delete(*stm.Tx, int) (string, bool)
		Clear(*stm.Tx)
		Len(*stm.Tx) int
		Store(int, string)
		Remove(int) (string, bool)
		Size() int
		Load(int) (string, bool)
	}
	for name, make := range map[string]func(o *stm.Owner) table{
		"Map":        func(o *stm.Owner) table { return tdata.NewMap[int, string](tdata.In(o)) },
		"OrderedMap": func(o *stm.Owner) table { return tdata.NewOrderedMap[int, string](tdata.In(o)) },
	} {
		for looks := range 4 { // the first bit: before its changes, the second: after
			for _, clears := range []bool{false, true} {
				t.Run(fmt.Sprint(name, looks, clears), func(t *testing.T) {
					o := stm.NewOwner()
					m := make(o)
					for key := range 10 {
						m.Store(key, "first")
					}
					tx := o.Checkout()
					defer tx.Discard()
					look := func(bit int, want int) {
						if looks&bit != 0 {
							require.Equal(t, want, m.Len(tx))
						}
					}
					look(1, 10)
					left := 0
					if clears {
						m.Clear(tx)
						look(2, 0)
					} else {
						m.Delete(tx, 0)
						m.Delete(tx, 1)
						left = 8
					}
					look(2, left)
					for key := 10; key < 15; key++ {
						m.Set(tx, key, "mine")
					}
					look(2, left+5)
					for key := 20; key < 120; key++ { // at whatever stripe
						m.Store(key, "theirs")
						m.Store(-key, "theirs")
						m.Remove(-key)
					}
					if looks != 0 {
						_, err := tx.Commit()
						require.ErrorIs(t, err, stm.ErrClash)
					}
					require.NoError(t, tx.Rebase())
					look(2, left+5+100)
					_, err := tx.Commit()
					require.NoError(t, err)
					require.Equal(t, left+5+100, m.Size())
					count := 0
					for key := -200; key < 200; key++ {
						if _, found := m.Load(key); found {
							count++
						}
					}
					require.Equal(t, m.Size(), count)
				})
			}
		}
	}
}

// What a checkout has made a counter is no addition: others who have added meanwhile are told from it.
func TestASetCounterIsNotRebasedOverAdditions(t *testing.T) {
	o := stm.NewOwner()
	c := tdata.NewCounter(tdata.In(o))
	for how := range 4 {
		tx := o.Checkout()
		if how&1 != 0 {
			c.Add(tx, 1)
		}
		c.Set(tx, 100)
		c.Add(tx, 1)
		if how&2 != 0 {
			assert.EqualValues(t, 101, c.Get(tx))
		}
		c.Increase(5)
		_, err := tx.Commit()
		require.ErrorIs(t, err, stm.ErrClash)
		require.ErrorIs(t, tx.Rebase(), stm.ErrClash)
		tx.Discard()
	}
	assert.EqualValues(t, 20, c.Load())

	tx := o.Checkout()
	defer tx.Discard()
	c.Set(tx, 100)
	c.Add(tx, 1)
	_, err := tx.Commit()
	require.NoError(t, err)
	assert.EqualValues(t, 101, c.Load())
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

// A checkout gives permits back, of which the first in line wants more, and he gives up. The next one does not stay in line
// beside the permits that he wants.
func TestARebasedReleaseServesWhoIsNextInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		s := tdata.NewFairSemaphore(4, tdata.In(o))
		commit(t, o, func(tx *stm.Tx) { s.Acquire(tx, 4) })
		many, few := holdN(s, 3), holdN(s, 2)
		tx := o.Checkout()
		defer tx.Discard()
		s.Release(tx, 2)
		many.cancel()
		require.True(t, many.has())
		require.False(t, few.has())
		if tx.Rebase() == nil {
			_, err := tx.Commit()
			require.NoError(t, err)
		} else {
			commit(t, o, func(tx *stm.Tx) { s.Release(tx, 2) })
		}
		assert.True(t, few.has())
		few.cancel()
	})
}
