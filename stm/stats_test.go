package stm_test

import (
	"reflect"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// used is what the statistics count while fn runs.
func used(o *stm.Owner, fn func()) stm.Stats {
	before := o.Stats()
	fn()
	return o.Stats().Sub(before)
}

// numbers sets or reads all numbers of a value, those in its parts too.
func numbers(v reflect.Value, visit func(reflect.Value)) {
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Struct {
			numbers(f, visit)
		} else {
			visit(f)
		}
	}
}

func TestStatsSubTakesAwayEveryNumber(t *testing.T) {
	var all, some stm.Stats
	n := uint64(0)
	numbers(reflect.ValueOf(&all).Elem(), func(v reflect.Value) { n++; v.SetUint(10 * n) })
	numbers(reflect.ValueOf(&some).Elem(), func(v reflect.Value) { v.SetUint(3) })
	k := uint64(0)
	numbers(reflect.ValueOf(all.Sub(some)), func(v reflect.Value) { k++; assert.Equal(t, 10*k-3, v.Uint()) })
	assert.Equal(t, n, k)
	assert.Equal(t, stm.Stats{}, all.Sub(all))
}

func TestCausesTotalIsTheSum(t *testing.T) {
	assert.EqualValues(t, 1111, stm.Causes{Read: 1, Commit: 10, Busy: 100, Gate: 1000}.Total())
}

// Commits are counted one by one, for each form, whether it writes or not.
func TestStatsCountCommits(t *testing.T) {
	for _, f := range append(updates, formView) {
		for _, writes := range []bool{false, true} {
			if writes && f.name == "View" {
				continue
			}
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			s := used(o, func() {
				for range 7 {
					require.NoError(t, f.run(o, func(tx *stm.Tx) error {
						v[0].Get(tx)
						if writes {
							write(tx, v[1])
						}
						return nil
					}))
				}
			})
			assert.EqualValues(t, 7, s.Commits, "%s, writes %v", f.name, writes)
			assert.Zero(t, s.Clashes.Total())
		}
	}
}

func TestStatsCountNoCommitWhereThereWasNone(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	s := used(o, func() {
		x.Store(1)
		x.Update(func(n int) int { return n + 1 })
		x.Load()
		x.LoadToken()
		for _, f := range append(updates, formView) {
			assert.Error(t, f.run(o, func(tx *stm.Tx) error { x.Get(tx); return errUser }))
			watch(func() error { return f.run(o, func(*stm.Tx) error { panic(value) }) })
		}
		o.Checkout().Discard()
	})
	assert.Zero(t, s.Commits)
	assert.Zero(t, s.Clashes.Total())
}

// Many at once lose no count.
func TestStatsCountExactlyOnceNobodyIsRunning(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 8, 0)
	n := rounds(2000)
	s := used(o, func() {
		stop := meanwhile(1, func(int) { o.Stats() })
		defer stop()
		crowd(t, 4, func(g int) {
			for i := range n {
				switch i % 4 {
				case 0:
					_ = o.View(background, func(tx *stm.Tx) error { v[g].Get(tx); return nil })
				case 1:
					_ = formHeld.run(o, func(tx *stm.Tx) error { write(tx, v[g]); return nil })
				default:
					mustAtomically(o, func(tx *stm.Tx) { write(tx, v[g]); write(tx, v[7]) })
				}
			}
		})
	})
	assert.EqualValues(t, 4*n, s.Commits)
}

// Every clash has its cause.
func TestStatsTellTheCausesOfClashes(t *testing.T) {
	cases := map[string]struct {
		run  func(t *testing.T, o *stm.Owner, v []*tvar.TVar[int])
		want stm.Causes
	}{
		"a read that cannot be extended": {func(_ *testing.T, o *stm.Owner, v []*tvar.TVar[int]) {
			mustAtomically(o, func(tx *stm.Tx) {
				v[0].Get(tx)
				if tx.Attempt() == 1 {
					elsewhere(func() { v[0].Store(1); v[1].Store(1) })
				}
				v[1].Get(tx)
			})
		}, stm.Causes{Read: 1}},
		"validation of a read": {func(_ *testing.T, o *stm.Owner, v []*tvar.TVar[int]) {
			mustAtomically(o, func(tx *stm.Tx) {
				v[1].Set(tx, v[0].Get(tx))
				if tx.Attempt() <= 2 {
					elsewhere(func() { v[0].Store(1) })
				}
			})
		}, stm.Causes{Commit: 2}},
		"validation of a write": {func(_ *testing.T, o *stm.Owner, v []*tvar.TVar[int]) {
			mustAtomically(o, func(tx *stm.Tx) {
				write(tx, v[0])
				if tx.Attempt() == 1 {
					elsewhere(func() { v[0].Store(1) })
				}
			})
		}, stm.Causes{Commit: 1}},
		"held": {func(t *testing.T, o *stm.Owner, v []*tvar.TVar[int]) {
			tx := o.Checkout()
			defer tx.Discard()
			write(tx, v[0])
			v[0].Store(1)
			for range 2 {
				_, err := tx.Commit()
				assert.ErrorIs(t, err, stm.ErrClash)
			}
		}, stm.Causes{Commit: 2}},
		"Try at a shut gate": {func(t *testing.T, o *stm.Owner, v []*tvar.TVar[int]) {
			open := shutGate(o)
			for range 3 {
				assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error { write(tx, v[0]); return nil }), stm.ErrClash)
			}
			open()
		}, stm.Causes{Gate: 3}},
		"Try that fails": {func(t *testing.T, o *stm.Owner, v []*tvar.TVar[int]) {
			assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error {
				write(tx, v[0])
				elsewhere(func() { v[0].Store(1) })
				return nil
			}), stm.ErrClash)
		}, stm.Causes{Commit: 1}},
		"no clash at all": {func(t *testing.T, o *stm.Owner, v []*tvar.TVar[int]) {
			healthy(t, o, v...)
			assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error { v[0].Get(tx); tx.Retry(); return nil }), stm.ErrRetry)
		}, stm.Causes{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			s := used(o, func() { c.run(t, o, v) })
			assert.Equal(t, c.want, s.Clashes)
		})
	}
}

func TestStatsCountRetriesAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		s := used(o, func() {
			sleeper := sleep(background, o, func(tx *stm.Tx) error { tx.Check(x.Get(tx) > 2); return nil })
			for n := range 3 {
				synctest.Wait()
				x.Store(n + 1)
			}
			assert.NoError(t, <-sleeper.ended)
		})
		assert.EqualValues(t, 3, s.Retries)
		assert.EqualValues(t, 3, s.Waits)
		assert.EqualValues(t, 1, s.Commits)
		assert.Zero(t, s.Clashes.Total())
	})
}

func TestStatsCountGates(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	s := used(o, func() {
		for range 3 {
			require.NoError(t, o.Irrevocably(background, func(tx *stm.Tx) error { write(tx, x); return nil }))
		}
		mustAtomically(o, func(tx *stm.Tx) { write(tx, x) })
	})
	assert.EqualValues(t, 3, s.Gates)
}

func TestStatsCountExtensionsAndPins(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	s := used(o, func() {
		mustAtomically(o, func(tx *stm.Tx) {
			v[0].Get(tx)
			elsewhere(func() { v[1].Store(1) })
			v[1].Get(tx)
		})
	})
	assert.EqualValues(t, 1, s.Extensions)
	assert.Zero(t, s.Pins)
	s = used(o, func() {
		for range 4 {
			tx := o.Checkout()
			defer tx.Discard()
		}
	})
	assert.EqualValues(t, 4, s.Pins)
	s = used(o, func() {
		require.NoError(t, o.View(background, func(tx *stm.Tx) error {
			v[0].Get(tx)
			if tx.Attempt() == 1 {
				elsewhere(func() { v[0].Store(5); v[1].Store(5) })
			}
			v[1].Get(tx)
			return nil
		}))
	})
	assert.EqualValues(t, 1, s.Pins, "a view that has lost its snapshot")
}

// The clock never runs backwards, and has reached every token that was handed out.
func TestStatsTellTheClock(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	last := o.Stats().Clock
	for i := range 200 {
		write := v[i%2]
		write.Store(i)
		if i%3 == 0 {
			_, at := write.LoadToken()
			assert.GreaterOrEqual(t, o.Stats().Clock, at.Version())
		}
		now := o.Stats().Clock
		require.GreaterOrEqual(t, now, last)
		last = now
	}
	assert.Positive(t, last)
}
