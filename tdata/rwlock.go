package tdata

import (
	"context"
	"math"

	"github.com/rinse-go/rinse/stm"
)

// An RWLock is held by any number of readers or by one writer, over more than one transaction: to guard something outside of
// variables, a file say. What is in variables needs no lock. The zero RWLock is ready: nobody holds it, and it belongs to the
// default owner. An RWLock must not be copied.
//
// Those who wait in HoldRead and HoldWrite are served in the order in which they came, and readers who came in a row together: a
// writer is not starved by readers, nor readers by writers. Lock, RLock and their TryLocks, in a transaction, go to the end of the
// line, see [FairSemaphore]: they get the lock only while nobody is in line. A transaction can so get several locks at once, or a
// lock and a value from a queue, and no deadlock comes of it.
//
// A lock belongs to nobody: any transaction may unlock it. To read-lock is to change a variable, and clashes with all others who
// do. To hold and give up the lock takes some 100 ns, for reading too, and a microsecond or two if one has to wait: this lock is for
// what takes long. It does not know who holds it, so who holds it for reading and wants to write waits forever.
type RWLock struct {
	permits fair // of everyone, a reader takes one, and a writer all
}

const everyone = math.MaxInt64

// NewRWLock returns a lock that nobody holds. In clash reports its variables are name.taken and name.line.
func NewRWLock(options ...Option) *RWLock {
	l := new(RWLock)
	l.permits.init(originFor[RWLock](options))
	return l
}

func (l *RWLock) use() *fair {
	mustHave(l != nil, "RWLock; make it with tdata.NewRWLock or take the address of one")
	return &l.permits
}

// Lock takes the lock for writing. While somebody holds it, or is in line, it waits, by Retry.
func (l *RWLock) Lock(tx *stm.Tx) { tx.Check(l.TryLock(tx)) }

// TryLock is Lock without waiting: it reports false if somebody holds the lock or is in line.
func (l *RWLock) TryLock(tx *stm.Tx) bool { return l.use().tryAcquire(tx, everyone, everyone) }

// Unlock gives up the lock for writing. It panics if that is not held.
func (l *RWLock) Unlock(tx *stm.Tx) {
	if l.use().taken.Get(tx) != everyone {
		panic("tdata: Unlock of an RWLock that is not locked for writing")
	}
	l.use().release(tx, everyone, everyone)
}

// RLock takes the lock for reading. While a writer holds it, or somebody is in line, it waits, by Retry.
func (l *RWLock) RLock(tx *stm.Tx) { tx.Check(l.TryRLock(tx)) }

// TryRLock is RLock without waiting: it reports false if a writer holds the lock, or somebody is in line.
func (l *RWLock) TryRLock(tx *stm.Tx) bool { return l.use().tryAcquire(tx, 1, everyone) }

// RUnlock gives up the lock for reading. It panics if that is not held.
func (l *RWLock) RUnlock(tx *stm.Tx) {
	if taken := l.use().taken.Get(tx); taken == 0 || taken == everyone {
		panic("tdata: RUnlock of an RWLock that is not locked for reading")
	}
	l.use().release(tx, 1, everyone)
}

// HoldWrite takes the lock for writing, as transactions of its own. It waits in line, and returns a function that gives the lock
// up, once, however often it is called. If ctx ends first, it leaves the line, returns ctx's error, and holds nothing.
func (l *RWLock) HoldWrite(ctx context.Context) (unlock func(), err error) {
	return l.use().hold(ctx, everyone, everyone)
}

// HoldRead is HoldWrite for reading.
func (l *RWLock) HoldRead(ctx context.Context) (unlock func(), err error) {
	return l.use().hold(ctx, 1, everyone)
}
