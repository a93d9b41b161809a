package discipline

import (
	"context"
	"runtime"
	"sync"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

var _ = offer(Discipline{
	Name: "pool",
	From: "a pool of workers on one shared queue, as in every server since the 1990s (thread pools; Python's concurrent.futures)",
	Explain: "A fixed number of workers, one a core, take jobs from one queue that all objects' users fill; a job is an operation, and " +
		"its result is sent back to whoever asked. The object itself is behind a lock that only workers take. So the number " +
		"of threads that touch it is bounded, however many want something, and so is what they hold; an operation that has " +
		"to wait is parked with the object and keeps no worker. The price is that of a queue and of a lock together: two " +
		"hand-overs, and workers who wait for each other at the lock. Use it where jobs are long, or use something that is " +
		"scarce (processors, connections), so that too many at once would slow all down. Not to protect small shared data: " +
		"the workers add nothing to the lock that guards it.",
}.remotely(newWorkers))

// workers are the goroutines that carry out the operations of one object.
type workers struct {
	jobs  chan *job
	calls sync.Pool // of *job
	idle  sync.WaitGroup

	mu   sync.Mutex
	desk seq.Desk[chan seq.Reply] // guarded by mu
}

// A job is a call; cancel tells that it is withdrawn.
type job struct {
	seq.Call[chan seq.Reply]
	cancel *seq.Call[chan seq.Reply]
}

func newWorkers(kind seq.Kind) remote {
	w := &workers{jobs: make(chan *job, 64)}
	w.desk = seq.Desk[chan seq.Reply]{Object: seq.Make(kind), Answer: func(to chan seq.Reply, reply seq.Reply) { to <- reply }}
	w.calls.New = func() any {
		j := new(job)
		j.From = make(chan seq.Reply, 1)
		return j
	}
	for range max(2, runtime.GOMAXPROCS(0)) {
		w.idle.Go(w.work)
	}
	return w
}

func (w *workers) work() {
	for j := range w.jobs {
		w.do(j)
	}
}

func (w *workers) do(j *job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if j.cancel != nil {
		w.desk.Cancel(j.cancel)
	} else {
		w.desk.Serve(&j.Call)
	}
}

func (w *workers) ask(r seq.Request) seq.Reply {
	reply, _ := w.await(context.Background(), r)
	return reply
}

func (w *workers) await(ctx context.Context, r seq.Request) (seq.Reply, error) {
	j := w.calls.Get().(*job)
	j.Request = r
	w.jobs <- j
	select {
	case reply := <-j.From:
		w.calls.Put(j)
		return reply, nil
	case <-ctx.Done():
	}
	return w.withdraw(ctx, j)
}

// withdraw asks for a job to be given up. Another worker may have done it, or not have seen it yet.
func (w *workers) withdraw(ctx context.Context, j *job) (seq.Reply, error) {
	w.jobs <- &job{cancel: &j.Call}
	reply := <-j.From
	if reply.Cancelled {
		return reply, ctx.Err()
	}
	return reply, nil
}

// tell waits too: of two jobs sent one after the other, another worker may do the second one first.
func (w *workers) tell(r seq.Request) { w.ask(r) }

func (w *workers) Close() {
	close(w.jobs)
	w.idle.Wait()
}
