package tdata_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inTx runs fn as a transaction that must commit.
func inTx(o *stm.Owner, fn func(*stm.Tx)) {
	err := o.Atomically(context.Background(), func(tx *stm.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		panic(err)
	}
}

// wide makes queues of every kind that have room for n values.
func wide(k queueKind, o *stm.Owner, n int) aQueue {
	if k.capacity > 0 {
		return tdata.NewBoundedQueue[int](n, tdata.In(o))
	}
	return k.make(tdata.In(o))
}

// many is n, or a part of it where everything is slow because the race detector is on, or time is short.
func many(n int) int {
	info, _ := debug.ReadBuildInfo()
	if testing.Short() || slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return n / 20
	}
	return n
}

// perKind runs a test for every kind of queue.
func perKind(t *testing.T, test func(t *testing.T, k queueKind)) {
	t.Helper()
	for _, k := range queueKinds {
		t.Run(k.name, func(t *testing.T) { test(t, k) })
	}
}

// A transaction that has put or taken, and not committed yet, is not disturbed by one that does the other meanwhile.
func TestPutsAndTakesDoNotClashWhileNeitherEmptyNorFull(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		for filled := 1; filled <= 70; filled++ { // over a cut of the chain, and twice around the ring
			o := stm.NewOwner()
			q := wide(k, o, filled+2)
			for i := range filled {
				require.NoError(t, q.Send(context.Background(), i))
			}
			putter, taker := o.Checkout(), o.Checkout()
			require.NoError(t, q.Put(putter, 1000))
			_, err := q.Take(taker)
			require.NoError(t, err)
			_, err = putter.Commit()
			require.NoError(t, err, "put among %d", filled)
			_, err = taker.Commit()
			require.NoError(t, err, "take of %d, after a put", filled)
		}
	})
}

// Eight goroutines, four queues, on each one that puts and one that takes: not one clash.
func TestOneProducerAndOneConsumerNeverClash(t *testing.T) {
	each := many(60_000)
	for _, k := range queueKinds {
		t.Run(k.name, func(t *testing.T) {
			o := stm.NewOwner()
			var all sync.WaitGroup
			for range 4 {
				q := wide(k, o, 2*each+2)
				for i := range each + 1 {
					require.NoError(t, q.Send(context.Background(), -i))
				}
				all.Go(func() {
					for i := range each {
						inTx(o, func(tx *stm.Tx) { _ = q.Put(tx, i) })
					}
				})
				all.Go(func() {
					for range each {
						inTx(o, func(tx *stm.Tx) { _, _ = q.Take(tx) })
					}
				})
			}
			all.Wait()
			assert.Zero(t, o.Stats().Clashes.Total(), "clashes")
		})
	}
}

// Four that send and four that receive, on one queue: by themselves they try again, but nothing is run again.
func TestSendersAndReceiversCountNoClash(t *testing.T) {
	const each = 5000
	o := stm.NewOwner()
	q := tdata.NewQueue[int](tdata.In(o))
	for range 4 * each {
		require.NoError(t, q.Send(t.Context(), 0))
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range each {
				_ = q.Send(context.Background(), 1)
			}
		})
		all.Go(func() {
			for range each {
				_, _ = q.Receive(context.Background())
			}
		})
	}
	all.Wait()
	assert.Zero(t, o.Stats().Clashes.Total())
	assert.Equal(t, 4*each, q.Size())
}

// Everything that is put is taken once, and by each taker in the order in which each putter put it.
func TestQueuesLoseAndInventNothing(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		const putters, takers, each = 4, 4, 1000
		o := stm.NewOwner()
		q := k.make(tdata.In(o)) // the bounded one is narrow
		var puts, takes sync.WaitGroup
		for p := range putters {
			puts.Go(func() {
				for i := range each {
					if value := i*putters + p; i%2 == 0 {
						_ = q.Send(context.Background(), value)
					} else {
						inTx(o, func(tx *stm.Tx) { _ = q.Put(tx, value) })
					}
				}
			})
		}
		taken := make([][]int, takers)
		for i := range takers {
			takes.Go(func() {
				for {
					value, err := q.Receive(context.Background())
					if err != nil {
						return
					}
					taken[i] = append(taken[i], value)
				}
			})
		}
		puts.Wait()
		q.Shut()
		takes.Wait()
		var all []int
		for _, values := range taken {
			last := map[int]int{}
			for _, v := range values {
				if before, ok := last[v%putters]; ok && !k.sorted {
					require.Greater(t, v, before)
				}
				last[v%putters] = v
			}
			all = append(all, values...)
		}
		slices.Sort(all)
		require.Len(t, all, putters*each)
		for i, v := range all {
			require.Equal(t, i, v)
		}
	})
}

// A job is moved from a queue to another one, and counted, or nothing happens.
func TestMovingAJobAndCountingItIsOneStep(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		const jobs = 500
		o := stm.NewOwner()
		from, to, count := wide(k, o, jobs), wide(k, o, jobs+1), tvar.New(0, tvar.In(o))
		for i := range jobs {
			require.NoError(t, from.Send(t.Context(), i))
		}
		var over atomic.Bool
		var movers, auditors sync.WaitGroup
		for range 4 {
			movers.Go(func() {
				for range jobs / 4 {
					inTx(o, func(tx *stm.Tx) {
						job, _ := from.Take(tx)
						_ = to.Put(tx, job)
						count.Set(tx, count.Get(tx)+1)
					})
					_ = o.Atomically(context.Background(), func(tx *stm.Tx) error {
						_, _ = to.Take(tx)
						count.Set(tx, count.Get(tx)+1)
						return fmt.Errorf("undo")
					})
				}
			})
		}
		auditors.Go(func() {
			for !over.Load() {
				_ = o.View(context.Background(), func(tx *stm.Tx) error {
					moved := count.Get(tx)
					assert.Equal(t, jobs-moved, from.Len(tx))
					assert.Equal(t, moved, to.Len(tx))
					return nil
				})
				runtime.Gosched()
			}
		})
		movers.Wait()
		over.Store(true)
		auditors.Wait()
		assert.Equal(t, jobs, count.Load())
		assert.Equal(t, jobs, to.Size())
		assert.Zero(t, from.Size())
	})
}

// Each wakes for what ends its waiting, and for nothing else: a run is counted for every wake-up.
func TestTakersAreWokenByPutsAlone(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		synctest.Test(t, func(t *testing.T) {
			o := stm.NewOwner()
			q, other := k.make(tdata.In(o)), k.make(tdata.In(o))
			got := make(chan int, 1)
			go func() {
				v, _ := q.Receive(context.Background())
				got <- v
			}()
			synctest.Wait()
			before := o.Stats()
			assert.Equal(t, uint64(1), before.Waits)
			for i := range 100 {
				require.NoError(t, other.Send(t.Context(), i))
				_, err := other.Receive(t.Context())
				require.NoError(t, err)
				_, ok := q.TryReceive()
				require.False(t, ok)
				q.Size()
				q.Snapshot()
			}
			synctest.Wait()
			assert.Equal(t, before.Retries, o.Stats().Retries, "woken for nothing")
			require.NoError(t, q.Send(t.Context(), 7))
			assert.Equal(t, 7, <-got)
			assert.Equal(t, before.Retries, o.Stats().Retries)
		})
	})
}

func TestPutterOfAFullQueueIsWokenByTakesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		q := tdata.NewBoundedQueue[int](2, tdata.In(o))
		require.NoError(t, q.Send(t.Context(), 1))
		require.NoError(t, q.Send(t.Context(), 2))
		done := make(chan error, 1)
		go func() { done <- q.Send(context.Background(), 3) }()
		synctest.Wait()
		before := o.Stats().Retries
		for range 10 {
			assert.False(t, q.TrySend(4))
			inTx(o, func(tx *stm.Tx) { _, _ = q.Peek(tx) })
			assert.Equal(t, 2, q.Size())
		}
		synctest.Wait()
		assert.Equal(t, before, o.Stats().Retries, "woken for nothing")
		v, ok := q.TryReceive()
		assert.True(t, ok)
		assert.Equal(t, 1, v)
		assert.NoError(t, <-done)
		assert.Equal(t, before, o.Stats().Retries)
		assert.Equal(t, []int{2, 3}, q.Snapshot())
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		synctest.Test(t, func(t *testing.T) {
			q := k.make(tdata.In(stm.NewOwner()))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := q.Receive(ctx)
				ended <- err
			}()
			synctest.Wait()
			cancel()
			assert.Equal(t, context.Canceled, <-ended)
			require.NoError(t, q.Send(t.Context(), 1))
			assert.Equal(t, context.Canceled, q.Send(ctx, 2), "the context has ended already")
			_, err := q.Receive(ctx)
			assert.Equal(t, context.Canceled, err)
			assert.Equal(t, []int{1}, q.Snapshot(), "and nothing was taken")
		})
	})
}

func TestClosingWakesAllWhoWait(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		synctest.Test(t, func(t *testing.T) {
			q := k.make(tdata.In(stm.NewOwner()))
			ended := make(chan error, 3)
			for range 3 {
				go func() {
					_, err := q.Receive(context.Background())
					ended <- err
				}()
			}
			synctest.Wait()
			q.Shut()
			for range 3 {
				assert.Equal(t, tdata.ErrClosed, <-ended)
			}
			assert.Equal(t, tdata.ErrClosed, q.Send(t.Context(), 1))
			q.Shut()
		})
	})
	t.Run("a full BoundedQueue", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			q := tdata.NewBoundedQueue[int](1, tdata.In(stm.NewOwner()))
			require.NoError(t, q.Send(t.Context(), 1))
			ended := make(chan error, 1)
			go func() { ended <- q.Send(context.Background(), 2) }()
			synctest.Wait()
			q.Shut()
			assert.Equal(t, tdata.ErrClosed, <-ended)
			v, err := q.Receive(t.Context())
			assert.NoError(t, err, "what is left can be taken")
			assert.Equal(t, 1, v)
		})
	})
}

func TestZeroQueueIsReady(t *testing.T) {
	var sent, put, taken, closed, untaken tdata.Queue[int]
	assert.Zero(t, sent.Size())
	assert.Empty(t, sent.Snapshot())
	_, ok := sent.TryReceive()
	assert.False(t, ok)
	require.NoError(t, sent.Send(t.Context(), 1))
	require.NoError(t, sent.Send(t.Context(), 2))
	assert.Equal(t, []int{1, 2}, sent.Snapshot())

	inTx(stm.Default(), func(tx *stm.Tx) { put.Clear(tx); _ = put.Put(tx, 3); untaken.Untake(tx, 4); closed.Close(tx) })
	assert.Equal(t, []int{3}, put.Snapshot())
	assert.Equal(t, []int{4}, untaken.Snapshot())
	assert.Equal(t, tdata.ErrClosed, closed.Send(t.Context(), 1))
	synctest.Test(t, func(t *testing.T) {
		got := make(chan int)
		go func() {
			v, _ := taken.Receive(context.Background())
			got <- v
		}()
		synctest.Wait()
		require.NoError(t, taken.Send(t.Context(), 5))
		assert.Equal(t, 5, <-got)
	})
}

func TestAMillionValues(t *testing.T) {
	n := many(1_000_000)
	perKind(t, func(t *testing.T, k queueKind) {
		q := wide(k, stm.NewOwner(), n)
		for i := range n {
			require.NoError(t, q.Send(context.Background(), i))
		}
		require.Equal(t, n, q.Size())
		values := q.Snapshot()
		require.Len(t, values, n)
		for i := range n {
			v, ok := q.TryReceive()
			if !ok || v != i || values[i] != i {
				t.Fatalf("value %d is %d, %v", i, v, ok)
			}
		}
		_, ok := q.TryReceive()
		assert.False(t, ok)
	})
}

// All in one transaction: its write set has them all.
func TestHundredThousandValuesInOneTransaction(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		n := many(100_000)
		o := stm.NewOwner()
		q := wide(k, o, n)
		inTx(o, func(tx *stm.Tx) {
			for i := range n {
				_ = q.Put(tx, n-i)
			}
			assert.Equal(t, n, q.Len(tx))
		})
		assert.Equal(t, n, q.Size())
		inTx(o, func(tx *stm.Tx) {
			for range n {
				_, _ = q.Take(tx)
			}
		})
		assert.Zero(t, q.Size())
		require.NoError(t, q.Send(t.Context(), 1))
		assert.Equal(t, []int{1}, q.Snapshot())
	})
}

func TestIterationSeesWhatWasThereWhenItBegan(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		o := stm.NewOwner()
		q := wide(k, o, 200)
		for i := range 100 {
			require.NoError(t, q.Send(t.Context(), i))
		}
		var seen []int
		inTx(o, func(tx *stm.Tx) {
			seen = nil
			visit := func(v int) bool {
				seen = append(seen, v)
				_, _ = q.TryTake(tx)
				_, _ = q.TryTake(tx)
				_ = q.Put(tx, 1000+v)
				if v == 50 {
					q.Clear(tx)
				}
				return v < 90
			}
			switch q := q.(type) {
			case *tdata.Queue[int]:
				q.All(tx)(visit)
			case *tdata.BoundedQueue[int]:
				q.All(tx)(visit)
			case *tdata.PriorityQueue[int]:
				q.All(tx)(visit)
			}
		})
		assert.Len(t, seen, 91, "it stops when told")
		assert.Equal(t, 90, seen[90])
	})
}

func TestQueuesMarshalAsArrays(t *testing.T) {
	perKind(t, func(t *testing.T, k queueKind) {
		q := k.make(tdata.In(stm.NewOwner()))
		text, err := json.Marshal(q)
		assert.NoError(t, err)
		assert.Equal(t, "[]", string(text))
		require.NoError(t, q.Send(t.Context(), 1))
		require.NoError(t, q.Send(t.Context(), 2))
		text, err = json.Marshal(map[string]any{"jobs": q})
		assert.NoError(t, err)
		assert.Equal(t, `{"jobs":[1,2]}`, string(text))
	})
}

// What has been taken is garbage, but for the last few.
func TestTakenValuesAreGarbage(t *testing.T) {
	type value [1 << 10]int
	for name, q := range map[string]interface {
		Send(context.Context, *value) error
		TryReceive() (*value, bool)
	}{
		"Queue":         tdata.NewQueue[*value](),
		"BoundedQueue":  tdata.NewBoundedQueue[*value](100),
		"PriorityQueue": tdata.NewPriorityQueue(func(a, b *value) int { return 0 }),
	} {
		t.Run(name, func(t *testing.T) {
			var all []weak.Pointer[value]
			for range 100 {
				v := new(value)
				all = append(all, weak.Make(v))
				require.NoError(t, q.Send(t.Context(), v))
			}
			for range 98 {
				q.TryReceive()
			}
			runtime.GC()
			for i, w := range all {
				if i < 94 || i >= 98 {
					assert.Equal(t, i >= 98, w.Value() != nil, "value %d", i)
				}
			}
			runtime.KeepAlive(q)
		})
	}
}

func TestClashReportsNameStructureAndPart(t *testing.T) {
	o := stm.NewOwner()
	in, named := tdata.In(o), tdata.Named("jobs")
	for name, q := range map[string]aQueue{
		"jobs.head": tdata.NewQueue[int](in, named),
		"jobs.next": tdata.NewPriorityQueue(cmp.Compare[int], in, named),
	} {
		for i := range 3 {
			require.NoError(t, q.Send(t.Context(), i))
		}
		checkout := o.Checkout()
		_, err := q.Take(checkout)
		require.NoError(t, err)
		_, err = q.Receive(t.Context())
		require.NoError(t, err)
		_, err = checkout.Commit()
		assert.ErrorContains(t, err, `"`+name+`", written here`)
		checkout.Discard()
	}
	q := tdata.NewBoundedQueue[int](1, in, named)
	checkout := o.Checkout()
	require.NoError(t, q.Put(checkout, 1))
	require.NoError(t, q.Send(t.Context(), 1))
	_, err := checkout.Commit()
	assert.ErrorContains(t, err, `"jobs.place", written here`)
	checkout.Discard()
}

func TestWhatHasNoNameIsReportedByItsType(t *testing.T) {
	o := stm.NewOwner()
	in, ctx := tdata.In(o), t.Context()
	queue, bounded, topic := tdata.NewQueue[int](in), tdata.NewBoundedQueue[int](2, in), tdata.NewTopic[int](in)
	subscription, semaphore := topic.Follow(), tdata.NewSemaphore(2, in)
	cache := tdata.NewCache(tdata.CacheConfig[string, int]{Capacity: 9}, in)
	fair, lock, barrier := tdata.NewFairSemaphore(2, in), tdata.NewRWLock(in), tdata.NewBarrier(3, in)
	limiter := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 9}, in)
	pool := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1}, in)
	for range 2 {
		require.NoError(t, queue.Send(ctx, 1))
		require.NoError(t, topic.Send(ctx, 1))
	}
	for _, c := range []struct {
		name string
		do   func(*stm.Tx)
	}{
		{"tdata.Queue[int].head", func(tx *stm.Tx) { _, _ = queue.Take(tx) }},
		{"tdata.BoundedQueue[int].place", func(tx *stm.Tx) { _ = bounded.Put(tx, 1) }},
		{"tdata.Topic[int].tail", func(tx *stm.Tx) { _ = topic.Publish(tx, 1) }},
		{"tdata.Topic[int].cursor", func(tx *stm.Tx) { _, _ = subscription.Take(tx) }},
		{"tdata.Semaphore.free", func(tx *stm.Tx) { semaphore.Acquire(tx, 1) }},
		{"tdata.FairSemaphore.taken", func(tx *stm.Tx) { fair.Acquire(tx, 1) }},
		{"tdata.RWLock.taken", func(tx *stm.Tx) { lock.RLock(tx) }},
		{"tdata.Barrier.arrived", func(tx *stm.Tx) { barrier.Arrive(tx) }},
		{"tdata.RateLimiter.bucket", func(tx *stm.Tx) { _ = limiter.Take(tx, 1) }},
		{"tdata.Pool[int][0]", func(tx *stm.Tx) { _ = pool.Park(tx, 1) }},
		{"tdata.Pool[int].closed", func(tx *stm.Tx) { pool.Close(tx) }},
		{`tdata.Cache[string,int]["ann"]`, func(tx *stm.Tx) { cache.Set(tx, "ann", 1) }},
	} {
		checkout := o.Checkout()
		c.do(checkout)
		inTx(o, c.do)
		_, err := checkout.Commit()
		var clash *stm.ClashError
		require.ErrorAs(t, err, &clash)
		assert.True(t, slices.ContainsFunc(clash.Vars, func(v stm.VarClash) bool { return v.Name == c.name && v.Written }),
			"%s in %v", c.name, err)
		for _, v := range clash.Vars {
			assert.Contains(t, v.Name, "tdata.", "all have names")
		}
		checkout.Discard()
	}
}

func TestBadInputOfQueuesIsRefused(t *testing.T) {
	assert.PanicsWithValue(t, "tdata: NewBoundedQueue: capacity 0, must be at least 1", func() { tdata.NewBoundedQueue[int](0) })
	assert.PanicsWithValue(t, "tdata: NewBoundedQueue: capacity -1, must be at least 1", func() { tdata.NewBoundedQueue[int](-1) })
	assert.PanicsWithValue(t, "tdata: NewPriorityQueue: nil function; give cmp.Compare, for example",
		func() { tdata.NewPriorityQueue[int](nil) })
	assert.PanicsWithValue(t, "tdata: a BoundedQueue that was not made by NewBoundedQueue",
		func() { new(tdata.BoundedQueue[int]).TrySend(1) })
	assert.PanicsWithValue(t, "tdata: a PriorityQueue that was not made by NewPriorityQueue",
		func() { new(tdata.PriorityQueue[int]).TryReceive() })
	assert.Panics(t, func() { tdata.NewQueue[int](nil) })
	q := tdata.NewQueue[int](tdata.In(stm.NewOwner()))
	assert.Panics(t, func() { inTx(stm.Default(), func(tx *stm.Tx) { _ = q.Put(tx, 1) }) }, "another owner's transaction")
	assert.Panics(t, func() {
		_ = stm.View(t.Context(), func(tx *stm.Tx) error { return new(tdata.Queue[int]).Put(tx, 1) })
	}, "a put in a View")
}

// A comparison that panics leaves the queue as it was.
func TestComparisonThatPanicsChangesNothing(t *testing.T) {
	q := tdata.NewPriorityQueue(func(a, b int) int {
		if a == 13 {
			panic("13")
		}
		return a - b
	}, tdata.In(stm.NewOwner()))
	for _, v := range []int{3, 1, 2} {
		require.NoError(t, q.Send(t.Context(), v))
	}
	assert.PanicsWithValue(t, "13", func() { _ = q.Send(context.Background(), 13) })
	assert.Equal(t, []int{1, 2, 3}, q.Snapshot())
}

// Equal values come out in the order in which they were put.
func TestPriorityQueueIsFairAmongEquals(t *testing.T) {
	type job struct{ priority, number int }
	q := tdata.NewPriorityQueue(func(a, b job) int { return a.priority - b.priority }, tdata.In(stm.NewOwner()))
	for i := range 300 {
		require.NoError(t, q.Send(t.Context(), job{i % 3, i}))
	}
	last := job{-1, -1}
	for {
		j, ok := q.TryReceive()
		if !ok {
			break
		}
		require.True(t, j.priority > last.priority || j.priority == last.priority && j.number > last.number, "%v after %v", j, last)
		last = j
	}
}

// Who waits while somebody alone may commit gives up when his context ends.
func TestAContextEndsTheWaitForTheGate(t *testing.T) {
	for name, use := range map[string]func(context.Context, *tdata.Queue[int]) error{
		"Send":    func(ctx context.Context, q *tdata.Queue[int]) error { return q.Send(ctx, 2) },
		"Receive": func(ctx context.Context, q *tdata.Queue[int]) error { _, err := q.Receive(ctx); return err },
	} {
		synctest.Test(t, func(t *testing.T) {
			o := stm.NewOwner()
			q := tdata.NewQueue[int](tdata.In(o))
			require.NoError(t, q.Send(background, 1))
			ctx, cancel := context.WithCancel(background)
			ended := make(chan error, 1)
			require.NoError(t, o.Irrevocably(background, func(*stm.Tx) error {
				go func() { ended <- use(ctx, q) }()
				synctest.Wait()
				cancel()
				synctest.Wait()
				assert.NotEmpty(t, ended, name)
				return nil
			}))
			assert.ErrorIs(t, <-ended, context.Canceled, name)
			assert.Equal(t, 1, q.Size())
		})
	}
}
