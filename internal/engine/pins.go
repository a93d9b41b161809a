package engine

import "github.com/rinse-go/rinse/internal/shared"

// A pin keeps one snapshot readable for as long as somebody holds it.
//
//  1. A pin is on the list before it takes its snapshot, and it takes it by advancing the clock. So
//     a commit whose version is above the snapshot loaded the clock later and sees the pin.
//  2. Such a commit puts what it overwrites on the cell's history before it publishes, if the old
//     version is not above the newest pin. So a pin finds every value it needs, and at most one old
//     value a cell and pin is kept.
//  3. An old value hangs on the newest pin that was there when it was overwritten; when that pin
//     goes, on the next older one that still needs it; else it is gone.
type Pin struct {
	Snapshot     uint64  // forever while registering; guarded by pins.mu, immutable afterwards
	older, newer *Pin    // guarded by pins.mu
	kept         []*past // guarded by pins.mu
}

// past is an overwritten value, good from its version up to the one that replaced it.
type past struct {
	cell    *Cell
	word    uint64
	value   Value
	earlier shared.Pointer[past] // stored with pins.mu held, read without it
}

type pinList struct {
	mu     shared.Mutex
	newest *Pin // guarded by mu
}

// Pin registers a snapshot of the present.
func (o *Owner) Pin() *Pin {
	p := &Pin{Snapshot: forever}
	o.pins.mu.Lock()
	defer o.pins.mu.Unlock()
	p.older = o.pins.newest
	if p.older != nil {
		p.older.newer = p
	}
	o.pins.newest = p
	o.newest.Store(forever)
	p.Snapshot = o.tick(0)
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
	for _, old := range p.kept {
		if heir := p.older; heir != nil && heir.Snapshot >= versionOf(old.word) {
			heir.kept = append(heir.kept, old)
		} else {
			old.drop()
		}
	}
	p.kept = nil
}

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

// keep puts the value of a locked cell on its history if a pin needs it.
func (o *Owner) keep(c *Cell, word uint64) {
	o.pins.mu.Lock()
	defer o.pins.mu.Unlock()
	p := o.pins.newest
	if p == nil || p.Snapshot < versionOf(word) {
		return
	}
	history := &c.ownRare().history
	old := &past{cell: c, word: word &^ hot, value: c.peek()}
	old.earlier.Store(history.Load())
	history.Store(old)
	p.kept = append(p.kept, old)
}

// drop takes old off its cell's history. The caller holds pins.mu.
func (old *past) drop() {
	link := &old.cell.rare.Load().history
	for at := link.Load(); at != old; at = link.Load() {
		link = &at.earlier
	}
	link.Store(old.earlier.Load())
}

// at returns what c held at a pinned snapshot that is older than its present version.
func (c *Cell) at(snapshot uint64) (uint64, Value) {
	old := c.rare.Load().history.Load()
	for versionOf(old.word) > snapshot {
		old = old.earlier.Load()
	}
	return old.word, old.value
}
