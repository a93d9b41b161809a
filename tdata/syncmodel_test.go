package tdata_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/proptest"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// syncCommand is a word and a number.
type syncCommand struct {
	word string
	n    int
}

func (c syncCommand) String() string { return fmt.Sprintf("%s(%d)", c.word, c.n) }

// draw makes a generator of commands with numbers below n.
func draw(n int, words ...string) func(*rand.Rand) syncCommand {
	return func(r *rand.Rand) syncCommand { return syncCommand{words[r.Intn(len(words))], r.Intn(n)} }
}

// checkSync checks an object that is used in transactions, which others can come between before they commit.
func checkSync[S any](t *testing.T, spec proptest.Spec[S, syncCommand, queueResult],
	make func(o *stm.Owner) func(tx *stm.Tx, c syncCommand) queueResult) {
	t.Helper()
	programs := 25
	if testing.Short() {
		programs = 10
	}
	impl := proptest.Impl[syncCommand, queueResult]{Name: "in transactions", New: func(env *proptest.Env) func(syncCommand) queueResult {
		o := stm.NewOwner()
		execute := make(o)
		return func(c syncCommand) (r queueResult) {
			env.Yield("begin")
			_ = o.Atomically(env.Context(), func(tx *stm.Tx) error {
				r = execute(tx, c)
				env.Yield("commit")
				return nil
			})
			return r
		}
	}}
	report := proptest.Check(t, spec, []proptest.Impl[syncCommand, queueResult]{impl}, proptest.WithPrograms(programs),
		proptest.WithSchedulers(proptest.Exhaustive(2, 100), proptest.PCT(3, 30), proptest.Stress(3)))
	t.Log(report)
}

// A semaphore of three permits; the state is how many are free.
func TestSemaphoresAreTheirModel(t *testing.T) {
	const size = 3
	spec := proptest.Spec[int, syncCommand, queueResult]{
		Name:   "semaphore",
		Init:   size,
		Gen:    proptest.Commands(draw(size+1, "acquire", "acquire", "tryAcquire", "release", "free")),
		Pre:    func(free int, c syncCommand) bool { return c.word != "release" || free+c.n <= size },
		Blocks: func(free int, c syncCommand) bool { return c.word == "acquire" && free < c.n },
		Step: func(free int, c syncCommand) (int, queueResult) {
			switch c.word {
			case "acquire":
				return free - c.n, queueResult{}
			case "tryAcquire":
				if free < c.n {
					return free, queueResult{}
				}
				return free - c.n, queueResult{ok: true}
			case "release":
				return free + c.n, queueResult{}
			}
			return free, queueResult{value: free}
		},
	}
	type semaphore interface {
		Acquire(*stm.Tx, int64)
		TryAcquire(*stm.Tx, int64) bool
		Release(*stm.Tx, int64)
		Free(*stm.Tx) int64
	}
	for name, make := range map[string]func(*stm.Owner) semaphore{
		"Semaphore":     func(o *stm.Owner) semaphore { return tdata.NewSemaphore(size, tdata.In(o)) },
		"FairSemaphore": func(o *stm.Owner) semaphore { return tdata.NewFairSemaphore(size, tdata.In(o)) },
	} {
		t.Run(name, func(t *testing.T) {
			checkSync(t, spec, func(o *stm.Owner) func(*stm.Tx, syncCommand) queueResult {
				s := make(o)
				return func(tx *stm.Tx, c syncCommand) (r queueResult) {
					switch c.word {
					case "acquire":
						s.Acquire(tx, int64(c.n))
					case "tryAcquire":
						r.ok = s.TryAcquire(tx, int64(c.n))
					case "release":
						s.Release(tx, int64(c.n))
					default:
						r.value = int(s.Free(tx))
					}
					return r
				}
			})
		})
	}
}

// The state of a lock is how many read, or -1 for a writer.
func TestRWLockIsItsModel(t *testing.T) {
	spec := proptest.Spec[int, syncCommand, queueResult]{
		Name: "lock",
		Gen:  proptest.Commands(draw(1, "lock", "unlock", "rlock", "runlock", "tryLock", "tryRLock")),
		Pre: func(held int, c syncCommand) bool {
			return (c.word != "unlock" || held < 0) && (c.word != "runlock" || held > 0)
		},
		Blocks: func(held int, c syncCommand) bool {
			return c.word == "lock" && held != 0 || c.word == "rlock" && held < 0
		},
		Step: func(held int, c syncCommand) (int, queueResult) {
			switch c.word {
			case "lock":
				return -1, queueResult{}
			case "unlock":
				return 0, queueResult{}
			case "rlock":
				return held + 1, queueResult{}
			case "runlock":
				return held - 1, queueResult{}
			case "tryLock":
				if held != 0 {
					return held, queueResult{}
				}
				return -1, queueResult{ok: true}
			}
			if held < 0 {
				return held, queueResult{}
			}
			return held + 1, queueResult{ok: true}
		},
	}
	checkSync(t, spec, func(o *stm.Owner) func(*stm.Tx, syncCommand) queueResult {
		l := tdata.NewRWLock(tdata.In(o))
		return func(tx *stm.Tx, c syncCommand) (r queueResult) {
			switch c.word {
			case "lock":
				l.Lock(tx)
			case "unlock":
				l.Unlock(tx)
			case "rlock":
				l.RLock(tx)
			case "runlock":
				l.RUnlock(tx)
			case "tryLock":
				r.ok = l.TryLock(tx)
			default:
				r.ok = l.TryRLock(tx)
			}
			return r
		}
	})
}

func TestLatchIsItsModel(t *testing.T) {
	spec := proptest.Spec[int, syncCommand, queueResult]{
		Name:   "latch",
		Init:   3,
		Gen:    proptest.Commands(draw(1, "countDown", "countDown", "wait", "open", "left")),
		Pre:    func(left int, c syncCommand) bool { return c.word != "countDown" || left > 0 },
		Blocks: func(left int, c syncCommand) bool { return c.word == "wait" && left > 0 },
		Step: func(left int, c syncCommand) (int, queueResult) {
			switch c.word {
			case "countDown":
				return left - 1, queueResult{}
			case "open":
				return left, queueResult{ok: left == 0}
			case "left":
				return left, queueResult{value: left}
			}
			return left, queueResult{}
		},
	}
	checkSync(t, spec, func(o *stm.Owner) func(*stm.Tx, syncCommand) queueResult {
		l := tdata.NewLatch(3, tdata.In(o))
		return func(tx *stm.Tx, c syncCommand) (r queueResult) {
			switch c.word {
			case "countDown":
				l.CountDown(tx)
			case "wait":
				l.Wait(tx)
			case "open":
				r.ok = l.Open(tx)
			default:
				r.value = l.Left(tx)
			}
			return r
		}
	})
}

// barrierState is a barrier and two arrivals at it. Others may have been forgotten: they still count.
type barrierState struct {
	arrived  int // in this phase
	arrivals [2]arrivalState
}

// An arrival that is not over is of this phase.
type arrivalState struct{ over, left bool }

// The number of a command is that of an arrival. Await is no command, since it is two transactions: arrive and wait.
func TestBarrierIsItsModel(t *testing.T) {
	const parties = 3
	spec := proptest.Spec[barrierState, syncCommand, queueResult]{
		Name:   "barrier",
		Init:   barrierState{arrived: 2},
		Gen:    proptest.Commands(draw(2, "arrive", "arrive", "arrive", "wait", "over", "leave", "arrived")),
		Blocks: func(s barrierState, c syncCommand) bool { return c.word == "wait" && !s.arrivals[c.n].over },
		Step: func(s barrierState, c syncCommand) (barrierState, queueResult) {
			mine := &s.arrivals[c.n]
			switch c.word {
			case "arrive":
				*mine = arrivalState{}
				if s.arrived++; s.arrived == parties {
					s = barrierState{arrivals: [2]arrivalState{{over: true}, {over: true}}}
				}
			case "over":
				return s, queueResult{ok: mine.over}
			case "leave":
				if mine.over || mine.left {
					return s, queueResult{}
				}
				s.arrived--
				mine.left = true
				return s, queueResult{ok: true}
			case "arrived":
				return s, queueResult{value: s.arrived}
			}
			return s, queueResult{}
		},
	}
	checkSync(t, spec, func(o *stm.Owner) func(*stm.Tx, syncCommand) queueResult {
		b := tdata.NewBarrier(parties, tdata.In(o))
		var arrivals [2]tvar.TVar[*tdata.Arrival]
		for i := range arrivals {
			inTx(o, func(tx *stm.Tx) { arrivals[i].Init(b.Arrive(tx), tvar.In(o)) })
		}
		return func(tx *stm.Tx, c syncCommand) (r queueResult) {
			switch mine := arrivals[c.n].Get(tx); c.word {
			case "arrive":
				arrivals[c.n].Set(tx, b.Arrive(tx))
			case "wait":
				mine.Wait(tx)
			case "over":
				r.ok = mine.Over(tx)
			case "leave":
				r.ok = mine.Leave(tx)
			default:
				r.value = b.Arrived(tx)
			}
			return r
		}
	})
}

var errRejected = errors.New("rejected")

func TestPromiseIsItsModel(t *testing.T) {
	spec := proptest.Spec[*queueResult, syncCommand, queueResult]{
		Name:   "promise",
		Gen:    proptest.Commands(draw(3, "resolve", "reject", "get", "tryGet")),
		Blocks: func(r *queueResult, c syncCommand) bool { return c.word == "get" && r == nil },
		Step: func(r *queueResult, c syncCommand) (*queueResult, queueResult) {
			switch {
			case c.word == "tryGet" && r == nil:
				return nil, queueResult{}
			case c.word == "get", c.word == "tryGet":
				return r, *r
			case r != nil:
				return r, queueResult{err: tdata.ErrSettled}
			case c.word == "reject":
				return &queueResult{ok: true, err: errRejected}, queueResult{}
			}
			return &queueResult{value: c.n, ok: true}, queueResult{}
		},
	}
	checkSync(t, spec, func(o *stm.Owner) func(*stm.Tx, syncCommand) queueResult {
		p := tdata.NewPromise[int](tdata.In(o))
		return func(tx *stm.Tx, c syncCommand) (r queueResult) {
			switch c.word {
			case "resolve":
				r.err = p.Resolve(tx, c.n)
			case "reject":
				r.err = p.Reject(tx, errRejected)
			case "get":
				r.value, r.err = p.Get(tx)
				r.ok = true
			default:
				r.value, r.err, r.ok = p.TryGet(tx)
			}
			return r
		}
	})
}

// topicState is a topic with two subscriptions.
type topicState struct {
	closed  bool
	pending [2][]int
	ended   [2]bool
}

// The number of a command is the subscription's, or what is published.
func TestTopicIsItsModel(t *testing.T) {
	words := []string{"publish", "publish", "publish", "take", "take", "tryTake", "untake", "len", "skip", "subscribe", "end", "close"}
	spec := proptest.Spec[topicState, syncCommand, queueResult]{
		Name: "topic",
		Gen:  proptest.Commands(draw(2, words...)),
		Blocks: func(s topicState, c syncCommand) bool {
			return c.word == "take" && len(s.pending[c.n]) == 0 && !s.ended[c.n] && !s.closed
		},
		Step: stepTopic,
	}
	checkSync(t, spec, func(o *stm.Owner) func(*stm.Tx, syncCommand) queueResult {
		topic := tdata.NewTopic[int](tdata.In(o))
		var subscriptions [2]*tvar.TVar[*tdata.Subscription[int]]
		for i := range subscriptions {
			subscriptions[i] = tvar.New(topic.Follow(), tvar.In(o))
		}
		return func(tx *stm.Tx, c syncCommand) (r queueResult) {
			s := subscriptions[c.n].Get(tx)
			switch c.word {
			case "publish":
				r.err = topic.Publish(tx, c.n)
			case "take":
				r.value, r.err = s.Take(tx)
				r.ok = r.err == nil
			case "tryTake":
				r.value, r.ok = s.TryTake(tx)
			case "untake":
				s.Untake(tx, 7)
			case "len":
				r.value = s.Len(tx)
			case "skip":
				s.Skip(tx)
			case "subscribe":
				subscriptions[c.n].Set(tx, topic.Subscribe(tx))
			case "end":
				s.Close(tx)
			default:
				topic.Close(tx)
			}
			return r
		}
	})
}

func stepTopic(s topicState, c syncCommand) (topicState, queueResult) {
	pending := &s.pending[c.n]
	switch c.word {
	case "publish":
		if s.closed {
			return s, queueResult{err: tdata.ErrClosed}
		}
		for i := range s.pending {
			if !s.ended[i] {
				s.pending[i] = append(slices.Clone(s.pending[i]), c.n)
			}
		}
	case "take", "tryTake":
		if len(*pending) == 0 {
			if c.word == "take" {
				return s, queueResult{err: tdata.ErrClosed}
			}
			return s, queueResult{}
		}
		first := (*pending)[0]
		*pending = slices.Clone((*pending)[1:])
		return s, queueResult{value: first, ok: true}
	case "untake":
		if !s.ended[c.n] {
			*pending = append([]int{7}, *pending...)
		}
	case "len":
		return s, queueResult{value: len(*pending)}
	case "skip":
		*pending = nil
	case "subscribe":
		*pending, s.ended[c.n] = nil, false
	case "end":
		*pending, s.ended[c.n] = nil, true
	default:
		s.closed = true
	}
	return s, queueResult{}
}
