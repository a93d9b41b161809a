//go:build rinsesched

package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// TestALockThatChangesNothingDoesNotRunAnUpdateAgain: commits that lock the variable and then find the
// gate shut, or lose on another, let go of it unchanged.
func TestALockThatChangesNothingDoesNotRunAnUpdateAgain(t *testing.T) {
	x := tvar.New(0, tvar.In(stm.NewOwner()))
	var release func()
	engine.Hook = func(blocked bool) {
		if blocked && release != nil {
			release()
			release = nil
		}
	}
	defer func() { engine.Hook = nil }()
	runs := 0
	x.Update(func(n int) int {
		if runs++; runs < 10*stm.MaxClashes {
			release = engine.Hold(x)
		}
		return n + 1
	})
	require.LessOrEqual(t, runs, stm.MaxClashes+1)
}
