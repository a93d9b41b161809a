package engine

// IsHot reports whether v is marked as one that somebody lost on.
func IsHot(v Var) bool { return CellOf(v).word.Load()&hot != 0 }

// IsLocked reports whether a commit holds v.
func IsLocked(v Var) bool { return CellOf(v).word.Load()&locked != 0 }

// Hold locks v as a commit does, and returns what lets go of it unchanged.
func Hold(v Var) (release func()) {
	c := CellOf(v)
	w := c.word.Load()
	c.word.Store(w | locked)
	return func() { c.word.Store(w) }
}

// Logged is how many reads are in the log of a transaction.
func (t *Tx) Logged() int { return len(t.reads) }

// Plenty is how long a log gets before it is tidied.
const Plenty = plenty
