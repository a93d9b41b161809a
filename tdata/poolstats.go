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
	AcquireTime time.Duration // what these took; the others do not look at the clock
	Cancels     uint64        // calls of Acquire that their context ended
}

// Size returns how many resources there are: idle, borrowed, being made, and being destroyed.
func (s PoolStats) Size() int { return s.Idle + s.Borrowed + s.Making + s.Destroying }

// Stats returns the state of the pool and the counts so far. It disturbs nobody.
func (p *Pool[T]) Stats() (s PoolStats) {
	must(p.use().owner.View(context.Background(), func(tx *stm.Tx) error {
		s = PoolStats{MaxSize: p.config.MaxSize}
		for i := range p.places {
			if r := p.get(tx, i); r != nil {
				*s.count(r.phase)++
			}
		}
		return nil
	}))
	for i := range p.places {
		s.Acquires += p.places[i].acquired.Load()
	}
	t := &p.tally
	s.Waits, s.Cancels, s.AcquireTime = t.waits.Load(), t.cancels.Load(), time.Duration(t.time.Load())
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

// poolTally is what the counts are made of, but for the Acquires, which are counted where they borrow.
type poolTally struct {
	waits, cancels atomic.Uint64
	time           atomic.Int64 // of those who waited
}

func (t *poolTally) tried(err error, waited bool, took time.Duration) {
	switch {
	case err == nil && waited:
		t.waits.Add(1)
		t.time.Add(int64(max(took, 0))) // time that goes back stands still
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		t.cancels.Add(1)
	}
}
