package tvar

import (
	"unsafe"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/layout"
	"github.com/rinse-go/rinse/stm"
)

// This file is the only one of the package that uses package unsafe: a cell keeps bits and
// pointers, a TVar values, and what it does with them depends on the size of T alone (which the
// compiler knows) unless T is as long as a pointer.

const wordSize, pointerSize = 8, unsafe.Sizeof(uintptr(0))

// inPlace reports whether a cell with this word keeps a T as bits.
func inPlace[T any](word uint64) bool {
	var x T
	return unsafe.Sizeof(x) <= wordSize && engine.FormOf(word) < engine.Direct
}

// fromBits returns the T that a cell keeps as bits.
func fromBits[T any](bits uint64) (x T) {
	if unsafe.Sizeof(x) > wordSize {
		return x // not reached, see inPlace
	}
	return *(*T)(unsafe.Pointer(&bits))
}

// fromPointer returns the T that a cell keeps as a pointer, or behind one.
func fromPointer[T any](form engine.Form, p unsafe.Pointer) (x T) {
	switch {
	case unsafe.Sizeof(x) == pointerSize && form == engine.Direct:
		return *(*T)(unsafe.Pointer(&p))
	case p != nil:
		return *(*T)(p)
	}
	return x
}

// unpack makes a T of what a cell keeps.
func unpack[T any](form engine.Form, v engine.Value) T {
	if inPlace[T](uint64(form)) {
		return fromBits[T](v.Raw)
	}
	return fromPointer[T](form, v.Ptr)
}

// pack makes what a cell keeps of x, with the mark of T in the place that is free. The form may be
// Unset, if the cell has never been written.
func pack[T any](form engine.Form, x T) (engine.Form, engine.Value) {
	mark := engine.MarkOf[T]()
	v := engine.Value{Raw: uint64(uintptr(mark)), Ptr: mark}
	if unsafe.Sizeof(x) > wordSize {
		v.Ptr = box(x)
		return engine.Boxed, v
	}
	if form == engine.Unset {
		form = layout.For[T]()
	}
	switch form {
	case engine.Raw:
		v.Raw = 0
		*(*T)(unsafe.Pointer(&v.Raw)) = x
	case engine.Direct:
		*(*T)(unsafe.Pointer(&v.Ptr)) = x
	default:
		v.Ptr = box(x)
	}
	return form, v
}

// fill puts x into an entry of the write set.
func fill[T any](e *engine.Entry, x T) {
	if unsafe.Sizeof(x) <= wordSize && e.Form == engine.Raw {
		*(*T)(unsafe.Pointer(&e.Value.Raw)) = x
		return
	}
	e.Form, e.Value = pack(e.Form, x)
}

func box[T any](x T) unsafe.Pointer {
	p := new(T)
	*p = x
	return unsafe.Pointer(p)
}

// inside and ownerOf return what stm's types begin with.
func inside(tx *stm.Tx) *engine.Tx       { return (*engine.Tx)(unsafe.Pointer(tx)) }
func ownerOf(o *stm.Owner) *engine.Owner { return (*engine.Owner)(unsafe.Pointer(o)) }
