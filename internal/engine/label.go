package engine

// A label says who has made a change. It is good for one version of the cell that it is on, so a later
// change without one needs no look at it: its version is another.
type label struct {
	version uint64
	by      string
}

// Label has the changes that t commits labelled.
func (t *Tx) Label(by string) { t.label, t.extras = by, true }

// LabelSet returns the label.
func (t *Tx) LabelSet() string { return t.label }

// sign labels the cells that a version is about to be published to. They are locked.
func (t *Tx) sign(version uint64) {
	l := &label{version, t.label}
	for i := range t.writes {
		if e := &t.writes[i]; !e.same {
			e.cell.ownRare().label.Store(l)
		}
	}
}

// By returns the label of c's change to a version, "" if it had none or c has another one by now.
func By(c *Cell, version uint64) string {
	if r := c.rare.Load(); r != nil {
		if l := r.label.Load(); l != nil && l.version == version {
			return l.by
		}
	}
	return ""
}

// latest returns c's word and the label of its last change.
func (c *Cell) latest() (uint64, string) {
	for {
		w, _ := c.settled()
		if by := By(c, versionOf(w)); Word(c)&^hot == w {
			return w, by
		}
	}
}
