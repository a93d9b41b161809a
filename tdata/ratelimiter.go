package tdata

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// ErrOverBurst is returned when more tokens are wanted at once than a [RateLimiter] can ever hold.
var ErrOverBurst = errors.New("tdata: RateLimiter: more tokens than the burst allows")

// A Rate is a number of events a second. At rate 0 no tokens come back.
type Rate float64

// InfRate is the rate that allows everything, whatever the burst.
const InfRate = Rate(math.MaxFloat64)

// Every returns the rate of one event in an interval, [InfRate] if that is not positive.
func Every(interval time.Duration) Rate {
	if interval <= 0 {
		return InfRate
	}
	return Rate(float64(time.Second) / float64(interval))
}

// A RateLimiter controls how often something happens. It is a bucket that holds up to Burst tokens, full at first, which
// fills at Rate tokens a second; each event takes one. The zero RateLimiter is ready, allows nothing until it is given a rate and
// a burst, and belongs to the default owner. A RateLimiter must not be copied.
//
// Methods that take a *stm.Tx are part of that transaction: a token and a job are taken in one step, or none of
// them. The others are transactions by themselves, and do what they do in golang.org/x/time/rate, from where the
// type is taken; they must not be called inside a transaction function.
//
// Wait, Reserve and TakeAhead take tokens ahead of their time, and so serve in order of arrival: what others take later
// comes later, and nobody takes from under them what they have reserved. TryTake and Take take what is there.
//
// The bucket is one variable. So transactions that take from the same limiter clash if they overlap, and then take
// turns; a token taken costs one allocation. Nothing runs while nobody waits.
//
// Time that goes back stands still: it neither gives nor takes tokens.
type RateLimiter struct {
	origin
	bucket tvar.TVar[rateBucket]
	bell   tvar.TVar[uint64] // changes when somebody who waits in a transaction shall look again
	owed   []tvar.Option     // immutable: of what reservations owe
	time   stopwatch
	alarm  rateAlarm
}

// RateConfig says what a [RateLimiter] is like at first. The zero RateConfig allows nothing.
type RateConfig struct {
	Rate  Rate  // how many tokens come back in a second
	Burst int   // how many tokens there are at most, and at first
	Clock Clock // tells the time; nil: the system's
}

// A rateBucket is how many tokens there were when somebody looked last.
type rateBucket struct {
	rate      Rate
	burst     int
	tokens    float64 // may be negative: taken ahead of their time
	at        int64   // by the limiter's stopwatch
	lastEvent int64   // when what was taken ahead last can happen
}

// NewRateLimiter returns a limiter with a full bucket. It panics if the rate is negative or NaN, or the burst negative. In
// clash reports its variables are name.bucket, name.bell and name.owed.
func NewRateLimiter(cfg RateConfig, options ...Option) *RateLimiter {
	mustBeRate(cfg.Rate)
	mustBeBurst(cfg.Burst)
	l := &RateLimiter{origin: originFor[RateLimiter](options)}
	l.time.begin(cfg.Clock)
	first := rateBucket{rate: cfg.Rate, burst: cfg.Burst, tokens: float64(cfg.Burst), at: l.time.now()}
	l.bucket.Init(first, l.part("bucket")...)
	l.bell.Init(0, l.part("bell")...)
	l.owed = l.passing("owed")
	return l
}

func (l *RateLimiter) use() *RateLimiter {
	mustHave(l != nil, "RateLimiter; make it with tdata.NewRateLimiter or take the address of one")
	return l
}

func mustBeRate(r Rate) {
	if !(r >= 0) {
		panic(fmt.Sprintf("tdata: RateLimiter: rate %v; it must be 0 or more", float64(r)))
	}
}

func mustBeBurst(n int) {
	if n < 0 {
		panic(fmt.Sprintf("tdata: RateLimiter: burst %d; it must be 0 or more", n))
	}
}

func mustBeTokens(n int) {
	if n < 0 {
		panic(fmt.Sprintf("tdata: RateLimiter: %d tokens; the number must be 0 or more", n))
	}
}

// filled returns the bucket as it is at a time.
func (b rateBucket) filled(now int64) rateBucket {
	if now > b.at {
		b.tokens = min(b.tokens+float64(b.rate)*time.Duration(now-b.at).Seconds(), float64(b.burst))
		b.at = now
	}
	return b
}

// never is a wait that is too long to tell.
const never time.Duration = math.MaxInt64

// wait returns how long it takes until a filled bucket has n tokens.
func (b rateBucket) wait(n int) time.Duration {
	switch missing := float64(n) - b.tokens; {
	case missing <= 0 || b.rate == InfRate:
		return 0
	case b.rate == 0:
		return never
	default:
		return durationOf(missing, b.rate)
	}
}

// durationOf returns how long it takes to get so many tokens. It is rounded down to nanoseconds, and so what is
// missing by less is there.
func durationOf(tokens float64, rate Rate) time.Duration {
	d := tokens / float64(rate) * float64(time.Second)
	if d >= math.MaxInt64/2 {
		return never
	}
	return time.Duration(d)
}

// take takes n tokens out of a filled bucket if it takes no longer than most until they are there.
func (b rateBucket) take(n int, most time.Duration) (rateBucket, time.Duration, bool) {
	if b.rate == InfRate {
		return b, 0, true
	}
	wait := b.wait(n)
	if n > b.burst || wait > most || wait == never {
		return b, wait, false
	}
	b.tokens -= float64(n)
	b.lastEvent = b.at + int64(wait)
	return b, wait, true
}

// TryTake takes n tokens if they are there, and reports whether it did.
func (l *RateLimiter) TryTake(tx *stm.Tx, n int) bool {
	mustBeTokens(n)
	b, _, ok := l.use().bucket.Get(tx).filled(l.time.now()).take(n, 0)
	if ok && b.rate != InfRate {
		l.bucket.Set(tx, b)
	}
	return ok
}

// Take takes n tokens, and retries until they are there: it wakes when enough time has passed, and when others
// change the limiter. It returns [ErrOverBurst] if n tokens never fit into the bucket.
//
// Whose transaction commits first once they are there gets them, whoever came first: a transaction that waits has
// changed nothing, so it has no place in a line. Where the order of arrival is to count, use [RateLimiter.Wait] outside
// of transactions, or [RateLimiter.TakeAhead], which reserves. While somebody waits here,
// the limiter has one timer. If they all leave, it goes off once more, at the time that the first of them waited for, and
// that is all.
func (l *RateLimiter) Take(tx *stm.Tx, n int) error {
	mustBeTokens(n)
	b := l.use().bucket.Get(tx).filled(l.time.now())
	taken, wait, ok := b.take(n, 0)
	switch {
	case ok:
		l.bucket.Set(tx, taken)
		return nil
	case n > b.burst:
		return l.overBurst(n, b.burst)
	}
	l.bell.Get(tx) // before the alarm is set, which rings it
	if wait < never {
		l.alarm.set(l, b.at+int64(wait))
	}
	tx.Retry()
	return nil
}

func (l *RateLimiter) overBurst(n, burst int) error {
	return fmt.Errorf("%w: %d of %d", ErrOverBurst, n, burst)
}

// A rateAlarm rings the limiter's bell at the earliest time that somebody waits for. Then they look again, and set
// it anew if they have to: so an alarm for a later time need not be kept.
type rateAlarm struct {
	mu   sync.Mutex
	at   int64       // guarded by mu; 0: not set
	stop func() bool // guarded by mu
}

func (a *rateAlarm) set(l *RateLimiter, at int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at != 0 && a.at <= at {
		return
	}
	if a.at != 0 {
		a.stop()
	}
	a.at = at
	a.stop = l.time.alarm(at, func() { a.ring(l, at) })
}

func (a *rateAlarm) ring(l *RateLimiter, at int64) {
	a.mu.Lock()
	if a.at == at {
		a.at = 0
	}
	a.mu.Unlock()
	l.bell.Update(func(n uint64) uint64 { return n + 1 })
}

// TakeAhead takes n tokens that may be there only later, and returns when: see [Reservation]. If they never will be,
// the reservation is not OK.
func (l *RateLimiter) TakeAhead(tx *stm.Tx, n int) *Reservation {
	mustBeTokens(n)
	r, b := l.reserve(l.use().bucket.Get(tx), n, never)
	r.owed.Init(false, l.owed...)
	if r.ok {
		l.bucket.Set(tx, b)
		r.owed.Set(tx, r.canBeUndone()) // by the commit: before, and without one, nothing was taken
	}
	return r
}

func (l *RateLimiter) reserve(b rateBucket, n int, most time.Duration) (*Reservation, rateBucket) {
	b = b.filled(l.time.now())
	taken, wait, ok := b.take(n, most)
	r := &Reservation{limiter: l, ok: ok}
	if ok {
		r.tokens, r.rate, r.at = n, b.rate, b.at+int64(wait)
	}
	return r, taken
}

// Tokens returns how many tokens there are, less what was taken ahead: it may be negative.
func (l *RateLimiter) Tokens(tx *stm.Tx) float64 {
	return l.use().bucket.Get(tx).filled(l.time.now()).tokens
}

// Rate returns the rate.
func (l *RateLimiter) Rate(tx *stm.Tx) Rate { return l.use().bucket.Get(tx).rate }

// Burst returns the burst.
func (l *RateLimiter) Burst(tx *stm.Tx) int { return l.use().bucket.Get(tx).burst }

// SetRate changes the rate from now on. What was taken ahead before keeps its time. It panics if the rate is negative
// or NaN.
func (l *RateLimiter) SetRate(tx *stm.Tx, r Rate) {
	mustBeRate(r)
	b := l.use().bucket.Get(tx).filled(l.time.now())
	b.rate = r
	l.bucket.Set(tx, b)
}

// SetBurst changes how many tokens there are at most. It panics if the number is negative.
func (l *RateLimiter) SetBurst(tx *stm.Tx, n int) {
	mustBeBurst(n)
	b := l.use().bucket.Get(tx).filled(l.time.now())
	b.burst = n
	b.tokens = min(b.tokens, float64(n))
	l.bucket.Set(tx, b)
}

// StoreRate is SetRate as a transaction of its own.
func (l *RateLimiter) StoreRate(r Rate) {
	must(l.use().in().Atomically(context.Background(), func(tx *stm.Tx) error { l.SetRate(tx, r); return nil }))
}

// StoreBurst is SetBurst as a transaction of its own.
func (l *RateLimiter) StoreBurst(n int) {
	must(l.use().in().Atomically(context.Background(), func(tx *stm.Tx) error { l.SetBurst(tx, n); return nil }))
}

// LoadTokens is Tokens as a transaction of its own.
func (l *RateLimiter) LoadTokens() float64 { return l.use().bucket.Load().filled(l.time.now()).tokens }
