//go:build !race && !rinsedebug

// The race detector and the debugging mode allocate on their own.

package tvar_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

func TestAVariableIsSmall(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(tvar.TVar[int]{}), uintptr(40))
	assert.LessOrEqual(t, unsafe.Sizeof(tvar.TVar[bool]{}), uintptr(40))
	assert.LessOrEqual(t, unsafe.Sizeof(tvar.TVar[*int]{}), uintptr(40))
	assert.LessOrEqual(t, unsafe.Sizeof(tvar.TVar[[1024]byte]{}), uintptr(40))
}

func TestAMillionVariablesAreSmall(t *testing.T) {
	const million, limit = 1_000_000, 48_000_000
	made := make([]*tvar.TVar[int], million)
	used := heapOf(func() {
		for i := range made {
			made[i] = tvar.New(i)
		}
	})
	assert.LessOrEqual(t, used, limit, "made with New")
	before := heapOf(func() {
		for i := range made {
			made[i].Store(i + 1)
		}
	})
	assert.LessOrEqual(t, before, limit/10, "a Store must not make them grow")
	require.Equal(t, million, made[million-1].Load())

	var fields []tvar.TVar[int]
	used = heapOf(func() { fields = make([]tvar.TVar[int], million); fields[1].Store(2) })
	assert.LessOrEqual(t, used, limit, "as elements of a slice")
	require.Equal(t, 2, fields[1].Load())
}

// heapOf returns by how many bytes fn lets the heap grow.
func heapOf(fn func()) int {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&before)
	fn()
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int(after.HeapAlloc) - int(before.HeapAlloc)
}

var (
	intSink    int
	stringSink string
	tokenSink  token.Token
)

func TestWhatAllocates(t *testing.T) {
	ctx := context.Background()
	owner := stm.NewOwner()
	a, b := tvar.New(1<<30, tvar.In(owner)), tvar.New(1<<30, tvar.In(owner))
	global := tvar.New(0)
	text := tvar.New("", tvar.In(owner), tvar.Name("text"))
	pointer := tvar.New(new(payload), tvar.In(owner))
	pairs := tvar.New(pair{}, tvar.In(owner))
	large := tvar.New([128]byte{}, tvar.In(owner))
	options := tvar.New(0, tvar.In(owner), tvar.Equal(func(a, b int) bool { return a == b }), tvar.Name("all"))
	many := make([]*tvar.TVar[int], 16)
	for i := range many {
		many[i] = tvar.New(i, tvar.In(owner))
	}
	increment := func(n int) int { return n + 1 }
	next := new(payload)
	words := []string{fmt.Sprint("a", 1), fmt.Sprint("b", 2)}
	round := 0

	transaction := func(fn func(*stm.Tx) error) func() {
		return func() { _ = owner.Atomically(ctx, fn) }
	}
	view := func(fn func(*stm.Tx) error) func() {
		return func() { _ = owner.View(ctx, fn) }
	}
	for _, test := range []struct {
		name string
		want float64
		run  func()
	}{
		{"empty Atomically", 0, transaction(func(*stm.Tx) error { return nil })},
		{"increment", 0, transaction(func(tx *stm.Tx) error { a.Set(tx, a.Get(tx)+1); return nil })},
		{"blind Set", 0, transaction(func(tx *stm.Tx) error { a.Set(tx, 5); return nil })},
		{"Modify", 0, transaction(func(tx *stm.Tx) error { a.Modify(tx, increment); return nil })},
		{"transfer", 0, transaction(func(tx *stm.Tx) error { a.Set(tx, a.Get(tx)-1); b.Set(tx, b.Get(tx)+1); return nil })},
		{"write 16", 0, transaction(func(tx *stm.Tx) error {
			for _, v := range many {
				v.Set(tx, v.Get(tx)+1)
			}
			return nil
		})},
		{"View of 1", 0, view(func(tx *stm.Tx) error { intSink = a.Get(tx); return nil })},
		{"View of 16", 0, view(func(tx *stm.Tx) error {
			for _, v := range many {
				intSink += v.Get(tx)
			}
			return nil
		})},
		{"default owner", 0, func() {
			_ = stm.Atomically(ctx, func(tx *stm.Tx) error { global.Set(tx, global.Get(tx)+1); return nil })
		}},
		{"Load", 0, func() { intSink = a.Load() }},
		{"Store", 0, func() { a.Store(1) }},
		{"Update", 0, func() { a.Update(increment) }},
		{"LoadToken", 0, func() { intSink, tokenSink = a.LoadToken() }},
		{"pointer", 0, transaction(func(tx *stm.Tx) error { pointer.Set(tx, next); return nil })},
		{"pointer Store", 0, func() { pointer.Store(next) }},
		{"pointer Load", 0, func() { intSink = int(pointer.Load().numbers[0]) }},
		{"eight bytes", 0, transaction(func(tx *stm.Tx) error { pairs.Set(tx, pair{1, pairs.Get(tx).high + 1}); return nil })},
		{"Equal, changed", 0, transaction(func(tx *stm.Tx) error { options.Set(tx, options.Get(tx)+1); return nil })},
		{"Equal, unchanged", 0, transaction(func(tx *stm.Tx) error { options.Set(tx, options.Get(tx)); return nil })},
		{"string Set", 1, transaction(func(tx *stm.Tx) error { round++; text.Set(tx, words[round%2]); return nil })},
		{"string Store", 1, func() { round++; text.Store(words[round%2]) }},
		{"string Get", 0, view(func(tx *stm.Tx) error { stringSink = text.Get(tx); return nil })},
		{"string Load", 0, func() { stringSink = text.Load() }},
		{"large Set", 1, transaction(func(tx *stm.Tx) error { large.Set(tx, [128]byte{1}); return nil })},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run()
			assert.Equal(t, test.want, testing.AllocsPerRun(1000, test.run))
		})
	}
}

// TestABoxHoldsExactlyTheValue: the one allocation of a value beyond a word has the size of the value.
func TestABoxHoldsExactlyTheValue(t *testing.T) {
	const rounds = 10_000
	v := tvar.New([128]byte{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		v.Store([128]byte{1})
	}
	runtime.ReadMemStats(&after)
	assert.LessOrEqual(t, (after.TotalAlloc-before.TotalAlloc)/rounds, uint64(128+8))
}
