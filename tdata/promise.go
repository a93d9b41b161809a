package tdata

import (
	"context"
	"errors"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// ErrSettled is returned by whoever wants to settle a [Promise] that is settled already.
var ErrSettled = errors.New("tdata: the promise is settled already")

// A Promise is a value, or an error, that will be known later, once and for all. The zero Promise is ready, not settled, and belongs
// to the default owner. A Promise must not be copied.
//
// In a transaction use Resolve, Reject, Get and TryGet; as transactions of their own Settle and Await. Those who wait are woken once,
// all of them. A transaction can settle several promises at once, or wait for whichever of several is settled first, see [OneOf]. To
// make and settle a promise takes some 100 to 150 ns, to be woken by it a microsecond or two, and to Await one that is settled 5 ns.
//
// The idea is from Liskov and Shrira, "Promises" (1988), and the deferreds of Twisted.
type Promise[T any] struct {
	origin
	result tvar.TVar[*result[T]] // nil until settled
}

type result[T any] struct {
	value T
	err   error
}

// NewPromise returns a promise that is not settled. In clash reports its variable is name.result.
func NewPromise[T any](options ...Option) *Promise[T] {
	p := &Promise[T]{origin: originOf(options)}
	p.result.Init(nil, p.part("result")...)
	return p
}

func (p *Promise[T]) use() *Promise[T] {
	mustHave(p != nil, "Promise; make it with tdata.NewPromise or take the address of one")
	return p
}

// Resolve settles the promise with a value. It returns [ErrSettled] if it is settled already, and changes nothing then.
func (p *Promise[T]) Resolve(tx *stm.Tx, value T) error {
	return p.settle(tx, &result[T]{value: value})
}

// Reject settles the promise with an error. It returns [ErrSettled] if it is settled already, and changes nothing then. It panics
// if err is nil.
func (p *Promise[T]) Reject(tx *stm.Tx, err error) error {
	if err == nil {
		panic("tdata: Reject: nil error; use Resolve for a value")
	}
	return p.settle(tx, &result[T]{err: err})
}

func (p *Promise[T]) settle(tx *stm.Tx, r *result[T]) error {
	if p.use().result.Get(tx) != nil {
		return ErrSettled
	}
	p.result.Set(tx, r)
	return nil
}

// Get returns the value or the error that the promise was settled with. Until it is settled it waits, by Retry.
func (p *Promise[T]) Get(tx *stm.Tx) (value T, err error) {
	r := p.use().result.Get(tx)
	tx.Check(r != nil)
	return r.value, r.err
}

// TryGet is Get without waiting: it reports false if the promise is not settled.
func (p *Promise[T]) TryGet(tx *stm.Tx) (value T, err error, settled bool) {
	if r := p.use().result.Get(tx); r != nil {
		return r.value, r.err, true
	}
	return value, nil, false
}

// Settle is Resolve, or Reject if err is not nil, as a transaction of its own: it takes what a function has returned.
func (p *Promise[T]) Settle(value T, err error) error {
	r := &result[T]{value, err}
	if _, settled := p.use().result.TryUpdate(func(old *result[T]) (*result[T], bool) { return r, old == nil }); !settled {
		return ErrSettled
	}
	return nil
}

// Await is Get as a transaction of its own. It waits until the promise is settled. If ctx ends first, it returns ctx's error.
func (p *Promise[T]) Await(ctx context.Context) (T, error) {
	mustHave(ctx != nil, "context")
	if r := p.use().result.Load(); r != nil {
		return r.value, r.err
	}
	return stm.DoIn(ctx, p.in(), p.Get)
}
