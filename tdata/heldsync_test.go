package tdata_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// heldVars is a structure whose model is a number of variables, each of which is a part. The parts that begin with a name that is
// not in the state yet are made when they are first set.
type heldVars struct {
	first map[string]int
	draw  func(rnd *rand.Rand, s map[string]int, id int) heldOp
	see   func(tx *stm.Tx) string // what of shows says
	shows func(s map[string]int) string
}

func (v *heldVars) begin() any             { return v.first }
func (v *heldVars) show(s any) string      { return v.shows(s.(map[string]int)) }
func (v *heldVars) look(tx *stm.Tx) string { return v.see(tx) }
func (v *heldVars) op(rnd *rand.Rand, s any, id int) heldOp {
	return v.draw(rnd, s.(map[string]int), id)
}

// vars makes an operation of one on variables: fn returns its result and what it sets, and has read what it names.
func vars(text string, do func(*stm.Tx) string, alone func() string,
	fn func(s map[string]int) (want string, set map[string]int), reads ...string) heldOp {
	return heldOp{text: text, do: do, alone: alone, spec: func(state any, _ string) heldDeed {
		want, set := fn(state.(map[string]int))
		d := heldDeed{want: want, relies: reads}
		if len(set) == 0 {
			return d
		}
		d.changes = slices.Collect(maps.Keys(set))
		d.effect = func(state any) any {
			now := maps.Clone(state.(map[string]int))
			maps.Copy(now, set)
			return now
		}
		return d
	}}
}

// wait is an operation that waits until a variable has a value, or tells that it would.
func wait(text string, do func(*stm.Tx), is func(s map[string]int) bool, reads ...string) heldOp {
	return vars(text, func(tx *stm.Tx) string {
		return orBlocked(tx, func(tx *stm.Tx) string { do(tx); return "on" })
	}, nil, func(s map[string]int) (string, map[string]int) {
		if is(s) {
			return "on", nil
		}
		return "blocked", nil
	}, reads...)
}

func heldCounter(o *stm.Owner) heldStructure {
	c := tdata.NewCounter(tdata.In(o))
	return &heldVars{
		first: map[string]int{},
		see:   func(tx *stm.Tx) string { return fmt.Sprint(c.Get(tx)) },
		shows: func(s map[string]int) string { return fmt.Sprint(s["n"]) },
		draw: func(rnd *rand.Rand, _ map[string]int, _ int) heldOp {
			n := rnd.IntN(9) - 4
			add := func(by func(now int) int, relies ...string) func(any, string) heldDeed {
				return func(state any, _ string) heldDeed {
					delta := by(state.(map[string]int)["n"])
					return heldDeed{relies: relies, adds: []string{"n"}, effect: func(state any) any {
						now := state.(map[string]int)
						return with(now, "n", now["n"]+delta)
					}}
				}
			}
			switch rnd.IntN(6) {
			case 0:
				return heldOp{text: fmt.Sprintf("Counter.Set(%d)", n),
					do:   func(tx *stm.Tx) string { c.Set(tx, int64(n)); return "" },
					spec: add(func(now int) int { return n - now }, "n")}
			case 1:
				return heldOp{text: "Counter.Get()",
					do:    func(tx *stm.Tx) string { return fmt.Sprint(c.Get(tx)) },
					alone: func() string { return fmt.Sprint(c.Load()) },
					spec: func(s any, _ string) heldDeed {
						return heldDeed{want: fmt.Sprint(s.(map[string]int)["n"]), relies: []string{"n"}}
					}}
			}
			return heldOp{text: fmt.Sprintf("Counter.Add(%d)", n),
				do:    func(tx *stm.Tx) string { c.Add(tx, int64(n)); return "" },
				alone: func() string { c.Increase(int64(n)); return "" },
				spec:  add(func(int) int { return n })}
		},
	}
}

func heldSemaphore(o *stm.Owner) heldStructure {
	const size = 4
	s := tdata.NewSemaphore(size, tdata.In(o))
	var release [size + 1]func() // of what was acquired alone, used once each
	return &heldVars{
		first: map[string]int{"free": size},
		see:   func(tx *stm.Tx) string { return fmt.Sprint(s.Free(tx)) },
		shows: func(s map[string]int) string { return fmt.Sprint(s["free"]) },
		draw: func(rnd *rand.Rand, now map[string]int, _ int) heldOp {
			n := rnd.IntN(size)
			switch rnd.IntN(4) {
			case 0:
				return vars("Semaphore.Free()", func(tx *stm.Tx) string { return fmt.Sprint(s.Free(tx)) }, nil,
					func(s map[string]int) (string, map[string]int) { return fmt.Sprint(s["free"]), nil }, "free")
			case 1, 2:
				return vars(fmt.Sprintf("Semaphore.TryAcquire(%d)", n),
					func(tx *stm.Tx) string {
						return orBlocked(tx, func(tx *stm.Tx) string { s.Acquire(tx, int64(n)); return "true" })
					},
					func() string {
						fn, ok := s.TryHold(int64(n))
						if !ok {
							return "blocked"
						}
						release[n] = fn
						return "true"
					},
					func(s map[string]int) (string, map[string]int) {
						if s["free"] < n {
							return "blocked", nil
						}
						return "true", map[string]int{"free": s["free"] - n}
					}, "free")
			}
			n = rnd.IntN(size - now["free"] + 1)
			op := vars(fmt.Sprintf("Semaphore.Release(%d)", n),
				func(tx *stm.Tx) string { s.Release(tx, int64(n)); return "" }, nil,
				func(s map[string]int) (string, map[string]int) {
					if n > size-s["free"] {
						return "panic", nil
					}
					return "", map[string]int{"free": s["free"] + n}
				}, "free")
			if fn := release[n]; fn != nil {
				op.alone = func() string { release[n] = nil; fn(); return "" }
			}
			return op
		},
	}
}

func heldLatch(o *stm.Owner) heldStructure {
	const times = 12
	l := tdata.NewLatch(times, tdata.In(o))
	open := func(s map[string]int) bool { return s["shut"] == 0 }
	return &heldVars{
		first: map[string]int{"left": times, "shut": 1},
		see:   func(tx *stm.Tx) string { return fmt.Sprint(l.Left(tx), l.Open(tx)) },
		shows: func(s map[string]int) string { return fmt.Sprint(s["left"], open(s)) },
		draw: func(rnd *rand.Rand, now map[string]int, _ int) heldOp {
			switch n := rnd.IntN(4); {
			case n == 0:
				return vars("Latch.Left()", func(tx *stm.Tx) string { return fmt.Sprint(l.Left(tx)) }, nil,
					func(s map[string]int) (string, map[string]int) { return fmt.Sprint(s["left"]), nil }, "left")
			case n == 1 || now["left"] == 0:
				return wait("Latch.Wait()", l.Wait, open, "shut")
			}
			return vars("Latch.CountDown()", func(tx *stm.Tx) string { l.CountDown(tx); return "" },
				func() string { l.Arrive(); return "" },
				func(s map[string]int) (string, map[string]int) {
					switch s["left"] {
					case 0:
						return "panic", nil
					case 1:
						return "", map[string]int{"left": 0, "shut": 0}
					}
					return "", map[string]int{"left": s["left"] - 1}
				}, "left")
		},
	}
}

func heldPromise(o *stm.Owner) heldStructure {
	p := tdata.NewPromise[int](tdata.In(o))
	told := func(v int, err error, settled bool) string {
		if !settled {
			return "blocked"
		}
		return fmt.Sprint(v, err)
	}
	shows := func(s map[string]int) string {
		switch n := s["result"]; {
		case n == 0:
			return "blocked"
		case n < 0:
			return fmt.Sprint(0, errUndo)
		default:
			return fmt.Sprint(n, nil)
		}
	}
	return &heldVars{
		first: map[string]int{},
		see:   func(tx *stm.Tx) string { return told(p.TryGet(tx)) },
		shows: shows,
		draw: func(rnd *rand.Rand, _ map[string]int, id int) heldOp {
			settle := func(n int) func(s map[string]int) (string, map[string]int) {
				return func(s map[string]int) (string, map[string]int) {
					if s["result"] != 0 {
						return tdata.ErrSettled.Error(), nil
					}
					return "<nil>", map[string]int{"result": n}
				}
			}
			switch n := rnd.IntN(30); {
			case n == 0:
				return vars(fmt.Sprintf("Promise.Resolve(%d)", id),
					func(tx *stm.Tx) string { return fmt.Sprint(p.Resolve(tx, id)) },
					func() string { return fmt.Sprint(p.Settle(id, nil)) }, settle(id), "result")
			case n == 1:
				return vars("Promise.Reject()", func(tx *stm.Tx) string { return fmt.Sprint(p.Reject(tx, errUndo)) },
					func() string { return fmt.Sprint(p.Settle(0, errUndo)) }, settle(-1), "result")
			case n%2 == 0:
				return vars("Promise.Get()", func(tx *stm.Tx) string {
					return orBlocked(tx, func(tx *stm.Tx) string { v, err := p.Get(tx); return told(v, err, true) })
				}, nil, func(s map[string]int) (string, map[string]int) { return shows(s), nil }, "result")
			}
			return vars("Promise.TryGet()", func(tx *stm.Tx) string { return told(p.TryGet(tx)) }, nil,
				func(s map[string]int) (string, map[string]int) { return shows(s), nil }, "result")
		},
	}
}

// heldBarrier is a Barrier. Of each phase, its number, the model has whether it is over; of each arrival in which phase, and
// whether it is here.
func heldBarrier(o *stm.Owner) heldStructure {
	const parties = 3
	b := tdata.NewBarrier(parties, tdata.In(o))
	arrivals := map[int]*tdata.Arrival{}
	name := func(what string, n int) string { return fmt.Sprint(what, n) }
	return &heldVars{
		first: map[string]int{},
		see:   func(tx *stm.Tx) string { return fmt.Sprint(b.Arrived(tx)) },
		shows: func(s map[string]int) string { return fmt.Sprint(s["arrived"]) },
		draw: func(rnd *rand.Rand, now map[string]int, id int) heldOp {
			known := slices.Sorted(maps.Keys(arrivals))
			n := rnd.IntN(4)
			if len(known) == 0 {
				n = 0
			}
			if n < 2 {
				return vars(name("Barrier.Arrive ", id), func(tx *stm.Tx) string { arrivals[id] = b.Arrive(tx); return "" }, nil,
					func(s map[string]int) (string, map[string]int) {
						set := map[string]int{"arrived": s["arrived"] + 1, name("here", id): 1, name("of", id): s["phase"]}
						if set["arrived"] == parties {
							set[name("over", s["phase"])] = 1
							set["arrived"], set["phase"] = 0, id
						}
						return "", set
					}, "phase")
			}
			id = known[len(known)-1-rnd.IntN(min(len(known), 6))]
			a := arrivals[id]
			// A phase belongs to an arrival since before its commit.
			phase := func(s map[string]int) (int, bool) { of, ok := s[name("of", id)]; return of, ok }
			if _, ok := phase(now); !ok { // it did not commit, or is of another checkout
				return vars("Barrier.Arrived()", func(tx *stm.Tx) string { return fmt.Sprint(b.Arrived(tx)) }, nil,
					func(s map[string]int) (string, map[string]int) { return fmt.Sprint(s["arrived"]), nil }, "arrived")
			}
			of, _ := phase(now)
			if n == 2 {
				return wait(name("Barrier.Wait ", id), a.Wait, func(s map[string]int) bool { return s[name("over", of)] == 1 }, name("over", of))
			}
			return vars(name("Barrier.Leave ", id), func(tx *stm.Tx) string { return fmt.Sprint(a.Leave(tx)) }, nil,
				func(s map[string]int) (string, map[string]int) {
					if s[name("over", of)] == 1 || s[name("here", id)] == 0 {
						return "false", nil
					}
					return "true", map[string]int{name("here", id): 0, "arrived": s["arrived"] - 1}
				}, name("over", of), name("here", id))
		},
	}
}

// A fairState is a semaphore, or a lock, and its line.
type fairState struct {
	taken int
	line  []fairWaiter
	got   []int // who was served, in order
}

type fairWaiter struct{ id, wants int }

// serve serves the line as far as there are permits.
func (s fairState) serve(size int) (now fairState, served bool) {
	for len(s.line) > 0 && s.line[0].wants <= size-s.taken {
		s.taken += s.line[0].wants
		s.got = append(slices.Clone(s.got), s.line[0].id)
		s.line = s.line[1:]
		served = true
	}
	return s, served
}

// heldFair is a FairSemaphore or an RWLock, of which a reader takes one permit and a writer all. Those who wait in its line have
// goroutines of their own, which go on only while this one waits for them.
type heldFair struct {
	size    int
	isLock  bool
	try     func(tx *stm.Tx, n int) bool
	release func(tx *stm.Tx, n int)
	hold    func(ctx context.Context, n int) (func(), error)
	see     func(tx *stm.Tx) string
	shows   func(s fairState) string
	cancel  map[int]func()
	ended   map[int]chan error
}

func (f *heldFair) begin() any             { return fairState{} }
func (f *heldFair) show(s any) string      { return f.shows(s.(fairState)) }
func (f *heldFair) look(tx *stm.Tx) string { return f.see(tx) }

func (f *heldFair) wants(rnd *rand.Rand) int {
	if f.isLock {
		return []int{1, 1, f.size}[rnd.IntN(3)]
	}
	return 1 + rnd.IntN(f.size)
}

// releasable reports whether so many permits may be released.
func (f *heldFair) releasable(s fairState, n int) bool {
	return s.taken >= n && (!f.isLock || (s.taken == f.size) == (n == f.size))
}

func (f *heldFair) op(rnd *rand.Rand, state any, _ int) heldOp {
	n := f.wants(rnd)
	if rnd.IntN(2) == 0 && f.releasable(state.(fairState), n) {
		return heldOp{text: fmt.Sprintf("Release(%d)", n),
			do:   func(tx *stm.Tx) string { f.release(tx, n); return "" },
			spec: func(s any, _ string) heldDeed { return f.released(s.(fairState), n) }}
	}
	return heldOp{text: fmt.Sprintf("TryAcquire(%d)", n),
		do: func(tx *stm.Tx) string { return fmt.Sprint(f.try(tx, n)) },
		spec: func(state any, _ string) heldDeed {
			if s := state.(fairState); f.size-s.taken < n || len(s.line) > 0 {
				return heldDeed{want: "false", relies: []string{"taken", "~line"}}
			}
			return heldDeed{want: "true", relies: []string{"~line"}, changes: []string{"taken"}, effect: func(state any) any {
				now := state.(fairState)
				now.taken += n
				return now
			}}
		}}
}

func (f *heldFair) released(s fairState, n int) heldDeed {
	if !f.releasable(s, n) {
		return heldDeed{want: "panic"}
	}
	before := s
	s.taken -= n
	to, served := s.serve(f.size)
	d := heldDeed{relies: []string{"~line"}, changes: []string{"taken"}}
	if served {
		d.changes = append(d.changes, "~line")
	}
	d.effect = func(state any) any {
		now := state.(fairState)
		now.taken, now.line = to.taken, now.line[len(before.line)-len(to.line):]
		now.got = append(slices.Clone(now.got), to.got[len(before.got):]...)
		return now
	}
	return d
}

// act has somebody join the line, or leave it.
func (f *heldFair) act(r *heldRun, rnd *rand.Rand, at int) {
	s := r.now[at].(fairState)
	if len(s.line) > 0 && (rnd.IntN(3) == 0 || len(s.line) > 3) {
		i := rnd.IntN(len(s.line))
		r.note("%d leaves the line", s.line[i].id)
		f.cancel[s.line[i].id]()
		s.line = slices.Delete(slices.Clone(s.line), i, i+1)
	} else {
		r.ids++
		id, n := r.ids, f.wants(rnd)
		r.note("%d joins the line for %d", id, n)
		ctx, cancel := context.WithCancel(background)
		f.cancel[id], f.ended[id] = cancel, make(chan error, 1)
		go func() { _, err := f.hold(ctx, n); f.ended[id] <- err }()
		s.line = append(slices.Clone(s.line), fairWaiter{id, n})
	}
	r.now[at], _ = s.serve(f.size)
	r.change(nil, at, []string{"taken", "~line"})
	r.aftermath()
}

// after checks that those who were served have got on, those who gave up too, and nobody else.
func (f *heldFair) after(r *heldRun, state any, _ func(string)) any {
	s := state.(fairState)
	for _, id := range slices.Sorted(maps.Keys(f.ended)) {
		want := context.Canceled.Error()
		switch {
		case slices.ContainsFunc(s.line, func(w fairWaiter) bool { return w.id == id }):
			want = "waits"
		case slices.Contains(s.got, id):
			want = "<nil>"
		}
		select {
		case err := <-f.ended[id]:
			r.same(want, fmt.Sprint(err), fmt.Sprintf("%d in the line", id))
			f.cancel[id]()
			delete(f.ended, id)
		default:
			r.same(want, "waits", fmt.Sprintf("%d in the line", id))
		}
	}
	if len(s.line) > 0 && s.line[0].wants <= f.size-s.taken {
		r.failf("%d could have its permits, and nobody gives it any", s.line[0].id)
	}
	return s
}

// end has nobody wait any more.
func (f *heldFair) end() {
	for _, cancel := range f.cancel {
		cancel()
	}
}

func heldFairSemaphore(o *stm.Owner) heldStructure {
	const size = 3
	s := tdata.NewFairSemaphore(size, tdata.In(o))
	return &heldFair{size: size, cancel: map[int]func(){}, ended: map[int]chan error{},
		try:     func(tx *stm.Tx, n int) bool { return s.TryAcquire(tx, int64(n)) },
		release: func(tx *stm.Tx, n int) { s.Release(tx, int64(n)) },
		hold:    func(ctx context.Context, n int) (func(), error) { return s.Hold(ctx, int64(n)) },
		see:     func(tx *stm.Tx) string { return fmt.Sprint(s.Free(tx), s.Waiting(tx)) },
		shows:   func(s fairState) string { return fmt.Sprint(size-s.taken, len(s.line)) }}
}

func heldRWLock(o *stm.Owner) heldStructure {
	const all = 1 << 20
	l := tdata.NewRWLock(tdata.In(o))
	return &heldFair{size: all, isLock: true, cancel: map[int]func(){}, ended: map[int]chan error{},
		try: func(tx *stm.Tx, n int) bool {
			if n == all {
				return l.TryLock(tx)
			}
			return l.TryRLock(tx)
		},
		release: func(tx *stm.Tx, n int) {
			if n == all {
				l.Unlock(tx)
			} else {
				l.RUnlock(tx)
			}
		},
		hold: func(ctx context.Context, n int) (func(), error) {
			if n == all {
				return l.HoldWrite(ctx)
			}
			return l.HoldRead(ctx)
		},
		see:   func(*stm.Tx) string { return "" }, // it does not tell
		shows: func(fairState) string { return "" }}
}

func TestHeldSynchronisersAreTheirModels(t *testing.T) {
	for name, make := range map[string]func(*stm.Owner) heldStructure{
		"Counter": heldCounter, "Semaphore": heldSemaphore, "Latch": heldLatch, "Promise": heldPromise, "Barrier": heldBarrier,
		"FairSemaphore": heldFairSemaphore, "RWLock": heldRWLock, "RateLimiter": heldRateLimiter,
	} {
		t.Run(name, func(t *testing.T) {
			heldWorld(func(*testing.T) (*stm.Owner, []heldStructure) {
				o := stm.NewOwner()
				return o, []heldStructure{make(o)}
			}).holds(t, 20)
		})
	}
}
