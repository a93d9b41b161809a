package discipline

import (
	"context"
	"sync"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

var _ = offer(Discipline{
	Name: "green",
	From: "microthreads, a hundred thousand at once (Stackless Python's tasklets, greenlets; Erlang's processes; occam on the transputer)",
	Explain: "Every item is a microthread: an account, a fork, a resource, a queue is a goroutine that has its own state and lends it to " +
		"one visitor at a time, through a channel. A visitor who needs two of them borrows both, the lower number first, and " +
		"who needs all borrows all. So items do not know each other, there can be a hundred thousand of them at 2 to 3 kB each, and " +
		"only visitors of the same item meet. The price is two hand-overs for each item of an operation, and that an " +
		"operation on many items is a journey: an audit of a thousand accounts visits a thousand goroutines. Use it where items " +
		"have a life of their own (players, sessions, simulated particles). Not for plain data, for which a goroutine is a lock that " +
		"costs ten times as much.",

	Counter: func() Counter { return newGreenCounter() },
	Bank:    newGreenBank,
	Buffer:  newGreenBuffer,
	Pool:    newGreenPool,
	Pair:    func() Pair { return newGreenPair() },
	Table:   newGreenTable,
	Latch:   newGreenLatch,
	Cannot: map[string]string{
		"Cache":  "which entry is evicted is a question about all of them, and an entry that is a thread of its own knows only itself",
		"Index":  "the order of keys is not the business of any one of them; threads linked in a list would be visited one by one",
		"Memory": "which words to borrow, and so in which order, is only known when the function runs",
	},
})

// A green is a microthread that has an item and lends it.
type green[T any] struct {
	lent     chan *T
	returned chan struct{}
	stop     chan struct{}
	ended    chan struct{}
}

func newGreen[T any](item *T) green[T] {
	g := green[T]{make(chan *T), make(chan struct{}), make(chan struct{}), make(chan struct{})}
	go g.live(item)
	return g
}

func (g green[T]) live(item *T) {
	defer close(g.ended)
	for {
		select {
		case g.lent <- item:
			<-g.returned
		case <-g.stop:
			return
		}
	}
}

func (g green[T]) borrow() *T { return <-g.lent }
func (g green[T]) giveBack()  { g.returned <- struct{}{} }

// visit has something done with the item.
func (g green[T]) visit(do func(*T)) {
	item := g.borrow()
	defer g.giveBack()
	do(item)
}

func (g green[T]) Close() {
	close(g.stop)
	<-g.ended
}

// greens are items with numbers.
type greens[T any] []green[T]

// visitTwo borrows two items, the lower number first, so that no two visitors wait for each other.
func (all greens[T]) visitTwo(i, j int, do func(a, b *T)) {
	if i == j {
		all[i].visit(func(item *T) { do(item, item) })
		return
	}
	first, second := all[min(i, j)], all[max(i, j)]
	first.visit(func(a *T) {
		second.visit(func(b *T) {
			if i > j {
				a, b = b, a
			}
			do(a, b)
		})
	})
}

// visitAll borrows all items in the order of their numbers.
func (all greens[T]) visitAll(do func(item *T)) {
	for _, g := range all {
		do(g.borrow())
	}
	for _, g := range all {
		g.giveBack()
	}
}

func (all greens[T]) Close() {
	for _, g := range all {
		g.Close()
	}
}

type greenCounter struct{ green[int64] }

func newGreenCounter() greenCounter { return greenCounter{newGreen(new(int64))} }

func (c greenCounter) Add(delta int64) { c.visit(func(n *int64) { *n += delta }) }

func (c greenCounter) Inc() (value int64) {
	c.visit(func(n *int64) { *n++; value = *n })
	return value
}

func (c greenCounter) Value() (value int64) {
	c.visit(func(n *int64) { value = *n })
	return value
}

// A greenBank has a goroutine for each account.
type greenBank struct{ greens[int64] }

func newGreenBank(accounts int, balance int64) Bank {
	seq.AtLeastOne(accounts, "accounts")
	var b greenBank
	for range accounts {
		begin := balance
		b.greens = append(b.greens, newGreen(&begin))
	}
	return b
}

func (b greenBank) Transfer(from, to int, amount int64) (done bool) {
	b.visitTwo(from, to, func(poorer, richer *int64) {
		if done = *poorer >= amount; done {
			*poorer -= amount
			*richer += amount
		}
	})
	return done
}

func (b greenBank) Balance(account int) (balance int64) {
	b.greens[account].visit(func(n *int64) { balance = *n })
	return balance
}

func (b greenBank) Total() (sum int64) {
	b.visitAll(func(n *int64) { sum += *n })
	return sum
}

// A greenBuffer is what microthreads have between them anyway: a channel.
type greenBuffer chan int64

func newGreenBuffer(capacity int) Buffer {
	seq.AtLeastOne(capacity, "places of a buffer")
	return make(greenBuffer, capacity)
}

func (b greenBuffer) Put(ctx context.Context, value int64) error {
	select {
	case b <- value:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b greenBuffer) Take(ctx context.Context) (int64, error) {
	select {
	case value := <-b:
		return value, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (b greenBuffer) Len() int { return len(b) }
func (greenBuffer) Close()     {}

// A greenLine is the resources that are parked, and who waits for one.
type greenLine struct {
	*seq.Pool
	bells bells
}

// A greenPool has a goroutine for the line in which resources are parked.
type greenPool struct{ green[greenLine] }

func newGreenPool(resources int) Pool {
	return greenPool{newGreen(&greenLine{seq.NewPool(resources), bells{}})}
}

func (p greenPool) Acquire(ctx context.Context) (resource int, err error) {
	err = listen(ctx, func(bell chan struct{}, give bool) (found bool) {
		p.visit(func(line *greenLine) {
			if !give {
				resource, found = line.Pool.Acquire()
			}
			line.bells.hang(bell, !found && !give)
		})
		return found
	})
	return resource, err
}

func (p greenPool) Release(resource int) {
	lent := false
	p.visit(func(line *greenLine) {
		lent = line.Pool.Release(resource)
		line.bells.ring()
	})
	if !lent {
		seq.NotAcquired(resource)
	}
}

// A greenPair has a goroutine for each queue.
type greenPair struct{ greens[belledQueue] }

func newGreenPair() greenPair {
	var p greenPair
	for range 2 {
		queue := newBelledQueue()
		p.greens = append(p.greens, newGreen(&queue))
	}
	return p
}

func (p greenPair) Put(queue int, value int64) {
	p.greens[queue].visit(func(q *belledQueue) {
		q.put(value)
	})
}

func (p greenPair) Take(queue int) (value int64, ok bool) {
	p.greens[queue].visit(func(q *belledQueue) { value, ok = q.values.Take() })
	return value, ok
}

func (p greenPair) Move(from int) (value int64, ok bool) {
	p.visitTwo(from, 1-from, func(source, target *belledQueue) {
		if value, ok = source.values.Take(); ok {
			target.put(value)
		}
	})
	return value, ok
}

// TakeAny hangs a bell on both queues if it finds nothing.
func (p greenPair) TakeAny(ctx context.Context) (value int64, err error) {
	err = listen(ctx, func(bell chan struct{}, give bool) (found bool) {
		p.visitTwo(0, 1, func(first, second *belledQueue) { value, found = takeAny(first, second, bell, give) })
		return found
	})
	return value, err
}

func (p greenPair) Lens() (lens [2]int) {
	p.visitTwo(0, 1, func(first, second *belledQueue) { lens = [2]int{first.values.Len(), second.values.Len()} })
	return lens
}

// A greenTable has a goroutine for each fork.
type greenTable struct{ greens[belledFork] }

func newGreenTable(seats int) Table {
	seq.Seats(seats)
	var t greenTable
	for range seats {
		fork := newBelledFork()
		t.greens = append(t.greens, newGreen(&fork))
	}
	return t
}

// PickUp takes both forks, or hangs a bell on both.
func (t greenTable) PickUp(ctx context.Context, seat int) error {
	first, second := seq.Forks(seat, len(t.greens))
	return listen(ctx, func(bell chan struct{}, give bool) (found bool) {
		t.visitTwo(first, second, func(a, b *belledFork) { found = pickUp(a, b, bell, give) })
		return found
	})
}

func (t greenTable) PutDown(seat int) {
	first, second := seq.Forks(seat, len(t.greens))
	t.visitTwo(first, second, func(a, b *belledFork) {
		a.putDown()
		b.putDown()
	})
}

// A greenLatch is a channel that is closed when the latch is opened.
type greenLatch struct {
	opened chan struct{}
	once   *sync.Once
}

func newGreenLatch() Latch { return greenLatch{make(chan struct{}), new(sync.Once)} }

func (l greenLatch) Wait(ctx context.Context) error {
	select {
	case <-l.opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l greenLatch) Open() { l.once.Do(func() { close(l.opened) }) }
func (greenLatch) Close()  {}
