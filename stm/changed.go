package stm

import (
	"context"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/token"
)

// Changed returns a channel that is closed as soon as any of the variables has changed since the token
// was made, which may be the case already; use it in a select beside others:
//
//	stale, err := owner.Changed(ctx, shown, title, text)
//	...
//	select {
//	case <-stale: // tell who is editing
//	case answer := <-answers:
//	case <-ctx.Done():
//	}
//
// It is told by the transaction that makes the change, once that is visible to everybody, and by nothing
// else. No goroutine waits for it, and nothing is left once it is closed or ctx has ended, whether
// anybody receives from it or not. After ctx has ended it is not closed any more. A ctx that never ends
// keeps it registered until there is a change.
//
// A token of another owner, of an earlier life of the program or from the future gives [ErrForeign],
// and so does a variable of another owner. If ctx has ended already, its error is returned. It does not
// block. Each variable takes some 100 bytes while it waits, and the committer some 100 ns to tell.
func (o *Owner) Changed(ctx context.Context, t token.Token, vars ...Var) (<-chan struct{}, error) {
	o.mustBeMade()
	mustHave(ctx != nil, "context")
	if err := o.knows(t); err != nil {
		return nil, err
	}
	cells := make([]*engine.Cell, len(vars))
	for i, v := range vars {
		cells[i] = engine.CellOf(v)
		mustHave(cells[i] != nil, "variable")
		if err := o.owns(cells[i]); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := engine.NewNotice(t.Version(), cells...)
	n.Post(context.AfterFunc(ctx, n.Leave))
	if ctx.Err() != nil {
		n.Leave() // it may have ended before all of it was posted
	}
	return n.C(), nil
}
