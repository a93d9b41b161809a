package engine

import (
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/internal/waiting"
)

// Losers queue. Whoever loses on a cell marks it hot and takes the cell's queue before it runs
// again, and so does everybody who meets a hot cell: a hot cell behaves like a mutex while all
// others stay optimistic. The queue is advice: it is held while user code runs, so the wait for it
// is bounded, and correctness never depends on it.

func (o *Owner) queueOf(c *Cell) *waiting.Queue {
	return &o.queues[shared.Place(unsafe.Pointer(c))>>5%uintptr(len(o.queues))]
}

// Lost heats the cell that the last attempt lost on and takes its queue.
func (t *Tx) Lost() {
	if c := t.lost; c != nil {
		t.lost = nil
		c.mark(hot)
		t.enterQueue(c)
	}
}

// enterQueue takes the queue of a hot cell, the first one only.
func (t *Tx) enterQueue(c *Cell) {
	if t.queue != nil || t.flags&kind != 0 || t.gate != nil {
		return
	}
	if q := t.owner.queueOf(c); q.Enter() {
		t.queue, t.queued, t.extras = q, c, true
	}
}

// leaveQueue leaves the queue, if t has one. A cell that it did not even write is no longer hot.
func (t *Tx) leaveQueue() {
	if t.queue != nil {
		if t.find(t.queued) < 0 {
			t.queued.mark(0)
		}
		t.queue.Leave()
		t.queue, t.queued = nil, nil
	}
}

// mark makes c hot, or not, unless a commit is about to decide that.
func (c *Cell) mark(heat uint64) {
	if w := Word(c); w&locked == 0 && w&hot != heat {
		c.word.CompareAndSwap(w, w&^hot|heat)
	}
}
