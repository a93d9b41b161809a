package stm_test

import (
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readers are ways to read variables that must look alike, in attempts that may fail afterwards.
var readers = []struct {
	name string
	form form
	end  func(tx *stm.Tx, own *tvar.TVar[int])
}{
	{"View", formView, nil},
	{"Atomically/reads", formAtomically, nil},
	{"Atomically/writes", formAtomically, write},
	{"Irrevocably", formIrrevocably, write},
	{"Try", onceTry, write},
	{"Checkout/reads", onceHeld, nil},
	{"Checkout/writes", onceHeld, write},
}

func write(tx *stm.Tx, own *tvar.TVar[int]) { own.Modify(tx, func(n int) int { return n + 1 }) }

func TestReadsNeverTear(t *testing.T) {
	t.Run("int", func(t *testing.T) { neverTear(t, func(n int) int { return n }, func(n int) int { return n }) })
	t.Run("int8", func(t *testing.T) {
		neverTear(t, func(n int) int8 { return int8(n % 100) }, func(n int8) int { return int(n) })
	})
	t.Run("float64", func(t *testing.T) {
		neverTear(t, func(n int) float64 { return float64(n) }, func(f float64) int { return int(f) })
	})
	t.Run("pointer", func(t *testing.T) {
		neverTear(t, func(n int) *int { return &n }, func(p *int) int { return *p })
	})
	t.Run("string", func(t *testing.T) {
		neverTear(t, strconv.Itoa, func(s string) int { n, _ := strconv.Atoi(s); return n })
	})
	t.Run("slice", func(t *testing.T) {
		neverTear(t, func(n int) []int { return make([]int, n%50, 100) }, func(s []int) int { return len(s) })
	})
	t.Run("interface", func(t *testing.T) {
		neverTear(t, func(n int) any {
			if n%2 == 0 {
				return n
			}
			return strconv.Itoa(n)
		}, func(a any) int {
			if s, ok := a.(string); ok {
				n, _ := strconv.Atoi(s)
				return n
			}
			return a.(int)
		})
	})
	t.Run("struct", func(t *testing.T) {
		type five struct{ a, b, c, d, e int }
		neverTear(t, func(n int) five { return five{n, n, n, n, n} }, func(f five) int {
			if f.a != f.b || f.b != f.c || f.c != f.d || f.d != f.e {
				return -f.a - f.e - 1 // torn within one value
			}
			return f.a
		})
	})
}

// neverTear has writers change a row of variables together, while readers compare them in every execution.
func neverTear[T any](t *testing.T, of func(int) T, to func(T) int) {
	const row = 6
	for _, r := range readers {
		t.Run(r.name, func(t *testing.T) {
			leaksNothing(t)
			o := stm.NewOwner()
			vars := make([]*tvar.TVar[T], row)
			for i := range vars {
				vars[i] = tvar.New(of(0), tvar.In(o))
			}
			var step, torn atomic.Int64
			stop := meanwhile(2, func(int) {
				value := of(int(step.Add(1)))
				mustAtomically(o, func(tx *stm.Tx) {
					for _, v := range vars {
						v.Set(tx, value)
					}
				})
			})
			own := ints(o, 2, 0)
			crowd(t, 2, func(g int) {
				for i := range rounds(200) {
					err := r.form.run(o, func(tx *stm.Tx) error {
						first := to(vars[i%row].Get(tx))
						for k := 1; k < row; k++ {
							if k%2 == 0 {
								runtime.Gosched()
							}
							if to(vars[(i+k)%row].Get(tx)) != first {
								torn.Add(1)
							}
						}
						if r.end != nil {
							r.end(tx, own[g])
						}
						return nil
					})
					assert.NoError(t, unlessClash(err))
				}
			})
			stop()
			assert.Zero(t, torn.Load(), "reads that belong to two states")
		})
	}
}

// What an attempt does between two reads must not let the second one see a later state.
func TestOpacityWhenACommitFallsBetweenTwoReads(t *testing.T) {
	between := map[string]func(tx *stm.Tx, x, other *tvar.TVar[int]){
		"nothing":       func(*stm.Tx, *tvar.TVar[int], *tvar.TVar[int]) {},
		"own write":     func(tx *stm.Tx, x, _ *tvar.TVar[int]) { x.Set(tx, x.Get(tx)) },
		"another write": func(tx *stm.Tx, _, other *tvar.TVar[int]) { other.Set(tx, 1) },
		"another read":  func(tx *stm.Tx, _, other *tvar.TVar[int]) { other.Get(tx) },
		"Nested undone": func(tx *stm.Tx, x, _ *tvar.TVar[int]) {
			_ = tx.Nested(func(tx *stm.Tx) error { x.Set(tx, 7); return errUser })
		},
		"Commute": func(tx *stm.Tx, _, other *tvar.TVar[int]) {
			other.Commute(tx, func(n int) int { return n + 1 })
		},
	}
	for name, do := range between {
		for _, f := range optimistic {
			t.Run(f.name+"/"+name, func(t *testing.T) {
				o := stm.NewOwner()
				v := ints(o, 3, 0)
				x, y, other := v[0], v[1], v[2]
				runs, torn := 0, 0
				err := f.run(o, func(tx *stm.Tx) error {
					runs++
					a := x.Get(tx)
					if runs == 1 {
						elsewhere(func() {
							mustAtomically(o, func(tx *stm.Tx) { x.Set(tx, 1); y.Set(tx, 1) })
						})
					}
					do(tx, x, other)
					if b := y.Get(tx); a != b {
						torn++
					}
					return nil
				})
				require.NoError(t, err)
				assert.Zero(t, torn)
			})
		}
	}
}

// The state is also one for a View, whose second run is pinned, and stays one through everybody else's commits.
func TestOpacityOfAViewThatLosesItsSnapshot(t *testing.T) {
	o := stm.NewOwner()
	vars := ints(o, 50, 0)
	runs, torn := 0, 0
	err := o.View(background, func(tx *stm.Tx) error {
		runs++
		first := vars[0].Get(tx)
		for _, v := range vars[1:] {
			elsewhere(func() {
				mustAtomically(o, func(tx *stm.Tx) {
					for _, v := range vars {
						write(tx, v)
					}
				})
			})
			if v.Get(tx) != first {
				torn++
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Zero(t, torn)
	assert.LessOrEqual(t, runs, 2)
}

// x < y always: no division by zero, no index out of range, no endless loop, no error can come of that.
func TestOpacityKeepsUserCodeFromFailing(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	x, y := tvar.New(0, tvar.In(o)), tvar.New(1, tvar.In(o))
	stop := meanwhile(2, func(g int) {
		mustAtomically(o, func(tx *stm.Tx) {
			a := x.Get(tx) + 5*(2*g-1) // one up, the other down
			x.Set(tx, a)
			y.Set(tx, a+1)
		})
	})
	defer stop()
	row := make([]int, 2)
	for _, f := range patient {
		t.Run(f.name, func(t *testing.T) {
			crowd(t, 2, func(int) {
				for range rounds(2000) {
					err := f.run(o, func(tx *stm.Tx) error {
						a := x.Get(tx)
						b := y.Get(tx)
						_ = 1 / (b - a)
						_ = row[b-a]
						for i := a; i != b; i++ {
							if i > b {
								return errUser // an endless loop
							}
						}
						return nil
					})
					assert.NoError(t, unlessClash(err))
				}
			})
		})
	}
}

// Plain Loads are transactions of one read each: once one has shown a commit, the next shows it too.
func TestTwoLoadsNeverSeeOneCommitHalf(t *testing.T) {
	writers := map[string]func(o *stm.Owner, x, y *tvar.TVar[string]){}
	for _, f := range updates {
		writers[f.name] = func(o *stm.Owner, x, y *tvar.TVar[string]) {
			_ = f.run(o, func(tx *stm.Tx) error {
				n, _ := strconv.Atoi(x.Get(tx))
				x.Set(tx, strconv.Itoa(n+1))
				y.Set(tx, strconv.Itoa(n+1))
				return nil
			})
		}
	}
	for name, commit := range writers {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			x, y := tvar.New("0", tvar.In(o)), tvar.New("0", tvar.In(o))
			stop := meanwhile(1, func(int) { commit(o, x, y) })
			var half atomic.Int64
			crowd(t, 2, func(g int) {
				first, second := x, y
				if g == 1 {
					first, second = y, x
				}
				for range rounds(20000) {
					a, _ := strconv.Atoi(first.Load())
					b, _ := strconv.Atoi(second.Load())
					if b < a {
						half.Add(1)
					}
				}
			})
			stop()
			assert.Zero(t, half.Load())
		})
	}
}

// A commit to something unread takes nothing away from what was read: the snapshot is extended.
func TestUnrelatedCommitsDoNotEndAnAttempt(t *testing.T) {
	for _, f := range optimistic {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			runs := 0
			err := f.run(o, func(tx *stm.Tx) error {
				runs++
				v[0].Get(tx)
				elsewhere(func() { v[1].Store(runs) })
				v[1].Get(tx)
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, 1, runs)
		})
	}
}

// Opacity with everything at once is checked on whole histories: see TestHistoriesAreStrictlySerializable.
