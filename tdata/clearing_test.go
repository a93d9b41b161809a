//go:build rinsesched

package tdata

import (
	"cmp"
	"context"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
)

// A clearing is a scheduler that has something happen when the new list of a PriorityQueue can be seen, and its head not yet.
type clearing struct {
	q       *PriorityQueue[int]
	old     *ranking[int]
	happens func() // nil once it does
	waits   chan struct{}
}

func (c *clearing) Access(at unsafe.Pointer, change bool) {
	if happens := c.happens; happens != nil && change {
		if r := c.q.values.peek(); r != c.old && (access{at: at}).to(&r.head.cell) {
			c.happens = nil
			happens()
		}
	}
}

func (c *clearing) Until(string, unsafe.Pointer, unsafe.Pointer, bool, func() bool) {
	if c.happens == nil {
		signal(c.waits)
	}
}

// Who puts into a PriorityQueue while its Clear is published waits until it is.
func TestAPutWaitsForAClear(t *testing.T) {
	q := NewPriorityQueue(cmp.Compare[int], In(stm.NewOwner()))
	require.NoError(t, q.Send(context.Background(), 1))
	c := &clearing{q: q, old: q.values.load(), waits: make(chan struct{}, 1)}
	ended := make(chan any, 1)
	c.happens = func() {
		go func() {
			defer func() { ended <- recover() }()
			assert.NoError(t, q.Send(context.Background(), 2))
		}()
		select {
		case failure := <-ended:
			ended <- failure
		case <-c.waits:
		}
	}
	shared.Hook = c
	runAlone(q.in.owner, q.Clear)
	require.Nil(t, <-ended)
	shared.Hook = nil
	assert.Equal(t, []int{2}, q.Snapshot())
}
