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
