package discipline

import (
	"context"
	"sync"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

var _ = offer(Discipline{
	Name: "loop",
	From: "the event model: one thread, callbacks and deferreds (Twisted, 2002; node.js; every user interface)",
	Explain: "One goroutine, the loop, runs callbacks one after the other; only callbacks touch the object, and none of them blocks. An " +
		"operation is a callback that is posted to the loop and a deferred that will have its result; what has to wait leaves " +
		"its deferred unresolved, and another callback resolves it later. So there are no locks, no two things at once, and " +
		"any number of things under way at nearly no cost each. The price is that everything waits for the slowest callback, " +
		"that one core does all the work, and that code is turned inside out, which shows here only in that callers, being " +
		"goroutines, can wait for a deferred. Use it where very much is under way and little happens to each, such as connections " +
		"and timers, or where a library demands it. In Go the scheduler is such a loop already, so that plain goroutines " +
		"do the same and read better.",
}.remotely(newLoop))

// A loop runs what is posted to it in turn. Posting never blocks.
type loop struct {
	desk  seq.Desk[*deferred] // the loop goroutine's alone
	ended chan struct{}

	mu     sync.Mutex
	posted *sync.Cond
	events []func() // guarded by mu
	closed bool     // guarded by mu
}

// A deferred is a result that is not there yet.
type deferred struct {
	reply    seq.Reply // set before resolved is closed
	resolved chan struct{}
}

func newDeferred() *deferred { return &deferred{resolved: make(chan struct{})} }

func (d *deferred) resolve(reply seq.Reply) {
	if d != nil {
		d.reply = reply
		close(d.resolved)
	}
}

// get waits for the result, as those can who are not callbacks.
func (d *deferred) get() seq.Reply {
	<-d.resolved
	return d.reply
}

func newLoop(kind seq.Kind) remote {
	l := &loop{ended: make(chan struct{})}
	l.desk = seq.Desk[*deferred]{Object: seq.Make(kind), Answer: (*deferred).resolve}
	l.posted = sync.NewCond(&l.mu)
	go l.run()
	return l
}

func (l *loop) run() {
	defer close(l.ended)
	var events []func()
	for {
		l.mu.Lock()
		for len(l.events) == 0 && !l.closed {
			l.posted.Wait()
		}
		events, l.events = l.events, events[:0]
		l.mu.Unlock()
		if len(events) == 0 {
			return
		}
		for i, event := range events {
			event()
			events[i] = nil
		}
	}
}

func (l *loop) post(event func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, event)
	l.posted.Signal()
}

// begin posts an operation and returns the deferred of its result.
func (l *loop) begin(r seq.Request) (*seq.Call[*deferred], *deferred) {
	d := newDeferred()
	c := &seq.Call[*deferred]{Request: r, From: d}
	l.post(func() { l.desk.Serve(c) })
	return c, d
}

func (l *loop) ask(r seq.Request) seq.Reply {
	_, d := l.begin(r)
	return d.get()
}

func (l *loop) await(ctx context.Context, r seq.Request) (seq.Reply, error) {
	c, d := l.begin(r)
	select {
	case <-d.resolved:
		return d.reply, nil
	case <-ctx.Done():
	}
	l.post(func() { l.desk.Cancel(c) })
	if reply := d.get(); !reply.Cancelled {
		return reply, nil
	}
	return d.reply, ctx.Err()
}

func (l *loop) tell(r seq.Request) {
	l.post(func() { l.desk.Serve(&seq.Call[*deferred]{Request: r}) })
}

func (l *loop) Close() {
	l.mu.Lock()
	l.closed = true
	l.posted.Signal()
	l.mu.Unlock()
	<-l.ended
}
