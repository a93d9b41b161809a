package engine

// Transactions of one cell, without a Tx. They follow the protocol at the head of tx.go.

// Current returns the word and value of c, waiting while a commit publishes to it.
func Current(c *Cell) (uint64, Value) { return c.settled() }

// FormOf returns the form of a cell with this word.
func FormOf(word uint64) Form { return formOf(word) }

// Unlocked reports whether no commit holds a cell with this word.
func Unlocked(word uint64) bool { return word&locked == 0 }

// IsPlain reports whether c is of the default owner and has nothing rare.
func IsPlain(c *Cell) bool { return c.rare.Load() == nil }

// Replace commits a value for c if its word is still w. Else it fails with Changed, or with Shut if
// somebody else than mine has shut the gate.
func Replace(c *Cell, w uint64, form Form, v Value, mine *Gate) Verdict {
	for spin := 0; ; spin++ {
		now := Word(c)
		if now&^(hot|locked) != w {
			return Changed
		}
		if now&locked == 0 && c.word.CompareAndSwap(now, w|locked) {
			break
		}
		pause(spin) // a lock alone is no change yet
	}
	o := OwnerOf(c)
	if !o.passes(mine) {
		yield()
		c.word.Store(w)
		return Shut
	}
	version := o.next(versionOf(w))
	if newest := o.Newest(); newest != 0 && versionOf(w) <= newest {
		o.keep(c, w)
	}
	c.put(form, &v)
	yield()
	c.word.Store(version<<shift | uint64(form))
	c.wake()
	return Committed
}

// Lost waits a while after Replace has failed for the lost-th time in a row: the longer, the more
// often, so that the winner can go on with the cell in its cache.
func Lost(c *Cell, verdict Verdict, lost int) {
	if verdict == Shut {
		OwnerOf(c).AwaitGate(nil)
		return
	}
	for spin := range min(lost, 8) {
		pause(4 << spin)
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
