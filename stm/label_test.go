package stm_test

import (
	"errors"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// labelled changes variables in a transaction of a form, under a label.
func labelled(t *testing.T, f form, o *stm.Owner, label string, vars ...*tvar.TVar[int]) {
	t.Helper()
	require.NoError(t, f.run(o, func(tx *stm.Tx) error {
		tx.Label(label)
		for _, v := range vars {
			write(tx, v)
		}
		return nil
	}))
}

func TestClashReportsTellWhoWon(t *testing.T) {
	for _, f := range updates {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := named(o, "a", "b", "c", "read")
			at := next(o)
			tx := o.Checkout()
			defer tx.Discard()
			for _, x := range v[:3] {
				write(tx, x)
			}
			v[3].Get(tx)
			labelled(t, f, o, "ann", v[0], v[1])
			labelled(t, f, o, "bob", v[1], v[3])
			labelled(t, f, o, "", v[2])
			want := map[string]string{"a": "ann", "b": "bob", "c": "", "read": "bob"}
			_, commit := tx.Commit()
			_, resume := o.Resume(at, v[0], v[1], v[2], v[3])
			rebase := tx.Rebase()
			delete(want, "")
			for name, err := range map[string]error{"Commit": commit, "Resume": resume, "Rebase": rebase} {
				for variable, clash := range clashes(t, err) {
					assert.Equal(t, want[variable], clash.By, "%s: %s", name, variable)
				}
				assert.Contains(t, err.Error(), `by "ann"`)
			}
			healthy(t, o, v...)
		})
	}
}

// The last change of a variable has a label or it has none; nobody inherits one.
func TestALaterChangeTakesTheLabelAway(t *testing.T) {
	for name, change := range map[string]func(*stm.Owner, *tvar.TVar[int]){
		"Store":      func(_ *stm.Owner, x *tvar.TVar[int]) { x.Store(7) },
		"Update":     func(_ *stm.Owner, x *tvar.TVar[int]) { x.Update(plusOne) },
		"Atomically": func(o *stm.Owner, x *tvar.TVar[int]) { mustAtomically(o, func(tx *stm.Tx) { write(tx, x) }) },
		"Checkout": func(o *stm.Owner, x *tvar.TVar[int]) {
			must(checkout(o, func(tx *stm.Tx) error { write(tx, x); return nil }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(0, tvar.In(o), tvar.Name("x"))
			at := next(o)
			labelled(t, formAtomically, o, "ann", x)
			change(o, x)
			_, err := o.Resume(at, x)
			assert.Empty(t, clashes(t, err)["x"].By)
			assert.NotContains(t, err.Error(), "ann")
		})
	}
}

// A label is that of the attempt that committed, and of what was not undone.
func TestALabelIsThatOfWhatCommitted(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o), tvar.Name("x"))
	by := func(fn func(*stm.Tx)) string {
		at := next(o)
		fn2 := func(tx *stm.Tx) { fn(tx); write(tx, x) }
		mustAtomically(o, fn2)
		_, err := o.Resume(at, x)
		return clashes(t, err)["x"].By
	}
	assert.Equal(t, "last", by(func(tx *stm.Tx) { tx.Label("first"); tx.Label("last") }))
	assert.Equal(t, "", by(func(tx *stm.Tx) { tx.Label("first"); tx.Label("") }))
	assert.Equal(t, "second", by(func(tx *stm.Tx) {
		if tx.Attempt() > 1 {
			tx.Label("second")
			return
		}
		tx.Label("first")
		x.Get(tx)
		elsewhere(func() { x.Store(3) })
	}))
	assert.Equal(t, "", by(func(tx *stm.Tx) {
		if tx.Attempt() == 1 {
			tx.Label("first")
			x.Get(tx)
			elsewhere(func() { x.Store(3) })
		}
	}), "the attempt that had a label did not commit")
	assert.Equal(t, "outer", by(func(tx *stm.Tx) {
		tx.Label("outer")
		_ = tx.Nested(func(tx *stm.Tx) error { tx.Label("undone"); return errUser })
		_ = tx.OrElse(func(tx *stm.Tx) error { tx.Label("retried"); tx.Retry(); return nil }, nothing)
	}))
	assert.Equal(t, "inner", by(func(tx *stm.Tx) {
		tx.Label("outer")
		_ = tx.Nested(func(tx *stm.Tx) error { tx.Label("inner"); return nil })
	}))
	assert.Equal(t, "", by(func(*stm.Tx) {}), "descriptors are used again, labels are not")
}

// A label stays with a checkout that goes on.
func TestALabelStaysWithACheckout(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o), tvar.Name("x"), tvar.Merge(sum))
	tx := o.Checkout()
	defer tx.Discard()
	tx.Label("ann")
	for step := range 3 {
		at := next(o)
		write(tx, x)
		if step == 1 {
			x.Store(7)
			require.NoError(t, tx.Rebase())
		}
		_, err := tx.Checkpoint()
		require.NoError(t, err)
		_, err = o.Resume(at, x)
		assert.Equal(t, "ann", clashes(t, err)["x"].By)
	}
}

// What a transaction did not change it has not won.
func TestALabelIsNotOnWhatWasOnlyRead(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o), tvar.Name("x"), tvar.Equal(equal))
	y := tvar.New(0, tvar.In(o))
	at := next(o)
	x.Store(1)
	mustAtomically(o, func(tx *stm.Tx) { tx.Label("ann"); x.Set(tx, 2); x.Set(tx, 1); write(tx, y) })
	_, err := o.Resume(at, x)
	assert.Empty(t, clashes(t, err)["x"].By)
}

func TestClashesTellsWithoutCommitting(t *testing.T) {
	o := stm.NewOwner()
	v := named(o, "read", "written", "commuted", "untouched")
	tx := o.Checkout()
	defer tx.Discard()
	v[0].Get(tx)
	assert.Empty(t, tx.Clashes())
	labelled(t, formAtomically, o, "ann", v[0])
	assert.Len(t, tx.Clashes(), 1, "also if it has set nothing")
	write(tx, v[1])
	v[2].Commute(tx, plusOne)
	for _, x := range v[1:] {
		x.Store(50)
	}
	now := tx.Clashes()
	_, err := tx.Commit()
	var full *stm.ClashError
	require.True(t, errors.As(err, &full))
	assert.Equal(t, full.Vars, now, "it is what Commit says")
	require.Len(t, now, 2)
	assert.Equal(t, stm.VarClash{Name: "read", Base: 0, Current: version(v[0]), By: "ann"}, now[0])
	assert.Equal(t, stm.VarClash{Name: "written", Base: 0, Current: version(v[1]), Written: true}, now[1])
	assert.Equal(t, 2, v[1].Get(tx), "nothing has moved")
	tx.Discard()
	told(t, failureOf(func() error { tx.Clashes(); return nil }), stm.ErrClosed, "")
	healthy(t, o, v...)
}
