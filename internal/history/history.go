// Package history keeps overwritten values by what they are of and by their versions: what a versioned memory
// needs for those who look at the past. It knows nothing of transactions.
package history

import (
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
)

// A Table has the old values of cells: a hash table of cells, each with a chain of values. (Chains that begin in the
// cells would make every cell that was ever overwritten while somebody looked at the past larger, and slower.) One at
// a time may call Add and Remove. Find needs no lock, but may miss a cell that is moved to other buckets meanwhile.
// The zero Table is empty.
type Table struct {
	buckets shared.Pointer[buckets] // nil if there is nothing
	count   int                     // of shelves
}

// buckets are a power of two.
type buckets []shared.Pointer[shelf]

// A shelf has the old values of one cell, at least one.
type shelf struct {
	cell   unsafe.Pointer // immutable
	newest shared.Pointer[Old]
	next   shared.Pointer[shelf] // in its bucket
}

// Old is an overwritten value. It is good from its word, which is the greater, the later its version is, up to that of the
// next later one.
type Old struct {
	Word uint64         // immutable
	Raw  uint64         // immutable: the value, in either of two places
	Ptr  unsafe.Pointer // immutable
	Next *Old           // for the one who adds it and removes it

	shelf   *shelf // immutable once it can be found
	earlier shared.Pointer[Old]
	later   *Old
}

// Find returns the newest value of a cell whose word is below a limit.
func (t *Table) Find(cell unsafe.Pointer, limit uint64) *Old {
	s := t.shelf(cell)
	if s == nil {
		return nil
	}
	old := s.newest.Load()
	for old != nil && old.Word >= limit {
		old = old.earlier.Load()
	}
	return old
}

func (t *Table) shelf(cell unsafe.Pointer) *shelf {
	b := t.buckets.Load()
	if b == nil {
		return nil
	}
	s := b.of(cell).Load()
	for s != nil && s.cell != cell {
		s = s.next.Load()
	}
	return s
}

func (b buckets) of(cell unsafe.Pointer) *shared.Pointer[shelf] {
	hash := uint64(shared.Place(cell)) >> 5 * 0x9E3779B97F4A7C15
	return &b[hash>>32%uint64(len(b))]
}

func (b buckets) put(s *shelf) {
	first := b.of(s.cell)
	s.next.Store(first.Load())
	first.Store(s)
}

// Add adds the newest value of a cell.
func (t *Table) Add(cell unsafe.Pointer, old *Old) {
	if old.shelf = t.shelf(cell); old.shelf == nil {
		old.shelf = &shelf{cell: cell}
		if b := t.buckets.Load(); b == nil || t.count == len(*b) {
			t.resize(max(fewest, 2*t.count))
		}
		t.count++
		t.buckets.Load().put(old.shelf)
	}
	earlier := old.shelf.newest.Load()
	if earlier != nil {
		earlier.later = old
	}
	old.earlier.Store(earlier)
	old.shelf.newest.Store(old)
}

// Remove removes a value that was added.
func (t *Table) Remove(old *Old) {
	earlier := old.earlier.Load()
	if earlier != nil {
		earlier.later = old.later
	}
	switch {
	case old.later != nil:
		old.later.earlier.Store(earlier)
	case earlier != nil:
		old.shelf.newest.Store(earlier)
	default:
		t.clear(old.shelf)
	}
}

// clear takes an empty shelf out, and the buckets with the last one.
func (t *Table) clear(s *shelf) {
	b := *t.buckets.Load()
	link := b.of(s.cell)
	for at := link.Load(); at != s; at = link.Load() {
		link = &at.next
	}
	link.Store(s.next.Load())
	if t.count--; t.count == 0 {
		t.buckets.Store(nil)
	} else if len(b) > fewest && t.count < len(b)/8 {
		t.resize(len(b) / 4)
	}
}

// resize moves all shelves to another number of buckets.
func (t *Table) resize(n int) {
	b := make(buckets, n)
	if before := t.buckets.Load(); before != nil {
		for i := range *before {
			for s := (*before)[i].Load(); s != nil; {
				next := s.next.Load()
				b.put(s)
				s = next
			}
		}
	}
	t.buckets.Store(&b)
}

// Empty reports whether there is nothing, when nobody is at it.
func (t *Table) Empty() bool { return t.count == 0 && t.buckets.Load() == nil }
