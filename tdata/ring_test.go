package tdata_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A boundedModel is a queue beside the slice that it has to be.
type boundedModel struct {
	*tdata.BoundedQueue[int]
	o      *stm.Owner
	values []int
	puts   int
}

func newBoundedModel(capacity int) *boundedModel {
	o := stm.NewOwner()
	return &boundedModel{o: o, BoundedQueue: tdata.NewBoundedQueue[int](capacity, tdata.In(o))}
}

// step puts, takes or clears, alone or in a transaction, and checks what comes of it.
func (m *boundedModel) step(t require.TestingT, r *rand.Rand) {
	switch r.IntN(9) {
	case 0, 1, 2, 3:
		m.put(t, func(value int) bool { return m.TrySend(value) })
	case 4, 5, 6:
		m.take(t, func() (int, bool) { return m.TryReceive() })
	case 7:
		inTx(m.o, func(tx *stm.Tx) {
			for range r.IntN(3) {
				m.put(t, func(value int) bool { return m.TryPut(tx, value) })
			}
			for range r.IntN(3) {
				m.take(t, func() (int, bool) { return m.TryTake(tx) })
			}
		})
	default:
		if r.IntN(10) == 0 {
			m.Purge()
			m.values = nil
		}
	}
}

func (m *boundedModel) put(t require.TestingT, try func(int) bool) {
	m.puts++
	ok := try(m.puts)
	require.Equal(t, len(m.values) < m.Cap(), ok, "put into %v", m.values)
	if ok {
		m.values = append(m.values, m.puts)
	}
}

func (m *boundedModel) take(t require.TestingT, try func() (int, bool)) {
	value, ok := try()
	require.Equal(t, len(m.values) > 0, ok, "take of %v", m.values)
	if ok {
		require.Equal(t, m.values[0], value)
		m.values = m.values[1:]
	}
}

// Where to look is no more than a hint, also in a transaction, and for a put and a take that must not clash.
func TestARingFindsTheTurnFromAnywhere(t *testing.T) {
	for capacity := 1; capacity <= 40; capacity = capacity*3/2 + 1 {
		m, r := newBoundedModel(capacity), rand.New(rand.NewPCG(uint64(capacity), 1))
		for range 500 {
			tdata.Mislead(m.BoundedQueue, r.IntN(capacity), r.IntN(capacity))
			m.step(t, r)
			tdata.Mislead(m.BoundedQueue, r.IntN(capacity), r.IntN(capacity))
			require.Equal(t, len(m.values), m.Size())
			tdata.Mislead(m.BoundedQueue, r.IntN(capacity), r.IntN(capacity))
			require.Equal(t, append([]int{}, m.values...), m.Snapshot())
			if n := len(m.values); n > 0 && n < capacity {
				m.putBesideTake(t, r)
			}
		}
	}
}

func (m *boundedModel) putBesideTake(t require.TestingT, r *rand.Rand) {
	putter, taker := m.o.Checkout(), m.o.Checkout()
	tdata.Mislead(m.BoundedQueue, r.IntN(m.Cap()), r.IntN(m.Cap()))
	m.put(t, func(value int) bool { return m.TryPut(putter, value) })
	m.take(t, func() (int, bool) { return m.TryTake(taker) })
	both := []*stm.Tx{putter, taker}
	r.Shuffle(2, func(i, j int) { both[i], both[j] = both[j], both[i] })
	for _, tx := range both {
		_, err := tx.Commit()
		require.NoError(t, err)
	}
}

// A checkout finds the queue as it was, however often that has gone around since.
func TestACheckoutSeesARingAsItWas(t *testing.T) {
	type held struct {
		tx     *stm.Tx
		values []int
	}
	for _, capacity := range []int{1, 2, 3, 20, 100} {
		m, r := newBoundedModel(capacity), rand.New(rand.NewPCG(uint64(capacity), 2))
		var checkouts []held
		for range 100 {
			for range r.IntN(2 * capacity) {
				m.step(t, r)
			}
			checkouts = append(checkouts, held{m.o.Checkout(), slices.Clone(m.values)})
		}
		for _, c := range checkouts {
			was := &boundedModel{BoundedQueue: m.BoundedQueue, values: c.values}
			require.Equal(t, len(c.values), m.Len(c.tx))
			for range 3 {
				was.put(t, func(value int) bool { return m.TryPut(c.tx, value) })
				was.take(t, func() (int, bool) { return m.TryTake(c.tx) })
			}
			require.Equal(t, append([]int{}, was.values...), slices.AppendSeq([]int{}, m.All(c.tx)))
			c.tx.Discard()
		}
	}
}

// A put that was made before the queue was closed is not taken past that by a Rebase: nobody would look for it any more.
func TestARebaseTakesNoPutPastAClose(t *testing.T) {
	for name, close := range map[string]func(*boundedModel, *stm.Tx){
		"Close": func(m *boundedModel, tx *stm.Tx) { m.Close(tx) },
		"Close of a queue that is full for a moment": func(m *boundedModel, tx *stm.Tx) {
			require.True(t, m.TryPut(tx, 1))
			m.Close(tx)
			_, _ = m.TryTake(tx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newBoundedModel(1)
			checkout := m.o.Checkout()
			defer checkout.Discard()
			require.True(t, m.TryPut(checkout, 2))
			inTx(m.o, func(tx *stm.Tx) { close(m, tx) })
			assert.ErrorIs(t, checkout.Rebase(), stm.ErrClash)
			assert.Empty(t, m.Snapshot())
		})
	}
}

// A transaction that has read something older does not go by what has become of the queue since.
func TestATransactionSeesARingAsOfOneMoment(t *testing.T) {
	m := newBoundedModel(2)
	later := tvar.New(false, tvar.In(m.o))
	require.True(t, m.TrySend(1))
	m.o.Checkout().Discard() // the clock goes on: the transaction has no reason to move on when it meets that value
	inTx(m.o, func(tx *stm.Tx) {
		was := later.Get(tx)
		if tx.Attempt() == 1 {
			done := make(chan bool)
			go inTx(m.o, func(tx *stm.Tx) {
				later.Set(tx, true)
				tx.OnCommit(func() { close(done) })
				assert.True(t, m.TryPut(tx, 2))
			})
			<-done
		}
		assert.Equal(t, !was, m.TryPut(tx, 3), "room if later is %v", was)
	})
	assert.Equal(t, []int{1, 2}, m.Snapshot())
}

// Values that are put back before others need no room, whatever the queue holds, and come out first.
func TestWhatIsPutBackNeedsNoRoom(t *testing.T) {
	for capacity := 1; capacity < 4; capacity++ {
		for filled := range capacity + 1 {
			t.Run(fmt.Sprintf("%d of %d", filled, capacity), func(t *testing.T) {
				m := newBoundedModel(capacity)
				for range filled {
					m.put(t, func(value int) bool { return m.TrySend(value) })
				}
				inTx(m.o, func(tx *stm.Tx) { m.Untake(tx, -1); m.Untake(tx, -2) })
				all := append([]int{-2, -1}, m.values...)
				assert.Equal(t, all, m.Snapshot())
				assert.Equal(t, len(all), m.Size())
				room := capacity - max(filled, 1)
				for i := range room + 1 {
					assert.Equal(t, i < room, m.TrySend(100+i))
				}
				for _, v := range all {
					first, ok := m.TryReceive()
					assert.True(t, ok)
					assert.Equal(t, v, first)
				}
				assert.Equal(t, room, m.Size())
			})
		}
	}
}
