// Package layout tells how a cell keeps the values of a type.
package layout

import (
	"reflect"
	"unsafe"

	"github.com/rinse-go/rinse/internal/engine"
)

const wordSize, pointerSize = 8, unsafe.Sizeof(uintptr(0))

// For returns how cells keep a T.
func For[T any]() engine.Form {
	var x T
	switch size := unsafe.Sizeof(x); {
	case size > wordSize:
		return engine.Boxed
	case size < pointerSize || !hasPointers(reflect.TypeFor[T]()):
		return engine.Raw
	case size == pointerSize:
		return engine.Direct
	}
	return engine.Boxed
}

// hasPointers reports whether a type of at most eight bytes has pointers.
func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func,
		reflect.String, reflect.Slice, reflect.Interface:
		return true
	}
	return false
}
