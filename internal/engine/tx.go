// Package engine is the transactional memory itself: cells, their owner, transactions and commits.
// Package stm gives it to users; package tvar gives cells their types.
//
// It is a TL2/LSA design: versioned cells, values in place, invisible readers, commit-time locks.
//
//	Read    load word, value, word again. The same, and below the limit of the snapshot: done.
//	        Newer: extend, that is advance the clock, take it as the snapshot, and check that
//	        nothing read so far has changed.
//	Commit  lock what is written; check the gate; load the clock, which gives the version; check
//	        what is read; keep old values for pins; publish; wake.
//
// What it rests on:
//
//  1. No version is above the clock plus Stride. A commit takes a version above the clock that it
//     loaded, so whoever takes a snapshot at or above that version does it after that load.
//  2. The clock is loaded after all locks are taken. So whoever holds a snapshot s finds each cell
//     of a commit numbered s or less locked or published (by 1).
//  3. Reads are checked after the clock is loaded. So a snapshot that covers this commit's version
//     covers every commit that this one did not see, or this one fails.
//  4. The versions of one cell strictly increase. So an unchanged word means an unchanged value.
//  5. Everybody past the gate holds all its locks. So the one who shut it meets no new change.
//  6. Old values are kept before anything is published (see pins.go).
//  7. A waiter registers before it checks its reads, and a commit looks for waiters after it has
//     published. So one of the two sees the other.
//  8. No user code runs while a cell is locked, and nobody waits without bound while holding a lock,
//     except for one who holds locks itself only while it publishes.
//
// The ideas: Dice, Shalev and Shavit, "Transactional Locking II" (2006); Riegel, Felber and Fetzer,
// "A Lazy Snapshot Algorithm with Eager Validation" (2006); Harris, Marlow, Peyton Jones and
// Herlihy, "Composable Memory Transactions" (2005); Welc, Saha and Adl-Tabatabai, "Irrevocable
// Transactions and their Applications" (2008).
package engine

import (
	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/internal/waiting"
)

// A Tx is one transaction: a snapshot, what was read under it, and what is to be written. It is
// used by one goroutine at a time, which is the guard of all its fields.
type Tx struct {
	limit  uint64 // words below it are in the snapshot; 0 sends every access to the slow path
	plain  *Rare  // the rare record of cells that need no second look
	filter uint64 // has the bit of every cell in writes
	flags  Flags  // now, and
	start  Flags  // at the start of an attempt

	owner    *Owner
	snapshot uint64
	pin      *Pin
	next     *Pin // to go on under after the commit
	gate     *Gate
	queue    *waiting.Queue // held, because
	queued   *Cell          // this cell was hot
	lost     *Cell          // where the last attempt lost

	reads    []read
	seen     index // of the reads up to the last tidy
	room     int   // tidy when so much is read
	writes   []Entry
	index    index
	commutes bool             // some entries are pending
	sum      pending          // of the first entry that is one; most transactions have no second
	undo     []undone         // what to put back when the innermost savepoint is rolled back
	mark     int              // entries below it belong to an outer savepoint
	onStack  int              // goroutine, with the build tag rinsedebug
	label    string           // of its changes, if it has one
	holds    []Holder         // to be let go when the attempt is over
	relinks  bool             // something read may have to be renewed
	renewed  map[*Cell]uint64 // the words of what this transaction has changed itself, see Renew
	extras   bool             // there is more to give back than reads and writes
}

// Flags say what kind of transaction it is and how its attempt stands.
type Flags uint16

const (
	ReadOnly    Flags = 1 << iota // by its kind
	Held                          // every read and write relies on the pinned version
	Impatient                     // never waits
	Irrevocable                   // has the gate shut from the start
	logs                          // reads are logged; else only noted by seen
	blind                         // a Set relies on nothing, and is allowed
	fresh                         // the first read need not be in the snapshot
	open                          // the attempt goes on, or
	committing                    // runs functions given to Commute; else it is over
	seen                          // something was read, without log
	chained                       // goes on after its commit
	ahead                         // the one read so far is newer than the snapshot: extend before the next
	Clashed                       // user code was interrupted because of a clash, or
	Retried                       // by Retry

	kind      = ReadOnly | Held | Impatient | Irrevocable
	interrupt = Clashed | Retried
)

// Cause says what an attempt clashed on.
type Cause uint8

const (
	ReadCause   Cause = iota // a read could not be added to the snapshot
	CommitCause              // a read had changed by the time of the commit
	BusyCause                // a cell stayed locked
	GateCause                // the gate was shut and the transaction does not wait
	Causes
)

// Unwind is what the engine panics with to leave a transaction function.
type Unwind struct{}

func (*Unwind) Error() string {
	return "stm: a transaction is being run again; do not recover this panic"
}

var unwind = new(Unwind)

// IsUnwind reports whether a recovered value is the engine's own.
func IsUnwind(recovered any) bool { return recovered == any(unwind) }

// Init makes a new descriptor one of o's.
func (t *Tx) Init(o *Owner) { t.owner, t.plain, t.room = o, o.plain, plenty }

// Open starts a transaction of a kind. Attempts follow, each from Begin to Clear, and Close.
func (t *Tx) Open(kind Flags) {
	t.start = kind | open
	switch kind {
	case ReadOnly:
	case Held:
		t.start |= logs
	default:
		t.start |= logs | blind | fresh
	}
	t.enterGoroutine()
}

// Begin starts an attempt, under the pinned snapshot if there is one.
func (t *Tx) Begin() {
	t.enterGoroutine()
	t.flags = t.start
	if t.pin != nil {
		t.snapshot = t.pin.Snapshot
	} else {
		t.snapshot = t.owner.Clock()
	}
	t.limit = limitOf(t.snapshot)
	if t.flags&fresh != 0 {
		t.limit = hot // any version will do
	}
}

// Is reports whether all the flags are set.
func (t *Tx) Is(f Flags) bool { return t.flags&f == f }

// LogReads makes a read-only transaction keep a read set from the next attempt on, to wait on it.
func (t *Tx) LogReads() { t.start |= logs }

// Logs reports whether reads are logged.
func (t *Tx) Logs() bool { return t.start&logs != 0 }

// Owner returns the owner.
func (t *Tx) Owner() *Owner { return t.owner }

// Closed reports whether the transaction is over.
func (t *Tx) Closed() bool { return t.flags&(open|committing) == 0 }

// Committing reports whether functions given to Commute are running.
func (t *Tx) Committing() bool { return t.flags&committing != 0 }

// Interrupted reports whether the attempt must be left.
func (t *Tx) Interrupted() bool { return t.flags&interrupt != 0 }

// stop ends reading and writing, and sends whoever tries to the slow paths.
func (t *Tx) stop(f Flags) {
	t.limit = 0
	t.flags = t.flags&^(blind|fresh|open) | f
}

// Pin makes the next attempt read one registered snapshot.
func (t *Tx) Pin() {
	t.Unpin()
	t.pin, t.extras = t.owner.Pin(0), true
}

// Unpin lets go of the registered snapshot, if any.
func (t *Tx) Unpin() {
	if t.pin != nil {
		t.owner.Unpin(t.pin)
		t.pin = nil
	}
}

// Pinned returns the registered snapshot, nil if there is none.
func (t *Tx) Pinned() *Pin { return t.pin }

// Chain makes the next commit one to go on from, see GoOn.
func (t *Tx) Chain() { t.flags |= chained }

// ShutGate shuts the owner's gate for this transaction. It reports false if done ended the wait.
func (t *Tx) ShutGate(done <-chan struct{}) bool {
	t.gate, t.extras = t.owner.Shut(done), true
	return t.gate != nil
}

// OpenGate opens the gate if this transaction has shut it.
func (t *Tx) OpenGate() {
	if t.gate != nil {
		t.owner.Open(t.gate)
		t.gate = nil
	}
}

// Alone reports whether this transaction has shut the gate.
func (t *Tx) Alone() bool { return t.gate != nil }

// Suspend ends an attempt: nothing but what it read is kept, to wait for a change of it.
func (t *Tx) Suspend() {
	t.stop(0)
	t.leaveQueue()
	t.leaveGoroutine()
}

// Clear forgets what the attempt read and wrote, leaves its queue, and lets go of what it held.
func (t *Tx) Clear() {
	t.clear()
	t.letGo()
}

func (t *Tx) clear() {
	if t.extras {
		t.leaveQueue()
		clear(t.undo)
		t.undo, t.mark, t.commutes, t.label = t.undo[:0], 0, false, ""
		t.relinks, t.renewed, t.room = false, nil, plenty
		t.index, t.seen = index{}, index{}
		t.sum.sum = false
	}
	t.forget()
}

// The sets are emptied of pointers, so that they keep nothing alive, and let go if they are large.
// Few elements are faster one by one.

func (t *Tx) forget() {
	if n := len(t.reads); n <= few {
		for i := range t.reads {
			t.reads[i].cell = nil
		}
	} else if n <= 2*many {
		clear(t.reads)
	} else {
		t.reads = nil
	}
	if n := len(t.writes); n <= few {
		for i := range t.writes {
			e := &t.writes[i]
			e.cell, e.Value.Ptr, e.pending = nil, nil, nil
		}
	} else if n <= many {
		clear(t.writes)
	} else {
		t.writes = nil
	}
	t.reads, t.writes, t.filter = t.reads[:0], t.writes[:0], 0
}

const few, many = 8, 4096

// Close ends the transaction: every later use is told apart until the descriptor serves again.
func (t *Tx) Close() {
	t.limit = 0
	t.flags &= kind
	t.clear()
	if t.extras {
		t.Unpin()
		t.OpenGate()
		t.lost, t.extras = nil, false
	}
	t.leaveGoroutine()
	t.letGo()
}

// Finish closes a transaction that has nothing but reads and writes to give back. Else it does
// nothing and reports false.
func (t *Tx) Finish() bool {
	if t.extras || Debug {
		return false
	}
	t.limit, t.flags = 0, t.flags&kind
	if len(t.reads)+len(t.writes) > 0 {
		t.forget()
	}
	return true
}

// Encumber makes sure that Finish does not close the transaction.
func (t *Tx) Encumber() { t.extras = true }

// Covers reports whether c's word is one that may be read at once: in the snapshot, of a cell of
// this owner without anything rare, and not written by this transaction.
func (t *Tx) Covers(c *Cell, word uint64) bool {
	return word < t.limit && c.rare.Load() == t.plain && (t.filter == 0 || t.filter&bit(c) == 0)
}

// CoversPart is Covers for a cell of a structure.
func (t *Tx) CoversPart(c *Cell, word uint64, of *Rare) bool {
	mine := of == t.plain || of != nil && of.owner == t.owner
	return word < t.limit && c.rare.Load() == of && mine && (t.filter == 0 || t.filter&bit(c) == 0)
}

// Read returns c's value as this transaction sees it, for cells that are not covered.
func (t *Tx) Read(c *Cell) (Form, Value) {
	t.check(c)
	if i := t.find(c); i >= 0 {
		e := &t.writes[i]
		if e.pending != nil {
			return t.settle(i)
		}
		return e.Form, e.Value
	}
	word, v := t.fetch(c)
	return formOf(word), v
}

// fetch reads a cell that this transaction has not written.
func (t *Tx) fetch(c *Cell) (uint64, Value) {
	if t.flags&ahead != 0 {
		t.extend(0)
	}
	for {
		word, v := t.await(c)
		switch newer := versionOf(word) > t.snapshot; {
		case !newer:
		case t.pin != nil:
			word, v = t.owner.at(c, t.snapshot)
		case t.flags&fresh != 0 || t.renewed[c] == word:
		default:
			t.stale(versionOf(word), c)
			continue
		}
		t.log(c, word)
		return word, v
	}
}

// await returns an unlocked word of c and its value. On a hot cell it first takes the queue.
func (t *Tx) await(c *Cell) (uint64, Value) {
	for spin := 0; ; spin++ {
		w := Word(c)
		if w&hot != 0 {
			t.enterQueue(c)
		}
		if w&locked == 0 {
			v := c.peek()
			if Word(c) == w {
				return w &^ hot, v
			}
		} else if t.flags&Impatient != 0 {
			if spin > maxSpin {
				t.clash(BusyCause, c)
			}
			shared.Pause(spin)
			continue
		}
		shared.AwaitClear(&c.word, locked, spin)
	}
}

// stale makes the snapshot cover version, or leaves the attempt.
func (t *Tx) stale(version uint64, c *Cell) {
	if t.flags&(logs|seen) != seen {
		t.extend(version)
		return
	}
	t.clash(ReadCause, c)
}

// extend moves the snapshot to the present, which is version at least, if nothing read so far has
// changed; else it leaves the attempt.
func (t *Tx) extend(version uint64) {
	if t.flags&ahead != 0 {
		version = max(version, versionOf(t.reads[0].word))
	}
	snapshot := t.owner.advance(version)
	for i := range t.reads {
		if r := &t.reads[i]; Word(r.cell)&^hot != r.word {
			// A lock alone is no change yet: wait for what becomes of it.
			if w, _ := t.await(r.cell); w != r.word {
				t.clash(ReadCause, r.cell)
			}
		}
	}
	t.owner.Tally.Extensions.Add(1)
	t.snapshot, t.limit = snapshot, limitOf(snapshot)
	t.flags &^= ahead
}

// Original returns the value that c has in the snapshot, without this transaction's own changes.
func (t *Tx) Original(c *Cell) (Form, Value) {
	t.check(c)
	word, v := t.fetch(c)
	return formOf(word), v
}

// VersionOf returns the version that c has in the snapshot, which counts as a read.
func (t *Tx) VersionOf(c *Cell) uint64 {
	t.check(c)
	word, _ := t.fetch(c)
	return versionOf(word)
}

// Reach makes the snapshot cover a version that the clock has reached, unless it is pinned.
func (t *Tx) Reach(version uint64) {
	if t.pin == nil && t.flags&fresh == 0 && version > t.snapshot {
		t.stale(version, nil)
	}
}

// HasWritten reports whether c is in the write set.
func (t *Tx) HasWritten(c *Cell) bool { return t.find(c) >= 0 }

// Snapshot returns the version that everything read so far is consistent with.
func (t *Tx) Snapshot() uint64 {
	if t.flags&ahead != 0 {
		t.extend(0)
	}
	return t.snapshot
}

// clash leaves the attempt because somebody else changed c.
func (t *Tx) clash(cause Cause, c *Cell) {
	t.lost, t.extras = c, true
	t.Count(cause)
	t.leave(Clashed)
}

// Count counts a clash, and Retried a Retry.
func (t *Tx) Count(cause Cause) { t.owner.Tally.Clashes[cause].Add(1) }
func (t *Tx) Retried()          { t.owner.Tally.Retries.Add(1) }

// Idle reports whether there is nothing to commit.
func (t *Tx) Idle() bool { return len(t.writes) == 0 }

// AwaitGate waits until the owner's gate is open. It reports false if done ended the wait.
func (t *Tx) AwaitGate(done <-chan struct{}) bool { return t.owner.AwaitGate(done) }

// Base returns the snapshot as it is, for reports.
func (t *Tx) Base() uint64 { return t.snapshot }

// Retry leaves the attempt until something that it read has changed.
func (t *Tx) Retry() { t.leave(Retried) }

func (t *Tx) leave(f Flags) {
	t.stop(f | open)
	panic(unwind)
}

// Resume goes on after a Retry that was caught.
func (t *Tx) Resume() {
	t.flags = t.flags&^Retried | t.start&blind
	if t.flags&ahead == 0 {
		t.limit = limitOf(t.snapshot)
	}
}

// ReadNothing reports whether there is nothing to wait for.
func (t *Tx) ReadNothing() bool { return len(t.reads) == 0 }
