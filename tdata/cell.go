package tdata

import (
	"unsafe"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// This file is the only one of the package that uses package unsafe: a cell keeps bits and untyped
// pointers, and reports ask of which node a cell is a part.

// A slot is a transactional variable that holds a V or nothing, as when it is made. It keeps what fits in
// place: the form of its cell tells whether there is something, and where. It is a part of a structure,
// whose rare record and form all methods that need them are given.
type slot[V any] struct{ cell engine.Cell }

// content is what a slot holds.
type content[V any] struct {
	form  engine.Form // Unset if it holds nothing
	value engine.Value
}

// isFull reports whether there is a value.
func (c content[V]) isFull() bool { return c.form != engine.Unset }

// get returns the value, and whether there is one.
func (c content[V]) get() (value V, ok bool) {
	switch {
	case unsafe.Sizeof(value) <= unsafe.Sizeof(c.value.Raw) && c.form == engine.Raw:
		return *(*V)(unsafe.Pointer(&c.value.Raw)), true
	case unsafe.Sizeof(value) == unsafe.Sizeof(c.value.Ptr) && c.form == engine.Direct:
		return *(*V)(unsafe.Pointer(&c.value.Ptr)), true
	case c.form == engine.Unset:
		return value, false
	}
	return *(*V)(c.value.Ptr), true
}

// pack makes what a cell keeps of a value.
func pack[V any](form engine.Form, value V) (packed engine.Value) {
	switch {
	case unsafe.Sizeof(value) <= unsafe.Sizeof(packed.Raw) && form == engine.Raw:
		*(*V)(unsafe.Pointer(&packed.Raw)) = value
	case unsafe.Sizeof(value) == unsafe.Sizeof(packed.Ptr) && form == engine.Direct:
		*(*V)(unsafe.Pointer(&packed.Ptr)) = value
	default:
		packed.Ptr = box(value)
	}
	return packed
}

func box[V any](value V) unsafe.Pointer {
	p := new(V)
	*p = value
	return unsafe.Pointer(p)
}

// init makes a fresh slot, which holds nothing since the given version.
func (s *slot[V]) init(of *engine.Rare, version uint64) { engine.InitPart(&s.cell, of, version) }

// get returns what the slot holds in the transaction.
func (s *slot[V]) get(t *engine.Tx, of *engine.Rare) content[V] {
	c := &s.cell
	if t != nil && !engine.Debug {
		if w := engine.Word(c); t.CoversPart(c, w, of) {
			if found, ok := s.read(w); ok {
				t.Note(c, w)
				return found
			}
		}
	}
	return s.getSlow(t)
}

// read returns what the slot holds under a word that is not locked, or false if the word has changed.
func (s *slot[V]) read(w uint64) (found content[V], ok bool) {
	if found.form = engine.FormOf(w); found.form == engine.Raw {
		found.value.Raw = engine.Bits(&s.cell)
	} else {
		found.value.Ptr = engine.Pointer(&s.cell)
	}
	return found, engine.Word(&s.cell) == w
}

// getSlow is for slots that are written, locked, newer than the snapshot or waited for, and for misuse.
func (s *slot[V]) getSlow(t *engine.Tx) content[V] {
	form, v := t.Read(&s.cell)
	return content[V]{form, v}
}

// set has the slot hold a value once the transaction has committed. The caller has read it.
func (s *slot[V]) set(t *engine.Tx, form engine.Form, value V) {
	s.write(t, form, pack(form, value))
}

// empty has the slot hold nothing once the transaction has committed. The caller has read it.
func (s *slot[V]) empty(t *engine.Tx) { s.write(t, engine.Unset, engine.Value{}) }

func (s *slot[V]) write(t *engine.Tx, form engine.Form, v engine.Value) {
	t.Writable(&s.cell)
	e := t.Write(&s.cell)
	e.Form, e.Value = form, v
}

// at returns what the slot held at a pinned snapshot.
func (s *slot[V]) at(p *engine.Pin) content[V] {
	form, v := engine.At(&s.cell, p)
	return content[V]{form, v}
}

// load returns the latest committed value, if there is one. It waits while a commit publishes another one.
func (s *slot[V]) load() (V, bool) {
	if w := engine.Word(&s.cell); engine.Unlocked(w) {
		if found, ok := s.read(w); ok {
			return found.get()
		}
	}
	_, found := s.current()
	return found.get()
}

// current returns what was committed last and its word, for replace.
func (s *slot[V]) current() (uint64, content[V]) {
	w, v := engine.Current(&s.cell)
	return w, content[V]{engine.FormOf(w), v}
}

// replace commits a value in place of what the slot held under a word, alone.
func (s *slot[V]) replace(w uint64, form engine.Form, value V) engine.Verdict {
	return engine.Replace(&s.cell, w, form, pack(form, value), nil)
}

// attempt is [tvar.TVar.TryUpdate] for one who must not wait: it also reports false if another transaction has the gate shut, or it
// has lost again and again. The form is that in which variables of the type keep what they hold.
func attempt[V any](v *tvar.TVar[V], form engine.Form, fn func(V) (V, bool)) bool {
	s := (*slot[V])(unsafe.Pointer(v))
	for lost := 1; lost <= engine.GateAfter; lost++ {
		word, content := s.current()
		value, _ := content.get()
		value, wanted := fn(value)
		if !wanted {
			return false
		}
		switch verdict := s.replace(word, form, value); verdict {
		case engine.Committed:
			return true
		case engine.Shut:
			return false
		default:
			engine.Lost(&s.cell, verdict, lost)
		}
	}
	return false
}

// A link is a transactional variable that holds a *T. It is a part of a structure, as a slot is.
type link[T any] struct{ cell engine.Cell }

// init makes a fresh link, which holds p since the given version.
func (l *link[T]) init(of *engine.Rare, version uint64, p *T) {
	engine.InitPartWith(&l.cell, of, version, engine.Direct, engine.Value{Ptr: unsafe.Pointer(p)})
}

// set has the link hold p once the transaction has committed. The caller has read it, or made it.
func (l *link[T]) set(t *engine.Tx, p *T) {
	t.Writable(&l.cell)
	e := t.Write(&l.cell)
	e.Form, e.Value.Ptr = engine.Direct, unsafe.Pointer(p)
}

// at returns what the link held at a pinned snapshot.
func (l *link[T]) at(p *engine.Pin) *T {
	_, v := engine.At(&l.cell, p)
	return (*T)(v.Ptr)
}

// current returns what was committed last and its word, for replace. It waits while a commit publishes another one.
func (l *link[T]) current() (uint64, *T) {
	w, v := engine.Current(&l.cell)
	return w, (*T)(v.Ptr)
}

// load returns what was committed last.
func (l *link[T]) load() *T {
	if w := engine.Word(&l.cell); engine.Unlocked(w) {
		if p := engine.Pointer(&l.cell); engine.Word(&l.cell) == w {
			return (*T)(p)
		}
	}
	_, p := l.current()
	return p
}

// slowly returns what the link holds in a transaction that has written it.
func (l *link[T]) slowly(t *engine.Tx) *T {
	_, v := t.Read(&l.cell)
	return (*T)(v.Ptr)
}

// get returns what the link holds in the transaction.
func (l *link[T]) get(t *engine.Tx, of *engine.Rare) *T {
	c := &l.cell
	if t != nil && !engine.Debug {
		if w := engine.Word(c); t.CoversPart(c, w, of) {
			if p := engine.Pointer(c); engine.Word(c) == w {
				t.Note(c, w)
				return (*T)(p)
			}
		}
	}
	return l.slowly(t)
}

// latest returns what the link holds now, which the transaction relies on.
func (l *link[T]) latest(t *engine.Tx) *T { return (*T)(t.Latest(&l.cell).Ptr) }

// peek returns what is there, committed or about to be.
func (l *link[T]) peek() *T { return (*T)(engine.Pointer(&l.cell)) }

// glimpse returns what the link seems to hold in a transaction that does not rely on it.
func (l *link[T]) glimpse(t *engine.Tx) *T {
	switch {
	case t.HasWritten(&l.cell):
		return l.slowly(t)
	case t.Pinned() != nil:
		return l.at(t.Pinned())
	}
	return l.peek()
}

// look returns what the link holds, or has held, in the transaction, which has read something else before and does not come
// to rely on this: it is for what was once so and therefore is, whatever the link holds by now.
func (l *link[T]) look(t *engine.Tx, of *engine.Rare) *T {
	if w := engine.Word(&l.cell); t.CoversPart(&l.cell, w, of) {
		if p := engine.Pointer(&l.cell); engine.Word(&l.cell) == w {
			return (*T)(p)
		}
	}
	if t.HasWritten(&l.cell) || t.Pinned() != nil {
		return l.glimpse(t)
	}
	for {
		_, v, version := engine.Latest(&l.cell)
		if !t.Cover(version) {
			return (*T)(v.Ptr)
		}
	}
}

// word returns the word of what was committed last, for replace. Nobody may be changing the link.
func (l *link[T]) word() uint64 {
	w, _ := engine.Current(&l.cell)
	return w
}

// replace commits p in place of what the link held under a word, alone.
func (l *link[T]) replace(w uint64, p *T, gate *engine.Gate) engine.Verdict {
	return engine.Replace(&l.cell, w, engine.Direct, engine.Value{Ptr: unsafe.Pointer(p)}, gate)
}

// overwrite is set for a caller who has not read the link: it relies on what it holds only in a held checkout.
func (l *link[T]) overwrite(tx *stm.Tx, p *T) { l.variable().Set(tx, p) }

// tryUpdate is [tvar.TVar.TryUpdate].
func (l *link[T]) tryUpdate(fn func(*T) (*T, bool)) bool {
	_, changed := l.variable().TryUpdate(fn)
	return changed
}

// variable returns the link as a variable, which keeps a pointer in the same way.
func (l *link[T]) variable() *tvar.TVar[*T] { return (*tvar.TVar[*T])(unsafe.Pointer(l)) }

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
