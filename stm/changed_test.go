package stm_test

import (
	"context"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// isTold reports whether a channel has been closed.
func isTold(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestChangedIsToldByAnyChangeOfAnyOfTheVariables(t *testing.T) {
	for name, change := range map[string]func(*stm.Owner, *tvar.TVar[int]){
		"Store":      func(_ *stm.Owner, x *tvar.TVar[int]) { x.Store(0) },
		"Update":     func(_ *stm.Owner, x *tvar.TVar[int]) { x.Update(plusOne) },
		"Atomically": func(o *stm.Owner, x *tvar.TVar[int]) { mustAtomically(o, func(tx *stm.Tx) { write(tx, x) }) },
		"Commute":    func(o *stm.Owner, x *tvar.TVar[int]) { mustAtomically(o, func(tx *stm.Tx) { x.Commute(tx, plusOne) }) },
		"Checkout": func(o *stm.Owner, x *tvar.TVar[int]) {
			must(checkout(o, func(tx *stm.Tx) error { write(tx, x); return nil }))
		},
		"Checkpoint": func(o *stm.Owner, x *tvar.TVar[int]) {
			tx := o.Checkout()
			defer tx.Discard()
			write(tx, x)
			_, err := tx.Checkpoint()
			must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 4, 0)
			for i := range 3 {
				stale, err := o.Changed(t.Context(), next(o), v[0], v[1], v[2])
				require.NoError(t, err)
				change(o, v[3])
				assert.False(t, isTold(stale), "it is another variable")
				_ = o.Atomically(background, func(tx *stm.Tx) error { write(tx, v[i]); return errUser })
				assert.False(t, isTold(stale), "nothing was committed")
				change(o, v[i])
				assert.True(t, isTold(stale))
				assert.True(t, isTold(stale), "and again")
				change(o, v[i])
			}
		})
	}
}

func TestChangedOfAStaleTokenIsToldAtOnce(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	at := next(o)
	v[1].Store(1)
	stale, err := o.Changed(t.Context(), at, v[0], v[1])
	require.NoError(t, err)
	assert.True(t, isTold(stale))
	_, fresh := v[1].LoadToken()
	stale, err = o.Changed(t.Context(), fresh, v[0], v[1])
	require.NoError(t, err)
	assert.False(t, isTold(stale))
	v[1].Store(1)
	assert.True(t, isTold(stale))
}

func TestChangedByNoChangeIsNotTold(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(1, tvar.In(o), tvar.Equal(equal))
	stale, err := o.Changed(t.Context(), next(o), x)
	require.NoError(t, err)
	x.Store(1)
	mustAtomically(o, func(tx *stm.Tx) { x.Set(tx, 2); x.Set(tx, 1) })
	assert.False(t, isTold(stale))
	x.Store(2)
	assert.True(t, isTold(stale))
}

func TestChangedRefusesWhatItCannotTell(t *testing.T) {
	o, other := stm.NewOwner(), stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	y := tvar.New(0, tvar.In(other), tvar.Name("alice"))
	at := next(o)
	_, err := o.Changed(t.Context(), at, x, y)
	told(t, err, stm.ErrForeign, "alice")
	for _, forged := range []token.Token{{}, next(other), token.New(at.Owner(), at.Version()+1), token.New(at.Owner(), math.MaxUint64)} {
		_, err = o.Changed(t.Context(), forged, x)
		assert.ErrorIs(t, err, stm.ErrForeign)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = o.Changed(ended, at, x)
	assert.Equal(t, context.Canceled, err)
	assert.Panics(t, func() { _, _ = o.Changed(t.Context(), at, x, nil) })
	//lint:ignore SA1012 it is what is tested
	assert.Panics(t, func() { _, _ = o.Changed(nil, at, x) })
	nothing, err := o.Changed(t.Context(), at)
	require.NoError(t, err)
	assert.False(t, isTold(nothing), "nothing can change")
}

// In a bubble it is seen that somebody waits for the channel, and that no goroutine is left.
func TestChangedInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		v := ints(o, 3, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		stale, err := o.Changed(ctx, next(o), v[0], v[1])
		require.NoError(t, err)
		heard := ""
		go func() {
			select {
			case <-stale:
				heard = "change"
			case <-ctx.Done():
				heard = "end"
			}
		}()
		synctest.Wait()
		v[2].Store(1)
		synctest.Wait()
		assert.Empty(t, heard)
		v[1].Store(1)
		synctest.Wait()
		assert.Equal(t, "change", heard)
	})
}

// After its context has ended nothing is left: not on the lists, and no channel is closed any more.
func TestChangedEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		v := ints(o, 3, 0)
		ctx, cancel := context.WithCancel(t.Context())
		stale, err := o.Changed(ctx, next(o), v[0], v[1], v[2])
		require.NoError(t, err)
		cancel()
		synctest.Wait()
		for _, x := range v {
			x.Store(1)
		}
		assert.False(t, isTold(stale))
	})
}

// A program that asks again and again, under one context, with one variable that never changes.
func TestChangedLeavesNothingBehind(t *testing.T) {
	for _, how := range []string{"told", "context ended", "stale already", "dropped"} {
		t.Run(how, func(t *testing.T) {
			o := stm.NewOwner()
			busy, idle := tvar.New(0, tvar.In(o)), tvar.New(0, tvar.In(o))
			leaksNothing(t)
			goroutines := runtime.NumGoroutine()
			ask := func() {
				ctx, cancel := t.Context(), func() {}
				if how == "context ended" {
					ctx, cancel = context.WithCancel(ctx)
				}
				_, at := busy.LoadToken()
				if how == "stale already" {
					busy.Store(1)
				}
				stale, err := o.Changed(ctx, at, busy, idle)
				must(err)
				cancel()
				for runtime.NumGoroutine() > goroutines {
					runtime.Gosched() // what ctx started has its end
				}
				if how == "told" {
					busy.Store(1)
					<-stale
				}
				if how == "dropped" {
					busy.Store(1) // and nobody receives
				}
			}
			ask()
			before := heap()
			const n = 20000
			for range n {
				ask()
			}
			assert.Less(t, heap()-before, int64(n*20), "bytes left by %d calls; one that is left takes 200", n)
			runtime.KeepAlive(idle)
		})
	}
}

// Whoever asks races with whoever changes: the channel is closed whatever the order.
func TestChangedIsNeverMissed(t *testing.T) {
	o := stm.NewOwner()
	v := ints(o, 2, 0)
	for i := range rounds(3000) {
		at := next(o)
		done := start(func() {
			if i%2 == 0 {
				v[i/2%2].Store(i)
			} else {
				mustAtomically(o, func(tx *stm.Tx) { write(tx, v[0]); write(tx, v[1]) })
			}
		})
		stale, err := o.Changed(t.Context(), at, v[0], v[1])
		require.NoError(t, err)
		arrives(t, "the notice", stale)
		arrives(t, "the writer", done)
	}
}
