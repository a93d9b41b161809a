package tdata

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A link and a variable that holds a pointer are the same, whoever sets it first.
func TestALinkIsAVariable(t *testing.T) {
	assert.Equal(t, unsafe.Sizeof(tvar.TVar[*int]{}), unsafe.Sizeof(link[int]{}))
	var fresh, used link[int]
	one, two := new(1), new(2)
	used.init(nil, 0, two)
	for _, l := range []*link[int]{&fresh, &used} {
		require.NoError(t, stm.Atomically(t.Context(), func(tx *stm.Tx) error {
			before := l.get(inside(tx), nil)
			assert.Same(t, before, l.variable().Get(tx))
			l.overwrite(tx, one)
			assert.Same(t, one, l.get(inside(tx), nil))
			l.set(inside(tx), two)
			assert.Same(t, two, l.variable().Get(tx))
			return nil
		}))
		assert.Same(t, two, l.load())
		assert.True(t, l.tryUpdate(func(now *int) (*int, bool) { return one, now == two }))
		assert.Same(t, one, l.variable().Load())
	}
}
