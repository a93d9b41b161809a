package tdata

import (
	"context"
	"fmt"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A Latch opens once it has been counted down, and stays open: what waits for it goes on. The zero Latch is open. A Latch is made
// by [NewLatch] and must not be copied.
//
// In a transaction use CountDown, Wait, Open and Left; as transactions of their own Arrive and Await. Those who wait are woken once, by
// the last CountDown, and not by those before; all of them go on, in no order. All who count down clash with each other. To Arrive
// takes some 60 ns, to Await an open latch 3, and to be woken a microsecond or two.
type Latch struct {
	origin
	left tvar.TVar[int]
	shut tvar.TVar[bool] // as long as some are left
}

// NewLatch returns a latch that opens when it has been counted down n times. It panics if n is negative. In clash reports its
// variables are name.left and name.shut.
func NewLatch(n int, options ...Option) *Latch {
	if n < 0 {
		panic(fmt.Sprintf("tdata: NewLatch: %d times; the number must not be negative", n))
	}
	l := &Latch{origin: originOf(options)}
	l.left.Init(n, l.part("left")...)
	l.shut.Init(n > 0, l.part("shut")...)
	return l
}

func (l *Latch) use() *Latch {
	mustHave(l != nil, "Latch; make it with tdata.NewLatch")
	return l
}

// CountDown counts down by one. It does not wait. It panics if the latch is open.
func (l *Latch) CountDown(tx *stm.Tx) {
	left := l.use().left.Get(tx)
	if left == 0 {
		panic("tdata: CountDown of a Latch that is open already")
	}
	l.left.Set(tx, left-1)
	if left == 1 {
		l.shut.Set(tx, false)
	}
}

// Wait waits, by Retry, until the latch is open.
func (l *Latch) Wait(tx *stm.Tx) { tx.Check(l.Open(tx)) }

// Open reports whether the latch is open.
func (l *Latch) Open(tx *stm.Tx) bool { return !l.use().shut.Get(tx) }

// Left returns how often the latch has to be counted down yet.
func (l *Latch) Left(tx *stm.Tx) int { return l.use().left.Get(tx) }

// Arrive is CountDown as a transaction of its own. It panics as CountDown does.
func (l *Latch) Arrive() { alone(&l.use().origin, l.CountDown) }

// Await is Wait as a transaction of its own. It returns ctx's error if ctx ends first.
func (l *Latch) Await(ctx context.Context) error {
	mustHave(ctx != nil, "context")
	if !l.use().shut.Load() {
		return nil
	}
	return l.in().Atomically(ctx, func(tx *stm.Tx) error {
		l.Wait(tx)
		return nil
	})
}
