package discipline

import (
	"context"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

// A remote is how requests get to an object that lives elsewhere, and replies come back.
type remote interface {
	ask(seq.Request) seq.Reply                             // of an operation that need not wait
	await(context.Context, seq.Request) (seq.Reply, error) // of one that may have to
	tell(seq.Request)                                      // without a reply, and without waiting for one
	Close()
}

// remotely returns a discipline with every object that it keeps elsewhere, given how to keep one there.
func (d Discipline) remotely(keep func(seq.Kind) remote) Discipline {
	d.Counter = func() Counter { return remoteCounter{keep(seq.Kind{Of: "Counter"})} }
	d.Bank = func(accounts int, balance int64) Bank {
		seq.AtLeastOne(accounts, "accounts")
		return remoteBank{keep(seq.Kind{Of: "Bank", Size: accounts, Balance: balance}), accounts}
	}
	d.Cache = func(capacity int) Cache {
		seq.AtLeastOne(capacity, "entries of a cache")
		return remoteCache{keep(seq.Kind{Of: "Cache", Size: capacity})}
	}
	d.Buffer = func(capacity int) Buffer {
		seq.AtLeastOne(capacity, "places of a buffer")
		return remoteBuffer{keep(seq.Kind{Of: "Buffer", Size: capacity})}
	}
	d.Pool = func(resources int) Pool {
		seq.AtLeastOne(resources, "resources")
		return remotePool{keep(seq.Kind{Of: "Pool", Size: resources})}
	}
	d.Pair = func() Pair { return remotePair{keep(seq.Kind{Of: "Pair"})} }
	d.Table = func(seats int) Table {
		seq.Seats(seats)
		return remoteTable{keep(seq.Kind{Of: "Table", Size: seats}), seats}
	}
	d.Index = func() Index { return remoteIndex{keep(seq.Kind{Of: "Index"})} }
	d.Latch = func() Latch { return remoteLatch{keep(seq.Kind{Of: "Latch"})} }
	d.Memory = func(words int) Memory {
		seq.AtLeastOne(words, "words")
		return remoteMemory{keep(seq.Kind{Of: "Memory", Size: words})}
	}
	return d
}

type remoteCounter struct{ remote }

func (c remoteCounter) Add(delta int64) { c.tell(seq.Request{Op: seq.Add, A: delta}) }
func (c remoteCounter) Inc() int64      { return c.ask(seq.Request{Op: seq.Inc}).N }
func (c remoteCounter) Value() int64    { return c.ask(seq.Request{Op: seq.Value}).N }

type remoteBank struct {
	remote
	accounts int
}

func (b remoteBank) Transfer(from, to int, amount int64) bool {
	seq.Within(from, b.accounts, "account")
	seq.Within(to, b.accounts, "account")
	return b.ask(seq.Request{Op: seq.Transfer, A: int64(from), B: int64(to), C: amount}).OK
}

func (b remoteBank) Balance(account int) int64 {
	seq.Within(account, b.accounts, "account")
	return b.ask(seq.Request{Op: seq.Balance, A: int64(account)}).N
}

func (b remoteBank) Total() int64 { return b.ask(seq.Request{Op: seq.Total}).N }

type remoteCache struct{ remote }

func (c remoteCache) Get(key int) (int64, bool) {
	reply := c.ask(seq.Request{Op: seq.Get, A: int64(key)})
	return reply.N, reply.OK
}

func (c remoteCache) Put(key int, value int64) {
	c.ask(seq.Request{Op: seq.Put, A: int64(key), B: value})
}

func (c remoteCache) Len() int { return int(c.ask(seq.Request{Op: seq.Len}).N) }

type remoteBuffer struct{ remote }

func (b remoteBuffer) Put(ctx context.Context, value int64) error {
	_, err := b.await(ctx, seq.Request{Op: seq.Put, A: value})
	return err
}

func (b remoteBuffer) Take(ctx context.Context) (int64, error) {
	reply, err := b.await(ctx, seq.Request{Op: seq.Take})
	return reply.N, err
}

func (b remoteBuffer) Len() int { return int(b.ask(seq.Request{Op: seq.Len}).N) }

type remotePool struct{ remote }

func (p remotePool) Acquire(ctx context.Context) (int, error) {
	reply, err := p.await(ctx, seq.Request{Op: seq.Acquire})
	return int(reply.N), err
}

func (p remotePool) Release(resource int) {
	if !p.ask(seq.Request{Op: seq.Release, A: int64(resource)}).OK {
		seq.NotAcquired(resource)
	}
}

type remotePair struct{ remote }

func (p remotePair) Put(queue int, value int64) {
	seq.Within(queue, 2, "queue")
	p.ask(seq.Request{Op: seq.Put, A: int64(queue), B: value})
}

func (p remotePair) Take(queue int) (int64, bool) {
	seq.Within(queue, 2, "queue")
	reply := p.ask(seq.Request{Op: seq.Take, A: int64(queue)})
	return reply.N, reply.OK
}

func (p remotePair) Move(from int) (int64, bool) {
	seq.Within(from, 2, "queue")
	reply := p.ask(seq.Request{Op: seq.Move, A: int64(from)})
	return reply.N, reply.OK
}

func (p remotePair) TakeAny(ctx context.Context) (int64, error) {
	reply, err := p.await(ctx, seq.Request{Op: seq.TakeAny})
	return reply.N, err
}

func (p remotePair) Lens() [2]int {
	reply := p.ask(seq.Request{Op: seq.Len})
	return [2]int{int(reply.N), int(reply.M)}
}

type remoteTable struct {
	remote
	seats int
}

func (t remoteTable) PickUp(ctx context.Context, seat int) error {
	seq.Within(seat, t.seats, "seat")
	_, err := t.await(ctx, seq.Request{Op: seq.PickUp, A: int64(seat)})
	return err
}

func (t remoteTable) PutDown(seat int) {
	seq.Within(seat, t.seats, "seat")
	t.ask(seq.Request{Op: seq.PutDown, A: int64(seat)})
}

type remoteIndex struct{ remote }

func (x remoteIndex) Put(key, value int64) { x.ask(seq.Request{Op: seq.Put, A: key, B: value}) }

func (x remoteIndex) Get(key int64) (int64, bool) {
	reply := x.ask(seq.Request{Op: seq.Get, A: key})
	return reply.N, reply.OK
}

func (x remoteIndex) Delete(key int64) bool {
	return x.ask(seq.Request{Op: seq.Delete, A: key}).OK
}

func (x remoteIndex) Scan(from, to int64) (int, int64) {
	reply := x.ask(seq.Request{Op: seq.Scan, A: from, B: to})
	return int(reply.N), reply.M
}

type remoteLatch struct{ remote }

func (l remoteLatch) Open() { l.ask(seq.Request{Op: seq.Open}) }

func (l remoteLatch) Wait(ctx context.Context) error {
	_, err := l.await(ctx, seq.Request{Op: seq.Wait})
	return err
}

type remoteMemory struct{ remote }

func (m remoteMemory) Update(fn func(Words)) {
	m.ask(seq.Request{Op: seq.Run, Fn: func(words seq.Memory) { fn(words) }})
}

func (m remoteMemory) View(fn func(Words)) { m.Update(fn) }
