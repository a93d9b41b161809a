package tdata

import "math/bits"

// cacheGhosts remembers hashes of what was evicted lately, and when that was last used: about as many as the
// queue has slots. It is a table of marks, each half a hash and half a generation, two to choose from for each
// hash. Its policy's mu guards it.
type cacheGhosts struct {
	marks []uint64 // 0: none
}

// remember remembers a hash and a generation, in place of an older one if there are more than so many.
func (g *cacheGhosts) remember(hash uint64, used uint32, most int) {
	if len(g.marks) < most || g.marks == nil {
		g.grow(most)
	}
	at := g.place(hash)
	if other := at ^ 1; g.marks[at] != 0 && (g.marks[other] == 0 || int32(uint32(g.marks[at])-uint32(g.marks[other])) > 0) {
		at = other
	}
	g.marks[at] = hash&^(1<<32-1) | uint64(used)
}

// take returns how many generations ago a hash that is remembered was used, and forgets it.
func (g *cacheGhosts) take(hash uint64, now uint32) (age uint32, ok bool) {
	if g.marks == nil {
		return 0, false
	}
	at := g.place(hash)
	for _, i := range [2]uint64{at, at ^ 1} {
		if m := g.marks[i]; m != 0 && m>>32 == hash>>32 {
			g.marks[i] = 0
			return (now - uint32(m)) & (1<<31 - 1), true
		}
	}
	return 0, false
}

func (g *cacheGhosts) place(hash uint64) uint64 { return hash >> 32 & uint64(len(g.marks)-1) }

// grow makes room for so many marks, and keeps what is there.
func (g *cacheGhosts) grow(most int) {
	old := g.marks
	g.marks = make([]uint64, max(16, 1<<bits.Len(uint(most-1))))
	for _, m := range old {
		if m != 0 {
			g.marks[g.place(m)] = m
		}
	}
}
