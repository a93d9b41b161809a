package engine

import "slices"

// The read set is a log: each cell that was read is in it at least once, under the word that it was read
// under. Reading it again may log it again, which is faster than to look whether it is there, until the
// log has no room left: then what is there twice is taken out. So the log has never more than plenty
// elements, or two for each cell and word.

// read is a cell and the word it had.
type read struct {
	cell *Cell
	word uint64
}

// Note records that c was read under word.
func (t *Tx) Note(c *Cell, word uint64) {
	if t.flags&logs != 0 {
		t.reads = append(t.reads, read{c, word})
		if t.flags&fresh != 0 {
			t.first(word)
		} else if len(t.reads) >= t.room {
			t.limit = 0 // so that the next read is logged by log
		}
	} else {
		t.flags |= seen
	}
}

// log is Note on the slow path, where there may be no room.
func (t *Tx) log(c *Cell, word uint64) {
	if len(t.reads) >= t.room {
		t.tidy()
	}
	t.Note(c, word)
}

// tidy leaves each read in the log once, where it was first, and makes room. Then seen finds them all.
func (t *Tx) tidy() {
	if size := tableFor(max(len(t.reads), 1)); len(t.seen.places) < size {
		t.seen = index{make(table, 2*size), 0}
	}
	seen, kept := t.seen.places, t.reads[:t.seen.count]
	for _, r := range t.reads[len(kept):] {
		at := seen.first(r.cell)
		for seen[at] != 0 && kept[seen[at]-1] != r {
			at = seen.next(at)
		}
		if seen[at] == 0 {
			kept = append(kept, r)
			seen[at] = uint32(len(kept))
		}
	}
	clear(t.reads[len(kept):])
	t.seen.count = len(kept)
	t.room, t.extras = max(2*len(kept), plenty), true
	t.reads = slices.Grow(kept, t.room-len(kept))
	if t.flags&(open|ahead|interrupt) == open {
		t.limit = limitOf(t.snapshot)
	}
}

// first decides after the first read from where on words are too new. One variable alone is always
// consistent: if it is newer than the snapshot, that can wait for a second one.
func (t *Tx) first(word uint64) {
	t.flags &^= fresh
	t.limit = limitOf(t.snapshot)
	if word >= t.limit {
		t.flags, t.limit = t.flags|ahead, 0
	}
}
