package tdata_test

import (
	"fmt"
	"iter"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// elsewhere runs fn on another goroutine, and waits for it.
func elsewhere(fn func()) {
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	<-done
}

// attempts counts how often a transaction runs that reads, is overtaken by a change once, and then writes.
func attempts(t *testing.T, owner *stm.Owner, read func(tx *stm.Tx), change func()) (count int) {
	t.Helper()
	other := tvar.New(0, tvar.In(owner))
	commit(t, owner, func(tx *stm.Tx) {
		count++
		read(tx)
		if count == 1 {
			elsewhere(change)
		}
		other.Set(tx, count)
	})
	return count
}

// TestTransactionsRunAgainForWhatTheyReliedOnAlone: for each way to read, keys whose coming, going and change
// matter, and keys for which they do not.
func TestTransactionsRunAgainForWhatTheyReliedOnAlone(t *testing.T) {
	type reading struct {
		name    string
		read    func(tx *stm.Tx, m *tdata.OrderedMap[int, int])
		matters func(key int, comesOrGoes bool) bool
	}
	between := func(low, high int) func(int, bool) bool {
		return func(key int, _ bool) bool { return key >= low && key <= high }
	}
	// The keys are 10, 20, … 90.
	readings := []reading{
		{"Get", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { m.Get(tx, 40) }, between(40, 40)},
		{"Get in vain", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { m.Get(tx, 45) }, between(45, 45)},
		{"Range", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { collect(m.Range(tx, 35, 61)) }, between(35, 60)},
		{"RangeBackward", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { collect(m.RangeBackward(tx, 35, 61)) }, between(35, 60)},
		{"All", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { collect(m.All(tx)) }, between(0, 99)},
		{"Backward", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { collect(m.Backward(tx)) }, between(0, 99)},
		{"Min", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { m.Min(tx) }, between(0, 10)},
		{"Max", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { m.Max(tx) }, between(90, 99)},
		{"Floor", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { m.Floor(tx, 55) }, between(50, 55)},
		{"Ceiling", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { m.Ceiling(tx, 55) }, between(55, 60)},
		{"From", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { collect(m.From(tx, 55)) }, between(55, 99)},
		{"Before", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { collect(m.Before(tx, 55)) }, between(0, 54)},
		{"Len", func(tx *stm.Tx, m *tdata.OrderedMap[int, int]) { m.Len(tx) }, func(_ int, comesOrGoes bool) bool { return comesOrGoes }},
	}
	for _, r := range readings {
		for key := range 100 {
			owner := stm.NewOwner()
			m := tdata.NewOrderedMap[int, int](tdata.In(owner))
			for k := 10; k < 100; k += 10 {
				m.Store(k, k)
			}
			isThere := key > 0 && key%10 == 0
			changes := map[string]func(){"set": func() { m.Store(key, -1) }}
			if isThere {
				changes["delete"] = func() { m.Remove(key) }
			}
			for what, change := range changes {
				m.Store(10, 10)
				comesOrGoes := what == "delete" || !isThere
				want := 1
				if r.matters(key, comesOrGoes) {
					want = 2
				}
				got := attempts(t, owner, func(tx *stm.Tx) { r.read(tx, m) }, change)
				require.Equal(t, want, got, "%s, %s of %d", r.name, what, key)
				if isThere {
					m.Store(key, key)
				}
			}
		}
	}
}

// TestHalvesOfAnOrderedSetAreReliedOn as far as the loop has come, keys that appear there included.
func TestHalvesOfAnOrderedSetAreReliedOn(t *testing.T) {
	for _, r := range []struct {
		name    string
		keys    func(tx *stm.Tx, s *tdata.OrderedSet[int]) iter.Seq[int]
		most    int // keys that are looked at
		matters func(key int) bool
	}{
		{"From", func(tx *stm.Tx, s *tdata.OrderedSet[int]) iter.Seq[int] { return s.From(tx, 55) }, 9,
			func(key int) bool { return key >= 55 }},
		{"From, twice", func(tx *stm.Tx, s *tdata.OrderedSet[int]) iter.Seq[int] { return s.From(tx, 55) }, 2,
			func(key int) bool { return key >= 55 && key <= 70 }},
		{"Before", func(tx *stm.Tx, s *tdata.OrderedSet[int]) iter.Seq[int] { return s.Before(tx, 55) }, 9,
			func(key int) bool { return key < 55 }},
		{"Before, twice", func(tx *stm.Tx, s *tdata.OrderedSet[int]) iter.Seq[int] { return s.Before(tx, 55) }, 2,
			func(key int) bool { return key < 55 && key >= 40 }},
	} {
		for key := range 100 {
			owner := stm.NewOwner()
			s := tdata.NewOrderedSet[int](tdata.In(owner))
			for k := 10; k < 100; k += 10 {
				s.Insert(k)
			}
			got := attempts(t, owner, func(tx *stm.Tx) {
				seen := 0
				for range r.keys(tx, s) {
					if seen++; seen == r.most {
						break
					}
				}
			}, func() {
				if !s.Remove(key) {
					s.Insert(key)
				}
			})
			want := 1
			if r.matters(key) {
				want = 2
			}
			require.Equal(t, want, got, "%s, %d", r.name, key)
		}
	}
}

// TestGoingThroughAMapReliesOnAllOfIt, and on no more than it has asked for otherwise.
func TestGoingThroughAMapReliesOnAllOfIt(t *testing.T) {
	owner := stm.NewOwner()
	m := tdata.NewMap[int, int](tdata.In(owner))
	for k := range 50 {
		m.Store(k, k)
	}
	all := func(tx *stm.Tx) {
		for range m.All(tx) {
		}
	}
	length := func(tx *stm.Tx) { m.Len(tx) }
	assert.Equal(t, 2, attempts(t, owner, all, func() { m.Store(100, 1) }))
	assert.Equal(t, 2, attempts(t, owner, all, func() { m.Remove(7) }))
	assert.Equal(t, 2, attempts(t, owner, all, func() { m.Store(8, 0) }))
	assert.Equal(t, 2, attempts(t, owner, length, func() { m.Store(101, 1) }))
	assert.Equal(t, 1, attempts(t, owner, length, func() { m.Store(9, 0) }))
	assert.Equal(t, 1, attempts(t, owner, func(tx *stm.Tx) { m.Get(tx, 300); m.Get(tx, 10) }, func() {
		for k := 400; k < 4000; k++ {
			m.Store(k, k)
		}
		for k := 400; k < 4000; k++ {
			m.Remove(k)
		}
	}))
	assert.Equal(t, 2, attempts(t, owner, func(tx *stm.Tx) { m.Get(tx, 300) }, func() { m.Store(300, 1) }))
	assert.Equal(t, 2, attempts(t, owner, func(tx *stm.Tx) { m.Get(tx, 10) }, func() {
		m.Remove(10)
		for k := 400; k < 4000; k++ { // and its node is swept, and made again
			m.Store(k, k)
		}
		m.Store(10, 10)
	}))
}

// TestDividedGapIsReliedOn: who has gone through a range and then adds a key to it relies on both halves.
func TestDividedGapIsReliedOn(t *testing.T) {
	for _, key := range []int{400, 600} {
		owner := stm.NewOwner()
		m := tdata.NewOrderedMap[int, int](tdata.In(owner))
		m.Store(0, 0)
		m.Store(1000, 0)
		read := func(tx *stm.Tx) { collect(m.All(tx)); m.Set(tx, 500, 1) }
		assert.Equal(t, 2, attempts(t, owner, read, func() { m.Store(key, 1) }), "key %d", key)
	}
}

// TestEmptyPlacesComeDownWithoutAClash: a place in the range that another checkout has asked for goes away
// when that one ends, but not under the feet of who relies on the range.
func TestEmptyPlacesComeDownWithoutAClash(t *testing.T) {
	owner := stm.NewOwner()
	m := tdata.NewOrderedMap[int, int](tdata.In(owner))
	m.Store(1, 1)
	m.Store(9, 9)
	for _, read := range []func(tx *stm.Tx){
		func(tx *stm.Tx) { collect(m.All(tx)) },
		func(tx *stm.Tx) { collect(m.Backward(tx)) },
		func(tx *stm.Tx) { collect(m.Range(tx, 2, 8)) },
		func(tx *stm.Tx) { m.Floor(tx, 6) },
		func(tx *stm.Tx) { m.Ceiling(tx, 2) },
	} {
		held := owner.Checkout()
		m.Get(held, 5)
		assert.Equal(t, 1, attempts(t, owner, read, func() { held.Discard() }))
	}
}

// TestRemovedKeysAreNotMissedByOlderSnapshots: a transaction or View that has read a variable before it was
// changed together with the removal of keys, whose nodes have left since, sees all of them or runs again.
func TestRemovedKeysAreNotMissedByOlderSnapshots(t *testing.T) {
	const keys = 64
	lookups := map[string]func(tx *stm.Tx, m dictionary[int, int]) int{
		"Has": func(tx *stm.Tx, m dictionary[int, int]) (n int) {
			for k := range keys {
				if m.Has(tx, k) {
					n++
				}
			}
			return n
		},
		"All": func(tx *stm.Tx, m dictionary[int, int]) (n int) {
			for range m.All(tx) {
				n++
			}
			return n
		},
	}
	for what, count := range lookups {
		for _, readOnly := range []bool{false, true} {
			both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
				left := tvar.New(keys, tvar.In(owner))
				for k := range keys {
					m.Store(k, k)
				}
				runs := 0
				work := func(tx *stm.Tx) {
					runs++
					want := left.Get(tx)
					if runs == 1 {
						elsewhere(func() {
							for k := range keys {
								commit(t, owner, func(tx *stm.Tx) { m.Delete(tx, k); left.Modify(tx, func(n int) int { return n - 1 }) })
							}
						})
					}
					assert.Equal(t, want, count(tx, m), "%s, read-only %v, run %d", what, readOnly, runs)
				}
				if readOnly {
					look(t, owner, work)
				} else {
					commit(t, owner, work)
				}
			})
		}
	}
}

// TestWaitersKeepNoKeysOfEarlierAttempts: one who is woken again and again holds what the last attempt asked
// for, and no more.
func TestWaitersKeepNoKeysOfEarlierAttempts(t *testing.T) {
	type thing struct{ _ [1024]byte }
	owner := stm.NewOwner()
	round := tvar.New(0, tvar.In(owner))
	m := tdata.NewMap[*thing, int](tdata.In(owner))
	var asked []weak.Pointer[thing]
	ready, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		assert.NoError(t, owner.Atomically(background, func(tx *stm.Tx) error {
			n := round.Get(tx)
			key := new(thing)
			m.Has(tx, key)
			asked = append(asked, weak.Make(key))
			ready <- true
			tx.Check(n == 300)
			return nil
		}))
	}()
	for range 300 {
		<-ready
		round.Update(func(n int) int { return n + 1 })
	}
	<-ready
	<-done
	for k := range 64 { // has the last ones swept
		x := new(thing)
		m.Store(x, k)
		m.Remove(x)
	}
	for range 3 {
		runtime.GC()
	}
	living := 0
	for _, w := range asked {
		if w.Value() != nil {
			living++
		}
	}
	assert.Less(t, living, 20, "of %d keys that were asked for", len(asked))
	runtime.KeepAlive(m)
}

// TestPlacesThatWereNeededGoLater: keys that were deleted under a snapshot are let go of by later deletions.
func TestPlacesThatWereNeededGoLater(t *testing.T) {
	type thing struct{ order int }
	m := tdata.NewOrderedMapFunc[*thing, int](func(a, b *thing) int { return a.order - b.order })
	var keys []weak.Pointer[thing]
	func() {
		var all []*thing
		for i := range 100 {
			all = append(all, &thing{i})
			keys = append(keys, weak.Make(all[i]))
			m.Store(all[i], i)
		}
		s := m.Snapshot()
		for _, k := range all {
			m.Remove(k)
		}
		s.Close()
	}()
	for i := range 100 {
		m.Store(&thing{1000 + i}, i)
		m.Remove(&thing{1000 + i})
	}
	for range 3 {
		runtime.GC()
	}
	for i, w := range keys {
		assert.Nil(t, w.Value(), fmt.Sprint("key ", i))
	}
	runtime.KeepAlive(m)
}

// TestLoopsMeetEverythingOfTheirMoment, also if all of it is deleted, and has left, while they go on. A map of
// so many keys has two segments, and half of the keys are often all of the first one.
func TestLoopsMeetEverythingOfTheirMoment(t *testing.T) {
	const keys = 1600
	for range 200 {
		owner := stm.NewOwner()
		m := tdata.NewMap[int, int](tdata.In(owner))
		commit(t, owner, func(tx *stm.Tx) {
			for k := range keys {
				m.Set(tx, k, k)
			}
		})
		m.Snapshot().Close() // moves the clock on
		cleared := false
		look(t, owner, func(tx *stm.Tx) {
			met, want := 0, keys
			if cleared {
				want = 0 // it runs again in the present, since nothing was registered before
			}
			for range m.All(tx) {
				if met++; met == keys/2 && !cleared {
					cleared = true
					elsewhere(func() { commit(t, owner, m.Clear) })
				}
			}
			require.Equal(t, want, met)
		})
		assert.True(t, cleared)
	}
}
