package tdata_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// heldClock is a clock that goes on when it is told to. It does not call anybody.
type heldClock struct{ now time.Time }

func newHeldClock() *heldClock { return &heldClock{time.Unix(1_000_000, 0)} }

func (c *heldClock) Now() time.Time { return c.now }
func (c *heldClock) AfterFunc(time.Duration, func()) (stop func() bool) {
	return func() bool { return true }
}

// seconds returns the time since the clock was made.
func (c *heldClock) seconds() float64 { return c.now.Sub(time.Unix(1_000_000, 0)).Seconds() }

// pass has some quarters of a second pass, of which all times and numbers of tokens are multiples that are exact.
func (c *heldClock) pass(rnd *rand.Rand) time.Duration {
	d := time.Duration(1+rnd.IntN(4)) * time.Second / 4
	c.now = c.now.Add(d)
	return d
}

// rateState is a RateLimiter: a bucket, and what was reserved. Times are in seconds.
type rateState struct {
	rateBucket
	reserved map[int]rateReservation
	owed     map[int]bool
}

type rateBucket struct {
	rate, burst           int
	tokens, at, lastEvent float64
}

type rateReservation struct {
	tokens, rate int
	at           float64
}

func (b rateBucket) filled(now float64) rateBucket {
	if now > b.at {
		b.tokens = min(b.tokens+float64(b.rate)*(now-b.at), float64(b.burst))
		b.at = now
	}
	return b
}

// take takes tokens out of a filled bucket, and returns how long it takes until they are there.
func (b rateBucket) take(n int) (rateBucket, float64) {
	wait := 0.0
	if missing := float64(n) - b.tokens; missing > 0 {
		wait = missing / float64(b.rate)
	}
	b.tokens -= float64(n)
	b.lastEvent = b.at + wait
	if n > b.burst {
		wait = math.Inf(1)
	}
	return b, wait
}

// heldLimiter is a RateLimiter.
type heldLimiter struct {
	*tdata.RateLimiter
	clock   *heldClock
	handles map[int]*tdata.Reservation
	since   map[int]rateReservation // those that were made alone: they are there for older checkouts too, whose bucket is not
}

func heldRateLimiter(o *stm.Owner) heldStructure {
	clock := newHeldClock()
	l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 3, Clock: clock}, tdata.In(o))
	return &heldLimiter{l, clock, map[int]*tdata.Reservation{}, map[int]rateReservation{}}
}

func (l *heldLimiter) begin() any {
	return rateState{rateBucket{rate: 1, burst: 3, tokens: 3}, map[int]rateReservation{}, map[int]bool{}}
}

func (l *heldLimiter) show(state any) string {
	s := state.(rateState).filled(l.clock.seconds())
	return fmt.Sprint(s.tokens, s.rate, s.burst)
}

func (l *heldLimiter) look(tx *stm.Tx) string {
	return fmt.Sprint(l.Tokens(tx), float64(l.Rate(tx)), l.Burst(tx))
}

func (l *heldLimiter) act(r *heldRun, rnd *rand.Rand, _ int) { r.note("%v pass", l.clock.pass(rnd)) }

// bucketed is a deed that changes the bucket.
func bucketed(want string, b rateBucket) heldDeed {
	return heldDeed{want: want, relies: []string{"~bucket"}, changes: []string{"bucket", "~bucket"}, effect: func(state any) any {
		now := state.(rateState)
		now.rateBucket = b
		return now
	}}
}

func (l *heldLimiter) op(rnd *rand.Rand, _ any, id int) heldOp {
	n, now := rnd.IntN(4), l.clock.seconds()
	switch rnd.IntN(10) {
	case 0, 1, 2:
		return l.tryTakeOp(n, now)
	case 3, 4:
		return l.aheadOp(n, now, id)
	case 5, 6:
		if known := slices.Sorted(maps.Keys(l.handles)); len(known) > 0 {
			return l.undoOp(known[len(known)-1-rnd.IntN(min(4, len(known)))], now)
		}
	case 7:
		return heldOp{text: fmt.Sprintf("SetRate(%d)", n),
			do:    func(tx *stm.Tx) string { l.SetRate(tx, tdata.Rate(rateOf(n))); return "" },
			alone: func() string { l.StoreRate(tdata.Rate(rateOf(n))); return "" },
			spec: func(s any, _ string) heldDeed {
				b := s.(rateState).filled(now)
				b.rate = rateOf(n)
				return bucketed("", b)
			}}
	case 8:
		return heldOp{text: fmt.Sprintf("SetBurst(%d)", n),
			do:    func(tx *stm.Tx) string { l.SetBurst(tx, n); return "" },
			alone: func() string { l.StoreBurst(n); return "" },
			spec: func(s any, _ string) heldDeed {
				b := s.(rateState).filled(now)
				b.burst, b.tokens = n, min(b.tokens, float64(n))
				return bucketed("", b)
			}}
	}
	return heldOp{text: "Tokens()",
		do:    func(tx *stm.Tx) string { return fmt.Sprint(l.Tokens(tx)) },
		alone: func() string { return fmt.Sprint(l.LoadTokens()) },
		spec: func(s any, _ string) heldDeed {
			return heldDeed{want: fmt.Sprint(s.(rateState).filled(now).tokens), relies: []string{"bucket", "~bucket"}}
		}}
}

// rateOf returns a rate by which quarters of tokens take sixteenths of a second.
func rateOf(n int) int { return []int{0, 1, 2, 4}[n] }

func (l *heldLimiter) tryTakeOp(n int, now float64) heldOp {
	return heldOp{text: fmt.Sprintf("TryTake(%d)", n),
		do: func(tx *stm.Tx) string {
			return orBlocked(tx, func(tx *stm.Tx) string {
				if err := l.Take(tx, n); err != nil {
					return "blocked"
				}
				return "true"
			})
		},
		alone: func() string {
			if !l.AllowN(n) {
				return "blocked"
			}
			return "true"
		},
		spec: func(s any, _ string) heldDeed {
			b, wait := s.(rateState).filled(now).take(n)
			if wait > 0 {
				return heldDeed{want: "blocked", relies: []string{"bucket", "~bucket"}}
			}
			return bucketed("true", b)
		}}
}

// aheadOp reserves tokens.
func (l *heldLimiter) aheadOp(n int, now float64, id int) heldOp {
	tell := func(r *tdata.Reservation) string {
		if l.handles[id] = r; !r.OK() {
			return "never"
		}
		return fmt.Sprint(r.Delay())
	}
	return heldOp{text: fmt.Sprintf("TakeAhead(%d) as %d", n, id),
		do:    func(tx *stm.Tx) string { return tell(l.TakeAhead(tx, n)) },
		alone: func() string { l.since[id] = rateReservation{}; return tell(l.ReserveN(n)) },
		spec: func(s any, _ string) heldDeed {
			b, wait := s.(rateState).filled(now).take(n)
			if _, alone := l.since[id]; alone {
				l.since[id] = rateReservation{n, b.rate, b.lastEvent}
			}
			if math.IsInf(wait, 1) {
				return heldDeed{want: "never", relies: []string{"bucket", "~bucket"}, marks: []string{"~bucket"}}
			}
			d := bucketed(fmt.Sprint(time.Duration(wait*float64(time.Second))), b)
			d.changes = append(d.changes, fmt.Sprint("owed", id))
			d.effect = func(state any) any {
				now := state.(rateState)
				now.rateBucket = b
				now.reserved = with(now.reserved, id, rateReservation{n, b.rate, b.lastEvent})
				now.owed = with(now.owed, id, n > 0)
				return now
			}
			return d
		}}
}

// undoOp undoes a reservation.
func (l *heldLimiter) undoOp(id int, now float64) heldOp {
	handle, owed := l.handles[id], fmt.Sprint("owed", id)
	return heldOp{text: fmt.Sprintf("Undo %d", id),
		do:    func(tx *stm.Tx) string { handle.Undo(tx); return "" },
		alone: func() string { handle.Cancel(); return "" },
		spec: func(state any, _ string) heldDeed {
			s := state.(rateState)
			b, r, isOwed := s.filled(now), s.reserved[id], s.owed[id]
			if since, alone := l.since[id]; alone && !hasKey(s.owed, id) {
				r, isOwed = since, since.tokens > 0
			}
			switch {
			case !handle.OK():
				return heldDeed{}
			case !isOwed || r.at < b.at:
				return heldDeed{relies: []string{"bucket", "~bucket", owed}}
			}
			d := heldDeed{relies: []string{"bucket", "~bucket"}, changes: []string{owed}}
			restored := float64(r.tokens) - float64(r.rate)*(b.lastEvent-r.at)
			if restored > 0 {
				d.changes = append(d.changes, "bucket", "~bucket")
				b.tokens = min(b.tokens+restored, float64(b.burst))
				before := r.at - float64(r.tokens)/float64(r.rate)
				if r.at == b.lastEvent && before >= b.at {
					b.lastEvent = before
				}
			}
			d.effect = func(state any) any {
				now := state.(rateState)
				now.owed = with(now.owed, id, false)
				if restored > 0 {
					now.rateBucket = b
				}
				return now
			}
			return d
		}}
}
