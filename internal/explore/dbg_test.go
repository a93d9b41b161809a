//go:build rinsesched

package explore

import (
	"testing"
	"time"
)

func TestDbg(t *testing.T) {
	var e Explorer
	n := 0
	total := time.Now()
	for _, p := range scenarios() {
		start := time.Now()
		r := e.Explore(p, 20_000)
		if r.Violation != nil {
			t.Error(r.Violation)
		}
		n += r.Schedules
		if !r.Complete || testing.Verbose() {
			t.Log(p.Name, r.Schedules, r.Repeats, r.Histories, r.Complete, time.Since(start))
		}
	}
	t.Log(n, time.Since(total))
}
