package tdata_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A holder wants permits on a goroutine of its own and tells when it has them.
type holder struct {
	cancel  context.CancelFunc
	ended   chan error
	release func()
}

func hold(hold func(context.Context) (func(), error)) *holder {
	ctx, cancel := context.WithCancel(context.Background())
	h := &holder{cancel: cancel, ended: make(chan error, 1)}
	go func() {
		release, err := hold(ctx)
		h.release = release
		h.ended <- err
	}()
	synctest.Wait()
	return h
}

// has reports whether the holder has what it wants, once everything has come to rest.
func (h *holder) has() bool {
	synctest.Wait()
	return len(h.ended) == 1
}

func holdN(s *tdata.FairSemaphore, n int64) *holder {
	return hold(func(ctx context.Context) (func(), error) { return s.Hold(ctx, n) })
}

// Those in line are served as they came; one that wants many is not overtaken; who comes by a transaction waits for the line.
func TestFairSemaphoreServesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		s := tdata.NewFairSemaphore(3, tdata.In(o))
		first := holdN(s, 2)
		require.True(t, first.has())
		many, few, also := holdN(s, 3), holdN(s, 1), holdN(s, 2)
		assert.False(t, many.has() || few.has() || also.has(), "one permit is free, but the first in line wants three")
		_, ok := s.TryHold(1)
		assert.False(t, ok, "nor does anybody else get it")
		inTx(o, func(tx *stm.Tx) {
			assert.False(t, s.TryAcquire(tx, 1))
			assert.Equal(t, 3, s.Waiting(tx))
			assert.Equal(t, int64(1), s.Free(tx))
		})
		byTransaction := hold(func(ctx context.Context) (func(), error) {
			return nil, o.Atomically(ctx, func(tx *stm.Tx) error { s.Acquire(tx, 1); return nil })
		})
		first.release()
		first.release() // does nothing
		assert.True(t, many.has())
		assert.False(t, few.has() || also.has() || byTransaction.has())
		many.release()
		assert.True(t, few.has() && also.has())
		assert.False(t, byTransaction.has())
		few.release()
		assert.True(t, byTransaction.has())
		also.release()
		inTx(o, func(tx *stm.Tx) {
			s.Release(tx, 1)
			assert.Equal(t, int64(3), s.Free(tx))
			assert.Zero(t, s.Waiting(tx))
		})
	})
}

// A release wakes the one who gets the permits, of a hundred in line.
func TestFairSemaphoreWakesNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		s := tdata.NewFairSemaphore(1, tdata.In(o))
		at := holdN(s, 1)
		var line []*holder
		for range 100 {
			line = append(line, holdN(s, 1))
		}
		before := o.Stats()
		for _, next := range line {
			at.release()
			require.True(t, next.has())
			at = next
		}
		at.release()
		assert.Equal(t, before.Retries, o.Stats().Retries, "somebody was woken and had to wait again")
		assert.Zero(t, o.Stats().Clashes.Total())
	})
}

// Whoever gives up leaves the line, at its front too, where others wait because of it.
func TestGivingUpLeavesTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tdata.NewFairSemaphore(3, tdata.In(stm.NewOwner()))
		first := holdN(s, 2)
		many, few, last := holdN(s, 3), holdN(s, 1), holdN(s, 2)
		require.False(t, few.has())
		many.cancel()
		assert.Equal(t, context.Canceled, <-many.ended)
		assert.True(t, few.has(), "the one that held it up has gone")
		last.cancel()
		assert.Equal(t, context.Canceled, <-last.ended)
		first.release()
		few.release()
		whole := holdN(s, 3)
		assert.True(t, whole.has(), "all permits are free")
	})
}

// A context that ends just as the permits are granted: they are held, or passed on; never lost.
func TestPermitsAreNotLostWhenTheContextEnds(t *testing.T) {
	o := stm.NewOwner()
	s := tdata.NewFairSemaphore(2, tdata.In(o))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 300 {
				ctx, cancel := context.WithCancel(context.Background())
				go func() {
					for range (i * j) % 7 {
						runtime.Gosched()
					}
					cancel()
				}()
				if release, err := s.Hold(ctx, int64(1+j%2)); err == nil {
					release()
				}
				cancel()
			}
		})
	}
	all.Wait()
	inTx(o, func(tx *stm.Tx) {
		assert.Equal(t, int64(2), s.Free(tx))
		assert.Zero(t, s.Waiting(tx))
	})
}

// One that wants all permits gets them though others come and go all the time, who would starve it in a Semaphore.
func TestFairSemaphoreStarvesNobody(t *testing.T) {
	s := tdata.NewFairSemaphore(4, tdata.In(stm.NewOwner()))
	var over atomic.Bool
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for !over.Load() {
				release, _ := s.Hold(context.Background(), 1)
				runtime.Gosched()
				release()
			}
		})
	}
	for range 50 {
		release, err := s.Hold(t.Context(), 4)
		require.NoError(t, err)
		release()
	}
	over.Store(true)
	all.Wait()
}

// No more are inside than there are permits.
func TestSemaphoresKeepTheirBound(t *testing.T) {
	plain, fair := tdata.NewSemaphore(3, tdata.In(stm.NewOwner())), tdata.NewFairSemaphore(3, tdata.In(stm.NewOwner()))
	for name, hold := range map[string]func(context.Context, int64) (func(), error){"Semaphore": plain.Hold, "FairSemaphore": fair.Hold} {
		t.Run(name, func(t *testing.T) {
			var inside atomic.Int64
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() {
					n := int64(1 + i%3)
					for range 300 {
						release, _ := hold(context.Background(), n)
						if inside.Add(n) > 3 {
							t.Error("too many")
						}
						runtime.Gosched()
						inside.Add(-n)
						release()
					}
				})
			}
			all.Wait()
			release, err := hold(t.Context(), 3)
			assert.NoError(t, err, "all have been released")
			release()
		})
	}
}

func TestSemaphoreHoldEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tdata.NewSemaphore(1, tdata.In(stm.NewOwner()))
		release, ok := s.TryHold(1)
		require.True(t, ok)
		_, ok = s.TryHold(1)
		require.False(t, ok)
		waiting := hold(func(ctx context.Context) (func(), error) { return s.Hold(ctx, 1) })
		waiting.cancel()
		assert.Equal(t, context.Canceled, <-waiting.ended)
		release()
		release() // does nothing
		next := hold(func(ctx context.Context) (func(), error) { return s.Hold(ctx, 1) })
		assert.True(t, next.has())
	})
}

func TestRWLockIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		l := tdata.NewRWLock(tdata.In(o))
		r1, r2 := hold(l.HoldRead), hold(l.HoldRead)
		require.True(t, r1.has() && r2.has(), "readers share")
		w := hold(l.HoldWrite)
		r3, r4 := hold(l.HoldRead), hold(l.HoldRead)
		assert.False(t, w.has() || r3.has() || r4.has(), "readers who come after a writer do not overtake it")
		inTx(o, func(tx *stm.Tx) { assert.False(t, l.TryRLock(tx)) })
		r1.release()
		assert.False(t, w.has())
		r2.release()
		assert.True(t, w.has())
		assert.False(t, r3.has())
		w.release()
		assert.True(t, r3.has() && r4.has(), "and are let in together")
	})
}

// A transaction gets two locks at once, so those who want them in another order do not deadlock.
func TestTwoLocksInOneTransaction(t *testing.T) {
	o := stm.NewOwner()
	a, b := tdata.NewRWLock(tdata.In(o)), tdata.NewRWLock(tdata.In(o))
	count := 0
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			x, y := a, b
			if i%2 == 0 {
				x, y = b, a
			}
			for range 200 {
				inTx(o, func(tx *stm.Tx) { x.Lock(tx); y.Lock(tx) })
				count++
				inTx(o, func(tx *stm.Tx) { x.Unlock(tx); y.Unlock(tx) })
			}
		})
	}
	all.Wait()
	assert.Equal(t, 800, count)
}

// Those who wait are woken by the last CountDown, and not before.
func TestLatchWakesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		l := tdata.NewLatch(3, tdata.In(o))
		ended := make(chan error, 10)
		for range 10 {
			go func() { ended <- l.Await(context.Background()) }()
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		assert.Equal(t, context.Canceled, l.Await(ctx))
		synctest.Wait()
		before := o.Stats().Retries
		l.Arrive()
		l.Arrive()
		synctest.Wait()
		assert.Empty(t, ended)
		l.Arrive()
		for range 10 {
			assert.NoError(t, <-ended)
		}
		assert.Equal(t, before, o.Stats().Retries, "woken for nothing")
		assert.NoError(t, l.Await(t.Context()))
		var open tdata.Latch
		assert.NoError(t, open.Await(t.Context()), "the zero Latch is open")
	})
}

// Nobody passes before all have arrived, round after round.
func TestBarrierHoldsUpUntilAllHaveArrived(t *testing.T) {
	const parties, rounds = 4, 200
	b := tdata.NewBarrier(parties, tdata.In(stm.NewOwner()))
	var arrived [rounds]atomic.Int64
	var all sync.WaitGroup
	for range parties {
		all.Go(func() {
			for round := range rounds {
				arrived[round].Add(1)
				if err := b.Await(context.Background()); err != nil {
					t.Error(err)
				}
				if n := arrived[round].Load(); n != parties {
					t.Errorf("%d have arrived in round %d", n, round)
				}
			}
		})
	}
	all.Wait()
}

func TestBarrierWithoutThoseWhoGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		b := tdata.NewBarrier(3, tdata.In(o))
		await := func(ctx context.Context) (func(), error) { return nil, b.Await(ctx) }
		one, two := hold(await), hold(await)
		two.cancel()
		assert.Equal(t, context.Canceled, <-two.ended)
		three := hold(await)
		assert.False(t, one.has() || three.has(), "two of three")
		before := o.Stats().Retries
		four := hold(await)
		assert.True(t, one.has() && three.has() && four.has())
		assert.Equal(t, before, o.Stats().Retries, "each woken once")
		var arrival *tdata.Arrival
		inTx(o, func(tx *stm.Tx) {
			arrival = b.Arrive(tx)
			assert.Equal(t, 1, b.Arrived(tx))
			assert.True(t, arrival.Leave(tx))
			assert.False(t, arrival.Leave(tx), "once")
			assert.Zero(t, b.Arrived(tx))
		})
		inTx(o, func(tx *stm.Tx) {
			first, _ := b.Arrive(tx), b.Arrive(tx)
			assert.False(t, first.Over(tx))
			b.Arrive(tx)
			first.Wait(tx)
			assert.True(t, first.Over(tx))
			assert.False(t, first.Leave(tx), "too late")
			assert.Zero(t, b.Arrived(tx))
		})
	})
}

// Whoever gives up while the last one arrives has either passed or not arrived.
func TestBarrierCountsThoseWhoGiveUpExactly(t *testing.T) {
	o := stm.NewOwner()
	b := tdata.NewBarrier(2, tdata.In(o))
	var passed atomic.Int64
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 300 {
				ctx, cancel := context.WithCancel(context.Background())
				go func() {
					for range (i + j) % 5 {
						runtime.Gosched()
					}
					cancel()
				}()
				if b.Await(ctx) == nil {
					passed.Add(1)
				}
				cancel()
			}
		})
	}
	all.Wait()
	assert.Zero(t, passed.Load()%2, "they pass in pairs")
	inTx(o, func(tx *stm.Tx) { assert.Zero(t, b.Arrived(tx)) })
}

// An arrival that was undone cannot be taken back once more.
func TestArrivalOfAnAbortedTransactionIsVoid(t *testing.T) {
	o := stm.NewOwner()
	b := tdata.NewBarrier(3, tdata.In(o))
	var undone, stands *tdata.Arrival
	_ = o.Atomically(t.Context(), func(tx *stm.Tx) error { undone = b.Arrive(tx); return errRejected })
	inTx(o, func(tx *stm.Tx) { stands = b.Arrive(tx) })
	inTx(o, func(tx *stm.Tx) {
		assert.False(t, undone.Leave(tx))
		assert.Equal(t, 1, b.Arrived(tx))
		assert.True(t, stands.Leave(tx))
		assert.False(t, stands.Leave(tx))
		assert.True(t, b.Arrive(tx).Leave(tx))
		assert.Zero(t, b.Arrived(tx))
	})
}

func TestPromiseIsSettledOnce(t *testing.T) {
	o := stm.NewOwner()
	p := tdata.NewPromise[int](tdata.In(o))
	var won atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if p.Settle(i, nil) == nil {
				won.Store(int64(i))
			}
		})
	}
	all.Wait()
	v, err := p.Await(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, int(won.Load()), v)
	assert.Equal(t, tdata.ErrSettled, p.Settle(0, errRejected))
}

func TestPromiseWakesOnceAndWaitsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		p := tdata.NewPromise[int](tdata.In(o))
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.Await(impatient)
		assert.Equal(t, context.DeadlineExceeded, err)
		ended := make(chan error, 10)
		for range 10 {
			go func() {
				_, err := p.Await(context.Background())
				ended <- err
			}()
		}
		synctest.Wait()
		before := o.Stats().Retries
		require.NoError(t, p.Settle(0, errRejected))
		for range 10 {
			assert.Equal(t, errRejected, <-ended)
		}
		assert.Equal(t, before, o.Stats().Retries)
		_, err = p.Await(impatient)
		assert.Equal(t, errRejected, err, "what is known needs no waiting")
		var zero tdata.Promise[string]
		require.NoError(t, zero.Settle("ready", nil))
		v, _ := zero.Await(t.Context())
		assert.Equal(t, "ready", v)
	})
}

func TestTopicDoesNotHoldUpTheFast(t *testing.T) {
	const n = 2000
	topic := tdata.NewTopic[int](tdata.In(stm.NewOwner()))
	slow := topic.Follow()
	var all sync.WaitGroup
	for range 4 {
		fast := topic.Follow()
		all.Go(func() {
			for i := range n {
				if v, err := fast.Receive(context.Background()); err != nil || v != i {
					t.Errorf("%d, %v instead of %d", v, err, i)
					return
				}
			}
			if _, err := fast.Receive(context.Background()); err != tdata.ErrClosed {
				t.Error(err)
			}
		})
	}
	for i := range n {
		require.NoError(t, topic.Send(t.Context(), i))
	}
	topic.Shut()
	all.Wait()
	late := topic.Follow()
	_, ok := late.TryReceive()
	assert.False(t, ok)
	for i := range n {
		v, ok := slow.TryReceive()
		require.True(t, ok)
		require.Equal(t, i, v)
	}
	assert.Equal(t, tdata.ErrClosed, topic.Send(t.Context(), n))
}

// A publisher and those who have something to take do not clash, nor do those with each other.
func TestTopicPublishersAndSubscribersDoNotClash(t *testing.T) {
	const n = 1000
	o := stm.NewOwner()
	topic := tdata.NewTopic[int](tdata.In(o))
	subscriptions := make([]*tdata.Subscription[int], 7)
	for i := range subscriptions {
		subscriptions[i] = topic.Follow()
	}
	for i := range n {
		require.NoError(t, topic.Send(t.Context(), i))
	}
	var all sync.WaitGroup
	all.Go(func() {
		for i := range n {
			inTx(o, func(tx *stm.Tx) { _ = topic.Publish(tx, i) })
		}
	})
	for _, s := range subscriptions {
		all.Go(func() {
			for range n {
				inTx(o, func(tx *stm.Tx) { _, _ = s.Take(tx) })
			}
		})
	}
	all.Wait()
	assert.Zero(t, o.Stats().Clashes.Total())
}

// What all have taken is garbage, and so is what a subscription that was let go had not taken.
func TestTopicKeepsOnlyWhatIsNotTaken(t *testing.T) {
	type message [1 << 10]byte
	var topic tdata.Topic[*message]
	slow, gone, stopped := topic.Follow(), topic.Follow(), topic.Follow()
	var all []weak.Pointer[message]
	for range 100 {
		m := new(message)
		all = append(all, weak.Make(m))
		require.NoError(t, topic.Send(t.Context(), m))
	}
	for range 50 {
		slow.TryReceive()
	}
	stopped.Stop()
	runtime.KeepAlive(gone)
	runtime.GC()
	for i, w := range all {
		if i != 49 { // the cursor is there
			require.Equal(t, i >= 50, w.Value() != nil, "message %d", i)
		}
	}
	inTx(stm.Default(), func(tx *stm.Tx) { slow.Skip(tx) })
	runtime.GC()
	for i, w := range all {
		require.Equal(t, i == 99, w.Value() != nil, "message %d", i)
	}
	_, err := stopped.Receive(t.Context())
	assert.Equal(t, tdata.ErrClosed, err)
	runtime.KeepAlive(slow)
	runtime.KeepAlive(&topic)
}

func TestEndingASubscriptionWakesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		topic := tdata.NewTopic[int](tdata.In(o))
		s := topic.Follow()
		ended := make(chan error)
		go func() {
			_, err := s.Receive(context.Background())
			ended <- err
		}()
		synctest.Wait()
		s.Stop()
		assert.Equal(t, tdata.ErrClosed, <-ended)
	})
}

// What a transaction subscribed to that did not commit is closed, even if the transaction published too: nobody waits
// for what will never come. Before the commit it is so for others.
func TestASubscriptionIsMadeByTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		news := tdata.NewTopic[string](tdata.In(o))
		var aborted *tdata.Subscription[string]
		assert.ErrorIs(t, o.Atomically(t.Context(), func(tx *stm.Tx) error {
			_ = news.Publish(tx, "a")
			aborted = news.Subscribe(tx)
			_ = news.Publish(tx, "b")
			assert.Equal(t, 1, aborted.Len(tx))
			return errRejected
		}), errRejected)
		require.NoError(t, news.Send(t.Context(), "c"))
		_, err := aborted.Receive(t.Context())
		assert.Equal(t, tdata.ErrClosed, err)

		checkout := o.Checkout()
		defer checkout.Discard()
		early := news.Subscribe(checkout)
		_, err = early.Receive(t.Context())
		assert.Equal(t, tdata.ErrClosed, err)
		_, err = checkout.Commit()
		require.NoError(t, err)
		require.NoError(t, news.Send(t.Context(), "d"))
		got, err := early.Receive(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "d", got)
	})
}

func TestBadInputOfSynchronisersIsRefused(t *testing.T) {
	o := stm.NewOwner()
	in := tdata.In(o)
	plain, fair, lock, latch := tdata.NewSemaphore(2, in), tdata.NewFairSemaphore(2, in), tdata.NewRWLock(in), tdata.NewLatch(0, in)
	tx := func(fn func(*stm.Tx)) func() { return func() { inTx(o, fn) } }
	for want, do := range map[string]func(){
		"tdata: NewSemaphore: -1 permits; the number must not be negative":     func() { tdata.NewSemaphore(-1) },
		"tdata: NewFairSemaphore: -1 permits; the number must not be negative": func() { tdata.NewFairSemaphore(-1) },
		"tdata: Acquire: -1 permits; the number must not be negative":          tx(func(tx *stm.Tx) { plain.Acquire(tx, -1) }),
		"tdata: Acquire: 3 permits of a semaphore that has 2; this would wait forever": func() {
			_, _ = fair.Hold(context.Background(), 3)
		},
		"tdata: Release: -2 permits; the number must not be negative": tx(func(tx *stm.Tx) { fair.Release(tx, -2) }),
		"tdata: Release: 1 permits, but only 0 of 2 are acquired":     tx(func(tx *stm.Tx) { plain.Release(tx, 1) }),
		"tdata: Unlock of an RWLock that is not locked for writing":   tx(lock.Unlock),
		"tdata: RUnlock of an RWLock that is not locked for reading":  tx(lock.RUnlock),
		"tdata: NewLatch: -1 times; the number must not be negative":  func() { tdata.NewLatch(-1) },
		"tdata: CountDown of a Latch that is open already":            latch.Arrive,
		"tdata: NewBarrier: 0 parties, must be at least 1":            func() { tdata.NewBarrier(0) },
		"tdata: a Barrier that was not made by NewBarrier":            tx(func(tx *stm.Tx) { new(tdata.Barrier).Arrive(tx) }),
		"tdata: Reject: nil error; use Resolve for a value":           tx(func(tx *stm.Tx) { _ = new(tdata.Promise[int]).Reject(tx, nil) }),
		"tdata: OneOf: no function; it would wait forever":            func() { tdata.OneOf[int]() },
		"tdata: OneOf: nil function":                                  func() { tdata.OneOf[int](nil) },
		"tdata: When: nil flag or error":                              func() { tdata.When[int](nil, errRejected) },
		"tdata: Until: nil function":                                  func() { tdata.Until[int](new(tvar.TVar[bool]), errRejected, nil) },
		"tdata: Chan: nil function":                                   func() { tdata.Chan[int](context.Background(), nil, nil) },
		"tdata: Each: nil function":                                   func() { tdata.Each[int](context.Background(), nil) },
		"tdata: Feed: nil channel or function":                        func() { _ = tdata.Feed[int](context.Background(), nil, nil) },
	} {
		assert.PanicsWithValue(t, want, do)
	}
	inTx(o, func(tx *stm.Tx) {
		assert.Equal(t, int64(2), plain.Free(tx))
		assert.Equal(t, int64(2), fair.Free(tx))
		assert.True(t, lock.TryLock(tx))
		assert.Panics(t, func() { lock.RUnlock(tx) }, "of a lock that is locked for writing")
		lock.Unlock(tx)
		lock.RLock(tx)
		assert.Panics(t, func() { lock.Unlock(tx) }, "of a lock that is locked for reading")
	})
}

// The zero RWLock is a lock that nobody holds, on the default owner.
func TestTheZeroRWLockIsReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l tdata.RWLock
		in := func(fn func(*stm.Tx)) { inTx(stm.Default(), fn) }
		in(func(tx *stm.Tx) {
			assert.PanicsWithValue(t, "tdata: Unlock of an RWLock that is not locked for writing", func() { l.Unlock(tx) })
			assert.PanicsWithValue(t, "tdata: RUnlock of an RWLock that is not locked for reading", func() { l.RUnlock(tx) })
		})
		in(l.RLock)
		in(func(tx *stm.Tx) {
			assert.True(t, l.TryRLock(tx), "beside another reader")
			assert.False(t, l.TryLock(tx))
		})
		wrote := make(chan func())
		go func() {
			unlock, err := l.HoldWrite(background)
			assert.NoError(t, err)
			wrote <- unlock
		}()
		synctest.Wait()
		in(func(tx *stm.Tx) { assert.False(t, l.TryRLock(tx), "a writer is in line") })
		in(l.RUnlock)
		in(l.RUnlock)
		unlock := <-wrote
		in(func(tx *stm.Tx) { assert.False(t, l.TryRLock(tx)) })
		unlock()
		release, err := l.HoldRead(background)
		assert.NoError(t, err)
		release()
		in(l.Lock)
		in(l.Unlock)
	})
}

// Everything has a name in clash reports: the structure's, and which part it is.
func TestSynchronisersAreNamedInClashReports(t *testing.T) {
	o := stm.NewOwner()
	options := []tdata.Option{tdata.In(o), tdata.Named("it")}
	plain, fair, lock := tdata.NewSemaphore(2, options...), tdata.NewFairSemaphore(2, options...), tdata.NewRWLock(options...)
	latch, barrier, promise := tdata.NewLatch(3, options...), tdata.NewBarrier(3, options...), tdata.NewPromise[int](options...)
	topic := tdata.NewTopic[int](options...)
	subscription := topic.Follow()
	require.NoError(t, topic.Send(t.Context(), 1))
	require.NoError(t, topic.Send(t.Context(), 1))
	for _, c := range []struct {
		part string
		do   func(*stm.Tx)
	}{
		{"free", func(tx *stm.Tx) { plain.Acquire(tx, 1) }},
		{"taken", func(tx *stm.Tx) { fair.Acquire(tx, 1) }},
		{"taken", lock.RLock},
		{"left", latch.CountDown},
		{"arrived", func(tx *stm.Tx) { barrier.Arrive(tx) }},
		{"result", func(tx *stm.Tx) { _ = promise.Resolve(tx, 1) }},
		{"tail", func(tx *stm.Tx) { _ = topic.Publish(tx, 1) }},
		{"cursor", func(tx *stm.Tx) { _, _ = subscription.Take(tx) }},
	} {
		checkout := o.Checkout()
		c.do(checkout)
		inTx(o, c.do)
		_, err := checkout.Commit()
		assert.ErrorContains(t, err, fmt.Sprintf("%q, written here", "it."+c.part))
		checkout.Discard()
	}
}

var errQuit = errors.New("quit")
