package engine

import "github.com/rinse-go/rinse/internal/shared"

// What structures of many cells need, in package tdata: cells that are made while transactions run, are
// told apart in reports, and are let go when nobody can tell the difference any more.

// PartsOf returns the rare record for the cells of one structure. The function names a cell in reports; without
// one it is the record of cells that have nothing rare.
func PartsOf(o *Owner, namer func(*Cell) string) *Rare {
	if namer == nil {
		return o.plain
	}
	return &Rare{owner: o, namer: namer, shared: true}
}

// Holding has fn hold a cell of the structure that a transaction comes to rely on by a Rebase, empty. Fn returns nil if the
// cell is not of the structure any more.
func (r *Rare) Holding(fn func(*Cell) Holder) *Rare {
	r.holder = fn
	return r
}

// Fixed has a Rebase fail if a cell has changed that the transaction has read: for those that what it has written hangs on.
func (r *Rare) Fixed() *Rare {
	r.fixed = true
	return r
}

// InitPart makes a fresh cell, which nobody else can see yet, a part of a structure. It holds nothing,
// and that counts as a change of the given version, which no pinned snapshot may be older than. A
// snapshot that is not pinned, and older, is extended to read it.
func InitPart(c *Cell, of *Rare, version uint64) {
	shared.SetPointer(&c.rare, of)
	shared.Set(&c.word, version<<shift)
}

// InitPartWith is InitPart for a cell that holds a value from the beginning.
func InitPartWith(c *Cell, of *Rare, version uint64, form Form, v Value) {
	shared.SetPointer(&c.rare, of)
	shared.Set(&c.raw, v.Raw)
	c.ptr = v.Ptr
	shared.Set(&c.word, version<<shift|uint64(form))
}

// A Holder is told when an attempt that relies on it is over, on the goroutine that ran it.
type Holder interface{ LetGo() }

// Hold has h told when the attempt is over: when it has committed or failed, or, if it waits for a
// change of what it read, when it need wait no longer.
func (t *Tx) Hold(h Holder) {
	t.holds, t.extras = append(t.holds, h), true
}

// letGo tells those who are held. They may panic, and may start transactions.
func (t *Tx) letGo() {
	for len(t.holds) > 0 {
		last := len(t.holds) - 1
		h := t.holds[last]
		t.holds[last] = nil
		t.holds = t.holds[:last]
		h.LetGo()
	}
	if cap(t.holds) > many {
		t.holds = nil
	}
}

// Latest reads what c holds now, whatever the snapshot, and logs it. It is for what a structure changes
// without changing what it means.
func (t *Tx) Latest(c *Cell) Value {
	w, v := c.settled()
	t.log(c, w)
	return v
}

// Renewable tells that something has been read which this transaction may have to Renew.
func (t *Tx) Renewable() { t.relinks, t.extras = true, true }

// Renew gives what was read of c under one word another, after the transaction itself has changed c
// without changing what it means. It reports whether there was anything. If c was as the snapshot has it, it
// still is, in effect, and can be read as it is.
func (t *Tx) Renew(c *Cell, old, now uint64) bool {
	if !t.relinks {
		return false
	}
	if old < limitOf(t.snapshot) || t.renewed[c] == old {
		if t.renewed == nil {
			t.renewed = map[*Cell]uint64{}
		}
		t.renewed[c] = now
	}
	t.tidy()
	seen := t.seen.places
	for at := seen.first(c); seen[at] != 0; at = seen.next(at) {
		if r := &t.reads[seen[at]-1]; r.cell == c && r.word == old {
			r.word = now
			return true
		}
	}
	return false
}

// Check tells, by a panic, why c may not be read here and now.
func (t *Tx) Check(c *Cell) { t.check(c) }

// Gate returns the gate that this transaction has shut, if any.
func (t *Tx) Gate() *Gate { return t.gate }

// Cover fixes the snapshot of a transaction that logs nothing, at version at least unless it is pinned,
// or leaves the attempt. It reports whether the snapshot has moved.
func (t *Tx) Cover(version uint64) (moved bool) {
	if version > t.snapshot && t.pin == nil {
		t.stale(version, nil)
		moved = true
	}
	t.flags |= seen
	return moved
}

// Present fixes the snapshot of a transaction that logs nothing; if nothing was read yet, and it is not
// pinned, at the present.
func (t *Tx) Present() {
	if t.flags&seen == 0 && t.pin == nil {
		t.extend(t.owner.Clock() + 1)
	}
	t.flags |= seen
}

// LogsNow reports whether what this attempt reads is logged.
func (t *Tx) LogsNow() bool { return t.flags&logs != 0 }

// BlindPart is Blind for a cell of a structure.
func (t *Tx) BlindPart(c *Cell, of *Rare) bool {
	return t.flags&blind != 0 && c.rare.Load() == of && of.owner == t.owner
}

// GiveWay leaves an attempt that may not wait for the gate, or no longer.
func (t *Tx) GiveWay() { t.clash(GateCause, nil) }

// Increase adds to the number that c holds when the transaction commits. It relies on nothing.
func (t *Tx) Increase(c *Cell, delta int64) {
	t.Writable(c)
	i := t.find(c)
	switch {
	case i < 0:
		t.add(c).pending = t.newSum(uint64(delta))
		t.commutes, t.extras = true, true
	case t.writes[i].pending == nil:
		e := t.touch(i)
		e.Form, e.same = Raw, false
		e.Value.Raw += uint64(delta)
	case i < t.mark:
		t.touch(i).pending = &pending{sum: true, delta: t.writes[i].pending.delta + uint64(delta)}
	default:
		t.writes[i].pending.delta += uint64(delta)
	}
}

// newSum returns a pending addition.
func (t *Tx) newSum(delta uint64) *pending {
	p := &t.sum
	if p.sum { // it is in use
		p = new(pending)
	}
	p.sum, p.delta = true, delta
	return p
}

// Add commits the sum of what c, a part of a structure, holds and delta, and returns it. It fails with
// Changed if others are at c, and with Shut if somebody has shut the gate.
func Add(c *Cell, of *Rare, delta int64) (int64, Verdict) {
	w, o := Word(c), of.owner
	if w&locked != 0 || !c.word.CompareAndSwap(w, w|locked) {
		return 0, Changed
	}
	if o.gate.Load() != nil {
		c.word.Store(w)
		return 0, Shut
	}
	version := o.next(versionOf(w))
	if newest := o.Newest(); newest != 0 && versionOf(w) <= newest {
		o.keep(c, w, version)
	}
	sum := c.raw.Load() + uint64(delta)
	c.raw.Store(sum)
	c.word.Store(version<<shift | uint64(Raw))
	if c.rare.Load() != of {
		c.wake()
	}
	return int64(sum), Committed
}

// Vacant returns the version of a cell that holds nothing and no commit is about to change.
func Vacant(c *Cell) (version uint64, ok bool) {
	w := Word(c)
	return versionOf(w), w&locked == 0 && formOf(w) == Unset
}

// At returns what c held at a pinned snapshot.
func At(c *Cell, p *Pin) (Form, Value) {
	word, v := c.asOf(p.Snapshot)
	return formOf(word), v
}

// Oldest returns the snapshot of the oldest pin, or, if there is none, the least that the next one can have. So what
// had been overwritten by that version is needed by no pin, present or to come.
func (o *Owner) Oldest() uint64 {
	oldest := o.Clock() + Stride // loaded first: a pin that is not seen below ticks later
	if o.Newest() == 0 {
		return oldest
	}
	o.pins.mu.Lock()
	defer o.pins.mu.Unlock()
	for p := o.pins.newest; p != nil; p = p.older {
		oldest = p.Snapshot
	}
	return oldest
}
