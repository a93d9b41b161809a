package tdata_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// A jumpyClock jumps by what is left of its jumps right before it sets a timer.
type jumpyClock struct {
	*fakeClock
	jumps []time.Duration
	set   atomic.Int32 // how many timers
}

func (c *jumpyClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	if len(c.jumps) > 0 {
		jump := c.jumps[0]
		c.jumps = c.jumps[1:]
		c.pass(jump)
	}
	defer c.set.Add(1)
	return c.fakeClock.AfterFunc(d, f)
}

// Who waits for tokens is not late because the clock jumped between the look at it and the setting of the alarm.
func TestRateLimiterWaitsUntilAndNotFor(t *testing.T) {
	clock := &jumpyClock{fakeClock: newFakeClock(), jumps: []time.Duration{time.Second, time.Second}}
	o := stm.NewOwner()
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 3, Clock: clock}, tdata.In(o))
	require.True(t, l.AllowN(3))
	taken := make(chan error)
	go func() {
		taken <- o.Atomically(t.Context(), func(tx *stm.Tx) error { return l.Take(tx, 3) })
	}()
	for clock.set.Load() < 3 { // the third time it stays
		select {
		case err := <-taken:
			require.Fail(t, "too early", "%v", err)
		default:
		}
	}
	clock.pass(time.Second) // the third
	require.NoError(t, <-taken)
}
