//go:build rinsesched

package tdata

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
)

// A splitHook calls back before each change of a map's directory that others can see.
type splitHook struct {
	m       *mapCore[int, int]
	changes func()
}

func (h *splitHook) Access(at unsafe.Pointer, change bool) {
	if !change {
		return
	}
	segments := h.m.dir.Load().segments
	for i := range segments {
		if at == unsafe.Pointer(&segments[i]) {
			h.changes()
		}
	}
}

func (h *splitHook) Until(string, unsafe.Pointer, unsafe.Pointer, bool, func() bool) {}

// Whoever goes through a map while two segments take the place of one meets each key once.
func TestEachKeyIsMetOnceWhileASegmentIsSplit(t *testing.T) {
	const n = 8 * largest
	m := NewMap[int, int](In(stm.NewOwner()))
	k, changes := 0, 0
	shared.Hook = &splitHook{m.use(), func() {
		changes++
		s := m.Snapshot()
		defer s.Close()
		met := make(map[int]bool, k)
		for key := range s.Keys() {
			require.False(t, met[key], "a key is met twice, of %d", k)
			met[key] = true
		}
		require.Len(t, met, k)
	}}
	defer func() { shared.Hook = nil }()
	for ; k < n; k++ {
		m.Store(k, k)
	}
	require.NotZero(t, changes)
}
