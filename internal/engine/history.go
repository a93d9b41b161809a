package engine

import (
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
)

// A history has the overwritten values that pins need: a hash table of cells, each with a chain of
// values. (Chains that begin in the cells would make every cell that was ever overwritten under a pin
// larger, and slower, since it would no longer be a plain one.) Changes are made with pins.mu held.
// find needs no lock, but may miss a cell that is moved to other buckets meanwhile.
type history struct {
	buckets shared.Pointer[buckets] // nil if there is nothing
	count   int                     // of shelves; guarded by pins.mu
}

// buckets are a power of two.
type buckets []shared.Pointer[shelf]

// A shelf has the old values of one cell, at least one.
type shelf struct {
	cell   *Cell // immutable
	newest shared.Pointer[past]
	next   shared.Pointer[shelf] // in its bucket
}

// past is an overwritten value, good from its version up to that of the next later one.
type past struct {
	word    uint64 // immutable, and so are value and, once it is found, shelf
	value   Value
	shelf   *shelf
	earlier shared.Pointer[past]
	later   *past // guarded by pins.mu
	after   *past // guarded by pins.mu: hangs on the same pin
}

// find returns what c held at a snapshot that a pin holds.
func (h *history) find(c *Cell, snapshot uint64) *past {
	s := h.shelf(c)
	if s == nil {
		return nil
	}
	old := s.newest.Load()
	for old != nil && versionOf(old.word) > snapshot {
		old = old.earlier.Load()
	}
	return old
}

func (h *history) shelf(c *Cell) *shelf {
	b := h.buckets.Load()
	if b == nil {
		return nil
	}
	s := b.of(c).Load()
	for s != nil && s.cell != c {
		s = s.next.Load()
	}
	return s
}

func (b buckets) of(c *Cell) *shared.Pointer[shelf] {
	hash := uint64(shared.Place(unsafe.Pointer(c))) >> 5 * 0x9E3779B97F4A7C15
	return &b[hash>>32%uint64(len(b))]
}

func (b buckets) put(s *shelf) {
	first := b.of(s.cell)
	s.next.Store(first.Load())
	first.Store(s)
}

// add puts the newest old value of c on its shelf.
func (h *history) add(c *Cell, old *past) {
	if old.shelf = h.shelf(c); old.shelf == nil {
		old.shelf = &shelf{cell: c}
		if b := h.buckets.Load(); b == nil || h.count == len(*b) {
			h.resize(max(fewest, 2*h.count))
		}
		h.count++
		h.buckets.Load().put(old.shelf)
	}
	earlier := old.shelf.newest.Load()
	if earlier != nil {
		earlier.later = old
	}
	old.earlier.Store(earlier)
	old.shelf.newest.Store(old)
}

func (h *history) remove(old *past) {
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
		h.clear(old.shelf)
	}
}

// clear takes an empty shelf out, and the buckets with the last one.
func (h *history) clear(s *shelf) {
	b := *h.buckets.Load()
	link := b.of(s.cell)
	for at := link.Load(); at != s; at = link.Load() {
		link = &at.next
	}
	link.Store(s.next.Load())
	if h.count--; h.count == 0 {
		h.buckets.Store(nil)
	} else if len(b) > fewest && h.count < len(b)/8 {
		h.resize(len(b) / 4)
	}
}

// resize moves all shelves to another number of buckets.
func (h *history) resize(n int) {
	b := make(buckets, n)
	if before := h.buckets.Load(); before != nil {
		for i := range *before {
			for s := (*before)[i].Load(); s != nil; {
				next := s.next.Load()
				b.put(s)
				s = next
			}
		}
	}
	h.buckets.Store(&b)
}
