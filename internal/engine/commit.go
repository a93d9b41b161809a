package engine

import "github.com/rinse-go/rinse/internal/shared"

// Verdict is how an attempt to commit ended.
type Verdict uint8

const (
	Committed Verdict = iota
	Changed           // something that was read has changed
	Shut              // the gate is shut: wait and try again
	Busy              // a cell stayed locked, or changed under a Commute: try again
)

// Insist commits again after Busy, several times.
func (t *Tx) Insist(numbered bool) (version uint64, verdict Verdict) {
	for try := 1; try < maxTries || t.gate != nil; try++ {
		t.awaitLost()
		if version, verdict = t.Commit(numbered); verdict != Busy {
			return version, verdict
		}
	}
	return 0, Busy
}

// awaitLost waits, holding no lock, until the cell that the commit lost on is unlocked: for one whose
// committer has lost its processor that can be as long as others may have it.
func (t *Tx) awaitLost() {
	t.rest(t.lost, maxSpin)
	for c := t.lost; c != nil && t.flags&Impatient == 0 && Word(c)&locked != 0; {
		shared.AwaitClear(&c.word, locked, maxSpin)
	}
}

// Reopen makes a held checkout usable again after a commit that failed or panicked.
func (t *Tx) Reopen() {
	if t.flags&committing != 0 {
		t.flags = t.start
		t.limit = limitOf(t.snapshot)
	}
}

// A Change is a cell that was relied on and has changed since.
type Change struct {
	Cell          *Cell
	Base, Current uint64 // versions
	Written       bool
	By            string // label of the change
	Err           error  // why it could not be merged
}

// Changes lists what was read and has changed since, each cell once, in the order read.
func (t *Tx) Changes() []Change {
	var changes []Change
	listed := map[*Cell]bool{}
	for i := range t.reads {
		r := &t.reads[i]
		if w, by := r.cell.latest(); w != r.word && !listed[r.cell] {
			listed[r.cell] = true
			changes = append(changes, Change{
				Cell: r.cell, Base: versionOf(r.word), Current: versionOf(w), Written: t.find(r.cell) >= 0, By: by,
			})
		}
	}
	return changes
}

// Commit makes the writes visible, all at once, by the protocol at the head of tx.go. It returns the
// version, which is one that nobody can still take if numbered is set, or why it could not; then
// nothing has changed. Functions given to Commute run here, on no lock, and may panic.
func (t *Tx) Commit(numbered bool) (uint64, Verdict) {
	t.stop(committing)
	if t.commutes {
		t.applyCommutes()
	}
	highest, writes := uint64(0), t.writes
	for i := range writes {
		e := &writes[i]
		w := Word(e.cell)
		if w&locked != 0 || e.pending != nil || !e.cell.word.CompareAndSwap(w, w|locked) {
			if w = t.lock(e); w == 0 {
				return t.unlock(i, Busy)
			}
		}
		e.old = w &^ locked
		highest = max(highest, w&^(locked|hot))
	}
	highest >>= shift
	if !t.owner.passes(t.gate) {
		return t.unlock(len(t.writes), Shut)
	}
	version := uint64(0)
	if numbered {
		version = t.number(highest)
	} else {
		version = t.owner.next(highest)
	}
	if verdict := t.validate(); verdict != Committed {
		return t.unlock(len(t.writes), verdict)
	}
	if newest := t.owner.Newest(); newest != 0 {
		t.keepOld(newest, version)
	}
	if t.extras && t.label != "" {
		t.sign(version)
	}
	t.publish(version)
	return version, Committed
}

// lock locks a cell that could not be locked at once, and returns the word that it has now. It
// returns 0 if the cell stays locked, or a Commute was applied to another value than it has.
func (t *Tx) lock(e *Entry) uint64 {
	for spin := 0; spin < maxSpin || t.gate != nil; spin++ {
		w := Word(e.cell)
		if w&locked != 0 {
			t.rest(e.cell, spin)
			continue
		}
		if e.pending != nil && !e.pending.sum && w&^hot != e.pending.base {
			return 0
		}
		if e.cell.word.CompareAndSwap(w, w|locked) {
			if e.pending != nil && e.pending.sum {
				e.Form, e.Value, e.same = e.pending.apply(formOf(w), e.cell.peek())
			}
			return w | locked
		}
	}
	t.lost, t.extras = e.cell, true
	return 0
}

// rest waits a moment for c to be unlocked, if it is known. Only one who has shut the gate goes on
// until it is.
func (t *Tx) rest(c *Cell, spin int) {
	if t.gate != nil && c != nil {
		shared.AwaitClear(&c.word, locked, spin)
	} else {
		shared.Pause(spin)
	}
}

// unlock undoes the first count locks and passes on the reason.
func (t *Tx) unlock(count int, why Verdict) (uint64, Verdict) {
	for i := range t.writes[:count] {
		e := &t.writes[i]
		e.cell.word.Store(e.old)
	}
	if t.next != nil {
		t.owner.Unpin(t.next)
		t.next = nil
	}
	return 0, why
}

// number returns a version that nobody else can still take. If the transaction is to go on, it is also
// the snapshot of its next pin.
func (t *Tx) number(old uint64) uint64 {
	if t.flags&chained != 0 {
		t.next = t.owner.Pin(old)
		return t.next.Snapshot
	}
	return t.owner.tick(old)
}

// next returns a version above old and above the clock, and no more than Stride above it.
func (o *Owner) next(old uint64) uint64 {
	clock := o.Clock()
	if old >= clock+Stride {
		clock = o.advance(old)
	}
	if clock < old {
		clock = old
	}
	return clock + 1
}

// validate checks that everything read is as it was read, and locked by nobody else.
func (t *Tx) validate() Verdict {
	reads, writes := t.reads, t.writes
	for i := range reads {
		r := &reads[i]
		if i < len(writes) && writes[i].cell == r.cell && writes[i].old&^hot == r.word {
			continue // most transactions write what they read, in that order
		}
		w := Word(r.cell) &^ hot
		if w == r.word || w == r.word|locked && t.find(r.cell) >= 0 {
			continue
		}
		t.lost, t.extras = r.cell, true
		if w == r.word|locked {
			return Busy
		}
		return Changed
	}
	return Committed
}

// keepOld saves what is about to be overwritten and the newest pin may need.
func (t *Tx) keepOld(newest, version uint64) {
	for i := range t.writes {
		if e := &t.writes[i]; !e.same && versionOf(e.old) <= newest {
			t.owner.keep(e.cell, e.old, version)
		}
	}
}

// publish stores each value, then its version, which unlocks it; then it wakes who waits for that.
func (t *Tx) publish(version uint64) {
	awaited, writes := false, t.writes
	for i := range writes {
		e := &writes[i]
		w := e.old
		if !e.same {
			e.cell.put(e.Form == Raw, &e.Value)
			if formOf(e.old) == Unset {
				e.cell.setMark(e.Form == Raw, &e.Value)
			}
			w = version<<shift | uint64(e.Form) | e.old&hot
		}
		if w&hot != 0 && !t.owner.queueOf(e.cell).Wanted() {
			w &^= hot
		}
		e.cell.word.Store(w)
		awaited = awaited || e.cell.rare.Load() != t.plain
	}
	if awaited {
		t.wake()
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
		if e.pending == nil || e.pending.sum {
			continue // a sum needs no user code, so it is done under the lock
		}
		word, v := e.cell.settled()
		e.pending.base = word
		e.Form, e.Value, e.same = e.pending.apply(formOf(word), v)
	}
}

// apply applies changes one after another and reports whether none of them was one. An addition
// always is, also of 0.
func (p *pending) apply(form Form, v Value) (Form, Value, bool) {
	if p.sum {
		return Raw, Value{Raw: v.Raw + p.delta}, false
	}
	same := true
	for _, change := range p.changes {
		var unchanged bool
		form, v, unchanged = change(form, v)
		same = same && unchanged
	}
	return form, v, same
}
