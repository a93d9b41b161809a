package tvar

import "github.com/rinse-go/rinse/internal/engine"

// TryUpdate is [TVar.Update] for a change that may turn out not to be wanted: if fn reports false, what
// it returned is dropped, nothing changes, and nobody clashes or is woken. It returns the value that v has
// afterwards, or had when fn declined, and what fn reported. As in Update, fn may run several times, under no
// lock, and must use its argument only; the last run counts. It costs what an Update costs, and less if fn declines.
func (v *TVar[T]) TryUpdate(fn func(T) (T, bool)) (T, bool) {
	if fn == nil {
		panic("tvar: TryUpdate: nil function")
	}
	c := v.use()
	for lost := 1; lost <= engine.GateAfter; lost++ {
		value, changed, verdict := v.tryUpdate(fn, nil)
		if verdict == engine.Committed {
			return value, changed
		}
		engine.Lost(c, verdict, lost)
	}
	return v.tryUpdateAlone(fn)
}

// tryUpdate tries to commit what fn makes of the current value, if anything.
func (v *TVar[T]) tryUpdate(fn func(T) (T, bool), gate *engine.Gate) (T, bool, engine.Verdict) {
	c := &v.cell
	w, old := engine.Current(c)
	before, opts := unpack[T](engine.FormOf(w), old), optionsOf[T](c)
	after, wanted := fn(opts.copied(before))
	if !wanted {
		return opts.copied(before), false, engine.Committed
	}
	stored := opts.copied(after)
	if opts.same(before, stored) {
		return after, true, engine.Committed
	}
	form, value := pack(engine.FormOf(w), stored)
	return after, true, engine.Replace(c, w, form, value, gate)
}

// tryUpdateAlone is for one that lost again and again: it shuts the gate.
func (v *TVar[T]) tryUpdateAlone(fn func(T) (T, bool)) (T, bool) {
	o := engine.OwnerOf(&v.cell)
	gate := o.Shut(nil)
	defer o.Open(gate)
	for {
		if value, changed, verdict := v.tryUpdate(fn, gate); verdict == engine.Committed {
			return value, changed
		}
	}
}
