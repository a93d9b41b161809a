package stm_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type point struct{ x, y, z float64 }

var globalCount tvar.TVar[int]

// unnamedReport is what a report says of a variable that somebody else has changed.
func unnamedReport[T any](t *testing.T, v *tvar.TVar[T]) stm.VarClash {
	t.Helper()
	tx := stm.Checkout()
	defer tx.Discard()
	v.Set(tx, v.Get(tx))
	v.Store(v.Load())
	_, err := tx.Commit()
	var report *stm.ClashError
	require.True(t, errors.As(err, &report))
	require.Len(t, report.Vars, 1)
	clash := report.Vars[0]
	assert.Empty(t, clash.Name)
	assert.Contains(t, err.Error(), fmt.Sprintf("unnamed %s number %d, written here", clash.Type, clash.Number))
	return clash
}

// typed checks what is told of variables of T, made in each of the ways there are.
func typed[T any](t *testing.T, name string, other T) {
	t.Helper()
	var zero, modified, commuted, updated tvar.TVar[T]
	inside := struct {
		before string
		v      tvar.TVar[T]
	}{}
	var zeroValue T
	inside.v.Init(other)
	set := func(fn func(*stm.Tx)) { mustAtomically(stm.Default(), fn) }
	set(func(tx *stm.Tx) { modified.Set(tx, other); modified.Set(tx, zeroValue) })
	set(func(tx *stm.Tx) {
		for range 3 {
			commuted.Commute(tx, func(T) T { return other })
		}
	})
	updated.Update(func(T) T { return other })
	seen := map[int]bool{}
	for _, v := range []*tvar.TVar[T]{tvar.New(other), tvar.New(zeroValue), &zero, &modified, &commuted, &updated, &inside.v} {
		clash := unnamedReport(t, v)
		assert.Equal(t, name, clash.Type)
		assert.False(t, seen[clash.Number], "each has a number of its own")
		seen[clash.Number] = true
		for range 2 {
			assert.Equal(t, clash.Number, unnamedReport(t, v).Number, "and keeps it")
		}
	}
}

func TestUnnamedVariablesAreToldByTypeAndNumber(t *testing.T) {
	typed(t, "int", 7)
	typed(t, "int8", int8(7))
	typed(t, "struct {}", struct{}{})
	typed(t, "[2]int32", [2]int32{1, 2})
	typed(t, "float64", 1.5)
	typed(t, "string", "x")
	typed(t, "*int", new(int))
	typed(t, "map[string]int", map[string]int{})
	typed(t, "func()", func() {})
	typed[error](t, "error", errUser)
	typed[any](t, "interface {}", 7)
	typed(t, "stm_test.point", point{1, 2, 3})
	typed(t, "*stm_test.point", &point{1, 2, 3})
	typed(t, "[]stm_test.point", []point{{}})
	typed(t, "[1]*int", [1]*int{new(int)})
	typed(t, "struct { p *int }", struct{ p *int }{new(int)})

	clash := unnamedReport(t, &globalCount)
	assert.Equal(t, "int", clash.Type)
	assert.Equal(t, clash.Number, unnamedReport(t, &globalCount).Number)
}

// A variable is known by its number only while somebody has it.
func TestNumbersOfGarbageAreForgotten(t *testing.T) {
	report := func(v *tvar.TVar[int]) {
		_, old := v.LoadToken()
		v.Store(1)
		_, err := stm.Resume(old, v)
		require.ErrorIs(t, err, stm.ErrClash)
	}
	before := stm.Numbered()
	all := make([]*tvar.TVar[int], 1000)
	for i := range all {
		all[i] = tvar.New(0)
		report(all[i])
	}
	require.GreaterOrEqual(t, stm.Numbered(), len(all))
	runtime.KeepAlive(all)
	soon(t, "the end of all numbers", func() {
		for stm.Numbered() > before {
			runtime.GC()
		}
	})
}

func TestAVariableWithoutANameIsToldByItsType(t *testing.T) {
	v := tvar.New(point{})
	err := failureOf(func() error {
		return stm.NewOwner().Atomically(t.Context(), func(tx *stm.Tx) error { v.Get(tx); return nil })
	})
	told(t, err, stm.ErrForeign, "stm_test.point")
}
