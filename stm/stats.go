package stm

import "github.com/rinse-go/rinse/internal/engine"

// Stats counts what happened to an owner's transactions since it was made. The counts are exact
// when nobody is running; else each is right for itself, but not all for the same moment.
//
// Loads, Stores and Updates of one variable outside transactions are not counted.
type Stats struct {
	Commits    uint64 // transactions that committed, read-only ones included
	Clashes    Causes // attempts that clashed, by cause
	Retries    uint64 // attempts that called Retry
	Waits      uint64 // of those, the ones that slept, since nothing they read had changed yet
	Gates      uint64 // times the gate was shut, for a starving transaction or by Irrevocably
	Extensions uint64 // times a snapshot was moved to the present in the middle of an attempt
	Pins       uint64 // snapshots registered, by held checkouts and by Views that had to start over
	Clock      uint64 // the newest version that a snapshot can have; not a count
}

// Causes counts clashes by what they clashed on.
type Causes struct {
	Read   uint64 // a read could not be added to the snapshot, which could not be moved either
	Commit uint64 // something read had changed by the time of the commit
	Busy   uint64 // a variable stayed locked by other commits
	Gate   uint64 // the gate was shut, in Try, which does not wait
}

// Total returns the number of clashes of all causes.
func (c Causes) Total() uint64 { return c.Read + c.Commit + c.Busy + c.Gate }

// Sub returns what happened since an earlier Stats of the same owner. Clock is the difference too.
func (s Stats) Sub(earlier Stats) Stats {
	return Stats{
		Commits: s.Commits - earlier.Commits,
		Clashes: Causes{
			Read:   s.Clashes.Read - earlier.Clashes.Read,
			Commit: s.Clashes.Commit - earlier.Clashes.Commit,
			Busy:   s.Clashes.Busy - earlier.Clashes.Busy,
			Gate:   s.Clashes.Gate - earlier.Clashes.Gate,
		},
		Retries:    s.Retries - earlier.Retries,
		Waits:      s.Waits - earlier.Waits,
		Gates:      s.Gates - earlier.Gates,
		Extensions: s.Extensions - earlier.Extensions,
		Pins:       s.Pins - earlier.Pins,
		Clock:      s.Clock - earlier.Clock,
	}
}

// Stats returns the owner's counts so far. It disturbs nobody.
func (o *Owner) Stats() Stats {
	o.mustBeMade()
	t := &o.core.Tally
	return Stats{
		Commits: o.ledger.total(),
		Clashes: Causes{
			Read:   t.Clashes[engine.ReadCause].Load(),
			Commit: t.Clashes[engine.CommitCause].Load(),
			Busy:   t.Clashes[engine.BusyCause].Load(),
			Gate:   t.Clashes[engine.GateCause].Load(),
		},
		Retries:    t.Retries.Load(),
		Waits:      t.Waits.Load(),
		Gates:      t.Gates.Load(),
		Extensions: t.Extensions.Load(),
		Pins:       t.Pins.Load(),
		Clock:      o.core.Clock(),
	}
}
