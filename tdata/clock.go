package tdata

import "time"

// A Clock tells the time to structures that depend on it, and calls back when some has passed. Give them
// one of your own to test what would take long, or use testing/synctest, in which the usual one suffices.
//
// A clock may stand still. If it goes back, the structures take it to stand still.
type Clock interface {
	Now() time.Time

	// AfterFunc calls f once, on a goroutine of its own, when d has passed. stop prevents that, and reports
	// whether it did.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// systemClock is the clock of the machine.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}
