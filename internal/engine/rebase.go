package engine

import "slices"

// A Merger decides what becomes of a variable that was changed on both sides. It gets the value that
// both began with, this transaction's, and the one that others have committed, and returns what is to
// be written and whether that is what the others have already. It reports false, with a reason or
// without, if it cannot.
type Merger interface {
	Merge(base, mine, theirs Kept) (merged Kept, same, ok bool, err error)
}

// Kept is a value and how it is kept.
type Kept struct {
	Form  Form
	Value Value
}

// Rebase moves a held transaction to a snapshot of the present, and keeps what it has written on top.
// It returns what was changed on both sides and could not be merged: then nothing has moved. Mergers
// run here, on no lock, under both snapshots, and may panic. Variables that were only read or
// commuted are taken over as they are now.
func (t *Tx) Rebase() (conflicts []Change) {
	spare := t.owner.Pin(0) // the one to let go of
	defer func() {
		t.owner.Unpin(spare)
		t.Reopen()
	}()
	t.stop(committing)
	writes := slices.Clone(t.writes)
	for i := range writes {
		if c := t.reconcile(&writes[i], spare.Snapshot); c != nil {
			conflicts = append(conflicts, *c)
		}
	}
	for i := range t.reads {
		if c := t.reads[i].cell; t.find(c) < 0 && t.brokenBy(&t.reads[i], spare.Snapshot) {
			conflicts = append(conflicts, Change{Cell: c, Base: versionOf(t.reads[i].word), Current: Version(c)})
		}
	}
	if conflicts == nil {
		t.pin, spare = spare, t.pin
		t.snapshot, t.writes = t.pin.Snapshot, writes
		for i := range t.reads {
			r := &t.reads[i]
			was := formOf(r.word)
			if r.word, _ = r.cell.asOf(t.snapshot); was != Unset && formOf(r.word) == Unset {
				t.holdPart(r.cell)
			}
		}
	}
	return conflicts
}

// brokenBy reports whether what is there at a later snapshot is not what was read, of a cell that is fixed.
func (t *Tx) brokenBy(r *read, snapshot uint64) bool {
	rare := r.cell.rare.Load()
	if rare == nil || !rare.fixed {
		return false
	}
	now, _ := r.cell.asOf(snapshot)
	return versionOf(now) != versionOf(r.word)
}

// holdPart holds a cell that may go while it is empty. It is there yet: under the snapshot that is still pinned it was
// not empty.
func (t *Tx) holdPart(c *Cell) {
	if r := c.rare.Load(); r != nil && r.holder != nil {
		if h := r.holder(c); h != nil {
			t.Hold(h)
		}
	}
}

// reconcile makes an entry one on top of what is there at a later snapshot, or returns the conflict.
func (t *Tx) reconcile(e *Entry, snapshot uint64) *Change {
	word, base := e.cell.asOf(t.snapshot)
	now, theirs := e.cell.asOf(snapshot)
	switch {
	case e.pending != nil || versionOf(now) == versionOf(word):
		return nil
	case e.same: // changed on their side only
		e.Form, e.Value = formOf(now), theirs
		return nil
	}
	conflict := &Change{Cell: e.cell, Base: versionOf(word), Current: versionOf(now), Written: true, By: By(e.cell, versionOf(now))}
	m, ok := OptionsOf(e.cell).(Merger)
	if !ok {
		return conflict
	}
	merged, same, ok, err := m.Merge(Kept{formOf(word), base}, Kept{e.Form, e.Value}, Kept{formOf(now), theirs})
	if !ok {
		conflict.Err = err
		return conflict
	}
	e.Form, e.Value, e.same = merged.Form, merged.Value, same
	return nil
}

// GoOn makes a transaction that has committed under a pin of its own a checkout of what it has
// committed.
func (t *Tx) GoOn() {
	t.Unpin()
	t.pin, t.next = t.next, nil
	by := t.label
	t.Clear()
	t.Begin()
	t.label = by
}
