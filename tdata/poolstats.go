package tdata

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/rinse-go/rinse/stm"
)

// PoolStats tells what a [Pool] holds, all at one moment, and what happened since it was made.
type PoolStats struct {
	MaxSize                            int
	Idle, Borrowed, Making, Destroying int

	Acquires    uint64        // calls of Acquire and TryAcquire that got a resource
	Waits       uint64        // of those, the ones that found nothing idle and had to wait or to make one
	Cancels     uint64        // calls of Acquire that their context ended
	AcquireTime time.Duration // what these calls took
}

// Size returns how many resources there are: idle, borrowed, being made, and being destroyed.
func (s PoolStats) Size() int { return s.Idle + s.Borrowed + s.Making + s.Destroying }

// Stats returns the state of the pool and the counts so far. It disturbs nobody.
func (p *Pool[T]) Stats() (s PoolStats) {
	must(p.use().owner.View(context.Background(), func(tx *stm.Tx) error {
		s = PoolStats{MaxSize: p.config.MaxSize}
		for i := range p.places {
			if r := p.places[i].Get(tx); r != nil {
				*s.count(r.phase)++
			}
		}
		return nil
	}))
	t := &p.tally
	s.Acquires, s.Waits, s.Cancels = t.acquires.Load(), t.waits.Load(), t.cancels.Load()
	s.AcquireTime = time.Duration(t.time.Load())
	return s
}

func (s *PoolStats) count(phase poolPhase) *int {
	switch phase {
	case poolIdle:
		return &s.Idle
	case poolLent:
		return &s.Borrowed
	case poolMaking:
		return &s.Making
	}
	return &s.Destroying
}

// poolTally is what the counts are made of.
type poolTally struct {
	acquires, waits, cancels atomic.Uint64
	time                     atomic.Int64
}

func (t *poolTally) acquired(err error, waited bool, took time.Duration) {
	switch {
	case err == nil:
		t.acquires.Add(1)
		t.time.Add(int64(max(took, 0))) // time that goes back stands still
		if waited {
			t.waits.Add(1)
		}
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		t.cancels.Add(1)
	}
}
