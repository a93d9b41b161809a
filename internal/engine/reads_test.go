package engine_test

import (
	"context"
	"errors"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

func logged(tx *stm.Tx) int { return (*engine.Tx)(unsafe.Pointer(tx)).Logged() }

// TestRepeatedReadsDoNotLengthenTheLog: whether they take the fast path or, of variables with a name or
// beside written ones, the slow path, and also under a pin.
func TestRepeatedReadsDoNotLengthenTheLog(t *testing.T) {
	variables, times := 10, 100_000
	if engine.Debug {
		times = 2_000 // each looks up its goroutine
	}
	atomically := func(fn func(*stm.Tx) error) error { return stm.Atomically(context.Background(), fn) }
	held := func(fn func(*stm.Tx) error) error {
		tx := stm.Checkout()
		defer tx.Discard()
		return fn(tx)
	}
	for name, c := range map[string]struct {
		run     func(func(*stm.Tx) error) error
		writes  int
		options []tvar.Option
	}{
		"plain":   {run: atomically},
		"named":   {run: atomically, options: []tvar.Option{tvar.Name("x")}},
		"writing": {run: atomically, writes: 200},
		"held":    {run: held},
	} {
		t.Run(name, func(t *testing.T) {
			vars := make([]*tvar.TVar[int], variables)
			for i := range vars {
				vars[i] = tvar.New(i, c.options...)
			}
			require.NoError(t, c.run(func(tx *stm.Tx) error {
				for range c.writes {
					tvar.New(0).Set(tx, 1)
				}
				longest := 0
				for range times {
					for i, v := range vars {
						if got := v.Get(tx); got != i {
							t.Fatalf("variable %d reads as %d", i, got)
						}
						longest = max(longest, logged(tx))
					}
				}
				require.GreaterOrEqual(t, longest, variables)
				require.LessOrEqual(t, longest, max(engine.Plenty, 2*variables))
				return nil
			}))
		})
	}
}

// TestEveryReadIsCheckedHoweverLongTheLog: a change of any of many variables, each read often, is a clash.
func TestEveryReadIsCheckedHoweverLongTheLog(t *testing.T) {
	const variables = 3 * 4096
	owner := stm.NewOwner()
	vars := make([]*tvar.TVar[int], variables)
	for i := range vars {
		vars[i] = tvar.New(0, tvar.In(owner))
	}
	for _, changed := range []int{0, 1, variables / 2, variables - 2, variables - 1} {
		err := owner.Try(func(tx *stm.Tx) error {
			for i := range 3 * variables {
				vars[i%variables].Get(tx)
				vars[i/3].Get(tx)
			}
			require.Less(t, logged(tx), 2*variables+1)
			vars[changed].Update(func(n int) int { return n + 1 })
			vars[variables-1-changed/2].Set(tx, 1)
			return nil
		})
		var clash *stm.ClashError
		require.True(t, errors.As(err, &clash), "a change of variable %d: %v", changed, err)
	}
}

// TestALongLogIsNotKept: a descriptor that serves again begins with plenty of room, not with more.
func TestALongLogIsNotKept(t *testing.T) {
	owner := stm.NewOwner()
	few := tvar.New(0, tvar.In(owner))
	many := make([]*tvar.TVar[int], 2*engine.Plenty)
	for i := range many {
		many[i] = tvar.New(0, tvar.In(owner))
	}
	for range 3 {
		require.NoError(t, owner.Atomically(context.Background(), func(tx *stm.Tx) error {
			for _, v := range many {
				v.Get(tx)
			}
			return nil
		}))
		require.NoError(t, owner.Atomically(context.Background(), func(tx *stm.Tx) error {
			for range 10 * engine.Plenty {
				few.Get(tx)
			}
			require.LessOrEqual(t, logged(tx), max(4, engine.Plenty))
			return nil
		}))
	}
}
