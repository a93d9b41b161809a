package tdata

import "sync/atomic"

// cacheAges is the time by which a cachePolicy tells how long ago a slot was used, and which slots the policy
// that evicts the least recently used would have.
//
// A generation is over when one slot in eight was used or added in it, each counted once. A slot
// has the generation of its last use, and a bit that tells that there was none since it was added. How many
// were last used in a generation is counted too, of slots that are there and of those that were evicted;
// and so it is known how many generations, from now backwards, have as many slots as fit: the reach.
//
// Generations are numbers of 31 bits, which may wrap around.
type cacheAges struct {
	now     atomic.Uint32          // the present generation; changed with the policy's mu held, like reach
	reach   atomic.Uint32          // slots used so many generations ago at most would be there
	started atomic.Int32           // slots used in the present generation
	wins    atomic.Int32           // hits beyond the reach, not learnt from yet
	last    [agesTold]atomic.Int32 // slots that were last used in each of the latest generations
}

const (
	agesTold      = 64 // so many generations are told apart
	perGeneration = 8  // one slot in so many makes a generation
	unused        = 1
)

func (a *cacheAges) age(now, then uint32) uint32 { return (now - then) & (1<<31 - 1) }

// use notes that a slot was used.
func (a *cacheAges) use(used *atomic.Uint32) {
	if was, now := used.Load(), a.now.Load(); was != now<<1 {
		a.useFirst(used, was, now)
	}
}

// useFirst is for the first use in a generation.
func (a *cacheAges) useFirst(used *atomic.Uint32, was, now uint32) {
	if !used.CompareAndSwap(was, now<<1) {
		return
	}
	a.leave(was >> 1)
	a.enter(now)
	if a.age(now, was>>1) > a.reach.Load() {
		a.wins.Add(1)
	}
}

// enter counts a slot whose last use is in the present generation.
func (a *cacheAges) enter(now uint32) {
	a.last[now%agesTold].Add(1)
	a.started.Add(1)
}

// leave discounts one whose last use was in another.
func (a *cacheAges) leave(then uint32) {
	if a.age(a.now.Load(), then) < agesTold {
		a.last[then%agesTold].Add(-1)
	}
}

// advance begins the next generation if this one is over, for so many slots, and reports whether it was.
func (a *cacheAges) advance(slots int) bool {
	if int(a.started.Load())*perGeneration < slots {
		return false
	}
	a.started.Store(0)
	now := a.now.Load() + 1
	a.last[now%agesTold].Store(0)
	a.now.Store(now)
	reach := uint32(0)
	for sum := 0; reach < agesTold-1; reach++ {
		if sum += int(a.last[(now-reach)%agesTold].Load()); sum >= slots {
			break
		}
	}
	a.reach.Store(reach)
	return true
}
