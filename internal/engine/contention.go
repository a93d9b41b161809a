package engine

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
)

// Losers queue. Whoever loses on a cell marks it hot and takes the cell's queue before it runs
// again, and so does everybody who meets a hot cell: a hot cell behaves like a mutex while all
// others stay optimistic. The queue is advice: it is held while user code runs, so the wait for it
// is bounded, and correctness never depends on it.
type queue struct {
	held    atomic.Bool
	waiting atomic.Int32 // how many want it; while there are none the holder's commit cools the cell
	_       [cacheLine - 8]byte
}

// patience is how long a loser waits for its turn before it goes on without.
const patience = 50 * time.Microsecond

// maxLooks bounds the wait where time stands still: in a testing/synctest bubble.
const maxLooks = 100

func (o *Owner) queueOf(c *Cell) *queue {
	return &o.queues[uintptr(unsafe.Pointer(c))>>5%uintptr(len(o.queues))]
}

// heat marks c as one that somebody lost on.
func (c *Cell) heat() {
	yield()
	if w := c.word.Load(); w&(hot|locked) == 0 {
		c.word.CompareAndSwap(w, w|hot)
	}
}

// cool takes the mark off a cell that nobody has changed while its queue was held: those who only
// read it need not queue.
func (r read) cool() {
	yield()
	r.cell.word.CompareAndSwap(r.word|hot, r.word)
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
	for wait, looks := 64, 0; ; wait, looks = min(2*wait, 1024), looks+1 {
		idle(wait)
		if q.tryEnter() {
			return true
		}
		if looks == maxLooks || time.Since(start) > patience {
			return false
		}
		if wait == 1024 {
			runtime.Gosched()
		}
	}
}

func (q *queue) tryEnter() bool {
	yield()
	return !q.held.Load() && q.held.CompareAndSwap(false, true)
}

func (q *queue) leave() {
	yield()
	q.held.Store(false)
}
