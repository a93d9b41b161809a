package tdata_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// priorities makes a queue with some values.
func priorities(o *stm.Owner, values ...int) *tdata.PriorityQueue[int] {
	q := tdata.NewPriorityQueue(cmp.Compare[int], tdata.In(o))
	for _, v := range values {
		if err := q.Send(context.Background(), v); err != nil {
			panic(err)
		}
	}
	return q
}

// A deed is what a transaction does with a queue. Every one changes a variable of its own too, so that all it relies on is
// checked when it commits.
type deed func(*tdata.PriorityQueue[int], *stm.Tx)

func put(v int) deed {
	return func(q *tdata.PriorityQueue[int], tx *stm.Tx) { _ = q.Put(tx, v) }
}
func untake(v int) deed {
	return func(q *tdata.PriorityQueue[int], tx *stm.Tx) { q.Untake(tx, v) }
}
func take(q *tdata.PriorityQueue[int], tx *stm.Tx)     { q.TryTake(tx) }
func peek(q *tdata.PriorityQueue[int], tx *stm.Tx)     { _, _ = q.Peek(tx) }
func count(q *tdata.PriorityQueue[int], tx *stm.Tx)    { q.Len(tx) }
func empty(q *tdata.PriorityQueue[int], tx *stm.Tx)    { q.Clear(tx) }
func shut(q *tdata.PriorityQueue[int], tx *stm.Tx)     { q.Close(tx) }
func visit(q *tdata.PriorityQueue[int], tx *stm.Tx)    { q.All(tx)(func(int) bool { return true }) }
func takeTwo(q *tdata.PriorityQueue[int], tx *stm.Tx)  { take(q, tx); take(q, tx) }
func takeBack(q *tdata.PriorityQueue[int], tx *stm.Tx) { v, _ := q.TryTake(tx); q.Untake(tx, v) }

// clash has two transactions do their deeds at the same time, and the first commit first. It reports whether the second
// clashed.
func clash(t *testing.T, values []int, first, second deed) bool {
	t.Helper()
	o := stm.NewOwner()
	q := priorities(o, values...)
	a, b := o.Checkout(), o.Checkout()
	defer b.Discard()
	for _, tx := range []*stm.Tx{a, b} {
		tvar.New(0, tvar.In(o)).Set(tx, 1)
	}
	first(q, a)
	second(q, b)
	_, err := a.Commit()
	require.NoError(t, err)
	_, err = b.Commit()
	if err != nil {
		require.ErrorIs(t, err, stm.ErrClash)
	}
	return err != nil
}

// Two clash if the order in which they come makes a difference, and if they put at the same place.
func TestWhatClashesInAPriorityQueue(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []int
		a, b   deed
		second bool // b clashes if a commits first
		first  bool // a clashes if b does
	}{
		{"a take, and a put before what it takes", []int{10, 20}, take, put(5), true, true},
		{"a take, and a put of an equal", []int{10, 20}, take, put(10), false, false},
		{"a take, and a put right behind", []int{10, 20}, take, put(15), false, false},
		{"a take, and a put at the end", []int{10, 20}, take, put(25), false, false},
		{"a take of all there is, and a put before it", []int{10}, take, put(5), true, true},
		{"a take of all there is, and a put of an equal", []int{10}, take, put(10), false, false},
		{"a take of all there is, and a put behind it", []int{10}, take, put(15), false, false},
		{"a take of nothing, and a put", nil, take, put(5), false, true},
		{"two takes in one, and a put before the first", []int{10, 20, 30}, takeTwo, put(5), true, true},
		{"two takes in one, and a put between", []int{10, 20, 30}, takeTwo, put(15), true, true},
		{"two takes in one, and a put right behind", []int{10, 20, 30}, takeTwo, put(25), false, false},
		{"takes", []int{10, 20}, take, take, true, true},
		{"a take, and an untake before", []int{10, 20}, take, untake(5), true, true},
		{"a take, and an untake of an equal", []int{10, 20}, take, untake(10), true, true},
		{"a take, and an untake behind", []int{10, 20}, take, untake(15), false, false},
		{"a take that is put back, and a put behind", []int{10, 20}, takeBack, put(25), false, false},
		{"puts at different places", []int{10, 20}, put(15), put(25), false, false},
		{"puts at both sides of one", []int{10}, put(5), put(15), false, false},
		{"puts at the same place", []int{10, 20}, put(15), put(16), true, true},
		{"puts of equals", []int{10, 20}, put(10), put(10), true, true},
		{"a put behind equals, and an untake before them", []int{10, 10}, put(10), untake(10), false, false},
		{"a look, and a put before", []int{10, 20}, peek, put(5), false, true},
		{"a look, and a put behind", []int{10, 20}, peek, put(15), false, false},
		{"a look, and a take", []int{10, 20}, peek, take, false, true},
		{"a count, and a put", []int{10, 20}, count, put(25), false, true},
		{"a count, and a take", []int{10, 20}, count, take, false, true},
		{"a view of all, and a put", []int{10, 20}, visit, put(25), false, true},
		{"clearing, and a put", []int{10, 20}, empty, put(25), true, true},
		{"clearing, and a take", []int{10, 20}, empty, take, true, true},
		{"closing, and a put", []int{10, 20}, shut, put(25), true, false},
		{"closing, and a take", []int{10, 20}, shut, take, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 20 { // towers are as tall as chance has it
				assert.Equal(t, c.second, clash(t, c.values, c.a, c.b), "the second")
				assert.Equal(t, c.first, clash(t, c.values, c.b, c.a), "the first, if the second commits before it")
			}
		})
	}
}

// A put at each place among many, and a take: they clash if it is the first place, in both orders.
func TestAPutClashesWithATakeOnlyBeforeTheFirst(t *testing.T) {
	values := []int{}
	for n := range 70 {
		values = append(values, 10*n)
		for place := 0; place <= len(values); place += 1 + rand.IntN(5) {
			require.Equal(t, place == 0, clash(t, values, put(10*place-5), take), "place %d of %d", place, len(values))
			require.Equal(t, place == 0, clash(t, values, take, put(10*place-5)), "place %d of %d", place, len(values))
		}
	}
}

// Those who put, at places of their own, and one who takes, at eight goroutines: nothing that they rely on changes.
func TestPutsAndTakesOfAPriorityQueueDoNotClash(t *testing.T) {
	const putters, each, apart = 7, 2000, 1_000_000
	o := stm.NewOwner()
	q := priorities(o)
	for i := range each + 1 {
		require.NoError(t, q.Send(t.Context(), i-each))
	}
	for p := range putters + 1 { // so that no two put at the same place
		require.NoError(t, q.Send(t.Context(), p*apart))
	}
	var all sync.WaitGroup
	for p := range putters {
		all.Go(func() {
			for i := range each {
				inTx(o, func(tx *stm.Tx) { _ = q.Put(tx, p*apart+1+i*7919%(apart/2)) })
			}
		})
	}
	all.Go(func() {
		for i := range each {
			inTx(o, func(tx *stm.Tx) {
				v, _ := q.Take(tx)
				assert.Equal(t, i-each, v)
			})
		}
	})
	all.Wait()
	clashes := o.Stats().Clashes
	assert.Zero(t, clashes.Total()-clashes.Busy, "clashes, but for a look at a lock of somebody who had lost its processor")
	assert.Equal(t, putters*each+putters+2, q.Size())
	assert.True(t, slices.IsSorted(q.Snapshot()))
}

// In a checkout the queue is what it was, whatever has become of it, and to put there clashes if it has to.
func TestACheckoutHasThePriorityQueueOfItsTime(t *testing.T) {
	o := stm.NewOwner()
	q := priorities(o, 10, 20, 30)
	old := o.Checkout()
	defer old.Discard()
	for range 2 {
		_, _ = q.TryReceive()
	}
	for v := range 1000 {
		require.NoError(t, q.Send(t.Context(), v))
	}
	all := func() []int { return slices.Collect(q.All(old)) }
	assert.Equal(t, []int{10, 20, 30}, all())
	assert.Equal(t, 3, q.Len(old))
	for v := 5; v < 40; v += 10 {
		require.NoError(t, q.Put(old, v))
	}
	q.Untake(old, 30)
	assert.Equal(t, []int{5, 10, 15, 20, 25, 30, 30, 35}, all())
	v, err := q.Take(old)
	require.NoError(t, err)
	assert.Equal(t, 5, v)
	assert.Equal(t, 7, q.Len(old))
	q.Clear(old)
	assert.Empty(t, all())
	require.NoError(t, q.Put(old, 1))
	assert.Equal(t, []int{1}, all())
	_, err = old.Commit()
	assert.ErrorIs(t, err, stm.ErrClash)
	assert.Equal(t, 1001, q.Size())
}

// A put whose neighbour was taken since stands, if what comes behind is still there.
func TestAPutBehindWhatWasTakenSinceStands(t *testing.T) {
	o := stm.NewOwner()
	q := priorities(o, 10, 20, 30)
	tx := o.Checkout()
	require.NoError(t, q.Put(tx, 25))
	for range 2 {
		_, _ = q.TryReceive()
	}
	_, err := tx.Commit()
	require.NoError(t, err)
	assert.Equal(t, []int{25, 30}, q.Snapshot())
}

// What was put and undone leaves nothing, be it by an error, in a part, or because it was dropped.
func TestAPutThatIsUndoneLeavesNothing(t *testing.T) {
	o := stm.NewOwner()
	q := priorities(o)
	for i := range 200 {
		_ = o.Atomically(t.Context(), func(tx *stm.Tx) error {
			_ = q.Put(tx, i)
			return context.Canceled
		})
		inTx(o, func(tx *stm.Tx) {
			_ = q.Put(tx, 2*i)
			_ = tx.Nested(func(tx *stm.Tx) error {
				_ = q.Put(tx, 2*i+1)
				return context.Canceled
			})
			_ = q.Put(tx, 2*i)
		})
		held := o.Checkout()
		_ = q.Put(held, i)
		held.Discard()
	}
	var want []int
	for i := range 200 {
		want = append(want, 2*i, 2*i)
	}
	assert.Equal(t, want, q.Snapshot())
	assert.Equal(t, 400, q.Size())
}

// Many put in one transaction, upwards, downwards and as it comes: it need not look at all of its own.
func TestManyPutsInOneTransactionAreInOrder(t *testing.T) {
	n := many(50_000)
	for name, value := range map[string]func(int) int{
		"upwards":   func(i int) int { return i },
		"downwards": func(i int) int { return -i },
		"by chance": func(i int) int { return i * 7919 % 10_007 },
		"equals":    func(int) int { return 1 },
	} {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			q := priorities(o, 0, 1, 2)
			inTx(o, func(tx *stm.Tx) {
				for i := range n {
					_ = q.Put(tx, value(i))
				}
			})
			assert.True(t, slices.IsSorted(q.Snapshot()))
			assert.Equal(t, n+3, q.Size())
		})
	}
}

// Equal values come out in the order in which their transactions committed, however long these took.
func TestEqualValuesComeInTheOrderOfTheirCommits(t *testing.T) {
	type job struct{ priority, number int }
	o := stm.NewOwner()
	q := tdata.NewPriorityQueue(func(a, b job) int { return a.priority - b.priority }, tdata.In(o))
	var slow *stm.Tx
	for i := range 100 {
		slow = o.Checkout()
		_ = q.Put(slow, job{1, 2*i + 1})
		require.NoError(t, q.Send(t.Context(), job{1, 2 * i}))
		_, err := slow.Commit()
		require.ErrorIs(t, err, stm.ErrClash, "who is first?")
		slow.Discard()
		inTx(o, func(tx *stm.Tx) { _ = q.Put(tx, job{1, 2*i + 1}) })
	}
	for i, j := range q.Snapshot() {
		require.Equal(t, i, j.number)
	}
}

// Everybody at once, in transactions of several steps: nothing is lost or invented, each of a putter's values of one
// priority comes after the one that it put before, and the number is right at every moment.
func TestPriorityQueueUnderStress(t *testing.T) {
	type job struct{ priority, putter, number int }
	const putters, takers, each = 4, 4, 600
	o := stm.NewOwner()
	q := tdata.NewPriorityQueue(func(a, b job) int { return a.priority - b.priority }, tdata.In(o))
	var puts, takes sync.WaitGroup
	for p := range putters {
		random := rand.New(rand.NewPCG(1, uint64(p)))
		puts.Go(func() {
			for i := range each {
				j := job{random.IntN(5), p, i}
				inTx(o, func(tx *stm.Tx) {
					_ = q.Put(tx, j)
					if i%3 == 0 { // and has it back for a moment
						first, _ := q.Take(tx)
						q.Untake(tx, first)
					}
				})
			}
		})
	}
	taken := make([][]job, takers)
	for i := range takers {
		takes.Go(func() {
			for {
				j, err := q.Receive(context.Background())
				if err != nil {
					return
				}
				taken[i] = append(taken[i], j)
				_ = o.View(context.Background(), func(tx *stm.Tx) error {
					if n := q.Len(tx); i == 0 {
						assert.Len(t, slices.Collect(q.All(tx)), n)
					}
					return nil
				})
			}
		})
	}
	puts.Wait()
	q.Shut()
	takes.Wait()
	seen := map[job]bool{}
	for _, jobs := range taken {
		last := map[[2]int]int{}
		for _, j := range jobs {
			assert.False(t, seen[job{0, j.putter, j.number}], "twice")
			seen[job{0, j.putter, j.number}] = true
			before, some := last[[2]int{j.priority, j.putter}]
			assert.True(t, !some || before < j.number, "%v after %d", j, before)
			last[[2]int{j.priority, j.putter}] = j.number
		}
	}
	assert.Len(t, seen, putters*each)
}
