package stm_test

import (
	"context"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A sleeper is a transaction that waits on another goroutine, and how often its function has been called.
type sleeper struct {
	runs  atomic.Int64
	ended chan error
}

func sleep(ctx context.Context, o *stm.Owner, fn func(tx *stm.Tx) error) *sleeper {
	s := &sleeper{ended: make(chan error, 1)}
	go func() {
		s.ended <- o.Atomically(ctx, func(tx *stm.Tx) error {
			s.runs.Add(1)
			return fn(tx)
		})
	}()
	return s
}

// until makes a function that waits for all variables to be positive, reading each.
func until(vars ...*tvar.TVar[int]) func(tx *stm.Tx) error {
	return func(tx *stm.Tx) error {
		ready := true
		for _, v := range vars {
			ready = v.Get(tx) > 0 && ready
		}
		tx.Check(ready)
		return nil
	}
}

// changes are ways to change a variable, and wakes says whether that is a change.
var changes = []struct {
	name  string
	do    func(o *stm.Owner, x *tvar.TVar[int])
	wakes bool
}{
	{"Store", func(_ *stm.Owner, x *tvar.TVar[int]) { x.Store(-1) }, true},
	{"Store of the same value", func(_ *stm.Owner, x *tvar.TVar[int]) { x.Store(x.Load()) }, true},
	{"Update", func(_ *stm.Owner, x *tvar.TVar[int]) { x.Update(func(int) int { return -1 }) }, true},
	{"Set", func(o *stm.Owner, x *tvar.TVar[int]) { mustAtomically(o, func(tx *stm.Tx) { x.Set(tx, -1) }) }, true},
	{"Commute", func(o *stm.Owner, x *tvar.TVar[int]) {
		mustAtomically(o, func(tx *stm.Tx) { x.Commute(tx, func(int) int { return -1 }) })
	}, true},
	{"Try", func(o *stm.Owner, x *tvar.TVar[int]) { _ = o.Try(func(tx *stm.Tx) error { x.Set(tx, -1); return nil }) }, true},
	{"Irrevocably", func(o *stm.Owner, x *tvar.TVar[int]) {
		_ = o.Irrevocably(background, func(tx *stm.Tx) error { x.Set(tx, -1); return nil })
	}, true},
	{"Checkout", func(o *stm.Owner, x *tvar.TVar[int]) {
		_ = checkout(o, func(tx *stm.Tx) error { x.Set(tx, -1); return nil })
	}, true},
	{"Load", func(_ *stm.Owner, x *tvar.TVar[int]) { x.Load(); x.LoadToken() }, false},
	{"Get", func(o *stm.Owner, x *tvar.TVar[int]) { mustAtomically(o, func(tx *stm.Tx) { x.Get(tx) }) }, false},
	{"error", func(o *stm.Owner, x *tvar.TVar[int]) {
		_ = o.Atomically(background, func(tx *stm.Tx) error { x.Set(tx, -1); return errUser })
	}, false},
	{"panic", func(o *stm.Owner, x *tvar.TVar[int]) {
		defer func() { _ = recover() }()
		_ = o.Atomically(background, func(tx *stm.Tx) error { x.Set(tx, -1); panic(value) })
	}, false},
	{"Nested undone", func(o *stm.Owner, x *tvar.TVar[int]) {
		mustAtomically(o, func(tx *stm.Tx) {
			_ = tx.Nested(func(tx *stm.Tx) error { x.Set(tx, -1); return errUser })
		})
	}, false},
	{"alternative undone", func(o *stm.Owner, x *tvar.TVar[int]) {
		mustAtomically(o, func(tx *stm.Tx) {
			_ = tx.OrElse(
				func(tx *stm.Tx) error { x.Set(tx, -1); tx.Retry(); return nil },
				func(tx *stm.Tx) error { return nil })
		})
	}, false},
	{"Discard", func(o *stm.Owner, x *tvar.TVar[int]) { tx := o.Checkout(); x.Set(tx, -1); tx.Discard() }, false},
	{"clash", func(o *stm.Owner, x *tvar.TVar[int]) {
		y := tvar.New(0, tvar.In(o))
		_ = checkout(o, func(tx *stm.Tx) error { y.Set(tx, 1); x.Set(tx, -1); y.Store(2); return nil })
	}, false},
}

// A waiter runs again after a change of what it has read, once per change, and after nothing else.
func TestWaitingIsExact(t *testing.T) {
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := stm.NewOwner()
				v := ints(o, 3, 0)
				s := sleep(background, o, until(v[0], v[1]))
				synctest.Wait()
				want := int64(1)
				for i, x := range v {
					c.do(o, x)
					synctest.Wait()
					if c.wakes && i < 2 {
						want++
					}
					assert.Equal(t, want, s.runs.Load(), "executions after %s of variable %d of 0, 1", c.name, i)
				}
				v[0].Store(1)
				v[1].Store(1)
				assert.NoError(t, <-s.ended)
			})
		})
	}
}

// A thousand other variables change, and so do some beside it in one commit.
func TestWaitersAreNotWokenByUnrelatedChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x, others := tvar.New(0, tvar.In(o)), ints(o, 1000, 0)
		s := sleep(background, o, until(x))
		synctest.Wait()
		for _, v := range others {
			v.Store(1)
		}
		mustAtomically(o, func(tx *stm.Tx) {
			x.Get(tx)
			for _, v := range others {
				write(tx, v)
			}
		})
		synctest.Wait()
		assert.EqualValues(t, 1, s.runs.Load())
		x.Store(1)
		assert.NoError(t, <-s.ended)
		assert.EqualValues(t, 2, s.runs.Load())
	})
}

// What was only written is not waited for.
func TestWaitersAreNotWokenByWhatTheyOnlyWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		v := ints(o, 3, 0)
		s := sleep(background, o, func(tx *stm.Tx) error {
			v[1].Set(tx, 7)
			v[2].Commute(tx, func(n int) int { return n + 7 })
			tx.Check(v[0].Get(tx) > 0)
			return nil
		})
		synctest.Wait()
		v[1].Store(1)
		v[2].Store(1)
		synctest.Wait()
		assert.EqualValues(t, 1, s.runs.Load())
		v[0].Store(1)
		assert.NoError(t, <-s.ended)
		assert.Equal(t, []int{7, 8}, []int{v[1].Load(), v[2].Load()})
	})
}

// A Set to what Equal calls equal is no change, and wakes nobody.
func TestWaitersAreNotWokenByEqualValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o), tvar.Equal(func(a, b int) bool { return a%10 == b%10 }))
		s := sleep(background, o, until(x))
		synctest.Wait()
		at := version(x)
		mustAtomically(o, func(tx *stm.Tx) { x.Set(tx, 10) })
		synctest.Wait()
		assert.EqualValues(t, 1, s.runs.Load())
		assert.Equal(t, at, version(x))
		assert.Zero(t, x.Load())
		mustAtomically(o, func(tx *stm.Tx) { x.Set(tx, 11) })
		assert.NoError(t, <-s.ended)
		assert.Equal(t, 11, x.Load())
	})
}

// A Set of a variable with Equal has compared, and so it has read.
func TestWaitersOnAVariableWithEqualHaveReadIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o), tvar.Equal(func(a, b int) bool { return a == b }))
		y := tvar.New(0, tvar.In(o))
		s := sleep(background, o, func(tx *stm.Tx) error {
			x.Set(tx, 5)
			tx.Check(y.Get(tx) > 0)
			return nil
		})
		synctest.Wait()
		x.Store(6)
		synctest.Wait()
		assert.EqualValues(t, 2, s.runs.Load())
		y.Store(1)
		assert.NoError(t, <-s.ended)
	})
}

// Changes that were made before Retry are as if they had never been.
func TestWriteThenRetryLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		v := ints(o, 2, 0)
		ctx, cancel := context.WithCancel(background)
		before := look(v...)
		s := sleep(ctx, o, func(tx *stm.Tx) error {
			v[0].Set(tx, v[0].Get(tx)+1)
			v[1].Set(tx, 1)
			tx.Retry()
			return nil
		})
		synctest.Wait()
		assert.Equal(t, before, look(v...))
		cancel()
		assert.Equal(t, context.Canceled, <-s.ended)
		assert.Equal(t, before, look(v...))
		healthy(t, o, v...)
	})
}

func TestContextsEndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		late, cancel := context.WithTimeout(background, patience)
		defer cancel()
		s := sleep(late, o, until(x))
		assert.Equal(t, context.DeadlineExceeded, <-s.ended)
		assert.EqualValues(t, 1, s.runs.Load())
		_, err := stm.DoIn(late, o, func(*stm.Tx) (int, error) { return 1, nil })
		assert.Equal(t, context.DeadlineExceeded, err)
		healthy(t, o, x)
	})
}

// With nothing read there is nothing to wait for.
func TestRetryHavingReadNothingIsToldAtOnce(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	for name, fn := range map[string]func(tx *stm.Tx) error{
		"nothing": func(tx *stm.Tx) error { tx.Retry(); return nil },
		"written": func(tx *stm.Tx) error { x.Set(tx, 1); tx.Retry(); return nil },
		"commute": func(tx *stm.Tx) error { x.Commute(tx, func(n int) int { return n + 1 }); tx.Retry(); return nil },
		"alternatives": func(tx *stm.Tx) error {
			return tx.OrElse(
				func(tx *stm.Tx) error { tx.Retry(); return nil },
				func(tx *stm.Tx) error { x.Set(tx, 1); tx.Check(false); return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			forms := []form{formAtomically, formDo, formIrrevocably}
			if name == "nothing" {
				forms = append(forms, formView)
			}
			for _, f := range forms {
				soon(t, f.name, func() { assert.ErrorIs(t, f.run(o, fn), stm.ErrBlockedForever, f.name) })
			}
			assert.Zero(t, x.Load())
		})
	}
	healthy(t, o, x)
}

// Two play a ball to each other by Retry: a wake-up that is lost ends the game.
func TestNoWakeUpIsLost(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	ball := tvar.New(0, tvar.In(o))
	n := rounds(20_000)
	crowd(t, 2, func(g int) {
		for range n {
			mustAtomically(o, func(tx *stm.Tx) {
				at := ball.Get(tx)
				tx.Check(at%2 == g)
				ball.Set(tx, at+1)
			})
		}
	})
	assert.Equal(t, 2*n, ball.Load())
}

// Producers and consumers on several cells, with every way to write, wake each other to the end.
func TestNoWakeUpIsLostInACrowd(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	slots := ints(o, 3, 0)
	n := rounds(3000)
	var taken atomic.Int64
	crowd(t, 8, func(g int) {
		for i := range n {
			if g%2 == 0 {
				put(o, slots, i)
				continue
			}
			mustAtomically(o, func(tx *stm.Tx) {
				for _, s := range slots {
					if full := s.Get(tx); full > 0 {
						s.Set(tx, full-1)
						return
					}
				}
				tx.Retry()
			})
			taken.Add(1)
		}
	})
	assert.EqualValues(t, 4*n, taken.Load())
}

func put(o *stm.Owner, slots []*tvar.TVar[int], i int) {
	s := slots[i%len(slots)]
	plus := func(n int) int { return n + 1 }
	switch i % 4 {
	case 0:
		s.Update(plus)
	case 1:
		mustAtomically(o, func(tx *stm.Tx) { s.Commute(tx, plus) })
	case 2:
		mustAtomically(o, func(tx *stm.Tx) { tx.Check(s.Get(tx) < 10); s.Modify(tx, plus) })
	default:
		_ = formHeld.run(o, func(tx *stm.Tx) error { s.Commute(tx, plus); return nil })
	}
}

// One change wakes everybody who has read it.
func TestAHerdIsWokenByOneChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		herd := make([]*sleeper, 1000)
		for i := range herd {
			herd[i] = sleep(background, o, until(x))
		}
		synctest.Wait()
		x.Store(1)
		for _, s := range herd {
			require.NoError(t, <-s.ended)
			require.EqualValues(t, 2, s.runs.Load())
		}
	})
}

// A hundred thousand wait at once, each for its own variable: each is woken by its own change and no other.
func TestAHundredThousandWaiters(t *testing.T) {
	n := 100_000
	if raced() {
		n = 6_000 // the race detector bears 8,128 goroutines
	}
	leaksNothing(t)
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		vars := ints(o, n, 0)
		sleepers := make([]*sleeper, n)
		for i, v := range vars {
			sleepers[i] = sleep(background, o, until(v))
		}
		for part := range 2 {
			synctest.Wait()
			for i, s := range sleepers {
				want := int64(1)
				if i%2 < part {
					want = 2
				}
				require.Equal(t, want, s.runs.Load(), "executions of waiter %d", i)
			}
			for i, v := range vars {
				if i%2 == part {
					v.Store(1)
				}
			}
		}
		for i, s := range sleepers {
			require.NoError(t, <-s.ended)
			require.EqualValues(t, 2, s.runs.Load(), "executions of waiter %d", i)
		}
	})
}

// A waiter that has been woken and runs for long holds up no other waiter.
func TestAWaiterIsNotDelayedByAnothersRunningBody(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	running, release := make(chan struct{}), make(chan struct{})
	asked := make(chan struct{}, 2)
	slow := sleep(background, o, func(tx *stm.Tx) error {
		if v[0].Get(tx) > 0 {
			close(running)
			<-release
			return nil
		}
		asked <- struct{}{}
		tx.Retry()
		return nil
	})
	<-asked
	quick := sleep(background, o, func(tx *stm.Tx) error {
		if v[0].Get(tx) == 0 {
			asked <- struct{}{}
			tx.Retry()
		}
		v[1].Set(tx, 1)
		return nil
	})
	<-asked
	v[0].Store(1)
	arrives(t, "the slow one's second run", running)
	assert.NoError(t, arrives(t, "the quick one", quick.ended))
	close(release)
	assert.NoError(t, arrives(t, "the slow one", slow.ended))
}

// asking makes a function that waits for x to be positive and then writes it, and that tells when it has asked.
func asking(x *tvar.TVar[int], asked chan struct{}) func(tx *stm.Tx) error {
	return func(tx *stm.Tx) error {
		if x.Get(tx) <= 0 {
			select {
			case asked <- struct{}{}:
			default:
			}
			tx.Retry()
		}
		write(tx, x)
		return nil
	}
}

// A writer that has not committed yet holds up no waiter.
func TestAWaiterIsNotDelayedByAnUncommittedWriter(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	asked := make(chan struct{}, 1)
	waiter := sleep(background, o, asking(x, asked))
	<-asked
	mustAtomically(o, func(tx *stm.Tx) {
		write(tx, x)
		if tx.Attempt() == 1 {
			x.Store(1)
			assert.NoError(t, arrives(t, "the waiter", waiter.ended))
		}
	})
	assert.Equal(t, 3, x.Load())
}

// A writer that has lost once and runs again, on the same variable, holds up no waiter either.
func TestAWaiterIsNotDelayedByALoser(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	asked := make(chan struct{}, 1)
	mustAtomically(o, func(tx *stm.Tx) {
		write(tx, x)
		switch tx.Attempt() {
		case 1:
			x.Store(0)
		case 2:
			waiter := sleep(background, o, asking(x, asked))
			<-asked
			x.Store(1)
			assert.NoError(t, arrives(t, "the waiter", waiter.ended))
		}
	})
	assert.Equal(t, 3, x.Load())
}

// No user function runs while anything is locked: from each, others read and write all that the caller writes.
func TestNoUserFunctionRunsUnderALock(t *testing.T) {
	var inside func()
	call := func() {
		if fn := inside; fn != nil {
			inside = nil // once: what it changes may make the function run again
			elsewhere(fn)
		}
	}
	places := map[string]func(o *stm.Owner, tx *stm.Tx, x *tvar.TVar[int], e *tvar.TVar[int], c *tvar.TVar[[]int]){
		"Modify": func(_ *stm.Owner, tx *stm.Tx, x, _ *tvar.TVar[int], _ *tvar.TVar[[]int]) {
			x.Modify(tx, func(n int) int { call(); return n + 1 })
		},
		"Commute": func(_ *stm.Owner, tx *stm.Tx, x, e *tvar.TVar[int], _ *tvar.TVar[[]int]) {
			e.Set(tx, 7)
			x.Commute(tx, func(n int) int { call(); return n + 1 })
		},
		"Commute of boxed": func(_ *stm.Owner, tx *stm.Tx, x, _ *tvar.TVar[int], c *tvar.TVar[[]int]) {
			x.Set(tx, 7)
			c.Commute(tx, func(l []int) []int { call(); return append(l, 1) })
		},
		"Equal": func(_ *stm.Owner, tx *stm.Tx, x, e *tvar.TVar[int], _ *tvar.TVar[[]int]) {
			x.Set(tx, 7)
			e.Set(tx, 7)
		},
		"Clone": func(_ *stm.Owner, tx *stm.Tx, x, _ *tvar.TVar[int], c *tvar.TVar[[]int]) {
			x.Set(tx, 7)
			c.Set(tx, append(c.Get(tx), 7))
		},
		"OnCommit": func(_ *stm.Owner, tx *stm.Tx, x, _ *tvar.TVar[int], c *tvar.TVar[[]int]) {
			x.Set(tx, 7)
			tx.OnCommit(call)
		},
		"OnAbort": func(_ *stm.Owner, tx *stm.Tx, x, _ *tvar.TVar[int], c *tvar.TVar[[]int]) {
			if tx.Attempt() == 1 {
				tx.OnAbort(call)
				x.Set(tx, x.Get(tx))
				elsewhere(func() { x.Store(1) })
			}
		},
	}
	for name, body := range places {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(0, tvar.In(o))
			e := tvar.New(0, tvar.In(o), tvar.Equal(func(a, b int) bool { call(); return a == b }))
			c := tvar.New([]int(nil), tvar.In(o), tvar.Clone(func(l []int) []int { call(); return append([]int(nil), l...) }))
			called := false
			inside = func() {
				called = true
				x.Store(x.Load() + 1)
				e.Store(e.Load() + 1)
				c.Store(c.Load())
				mustAtomically(o, func(tx *stm.Tx) { write(tx, x); write(tx, e); c.Set(tx, c.Get(tx)) })
			}
			soon(t, name, func() {
				mustAtomically(o, func(tx *stm.Tx) { body(o, tx, x, e, c) })
			})
			assert.True(t, called)
			inside = nil
			healthy(t, o, x, e)
		})
	}
	t.Run("Update", func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		inside = func() { x.Store(10) }
		soon(t, "Update", func() { assert.Equal(t, 11, x.Update(func(n int) int { call(); return n + 1 })) })
		healthy(t, o, x)
	})
}

// Nothing is started to wake anybody.
func TestNoGoroutineIsStartedPerWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		s := sleep(background, o, until(x))
		synctest.Wait()
		const writes = 1000
		before := started()
		for range writes {
			x.Store(-1)
		}
		assert.Less(t, started()-before, uint64(writes/2), "the runtime starts some for the garbage collector")
		x.Store(1)
		assert.NoError(t, <-s.ended)
	})
}

// started is how many goroutines were started so far.
func started() uint64 {
	sample := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// The default owner outlives every bubble, and what it waits with in one must not appear in the next.
func TestWaitingInOneBubbleAfterAnother(t *testing.T) {
	x := tvar.New(0)
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			x.Store(0)
			s := sleep(background, stm.Default(), until(x))
			synctest.Wait()
			x.Store(1)
			assert.NoError(t, <-s.ended)
		})
	}
	x.Store(0)
	asked := make(chan struct{}, 2)
	s := sleep(background, stm.Default(), func(tx *stm.Tx) error { asked <- struct{}{}; return until(x)(tx) })
	<-asked
	x.Store(1)
	assert.NoError(t, arrives(t, "the waiter outside", s.ended))
}
