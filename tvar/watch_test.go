package tvar_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
)

func TestWatchSeesEachChangeOfASlowWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New("0", tvar.In(o))
		ctx, cancel := context.WithCancel(t.Context())
		var seen []string
		go func() {
			for s, at := range x.Watch(ctx) {
				seen = append(seen, s)
				_, now := x.LoadToken()
				assert.Equal(t, now, at)
			}
			seen = append(seen, "end")
		}()
		synctest.Wait()
		for _, s := range []string{"1", "1", "2"} {
			x.Store(s)
			synctest.Wait()
		}
		assert.Equal(t, []string{"0", "1", "1", "2"}, seen)
		cancel()
		synctest.Wait()
		assert.Equal(t, []string{"0", "1", "1", "2", "end"}, seen)
	})
}

func TestWatchOfAFastWriterEndsWithTheLastValue(t *testing.T) {
	for range 200 {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		var watchers sync.WaitGroup
		for range 2 {
			watchers.Go(func() {
				last := -1
				for n := range x.Watch(t.Context()) {
					assert.Greater(t, n, last)
					if last = n; n == 100 {
						break
					}
				}
			})
		}
		for range 100 {
			x.Update(func(n int) int { return n + 1 })
		}
		watchers.Wait()
	}
}

// The body may do what it likes, also with the variable.
func TestWatchLeavesTheLoopToItsBody(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New([]int{0}, tvar.In(o), tvar.Clone(slices.Clone[[]int]))
	loop := x.Watch(t.Context())
	for range 2 {
		var seen []int
		for s := range loop {
			seen = append(seen, s[0])
			s[0] = 100 // a copy
			if len(seen) == 3 {
				break
			}
			x.Update(func(s []int) []int { s[0]++; return s })
		}
		assert.Len(t, seen, 3)
		assert.Equal(t, seen[0]+2, seen[2])
	}
	assert.Panics(t, func() {
		for range loop {
			panic("it goes through")
		}
	})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range x.Watch(ended) {
		t.Fatal("its context has ended")
	}
	//lint:ignore SA1012 it is what is tested
	assert.Panics(t, func() { x.Watch(nil) })
	assert.Panics(t, func() { (*tvar.TVar[int])(nil).Watch(t.Context()) })
}

func TestWatchIsNotWokenByNoChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(1, tvar.In(o), tvar.Equal(func(a, b int) bool { return a == b }))
		y := tvar.New(1, tvar.In(o))
		runs := 0
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range x.Watch(ctx) {
				runs++
			}
		}()
		synctest.Wait()
		x.Store(1)
		y.Store(2)
		synctest.Wait()
		assert.Equal(t, 1, runs)
		x.Store(2)
		synctest.Wait()
		assert.Equal(t, 2, runs)
		cancel()
	})
}
