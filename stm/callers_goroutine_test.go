package stm_test

import (
	"bytes"
	"errors"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goroutine is the name of the goroutine that calls it, as it stands in its stack.
func goroutine() string {
	stack := make([]byte, 64)
	stack = stack[:runtime.Stack(stack, false)]
	return string(bytes.Fields(stack)[1])
}

// A call is a way to have one user function called. It gives that function what to do.
type call struct {
	name string
	make func(do func()) (run func() error)
}

// inside makes a call from a transaction function, under each of the forms.
func inside(name string, body func(o *stm.Owner, tx *stm.Tx, do func()) error) (all []call) {
	for _, f := range updates {
		all = append(all, call{f.name + "/" + name, func(do func()) func() error {
			o := stm.NewOwner()
			return func() error {
				return f.run(o, func(tx *stm.Tx) error { return body(o, tx, do) })
			}
		}})
	}
	return all
}

func calls() (all []call) {
	number := func(o *stm.Owner) *tvar.TVar[int] { return tvar.New(0, tvar.In(o)) }
	cloned := func(o *stm.Owner, do func()) *tvar.TVar[[]int] {
		first := true // New clones
		v := tvar.New([]int{1}, tvar.In(o), tvar.Clone(func(l []int) []int {
			if !first {
				do()
			}
			return append([]int(nil), l...)
		}))
		first = false
		return v
	}
	compared := func(o *stm.Owner, do func()) *tvar.TVar[int] {
		return tvar.New(0, tvar.In(o), tvar.Equal(func(a, b int) bool { do(); return a == b }))
	}
	all = append(all, inside("function", func(_ *stm.Owner, _ *stm.Tx, do func()) error { do(); return nil })...)
	all = append(all, inside("Nested", func(_ *stm.Owner, tx *stm.Tx, do func()) error {
		return tx.Nested(func(*stm.Tx) error { do(); return nil })
	})...)
	all = append(all, inside("OrElse", func(_ *stm.Owner, tx *stm.Tx, do func()) error {
		return tx.OrElse(func(*stm.Tx) error { do(); return nil })
	})...)
	all = append(all, inside("Modify", func(o *stm.Owner, tx *stm.Tx, do func()) error {
		number(o).Modify(tx, func(n int) int { do(); return n + 1 })
		return nil
	})...)
	all = append(all, inside("Commute", func(o *stm.Owner, tx *stm.Tx, do func()) error {
		number(o).Commute(tx, func(n int) int { do(); return n + 1 })
		return nil
	})...)
	all = append(all, inside("Equal", func(o *stm.Owner, tx *stm.Tx, do func()) error {
		compared(o, do).Set(tx, 1)
		return nil
	})...)
	all = append(all, inside("Clone", func(o *stm.Owner, tx *stm.Tx, do func()) error {
		cloned(o, do).Get(tx)
		return nil
	})...)
	all = append(all, inside("OnCommit", func(o *stm.Owner, tx *stm.Tx, do func()) error {
		number(o).Set(tx, 1)
		tx.OnCommit(do)
		return nil
	})...)
	all = append(all, inside("OnCommitToken", func(o *stm.Owner, tx *stm.Tx, do func()) error {
		number(o).Set(tx, 1)
		tx.OnCommitToken(func(token.Token) { do() })
		return nil
	})...)
	all = append(all, inside("OnAbort", func(_ *stm.Owner, tx *stm.Tx, do func()) error {
		tx.OnAbort(do)
		return errUser
	})...)
	single := func(name string, run func(o *stm.Owner, do func())) {
		all = append(all, call{name, func(do func()) func() error {
			return func() error { run(stm.NewOwner(), do); return nil }
		}})
	}
	single("View", func(o *stm.Owner, do func()) { _ = o.View(background, func(*stm.Tx) error { do(); return nil }) })
	single("Do", func(_ *stm.Owner, do func()) {
		_, _ = stm.Do(background, func(*stm.Tx) (int, error) { do(); return 0, nil })
	})
	single("Update", func(o *stm.Owner, do func()) { number(o).Update(func(n int) int { do(); return n + 1 }) })
	single("Clone in Load", func(o *stm.Owner, do func()) { cloned(o, do).Load() })
	single("Clone in Store", func(o *stm.Owner, do func()) { cloned(o, do).Store(nil) })
	return all
}

func TestUserCodeRunsOnTheCallersGoroutine(t *testing.T) {
	for _, c := range calls() {
		t.Run(c.name, func(t *testing.T) {
			here := goroutine()
			called := 0
			run := c.make(func() {
				called++
				assert.Equal(t, here, goroutine())
			})
			if err := run(); err != nil {
				assert.Same(t, errUser, err)
			}
			assert.Positive(t, called)
		})
	}
}

// explode is a function of the user's, to be found in the stack.
//
//go:noinline
func explode(value any) { panic(value) }

func TestPanicsSurfaceWithTheirOwnValueAndStack(t *testing.T) {
	thrown := errors.New("thrown")
	for _, c := range calls() {
		t.Run(c.name, func(t *testing.T) {
			run := c.make(func() { explode(thrown) })
			var stack []byte
			caught := func() (value any) {
				defer func() {
					value = recover()
					stack = debug.Stack()
				}()
				_ = run()
				return nil
			}()
			assert.Same(t, thrown, caught)
			assert.Contains(t, string(stack), "stm_test.explode", "where it was thrown")
		})
	}
}

// A nil panic is no way to end unnoticed.
func TestPanicsWithNilSurface(t *testing.T) {
	for _, c := range calls() {
		t.Run(c.name, func(t *testing.T) {
			run := c.make(func() { explode(nil) })
			var none *runtime.PanicNilError
			assert.IsType(t, none, panicked(func() { _ = run() }))
		})
	}
}

func panicked(fn func()) (value any) {
	defer func() { value = recover() }()
	fn()
	return nil
}

func TestGoexitEndsTheCallersGoroutine(t *testing.T) {
	for _, c := range calls() {
		t.Run(c.name, func(t *testing.T) {
			leaksNothing(t)
			run := c.make(runtime.Goexit)
			var end ending
			soon(t, c.name, func() { end = watch(run) })
			assert.Equal(t, ending{}, end, "it neither returns nor panics")
		})
	}
}

// Those that have run again after a wait or a clash do it on the same goroutine.
func TestEveryExecutionRunsOnTheCallersGoroutine(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	here := goroutine()
	mustAtomically(o, func(tx *stm.Tx) {
		require.Equal(t, here, goroutine())
		tx.OnAbort(func() { require.Equal(t, here, goroutine()) })
		tx.OnCommit(func() { require.Equal(t, here, goroutine()) })
		v[1].Set(tx, v[0].Get(tx))
		if n := tx.Attempt(); n <= 4 {
			elsewhere(func() { v[0].Store(n) })
			tx.Check(n%2 == 0)
		}
	})
	assert.Equal(t, 4, v[1].Load())
}
