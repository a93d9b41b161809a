package tdata_test

import (
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

type pair struct{ key, value int }

func collect(seq iter.Seq2[int, int]) (pairs []pair) {
	for k, v := range seq {
		pairs = append(pairs, pair{k, v})
	}
	return pairs
}

// sorted returns the model's pairs with keys in [from, to).
func sorted(model map[int]int, from, to int) (pairs []pair) {
	for _, k := range slices.Sorted(maps.Keys(model)) {
		if k >= from && k < to {
			pairs = append(pairs, pair{k, model[k]})
		}
	}
	return pairs
}

func reversed(pairs []pair) []pair {
	slices.Reverse(pairs)
	return pairs
}

func found(k, v int, ok bool) []pair {
	if !ok {
		return nil
	}
	return []pair{{k, v}}
}

func head(pairs []pair) []pair { return pairs[:min(len(pairs), 1)] }

const far = 1 << 30

// TestOrderedMapAgreesWithSortedSlice does the same random things to an OrderedMap and a Go map that is
// sorted whenever the order matters, in transactions, held checkouts, views, and alone.
func TestOrderedMapAgreesWithSortedSlice(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		owner := stm.NewOwner()
		m, model := tdata.NewOrderedMap[int, int](tdata.In(owner)), map[int]int{}
		keys := 1 + r.IntN(1<<(2+seed%9))
		for range 200 {
			stats := owner.Stats()
			tentative := maps.Clone(model)
			fails := r.IntN(5) == 0
			work := func(tx *stm.Tx) error {
				for range 1 + r.IntN(8) {
					orderedStep(t, r, tx, m, tentative, keys)
				}
				if fails {
					return assert.AnError
				}
				return nil
			}
			if r.IntN(3) == 0 {
				tx := owner.Checkout()
				if work(tx) == nil {
					_, err := tx.Commit()
					require.NoError(t, err, "seed %d", seed)
				}
				tx.Discard()
			} else if err := owner.Atomically(background, work); !fails {
				require.NoError(t, err, "seed %d", seed)
			}
			require.Zero(t, owner.Stats().Sub(stats).Clashes.Total(), "seed %d: a clash with nobody", seed)
			if !fails {
				model = tentative
			}
			orderedChecks(t, r, owner, m, model, keys)
		}
	}
}

func orderedStep(t *testing.T, r *rand.Rand, tx *stm.Tx, m *tdata.OrderedMap[int, int], model map[int]int, keys int) {
	k, v := r.IntN(keys), r.Int()
	want, is := model[k]
	switch r.IntN(8) {
	case 0, 1, 2:
		m.Set(tx, k, v)
		model[k] = v
	case 3, 4:
		got, was := m.Delete(tx, k)
		require.Equal(t, want, got)
		require.Equal(t, is, was)
		delete(model, k)
	case 5:
		got, was := m.Get(tx, k)
		require.Equal(t, want, got)
		require.Equal(t, is, was)
	case 6:
		require.Equal(t, len(model), m.Len(tx))
	case 7:
		m.Modify(tx, k, func(got int, was bool) (int, bool) {
			require.Equal(t, want, got)
			require.Equal(t, is, was)
			return v, v%2 == 0
		})
		if delete(model, k); v%2 == 0 {
			model[k] = v
		}
	}
	if r.IntN(3) == 0 {
		orderedReads(t, r, tx, m, model, keys)
	}
}

// orderedReads compares everything that depends on the order.
func orderedReads(t *testing.T, r *rand.Rand, tx *stm.Tx, m *tdata.OrderedMap[int, int], model map[int]int, keys int) {
	a, b := r.IntN(keys+2)-1, r.IntN(keys+2)-1
	switch r.IntN(10) {
	case 0:
		require.Equal(t, sorted(model, a, b), collect(m.Range(tx, a, b)))
	case 1:
		require.Equal(t, reversed(sorted(model, a, b)), collect(m.RangeBackward(tx, a, b)))
	case 2:
		require.Equal(t, sorted(model, -far, far), collect(m.All(tx)))
	case 3:
		require.Equal(t, reversed(sorted(model, -far, far)), collect(m.Backward(tx)))
	case 4:
		require.Equal(t, head(sorted(model, -far, far)), found(m.Min(tx)))
	case 5:
		require.Equal(t, head(reversed(sorted(model, -far, far))), found(m.Max(tx)))
	case 6:
		require.Equal(t, head(reversed(sorted(model, -far, a+1))), found(m.Floor(tx, a)))
	case 7:
		require.Equal(t, head(sorted(model, a, far)), found(m.Ceiling(tx, a)))
	case 8:
		require.Equal(t, sorted(model, a, far), collect(m.From(tx, a)))
	case 9:
		require.Equal(t, reversed(sorted(model, -far, a)), collect(m.Before(tx, a)))
	}
}

func orderedChecks(t *testing.T, r *rand.Rand, owner *stm.Owner, m *tdata.OrderedMap[int, int], model map[int]int, keys int) {
	k := r.IntN(keys)
	want, is := model[k]
	got, was := m.Load(k)
	require.Equal(t, want, got)
	require.Equal(t, is, was)
	switch r.IntN(4) {
	case 0:
		m.Store(k, 7)
		model[k] = 7
	case 1:
		_, was := m.Remove(k)
		require.Equal(t, is, was)
		delete(model, k)
	case 2:
		look(t, owner, func(tx *stm.Tx) {
			for range 3 {
				orderedReads(t, r, tx, m, model, keys)
			}
		})
	case 3:
		s := m.Snapshot()
		m.Store(k, 8)
		m.Remove(k)
		require.Equal(t, sorted(model, -far, far), collect(s.All()))
		require.Equal(t, reversed(sorted(model, -far, far)), collect(s.Backward()))
		require.Equal(t, head(reversed(sorted(model, -far, k+1))), found(s.Floor(k)))
		require.Equal(t, head(sorted(model, k, far)), found(s.Ceiling(k)))
		require.Equal(t, sorted(model, k, k+5), collect(s.Range(k, k+5)))
		require.Equal(t, sorted(model, k, far), collect(s.From(k)))
		require.Equal(t, reversed(sorted(model, -far, k)), collect(s.Before(k)))
		require.Equal(t, len(model), s.Len())
		s.Close()
		delete(model, k)
	}
}

// TestOrderedMapTransactionsOnDifferentKeysNeverClash, also if the keys are neighbours that come and go.
func TestOrderedMapTransactionsOnDifferentKeysNeverClash(t *testing.T) {
	owner := stm.NewOwner()
	m := tdata.NewOrderedMap[int, int](tdata.In(owner))
	const keys = 300
	atOnceOn(8, func(g int) {
		r := rand.New(rand.NewPCG(uint64(g), 0))
		for range 4_000 {
			a, b, c := 8*r.IntN(keys)+g, 8*r.IntN(keys)+g, 8*r.IntN(keys)+g
			commit(t, owner, func(tx *stm.Tx) {
				n, _ := m.Get(tx, a)
				m.Set(tx, b, n+1)
				m.Delete(tx, c)
			})
		}
	})
	stats := owner.Stats()
	assert.Zero(t, stats.Clashes.Total(), "%+v", stats)
	look(t, owner, func(tx *stm.Tx) {
		assert.Len(t, collect(m.All(tx)), m.Len(tx))
	})
}

// TestRangesClashWithChangesInThemAndNothingElse: held checkouts go through a range while somebody changes
// something in it, at its edges, or outside.
func TestRangesClashWithChangesInThemAndNothingElse(t *testing.T) {
	for _, backward := range []bool{false, true} {
		for key := 0; key <= 60; key++ {
			for _, how := range []string{"set", "delete", "insert and delete"} {
				owner := stm.NewOwner()
				m := tdata.NewOrderedMap[int, int](tdata.In(owner), tdata.Named("m"))
				for k := 0; k <= 60; k += 6 {
					m.Store(k, k)
				}
				other := tdata.NewCounter(tdata.In(owner))
				before := m.Size()
				tx := owner.Checkout()
				if backward {
					collect(m.RangeBackward(tx, 20, 41))
				} else {
					collect(m.Range(tx, 20, 41))
				}
				other.Add(tx, 1)
				changed := true
				switch how {
				case "set":
					m.Store(key, -1)
				case "delete":
					_, changed = m.Remove(key)
				case "insert and delete":
					m.LoadOrStore(key, 5)
					changed = m.Size() > before
					if changed {
						m.Remove(key)
					}
				}
				_, err := tx.Commit()
				tx.Discard()
				inside := key >= 20 && key < 41
				if inside && changed {
					assert.ErrorIs(t, err, stm.ErrClash, "%s of %d, backward %v", how, key, backward)
				} else {
					assert.NoError(t, err, "%s of %d, backward %v", how, key, backward)
				}
			}
		}
	}
}

// TestOrderedSnapshotsAreOneState: transfers between keys that come and go keep the sum, in every snapshot,
// view and transaction, in both directions.
func TestOrderedSnapshotsAreOneState(t *testing.T) {
	owner := stm.NewOwner()
	m := tdata.NewOrderedMap[int, int](tdata.In(owner))
	const keys, total = 64, 1000
	m.Store(0, total)
	done := make(chan struct{})
	check := func(what string, all iter.Seq2[int, int], length int) {
		sum := 0
		pairs := collect(all)
		for _, p := range pairs {
			sum += p.value
		}
		assert.Equal(t, total, sum, what)
		assert.Len(t, pairs, length, what)
	}
	go func() {
		defer close(done)
		atOnceOn(4, func(g int) {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			for range 4_000 {
				orderedMove(t, owner, m, r.IntN(keys), r.IntN(keys), 1+r.IntN(50))
			}
		})
	}()
	for round := 0; ; round++ {
		select {
		case <-done:
			return
		default:
		}
		s := m.Snapshot()
		check("snapshot", s.All(), s.Len())
		look(t, owner, func(tx *stm.Tx) { check("view", m.All(tx), m.Len(tx)) })
		look(t, owner, func(tx *stm.Tx) { check("view", m.Backward(tx), m.Len(tx)) })
		if round%16 == 0 {
			commit(t, owner, func(tx *stm.Tx) { check("transaction", m.All(tx), m.Len(tx)) })
			commit(t, owner, func(tx *stm.Tx) { check("transaction", m.Backward(tx), m.Len(tx)) })
		}
		check("snapshot later", s.Backward(), s.Len())
		s.Close()
	}
}

func orderedMove(t testing.TB, owner *stm.Owner, m *tdata.OrderedMap[int, int], from, to, n int) {
	commit(t, owner, func(tx *stm.Tx) {
		have, found := m.Get(tx, from)
		n := min(n, have)
		if !found || from == to {
			return
		}
		if have == n {
			m.Delete(tx, from)
		} else {
			m.Set(tx, from, have-n)
		}
		m.Modify(tx, to, func(v int, _ bool) (int, bool) { return v + n, true })
	})
}

// TestComparisonThatContradictsItselfEnds: it may lose keys, but nobody goes round in circles.
func TestComparisonThatContradictsItselfEnds(t *testing.T) {
	for name, compare := range map[string]func(a, b int) int{
		"never 0": func(a, b int) int {
			if a < b {
				return -1
			}
			return 1
		},
		"-1 for equal ones": func(a, b int) int {
			if a <= b {
				return -1
			}
			return 1
		},
		"always less":    func(a, b int) int { return -1 },
		"always greater": func(a, b int) int { return 1 },
	} {
		o := stm.NewOwner()
		m := tdata.NewOrderedMapFunc[int, int](compare, tdata.In(o))
		for k := range 30 {
			m.Store(k%20, k)
		}
		s := m.Snapshot()
		defer s.Close()
		look := func(tx *stm.Tx) error {
			for range m.Backward(tx) {
			}
			return nil
		}
		for what, walk := range map[string]func(){
			"a transaction": func() { _ = o.Atomically(background, look) },
			"a View":        func() { _ = o.View(background, look) },
			"a range":       func() { commit(t, o, func(tx *stm.Tx) { m.Floor(tx, 10) }) },
			"a snapshot": func() {
				for range s.Backward() {
				}
			},
		} {
			func() {
				defer func() {
					if r := recover(); r != nil {
						assert.Contains(t, r, "contradicts itself", "%s: %s", name, what)
					}
				}()
				walk()
			}()
		}
	}
}

// TestSnapshotMayBeClosedInItsLoop, which then has to end.
func TestSnapshotMayBeClosedInItsLoop(t *testing.T) {
	m := tdata.NewOrderedMap[int, int](tdata.In(stm.NewOwner()))
	m.Store(1, 1)
	m.Store(2, 1)
	for _, all := range []func(*tdata.OrderedMapSnapshot[int, int]) iter.Seq2[int, int]{
		(*tdata.OrderedMapSnapshot[int, int]).All, (*tdata.OrderedMapSnapshot[int, int]).Backward,
	} {
		s := m.Snapshot()
		for range all(s) {
			s.Close()
			break
		}
		s = m.Snapshot()
		assert.PanicsWithValue(t, "tdata: a snapshot was used after its Close", func() {
			for range all(s) {
				s.Close()
			}
		})
	}
}

// TestKeysAreFoundWhileOthersComeBeforeThem: a key gets a place right before the one that is looked for, at the moment
// when that has been compared. Whether the place of the latter is on the lowest level alone is chance.
func TestKeysAreFoundWhileOthersComeBeforeThem(t *testing.T) {
	type table = tdata.OrderedMap[int, int]
	for what, find := range map[string]func(o *stm.Owner, m *table) bool{
		"Load":   func(_ *stm.Owner, m *table) bool { _, found := m.Load(30); return found },
		"Remove": func(_ *stm.Owner, m *table) bool { _, found := m.Remove(30); return found },
		"Get": func(o *stm.Owner, m *table) (found bool) {
			commit(t, o, func(tx *stm.Tx) { found = m.Has(tx, 30) })
			return found
		},
		"Get in a View": func(o *stm.Owner, m *table) (found bool) {
			look(t, o, func(tx *stm.Tx) { found = m.Has(tx, 30) })
			return found
		},
		"Floor in a View": func(o *stm.Owner, m *table) (found bool) {
			look(t, o, func(tx *stm.Tx) {
				key, _, _ := m.Floor(tx, 30)
				found = key == 30
			})
			return found
		},
		"Get of a snapshot": func(_ *stm.Owner, m *table) bool {
			s := m.Snapshot()
			defer s.Close()
			return s.Has(30)
		},
		"Floor of a snapshot": func(_ *stm.Owner, m *table) bool {
			s := m.Snapshot()
			defer s.Close()
			key, _, _ := s.Floor(30)
			return key == 30
		},
	} {
		for range 20 {
			var m *table
			armed := false
			o := stm.NewOwner()
			m = tdata.NewOrderedMapFunc[int, int](func(a, b int) int {
				if armed && a == 30 && b == 30 {
					armed = false
					m.Store(20, 1)
				}
				return a - b
			}, tdata.In(o))
			m.Store(10, 1)
			m.Store(30, 1)
			armed = true
			assert.True(t, find(o, m), what)
			assert.False(t, armed, what)
		}
	}
}
