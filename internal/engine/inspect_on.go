//go:build rinsesched

package engine

import (
	"errors"
	"fmt"
)

// SetLimits sets how far the clock goes in a step, after how many clashes the gate is shut, and how
// often one looks at a lock and tries to commit before an attempt counts as a clash.
func SetLimits(stride uint64, clashes, spins, tries int) {
	Stride, GateAfter, maxSpin, maxTries = stride, clashes, spins, tries
}

// Reset makes o as it was when it was new, with the same id. Its cells must be made anew.
func (o *Owner) Reset() {
	id, plain := o.ID, o.plain
	*o = Owner{ID: id, plain: plain, turn: make(chan struct{}, 1)}
}

// Residue tells what transactions have left behind, when none is running.
func (o *Owner) Residue(cells ...*Cell) error {
	var left []error
	note := func(bad bool, format string, args ...any) {
		if bad {
			left = append(left, fmt.Errorf(format, args...))
		}
	}
	note(o.gate.Load() != nil || len(o.turn) > 0, "the gate is shut")
	note(!o.history.Empty(), "an old value is kept")
	note(o.pins.newest != nil || o.newest.Load() != 0, "a snapshot is pinned")
	for i, c := range cells {
		note(!o.queueOf(c).Free(), "the queue of cell %d is held", i)
		note(c.word.Load()&locked != 0, "cell %d is locked", i)
		if r := c.rare.Load(); r != nil {
			note(!r.waiting.Clean(), "somebody waits for cell %d", i)
		}
	}
	return errors.Join(left...)
}

// State returns the version of a cell, whether it is locked, and no version that it can have.
func (c *Cell) State() (version uint64, isLocked bool, bound uint64) {
	w := c.word.Load()
	return versionOf(w), w&locked != 0, OwnerOf(c).Clock() + Stride
}
