//go:build rinsesched

package engine_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// TestALockThatChangesNothingDoesNotRunAnUpdateAgain: commits that lock the variable and then find the
// gate shut, or lose on another, let go of it unchanged.
func TestALockThatChangesNothingDoesNotRunAnUpdateAgain(t *testing.T) {
	x := tvar.New(0, tvar.In(stm.NewOwner()))
	var release func()
	shared.Hook = blocked(func() {
		if release != nil {
			release()
			release = nil
		}
	})
	defer func() { shared.Hook = nil }()
	runs := 0
	x.Update(func(n int) int {
		if runs++; runs < 10*stm.MaxClashes {
			release = engine.Hold(x)
		}
		return n + 1
	})
	require.LessOrEqual(t, runs, stm.MaxClashes+1)
}

// blocked is called whenever somebody cannot go on.
type blocked func()

func (blocked) Access(unsafe.Pointer, bool) {}

func (b blocked) Until(_ string, _, _ unsafe.Pointer, _ bool, holds func() bool) {
	for !holds() {
		b()
	}
}

// TestACommitWaitsForALockRatherThanClash: one whose committer does not come to its end, for as long as it takes.
func TestACommitWaitsForALockRatherThanClash(t *testing.T) {
	defer engine.SetLimits(2, 1, 1, 1)
	engine.SetLimits(256, stm.MaxClashes, 32, 16)
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	var release func()
	shared.Hook = blocked(func() { release() })
	defer func() { shared.Hook = nil }()
	runs := 0
	require.NoError(t, o.Atomically(t.Context(), func(tx *stm.Tx) error {
		x.Set(tx, 1)
		if runs++; runs == 1 {
			release = engine.Hold(x)
		}
		return nil
	}))
	require.Equal(t, 1, runs)
	require.Zero(t, o.Stats().Clashes.Total())
}
