package discipline

import (
	"context"
	"sync"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

var _ = offer(Discipline{
	Name: "queue",
	From: "a dedicated thread per resource with a queue of requests (Python's Queue; Hoare's monitors by message; Go's share by communicating)",
	Explain: "Each object belongs to one goroutine, its owner. Whoever wants something of it sends a request through a channel " +
		"and gets the reply through a channel of its own; what needs no reply, such as adding to a counter, is sent and " +
		"forgotten. Nothing is ever locked, a request is served whole before the next one, and what has to wait is put " +
		"aside by the owner without holding anybody up. The price is two hand-overs between goroutines for every " +
		"operation, about 250 ns, and no two operations on one object at the same time, reads included. Use it where " +
		"an operation is large compared with a hand-over, has effects, or where the owner has work of its own to do " +
		"(a connection, a screen). Do not use it for small operations on shared data, which is most of what locks are " +
		"used for, nor where one operation spans the objects of two owners: then it is back to protocols by hand.",
}.remotely(newOwner))

var _ = offer(Discipline{
	Name: "queue-batched",
	From: "the same owner goroutine, which takes all requests that are there in one go (flat combining: Hendler and others, SPAA 2010; actors with a mailbox)",
	Explain: "As in queue each object has an owner goroutine, but requests are appended to a slice under a lock, and the owner " +
		"takes the whole slice at once. Under load one wake-up serves a batch, so that the hand-over is shared by all " +
		"who are in it; without load it costs what queue does. There is no bound to what may pile up, so senders are " +
		"not slowed down by an owner who cannot keep up: measure latency, not only throughput. Use it where many " +
		"goroutines send much to one owner, above all what needs no reply.",
}.remotely(newBatchedOwner))

// An ownedCall is a request to an owner, with the private channel for its reply.
type ownedCall = seq.Call[chan seq.Reply]

// A message to an owner is a call, or that a call is withdrawn.
type message struct {
	call   *ownedCall
	cancel bool
}

// An owner is a goroutine that an object belongs to, seen from outside.
type owner struct {
	send  func(message)
	stop  func() // the owner ends when it has served what was sent before
	ended chan struct{}
	calls sync.Pool // of *ownedCall that have their reply
}

func newOwner(kind seq.Kind) remote {
	requests := make(chan message)
	return startOwner(kind, func(m message) { requests <- m }, func() { close(requests) }, func(serve func(message)) {
		for m := range requests {
			serve(m)
		}
	})
}

func newBatchedOwner(kind seq.Kind) remote {
	b := &mailbox{filled: make(chan struct{}, 1)}
	return startOwner(kind, b.send, b.close, b.drain)
}

// startOwner starts the goroutine, which works through all messages until there are no more.
func startOwner(kind seq.Kind, send func(message), stop func(), work func(serve func(message))) remote {
	o := &owner{send: send, stop: stop, ended: make(chan struct{})}
	o.calls.New = func() any { return &ownedCall{From: make(chan seq.Reply, 1)} }
	desk := &seq.Desk[chan seq.Reply]{Object: seq.Make(kind), Answer: func(to chan seq.Reply, reply seq.Reply) {
		if to != nil {
			to <- reply
		}
	}}
	go func() {
		defer close(o.ended)
		work(func(m message) {
			if m.cancel {
				desk.Cancel(m.call)
			} else {
				desk.Serve(m.call)
			}
		})
	}()
	return o
}

func (o *owner) newCall(r seq.Request) *ownedCall {
	c := o.calls.Get().(*ownedCall)
	c.Request = r
	return c
}

func (o *owner) ask(r seq.Request) seq.Reply {
	c := o.newCall(r)
	o.send(message{call: c})
	reply := <-c.From
	o.calls.Put(c)
	return reply
}

func (o *owner) await(ctx context.Context, r seq.Request) (seq.Reply, error) {
	c := o.newCall(r)
	o.send(message{call: c})
	select {
	case reply := <-c.From:
		o.calls.Put(c)
		return reply, nil
	case <-ctx.Done():
	}
	o.send(message{call: c, cancel: true})
	reply := <-c.From // it may have been served already
	if reply.Cancelled {
		return reply, ctx.Err()
	}
	return reply, nil
}

func (o *owner) tell(r seq.Request) { o.send(message{call: &ownedCall{Request: r}}) }

func (o *owner) Close() {
	o.stop()
	<-o.ended
}

// A mailbox is an unbounded queue of messages, which is emptied in one go.
type mailbox struct {
	mu       sync.Mutex
	messages []message // guarded by mu
	closed   bool      // guarded by mu
	filled   chan struct{}
}

func (b *mailbox) send(m message) {
	b.mu.Lock()
	b.messages = append(b.messages, m)
	first := len(b.messages) == 1
	b.mu.Unlock()
	if first {
		b.ring()
	}
}

func (b *mailbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.ring()
}

// ring tells the owner that there is something. If that has been said already it need not be again.
func (b *mailbox) ring() {
	select {
	case b.filled <- struct{}{}:
	default:
	}
}

// drain serves batch after batch. The slice that was served is filled again meanwhile.
func (b *mailbox) drain(serve func(message)) {
	var batch []message
	for closed := false; !closed; {
		<-b.filled
		b.mu.Lock()
		batch, b.messages = b.messages, batch[:0]
		closed = b.closed
		b.mu.Unlock()
		for i := range batch {
			serve(batch[i])
			batch[i] = message{}
		}
	}
}
