package engine

import (
	"runtime"
	"time"
	"unsafe"

	"github.com/rinse-go/rinse/internal/shared"
)

// Losers queue. Whoever loses on a cell marks it hot and takes the cell's queue before it runs
// again, and so does everybody who meets a hot cell: a hot cell behaves like a mutex while all
// others stay optimistic. The queue is advice: it is held while user code runs, so the wait for it
// is bounded, and correctness never depends on it.
type queue struct {
	held    shared.Bool
	waiting shared.Int32 // how many want it; while there are none the holder's commit cools the cell
	_       [cacheLine - 8]byte
}

// maxLooks bounds the wait where time stands still: in a testing/synctest bubble.
const maxLooks = 100

func (o *Owner) queueOf(c *Cell) *queue {
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
	if q := t.owner.queueOf(c); q.enter() {
		t.queue, t.queued, t.extras = q, c, true
	}
}

// leaveQueue leaves the queue, if t has one. A cell that it did not even write is no longer hot.
func (t *Tx) leaveQueue() {
	if t.queue != nil {
		if t.find(t.queued) < 0 {
			t.queued.mark(0)
		}
		t.queue.leave()
		t.queue, t.queued = nil, nil
	}
}

// mark makes c hot, or not, unless a commit is about to decide that.
func (c *Cell) mark(heat uint64) {
	if w := Word(c); w&locked == 0 && w&hot != heat {
		c.word.CompareAndSwap(w, w&^hot|heat)
	}
}

// enter waits for the queue, but not for long. It reports whether it has it. The longer it waits the
// more seldom it looks, so that whoever is at work keeps the cell in its cache.
func (q *queue) enter() bool {
	if q.tryEnter() {
		return true
	}
	q.waiting.Add(1)
	defer q.waiting.Add(-1)
	start := time.Now()
	for wait, looks := 512, 1; ; wait, looks = min(2*wait, 4096), looks+1 {
		shared.Idle(wait)
		if q.tryEnter() {
			return true
		}
		if tired(start) || looks == maxLooks {
			return false
		}
		if wait == 4096 {
			runtime.Gosched()
		}
	}
}

func (q *queue) tryEnter() bool {
	return !q.held.Load() && q.held.CompareAndSwap(false, true)
}

func (q *queue) leave() {
	q.held.Store(false)
}
