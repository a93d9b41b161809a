package tdata

import (
	"unsafe"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
)

// This file is the only one of the package that uses package unsafe: a cell keeps bits and untyped
// pointers, and reports ask of which node a cell is a part.

// A slot is a transactional variable that holds a *T, nil when it is made. It is a part of a structure,
// whose rare record all methods but the untransactional ones are given.
type slot[T any] struct{ cell engine.Cell }

// init makes a fresh slot, which holds nothing since the given version.
func (s *slot[T]) init(of *engine.Rare, version uint64) { engine.InitPart(&s.cell, of, version) }

// initWith makes a fresh slot that holds p.
func (s *slot[T]) initWith(of *engine.Rare, version uint64, p *T) {
	engine.InitPartWith(&s.cell, of, version, engine.Direct, engine.Value{Ptr: unsafe.Pointer(p)})
}

// get returns what the slot holds in the transaction.
func (s *slot[T]) get(t *engine.Tx, of *engine.Rare) *T {
	c := &s.cell
	if t != nil && !engine.Debug {
		if w := engine.Word(c); t.CoversPart(c, w, of) {
			if p := engine.Pointer(c); engine.Word(c) == w {
				t.Note(c, w)
				return (*T)(p)
			}
		}
	}
	return s.getSlow(t)
}

// latest returns what the slot holds now, which the transaction relies on.
func (s *slot[T]) latest(t *engine.Tx) *T { return (*T)(t.Latest(&s.cell).Ptr) }

// word returns what current would return first. Nobody may be changing the slot.
func (s *slot[T]) word() uint64 {
	w, _ := s.current()
	return w
}

// getSlow is for slots that are written, locked, newer than the snapshot or waited for, and for misuse.
func (s *slot[T]) getSlow(t *engine.Tx) *T {
	_, v := t.Read(&s.cell)
	return (*T)(v.Ptr)
}

// set has the slot hold p once the transaction has committed. The caller has read it.
func (s *slot[T]) set(t *engine.Tx, p *T) {
	t.Writable(&s.cell)
	e := t.Write(&s.cell)
	e.Form, e.Value.Ptr = engine.Direct, unsafe.Pointer(p)
}

// at returns what the slot held at a pinned snapshot.
func (s *slot[T]) at(p *engine.Pin) *T { return (*T)(engine.At(&s.cell, p).Ptr) }

// load returns the latest committed value. It waits while a commit publishes another one.
func (s *slot[T]) load() *T {
	c := &s.cell
	if w := engine.Word(c); engine.Unlocked(w) {
		if p := engine.Pointer(c); engine.Word(c) == w {
			return (*T)(p)
		}
	}
	_, v := engine.Current(c)
	return (*T)(v.Ptr)
}

// peek returns what is there, committed or about to be.
func (s *slot[T]) peek() *T { return (*T)(engine.Pointer(&s.cell)) }

// current returns the latest committed value and its word, for replace.
func (s *slot[T]) current() (uint64, *T) {
	w, v := engine.Current(&s.cell)
	return w, (*T)(v.Ptr)
}

// replace commits p in place of what the slot held under a word, alone.
func (s *slot[T]) replace(w uint64, p *T, gate *engine.Gate) engine.Verdict {
	return engine.Replace(&s.cell, w, engine.Direct, engine.Value{Ptr: unsafe.Pointer(p)}, gate)
}

// inside and engineOf return what stm's types begin with.
func inside(tx *stm.Tx) *engine.Tx            { return (*engine.Tx)(unsafe.Pointer(tx)) }
func engineOf(owner *stm.Owner) *engine.Owner { return (*engine.Owner)(unsafe.Pointer(owner)) }

// nodeOf, cacheSlotOf, towerOfValue and towerOfNext return what has c as one of its slots.
func nodeOf[K comparable, V any](c *engine.Cell) *mapNode[K, V] {
	return (*mapNode[K, V])(unsafe.Pointer(c))
}

func cacheSlotOf[K comparable, V any](c *engine.Cell) *cacheSlot[K, V] {
	return (*cacheSlot[K, V])(unsafe.Pointer(c))
}

func towerOfValue[K, V any](c *engine.Cell) *skipTower[K, V] {
	return (*skipTower[K, V])(unsafe.Pointer(c))
}

func towerOfNext[K, V any](c *engine.Cell) *skipTower[K, V] {
	return (*skipTower[K, V])(unsafe.Pointer(uintptr(unsafe.Pointer(c)) - unsafe.Offsetof(skipTower[K, V]{}.next)))
}

// here returns a number that tends to be the same for one goroutine, and another for others: where its
// stack is. Goroutines have stacks of 2 KiB at least.
func here() uint64 {
	var x byte
	return uint64(uintptr(unsafe.Pointer(&x))) >> 11 * 0x9E3779B97F4A7C15
}
