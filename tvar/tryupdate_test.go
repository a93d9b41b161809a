package tvar_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
)

// A ticket office that does not sell more than it has.
func ExampleTVar_TryUpdate() {
	left := tvar.New(1)
	sell := func(n int) (int, bool) { return n - 1, n > 0 }
	fmt.Println(left.TryUpdate(sell))
	fmt.Println(left.TryUpdate(sell))
	// Output:
	// 0 true
	// 0 false
}

func TestTryUpdateThatDeclinesIsNoChange(t *testing.T) {
	v := tvar.New(1)
	_, before := v.LoadToken()
	value, changed := v.TryUpdate(func(n int) (int, bool) { return n + 1, false })
	_, after := v.LoadToken()
	assert.Equal(t, 1, value)
	assert.False(t, changed)
	assert.Equal(t, before, after, "version")
}

func TestTryUpdateNeverOverdraws(t *testing.T) {
	const stock, buyers = 1000, 8
	v := tvar.New(stock, tvar.In(stm.NewOwner()))
	var sold [buyers]int
	var all sync.WaitGroup
	for i := range buyers {
		all.Go(func() {
			for {
				if _, ok := v.TryUpdate(func(n int) (int, bool) { return n - 1, n > 0 }); !ok {
					return
				}
				sold[i]++
			}
		})
	}
	all.Wait()
	total := 0
	for _, n := range sold {
		total += n
	}
	assert.Equal(t, stock, total)
	assert.Zero(t, v.Load())
}

func TestTryUpdateHonoursOptions(t *testing.T) {
	clones := 0
	v := tvar.New([]int{1}, tvar.Clone(func(s []int) []int { clones++; return append([]int(nil), s...) }))
	clones = 0
	got, changed := v.TryUpdate(func(s []int) ([]int, bool) { s[0] = 2; return s, false })
	assert.False(t, changed)
	assert.Equal(t, []int{1}, got, "what fn was given was a copy")
	got, changed = v.TryUpdate(func(s []int) ([]int, bool) { s[0] = 2; return s, true })
	assert.True(t, changed)
	assert.Equal(t, []int{2}, got)
	got[0] = 3
	assert.Equal(t, []int{2}, v.Load())
	assert.Positive(t, clones)
}

func TestTryUpdateOfNothingPanics(t *testing.T) {
	assert.PanicsWithValue(t, "tvar: TryUpdate: nil function", func() { tvar.New(1).TryUpdate(nil) })
}
