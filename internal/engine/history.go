package engine

import (
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
)

// A history has the overwritten values that pins need, by cell: a hash table with chains. (Chains that
// begin in the cells would make every cell that was ever overwritten under a pin larger, and slower,
// since it would no longer be a plain one.) Changes are made with pins.mu held; find needs no lock, but
// it may miss what is moved to another table meanwhile.
type history struct {
	buckets shared.Pointer[[]shared.Pointer[past]] // a power of two; nil if there is nothing
	count   int                                    // guarded by pins.mu
}

// past is an overwritten value, good from its version up to the one that replaced it.
type past struct {
	cell  *Cell // immutable, and so are word, until and value
	word  uint64
	until uint64
	value Value
	next  shared.Pointer[past] // in its bucket
	prev  *past                // guarded by pins.mu
	after *past                // guarded by pins.mu: hangs on the same pin
}

const fewest = 16 // buckets

// find returns what c held at a snapshot.
func (h *history) find(c *Cell, snapshot uint64) *past {
	if buckets := h.buckets.Load(); buckets != nil {
		for old := bucket(*buckets, c).Load(); old != nil; old = old.next.Load() {
			if old.cell == c && versionOf(old.word) <= snapshot && snapshot < old.until {
				return old
			}
		}
	}
	return nil
}

func bucket(buckets []shared.Pointer[past], c *Cell) *shared.Pointer[past] {
	hash := uint64(uintptr(unsafe.Pointer(c))) >> 5 * 0x9E3779B97F4A7C15
	return &buckets[hash>>32%uint64(len(buckets))]
}

func (h *history) add(old *past) {
	h.count++
	buckets := h.buckets.Load()
	if buckets == nil || h.count > len(*buckets) {
		buckets = h.resize(max(fewest, 2*h.count))
	}
	link(bucket(*buckets, old.cell), old)
}

func link(first *shared.Pointer[past], old *past) {
	next := first.Load()
	if old.prev = nil; next != nil {
		next.prev = old
	}
	old.next.Store(next)
	first.Store(old)
}

func (h *history) remove(old *past) {
	next, buckets := old.next.Load(), *h.buckets.Load()
	if next != nil {
		next.prev = old.prev
	}
	if old.prev != nil {
		old.prev.next.Store(next)
	} else {
		bucket(buckets, old.cell).Store(next)
	}
	if h.count--; h.count == 0 {
		h.buckets.Store(nil)
	} else if len(buckets) > fewest && h.count < len(buckets)/8 {
		h.resize(len(buckets) / 4)
	}
}

// resize moves everything to another number of buckets.
func (h *history) resize(n int) *[]shared.Pointer[past] {
	buckets := make([]shared.Pointer[past], n)
	if before := h.buckets.Load(); before != nil {
		for i := range *before {
			for old := (*before)[i].Load(); old != nil; {
				next := old.next.Load()
				link(bucket(buckets, old.cell), old)
				old = next
			}
		}
	}
	h.buckets.Store(&buckets)
	return &buckets
}
