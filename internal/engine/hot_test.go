package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// TestAVariableThatIsOnlyReadCoolsDown: one clash on it must not send all its readers into the queue
// for ever after.
func TestAVariableThatIsOnlyReadCoolsDown(t *testing.T) {
	o := stm.NewOwner()
	x, y := tvar.New(0, tvar.In(o)), tvar.New(0, tvar.In(o))
	copyX := func(tx *stm.Tx) error { y.Set(tx, x.Get(tx)); return nil }
	require.NoError(t, o.Atomically(context.Background(), func(tx *stm.Tx) error {
		_ = copyX(tx)
		if tx.Attempt() == 1 {
			x.Store(1)
		}
		return nil
	}))
	for range 100 {
		require.NoError(t, o.Atomically(context.Background(), copyX))
	}
	require.False(t, engine.IsHot(x), "nobody has changed or lost on it since")
}

func BenchmarkReadersOfAVariableThatWasHotOnce(b *testing.B) {
	for _, hot := range []bool{false, true} {
		b.Run(map[bool]string{false: "cold", true: "hot"}[hot], func(b *testing.B) {
			o := stm.NewOwner()
			x := tvar.New(0, tvar.In(o))
			if hot {
				y := tvar.New(0, tvar.In(o))
				_ = o.Atomically(context.Background(), func(tx *stm.Tx) error {
					y.Set(tx, x.Get(tx))
					if tx.Attempt() == 1 {
						x.Store(1)
					}
					return nil
				})
			}
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				mine := tvar.New(0, tvar.In(o))
				for pb.Next() {
					_ = o.Atomically(context.Background(), func(tx *stm.Tx) error {
						n := x.Get(tx)
						for i := range 3000 {
							n += i & 1
						}
						mine.Set(tx, n)
						return nil
					})
				}
			})
		})
	}
}
