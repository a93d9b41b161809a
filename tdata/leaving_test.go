//go:build rinsesched

package tdata

import (
	"cmp"
	"context"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
)

// A passer looks for a place in a ranking before each access to memory of somebody else.
type passer struct {
	t     *testing.T
	r     *ranking[int]
	looks int
	steps int // of this look; -1: it is not looking
}

func (p *passer) Access(unsafe.Pointer, bool) {
	if p.steps >= 0 {
		p.steps++
		require.Less(p.t, p.steps, 10_000, "it goes around and around")
		return
	}
	p.looks++
	p.steps = 0
	p.r.trail(func(other int) bool { return other < 400 })
	p.steps = -1
}

func (p *passer) Until(_ string, _, _ unsafe.Pointer, _ bool, holds func() bool) {
	require.True(p.t, holds())
}

// Who looks for a place by the hints need not wait for somebody who is taking down his own.
func TestWhoPassesNeedNotWaitForWhoLeaves(t *testing.T) {
	q := NewPriorityQueue(cmp.Compare[int], In(stm.NewOwner()))
	for v := range 500 {
		require.NoError(t, q.Send(context.Background(), v))
	}
	p := &passer{t: t, r: q.values.load(), steps: -1}
	shared.Hook = p
	defer func() { shared.Hook = nil }()
	for v := range 300 {
		least, ok := q.TryReceive()
		require.True(t, ok)
		require.Equal(t, v, least)
	}
	require.Greater(t, p.looks, 300)
}
