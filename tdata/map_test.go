package tdata_test

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// TestMapAgreesWithGoMap does the same random things to a Map and a Go map.
func TestMapAgreesWithGoMap(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 0))
		owner := stm.NewOwner()
		m, model := tdata.NewMap[int, int](tdata.In(owner)), map[int]int{}
		keys := 1 + r.IntN(1<<(2+seed%12))
		for range 3000 / (1 + int(seed%7)) {
			mapStep(t, r, owner, m, model, keys)
		}
		look(t, owner, func(tx *stm.Tx) {
			require.Equal(t, model, maps.Collect(m.All(tx)), "seed %d", seed)
			require.Equal(t, len(model), m.Len(tx), "seed %d", seed)
		})
	}
}

// mapStep makes one transaction of a few operations, which sometimes fails, or one operation outside.
func mapStep(t *testing.T, r *rand.Rand, owner *stm.Owner, m *tdata.Map[int, int], model map[int]int, keys int) {
	if r.IntN(4) == 0 {
		mapAlone(t, r, m, model, keys)
		return
	}
	tentative := maps.Clone(model)
	fails := r.IntN(5) == 0
	err := owner.Atomically(background, func(tx *stm.Tx) error {
		for range 1 + r.IntN(6) {
			k, v := r.IntN(keys), r.Int()
			want, found := tentative[k]
			switch r.IntN(9) {
			case 0, 1, 2:
				m.Set(tx, k, v)
				tentative[k] = v
			case 3, 4:
				got, was := m.Delete(tx, k)
				require.Equal(t, want, got)
				require.Equal(t, found, was)
				delete(tentative, k)
			case 5:
				got, was := m.Get(tx, k)
				require.Equal(t, want, got)
				require.Equal(t, found, was)
				require.Equal(t, found, m.Has(tx, k))
			case 6:
				require.Equal(t, len(tentative), m.Len(tx))
			case 7:
				got, was := m.GetOrSet(tx, k, v)
				if !found {
					tentative[k], want = v, v
				}
				require.Equal(t, want, got)
				require.Equal(t, found, was)
			case 8:
				m.Modify(tx, k, func(got int, was bool) (int, bool) {
					require.Equal(t, want, got)
					require.Equal(t, found, was)
					return v, v%2 == 0
				})
				if delete(tentative, k); v%2 == 0 {
					tentative[k] = v
				}
			}
		}
		if r.IntN(200) == 0 {
			require.Equal(t, tentative, maps.Collect(m.All(tx)))
		}
		if r.IntN(400) == 0 {
			m.Clear(tx)
			clear(tentative)
		}
		if fails {
			return assert.AnError
		}
		return nil
	})
	if !fails {
		require.NoError(t, err)
		clear(model)
		maps.Copy(model, tentative)
	}
}

func mapAlone(t *testing.T, r *rand.Rand, m *tdata.Map[int, int], model map[int]int, keys int) {
	k, v := r.IntN(keys), r.Int()
	want, found := model[k]
	switch r.IntN(5) {
	case 0:
		m.Store(k, v)
		model[k] = v
	case 1:
		got, was := m.Remove(k)
		require.Equal(t, want, got)
		require.Equal(t, found, was)
		delete(model, k)
	case 2:
		got, was := m.Load(k)
		require.Equal(t, want, got)
		require.Equal(t, found, was)
	case 3:
		got, was := m.LoadOrStore(k, v)
		if !found {
			model[k], want = v, v
		}
		require.Equal(t, want, got)
		require.Equal(t, found, was)
	case 4:
		got, kept := m.Update(k, func(got int, was bool) (int, bool) {
			require.Equal(t, want, got)
			require.Equal(t, found, was)
			return v, v%3 > 0
		})
		require.Equal(t, v, got)
		require.Equal(t, v%3 > 0, kept)
		if delete(model, k); kept {
			model[k] = v
		}
	}
	require.Equal(t, len(model), m.Size())
}

// TestMapTransactionsOnDifferentKeysNeverClash, whether keys are there, come, go, or are looked for in
// vain, and while the map grows, shrinks and is swept.
func TestMapTransactionsOnDifferentKeysNeverClash(t *testing.T) {
	owner := stm.NewOwner()
	m := tdata.NewMap[int, int](tdata.In(owner))
	const keys = 3000
	atOnceOn(8, func(g int) {
		r := rand.New(rand.NewPCG(uint64(g), 0))
		for range 20_000 {
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
	assert.Equal(t, uint64(8*20_000), stats.Commits)
	look(t, owner, func(tx *stm.Tx) {
		assert.Equal(t, m.Len(tx), len(maps.Collect(m.All(tx))))
	})
}

// TestSnapshotsOfAMapAreOneState: transfers between keys that come and go keep the sum, in every
// snapshot, view and transaction.
func TestSnapshotsOfAMapAreOneState(t *testing.T) {
	owner := stm.NewOwner()
	m := tdata.NewMap[int, int](tdata.In(owner))
	const keys, total = 64, 1000
	m.Store(0, total)
	done := make(chan struct{})
	check := func(what string, all func(func(int, int) bool), length int) {
		sum, count := 0, 0
		for _, v := range all {
			sum, count = sum+v, count+1
		}
		assert.Equal(t, total, sum, what)
		assert.Equal(t, length, count, what)
	}
	go func() {
		defer close(done)
		atOnceOn(4, func(g int) {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			for range 5_000 {
				move(t, owner, m, r.IntN(keys), r.IntN(keys), 1+r.IntN(50))
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
		if round%16 == 0 {
			commit(t, owner, func(tx *stm.Tx) { check("transaction", m.All(tx), m.Len(tx)) })
		}
		check("snapshot later", s.All(), s.Len())
		for k, v := range s.All() {
			got, found := s.Get(k)
			assert.True(t, found)
			assert.Equal(t, v, got)
		}
		s.Close()
	}
}

// move moves up to n from one key to another, and deletes what is empty.
func move(t testing.TB, owner *stm.Owner, m *tdata.Map[int, int], from, to, n int) {
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

func TestMapNamesItsKeysInClashReports(t *testing.T) {
	owner := stm.NewOwner()
	m := tdata.NewMap[string, int](tdata.In(owner), tdata.Named("stock"))
	m.Store("apples", 3)
	tx := owner.Checkout()
	defer tx.Discard()
	n, _ := m.Get(tx, "apples")
	m.Set(tx, "apples", n-1)
	m.Store("apples", 0)
	_, err := tx.Commit()
	var clash *stm.ClashError
	require.ErrorAs(t, err, &clash)
	require.Len(t, clash.Vars, 1)
	assert.Equal(t, `stock["apples"]`, clash.Vars[0].Name)
}
