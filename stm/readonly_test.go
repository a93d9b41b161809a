package stm_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A long view beside busy writers runs at most twice: the second run is pinned.
func TestReadOnlyViewsNeverFailTwice(t *testing.T) {
	leaksNothing(t)
	const accounts, money = 200, 100
	o := stm.NewOwner()
	bank := ints(o, accounts, money)
	stop := meanwhile(2, func(int) { transfer(o, bank) })
	defer stop()
	var most, wrong atomic.Int64
	crowd(t, 2, func(int) {
		for range rounds(300) {
			runs := int64(0)
			err := o.View(background, func(tx *stm.Tx) error {
				runs++
				assert.EqualValues(t, runs, tx.Attempt())
				if audit(tx, bank) != accounts*money {
					wrong.Add(1)
				}
				return nil
			})
			assert.NoError(t, err)
			for n := most.Load(); runs > n && !most.CompareAndSwap(n, runs); n = most.Load() {
			}
		}
	})
	assert.Zero(t, wrong.Load())
	assert.LessOrEqual(t, most.Load(), int64(2))
}

func transfer(o *stm.Owner, bank []*tvar.TVar[int]) {
	from, to := bank[rand.IntN(len(bank))], bank[rand.IntN(len(bank))]
	mustAtomically(o, func(tx *stm.Tx) {
		from.Set(tx, from.Get(tx)-1)
		to.Set(tx, to.Get(tx)+1)
	})
}

// audit reads all and lets others in between.
func audit(tx *stm.Tx, bank []*tvar.TVar[int]) (sum int) {
	for i, v := range bank {
		if i%20 == 0 {
			runtime.Gosched()
		}
		sum += v.Get(tx)
	}
	return sum
}

// The second run survives a commit to everything before each of its reads.
func TestReadOnlyViewsSurviveACommitBeforeEachRead(t *testing.T) {
	o := stm.NewOwner()
	vars := ints(o, 20, 0)
	var seen [][]int
	err := o.View(background, func(tx *stm.Tx) error {
		var state []int
		for _, v := range vars {
			state = append(state, v.Get(tx))
			elsewhere(func() {
				mustAtomically(o, func(tx *stm.Tx) {
					for _, v := range vars {
						write(tx, v)
					}
				})
			})
		}
		seen = append(seen, state)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, seen, 1, "a run that lost its snapshot must not go on to the end")
	for _, n := range seen[0] {
		assert.Equal(t, seen[0][0], n)
	}
}

// A checkout shows the state under its pin for as long as it lives, and its commit does not fail.
func TestReadOnlyCheckoutsNeverFail(t *testing.T) {
	leaksNothing(t)
	const accounts, money = 100, 100
	o := stm.NewOwner()
	bank := ints(o, accounts, money)
	stop := meanwhile(2, func(int) { transfer(o, bank) })
	defer stop()
	crowd(t, 4, func(int) {
		for range rounds(100) {
			tx := o.Checkout()
			first := make([]int, accounts)
			for i, v := range bank {
				first[i] = v.Get(tx)
			}
			sum := audit(tx, bank)
			for i, v := range bank {
				assert.Equal(t, first[i], v.Get(tx), "read twice")
			}
			_, err := tx.Commit()
			assert.NoError(t, err)
			assert.Equal(t, accounts*money, sum)
		}
	})
}

// One writer has nobody to clash with, however many read.
func TestReadOnlyWorkNeverDisturbsAWriter(t *testing.T) {
	for _, f := range []form{formView, formAtomically, formHeld, {"Load", nil}} {
		t.Run(f.name, func(t *testing.T) {
			leaksNothing(t)
			o := stm.NewOwner()
			vars := ints(o, 8, 0)
			stop := meanwhile(3, func(int) {
				if f.run == nil {
					for _, v := range vars {
						v.Load()
					}
					return
				}
				_ = f.run(o, func(tx *stm.Tx) error { audit(tx, vars); return nil })
			})
			defer stop()
			soon(t, "the writer", func() {
				for range rounds(2000) {
					runs := 0
					mustAtomically(o, func(tx *stm.Tx) {
						runs++
						write(tx, vars[0])
						runtime.Gosched()
						write(tx, vars[7])
					})
					assert.Equal(t, 1, runs)
				}
			})
		})
	}
}

// Also when the read falls into the middle of the writer's attempt.
func TestReadOnlyWorkInsideAnotherAttemptDoesNotDisturbIt(t *testing.T) {
	for _, w := range updates {
		for _, r := range append(optimistic, formView) {
			t.Run(w.name+"/"+r.name, func(t *testing.T) {
				o := stm.NewOwner()
				v := ints(o, 2, 5)
				runs, seen := 0, 0
				soon(t, "the writer, or the reader in it", func() {
					assert.NoError(t, w.run(o, func(tx *stm.Tx) error {
						runs++
						write(tx, v[0])
						elsewhere(func() {
							_ = r.run(o, func(tx *stm.Tx) error { seen = v[0].Get(tx) + v[1].Get(tx); return nil })
							seen += v[0].Load() + v[1].Load()
						})
						write(tx, v[1])
						return nil
					}))
				})
				assert.Equal(t, 1, runs)
				assert.Equal(t, 20, seen, "what is not committed is not seen")
			})
		}
	}
}

// A shut gate stops nobody who only reads.
func TestReadOnlyWorkDoesNotWaitForTheGate(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 5)
	held := o.Checkout()
	v[0].Get(held)
	shut, open := make(chan struct{}), make(chan struct{})
	done := start(func() {
		_ = o.Irrevocably(background, func(tx *stm.Tx) error {
			write(tx, v[0])
			close(shut)
			<-open
			return nil
		})
	})
	<-shut
	for _, f := range []form{formView, formAtomically, formDo, formHeld} {
		soon(t, f.name, func() {
			assert.NoError(t, f.run(o, func(tx *stm.Tx) error {
				assert.Equal(t, 10, v[0].Get(tx)+v[1].Get(tx))
				return nil
			}))
		})
	}
	soon(t, "Load", func() { assert.Equal(t, 5, v[0].Load()) })
	soon(t, "LoadToken", func() { v[0].LoadToken() })
	soon(t, "Commit", func() {
		_, err := held.Commit()
		assert.NoError(t, err)
	})
	close(open)
	<-done
	assert.Equal(t, 6, v[0].Load())
}

// Open checkouts and running views stand in nobody's way.
func TestReadOnlyWorkDoesNotStopOthers(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 3, 0)
	for range 3 {
		tx := o.Checkout()
		defer tx.Discard()
		for _, x := range v {
			x.Get(tx)
		}
	}
	require.NoError(t, o.View(background, func(tx *stm.Tx) error {
		v[0].Get(tx)
		healthy(t, o, v...)
		return nil
	}))
}

// A view may wait as any other, also when it has lost its snapshot.
func TestReadOnlyViewsRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		v := ints(o, 3, 0)
		var runs atomic.Int64
		var got int
		done := start(func() {
			err := o.View(background, func(tx *stm.Tx) error {
				if runs.Add(1) == 1 {
					v[1].Get(tx)
					elsewhere(func() { mustAtomically(o, func(tx *stm.Tx) { write(tx, v[0]); write(tx, v[1]) }) })
				}
				got = v[0].Get(tx)
				tx.Check(got > 1)
				return nil
			})
			assert.NoError(t, err)
		})
		synctest.Wait()
		settled := runs.Load()
		v[2].Store(1)
		synctest.Wait()
		assert.Equal(t, settled, runs.Load(), "woken by what it has not read")
		v[0].Store(2)
		<-done
		assert.Equal(t, 2, got)
		assert.Equal(t, settled+1, runs.Load())
	})
}

// A view that waits is ended by its context, and its function's error is its own.
func TestReadOnlyViewsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		ctx, cancel := context.WithCancel(background)
		ended := make(chan error, 1)
		go func() {
			ended <- o.View(ctx, func(tx *stm.Tx) error { tx.Check(x.Get(tx) > 0); return nil })
		}()
		synctest.Wait()
		cancel()
		assert.Equal(t, context.Canceled, <-ended)
		assert.Same(t, errUser, o.View(background, func(tx *stm.Tx) error { x.Get(tx); return errUser }))
		healthy(t, o, x)
	})
}
