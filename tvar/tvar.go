package tvar

import (
	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

type cell = engine.Cell

// A TVar is a variable of type T that transactions share. Its zero value is ready to use, holds T's
// zero value, and belongs to the default owner. A TVar must not be copied.
//
// Methods that take a *stm.Tx are for use in that transaction, and see and change its snapshot. The
// others are transactions of one variable by themselves. All panic on a nil TVar.
//
// Values are shared, not copied: do not change what a value read or set points to, or give [Clone].
// A variable of up to 8 bytes without pointers, or of one pointer, is written without allocation;
// other types cost one allocation of their size a write.
type TVar[T any] struct {
	cell // version and value
}

// New returns a variable with a value. It panics if an option was made for another type.
func New[T any](value T, list ...Option) *TVar[T] {
	v := new(TVar[T])
	v.Init(value, list...)
	return v
}

// Init gives a variable that is part of something else its first value and options. It must be
// called before anybody else can see the variable, once; it panics on a variable in use, or if an
// option was made for another type.
func (v *TVar[T]) Init(value T, list ...Option) {
	c := v.use()
	if !engine.Fresh(c) {
		panic("tvar: Init of a variable that is in use; use Store to change it")
	}
	if len(list) == 0 {
		form, packed := pack(engine.Unset, value)
		engine.Init(c, engine.Default, "", nil, form, packed)
		return
	}
	cfg, opts := configure[T](list)
	form, packed := pack(engine.Unset, opts.copied(value))
	if opts == nil {
		engine.Init(c, cfg.owner, cfg.name, nil, form, packed)
		return
	}
	engine.Init(c, cfg.owner, cfg.name, opts, form, packed)
}

// use returns the cell of v, with a clear panic if there is none.
func (v *TVar[T]) use() *engine.Cell {
	if v == nil {
		panic("tvar: nil variable; make it with tvar.New or take the address of a tvar.TVar")
	}
	return &v.cell
}

func optionsOf[T any](c *engine.Cell) *options[T] {
	opts, _ := engine.OptionsOf(c).(*options[T])
	return opts
}

// Name returns the name given by the option [Name], or "".
func (v *TVar[T]) Name() string { return engine.NameOf(v.use()) }

// Get returns the value that v has in the transaction. It does not block, but for a moment while
// somebody publishes a change of v. If v cannot be read consistently with what was read before, the
// attempt ends here and runs again. About 2 ns.
func (v *TVar[T]) Get(tx *stm.Tx) T {
	t := inside(tx)
	if v == nil || t == nil || engine.Debug {
		return v.getSlow(t)
	}
	c := &v.cell
	if w := engine.Word(c); t.Covers(c, w) {
		if inPlace[T](w) {
			bits := engine.Bits(c)
			if engine.Word(c) == w {
				t.Note(c, w)
				return fromBits[T](bits)
			}
		} else {
			p := engine.Pointer(c)
			if engine.Word(c) == w {
				t.Note(c, w)
				return fromPointer[T](engine.FormOf(w), p)
			}
		}
	}
	return v.getSlow(t)
}

// getSlow is for variables that are written, locked, newer than the snapshot, not plain, or wrong.
func (v *TVar[T]) getSlow(t *engine.Tx) T {
	c := v.use()
	value := unpack[T](t.Read(c))
	if engine.IsPlain(c) {
		return value
	}
	return optionsOf[T](c).copied(value)
}

// Set gives v a value in the transaction. Others see it once that has committed. It panics in a
// View. In Atomically a Set without a Get relies on nothing and clashes with nobody; in a held
// checkout it relies on v being as it was checked out.
func (v *TVar[T]) Set(tx *stm.Tx, value T) {
	t := inside(tx)
	if v == nil || t == nil || engine.Debug || !t.Blind(&v.cell) {
		v.setSlow(t, value)
		return
	}
	fill(t.Write(&v.cell), value)
}

// setSlow is for variables with options, held checkouts, and misuse.
func (v *TVar[T]) setSlow(t *engine.Tx, value T) {
	c := v.use()
	t.Writable(c)
	opts := optionsOf[T](c)
	value = opts.copied(value)
	same := false
	if opts.compares() || t.Is(engine.Held) {
		same = opts.same(unpack[T](t.Original(c)), value)
		if same && !t.HasWritten(c) {
			return
		}
	}
	e := t.Write(c)
	fill(e, value)
	e.SetSame(same)
}

// Modify sets v to fn of its value and returns that. It is a Get and a Set.
func (v *TVar[T]) Modify(tx *stm.Tx, fn func(T) T) T {
	if fn == nil {
		panic("tvar: Modify: nil function")
	}
	value := fn(v.Get(tx))
	v.Set(tx, value)
	return value
}

// Commute has fn applied to whatever value v has when the transaction commits. It relies on nothing,
// so transactions that only commute do not clash with each other; fn should be such that the order
// does not matter, such as an addition. fn may run several times, and must use its argument only.
// If the transaction reads v, the change is applied at once, and counts as a Get and a Set. About
// 60 ns, with one allocation or two.
//
// The idea is Clojure's commute.
func (v *TVar[T]) Commute(tx *stm.Tx, fn func(T) T) {
	if fn == nil {
		panic("tvar: Commute: nil function")
	}
	c := v.use()
	opts := optionsOf[T](c)
	inside(tx).Commute(c, func(form engine.Form, old engine.Value) (engine.Form, engine.Value, bool) {
		before := unpack[T](form, old)
		after := opts.copied(fn(opts.copied(before)))
		if opts.same(before, after) {
			return form, old, true
		}
		form, value := pack(form, after)
		return form, value, false
	})
}
