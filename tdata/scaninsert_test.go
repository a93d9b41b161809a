package tdata_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// fours is an ordered map with so many multiples of four.
func fours(o *stm.Owner, n int) *tdata.OrderedMap[int, int] {
	m := tdata.NewOrderedMap[int, int](tdata.In(o))
	for k := range n {
		m.Store(4*k, k)
	}
	return m
}

// TestInsertsInALoopOverTheirMap: a transaction that adds a key behind each that it comes to relies on all gaps that it
// has been to, its own keys apart. Another key that comes into one of them, while the loop is there or after it, is seen in the
// attempt that commits.
func TestInsertsInALoopOverTheirMap(t *testing.T) {
	const n = 4
	for intruder := -1; intruder < 4*n; intruder++ {
		for when := -1; when <= n; when++ {
			if intruder%4 == 0 || intruder%4 == 2 {
				continue // there, or to be set
			}
			for _, backward := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d at %d backward=%v", intruder, when, backward), func(t *testing.T) {
					o := stm.NewOwner()
					m := fours(o, n)
					attempts, seen := 0, map[int]bool{}
					at := func(step int) {
						if step == when && attempts == 1 {
							done := make(chan struct{})
							go func() { defer close(done); m.Store(intruder, -1) }()
							<-done
						}
					}
					commit(t, o, func(tx *stm.Tx) {
						attempts++
						clear(seen)
						at(-1)
						keys, step := m.All(tx), 0
						if backward {
							keys = m.Backward(tx)
						}
						for k, v := range keys {
							if seen[k] = true; k%4 != 0 {
								assert.Equal(t, k == intruder, v == -1)
								continue
							}
							m.Set(tx, k+2, v)
							at(step)
							step++
						}
						if when == n {
							at(n)
						}
					})
					assert.True(t, seen[intruder], "after %d attempts", attempts)
					assert.Equal(t, 2*n+1, m.Size())
					for k := range n {
						v, ok := m.Load(4*k + 2)
						assert.True(t, ok)
						assert.Equal(t, k, v)
					}
				})
			}
		}
	}
}

// TestInsertsInALoopAreNoQuadraticWork: what a transaction has put into the list itself does not make it check everything
// that it has read.
func TestInsertsInALoopAreNoQuadraticWork(t *testing.T) {
	o := stm.NewOwner()
	m := fours(o, 5000)
	before, start := o.Stats(), time.Now()
	commit(t, o, func(tx *stm.Tx) {
		for k := range m.All(tx) {
			if k%4 == 0 {
				m.Set(tx, k+2, k)
			}
		}
	})
	commit(t, o, func(tx *stm.Tx) {
		for range m.All(tx) {
		}
		for k := range 5000 {
			m.Set(tx, 4*k+1, k)
		}
	})
	t.Log(time.Since(start))
	s := o.Stats().Sub(before)
	assert.LessOrEqual(t, s.Extensions, uint64(4))
	assert.Zero(t, s.Clashes.Total())
	require.Equal(t, 15_000, m.Size())
}

// TestALoopTellsItsOwnChangesFromThoseOfOthers: behind the key where a loop is, another transaction takes a key away, and
// changes one that the loop has read; then the loop puts a key there itself. It never sees the one change without the other.
func TestALoopTellsItsOwnChangesFromThoseOfOthers(t *testing.T) {
	o := stm.NewOwner()
	m := fours(o, 3)
	m.Store(5, 5)
	attempts := 0
	commit(t, o, func(tx *stm.Tx) {
		attempts++
		var seen []pair
		for k, v := range m.All(tx) {
			seen = append(seen, pair{k, v})
			if k == 4 && attempts == 1 {
				done := make(chan struct{})
				go func() {
					defer close(done)
					commit(t, o, func(tx *stm.Tx) {
						m.Set(tx, 0, -1)
						m.Delete(tx, 5)
					})
				}()
				<-done
			}
			if k == 4 {
				m.Set(tx, 6, 6)
			}
		}
		assert.Contains(t, seen, pair{0, -1})
		assert.NotContains(t, seen, pair{5, 5})
	})
	assert.Equal(t, 2, attempts)
}
