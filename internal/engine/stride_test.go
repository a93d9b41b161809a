package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// TestACheckoutSeesEverythingBeforeIt, however often a variable has changed without anybody advancing
// the clock.
func TestACheckoutSeesEverythingBeforeIt(t *testing.T) {
	stride := int(engine.Stride)
	for _, n := range []int{1, stride - 1, stride, stride + 1, 3*stride + 7} {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		for range n {
			x.Update(plus1)
		}
		tx := o.Checkout()
		require.Equal(t, n, x.Get(tx))
		tx.Discard()
	}
}

// TestATokenNeverRepeatsAVersion: a commit with a token takes a new version too, whatever room the
// stride had left.
func TestATokenNeverRepeatsAVersion(t *testing.T) {
	for n := engine.Stride - 2; n <= engine.Stride+2; n++ {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		for range n {
			x.Update(plus1)
		}
		require.NoError(t, o.Atomically(context.Background(), func(tx *stm.Tx) error {
			v := x.Get(tx)
			if tx.Attempt() == 1 {
				_ = o.Atomically(context.Background(), func(tx *stm.Tx) error {
					x.Set(tx, 1000)
					tx.OnCommitToken(func(token.Token) {})
					return nil
				})
			}
			x.Set(tx, v+1)
			return nil
		}))
		require.Equal(t, 1001, x.Load(), "after %d changes", n)
	}
}

func plus1(n int) int { return n + 1 }
