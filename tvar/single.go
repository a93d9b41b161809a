package tvar

import (
	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
)

var _ stm.Var = (*TVar[int])(nil)

// Load returns the latest committed value. It is a transaction of its own, for use outside of
// others. It never waits, but for a moment while somebody publishes a change. About 1 ns.
func (v *TVar[T]) Load() T {
	c := v.use()
	if w := engine.Word(c); engine.Unlocked(w) && engine.IsPlain(c) {
		if inPlace[T](w) {
			bits := engine.Bits(c)
			if engine.Word(c) == w {
				return fromBits[T](bits)
			}
		} else {
			p := engine.Pointer(c)
			if engine.Word(c) == w {
				return fromPointer[T](engine.FormOf(w), p)
			}
		}
	}
	return v.loadSlow()
}

func (v *TVar[T]) loadSlow() T {
	value := unpack[T](engine.Settled(&v.cell))
	return optionsOf[T](&v.cell).copied(value)
}

// Store sets the value, as a transaction of its own. It waits while a transaction has shut the gate.
func (v *TVar[T]) Store(value T) { v.Update(func(T) T { return value }) }

// Update sets the value to fn of the latest one and returns that, as a transaction of its own: the
// fast path for one variable. fn may run several times if others change v meanwhile, at most
// [stm.MaxClashes] times more; it runs under no lock, and if it panics nothing has changed. fn must use
// its argument only: one that changes v makes itself run again, in the end with the gate shut, and then
// waits for itself, for ever; so may one that changes other variables. It waits while a transaction has
// shut the gate. About twice as much as a use of a mutex.
func (v *TVar[T]) Update(fn func(T) T) T {
	if fn == nil {
		panic("tvar: Update: nil function")
	}
	c := v.use()
	for lost := 1; lost <= engine.GateAfter; lost++ {
		value, verdict := v.update(fn, nil)
		if verdict == engine.Committed {
			return value
		}
		engine.Lost(c, verdict, lost)
	}
	return v.updateAlone(fn)
}

// update tries to commit fn of the current value.
func (v *TVar[T]) update(fn func(T) T, gate *engine.Gate) (T, engine.Verdict) {
	c := &v.cell
	w, old := engine.Current(c)
	before, opts := unpack[T](engine.FormOf(w), old), optionsOf[T](c)
	after := fn(opts.copied(before))
	stored := opts.copied(after)
	if opts.same(before, stored) {
		return after, engine.Committed
	}
	form, value := pack(engine.FormOf(w), stored)
	return after, engine.Replace(c, w, form, value, gate)
}

// updateAlone is for one that lost again and again: it shuts the gate.
func (v *TVar[T]) updateAlone(fn func(T) T) T {
	o := engine.OwnerOf(&v.cell)
	gate := o.Shut(nil)
	defer o.Open(gate)
	for {
		if value, verdict := v.update(fn, gate); verdict == engine.Committed {
			return value
		}
	}
}

// LoadToken is [TVar.Load] together with the version of the value, as a token: [stm.Tx.Expect] tells
// later whether v has changed since. The same value that was set once has the same token. It may
// advance the owner's clock, which all threads share.
func (v *TVar[T]) LoadToken() (T, token.Token) {
	c := v.use()
	form, value, version := engine.Latest(c)
	return optionsOf[T](c).copied(unpack[T](form, value)), token.New(engine.OwnerOf(c).ID, version)
}
