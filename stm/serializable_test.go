package stm_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two people on call, each may leave while the other stays: each transaction alone keeps the rule.
func TestWriteSkewIsRefused(t *testing.T) {
	for _, f := range optimistic {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			call := ints(o, 2, 1)
			leave := func(tx *stm.Tx, who int) {
				if call[0].Get(tx)+call[1].Get(tx) == 2 {
					call[who].Set(tx, 0)
				}
			}
			runs := 0
			err := f.run(o, func(tx *stm.Tx) error {
				runs++
				leave(tx, 0)
				if runs == 1 {
					elsewhere(func() { mustAtomically(o, func(tx *stm.Tx) { leave(tx, 1) }) })
				}
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, 1, call[0].Load()+call[1].Load(), "somebody must stay")
			assert.Equal(t, 2, runs)
		})
	}
}

func TestWriteSkewIsRefusedInACrowd(t *testing.T) {
	for _, f := range updates {
		t.Run(f.name, func(t *testing.T) {
			leaksNothing(t)
			o := stm.NewOwner()
			v := ints(o, 2, 10)
			crowd(t, 4, func(g int) {
				for range rounds(1000) {
					err := f.run(o, func(tx *stm.Tx) error {
						sum := v[0].Get(tx) + v[1].Get(tx)
						runtime.Gosched()
						switch {
						case sum > 0:
							v[g%2].Modify(tx, func(n int) int { return n - sum })
						default:
							v[g/2].Modify(tx, func(n int) int { return n + 10 })
						}
						return nil
					})
					assert.NoError(t, err)
				}
			})
			sum := v[0].Load() + v[1].Load()
			assert.Contains(t, []int{0, 10, 20}, sum)
		})
	}
}

// Every way to add one, all at once, on one variable.
func TestNoUpdateIsLost(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	sum := tvar.New(0, tvar.In(o))
	plus := func(n int) int { return n + 1 }
	adders := []func(){
		func() { sum.Update(plus) },
		func() { mustAtomically(o, func(tx *stm.Tx) { sum.Modify(tx, plus) }) },
		func() { mustAtomically(o, func(tx *stm.Tx) { sum.Commute(tx, plus) }) },
	}
	for _, f := range updates {
		adders = append(adders, func() {
			_ = f.run(o, func(tx *stm.Tx) error { sum.Set(tx, sum.Get(tx)+1); return nil })
		}, func() {
			_ = f.run(o, func(tx *stm.Tx) error { sum.Commute(tx, plus); return nil })
		})
	}
	n := rounds(400)
	crowd(t, len(adders), func(g int) {
		for range n {
			adders[g]()
		}
	})
	assert.Equal(t, n*len(adders), sum.Load())
}

// single are the operations on one variable outside transactions.
var (
	singleWrites = []struct {
		name  string
		write func(v *tvar.TVar[int], n int)
	}{
		{"Store", func(v *tvar.TVar[int], n int) { v.Store(n) }},
		{"Update", func(v *tvar.TVar[int], n int) { v.Update(func(int) int { return n }) }},
	}
	singleReads = []struct {
		name string
		read func(v *tvar.TVar[int]) int
	}{
		{"Load", func(v *tvar.TVar[int]) int { return v.Load() }},
		{"LoadToken", func(v *tvar.TVar[int]) int { n, _ := v.LoadToken(); return n }},
		{"Update", func(v *tvar.TVar[int]) int { return v.Update(func(n int) int { return n }) }},
	}
)

// What has returned on one goroutine is seen by what begins afterwards on another, whatever the form of either.
func TestRealTimeOrderIsKept(t *testing.T) {
	type writer func(o *stm.Owner, v *tvar.TVar[int], n int)
	type reader func(o *stm.Owner, v *tvar.TVar[int]) int
	writers, readers := map[string]writer{}, map[string]reader{}
	for _, w := range singleWrites {
		writers[w.name] = func(_ *stm.Owner, v *tvar.TVar[int], n int) { w.write(v, n) }
	}
	for _, r := range singleReads {
		readers[r.name] = func(_ *stm.Owner, v *tvar.TVar[int]) int { return r.read(v) }
	}
	for _, f := range updates {
		writers[f.name] = func(o *stm.Owner, v *tvar.TVar[int], n int) {
			_ = f.run(o, func(tx *stm.Tx) error { v.Set(tx, n); return nil })
		}
		writers[f.name+"/Commute"] = func(o *stm.Owner, v *tvar.TVar[int], n int) {
			_ = f.run(o, func(tx *stm.Tx) error { v.Commute(tx, func(int) int { return n }); return nil })
		}
	}
	for _, f := range append(updates, formView) {
		readers[f.name] = func(o *stm.Owner, v *tvar.TVar[int]) (n int) {
			_ = f.run(o, func(tx *stm.Tx) error { n = v.Get(tx); return nil })
			return n
		}
	}
	for w, write := range writers {
		t.Run(w, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 3, 0)
			for r, read := range readers {
				for n := range rounds(40) {
					x := v[n%len(v)]
					write(o, x, n+1)
					var got int
					elsewhere(func() { got = read(o, x) })
					require.Equal(t, n+1, got, "%s does not see it", r)
				}
			}
		})
	}
}

// x runs ahead of y by one at most, each written by itself: whoever sees y must see the x before it.
func TestRealTimeOrderOfSingleOperationsHoldsInsideTransactions(t *testing.T) {
	for _, w := range singleWrites {
		for _, f := range patient {
			t.Run(w.name+"/"+f.name, func(t *testing.T) {
				o := stm.NewOwner()
				v := ints(o, 2, 0)
				n := 0
				stop := meanwhile(1, func(int) { n++; w.write(v[0], n); w.write(v[1], n) })
				defer stop()
				var wrong atomic.Int64
				crowd(t, 2, func(g int) {
					for range rounds(500) {
						err := f.run(o, func(tx *stm.Tx) error {
							a := v[g].Get(tx)
							runtime.Gosched()
							ahead := v[1-g].Get(tx) - a
							if g == 0 {
								ahead = -ahead
							}
							if ahead < 0 || ahead > 1 {
								wrong.Add(1)
							}
							return nil
						})
						assert.NoError(t, unlessClash(err))
					}
				})
				assert.Zero(t, wrong.Load(), "in some execution")
			})
		}
	}
}

// Two counters that nobody writes together: readers may not disagree about which was ahead.
func TestReadersAgreeOnTheOrderOfIndependentWrites(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	stop := meanwhile(2, func(g int) {
		if g == 0 {
			v[g].Update(func(n int) int { return n + 1 })
		} else {
			mustAtomically(o, func(tx *stm.Tx) { write(tx, v[g]) })
		}
	})
	type pair struct{ a, b int }
	var mu sync.Mutex
	var pairs []pair
	forms := []form{formView, formAtomically, onceHeld, onceTry}
	crowd(t, 4, func(g int) {
		for range rounds(2000) {
			err := forms[g].run(o, func(tx *stm.Tx) error {
				var p pair
				if g%2 == 0 {
					p.a = v[0].Get(tx)
					p.b = v[1].Get(tx)
				} else {
					p.b = v[1].Get(tx)
					p.a = v[0].Get(tx)
				}
				mu.Lock() // every execution counts
				defer mu.Unlock()
				pairs = append(pairs, p)
				return nil
			})
			assert.NoError(t, unlessClash(err))
		}
	})
	stop()
	slices.SortFunc(pairs, func(p, q pair) int {
		if p.a != q.a {
			return p.a - q.a
		}
		return p.b - q.b
	})
	for i := 1; i < len(pairs); i++ {
		require.LessOrEqual(t, pairs[i-1].b, pairs[i].b, "%v and %v have no order", pairs[i-1], pairs[i])
	}
}

// The versions of one variable strictly increase, whoever writes and however blindly.
func TestVersionsOfAVariableStrictlyIncrease(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	var serial atomic.Int64
	stop := meanwhile(2, func(g int) {
		n := int(serial.Add(1))
		switch n % 4 {
		case 0:
			v[0].Store(n)
		case 1:
			mustAtomically(o, func(tx *stm.Tx) { v[0].Set(tx, n) })
		case 2:
			mustAtomically(o, func(tx *stm.Tx) { v[0].Set(tx, n); v[1].Set(tx, n) })
		default:
			_ = formHeld.run(o, func(tx *stm.Tx) error { v[0].Set(tx, n); return nil })
		}
	})
	crowd(t, 2, func(int) {
		value, at := v[0].LoadToken()
		for range rounds(20000) {
			now, then := v[0].LoadToken()
			if now == value {
				assert.Equal(t, at, then, "one value, two versions")
			} else {
				assert.Greater(t, then.Version(), at.Version(), "another value, and not a later version")
			}
			value, at = now, then
		}
	})
	stop()
}

// A change and back again is two changes: versions decide, not values.
func TestVersionsNotValuesDecide(t *testing.T) {
	for _, f := range optimistic {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			runs := 0
			err := f.run(o, func(tx *stm.Tx) error {
				runs++
				v[0].Get(tx)
				if runs == 1 {
					elsewhere(func() { v[0].Store(1); v[0].Store(0) })
				}
				v[1].Set(tx, runs)
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, 2, runs)
			assert.Equal(t, 2, v[1].Load())
		})
	}
}

// A NaN differs from itself, and functions, maps and slices cannot be compared at all.
func TestValuesThatCannotBeCompared(t *testing.T) {
	t.Run("NaN", func(t *testing.T) { anyValue(t, math.NaN(), math.Inf(1)) })
	t.Run("NaN32", func(t *testing.T) { anyValue(t, float32(math.NaN()), 0) })
	t.Run("NaN in a struct", func(t *testing.T) {
		type point struct{ x, y float64 }
		anyValue(t, point{math.NaN(), 1}, point{2, math.NaN()})
	})
	t.Run("func", func(t *testing.T) { anyValue(t, func() {}, nil) })
	t.Run("map", func(t *testing.T) { anyValue(t, map[string]int{"a": 1}, nil) })
	t.Run("slice", func(t *testing.T) { anyValue(t, []int{1}, nil) })
	t.Run("interface with a func", func(t *testing.T) { anyValue[any](t, func() {}, []int{1}) })
	t.Run("interface with a map", func(t *testing.T) { anyValue[any](t, map[any]any{math.NaN(): 1}, nil) })
	t.Run("struct with a func", func(t *testing.T) {
		type caller struct{ call func() }
		anyValue(t, caller{func() {}}, caller{})
	})
	t.Run("chan", func(t *testing.T) { anyValue(t, make(chan int), nil) })
	t.Run("nothing", func(t *testing.T) { anyValue(t, struct{}{}, struct{}{}) })
}

// anyValue takes a variable with such values through every operation, a clash and a wait.
func anyValue[T any](t *testing.T, one, two T) {
	o := stm.NewOwner()
	v, n := tvar.New(one, tvar.In(o)), tvar.New(0, tvar.In(o))
	v.Load()
	v.Store(two)
	v.Update(func(T) T { return one })
	for _, f := range updates {
		runs := 0
		require.NoError(t, f.run(o, func(tx *stm.Tx) error {
			runs++
			v.Set(tx, v.Get(tx))
			v.Set(tx, two)
			v.Modify(tx, func(T) T { return one })
			v.Commute(tx, func(T) T { return two })
			write(tx, n)
			return nil
		}), f.name)
		require.Equal(t, 1, runs, "%s: nobody else is there to clash with", f.name)
	}
	require.Equal(t, len(updates), n.Load())
	for _, f := range optimistic {
		runs := 0
		require.NoError(t, f.run(o, func(tx *stm.Tx) error {
			runs++
			v.Get(tx)
			if runs == 1 {
				elsewhere(func() { v.Store(one) })
			}
			write(tx, n)
			return nil
		}), f.name)
		require.Equal(t, 2, runs, f.name)
	}
	woken := make(chan error, 1)
	asked := make(chan struct{}, 2)
	go func() {
		start := n.Load()
		woken <- o.Atomically(background, func(tx *stm.Tx) error {
			v.Get(tx)
			asked <- struct{}{}
			tx.Check(n.Get(tx) != start)
			return nil
		})
	}()
	arrives(t, "the waiter's first run", asked)
	n.Store(-1)
	require.NoError(t, arrives(t, "the waiter", woken))
}

func TestHistoriesAreStrictlySerializable(t *testing.T) {
	for range 3 {
		leaksNothing(t)
		seed := rand.Uint64()
		h := newHistory(4)
		crowd(t, 4, func(g int) {
			random := rand.New(rand.NewPCG(seed, uint64(g)))
			for range rounds(400) {
				h.step(random)
			}
		})
		if problem := h.check(); problem != "" {
			t.Fatalf("seed %d: %s", seed, problem)
		}
	}
}
