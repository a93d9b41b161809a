//go:build !linux

package measure

import "time"

// A clock wakes one goroutine, about on time.
type clock struct{}

func newClock() *clock               { return &clock{} }
func (*clock) sleep(d time.Duration) { time.Sleep(d) }
func (*clock) close()                {}
