package stm_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProgressTheBoundIsPublished(t *testing.T) { assert.Equal(t, 32, stm.MaxClashes) }

// Whoever is made to clash every time clashes as often as the bound says, and commits the next time.
func TestProgressALoserFinallyShutsTheGate(t *testing.T) {
	for _, loss := range []string{"read", "commit"} {
		t.Run(loss, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 3, 0)
			before := o.Stats()
			runs := 0
			var late <-chan struct{}
			soon(t, "the loser", func() {
				mustAtomically(o, func(tx *stm.Tx) {
					runs++
					assert.Equal(t, runs, tx.Attempt())
					seen := v[0].Get(tx)
					rival := func() { mustAtomically(o, func(tx *stm.Tx) { write(tx, v[0]); write(tx, v[1]) }) }
					if runs <= stm.MaxClashes {
						elsewhere(rival)
					} else {
						late = start(rival) // must wait
					}
					if loss == "read" {
						v[1].Get(tx)
					}
					v[2].Set(tx, seen)
				})
			})
			require.Equal(t, stm.MaxClashes+1, runs)
			<-late
			assert.Equal(t, stm.MaxClashes, v[2].Load(), "the late rival came first")
			used := o.Stats().Sub(before)
			assert.EqualValues(t, stm.MaxClashes, used.Clashes.Total())
			assert.EqualValues(t, 1, used.Gates)
			healthy(t, o, v...)
		})
	}
}

// The elder reads and writes hundreds of variables beside a crowd that changes them all the time.
func TestProgressOfAnElderBesideShortWriters(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	vars := ints(o, 300, 0)
	var shorts, next atomic.Int64
	stop := meanwhile(4, func(int) {
		n := next.Add(1)
		mustAtomically(o, func(tx *stm.Tx) {
			write(tx, vars[n*7%300])
			write(tx, vars[n*11%300])
		})
		shorts.Add(1)
	})
	defer stop()
	for range rounds(20) {
		last := 0
		var before int64
		soon(t, "the elder", func() {
			mustAtomically(o, func(tx *stm.Tx) {
				before = shorts.Load()
				last = tx.Attempt()
				for i, v := range vars {
					if i%30 == 0 {
						runtime.Gosched()
					}
					write(tx, v)
				}
			})
		})
		assert.LessOrEqual(t, last-1, stm.MaxClashes, "clashes")
		soon(t, "the crowd, afterwards", func() {
			for shorts.Load() <= before+4 {
				runtime.Gosched()
			}
		})
	}
}

// Elders against elders, in opposite directions: each has the same bound.
func TestProgressOfEverybodyInACrowdOfElders(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	vars := ints(o, 40, 0)
	var most atomic.Int64
	n := rounds(100)
	crowd(t, 6, func(g int) {
		for range n {
			last := 0
			mustAtomically(o, func(tx *stm.Tx) {
				last = tx.Attempt()
				for i := range vars {
					if g%2 == 0 {
						i = len(vars) - 1 - i
					}
					write(tx, vars[i])
					if i%10 == 0 {
						runtime.Gosched()
					}
				}
			})
			for m := most.Load(); int64(last) > m && !most.CompareAndSwap(m, int64(last)); m = most.Load() {
			}
		}
	})
	for _, v := range vars {
		require.Equal(t, 6*n, v.Load())
	}
	assert.LessOrEqual(t, most.Load()-1, int64(stm.MaxClashes))
}

// Irrevocably calls its function once, whatever others do, and no two at a time.
func TestIrrevocablyRunsOnce(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	vars := ints(o, 20, 0)
	var inside, others atomic.Int64
	stop := meanwhile(3, func(g int) {
		switch g {
		case 0:
			mustAtomically(o, func(tx *stm.Tx) {
				for _, v := range vars {
					write(tx, v)
				}
			})
		case 1:
			vars[3].Update(func(n int) int { return n + 1 })
			vars[4].Store(1)
		case 2:
			_ = checkout(o, func(tx *stm.Tx) error { write(tx, vars[0]); write(tx, vars[19]); return nil })
		}
		others.Add(1)
	})
	defer stop()
	crowd(t, 3, func(int) {
		for range rounds(300) {
			runs := 0
			err := o.Irrevocably(background, func(tx *stm.Tx) error {
				runs++
				assert.EqualValues(t, 1, inside.Add(1), "two at a time")
				defer inside.Add(-1)
				assert.Equal(t, 1, tx.Attempt())
				for _, v := range vars {
					write(tx, v)
					runtime.Gosched()
				}
				return nil
			})
			assert.NoError(t, err)
			assert.Equal(t, 1, runs)
			for before := others.Load(); others.Load() <= before+3; {
				runtime.Gosched() // let others through
			}
		}
	})
}

// A commit that had passed the gate before is waited out, a commit that comes to the shut gate waits.
func TestIrrevocablyStopsEveryOtherCommit(t *testing.T) {
	rivals := map[string]func(o *stm.Owner, x *tvar.TVar[int]){
		"Store":  func(_ *stm.Owner, x *tvar.TVar[int]) { x.Store(1) },
		"Update": func(_ *stm.Owner, x *tvar.TVar[int]) { x.Update(func(int) int { return 1 }) },
	}
	for _, f := range updates {
		rivals[f.name] = func(o *stm.Owner, x *tvar.TVar[int]) {
			_ = f.run(o, func(tx *stm.Tx) error { x.Set(tx, 1); return nil })
		}
		rivals[f.name+"/Commute"] = func(o *stm.Owner, x *tvar.TVar[int]) {
			_ = f.run(o, func(tx *stm.Tx) error { x.Commute(tx, func(int) int { return 1 }); return nil })
		}
	}
	for name, rival := range rivals {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			runs := 0
			var late <-chan struct{}
			soon(t, "Irrevocably", func() {
				_ = o.Irrevocably(background, func(tx *stm.Tx) error {
					runs++
					v[0].Get(tx)
					late = start(func() { rival(o, v[0]) })
					for range 200 {
						runtime.Gosched()
					}
					v[1].Set(tx, 10+v[0].Load())
					return nil
				})
			})
			arrives(t, name, late)
			assert.Equal(t, 1, runs)
			assert.Equal(t, 10, v[1].Load(), "somebody committed while the gate was shut")
			assert.Equal(t, 1, v[0].Load())
		})
	}
}

// Retry opens the gate for the time of the wait.
func TestIrrevocablyMayRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		v := ints(o, 3, 0)
		runs := 0
		done := start(func() {
			assert.NoError(t, o.Irrevocably(background, func(tx *stm.Tx) error {
				runs++
				tx.Check(v[0].Get(tx) == 1)
				v[1].Set(tx, runs)
				assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error { write(tx, v[2]); return nil }), stm.ErrClash, "the gate is open")
				return nil
			}))
		})
		synctest.Wait()
		require.NoError(t, o.Try(func(tx *stm.Tx) error { write(tx, v[2]); return nil }), "the gate is shut")
		synctest.Wait()
		assert.Equal(t, 1, runs)
		v[0].Store(1)
		<-done
		assert.Equal(t, 2, runs)
		assert.Equal(t, 2, v[1].Load())
		healthy(t, o, v...)
	})
}

func TestIrrevocablyMayBeCancelledWhileItRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		ctx, cancel := context.WithCancel(background)
		ended := make(chan error, 1)
		go func() {
			ended <- o.Irrevocably(ctx, func(tx *stm.Tx) error {
				x.Get(tx)
				x.Set(tx, 1)
				tx.Retry()
				return nil
			})
		}()
		synctest.Wait()
		cancel()
		assert.Equal(t, context.Canceled, <-ended)
		assert.Zero(t, x.Load())
		healthy(t, o, x)
	})
}

// shutGate shuts the owner's gate until the function that it returns is called.
func shutGate(o *stm.Owner) (open func()) {
	shut, release := make(chan struct{}), make(chan struct{})
	done := start(func() {
		_ = o.Irrevocably(background, func(*stm.Tx) error { close(shut); <-release; return nil })
	})
	<-shut
	return func() { close(release); <-done }
}

// The context ends a wait at the gate.
func TestACancelledContextEndsAWaitAtTheGate(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	open := shutGate(o)
	ctx, cancel := context.WithCancel(background)
	ran, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- o.Atomically(ctx, func(tx *stm.Tx) error {
			x.Set(tx, 1)
			if tx.Attempt() == 1 {
				close(ran)
			}
			return nil
		})
	}()
	arrives(t, "the function", ran)
	cancel()
	assert.Equal(t, context.Canceled, arrives(t, "the wait", ended))
	short, cancel := context.WithTimeout(background, time.Millisecond)
	defer cancel()
	go func() {
		ended <- o.Irrevocably(short, func(*stm.Tx) error { t.Error("two at a time"); return nil })
	}()
	assert.Equal(t, context.DeadlineExceeded, arrives(t, "the other Irrevocably", ended))
	open()
	assert.Zero(t, x.Load())
	healthy(t, o, x)
}

// Try runs the function once and waits for nothing.
func TestTryNeverWaits(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	runs := 0
	run := func(fn func(tx *stm.Tx)) (err error) {
		soon(t, "Try", func() {
			err = o.Try(func(tx *stm.Tx) error { runs++; fn(tx); return nil })
		})
		return err
	}
	open := shutGate(o)
	assert.ErrorIs(t, run(func(tx *stm.Tx) { v[0].Set(tx, 1) }), stm.ErrClash, "the gate is shut")
	open()
	assert.ErrorIs(t, run(func(tx *stm.Tx) {
		v[0].Get(tx)
		v[1].Set(tx, 1)
		elsewhere(func() { v[0].Store(5) })
	}), stm.ErrClash)
	err := run(func(tx *stm.Tx) { v[0].Get(tx); v[1].Set(tx, 1); tx.Retry() })
	assert.ErrorIs(t, err, stm.ErrRetry)
	assert.False(t, errors.Is(err, stm.ErrClash))
	assert.Equal(t, 0, v[1].Load())
	assert.LessOrEqual(t, runs, 3, "one attempt each")
	assert.NoError(t, run(func(tx *stm.Tx) { v[1].Set(tx, 1) }))
	assert.Equal(t, 1, v[1].Load())
	assert.Same(t, errUser, o.Try(func(*stm.Tx) error { return errUser }))
}

// Two that take the same variables in opposite order, with nothing else: none waits for the other forever.
func TestProgressWithoutDeadlock(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	n := rounds(5000)
	crowd(t, 2, func(g int) {
		for range n {
			mustAtomically(o, func(tx *stm.Tx) { write(tx, v[g]); runtime.Gosched(); write(tx, v[1-g]) })
		}
	})
	assert.Equal(t, 2*n, v[0].Load())
	assert.Equal(t, 2*n, v[1].Load())
}
