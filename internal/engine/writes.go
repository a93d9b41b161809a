package engine

import (
	"math/bits"
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
)

// An Entry of the write set is what one cell is to become.
type Entry struct {
	Value   Value
	cell    *Cell
	pending *pending // what Commute asked for; Value and Form are not known yet
	old     uint64   // the word when it was locked
	Form    Form     // Unset until the type says
	same    bool     // the value is what it was: lock and check, but change nothing
}

// pending is a list of commuting changes, to be applied to whatever is there, or a number to be added;
// a cell has either the one or the other.
type pending struct {
	changes []Commute
	base    uint64 // the word of the value that they were applied to last
	sum     bool   // there are no changes, but
	delta   uint64 // this
}

// A Commute is a change that is applied at commit to whatever is there. It reports the form of the
// result, and whether that is the same as before.
type Commute func(Form, Value) (Form, Value, bool)

// bit places c in a filter of 64 bits. Cells are 32 bytes or more apart.
func bit(c *Cell) uint64 { return 1 << (shared.Place(unsafe.Pointer(c)) >> 5 % 64) }

// find returns the place of c in the write set, or -1.
func (t *Tx) find(c *Cell) int {
	if t.filter&bit(c) == 0 {
		return -1
	}
	if len(t.writes) > few {
		t.extras = true
		return t.index.find(c, t.writes)
	}
	for i := range t.writes {
		if t.writes[i].cell == c {
			return i
		}
	}
	return -1
}

// Write returns c's entry in the write set, to be filled by the caller. The caller has called
// Writable, or knows that it would say nothing.
func (t *Tx) Write(c *Cell) *Entry {
	if t.filter&bit(c) == 0 {
		return t.add(c)
	}
	return t.rewrite(c)
}

func (t *Tx) rewrite(c *Cell) *Entry {
	i := t.find(c)
	if i < 0 {
		return t.add(c)
	}
	e := t.touch(i)
	e.pending, e.same = nil, false
	return e
}

// SetSame tells that the entry is what the cell holds already.
func (e *Entry) SetSame(same bool) { e.same = same }

func (t *Tx) add(c *Cell) *Entry {
	n := len(t.writes)
	if n == cap(t.writes) {
		t.writes = append(t.writes, Entry{})
	}
	t.writes = t.writes[:n+1]
	e := &t.writes[n]
	e.cell, e.Form, e.same = c, formOf(c.word.Load()), false
	t.filter |= bit(c)
	return e
}

// Blind reports whether a Set of c relies on nothing and needs no second look.
func (t *Tx) Blind(c *Cell) bool { return t.flags&blind != 0 && c.rare.Load() == t.plain }

// Writable tells, by a panic, why c may not be written here.
func (t *Tx) Writable(c *Cell) {
	t.check(c)
	if t.flags&ReadOnly != 0 {
		panic(readOnly(c))
	}
}

// Commute adds a change that is applied at commit, or at once if the value is known already.
func (t *Tx) Commute(c *Cell, change Commute) {
	t.Writable(c)
	i := t.find(c)
	if i < 0 {
		t.add(c).pending = &pending{changes: []Commute{change}}
		t.commutes, t.extras = true, true
		return
	}
	if p := t.writes[i].pending; p != nil {
		changes := append(p.changes[:len(p.changes):len(p.changes)], change)
		t.touch(i).pending = &pending{changes: changes}
		return
	}
	form, v, unchanged := change(t.writes[i].Form, t.writes[i].Value)
	e := t.touch(i)
	e.Form, e.Value, e.same = form, v, e.same && unchanged
}

// settle returns what the commutes of an entry make of the value in the snapshot: from here on it is a read and a
// write. A sum stays one, that a Rebase may move it to another value.
func (t *Tx) settle(i int) (Form, Value) {
	p := t.writes[i].pending
	word, v := t.fetch(t.writes[i].cell)
	form, v, same := p.apply(formOf(word), v)
	if !p.sum {
		e := t.touch(i)
		e.Form, e.Value, e.same, e.pending = form, v, same, nil
	}
	return form, v
}

// undone is an entry as it was before an inner savepoint changed it.
type undone struct {
	at    int
	entry Entry
}

// touch returns an entry that is about to be changed, after noting how to undo that.
func (t *Tx) touch(i int) *Entry {
	if i < t.mark {
		t.undo = append(t.undo, undone{i, t.writes[i]})
	}
	return &t.writes[i]
}

// A Savepoint is a place in a transaction to come back to.
type Savepoint struct{ undo, mark int }

// Save makes a savepoint. It ends with Rollback or Keep, innermost first.
func (t *Tx) Save() Savepoint {
	s := Savepoint{len(t.undo), t.mark}
	t.mark, t.extras = len(t.writes), true
	return s
}

// Keep ends a savepoint and keeps its changes, which belong to the outer one from now on.
func (t *Tx) Keep(s Savepoint) {
	if s.mark == 0 {
		clear(t.undo)
		t.undo = t.undo[:0]
	}
	t.mark = s.mark
}

// Rollback ends a savepoint and undoes its changes. What was read stays read.
func (t *Tx) Rollback(s Savepoint) {
	for i := len(t.undo) - 1; i >= s.undo; i-- {
		t.writes[t.undo[i].at] = t.undo[i].entry
	}
	clear(t.undo[s.undo:])
	t.undo = t.undo[:s.undo]
	clear(t.writes[t.mark:])
	t.writes = t.writes[:t.mark]
	t.mark = s.mark
	t.filter = 0
	for i := range t.writes {
		t.filter |= bit(t.writes[i].cell)
	}
	t.index = index{}
}

// index finds entries of large write sets. It is filled when asked.
type index struct {
	places table // plus one
	count  int   // how many entries are in it
}

func (x *index) find(c *Cell, writes []Entry) int {
	if x.count < len(writes) {
		x.fill(writes)
	}
	for at := x.places.first(c); ; at = x.places.next(at) {
		i := int(x.places[at]) - 1
		if i < 0 || writes[i].cell == c {
			return i
		}
	}
}

func (x *index) fill(writes []Entry) {
	if len(x.places) < 2*len(writes) {
		x.places, x.count = make(table, 2*tableFor(len(writes))), 0
	}
	for ; x.count < len(writes); x.count++ {
		at := x.places.first(writes[x.count].cell)
		for x.places[at] != 0 {
			at = x.places.next(at)
		}
		x.places[at] = uint32(x.count) + 1
	}
}

// A table is a hash table of cells by open addressing: a power of two of numbers, at least one of them 0,
// that say where a cell is.
type table []uint32

// tableFor is the size of a table for n cells, of which they fill half at most.
func tableFor(n int) int { return 1 << bits.Len(uint(2*n-1)) }

// first is where to look for a cell, and next where to go on.
func (x table) first(c *Cell) int { return int(hash(c)) & (len(x) - 1) }
func (x table) next(at int) int   { return (at + 1) & (len(x) - 1) }

func hash(c *Cell) uint64 {
	return uint64(shared.Place(unsafe.Pointer(c))) >> 5 * 0x9E3779B97F4A7C15 >> 32
}
