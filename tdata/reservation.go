package tdata

import (
	"context"
	"fmt"
	"time"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// Allow takes a token if there is one, and reports whether it did.
func (l *RateLimiter) Allow() bool { return l.AllowN(1) }

// AllowN takes n tokens if they are there, and reports whether it did. If they are not it writes nothing.
func (l *RateLimiter) AllowN(n int) (ok bool) {
	mustBeTokens(n)
	l.use().bucket.TryUpdate(func(b rateBucket) (rateBucket, bool) {
		b, _, ok = b.filled(l.time.now()).take(n, 0)
		return b, ok && b.rate != InfRate
	})
	return ok
}

// Reserve is ReserveN for one token.
func (l *RateLimiter) Reserve() *Reservation { return l.ReserveN(1) }

// ReserveN takes n tokens that may be there only later, and returns when; it does not wait. If they never will be, the
// reservation is not OK.
func (l *RateLimiter) ReserveN(n int) *Reservation {
	mustBeTokens(n)
	r, err := l.use().reserveNow(context.Background(), n)
	must(err)
	return r
}

// reserveNow reserves what comes before the deadline of ctx.
func (l *RateLimiter) reserveNow(ctx context.Context, n int) (r *Reservation, err error) {
	take := func(b rateBucket) (taken rateBucket, ok bool) {
		r, taken = l.reserve(b, n, timeLeft(ctx))
		return taken, r.ok
	}
	if !attempt(&l.bucket, engine.Boxed, take) && r.ok {
		err = l.in().Atomically(ctx, func(tx *stm.Tx) error {
			if b, ok := take(l.bucket.Get(tx)); ok {
				l.bucket.Set(tx, b)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	r.owed.Init(r.canBeUndone(), l.owed...)
	return r, nil
}

// timeLeft returns how long it takes until the deadline of ctx.
func timeLeft(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return never
}

// Wait is WaitN for one token.
func (l *RateLimiter) Wait(ctx context.Context) error { return l.WaitN(ctx, 1) }

// WaitN takes n tokens and waits until they are there. Who comes first is served first. It returns [ErrOverBurst] if they
// never fit into the bucket, and at once an error for which errors.Is finds context.DeadlineExceeded if they come
// only after the deadline of ctx, or never. If ctx ends meanwhile, the tokens go back and it returns ctx.Err().
func (l *RateLimiter) WaitN(ctx context.Context, n int) error {
	l.use()
	mustHave(ctx != nil, "context")
	mustBeTokens(n)
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := l.reserveNow(ctx, n)
	if err != nil {
		return err
	}
	if !r.ok {
		if burst := l.bucket.Load().burst; n > burst {
			return l.overBurst(n, burst)
		}
		return fmt.Errorf("tdata: RateLimiter: %d tokens come too late: %w", n, context.DeadlineExceeded)
	}
	wait := r.Delay()
	if wait == 0 {
		return nil
	}
	over := make(chan struct{})
	stop := l.time.afterFunc(wait, func() { close(over) })
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		stop()
		soon(l.in(), r.Undo)
		return ctx.Err()
	}
}

// A Reservation is for tokens taken from a [RateLimiter] ahead of the time when they are there. Its holder may act
// when Delay has passed. The zero Reservation is not OK.
type Reservation struct {
	limiter *RateLimiter // immutable, as everything but the last; nil for the zero Reservation
	ok      bool
	tokens  int
	rate    Rate            // when it was made
	at      int64           // when the tokens are there, by the limiter's stopwatch
	owed    tvar.TVar[bool] // whether there are tokens to give back
}

func (r *Reservation) use() *Reservation {
	mustHave(r != nil, "Reservation; make it with RateLimiter.Reserve or TakeAhead")
	return r
}

// canBeUndone reports whether the reservation has taken something.
func (r *Reservation) canBeUndone() bool { return r.ok && r.tokens > 0 && r.rate != InfRate }

// OK reports whether the tokens will ever be there.
func (r *Reservation) OK() bool { return r.use().ok }

// Delay returns how long to wait before acting: 0 if the tokens are there, the longest Duration if they never will be.
func (r *Reservation) Delay() time.Duration {
	if !r.use().ok {
		return never
	}
	return time.Duration(max(r.at-r.limiter.time.now(), 0))
}

// Cancel gives the tokens back, less what others have reserved on top of them, unless their time has come. Cancelling
// again does nothing, nor does cancelling what a transaction took that did not commit.
func (r *Reservation) Cancel() {
	if !r.use().ok {
		return
	}
	must(r.limiter.in().Atomically(context.Background(), func(tx *stm.Tx) error {
		r.Undo(tx)
		return nil
	}))
}

// Undo is [Reservation.Cancel] in a transaction.
func (r *Reservation) Undo(tx *stm.Tx) {
	if !r.use().ok {
		return
	}
	l := r.limiter
	b := l.bucket.Get(tx).filled(l.time.now())
	if !r.owed.Get(tx) || b.rate == InfRate || r.at < b.at {
		return
	}
	r.owed.Set(tx, false)
	restored := float64(r.tokens) - float64(r.rate)*time.Duration(b.lastEvent-r.at).Seconds()
	if restored <= 0 {
		return
	}
	b.tokens = min(b.tokens+restored, float64(b.burst))
	if before := r.at - int64(durationOf(float64(r.tokens), r.rate)); r.at == b.lastEvent && before >= b.at {
		b.lastEvent = before
	}
	l.bucket.Set(tx, b)
}
