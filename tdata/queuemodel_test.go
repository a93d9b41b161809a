package tdata_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/proptest"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// aQueue is what the queues have in common.
type aQueue interface {
	Put(*stm.Tx, int) error
	Take(*stm.Tx) (int, error)
	TryTake(*stm.Tx) (int, bool)
	Peek(*stm.Tx) (int, error)
	Untake(*stm.Tx, int)
	Close(*stm.Tx)
	Closed(*stm.Tx) bool
	Len(*stm.Tx) int
	Clear(*stm.Tx)
	Send(context.Context, int) error
	Receive(context.Context) (int, error)
	TryReceive() (int, bool)
	Shut()
	Purge()
	Size() int
	Snapshot() []int
	MarshalJSON() ([]byte, error)
}

// A queueKind is one of the queues, and what its model has to know.
type queueKind struct {
	name     string
	make     func(...tdata.Option) aQueue
	capacity int // 0: no bound
	sorted   bool
}

var queueKinds = []queueKind{
	{name: "Queue", make: func(o ...tdata.Option) aQueue { return tdata.NewQueue[int](o...) }},
	{name: "BoundedQueue", make: func(o ...tdata.Option) aQueue { return tdata.NewBoundedQueue[int](2, o...) }, capacity: 2},
	{name: "PriorityQueue", make: func(o ...tdata.Option) aQueue { return tdata.NewPriorityQueue(cmp.Compare[int], o...) }, sorted: true},
}

// queueCommand is one of the words, with a value where that makes sense.
type queueCommand struct {
	word  string
	value int
}

func (c queueCommand) String() string {
	if c.word == "put" || c.word == "untake" {
		return fmt.Sprintf("%s(%d)", c.word, c.value)
	}
	return c.word + "()"
}

type queueResult struct {
	value int
	ok    bool
	err   error
}

type queueState struct {
	values []int
	closed bool
	extra  int // how many were put back on top of the first, and need no room; of a bounded queue
}

// queueSpec is what a queue does.
func queueSpec(k queueKind) proptest.Spec[queueState, queueCommand, queueResult] {
	words := []string{"put", "put", "put", "take", "take", "tryTake", "peek", "untake", "close", "closed", "len", "clear"}
	full := func(s queueState) bool { return k.capacity > 0 && len(s.values)-s.extra >= k.capacity }
	return proptest.Spec[queueState, queueCommand, queueResult]{
		Name: k.name,
		Gen: proptest.Commands(func(r *rand.Rand) queueCommand {
			return queueCommand{words[r.Intn(len(words))], r.Intn(4)}
		}),
		Blocks: func(s queueState, c queueCommand) bool {
			switch c.word {
			case "put":
				return full(s) && !s.closed
			case "take", "peek":
				return len(s.values) == 0 && !s.closed
			}
			return false
		},
		Step: func(s queueState, c queueCommand) (queueState, queueResult) {
			return stepQueue(k, s, c)
		},
		Equal: func(a, b queueState) bool {
			return a.closed == b.closed && a.extra == b.extra && slices.Equal(a.values, b.values)
		},
	}
}

func stepQueue(k queueKind, s queueState, c queueCommand) (queueState, queueResult) {
	switch c.word {
	case "put":
		if s.closed {
			return s, queueResult{err: tdata.ErrClosed}
		}
		at := len(s.values)
		for k.sorted && at > 0 && s.values[at-1] > c.value {
			at--
		}
		s.values = slices.Insert(slices.Clone(s.values), at, c.value)
		return s, queueResult{}
	case "untake":
		at := 0
		for k.sorted && at < len(s.values) && s.values[at] < c.value {
			at++
		}
		if k.capacity > 0 && len(s.values) > 0 {
			s.extra++
		}
		s.values = slices.Insert(slices.Clone(s.values), at, c.value)
		return s, queueResult{}
	case "take", "tryTake", "peek":
		if len(s.values) == 0 {
			if c.word == "tryTake" {
				return s, queueResult{}
			}
			return s, queueResult{err: tdata.ErrClosed}
		}
		first := queueResult{value: s.values[0], ok: true}
		if c.word == "peek" {
			return s, first
		}
		s.values, s.extra = s.values[1:], max(s.extra-1, 0)
		return s, first
	case "close":
		s.closed = true
		return s, queueResult{}
	case "closed":
		return s, queueResult{ok: s.closed}
	case "len":
		return s, queueResult{value: len(s.values)}
	default:
		return queueState{closed: s.closed}, queueResult{}
	}
}

// within executes a command in a transaction.
func within(tx *stm.Tx, q aQueue, c queueCommand) (r queueResult) {
	switch c.word {
	case "put":
		r.err = q.Put(tx, c.value)
	case "untake":
		q.Untake(tx, c.value)
	case "take":
		r.value, r.err = q.Take(tx)
		r.ok = r.err == nil
	case "peek":
		r.value, r.err = q.Peek(tx)
		r.ok = r.err == nil
	case "tryTake":
		r.value, r.ok = q.TryTake(tx)
	case "close":
		q.Close(tx)
	case "closed":
		r.ok = q.Closed(tx)
	case "len":
		r.value = q.Len(tx)
	case "clear":
		q.Clear(tx)
	}
	return r
}

// byItself executes a command as a transaction of its own, where there is one.
func byItself(ctx context.Context, q aQueue, c queueCommand) (r queueResult, ok bool) {
	switch c.word {
	case "put":
		r.err = q.Send(ctx, c.value)
	case "take":
		r.value, r.err = q.Receive(ctx)
		r.ok = r.err == nil
	case "tryTake":
		r.value, r.ok = q.TryReceive()
	case "close":
		q.Shut()
	case "clear":
		q.Purge()
	case "len":
		r.value = q.Size()
	default:
		return r, false
	}
	return r, true
}

// queueImpls are the ways to use a queue: in transactions, which others can come between before they commit; by the
// operations that are transactions of their own; and as it comes.
func queueImpls(k queueKind) []proptest.Impl[queueCommand, queueResult] {
	impl := func(name string, alone func(queueCommand) bool) proptest.Impl[queueCommand, queueResult] {
		return proptest.Impl[queueCommand, queueResult]{Name: name, New: func(env *proptest.Env) func(queueCommand) queueResult {
			o := stm.NewOwner()
			q := k.make(tdata.In(o))
			return func(c queueCommand) (r queueResult) {
				env.Yield("begin")
				if alone(c) {
					if r, ok := byItself(env.Context(), q, c); ok {
						return r
					}
				}
				_ = o.Atomically(env.Context(), func(tx *stm.Tx) error {
					r = within(tx, q, c)
					env.Yield("commit")
					return nil
				})
				return r
			}
		}}
	}
	return []proptest.Impl[queueCommand, queueResult]{
		impl("in transactions", func(queueCommand) bool { return false }),
		impl("by themselves", func(queueCommand) bool { return true }),
		impl("mixed", func(c queueCommand) bool { return c.value%2 == 0 }),
	}
}

func TestQueuesAreTheirModels(t *testing.T) {
	programs := 25
	if testing.Short() {
		programs = 10
	}
	for _, k := range queueKinds {
		t.Run(k.name, func(t *testing.T) {
			report := proptest.Check(t, queueSpec(k), queueImpls(k), proptest.WithPrograms(programs),
				proptest.WithSchedulers(proptest.Exhaustive(2, 100), proptest.PCT(3, 30), proptest.Stress(3)))
			t.Log(report)
		})
	}
}
