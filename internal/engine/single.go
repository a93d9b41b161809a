package engine

import "github.com/rinse-go/rinse/internal/shared"

// Transactions of one cell, without a Tx. They follow the protocol at the head of tx.go.

// Current returns the word and value of c, waiting while a commit publishes to it.
func Current(c *Cell) (uint64, Value) { return c.settled() }

// Version returns the version of c's latest committed value.
func Version(c *Cell) uint64 {
	w, _ := c.settled()
	return versionOf(w)
}

// FormOf returns the form of a cell with this word.
func FormOf(word uint64) Form { return formOf(word) }

// Unlocked reports whether no commit holds a cell with this word.
func Unlocked(word uint64) bool { return word&locked == 0 }

// IsPlain reports whether c is of the default owner and has nothing rare.
func IsPlain(c *Cell) bool { return c.rare.Load() == nil }

// Replace commits a value for c if its word is still w. Else it fails with Changed, or with Shut if
// somebody else than mine has shut the gate.
func Replace(c *Cell, w uint64, form Form, v Value, mine *Gate) Verdict {
	if !c.word.CompareAndSwap(w, w|locked) && !c.lockFrom(w) {
		return Changed
	}
	o := OwnerOf(c)
	if !o.passes(mine) {
		c.word.Store(w)
		return Shut
	}
	version := o.next(versionOf(w))
	if newest := o.Newest(); newest != 0 && versionOf(w) <= newest {
		o.keep(c, w, version)
	}
	c.put(form == Raw, &v)
	if FormOf(w) == Unset {
		c.setMark(form == Raw, &v)
	}
	c.word.Store(version<<shift | uint64(form))
	c.wake()
	return Committed
}

// lockFrom locks c if its version is still that of w, also if it is hot, or held by a commit that then
// changes nothing.
func (c *Cell) lockFrom(w uint64) bool {
	for spin := 0; ; spin++ {
		now := Word(c)
		if now&^(hot|locked) != w {
			return false
		}
		if now&locked == 0 && c.word.CompareAndSwap(now, w|locked) {
			return true
		}
		shared.AwaitClear(&c.word, locked, spin)
	}
}

// Lost waits a while after Replace has failed for the lost-th time in a row: the longer, the more
// often, so that the winner can go on with the cell in its cache.
func Lost(c *Cell, verdict Verdict, lost int) {
	if verdict == Shut {
		OwnerOf(c).AwaitGate(nil)
		return
	}
	shared.Idle(16 << min(lost, 7))
	if lost > 7 {
		shared.Pause(maxSpin)
	}
}

// Latest returns a value together with its version, once the clock has reached that version: every
// later change gets a higher one.
func Latest(c *Cell) (Form, Value, uint64) {
	for {
		w, v := c.settled()
		OwnerOf(c).advance(versionOf(w))
		if Word(c)&^hot == w {
			return formOf(w), v, versionOf(w)
		}
	}
}
