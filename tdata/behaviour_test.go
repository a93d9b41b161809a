package tdata_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// A dictionary is what Map and OrderedMap have in common, so that both are held to the same.
type dictionary[K comparable, V any] interface {
	Get(tx *stm.Tx, key K) (V, bool)
	Has(tx *stm.Tx, key K) bool
	Set(tx *stm.Tx, key K, value V)
	Delete(tx *stm.Tx, key K) (V, bool)
	Modify(tx *stm.Tx, key K, fn func(V, bool) (V, bool)) (V, bool)
	Clear(tx *stm.Tx)
	Len(tx *stm.Tx) int
	All(tx *stm.Tx) func(func(K, V) bool)
	Load(key K) (V, bool)
	Store(key K, value V)
	Remove(key K) (V, bool)
	Purge()
	Size() int
	MarshalJSON() ([]byte, error)
}

// hashed and sortedMap are the two as dictionaries.
type hashed struct{ *tdata.Map[int, int] }

func (m hashed) All(tx *stm.Tx) func(func(int, int) bool) { return m.Map.All(tx) }

type inOrder struct{ *tdata.OrderedMap[int, int] }

func (m inOrder) All(tx *stm.Tx) func(func(int, int) bool) { return m.OrderedMap.All(tx) }

func both(t *testing.T, test func(t *testing.T, owner *stm.Owner, m dictionary[int, int])) {
	t.Run("Map", func(t *testing.T) {
		owner := stm.NewOwner()
		test(t, owner, hashed{tdata.NewMap[int, int](tdata.In(owner))})
	})
	t.Run("OrderedMap", func(t *testing.T) {
		owner := stm.NewOwner()
		test(t, owner, inOrder{tdata.NewOrderedMap[int, int](tdata.In(owner))})
	})
}

func TestLoopMayChangeTheMap(t *testing.T) {
	both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
		for k := range 1000 {
			m.Store(k, 1)
		}
		commit(t, owner, func(tx *stm.Tx) {
			met := map[int]int{}
			for k := range m.All(tx) {
				met[k]++
				m.Set(tx, k, 2)
				if k < 1000 {
					m.Set(tx, k+10_000, 3)
					if _, was := met[999-k]; !was {
						m.Delete(tx, 999-k)
					}
				}
			}
			for k, times := range met {
				assert.Equal(t, 1, times, "key %d", k)
			}
			for k, v := range m.All(tx) {
				assert.Contains(t, []int{2, 3}, v, "key %d", k)
			}
		})
		assert.Zero(t, owner.Stats().Clashes.Total(), "the loop clashed with itself")
	})
}

// TestScanAndInsertAlone: who goes through everything and adds to what it has gone through must not clash
// with itself, in any kind of transaction.
func TestScanAndInsertAlone(t *testing.T) {
	both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
		m.Store(0, 0)
		m.Store(1000, 0)
		work := func(tx *stm.Tx) error {
			sum := 0
			for k := range m.All(tx) {
				sum += k
			}
			for k := range 20 {
				m.Set(tx, 500+sum%7+k*3, k)
			}
			return nil
		}
		require.NoError(t, owner.Atomically(background, work))
		require.NoError(t, owner.Irrevocably(background, work))
		require.NoError(t, owner.Try(work))
		tx := owner.Checkout()
		require.NoError(t, work(tx))
		_, err := tx.Commit()
		require.NoError(t, err)
		assert.Zero(t, owner.Stats().Clashes.Total())
	})
}

// TestMissingKeyIsReliedOn: both of two checkouts find a key missing and add it; the second one clashes.
// Somebody else's key next to it is no matter.
func TestMissingKeyIsReliedOn(t *testing.T) {
	both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
		first, second, third := owner.Checkout(), owner.Checkout(), owner.Checkout()
		for _, tx := range []*stm.Tx{first, second} {
			assert.False(t, m.Has(tx, 5))
			m.Set(tx, 5, 1)
		}
		assert.False(t, m.Has(third, 6))
		m.Set(third, 4, 1)
		_, err := first.Commit()
		require.NoError(t, err)
		_, err = second.Commit()
		require.ErrorIs(t, err, stm.ErrClash)
		second.Discard()
		_, err = third.Commit()
		require.NoError(t, err)
	})
}

// TestHeldCheckoutsSurviveTheSweep: what a checkout found missing stays so for it, and is no clash, however
// much comes and goes meanwhile.
func TestHeldCheckoutsSurviveTheSweep(t *testing.T) {
	both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
		for k := range 100 {
			m.Store(k, k)
		}
		for k := range 50 {
			m.Remove(k)
		}
		tx := owner.Checkout()
		defer tx.Discard()
		for k := range 50 {
			assert.False(t, m.Has(tx, k))
		}
		for k := 100; k < 5000; k++ {
			m.Store(k, k)
		}
		for k := 50; k < 5000; k++ {
			m.Remove(k)
		}
		commit(t, owner, func(tx *stm.Tx) {
			for k := range 6000 {
				m.Has(tx, k) // in vain, and so something to sweep
			}
		})
		for k := range 200 {
			v, found := m.Get(tx, k)
			assert.Equal(t, k >= 50 && k < 100, found, "key %d", k)
			if found {
				assert.Equal(t, k, v)
			}
			if k < 50 {
				m.Set(tx, k, -k)
			}
		}
		assert.Equal(t, 100, m.Len(tx))
		_, err := tx.Commit()
		var clash *stm.ClashError
		require.ErrorAs(t, err, &clash, "50 to 99 were deleted")
		for _, v := range clash.Vars {
			var key int
			if n, _ := fmt.Sscanf(v.Name[len(v.Name)-4:], "[%d]", &key); n == 1 {
				assert.GreaterOrEqual(t, key, 50, v.Name)
			}
		}
	})
}

// TestWaitersWakeForTheirKeyAlone: one who waits for a key that is missing sleeps while others come and go,
// and wakes when it is there.
func TestWaitersWakeForTheirKeyAlone(t *testing.T) {
	for _, kind := range []string{"Map", "OrderedMap"} {
		synctest.Test(t, func(t *testing.T) {
			owner := stm.NewOwner()
			var m dictionary[int, int] = hashed{tdata.NewMap[int, int](tdata.In(owner))}
			if kind == "OrderedMap" {
				m = inOrder{tdata.NewOrderedMap[int, int](tdata.In(owner))}
			}
			runs, got := 0, make(chan int, 1)
			go func() {
				commit(t, owner, func(tx *stm.Tx) {
					runs++
					v, found := m.Get(tx, 7)
					tx.Check(found)
					got <- v
				})
			}()
			synctest.Wait()
			for round := range 3 {
				for k := range 2000 {
					if k != 7 {
						m.Store(k, round)
					}
				}
				for k := range 2000 {
					m.Remove(k)
				}
				synctest.Wait()
			}
			assert.Equal(t, 1, runs)
			m.Store(7, 42)
			assert.Equal(t, 42, <-got)
			assert.Equal(t, 2, runs)
		})
	}
}

// TestViewWaitsToo: a View that retries keeps a read set from then on.
func TestViewWaitsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		owner := stm.NewOwner()
		m := tdata.NewOrderedMap[int, int](tdata.In(owner))
		got := make(chan int, 1)
		go func() {
			look(t, owner, func(tx *stm.Tx) {
				k, _, found := m.Ceiling(tx, 10)
				tx.Check(found && k < 20)
				got <- k
			})
		}()
		synctest.Wait()
		m.Store(30, 0)
		m.Store(5, 0)
		synctest.Wait()
		assert.Empty(t, got)
		m.Store(15, 0)
		assert.Equal(t, 15, <-got)
	})
}

// TestKeysComeWhileTheGateIsShut: a transaction that has the gate makes places for new keys itself, and
// those who find it shut wait outside of all locks.
func TestKeysComeWhileTheGateIsShut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		owner := stm.NewOwner()
		m := tdata.NewOrderedMap[int, int](tdata.In(owner))
		inside, leave := make(chan bool), make(chan bool)
		go func() {
			assert.NoError(t, owner.Irrevocably(background, func(tx *stm.Tx) error {
				m.Set(tx, 1, 1)
				inside <- true
				<-leave
				m.Set(tx, 2, 2)
				assert.Equal(t, 2, m.Len(tx))
				return nil
			}))
		}()
		<-inside
		done := make(chan bool)
		go func() { m.Store(3, 3); done <- true }()
		ctx, cancel := context.WithCancel(background)
		gaveUp := make(chan error)
		go func() {
			gaveUp <- owner.Atomically(ctx, func(tx *stm.Tx) error { m.Set(tx, 4, 4); return nil })
		}()
		synctest.Wait()
		assert.ErrorIs(t, owner.Try(func(tx *stm.Tx) error { m.Set(tx, 5, 5); return nil }), stm.ErrClash)
		cancel()
		assert.ErrorIs(t, <-gaveUp, context.Canceled)
		leave <- true
		<-done
		assert.Equal(t, 3, m.Size())
	})
}

func TestErrorUndoesEverything(t *testing.T) {
	both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
		m.Store(1, 1)
		before, err := m.MarshalJSON()
		require.NoError(t, err)
		err = owner.Atomically(background, func(tx *stm.Tx) error {
			m.Set(tx, 2, 2)
			m.Delete(tx, 1)
			require.ErrorIs(t, tx.Nested(func(tx *stm.Tx) error {
				m.Set(tx, 3, 3)
				m.Set(tx, 2, 9)
				require.Equal(t, 2, m.Len(tx))
				return assert.AnError
			}), assert.AnError)
			require.Equal(t, 1, m.Len(tx))
			v, _ := m.Get(tx, 2)
			require.Equal(t, 2, v)
			return assert.AnError
		})
		require.ErrorIs(t, err, assert.AnError)
		after, err := m.MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, string(before), string(after))
	})
}

func TestMisuseIsTold(t *testing.T) {
	both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
		m.Store(1, 1)
		var escaped *stm.Tx
		commit(t, owner, func(tx *stm.Tx) { escaped = tx })
		uses := map[string]func(tx *stm.Tx){
			"Get":            func(tx *stm.Tx) { m.Get(tx, 1) },
			"Get in vain":    func(tx *stm.Tx) { m.Get(tx, 77) },
			"Has":            func(tx *stm.Tx) { m.Has(tx, 77) },
			"Set":            func(tx *stm.Tx) { m.Set(tx, 1, 2) },
			"Set anew":       func(tx *stm.Tx) { m.Set(tx, 77, 2) },
			"Delete":         func(tx *stm.Tx) { m.Delete(tx, 1) },
			"Delete in vain": func(tx *stm.Tx) { m.Delete(tx, 77) },
			"Len":            func(tx *stm.Tx) { m.Len(tx) },
			"Clear":          func(tx *stm.Tx) { m.Clear(tx) },
			"All": func(tx *stm.Tx) {
				for range m.All(tx) {
					break
				}
			},
		}
		for what, use := range uses {
			assertPanicIs(t, stm.ErrClosed, what, func() { use(escaped) })
			assert.Panics(t, func() { use(nil) }, what)
			assertPanicIs(t, stm.ErrForeign, what, func() {
				_ = stm.NewOwner().Atomically(background, func(tx *stm.Tx) error { use(tx); return nil })
			})
		}
		for _, what := range []string{"Set", "Set anew", "Delete", "Delete in vain", "Clear"} {
			assertPanicIs(t, stm.ErrReadOnly, what, func() {
				_ = owner.View(background, func(tx *stm.Tx) error { uses[what](tx); return nil })
			})
		}
		assert.Panics(t, func() { commit(t, owner, func(tx *stm.Tx) { m.Modify(tx, 1, nil) }) })
		assert.Equal(t, 1, m.Size())
	})
}

// assertPanicIs asserts that fn panics with an error that is target.
func assertPanicIs(t *testing.T, target error, what string, fn func()) {
	t.Helper()
	defer func() {
		t.Helper()
		err, _ := recover().(error)
		assert.ErrorIs(t, err, target, what)
	}()
	fn()
}

func TestNilAndZeroStructures(t *testing.T) {
	var (
		m *tdata.Map[int, int]
		o tdata.OrderedMap[int, int]
		s *tdata.Set[int]
		p tdata.OrderedSet[int]
		c *tdata.Counter
	)
	for what, use := range map[string]func(){
		"Map":        func() { m.Load(1) },
		"OrderedMap": func() { o.Load(1) },
		"Set":        func() { s.Contains(1) },
		"OrderedSet": func() { p.Contains(1) },
		"Counter":    func() { c.Load() },
		"Now":        func() { tdata.Now(nil) },
		"In":         func() { tdata.In(nil) },
		"option":     func() { tdata.NewMap[int, int](nil) },
		"comparison": func() { tdata.NewOrderedMapFunc[int, int](nil) },
	} {
		func() {
			defer func() { assert.Contains(t, fmt.Sprint(recover()), "tdata: ", what) }()
			use()
		}()
	}
	var ready tdata.Map[string, int]
	ready.Store("a", 1)
	assert.Equal(t, 1, ready.Size())
	var set tdata.Set[string]
	assert.True(t, set.Insert("a"))
	var counter tdata.Counter
	counter.Increase(3)
	assert.EqualValues(t, 3, counter.Load())
}

// TestKeysThatAreNotThemselves: NaN is never found in a Map, and setting it is refused; nothing is kept of
// either. In an OrderedMap it is the first of all keys.
func TestKeysThatAreNotThemselves(t *testing.T) {
	nan := math.NaN()
	var m tdata.Map[float64, int]
	assert.PanicsWithValue(t,
		"tdata: tdata.Map[float64,int][NaN]: a key that is not equal to itself could never be found; do not set it",
		func() { m.Store(nan, 1) })
	commit(t, stm.Default(), func(tx *stm.Tx) {
		for range 1000 {
			_, found := m.Get(tx, nan)
			assert.False(t, found)
			_, found = m.Delete(tx, nan)
			assert.False(t, found)
		}
		assert.Zero(t, m.Len(tx))
	})
	_, found := m.Remove(nan)
	assert.False(t, found)
	o := tdata.NewOrderedMap[float64, int]()
	o.Store(math.Inf(-1), 2)
	o.Store(nan, 1)
	o.Store(nan, 3)
	assert.Equal(t, 2, o.Size())
	look(t, stm.Default(), func(tx *stm.Tx) {
		first, v, _ := o.Min(tx)
		assert.True(t, math.IsNaN(first))
		assert.Equal(t, 3, v)
	})
}

func TestKeysThatCannotBeCompared(t *testing.T) {
	var m tdata.Map[any, int]
	m.Store("fine", 1)
	for what, use := range map[string]func(){
		"Load":  func() { m.Load([]int{1}) },
		"Store": func() { m.Store([]int{1}, 1) },
		"Set":   func() { commit(t, stm.Default(), func(tx *stm.Tx) { m.Set(tx, []int{1}, 1) }) },
		"Get":   func() { commit(t, stm.Default(), func(tx *stm.Tx) { m.Get(tx, struct{ f any }{[]int{}}) }) },
	} {
		func() {
			defer func() {
				err, _ := recover().(runtime.Error)
				require.Error(t, err, what)
				assert.Contains(t, err.Error(), "unhashable", what)
			}()
			use()
		}()
	}
	assert.Equal(t, 1, m.Size())
}

// TestComparisonThatPanics changes nothing and holds no lock.
func TestComparisonThatPanics(t *testing.T) {
	angry := false
	m := tdata.NewOrderedMapFunc[int, int](func(a, b int) int {
		if angry {
			panic("angry")
		}
		return a - b
	})
	for k := range 20 {
		m.Store(k, k)
	}
	angry = true
	assert.PanicsWithValue(t, "angry", func() { m.Store(30, 1) })
	assert.PanicsWithValue(t, "angry", func() { m.Load(3) })
	angry = false
	m.Store(30, 1)
	assert.Equal(t, 21, m.Size())
}

// TestMillionKeys come and go.
func TestMillionKeys(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raceEnabled {
		n = 50_000
	}
	both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
		for from := 0; from < n; from += 1000 {
			commit(t, owner, func(tx *stm.Tx) {
				for k := from; k < from+1000; k++ {
					m.Set(tx, k*7, k)
				}
			})
		}
		assert.Equal(t, n, m.Size())
		seen := make([]bool, n)
		look(t, owner, func(tx *stm.Tx) {
			clear(seen)
			for k, v := range m.All(tx) {
				if k != v*7 || seen[v] {
					t.Fatal("a wrong or repeated key", k, v)
				}
				seen[v] = true
			}
		})
		assert.NotContains(t, seen, false)
		commit(t, owner, func(tx *stm.Tx) { m.Clear(tx) })
		assert.Zero(t, m.Size())
		for k := range n {
			if _, found := m.Load(k); found {
				t.Fatal("a key that was cleared", k)
			}
		}
	})
}

// TestDeletedThingsAreGone: values at once, and keys as well, but for a few.
func TestDeletedThingsAreGone(t *testing.T) {
	type thing struct{ _ [4096]byte }
	test := func(t *testing.T, store func(k *thing, v *thing), remove func(k *thing)) {
		const n = 2000
		var keys, values []weak.Pointer[thing]
		func() {
			var all []*thing
			for range n {
				k, v := new(thing), new(thing)
				store(k, v)
				all = append(all, k)
				keys, values = append(keys, weak.Make(k)), append(values, weak.Make(v))
			}
			for _, k := range all {
				remove(k)
			}
		}()
		for range 3 {
			runtime.GC()
		}
		living := func(all []weak.Pointer[thing]) (count int) {
			for _, w := range all {
				if w.Value() != nil {
					count++
				}
			}
			return count
		}
		assert.Zero(t, living(values))
		assert.Less(t, living(keys), 50)
	}
	t.Run("Map", func(t *testing.T) {
		m := tdata.NewMap[*thing, *thing]()
		test(t, m.Store, func(k *thing) { m.Remove(k) })
		runtime.KeepAlive(m)
	})
	t.Run("Map in one transaction", func(t *testing.T) {
		m := tdata.NewMap[*thing, *thing]()
		var doomed []*thing
		test(t, m.Store, func(k *thing) {
			if doomed = append(doomed, k); len(doomed) == 2000 {
				commit(t, stm.Default(), func(tx *stm.Tx) {
					for _, k := range doomed {
						m.Delete(tx, k)
					}
				})
				doomed = nil
			}
		})
		runtime.KeepAlive(m)
	})
	t.Run("OrderedMap", func(t *testing.T) {
		order := map[weak.Pointer[thing]]int{}
		m := tdata.NewOrderedMapFunc[*thing, *thing](func(a, b *thing) int {
			return order[weak.Make(a)] - order[weak.Make(b)]
		})
		test(t, func(k, v *thing) { order[weak.Make(k)] = len(order); m.Store(k, v) }, func(k *thing) { m.Remove(k) })
		runtime.KeepAlive(m)
	})
}

// TestSnapshotsKeepWhatTheyNeedAndNoLonger: a snapshot has its keys while everything is deleted, and when it
// is closed, or forgotten, nothing is left.
func TestSnapshotsKeepWhatTheyNeedAndNoLonger(t *testing.T) {
	type thing struct{ _ [4096]byte }
	m := tdata.NewOrderedMap[int, *thing]()
	h := tdata.NewMap[int, *thing]()
	var all []weak.Pointer[thing]
	for k := range 500 {
		a, b := new(thing), new(thing)
		m.Store(k, a)
		h.Store(k, b)
		all = append(all, weak.Make(a), weak.Make(b))
	}
	moment := tdata.Now(stm.Default())
	sm, sh := m.SnapshotAt(moment), h.SnapshotAt(moment)
	forgotten := m.Snapshot()
	for k := range 500 {
		m.Remove(k)
		h.Remove(k)
	}
	runtime.GC()
	for _, w := range all {
		require.NotNil(t, w.Value())
	}
	assert.Len(t, slices.Collect(sm.Keys()), 500)
	assert.Len(t, slices.Collect(sh.Values()), 500)
	assert.Equal(t, 500, forgotten.Len())
	moment.Close()
	moment.Close()
	assert.PanicsWithValue(t, "tdata: a snapshot was used after its Close", func() { sm.Get(1) })
	assert.PanicsWithValue(t, "tdata: a snapshot was used after its Close", func() { sh.Len() })
	assert.PanicsWithValue(t, "tdata: a snapshot was used after its Close", func() { m.SnapshotAt(moment) })
	forgotten = nil
	for slices.ContainsFunc(all, func(w weak.Pointer[thing]) bool { return w.Value() != nil }) {
		runtime.GC() // until the cleanup of the one that was forgotten has run
	}
	runtime.KeepAlive(m)
	runtime.KeepAlive(h)
}

func TestMomentsAreOfOneOwner(t *testing.T) {
	m := tdata.NewMap[int, int](tdata.Named("stock"))
	moment := tdata.Now(stm.NewOwner())
	defer moment.Close()
	assert.PanicsWithValue(t, "tdata: stock belongs to another owner than the moment; make the moment with its owner",
		func() { m.SnapshotAt(moment) })
}

// TestMapsMarshalAsObjects, an OrderedMap with its keys in their order.
func TestMapsMarshalAsObjects(t *testing.T) {
	o := tdata.NewOrderedMap[int, string]()
	var m tdata.Map[string, int]
	for _, k := range []int{10, 9, -1} {
		o.Store(k, fmt.Sprint(k))
	}
	m.Store("b", 1)
	m.Store("a", 2)
	text, err := json.Marshal(map[string]any{"m": &m, "o": o, "none": tdata.NewOrderedMap[string, int]()})
	require.NoError(t, err)
	assert.Equal(t, `{"m":{"a":2,"b":1},"none":{},"o":{"-1":"-1","9":"9","10":"10"}}`, string(text))
	strange := tdata.NewOrderedMapFunc[struct{ X int }, int](func(a, b struct{ X int }) int { return a.X - b.X })
	strange.Store(struct{ X int }{1}, 1)
	_, err = json.Marshal(strange)
	assert.ErrorContains(t, err, "cannot be a name in JSON")
	c := tdata.NewCounter()
	c.Increase(-5)
	text, err = json.Marshal(c)
	require.NoError(t, err)
	assert.Equal(t, "-5", string(text))
}

// TestReportsNameStructureAndKey for everything that can clash.
func TestReportsNameStructureAndKey(t *testing.T) {
	owner := stm.NewOwner()
	m := tdata.NewMap[string, int](tdata.In(owner), tdata.Named("stock"))
	o := tdata.NewOrderedMap[int, int](tdata.In(owner), tdata.Named("orders"))
	c := tdata.NewCounter(tdata.In(owner), tdata.Named("visits"))
	s := tdata.NewSet[int](tdata.In(owner))
	m.Store("apples", 3)
	o.Store(5, 1)
	names := func(use func(tx *stm.Tx), change func()) (names []string) {
		tx := owner.Checkout()
		defer tx.Discard()
		use(tx)
		scratch.Set(tx, 1)
		change()
		_, err := tx.Commit()
		var clash *stm.ClashError
		require.ErrorAs(t, err, &clash)
		for _, v := range clash.Vars {
			names = append(names, v.Name)
		}
		return names
	}
	scratch = tvar.New(0, tvar.In(owner))
	assert.Equal(t, []string{`stock["apples"]`}, names(func(tx *stm.Tx) { m.Get(tx, "apples") }, func() { m.Store("apples", 1) }))
	assert.Equal(t, []string{`stock["pears"]`}, names(func(tx *stm.Tx) { m.Has(tx, "pears") }, func() { m.Store("pears", 1) }))
	assert.Equal(t, []string{"stock (its size)"}, names(func(tx *stm.Tx) { m.Len(tx) }, func() { m.Store("plums", 1) }))
	assert.Equal(t, []string{"orders[5]"}, names(func(tx *stm.Tx) { o.Get(tx, 5) }, func() { o.Remove(5) }))
	assert.Equal(t, []string{"orders[7]"}, names(func(tx *stm.Tx) { o.Get(tx, 7) }, func() { o.Store(7, 1) }))
	assert.Contains(t, names(func(tx *stm.Tx) { o.Min(tx) }, func() { o.Store(1, 1) }), "orders (before its first key)")
	assert.Contains(t, names(func(tx *stm.Tx) { o.Ceiling(tx, 2) }, func() { o.Store(3, 1) }), "orders (the gap after [2])")
	assert.Equal(t, []string{"visits"}, names(func(tx *stm.Tx) { c.Get(tx) }, func() { c.Increase(1) }))
	assert.Equal(t, []string{"tdata.Set[int][8]"}, names(func(tx *stm.Tx) { s.Has(tx, 8) }, func() { s.Insert(8) }))
}

var scratch *tvar.TVar[int]

// TestCounterIsExact while many add, inside and outside of transactions, and some read.
func TestCounterIsExact(t *testing.T) {
	owner := stm.NewOwner()
	c := tdata.NewCounter(tdata.In(owner))
	sum := tvar.New[int64](0, tvar.In(owner))
	atOnceOn(8, func(g int) {
		for i := range 2000 {
			switch i % 4 {
			case 0:
				c.Increase(1)
				sum.Update(func(n int64) int64 { return n + 1 })
			case 1:
				commit(t, owner, func(tx *stm.Tx) {
					c.Add(tx, 2)
					c.Add(tx, -1)
					sum.Modify(tx, func(n int64) int64 { return n + 1 })
				})
			case 2:
				_ = owner.Atomically(background, func(tx *stm.Tx) error { c.Add(tx, 100); return assert.AnError })
			case 3:
				if i%40 == 3 {
					look(t, owner, func(tx *stm.Tx) {
						assert.LessOrEqual(t, sum.Get(tx), c.Get(tx), "the counter is increased first")
						assert.Less(t, c.Get(tx)-sum.Get(tx), int64(9))
					})
				}
			}
		}
	})
	assert.EqualValues(t, 8*1000, c.Load())
	commit(t, owner, func(tx *stm.Tx) {
		c.Add(tx, 5)
		assert.EqualValues(t, 8005, c.Get(tx), "a transaction sees its own additions")
		c.Add(tx, 1)
		_ = tx.Nested(func(tx *stm.Tx) error { c.Add(tx, 50); return assert.AnError })
		c.Set(tx, c.Get(tx)*2)
	})
	assert.EqualValues(t, 2*8006, c.Load())
}

// TestAddsNeverClash with each other; a transaction that reads the number relies on it.
func TestAddsNeverClash(t *testing.T) {
	owner := stm.NewOwner()
	c := tdata.NewCounter(tdata.In(owner))
	atOnceOn(8, func(int) {
		for range 5000 {
			commit(t, owner, func(tx *stm.Tx) { c.Add(tx, 1) })
			c.Increase(1)
		}
	})
	assert.Zero(t, owner.Stats().Clashes.Total(), "%+v", owner.Stats())
	assert.EqualValues(t, 80_000, c.Load())
	tx := owner.Checkout()
	defer tx.Discard()
	c.Set(tx, 0)
	c.Increase(1)
	_, err := tx.Commit()
	assert.ErrorIs(t, err, stm.ErrClash)
}

// TestStructuresCompose: a job moves from one structure to another and is counted, or nothing happens.
func TestStructuresCompose(t *testing.T) {
	owner := stm.NewOwner()
	todo := tdata.NewOrderedSet[int](tdata.In(owner))
	done := tdata.NewMap[int, int](tdata.In(owner))
	count := tdata.NewCounter(tdata.In(owner))
	const jobs = 400
	for k := range jobs {
		todo.Insert(k)
	}
	atOnceOn(4, func(worker int) {
		for more := true; more; {
			more = false
			err := owner.Atomically(background, func(tx *stm.Tx) error {
				job, found := todo.Min(tx)
				if !found {
					return nil
				}
				todo.Delete(tx, job)
				done.Set(tx, job, worker)
				count.Add(tx, 1)
				more = true
				return nil
			})
			assert.NoError(t, err)
		}
	})
	assert.Equal(t, 0, todo.Size())
	assert.Equal(t, jobs, done.Size())
	assert.EqualValues(t, jobs, count.Load())
}
