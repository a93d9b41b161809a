package stm_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A scene is an owner with variables of all kinds, whose user functions fail when they are told to.
type scene struct {
	o       *stm.Owner
	x, y    *tvar.TVar[int]
	cloned  *tvar.TVar[[]int]
	equal   *tvar.TVar[int]
	clone   func() // nil, or called by the Clone function
	compare func() // nil, or called by the Equal function
	ctx     context.Context
	cancel  context.CancelFunc
}

func newScene() *scene {
	s := &scene{o: stm.NewOwner()}
	s.x, s.y = tvar.New(1, tvar.In(s.o)), tvar.New(2, tvar.In(s.o))
	s.cloned = tvar.New([]int{3}, tvar.In(s.o), tvar.Clone(func(l []int) []int {
		if s.clone != nil {
			s.clone()
		}
		return slices.Clone(l)
	}))
	s.equal = tvar.New(4, tvar.In(s.o), tvar.Equal(func(a, b int) bool {
		if s.compare != nil {
			s.compare()
		}
		return a == b
	}))
	s.ctx, s.cancel = context.WithCancel(background)
	return s
}

// look is the state of all variables.
func (s *scene) look() (all []any) {
	for _, v := range look(s.x, s.y, s.equal) {
		all = append(all, v)
	}
	list, at := s.cloned.LoadToken()
	return append(all, list, at)
}

// An exit is a way in which user code may end. It is told to the scene by name.
type exit struct {
	name    string
	leave   func(s *scene)
	panics  any  // what must come out
	goexits bool // the goroutine ends
}

type boom struct{ why string }

var (
	value = &boom{"a value of the user's own"}
	exits = []exit{
		{name: "panic", leave: func(*scene) { panic(value) }, panics: value},
		{name: "panic with an error of the library's", leave: func(*scene) { panic(stm.ErrClash) }, panics: stm.ErrClash},
		{name: "runtime error", leave: func(s *scene) { var none []int; _ = none[s.o.Stats().Waits] }},
		{name: "Goexit", leave: func(*scene) { runtime.Goexit() }, goexits: true},
		{name: "cancel", leave: func(s *scene) { s.cancel() }},
	}
)

// An ending is how a call ended on its goroutine.
type ending struct {
	err      error
	panicked any
	returned bool
}

// watch runs fn on a goroutine of its own and tells how that ended.
func watch(fn func() error) (e ending) {
	elsewhere(func() {
		defer func() {
			if !e.returned {
				e.panicked = recover()
			}
		}()
		e.err = fn()
		e.returned = true
	})
	return e
}

// A place is where in a transaction function user code can run; each calls leave exactly there.
type place struct {
	name string
	body func(s *scene, tx *stm.Tx, leave func()) error
}

// places are entered with x written and y read.
var places = []place{
	{"body", func(_ *scene, _ *stm.Tx, leave func()) error { leave(); return nil }},
	{"Nested", func(s *scene, tx *stm.Tx, leave func()) error {
		return tx.Nested(func(tx *stm.Tx) error { s.y.Set(tx, 50); leave(); return nil })
	}},
	{"Nested in Nested", func(s *scene, tx *stm.Tx, leave func()) error {
		return tx.Nested(func(tx *stm.Tx) error {
			return tx.Nested(func(tx *stm.Tx) error { s.x.Set(tx, 50); leave(); return nil })
		})
	}},
	{"first alternative", func(s *scene, tx *stm.Tx, leave func()) error {
		return tx.OrElse(
			func(tx *stm.Tx) error { s.y.Set(tx, 50); leave(); return nil },
			func(*stm.Tx) error { return nil })
	}},
	{"Modify", func(s *scene, tx *stm.Tx, leave func()) error {
		s.y.Modify(tx, func(n int) int { leave(); return n + 1 })
		return nil
	}},
	{"Commute", func(s *scene, tx *stm.Tx, leave func()) error {
		s.y.Commute(tx, func(n int) int { leave(); return n + 1 })
		return nil
	}},
	{"Commute of what was written", func(s *scene, tx *stm.Tx, leave func()) error {
		s.x.Commute(tx, func(n int) int { leave(); return n + 1 })
		return nil
	}},
	{"Get after Commute", func(s *scene, tx *stm.Tx, leave func()) error {
		s.y.Commute(tx, func(n int) int { leave(); return n + 1 })
		s.y.Get(tx)
		return nil
	}},
	{"Equal in Set", func(s *scene, tx *stm.Tx, leave func()) error {
		s.compare = leave
		s.equal.Set(tx, 50)
		return nil
	}},
	{"Equal in Modify", func(s *scene, tx *stm.Tx, leave func()) error {
		s.compare = leave
		s.equal.Modify(tx, func(n int) int { return n + 1 })
		return nil
	}},
	{"Clone in Get", func(s *scene, tx *stm.Tx, leave func()) error {
		s.clone = leave
		s.cloned.Get(tx)
		return nil
	}},
	{"Clone in Set", func(s *scene, tx *stm.Tx, leave func()) error {
		s.clone = leave
		s.cloned.Set(tx, []int{50})
		return nil
	}},
	{"Clone in Commute", func(s *scene, tx *stm.Tx, leave func()) error {
		s.cloned.Commute(tx, func(l []int) []int { return append(l, 50) })
		s.clone = leave
		return nil
	}},
}

// placesOfRetry need a function that can run again, which a checkout has not.
var placesOfRetry = []place{
	{"second alternative", func(s *scene, tx *stm.Tx, leave func()) error {
		return tx.OrElse(
			func(tx *stm.Tx) error { s.y.Set(tx, 40); s.y.Get(tx); tx.Retry(); return nil },
			func(tx *stm.Tx) error { s.y.Set(tx, 50); leave(); return nil })
	}},
	{"deferred while Retry unwinds", func(s *scene, tx *stm.Tx, leave func()) error {
		defer leave()
		tx.Retry()
		return nil
	}},
}

// formsOf are the ways to run fn in the scene once, under its context where there is one.
func (s *scene) formsOf(held bool) map[string]func(fn func(*stm.Tx) error) error {
	forms := map[string]func(fn func(*stm.Tx) error) error{
		"Atomically":  func(fn func(*stm.Tx) error) error { return s.o.Atomically(s.ctx, fn) },
		"Irrevocably": func(fn func(*stm.Tx) error) error { return s.o.Irrevocably(s.ctx, fn) },
		"Try":         s.o.Try,
		"DoIn": func(fn func(*stm.Tx) error) error {
			_, err := stm.DoIn(s.ctx, s.o, func(tx *stm.Tx) (int, error) { return 0, fn(tx) })
			return err
		},
	}
	if held {
		forms["Checkout"] = func(fn func(*stm.Tx) error) error { return checkout(s.o, fn) }
	}
	return forms
}

func TestAllOrNothing(t *testing.T) {
	for _, e := range exits {
		for i, p := range append(places, placesOfRetry...) {
			for name := range newScene().formsOf(i < len(places)) {
				t.Run(e.name+"/"+p.name+"/"+name, func(t *testing.T) {
					allOrNothing(t, e, func(s *scene) error {
						return s.formsOf(true)[name](func(tx *stm.Tx) error {
							s.x.Set(tx, s.y.Get(tx)+100)
							return p.body(s, tx, func() { e.leave(s) })
						})
					})
				})
			}
		}
	}
}

func TestAllOrNothingOfSingleOperations(t *testing.T) {
	operations := map[string]func(s *scene, leave func()){
		"Update":          func(s *scene, leave func()) { s.x.Update(func(n int) int { leave(); return n + 1 }) },
		"Update of boxed": func(s *scene, leave func()) { s.cloned.Update(func(l []int) []int { leave(); return append(l, 1) }) },
		"Clone in Update": func(s *scene, leave func()) {
			s.clone = leave
			s.cloned.Update(func(l []int) []int { return append(l, 1) })
		},
		"Clone in Store":  func(s *scene, leave func()) { s.clone = leave; s.cloned.Store([]int{50}) },
		"Clone in Load":   func(s *scene, leave func()) { s.clone = leave; s.cloned.Load() },
		"Equal in Update": func(s *scene, leave func()) { s.compare = leave; s.equal.Update(func(n int) int { return n + 1 }) },
		"Equal in Store":  func(s *scene, leave func()) { s.compare = leave; s.equal.Store(50) },
	}
	for _, e := range exits {
		if e.name == "cancel" {
			continue // they take no context
		}
		for name, run := range operations {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				allOrNothing(t, e, func(s *scene) error {
					called := false
					run(s, func() { called = true; e.leave(s) })
					if !called {
						return errNotCalled
					}
					return nil
				})
			})
		}
	}
}

// errNotCalled: an operation may do without the user function, and then it is done.
var errNotCalled = errors.New("the user function was not called")

// allOrNothing checks what is left after user code has ended in run.
func allOrNothing(t *testing.T, e exit, run func(s *scene) error) {
	leaksNothing(t)
	s := newScene()
	defer s.cancel()
	before := s.look()
	var end ending
	soon(t, "the transaction", func() { end = watch(func() error { return run(s) }) })
	s.clone, s.compare = nil, nil
	switch {
	case errors.Is(end.err, errNotCalled):
		return
	case e.name == "cancel":
		cancelled(t, s, end, before)
	case e.goexits:
		assert.False(t, end.returned)
		assert.Nil(t, end.panicked)
	case e.panics != nil:
		assert.Equal(t, e.panics, end.panicked)
	default:
		assert.Implements(t, (*runtime.Error)(nil), end.panicked)
	}
	if e.name != "cancel" {
		assert.Equal(t, before, s.look())
	}
	healthy(t, s.o, s.x, s.y, s.equal)
}

// cancelled checks that the error tells whether the transaction has committed.
func cancelled(t *testing.T, s *scene, end ending, before []any) {
	require.True(t, end.returned)
	if end.err == nil {
		assert.NotEqual(t, before, s.look(), "has it committed?")
		return
	}
	if !errors.Is(end.err, stm.ErrRetry) { // Try may say that
		assert.ErrorIs(t, end.err, context.Canceled)
	}
	assert.Equal(t, before, s.look(), "it is reported as cancelled")
}

// An error comes back as it is, and leaves nothing.
func TestAllOrNothingAfterAnError(t *testing.T) {
	for _, p := range append(places, placesOfRetry[0]) {
		for name := range newScene().formsOf(p.name != placesOfRetry[0].name) {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				leaksNothing(t)
				s := newScene()
				defer s.cancel()
				before := s.look()
				err := s.formsOf(true)[name](func(tx *stm.Tx) error {
					s.x.Set(tx, s.y.Get(tx)+100)
					require.NoError(t, p.body(s, tx, func() {}))
					return errUser
				})
				s.clone, s.compare = nil, nil
				assert.Same(t, errUser, err)
				assert.Equal(t, before, s.look())
				healthy(t, s.o, s.x, s.y, s.equal)
			})
		}
	}
}

// Views have nothing to undo, but they may hold a pin.
func TestAllOrNothingOfAView(t *testing.T) {
	for _, pinned := range []bool{false, true} {
		for _, e := range exits {
			t.Run(e.name, func(t *testing.T) {
				leaksNothing(t)
				s := newScene()
				var end ending
				soon(t, "the view", func() {
					end = watch(func() error {
						return s.o.View(s.ctx, func(tx *stm.Tx) error {
							s.x.Get(tx)
							if pinned {
								elsewhere(func() { mustAtomically(s.o, func(tx *stm.Tx) { write(tx, s.x); write(tx, s.y) }) })
							}
							s.y.Get(tx)
							e.leave(s)
							return nil
						})
					})
				})
				if e.panics != nil {
					assert.Equal(t, e.panics, end.panicked)
				}
				assert.Equal(t, e.name == "cancel", end.returned)
				healthy(t, s.o, s.x, s.y, s.equal)
			})
		}
	}
}

// Hooks are user code as well: after the commit they cannot undo it, after an abort there is nothing to undo.
func TestAllOrNothingWhenAHookFails(t *testing.T) {
	hooks := []struct {
		name   string
		add    func(tx *stm.Tx, fn func())
		commit bool
	}{
		{"OnCommit", func(tx *stm.Tx, fn func()) { tx.OnCommit(fn) }, true},
		{"OnCommitToken", func(tx *stm.Tx, fn func()) { tx.OnCommitToken(func(token.Token) { fn() }) }, true},
		{"OnAbort", func(tx *stm.Tx, fn func()) { tx.OnAbort(fn) }, false},
	}
	for _, e := range exits {
		for _, h := range hooks {
			for name := range newScene().formsOf(true) {
				t.Run(e.name+"/"+h.name+"/"+name, func(t *testing.T) {
					leaksNothing(t)
					s := newScene()
					defer s.cancel()
					var result error
					if !h.commit {
						result = errUser
					}
					var end ending
					soon(t, "the transaction", func() {
						end = watch(func() error {
							return s.formsOf(true)[name](func(tx *stm.Tx) error {
								s.x.Set(tx, s.y.Get(tx)+100)
								h.add(tx, func() { e.leave(s) })
								return result
							})
						})
					})
					if e.name == "cancel" {
						assert.Equal(t, ending{err: result, returned: true}, end)
					} else {
						assert.False(t, end.returned)
					}
					if e.panics != nil {
						assert.Equal(t, e.panics, end.panicked)
					}
					if h.commit {
						assert.Equal(t, 102, s.x.Load(), "the commit stands")
					} else {
						assert.Equal(t, 1, s.x.Load())
					}
					healthy(t, s.o, s.x, s.y, s.equal)
				})
			}
		}
	}
}

// A doomed attempt that recovers from being stopped goes on with what it has, and must not commit.
func TestRecoverCannotCommitADoomedAttempt(t *testing.T) {
	for _, f := range optimistic {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 3, 0)
			runs := 0
			err := f.run(o, func(tx *stm.Tx) error {
				runs++
				a, b := v[0].Get(tx), -1
				if runs == 1 {
					elsewhere(func() { mustAtomically(o, func(tx *stm.Tx) { write(tx, v[0]); write(tx, v[1]) }) })
				}
				func() {
					defer func() { _ = recover() }()
					b = v[1].Get(tx)
				}()
				func() {
					defer func() { _ = recover() }()
					v[2].Set(tx, 100+10*a+b)
				}()
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, 111, v[2].Load(), "what a whole attempt computes")
			healthy(t, o, v...)
		})
	}
}

// Recovering from Retry does not help either: the attempt waits for a change.
func TestRecoverCannotCommitAnAttemptThatRetries(t *testing.T) {
	for name, retry := range map[string]func(tx *stm.Tx){
		"Retry": func(tx *stm.Tx) { tx.Retry() },
		"Check": func(tx *stm.Tx) { tx.Check(false) },
		"OrElse": func(tx *stm.Tx) {
			_ = tx.OrElse(func(tx *stm.Tx) error { tx.Retry(); return nil })
		},
		"Nested": func(tx *stm.Tx) {
			_ = tx.Nested(func(tx *stm.Tx) error { tx.Retry(); return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := stm.NewOwner()
				v := ints(o, 2, 0)
				runs := 0
				done := start(func() {
					mustAtomically(o, func(tx *stm.Tx) {
						runs++
						defer func() { _ = recover() }()
						defer v[1].Set(tx, runs)
						if v[0].Get(tx) == 0 {
							retry(tx)
						}
					})
				})
				synctest.Wait()
				assert.Zero(t, v[1].Load(), "committed though it retried")
				assert.Equal(t, 1, runs)
				v[0].Store(1)
				<-done
				assert.Equal(t, 2, v[1].Load())
			})
		})
	}
}

// An alternative that recovers from its own Retry has still retried: its changes are not kept.
func TestRecoverCannotKeepWhatAnAlternativeWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		v := ints(o, 3, 0)
		ctx, cancel := context.WithCancel(background)
		done := start(func() {
			_ = o.Atomically(ctx, func(tx *stm.Tx) error {
				return tx.OrElse(func(tx *stm.Tx) error {
					defer func() { _ = recover() }()
					v[0].Get(tx)
					v[1].Set(tx, 1)
					tx.Retry()
					return nil
				}, func(tx *stm.Tx) error {
					v[2].Set(tx, 1)
					return nil
				})
			})
		})
		synctest.Wait()
		cancel()
		<-done
		assert.Zero(t, v[1].Load())
		healthy(t, o, v...)
	})
}

// The context ends a run of clashes.
func TestACancelledContextEndsARunOfClashes(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	ctx, cancel := context.WithCancel(background)
	runs := 0
	var err error
	soon(t, "the run of clashes", func() {
		err = o.Atomically(ctx, func(tx *stm.Tx) error {
			runs++
			v[0].Get(tx)
			v[1].Set(tx, 1)
			if runs == 3 {
				cancel()
			}
			if runs <= stm.MaxClashes {
				elsewhere(func() { v[0].Store(runs) })
			}
			return nil
		})
	})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, v[1].Load())
	healthy(t, o, v...)
}

// Whether it is reported as cancelled and whether it has committed are the same question.
func TestACommittedTransactionIsNeverReportedAsCancelled(t *testing.T) {
	leaksNothing(t)
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	var committed, reported atomic.Int64
	crowd(t, 4, func(g int) {
		for i := range rounds(4000) {
			ctx, cancel := context.WithCancel(background)
			ready, ended := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(ended)
				<-ready
				for range i % 7 {
					runtime.Gosched()
				}
				cancel()
			}()
			runs := 0
			run := o.Atomically
			if i%16 == 0 {
				run = o.Irrevocably
			}
			err := run(ctx, func(tx *stm.Tx) error {
				if runs++; runs == 1 {
					close(ready)
				}
				write(tx, v[0])
				runtime.Gosched()
				write(tx, v[1])
				tx.OnCommit(func() { committed.Add(1) })
				return nil
			})
			if runs == 0 {
				close(ready)
			}
			<-ended
			if err == nil {
				reported.Add(1)
			} else {
				assert.ErrorIs(t, err, context.Canceled)
			}
		}
	})
	assert.Equal(t, int(reported.Load()), v[0].Load(), "transactions said to have committed, and changes made")
	assert.Equal(t, v[0].Load(), v[1].Load())
	assert.Equal(t, reported.Load(), committed.Load())
}

// A context that has ended before: the function is not called.
func TestACancelledContextRunsNothing(t *testing.T) {
	o := stm.NewOwner()
	cancelled, cancel := context.WithCancel(background)
	cancel()
	late, cancel := context.WithDeadline(background, epoch)
	defer cancel()
	for _, ctx := range []context.Context{cancelled, late} {
		ran := func(*stm.Tx) error { t.Error("the function ran"); return nil }
		ranToo := func(*stm.Tx) (int, error) { t.Error("the function ran"); return 1, nil }
		assert.Equal(t, ctx.Err(), o.Atomically(ctx, ran))
		assert.Equal(t, ctx.Err(), o.View(ctx, ran))
		assert.Equal(t, ctx.Err(), o.Irrevocably(ctx, ran))
		assert.Equal(t, ctx.Err(), stm.Atomically(ctx, ran))
		assert.Equal(t, ctx.Err(), stm.View(ctx, ran))
		n, err := stm.Do(ctx, ranToo)
		assert.Equal(t, ctx.Err(), err)
		assert.Zero(t, n)
		_, err = stm.DoIn(ctx, o, ranToo)
		assert.Equal(t, ctx.Err(), err)
	}
	healthy(t, o, ints(o, 1, 0)...)
}

// What Do returns beside an error is its own function's value or nothing, and never half a result.
func TestDoReturnsWhatWasCommitted(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	runs := 0
	got, err := stm.DoIn(background, o, func(tx *stm.Tx) (int, error) {
		runs++
		n := x.Get(tx)
		if runs == 1 {
			elsewhere(func() { x.Store(7) })
		}
		x.Set(tx, n+1)
		return n, nil
	})
	require.NoError(t, err)
	assert.Equal(t, 7, got)
	assert.Equal(t, 8, x.Load())
}

// A wait that the context ends leaves no waiter: so many would be megabytes.
func TestAnEndedWaitLeavesNoWaiter(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	wait := func() {
		ctx, cancel := context.WithCancel(background)
		err := o.Atomically(ctx, func(tx *stm.Tx) error {
			x.Get(tx)
			cancel()
			tx.Retry()
			return nil
		})
		require.ErrorIs(t, err, context.Canceled)
	}
	wait()
	before := heap()
	for range 20_000 {
		wait()
	}
	assert.Less(t, heap()-before, int64(500_000), "bytes")
	healthy(t, o, x)
}

// Pins of checkouts and views keep old values, and ended ones keep none: so many would be megabytes.
func TestAnEndedSnapshotKeepsNoHistory(t *testing.T) {
	type page [1024]int
	ways := map[string]func(o *stm.Owner, read func(tx *stm.Tx), change func()){
		"Discard": func(o *stm.Owner, read func(tx *stm.Tx), change func()) {
			tx := o.Checkout()
			read(tx)
			change()
			tx.Discard()
		},
		"Commit": func(o *stm.Owner, read func(tx *stm.Tx), change func()) {
			tx := o.Checkout()
			read(tx)
			change()
			_, err := tx.Commit()
			require.NoError(t, err)
		},
		"View": func(o *stm.Owner, read func(tx *stm.Tx), change func()) {
			require.NoError(t, o.View(background, func(tx *stm.Tx) error { read(tx); elsewhere(change); read(tx); return nil }))
		},
		"View that panics": func(o *stm.Owner, read func(tx *stm.Tx), change func()) {
			defer func() { _ = recover() }()
			_ = o.View(background, func(tx *stm.Tx) error { read(tx); elsewhere(change); read(tx); panic(value) })
		},
	}
	for name, snapshot := range ways {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			x, y := tvar.New(page{}, tvar.In(o)), tvar.New(page{}, tvar.In(o))
			once := func() {
				snapshot(o,
					func(tx *stm.Tx) { x.Get(tx); y.Get(tx) },
					func() { x.Store(page{}); y.Store(page{}) })
			}
			once()
			before := heap()
			for range 300 {
				once()
			}
			assert.Less(t, heap()-before, int64(1_000_000), "bytes; all of them are 4 million")
			runtime.KeepAlive(x)
			runtime.KeepAlive(y)
		})
	}
}
