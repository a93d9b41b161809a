package waiting

import (
	"runtime"
	"time"

	"github.com/rinse-go/rinse/internal/shared"
)

// A Queue is a mutex that one waits for a bounded time only, and then goes on without. It is advice. The
// zero Queue is free.
type Queue struct {
	held    shared.Bool
	waiting shared.Int32 // how many want it
	_       [cacheLine - 8]byte
}

const cacheLine = 64

// maxLooks bounds the wait where time stands still: in a testing/synctest bubble.
const maxLooks = 100

// Enter waits for the queue, but not for long. It reports whether it has it. The longer it waits the
// more seldom it looks, so that whoever is at work keeps in its cache what that is done on.
func (q *Queue) Enter() bool {
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

func (q *Queue) tryEnter() bool {
	return !q.held.Load() && q.held.CompareAndSwap(false, true)
}

// Leave lets go of it.
func (q *Queue) Leave() {
	q.held.Store(false)
}

// Wanted reports whether somebody waits for it.
func (q *Queue) Wanted() bool { return q.waiting.Load() != 0 }
