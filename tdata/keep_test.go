package tdata_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A load is a value of some size.
type load struct {
	number int
	_      [1 << 10]byte
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What passes through a queue while a checkout is held is garbage when it has been taken; and the checkout has the queue as
// it was.
func TestACheckoutDoesNotKeepWhatPassesThrough(t *testing.T) {
	const before, bound = 50, 1 << 20
	n := max(many(100_000), 10*bound/(1<<10))
	named := tdata.Named("jobs")
	type queue interface {
		Send(context.Context, *load) error
		TryReceive() (*load, bool)
		Len(*stm.Tx) int
		Peek(*stm.Tx) (*load, error)
	}
	smaller := func(a, b *load) int { return a.number - b.number }
	other := stm.NewOwner()
	for name, c := range map[string]struct {
		owner *stm.Owner
		queue queue
	}{
		"Queue":                   {stm.Default(), new(tdata.Queue[*load])},
		"Queue of another owner":  {other, tdata.NewQueue[*load](tdata.In(other), named)},
		"BoundedQueue":            {other, tdata.NewBoundedQueue[*load](before+1, tdata.In(other), named)},
		"PriorityQueue":           {stm.Default(), tdata.NewPriorityQueue(smaller)},
		"PriorityQueue of others": {other, tdata.NewPriorityQueue(smaller, tdata.In(other), named)},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.queue
			for i := range before {
				require.NoError(t, q.Send(t.Context(), &load{number: i}))
			}
			old := c.owner.Checkout()
			defer old.Discard()
			start := heapInUse()
			for i := range n {
				require.NoError(t, q.Send(context.Background(), &load{number: before + i}))
				v, ok := q.TryReceive()
				require.True(t, ok)
				require.Equal(t, i, v.number)
			}
			assert.Less(t, heapInUse()-start, int64(bound), "for %d values", n)
			assert.Equal(t, before, q.Len(old))
			v, err := q.Peek(old)
			require.NoError(t, err)
			assert.Equal(t, 0, v.number)
			if p, ok := q.(*tdata.PriorityQueue[*load]); ok {
				assert.Len(t, slices.Collect(p.All(old)), before)
			}
			runtime.KeepAlive(q)
		})
	}
}

// Nor what is put and cleared.
func TestACheckoutDoesNotKeepWhatIsCleared(t *testing.T) {
	const each, bound = 33, 1 << 20 // so that no take comes to where the chain would be cut
	o := stm.NewOwner()
	q := tdata.NewQueue[*load](tdata.In(o))
	require.NoError(t, q.Send(t.Context(), new(load)))
	old := o.Checkout()
	defer old.Discard()
	start := heapInUse()
	for range 10 * bound / (1 << 10) / each {
		for range each {
			require.NoError(t, q.Send(context.Background(), new(load)))
		}
		inTx(o, q.Clear)
		require.Zero(t, q.Size())
	}
	assert.Less(t, heapInUse()-start, int64(bound))
	assert.Equal(t, 1, q.Len(old))
	require.NoError(t, q.Send(t.Context(), &load{number: 7}))
	v, ok := q.TryReceive()
	require.True(t, ok)
	assert.Equal(t, 7, v.number)
	runtime.KeepAlive(q)
}

// Nor what is taken, put back, and taken again.
func TestACheckoutDoesNotKeepWhatIsPutBack(t *testing.T) {
	const bound = 1 << 20
	o := stm.NewOwner()
	q := tdata.NewQueue[*load](tdata.In(o))
	require.NoError(t, q.Send(t.Context(), new(load)))
	old := o.Checkout()
	defer old.Discard()
	start := heapInUse()
	for i := range 10 * bound / (1 << 10) {
		require.NoError(t, q.Send(context.Background(), &load{number: i + 1}))
		v, _ := q.TryReceive()
		require.Equal(t, i, v.number)
		inTx(o, func(tx *stm.Tx) { q.Untake(tx, v) })
		v, _ = q.TryReceive()
		require.Equal(t, i, v.number)
	}
	assert.Less(t, heapInUse()-start, int64(bound))
	assert.Equal(t, 1, q.Len(old))
	assert.Equal(t, 1, q.Size())
	runtime.KeepAlive(q)
}

// Nor what all subscribers of a topic have taken; and each has everything that it has not taken yet.
func TestACheckoutDoesNotKeepWhatIsPublished(t *testing.T) {
	const before, bound = 50, 1 << 20
	n := max(many(100_000), 10*bound/(1<<10))
	for name, send := range map[string]func(*testing.T, *stm.Owner, *tdata.Topic[*load], *load){
		"Send": func(t *testing.T, _ *stm.Owner, topic *tdata.Topic[*load], v *load) {
			require.NoError(t, topic.Send(context.Background(), v))
		},
		"Publish": func(t *testing.T, o *stm.Owner, topic *tdata.Topic[*load], v *load) {
			commit(t, o, func(tx *stm.Tx) { require.NoError(t, topic.Publish(tx, v)) })
		},
	} {
		for _, taken := range []int{0, before / 2, before} {
			t.Run(fmt.Sprint(name, " ", taken), func(t *testing.T) {
				o := stm.NewOwner()
				topic := tdata.NewTopic[*load](tdata.In(o))
				subscriptions := []*tdata.Subscription[*load]{topic.Follow(), topic.Follow(), topic.Follow()}
				closed := topic.Follow()
				take := func(s *tdata.Subscription[*load], want int) {
					v, ok := s.TryReceive()
					require.True(t, ok)
					require.Equal(t, want, v.number)
				}
				for i := range before {
					send(t, o, topic, &load{number: i})
				}
				for _, s := range subscriptions {
					for i := range taken {
						take(s, i)
					}
				}
				closed.Stop()
				old := o.Checkout()
				defer old.Discard()
				start := heapInUse()
				late := topic.Follow()
				for i := range n {
					if i == n-100 {
						runtime.GC() // notices the last that were let go
					} else if i%10 == 0 && i < n-100 {
						topic.Follow() // and let it go
					}
					send(t, o, topic, &load{number: before + i})
					for _, s := range subscriptions {
						take(s, taken+i)
					}
					take(late, before+i)
				}
				assert.Less(t, heapInUse()-start, int64(bound), "for %d values", n)
				for _, s := range subscriptions {
					assert.Equal(t, before-taken, s.Len(old))
					for i := range before - taken {
						v, ok := s.TryTake(old)
						require.True(t, ok)
						assert.Equal(t, taken+i, v.number)
					}
					_, ok := s.TryTake(old)
					assert.False(t, ok)
					for i := range before - taken {
						take(s, n+taken+i)
					}
				}
				runtime.KeepAlive(topic)
			})
		}
	}
}

// TestATopicCutsNothingOff: subscribers that take now and then, subscriptions that begin and end, in attempts that commit and
// in others, while checkouts are held now and then: each has every value from its beginning on.
func TestATopicCutsNothingOff(t *testing.T) {
	for seed := range uint64(many(200)) {
		r := rand.New(rand.NewPCG(seed, 0))
		o := stm.NewOwner()
		topic := tdata.NewTopic[int](tdata.In(o))
		type follower struct {
			s    *tdata.Subscription[int]
			next int
		}
		var followers []follower
		var held []*stm.Tx
		for published := 0; published < 1000; {
			switch r.IntN(12) {
			case 0:
				followers = append(followers, follower{topic.Follow(), published})
			case 1: // it never was
				_ = o.Atomically(background, func(tx *stm.Tx) error {
					require.NoError(t, topic.Publish(tx, -1))
					topic.Subscribe(tx)
					return stm.ErrClosed
				})
			case 2:
				if len(followers) > 3 {
					followers[0].s.Stop()
					followers = followers[1:]
				}
			case 3:
				if len(held) < 3 {
					held = append(held, o.Checkout())
				} else {
					held[0].Discard()
					held = held[1:]
				}
			case 4, 5, 6:
				for range r.IntN(40) {
					require.NoError(t, topic.Send(background, published))
					published++
				}
			default:
				if len(followers) == 0 {
					continue
				}
				f := &followers[r.IntN(len(followers))]
				for range r.IntN(80) {
					v, ok := f.s.TryReceive()
					require.Equal(t, f.next < published, ok)
					if !ok {
						break
					}
					require.Equal(t, f.next, v)
					f.next++
				}
			}
		}
		for _, f := range followers {
			for ; f.next < 1000; f.next++ {
				v, ok := f.s.TryReceive()
				require.True(t, ok)
				require.Equal(t, f.next, v)
			}
		}
		for _, tx := range held {
			tx.Discard()
		}
	}
}

// Subscriptions that were let go take no memory, even if nothing is published.
func TestSubscriptionsThatAreLetGoAreForgotten(t *testing.T) {
	topic := tdata.NewTopic[int]()
	n, start := many(1_000_000), heapInUse()
	for range n {
		topic.Follow()
	}
	assert.Less(t, heapInUse()-start, int64(4<<20), "for %d subscriptions", n)
	runtime.KeepAlive(topic)
}
