package engine

// Verdict is how an attempt to commit ended.
type Verdict uint8

const (
	Committed Verdict = iota
	Changed           // something that was read has changed
	Busy              // a cell stayed locked
	Moved             // a cell changed under a Commute: apply it again
	Shut              // the gate is shut: wait and try again
)

// maxSpin is how often one looks at a lock that is held for a commit before it does something else.
const maxSpin = 256

// maxTries is how often a commit starts over before the attempt counts as a clash.
const maxTries = 16

// Commit makes the writes visible, all at once. It returns the version, which is one that nobody
// can still take if numbered is set, and Changed, Busy or Shut if it could not; then nothing has
// changed. Functions given to Commute run here, on no lock, and may panic.
func (t *Tx) Commit(numbered bool) (uint64, Verdict) {
	if len(t.writes) == 0 {
		if numbered {
			return t.Snapshot(), Committed
		}
		return 0, Committed
	}
	t.state = committing
	t.limit, t.blind = 0, false
	verdict := Busy
	for try := 0; try < maxTries || t.gate != nil; try++ {
		var version uint64
		t.applyCommutes()
		if version, verdict = t.commit(numbered); verdict == Committed {
			t.wake()
			return version, Committed
		}
		if verdict == Changed || verdict == Shut {
			break
		}
		pause(maxSpin)
	}
	return 0, verdict
}

// Reopen makes a held checkout usable again after a commit that failed or panicked.
func (t *Tx) Reopen() {
	if t.state == committing {
		t.state = open
		t.limit = limitOf(t.snapshot)
	}
}

// A Change is a cell that was relied on and has changed since.
type Change struct {
	Cell          *Cell
	Base, Current uint64 // versions
	Written       bool
}

// Changes lists what was read and has changed since, each cell once, in the order read.
func (t *Tx) Changes() []Change {
	var changes []Change
	listed := map[*Cell]bool{}
	for i := range t.reads {
		r := &t.reads[i]
		if w, _ := r.cell.settled(); w != r.word && !listed[r.cell] {
			listed[r.cell] = true
			changes = append(changes, Change{r.cell, versionOf(r.word), versionOf(w), t.find(r.cell) >= 0})
		}
	}
	return changes
}

// commit is one run through the protocol at the head of tx.go.
func (t *Tx) commit(numbered bool) (uint64, Verdict) {
	count, verdict := t.lockAll()
	if verdict == Committed && !t.owner.passes(t.gate) {
		verdict = Shut
	}
	var version uint64
	if verdict == Committed {
		version = t.version(numbered)
		verdict = t.validate()
	}
	if verdict != Committed {
		t.unlock(count)
		return 0, verdict
	}
	t.keepOld()
	t.publish(version)
	return version, Committed
}

// lockAll locks every cell that is to be written and returns how many it has locked.
func (t *Tx) lockAll() (int, Verdict) {
	for i := range t.writes {
		if verdict := t.lock(&t.writes[i]); verdict != Committed {
			return i, verdict
		}
	}
	return len(t.writes), Committed
}

func (t *Tx) lock(e *Entry) Verdict {
	for spin := 0; spin < maxSpin || t.gate != nil; spin++ {
		w := Word(e.cell)
		if w&locked != 0 {
			pause(spin)
			continue
		}
		if e.commutes != nil && w&^hot != e.base {
			return Moved
		}
		if e.cell.word.CompareAndSwap(w, w|locked) {
			e.old = w
			return Committed
		}
	}
	t.lost = e.cell
	return Busy
}

func (t *Tx) unlock(count int) {
	for i := range t.writes[:count] {
		e := &t.writes[i]
		yield()
		e.cell.word.Store(e.old)
	}
}

// version takes the version of this commit from the clock, above those of all locked cells.
func (t *Tx) version(numbered bool) uint64 {
	highest := uint64(0)
	for i := range t.writes {
		highest = max(highest, versionOf(t.writes[i].old))
	}
	if numbered {
		return t.owner.tick(highest)
	}
	return t.owner.next(highest)
}

// next returns a version above old and above the clock, and no more than Stride above it.
func (o *Owner) next(old uint64) uint64 {
	clock := o.Clock()
	if old >= clock+Stride {
		clock = o.advance(old)
	}
	return max(clock, old) + 1
}

// validate checks that everything read is as it was read, and locked by nobody else.
func (t *Tx) validate() Verdict {
	for i := range t.reads {
		r := &t.reads[i]
		w := Word(r.cell) &^ hot
		if w == r.word || w == r.word|locked && t.find(r.cell) >= 0 {
			continue
		}
		t.lost = r.cell
		if w == r.word|locked {
			return Busy
		}
		return Changed
	}
	return Committed
}

// keepOld saves what is about to be overwritten if a pin may need it.
func (t *Tx) keepOld() {
	yield()
	newest := t.owner.newest.Load()
	if newest == 0 {
		return
	}
	for i := range t.writes {
		if e := &t.writes[i]; !e.same && versionOf(e.old) <= newest {
			t.owner.keep(e.cell, e.old)
		}
	}
}

// publish stores each value, then its version, which unlocks it.
func (t *Tx) publish(version uint64) {
	for i := range t.writes {
		e := &t.writes[i]
		w := e.old
		if !e.same {
			e.cell.put(e.Form, e.Value)
			w = version<<shift | e.Form | e.old&hot
		}
		if w&hot != 0 && t.owner.queueOf(e.cell).waiting.Load() == 0 {
			w &^= hot
		}
		yield()
		e.cell.word.Store(w)
	}
}

func (t *Tx) wake() {
	for i := range t.writes {
		if e := &t.writes[i]; !e.same {
			e.cell.wake()
		}
	}
}

// applyCommutes computes what commuting writes amount to on the values of this moment.
func (t *Tx) applyCommutes() {
	for i := range t.writes {
		e := &t.writes[i]
		if e.commutes == nil {
			continue
		}
		word, v := e.cell.settled()
		form, same := word&formBits, true
		for _, change := range e.commutes {
			var unchanged bool
			form, v, unchanged = change(form, v)
			same = same && unchanged
		}
		e.base, e.Form, e.Value, e.same = word, form, v, same
	}
}
