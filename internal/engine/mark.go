package engine

import (
	"reflect"
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
)

// A cell keeps its value in one of two places. In the other it keeps the type of its values, from its
// first value on, for reports: as the first word of an interface that holds a pointer to such a value.
// That word points to what the compiler has written about the type, which is never moved or freed.

// MarkOf returns what stands for a type.
func MarkOf[T any]() unsafe.Pointer {
	var x any = (*T)(nil)
	return *(*unsafe.Pointer)(unsafe.Pointer(&x))
}

// setMark stores the type, which a value has in the place that it does not use. The caller holds the lock.
func (c *Cell) setMark(raw bool, v *Value) {
	if raw {
		shared.StorePointer(&c.ptr, v.Ptr)
	} else {
		c.raw.Store(v.Raw)
	}
}

// TypeOf returns the type of c's values, nil if it has never been given one.
func TypeOf(c *Cell) reflect.Type {
	var x any
	mark := (*unsafe.Pointer)(unsafe.Pointer(&x))
	switch formOf(Word(c)) {
	case Unset:
	case Raw:
		*mark = Pointer(c)
	default:
		bits := uintptr(Bits(c))
		*mark = *(*unsafe.Pointer)(unsafe.Pointer(&bits))
	}
	if *mark == nil {
		return nil
	}
	return reflect.TypeOf(x).Elem()
}
