package tdata_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Three queues, a flag and a context in one line: each of them ends the waiting, and nothing else wakes.
func TestWaitingComposes(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(queues []*tdata.Queue[int], flag *tvar.TVar[bool], cancel func())
		want int
		err  error
	}{
		"first queue":  {do: func(q []*tdata.Queue[int], _ *tvar.TVar[bool], _ func()) { _ = q[0].Send(context.Background(), 10) }, want: 10},
		"second queue": {do: func(q []*tdata.Queue[int], _ *tvar.TVar[bool], _ func()) { _ = q[1].Send(context.Background(), 11) }, want: 11},
		"third queue":  {do: func(q []*tdata.Queue[int], _ *tvar.TVar[bool], _ func()) { _ = q[2].Send(context.Background(), 12) }, want: 12},
		"flag":         {do: func(_ []*tdata.Queue[int], flag *tvar.TVar[bool], _ func()) { flag.Store(true) }, err: errQuit},
		"context":      {do: func(_ []*tdata.Queue[int], _ *tvar.TVar[bool], cancel func()) { cancel() }, err: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := stm.NewOwner()
				var q []*tdata.Queue[int]
				for range 4 {
					q = append(q, tdata.NewQueue[int](tdata.In(o)))
				}
				flag := tvar.New(false, tvar.In(o))
				ctx, cancel := context.WithCancel(t.Context())
				type outcome struct {
					value int
					err   error
				}
				ended := make(chan outcome, 1)
				go func() {
					v, err := stm.DoIn(ctx, o, tdata.OneOf(q[0].Take, q[1].Take, q[2].Take, tdata.When[int](flag, errQuit)))
					ended <- outcome{v, err}
				}()
				synctest.Wait()
				before := o.Stats()
				for i := range 50 {
					require.NoError(t, q[3].Send(t.Context(), i))
					q[0].Size()
					q[1].TryReceive()
				}
				synctest.Wait()
				assert.Equal(t, before.Retries, o.Stats().Retries, "woken for nothing")
				c.do(q[:3], flag, cancel)
				assert.Equal(t, outcome{c.want, c.err}, <-ended)
				assert.Equal(t, before.Retries, o.Stats().Retries, "woken more than once")
				for _, q := range q[:3] {
					assert.Zero(t, q.Size())
				}
				cancel()
			})
		})
	}
}

func TestOneOfPrefersTheFirstAndTakesNothingElse(t *testing.T) {
	o := stm.NewOwner()
	a, b, closed := tdata.NewQueue[int](tdata.In(o)), tdata.NewQueue[int](tdata.In(o)), tdata.NewQueue[int](tdata.In(o))
	closed.Shut()
	take := tdata.OneOf(closed.Take, a.Take, b.Take)
	for i := range 2 {
		require.NoError(t, a.Send(t.Context(), i))
		require.NoError(t, b.Send(t.Context(), 10+i))
	}
	for _, want := range []int{0, 1, 10, 11} {
		v, err := stm.DoIn(t.Context(), o, take)
		assert.NoError(t, err)
		assert.Equal(t, want, v)
	}
	assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error { _, err := take(tx); return err }), stm.ErrRetry, "one is closed, two are empty")
	a.Shut()
	b.Shut()
	_, err := stm.DoIn(t.Context(), o, take)
	assert.Equal(t, tdata.ErrClosed, err, "all are closed")
}

// A source that is closed and empty ends the waiting, although the flag may still be set; until then the flag does.
func TestUntilEndsWithItsSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		a, b, flag := tdata.NewQueue[int](tdata.In(o)), tdata.NewQueue[int](tdata.In(o)), tvar.New(false, tvar.In(o))
		take := tdata.Until(flag, errQuit, tdata.OneOf(a.Take, b.Take))
		type outcome struct {
			value int
			err   error
		}
		ended := make(chan outcome, 1)
		wait := func() {
			go func() {
				v, err := stm.DoIn(t.Context(), o, take)
				ended <- outcome{v, err}
			}()
			synctest.Wait()
		}
		wait()
		require.NoError(t, b.Send(t.Context(), 1))
		assert.Equal(t, outcome{1, nil}, <-ended)
		wait()
		flag.Store(true)
		assert.Equal(t, outcome{0, errQuit}, <-ended)
		require.NoError(t, a.Send(t.Context(), 2))
		wait()
		assert.Equal(t, outcome{2, nil}, <-ended, "what is there comes first")
		flag.Store(false)
		wait()
		a.Shut()
		synctest.Wait()
		assert.Empty(t, ended, "one is open")
		b.Shut()
		assert.Equal(t, outcome{0, tdata.ErrClosed}, <-ended)
	})
}

// A pool is one of the things that can be closed.
func TestAClosedPoolIsPassedOver(t *testing.T) {
	o := stm.NewOwner()
	p := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1}, tdata.In(o))
	inTx(o, p.Close)
	q := tdata.NewQueue[*tdata.Resource[int]](tdata.In(o))
	take := tdata.OneOf(p.Borrow, q.Take)
	assert.ErrorIs(t, o.Try(func(tx *stm.Tx) error { _, err := take(tx); return err }), stm.ErrRetry)
	q.Shut()
	_, err := stm.DoIn(t.Context(), o, take)
	assert.Equal(t, tdata.ErrClosed, err)
	assert.ErrorIs(t, tdata.ErrPoolClosed, tdata.ErrClosed)
}

// Another error of an alternative is the result, and undoes what that has done.
func TestOneOfReturnsTheErrorOfAnAlternative(t *testing.T) {
	o := stm.NewOwner()
	q := tdata.NewQueue[int](tdata.In(o))
	require.NoError(t, q.Send(t.Context(), 1))
	take := tdata.OneOf(func(tx *stm.Tx) (int, error) {
		_, _ = q.Take(tx)
		return 0, errRejected
	})
	inTx(o, func(tx *stm.Tx) {
		_, err := take(tx)
		assert.Equal(t, errRejected, err)
		assert.Equal(t, 1, q.Len(tx))
	})
}

func TestChanDeliversUntilTheQueueIsClosed(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		synctest.Test(t, func(t *testing.T) { // which fails if a goroutine is left
			o := stm.NewOwner()
			q := k.make(tdata.In(o))
			values, wait := tdata.Chan(t.Context(), q.Take, q.Untake, tdata.In(o))
			go func() {
				for i := range 100 {
					_ = q.Send(context.Background(), i)
				}
				q.Shut()
			}()
			next := 0
			for v := range values {
				require.Equal(t, next, v)
				next++
			}
			assert.Equal(t, 100, next)
			assert.NoError(t, wait())
		})
	})
}

// The goroutine holds a value that nobody receives. When the context ends it goes back to where it was.
func TestChanPutsBackWhatWasNotReceived(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		synctest.Test(t, func(t *testing.T) {
			o := stm.NewOwner()
			q := k.make(tdata.In(o))
			ctx, cancel := context.WithCancel(t.Context())
			values, wait := tdata.Chan(ctx, q.Take, q.Untake, tdata.In(o))
			for i := range 3 {
				require.NoError(t, q.Send(t.Context(), i)) // the bounded one is full with it, and one more in the hand
			}
			synctest.Wait()
			assert.Equal(t, []int{1, 2}, q.Snapshot())
			q.Shut() // also into a closed queue
			cancel()
			assert.Equal(t, context.Canceled, wait())
			assert.Equal(t, []int{0, 1, 2}, q.Snapshot())
			_, open := <-values
			assert.False(t, open)
		})
	})
}

// One receives and stops at some time; what was not received is in the queue, in order.
func TestChanLosesNothingWheneverTheContextEnds(t *testing.T) {
	o := stm.NewOwner()
	for stop := range 200 {
		q := tdata.NewQueue[int](tdata.In(o))
		for i := range 50 {
			require.NoError(t, q.Send(t.Context(), i))
		}
		ctx, cancel := context.WithCancel(t.Context())
		values, wait := tdata.Chan(ctx, q.Take, q.Untake, tdata.In(o))
		var all sync.WaitGroup
		received := 0
		all.Go(func() {
			for v := range values {
				if v != received {
					t.Errorf("%d instead of %d", v, received)
				}
				received++
			}
		})
		for range stop {
			runtime.Gosched()
		}
		cancel()
		err := wait()
		all.Wait()
		assert.Equal(t, context.Canceled, err)
		rest := q.Snapshot()
		require.Len(t, rest, 50-received)
		for i, v := range rest {
			require.Equal(t, received+i, v)
		}
	}
}

func TestChanReturnsTheErrorOfItsSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		q, quit := tdata.NewQueue[int](tdata.In(o)), tvar.New(false, tvar.In(o))
		values, wait := tdata.Chan(t.Context(), tdata.OneOf(q.Take, tdata.When[int](quit, errQuit)), q.Untake, tdata.In(o))
		require.NoError(t, q.Send(t.Context(), 1))
		assert.Equal(t, 1, <-values)
		quit.Store(true)
		_, open := <-values
		assert.False(t, open)
		assert.Equal(t, errQuit, wait())
	})
}

// A panic of take or untake closes the channel and goes on in whoever waits, with the value and the stack it had.
func TestChanPanicsInWhoWaits(t *testing.T) {
	fragile := func(*stm.Tx) (int, error) { panic(errRejected) }
	breaking := func(*stm.Tx, int) { panic(errRejected) }
	for name, c := range map[string]struct {
		take   func(*stm.Tx) (int, error)
		untake func(*stm.Tx, int)
	}{
		"fragile":  {fragile, func(*stm.Tx, int) {}},
		"breaking": {func(*stm.Tx) (int, error) { return 1, nil }, breaking},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				values, wait := tdata.Chan(ctx, c.take, c.untake, tdata.In(stm.NewOwner()))
				synctest.Wait()
				cancel()
				for range 2 { // and again for the next who waits
					var told *tdata.PanicError
					require.ErrorAs(t, panicOf(func() { _ = wait() }), &told)
					assert.Equal(t, errRejected, told.Value)
					assert.ErrorIs(t, told, errRejected)
					assert.Contains(t, string(told.Stack), "TestChanPanicsInWhoWaits", "where it happened")
					assert.ErrorContains(t, told, "rejected")
					assert.ErrorContains(t, told, string(told.Stack))
				}
				_, open := <-values
				assert.False(t, open)
			})
		})
	}
}

func panicOf(fn func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	fn()
	return nil
}

// A take that ends its goroutine does not look like a source that has nothing left.
func TestChanTellsOfGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leave := func(*stm.Tx) (int, error) { runtime.Goexit(); return 0, nil }
		values, wait := tdata.Chan(t.Context(), leave, func(*stm.Tx, int) {}, tdata.In(stm.NewOwner()))
		_, open := <-values
		assert.False(t, open)
		assert.ErrorContains(t, wait(), "runtime.Goexit")
	})
}

func TestEachTakesOnlyWhatTheLoopGets(t *testing.T) {
	o := stm.NewOwner()
	q := tdata.NewQueue[int](tdata.In(o))
	for i := range 5 {
		require.NoError(t, q.Send(t.Context(), i))
	}
	for v, err := range tdata.Each(t.Context(), q.Take, tdata.In(o)) {
		require.NoError(t, err)
		if v == 1 {
			break
		}
	}
	assert.Equal(t, []int{2, 3, 4}, q.Snapshot())
	q.Shut()
	seen := 0
	for _, err := range tdata.Each(t.Context(), q.Take, tdata.In(o)) {
		require.NoError(t, err)
		seen++
	}
	assert.Equal(t, 3, seen, "it ends when the queue is closed and empty")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ends := 0
	for _, err := range tdata.Each(ctx, q.Take, tdata.In(o)) {
		assert.Equal(t, context.Canceled, err)
		ends++
	}
	assert.Equal(t, 1, ends)
}

func TestFeedPutsAllUntilTheChannelIsClosed(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		synctest.Test(t, func(t *testing.T) {
			o := stm.NewOwner()
			q := k.make(tdata.In(o))
			values := make(chan int)
			ended := make(chan error, 1)
			go func() { ended <- tdata.Feed(t.Context(), values, q.Put, tdata.In(o)) }()
			go func() {
				defer close(values)
				for i := range 50 {
					values <- i
				}
			}()
			for i := range 50 {
				v, err := q.Receive(t.Context())
				require.NoError(t, err)
				if !k.sorted {
					require.Equal(t, i, v)
				}
			}
			assert.NoError(t, <-ended)
		})
	})
}

func TestFeedReturnsWhatItCouldNotPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		q := tdata.NewBoundedQueue[int](1, tdata.In(o))
		values := make(chan int, 10)
		for i := range 4 {
			values <- i
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- tdata.Feed(ctx, values, q.Put, tdata.In(o)) }()
		synctest.Wait()
		cancel()
		err := <-ended
		var unsent *tdata.UnsentError[int]
		require.ErrorAs(t, err, &unsent)
		assert.Equal(t, 1, unsent.Value)
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, []int{0}, q.Snapshot())
		assert.Len(t, values, 2, "the rest is in the channel")

		q.Shut()
		err = tdata.Feed(t.Context(), values, q.Put, tdata.In(o))
		require.ErrorAs(t, err, &unsent)
		assert.Equal(t, 2, unsent.Value)
		assert.ErrorIs(t, err, tdata.ErrClosed)
		assert.EqualError(t, err, "tdata: a received value was not put: tdata: closed")
	})
}

// Whenever the context ends: each value is in the queue, in the error or still in the channel.
func TestFeedLosesNothingWheneverTheContextEnds(t *testing.T) {
	o := stm.NewOwner()
	for stop := range 100 {
		q := tdata.NewBoundedQueue[int](10, tdata.In(o))
		values := make(chan int, 20)
		for i := range 20 {
			values <- i
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			for range stop {
				runtime.Gosched()
			}
			cancel()
		})
		err := tdata.Feed(ctx, values, q.Put, tdata.In(o))
		all.Wait()
		found := q.Snapshot()
		if unsent := (*tdata.UnsentError[int])(nil); errors.As(err, &unsent) {
			found = append(found, unsent.Value)
		}
		require.ErrorIs(t, err, context.Canceled)
		for i, v := range found {
			require.Equal(t, i, v)
		}
		require.Equal(t, 20, len(found)+len(values))
	}
}
