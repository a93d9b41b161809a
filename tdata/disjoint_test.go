package tdata_test

import (
	"cmp"
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// TestTransactionsOnDifferentStructuresNeverClash: eight goroutines, each with a structure of its own, of every type. Whatever
// structures have in common behind the scenes, nobody comes in anybody's way.
func TestTransactionsOnDifferentStructuresNeverClash(t *testing.T) {
	for name, make := range map[string]func(in tdata.Option) func(tx *stm.Tx, i int){
		"Counter": func(in tdata.Option) func(*stm.Tx, int) {
			c := tdata.NewCounter(in)
			return func(tx *stm.Tx, i int) { c.Add(tx, 1); c.Get(tx) }
		},
		"Map": func(in tdata.Option) func(*stm.Tx, int) {
			m := tdata.NewMap[int, int](in)
			return func(tx *stm.Tx, i int) { m.Set(tx, i, i); m.Delete(tx, i/2); m.Len(tx) }
		},
		"OrderedMap": func(in tdata.Option) func(*stm.Tx, int) {
			m := tdata.NewOrderedMap[int, int](in)
			return func(tx *stm.Tx, i int) { m.Set(tx, i, i); m.Min(tx); m.Delete(tx, i/2); m.Len(tx) }
		},
		"Set": func(in tdata.Option) func(*stm.Tx, int) {
			s := tdata.NewSet[int](in)
			return func(tx *stm.Tx, i int) { s.Add(tx, i); s.Delete(tx, i/2); s.Len(tx) }
		},
		"OrderedSet": func(in tdata.Option) func(*stm.Tx, int) {
			s := tdata.NewOrderedSet[int](in)
			return func(tx *stm.Tx, i int) { s.Add(tx, i); s.Max(tx); s.Delete(tx, i/2); s.Len(tx) }
		},
		"Cache": func(in tdata.Option) func(*stm.Tx, int) {
			c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 20}, in)
			return func(tx *stm.Tx, i int) { c.Set(tx, i, i); c.Get(tx, i-1); c.Delete(tx, i-2) }
		},
		"Queue":         func(in tdata.Option) func(*stm.Tx, int) { return putTake(tdata.NewQueue[int](in)) },
		"BoundedQueue":  func(in tdata.Option) func(*stm.Tx, int) { return putTake(tdata.NewBoundedQueue[int](2, in)) },
		"PriorityQueue": func(in tdata.Option) func(*stm.Tx, int) { return putTake(tdata.NewPriorityQueue(cmp.Compare[int], in)) },
		"Topic": func(in tdata.Option) func(*stm.Tx, int) {
			topic := tdata.NewTopic[int](in)
			s := topic.Follow()
			return func(tx *stm.Tx, i int) { _ = topic.Publish(tx, i); _, _ = s.Take(tx); topic.Subscribe(tx) }
		},
		"Semaphore": func(in tdata.Option) func(*stm.Tx, int) {
			s := tdata.NewSemaphore(2, in)
			return func(tx *stm.Tx, i int) { s.Acquire(tx, 1); s.Free(tx); s.Release(tx, 1) }
		},
		"FairSemaphore": func(in tdata.Option) func(*stm.Tx, int) {
			s := tdata.NewFairSemaphore(2, in)
			return func(tx *stm.Tx, i int) { s.Acquire(tx, 1); s.Free(tx); s.Release(tx, 1) }
		},
		"RWLock": func(in tdata.Option) func(*stm.Tx, int) {
			l := tdata.NewRWLock(in)
			return func(tx *stm.Tx, i int) { l.Lock(tx); l.Unlock(tx); l.RLock(tx); l.RUnlock(tx) }
		},
		"Latch": func(in tdata.Option) func(*stm.Tx, int) {
			l := tdata.NewLatch(1<<20, in)
			return func(tx *stm.Tx, i int) { l.CountDown(tx); l.Open(tx) }
		},
		"Barrier": func(in tdata.Option) func(*stm.Tx, int) {
			b := tdata.NewBarrier(2, in)
			return func(tx *stm.Tx, i int) { b.Arrive(tx); b.Arrived(tx) }
		},
		"Promise": func(in tdata.Option) func(*stm.Tx, int) {
			return func(tx *stm.Tx, i int) {
				p := tdata.NewPromise[int](in)
				_ = p.Resolve(tx, i)
				_, _ = p.Get(tx)
			}
		},
		"Pool": func(in tdata.Option) func(*stm.Tx, int) {
			p := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 2}, in)
			return func(tx *stm.Tx, i int) {
				if r := p.TryBorrow(tx); r != nil {
					r.Return(tx)
				} else {
					_ = p.Park(tx, i)
				}
			}
		},
		"RateLimiter": func(in tdata.Option) func(*stm.Tx, int) {
			l := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 1 << 20}, in)
			return func(tx *stm.Tx, i int) { l.TryTake(tx, 1) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			owner := stm.NewOwner()
			var uses [8]func(*stm.Tx, int)
			for g := range uses {
				uses[g] = make(tdata.In(owner))
			}
			before := owner.Stats()
			atOnceOn(8, func(g int) {
				for i := range 500 {
					commit(t, owner, func(tx *stm.Tx) { uses[g](tx, i) })
				}
			})
			stats := owner.Stats().Sub(before)
			assert.Zero(t, stats.Clashes.Total(), "%+v", stats)
			assert.GreaterOrEqual(t, stats.Commits, uint64(8*500))
		})
	}
}

func putTake(q aQueue) func(*stm.Tx, int) {
	return func(tx *stm.Tx, i int) { _ = q.Put(tx, i); q.Len(tx); _, _ = q.TryTake(tx) }
}

// TestSetsOnDifferentKeysNeverClash, of both kinds, at eight goroutines.
func TestSetsOnDifferentKeysNeverClash(t *testing.T) {
	test := func(t *testing.T, owner *stm.Owner, s interface {
		aSet
		Has(tx *stm.Tx, key int) bool
	}) {
		atOnceOn(8, func(g int) {
			for i := range 3000 {
				commit(t, owner, func(tx *stm.Tx) {
					s.Add(tx, i%700*8+g)
					s.Has(tx, (i+350)%700*8+g)
					s.Delete(tx, (i*7)%700*8+g)
				})
			}
		})
		assert.Zero(t, owner.Stats().Clashes.Total(), "%+v", owner.Stats())
	}
	t.Run("Set", func(t *testing.T) { o := stm.NewOwner(); test(t, o, tdata.NewSet[int](tdata.In(o))) })
	t.Run("OrderedSet", func(t *testing.T) { o := stm.NewOwner(); test(t, o, tdata.NewOrderedSet[int](tdata.In(o))) })
}

// TestAskingForTheSizeDisturbsNoWriter: transactions that add and delete keys run once each, though others ask for the number all
// the while.
func TestAskingForTheSizeDisturbsNoWriter(t *testing.T) {
	both(t, func(t *testing.T, owner *stm.Owner, m dictionary[int, int]) {
		atOnceOn(8, func(g int) {
			for i := range 1000 {
				if g == 0 {
					m.Size()
					look(t, owner, func(tx *stm.Tx) { m.Len(tx) })
					continue
				}
				commit(t, owner, func(tx *stm.Tx) {
					if tx.Attempt() > 1 {
						t.Error("a writer runs again")
					}
					m.Set(tx, i*8+g, i)
					m.Delete(tx, i/2*8+g)
				})
			}
		})
	})
}

// TestThereAndBackLosesNothing: a queue feeds a channel, and that another queue. Whenever the context ends, each value is in one of
// the two or in the error of Feed, once, and no goroutine is left.
func TestThereAndBackLosesNothing(t *testing.T) {
	o := stm.NewOwner()
	for stop := range 100 {
		from, to := tdata.NewQueue[int](tdata.In(o)), tdata.NewBoundedQueue[int](10, tdata.In(o))
		for i := range 20 {
			require.NoError(t, from.Send(background, i))
		}
		ctx, cancel := context.WithCancel(background)
		values, wait := tdata.Chan(ctx, from.Take, from.Untake, tdata.In(o))
		var all sync.WaitGroup
		all.Go(func() {
			for range stop {
				runtime.Gosched()
			}
			cancel()
		})
		err := tdata.Feed(ctx, values, to.Put, tdata.In(o))
		require.ErrorIs(t, wait(), context.Canceled) // and its goroutine has ended
		all.Wait()
		found := to.Snapshot()
		if unsent, ok := err.(*tdata.UnsentError[int]); ok {
			found = append(found, unsent.Value)
		}
		found = append(found, from.Snapshot()...)
		require.Len(t, found, 20)
		for i, v := range found {
			require.Equal(t, i, v)
		}
	}
}
