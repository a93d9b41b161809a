package engine

import (
	"unsafe"

	"github.com/rinse-go/rinse/internal/history"
	"github.com/rinse-go/rinse/internal/shared"
)

// A pin keeps one snapshot readable for as long as somebody holds it.
//
//  1. A pin is on the list before it takes its snapshot, and it takes it by advancing the clock. So
//     a commit whose version is above the snapshot loaded the clock later and sees the pin.
//  2. Such a commit puts what it overwrites into the history before it publishes, if the newest pin
//     that does not see the new version needs the old one. So a pin finds every value it needs, and at
//     most one old value a cell and pin is kept.
//  3. An old value hangs on the newest pin that needs it; when that pin goes, on the next older one
//     that still does; else it is gone.
//  4. The first value of a cell is not kept if it is zero (see blank). So what was made after a pin, and
//     what that holds on to, is garbage when its time comes. Nothing is older than a first value; so
//     whoever has seen a version above its snapshot, and finds nothing with pins.mu held, has found, by 2,
//     that the cell was still at version 0 and held zero.
type Pin struct {
	Snapshot     uint64       // forever while registering; guarded by pins.mu, immutable afterwards
	older, newer *Pin         // guarded by pins.mu
	kept         *history.Old // guarded by pins.mu: linked by Next
}

type pinList struct {
	mu     shared.Mutex
	newest *Pin // guarded by mu
}

// Pin registers a snapshot of the present, which is version at least.
func (o *Owner) Pin(version uint64) *Pin {
	p := &Pin{Snapshot: forever}
	o.pins.mu.Lock()
	defer o.pins.mu.Unlock()
	p.older = o.pins.newest
	if p.older != nil {
		p.older.newer = p
	}
	o.pins.newest = p
	o.newest.Store(forever)
	p.Snapshot = o.tick(version)
	o.newest.Store(p.Snapshot)
	o.Tally.Pins.Add(1)
	return p
}

// Unpin lets go of a snapshot and of every old value that no other pin needs.
func (o *Owner) Unpin(p *Pin) {
	o.pins.mu.Lock()
	defer o.pins.mu.Unlock()
	if p.older != nil {
		p.older.newer = p.newer
	}
	if p.newer != nil {
		p.newer.older = p.older
	} else {
		o.pins.newest = p.older
		o.newest.Store(p.older.snapshot())
	}
	for old := p.kept; old != nil; {
		next := old.Next
		if heir := p.older; heir != nil && heir.Snapshot >= versionOf(old.Word) {
			heir.hang(old)
		} else {
			o.history.Remove(old)
		}
		old = next
	}
	p.kept = nil
}

// hang makes p the one that old hangs on. The caller holds pins.mu.
func (p *Pin) hang(old *history.Old) { old.Next, p.kept = p.kept, old }

func (p *Pin) snapshot() uint64 {
	if p == nil {
		return 0
	}
	return p.Snapshot
}

// Newest returns the snapshot of the newest pin, 0 if there is none.
func (o *Owner) Newest() uint64 {
	return o.newest.Load()
}

// keep puts the value of a locked cell, which a version is about to replace, into the history if a pin
// needs it.
func (o *Owner) keep(c *Cell, word, version uint64) {
	v := c.peek()
	if blank(word, v) {
		return
	}
	old := &history.Old{Word: word &^ hot, Raw: v.Raw, Ptr: v.Ptr}
	o.pins.mu.Lock()
	defer o.pins.mu.Unlock()
	p := o.pins.newest
	for p != nil && p.Snapshot >= version {
		p = p.older // it sees the new value
	}
	if p != nil && p.Snapshot >= versionOf(word) {
		p.hang(old)
		o.history.Add(unsafe.Pointer(c), old)
	}
}

// blank reports whether a cell with this word and value has never changed and holds zero. (A first value
// that is not zero is in the cell alone, so it must be kept. So must a zero of a later version, or one
// before it would be taken for it.)
func blank(word uint64, v Value) bool {
	switch {
	case versionOf(word) != 0:
		return false
	case formOf(word) == Raw:
		return v.Raw == 0
	}
	return formOf(word) == Unset || v.Ptr == nil
}

// at returns what c held at a pinned snapshot that is older than its present version.
func (o *Owner) at(c *Cell, snapshot uint64) (uint64, Value) {
	old := o.history.Find(unsafe.Pointer(c), limitOf(snapshot))
	if old == nil { // it was on its way to another bucket, or it is not there
		o.pins.mu.Lock()
		defer o.pins.mu.Unlock()
		if old = o.history.Find(unsafe.Pointer(c), limitOf(snapshot)); old == nil {
			return uint64(Unset), Value{} // by 4
		}
	}
	return old.Word, Value{old.Raw, old.Ptr}
}

// asOf returns what c held at a pinned snapshot, and a word with the version of that. (The form may be
// Unset where it was not: compare versions.)
func (c *Cell) asOf(snapshot uint64) (uint64, Value) {
	word, v := c.settled()
	if versionOf(word) > snapshot {
		return OwnerOf(c).at(c, snapshot)
	}
	return word, v
}
