package history

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A table finds what a slice of all values does, while values come, and go in any order.
func TestTheTableIsItsModel(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		var table Table
		cells := make([]uint64, 1+r.IntN(40))
		kept := make([][]*Old, len(cells)) // oldest first
		for word := range uint64(1000) {
			i := r.IntN(len(cells))
			if n := len(kept[i]); n > 0 && r.IntN(5) < 2+int(seed%2) {
				k := r.IntN(n)
				table.Remove(kept[i][k])
				kept[i] = append(kept[i][:k:k], kept[i][k+1:]...)
			} else {
				old := &Old{Word: word}
				table.Add(unsafe.Pointer(&cells[i]), old)
				kept[i] = append(kept[i], old)
			}
			i, limit := r.IntN(len(cells)), r.Uint64N(word+2)
			require.Same(t, newest(kept[i], limit), table.Find(unsafe.Pointer(&cells[i]), limit), "seed %d, word %d", seed, word)
		}
		for i := range kept {
			for _, old := range kept[i] {
				table.Remove(old)
			}
		}
		require.True(t, table.Empty(), "seed %d", seed)
	}
}

func newest(values []*Old, limit uint64) (found *Old) {
	for _, old := range values {
		if old.Word < limit {
			found = old
		}
	}
	return found
}
