package engine

import (
	"math"
	"reflect"
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/internal/waiting"
)

// The word of a cell:
//
//	bit  63      locked: a commit in progress holds the cell
//	bit  62      hot: somebody lost on this cell (advisory, see contention.go)
//	bits 61..2   version of the last change
//	bits 1..0    form of the value
//
// The two flags are on top, so that one comparison with a snapshot's limit finds a word that is
// locked, hot or too new.
const (
	locked   uint64 = 1 << 63
	hot      uint64 = 1 << 62
	formBits uint64 = 3
	shift           = 2

	forever uint64 = math.MaxUint64
)

// Form says where a cell keeps its value. It is fixed by the type of the value.
type Form uint8

const (
	Unset  Form = iota // never written: the zero value, whatever the type
	Raw                // up to 8 bytes without pointers, in place
	Direct             // one pointer, in place
	Boxed              // a pointer to an immutable copy
)

// A Cell is what a transactional variable is made of. The zero Cell is ready and belongs to the
// default owner. It has no exported fields or methods, because TVar embeds it.
//
// Guards: raw and ptr change only while the word is locked, by the one who locked it, and the word
// changes with every publication; so whoever finds the same unlocked word before and after reading
// the value has read a value and its version.
type Cell struct {
	word shared.Uint64
	raw  shared.Uint64
	ptr  unsafe.Pointer // by shared.LoadPointer and StorePointer only
	rare shared.Pointer[Rare]
}

// Value is a value in either of its places. The cell's form tells which.
type Value struct {
	Raw uint64
	Ptr unsafe.Pointer
}

// Rare holds what few cells need. A cell has none (default owner), or shares the plain one of its owner
// or of the structure that it is a part of, until it needs its own.
type Rare struct {
	owner   *Owner // immutable, and so are name, namer, holder, fixed, options and shared
	name    string
	namer   func(*Cell) string // for a part of a structure
	holder  func(*Cell) Holder // for one that goes when it is empty, unless it is held
	fixed   bool               // no Rebase goes past a change of it
	options any
	shared  bool

	label   shared.Pointer[label] // of the last change that had one; stored with the cell locked
	waiting waiting.List
}

// Var is a transactional variable of any type. Only what embeds a Cell implements it.
type Var interface{ cell() *Cell }

func (c *Cell) cell() *Cell { return c }

// CellOf returns the cell of v, nil if v is nil or holds a nil pointer.
func CellOf(v Var) *Cell {
	if v == nil || reflect.ValueOf(v).IsNil() {
		return nil
	}
	return v.cell()
}

func formOf(word uint64) Form      { return Form(word & formBits) }
func versionOf(word uint64) uint64 { return (word &^ (locked | hot)) >> shift }

// limitOf is the least word that a snapshot does not cover.
func limitOf(snapshot uint64) uint64 { return (snapshot + 1) << shift }

// Word returns c's word.
func Word(c *Cell) uint64 {
	return c.word.Load()
}

// Bits returns the value that c keeps in place.
func Bits(c *Cell) uint64 {
	return c.raw.Load()
}

// Pointer returns the pointer that c keeps.
func Pointer(c *Cell) unsafe.Pointer {
	return shared.LoadPointer(&c.ptr)
}

// OptionsOf returns what Init was given.
func OptionsOf(c *Cell) any {
	if r := c.rare.Load(); r != nil {
		return r.options
	}
	return nil
}

// NameOf returns the name that Init was given, or what the structure that c is a part of calls it.
func NameOf(c *Cell) string {
	r := c.rare.Load()
	switch {
	case r == nil:
		return ""
	case r.namer != nil:
		return r.namer(c)
	}
	return r.name
}

// OwnerOf returns the owner of c.
func OwnerOf(c *Cell) *Owner {
	if r := c.rare.Load(); r != nil {
		return r.owner
	}
	return Default
}

// Init gives a fresh cell, which nobody else can see yet, its owner, name, options and first value.
func Init(c *Cell, o *Owner, name string, options any, form Form, v Value) {
	if name != "" || options != nil {
		c.rare.Store(&Rare{owner: o, name: name, options: options})
	} else if o.plain != nil {
		c.rare.Store(o.plain)
	}
	shared.Set(&c.raw, v.Raw)
	c.ptr = v.Ptr
	shared.Set(&c.word, uint64(form))
}

// Fresh reports whether c has never been written, initialised or waited on.
func Fresh(c *Cell) bool { return c.word.Load() == 0 && c.rare.Load() == nil }

// put stores a value in its place. The caller holds the lock, and calls setMark with the first value.
func (c *Cell) put(raw bool, v *Value) {
	if raw {
		c.raw.Store(v.Raw)
	} else {
		shared.StorePointer(&c.ptr, v.Ptr)
	}
}

// peek reads the value; it is the cell's value if the word is the same before and after.
func (c *Cell) peek() Value { return Value{c.raw.Load(), shared.LoadPointer(&c.ptr)} }

// settled returns c's value and the word it belongs to, waiting while a commit holds the cell.
func (c *Cell) settled() (uint64, Value) {
	for spin := 0; ; spin++ {
		w := Word(c)
		if w&locked == 0 {
			v := c.peek()
			if Word(c) == w {
				return w &^ hot, v
			}
		}
		shared.AwaitClear(&c.word, locked, spin)
	}
}

// Settled returns c's latest committed value and form. It waits while a commit publishes to c.
func Settled(c *Cell) (Form, Value) {
	w, v := c.settled()
	return formOf(w), v
}

// ownRare returns the rare record that is c's alone, making it if need be.
func (c *Cell) ownRare() *Rare {
	for {
		r := c.rare.Load()
		if r != nil && !r.shared {
			return r
		}
		own := &Rare{owner: Default}
		if r != nil {
			own.owner, own.namer, own.holder, own.fixed = r.owner, r.namer, r.holder, r.fixed
		}
		if c.rare.CompareAndSwap(r, own) {
			return own
		}
	}
}
