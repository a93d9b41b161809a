package tdata

import (
	"iter"
	"sort"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
)

// A ring is the places of a [BoundedQueue]. They alone tell whose turn it is:
//
//		place     0       1       2       3       4       5
//		         full    full   empty   empty    full    full
//		puts      2       2       1       1       1       1
//		takes     1       1       1       1       0       0
//		                          ▲ next put      ▲ next take
//
//	 1. Values are put into one place after another, around and around, and taken in the same order. So the places up to one
//	    have had one more put than that one and those behind it, and likewise one more take. That place is due.
//	 2. Neighbours differ by one at most. So it is enough to know whether the numbers are odd. An empty place has had as many
//	    puts as takes, and holds one of two marks that says whether they are odd; a full one leads to the mark that comes next.
//	 3. A place that is due, as it and the one before tell, stays due as long as it does not change, whatever becomes of the one
//	    before. So a put relies on the place that it fills alone, and a take on the one that it empties, and these are the
//	    same one only while the ring is empty or full.
//	 4. The tail and the head are hints where to begin to look. No transaction relies on them.
//
// That a place says whose turn it is, is the idea of Vyukov's bounded queue (2010).
type ring[T any] struct {
	spots  *engine.Rare    // immutable: the record of the places
	places []link[held[T]] // immutable length
	empty  [2]held[T]      // their addresses mark places that are empty, after an even number of puts and an odd one

	_    [cacheLine]byte
	tail shared.Uint64
	_    [cacheLine]byte
	head shared.Uint64
	_    [cacheLine]byte
}

const cacheLine = 64

// A held value is in a place of the ring, on top of others if it was put back there.
type held[T any] struct {
	value T
	under *held[T] // what the place holds when this has been taken; nil if this is no value
}

func (h *held[T]) isFull() bool { return h.under != nil }

// last returns what the place holds when all that is on top has been taken.
func (h *held[T]) last() *held[T] {
	for h.under != nil {
		h = h.under
	}
	return h
}

func (r *ring[T]) init(spots *engine.Rare, capacity int) {
	r.spots, r.places = spots, make([]link[held[T]], capacity)
	for i := range r.places {
		r.places[i].init(spots, 0, &r.empty[0])
	}
}

// fill returns what an empty place is to hold when a value is put there.
func (r *ring[T]) fill(free *held[T], value T) *held[T] { return &held[T]{value, r.other(free)} }

// other returns what an empty place will hold when it is empty the next time.
func (r *ring[T]) other(free *held[T]) *held[T] {
	if free == &r.empty[0] {
		return &r.empty[1]
	}
	return &r.empty[0]
}

// A side is puts or takes.
type side bool

const puts, takes side = false, true

// isOdd reports whether a place has had an odd number of puts, or of takes, by what it holds.
func (r *ring[T]) isOdd(h *held[T], of side) bool {
	return (h.last() == &r.empty[1]) != (of == takes && h.isFull())
}

// isDue reports whether a place is the next in turn, by what it and the place before hold.
func (r *ring[T]) isDue(i int, h, before *held[T], of side) bool {
	return (r.isOdd(h, of) != r.isOdd(before, of)) != (i == 0)
}

func (r *ring[T]) after(i int) int {
	if i++; i < len(r.places) {
		return i
	}
	return 0
}

func (r *ring[T]) before(i int) *link[held[T]] {
	if i == 0 {
		i = len(r.places)
	}
	return &r.places[i-1]
}

// reach is how far from a hint to look place by place.
const reach = 8

// due returns the place that is next in turn, and what it holds. That is what the transaction relies on.
func (r *ring[T]) due(t *engine.Tx, of side) (*link[held[T]], *held[T]) {
	i, h := r.dueAt(t, of)
	return &r.places[i], h
}

func (r *ring[T]) dueAt(t *engine.Tx, of side) (int, *held[T]) {
	t.Check(&r.places[0].cell)
	for {
		i := r.seek(t, of)
		h := r.places[i].get(t, r.spots)
		if before := r.before(i); r.isDue(i, h, before.look(t, r.spots), of) {
			if hint := r.hint(of); hint.Load() != uint64(i) && t.Pinned() == nil && !t.HasWritten(&before.cell) {
				hint.Store(uint64(i))
			}
			return i, h
		}
	}
}

// seek returns the place that seems to be next in turn.
func (r *ring[T]) seek(t *engine.Tx, of side) int {
	i := int(r.hint(of).Load())
	for range reach {
		if r.isDue(i, r.places[i].glimpse(t), r.before(i).glimpse(t), of) {
			return i
		}
		i = r.after(i)
	}
	first := r.isOdd(r.places[0].glimpse(t), of)
	others := r.places[1:]
	i = 1 + sort.Search(len(others), func(i int) bool { return r.isOdd(others[i].glimpse(t), of) != first })
	return i % len(r.places)
}

func (r *ring[T]) hint(of side) *shared.Uint64 {
	if of == takes {
		return &r.head
	}
	return &r.tail
}

// count returns how many values there are.
func (r *ring[T]) count(t *engine.Tx) int {
	head, first := r.dueAt(t, takes)
	tail, _ := r.dueAt(t, puts)
	if !first.isFull() {
		return 0
	}
	n := tail - head
	if n <= 0 {
		n += len(r.places)
	}
	for first.under.isFull() {
		n, first = n+1, first.under
	}
	return n
}

// all iterates over the places that are full, first to last.
func (r *ring[T]) all(t *engine.Tx) iter.Seq2[*link[held[T]], *held[T]] {
	return func(yield func(*link[held[T]], *held[T]) bool) {
		i, h := r.dueAt(t, takes)
		for range r.places {
			if !h.isFull() || !yield(&r.places[i], h) {
				return
			}
			i = r.after(i)
			h = r.places[i].get(t, r.spots)
		}
	}
}
