package tvar

import (
	"context"
	"iter"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/token"
)

// Watch returns the values of v as they come, each with its token as from [TVar.LoadToken]: first the
// one that it has when the loop begins, then the latest one whenever v has changed. Changes that follow
// each other faster than the loop runs are seen as one; the last one is never missed. It ends when ctx
// does, or with the loop.
//
//	for text, at := range page.Watch(ctx) {
//		show(text, at)
//	}
//
// Between two values it blocks. It starts no goroutine, and nothing is registered while the body of the
// loop runs, so nobody waits for a slow one. The sequence may be used again, and by several goroutines.
// For several variables at once, see [stm.Owner.Changed]. Do not use it in a transaction function.
func (v *TVar[T]) Watch(ctx context.Context) iter.Seq2[T, token.Token] {
	c := v.use()
	if ctx == nil {
		panic("tvar: Watch: nil context")
	}
	return func(yield func(T, token.Token) bool) {
		for ctx.Err() == nil {
			value, t := v.LoadToken()
			if !yield(value, t) || !engine.Await(c, t.Version(), ctx.Done()) {
				return
			}
		}
	}
}
