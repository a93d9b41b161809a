//go:build rinsesched

package explore

import (
	"context"
	"unsafe"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// A variable is a TVar of some type, seen as one of int.
type variable interface {
	get(*stm.Tx) int
	set(*stm.Tx, int)
	modify(*stm.Tx, func(int) int) int
	commute(*stm.Tx, func(int) int)
	load() int
	store(int)
	update(func(int) int) int
	loadToken() (int, token.Token)
	stmVar() stm.Var
}

// number keeps its value in place.
type number struct{ v tvar.TVar[int] }

func (n *number) get(tx *stm.Tx) int                     { return n.v.Get(tx) }
func (n *number) set(tx *stm.Tx, x int)                  { n.v.Set(tx, x) }
func (n *number) modify(tx *stm.Tx, f func(int) int) int { return n.v.Modify(tx, f) }
func (n *number) commute(tx *stm.Tx, f func(int) int)    { n.v.Commute(tx, f) }
func (n *number) load() int                              { return n.v.Load() }
func (n *number) store(x int)                            { n.v.Store(x) }
func (n *number) update(f func(int) int) int             { return n.v.Update(f) }
func (n *number) loadToken() (int, token.Token)          { return n.v.LoadToken() }
func (n *number) stmVar() stm.Var                        { return &n.v }

// pair keeps its value behind a pointer.
type pair struct{ v tvar.TVar[[2]int] }

func both(x int) [2]int { return [2]int{x, -x} }

// one is -1 if the two halves are not of the same value.
func one(p [2]int) int {
	if p[0] != -p[1] {
		return -1
	}
	return p[0]
}

func lift(f func(int) int) func([2]int) [2]int {
	return func(p [2]int) [2]int { return both(f(one(p))) }
}

func (p *pair) get(tx *stm.Tx) int                     { return one(p.v.Get(tx)) }
func (p *pair) set(tx *stm.Tx, x int)                  { p.v.Set(tx, both(x)) }
func (p *pair) modify(tx *stm.Tx, f func(int) int) int { return one(p.v.Modify(tx, lift(f))) }
func (p *pair) commute(tx *stm.Tx, f func(int) int)    { p.v.Commute(tx, lift(f)) }
func (p *pair) load() int                              { return one(p.v.Load()) }
func (p *pair) store(x int)                            { p.v.Store(both(x)) }
func (p *pair) update(f func(int) int) int             { return one(p.v.Update(lift(f))) }
func (p *pair) stmVar() stm.Var                        { return &p.v }
func (p *pair) loadToken() (int, token.Token) {
	x, t := p.v.LoadToken()
	return one(x), t
}

// sum is a part of a structure. What is added to it, is added by the engine.
type sum struct {
	cell engine.Cell
	of   *engine.Rare
}

func inside(tx *stm.Tx) *engine.Tx { return (*engine.Tx)(unsafe.Pointer(tx)) } // what stm.Tx begins with

func (s *sum) get(tx *stm.Tx) int {
	_, v := inside(tx).Read(&s.cell)
	return int(v.Raw)
}

func (s *sum) set(tx *stm.Tx, x int) {
	t := inside(tx)
	t.Writable(&s.cell)
	if t.Is(engine.Held) {
		t.Original(&s.cell)
	}
	e := t.Write(&s.cell)
	e.Form, e.Value.Raw = engine.Raw, uint64(x)
}

func (s *sum) modify(tx *stm.Tx, f func(int) int) int {
	x := f(s.get(tx))
	s.set(tx, x)
	return x
}

func (s *sum) commute(tx *stm.Tx, f func(int) int) { inside(tx).Increase(&s.cell, int64(f(0))) }
func (s *sum) stmVar() stm.Var                     { return &s.cell }

func (s *sum) load() int {
	_, v := engine.Settled(&s.cell)
	return int(v.Raw)
}

func (s *sum) store(x int) {
	for lost := 1; ; lost++ {
		w, _ := engine.Current(&s.cell)
		verdict := engine.Replace(&s.cell, w, engine.Raw, engine.Value{Raw: uint64(x)}, nil)
		if verdict == engine.Committed {
			return
		}
		engine.Lost(&s.cell, verdict, lost)
	}
}

func (s *sum) update(f func(int) int) int {
	for {
		x, verdict := engine.Add(&s.cell, s.of, int64(f(0)))
		switch verdict {
		case engine.Committed:
			return int(x)
		case engine.Shut:
			engine.OwnerOf(&s.cell).AwaitGate(nil)
		default:
			engine.Settled(&s.cell) // waits for whoever is at it
		}
	}
}

func (s *sum) loadToken() (int, token.Token) {
	_, v, version := engine.Latest(&s.cell)
	return int(v.Raw), token.New(engine.OwnerOf(&s.cell).ID, version)
}

// world is what the threads share. It is made once and reset for every schedule, so that addresses
// are the same in all of them.
type world struct {
	numbers [Vars]number
	pairs   [Vars]pair
	sums    [Vars]sum
	parts   map[*stm.Owner]*engine.Rare // of the sums
	vars    [Vars]variable
	cells   [Vars]*engine.Cell
	other   *stm.Owner // than the default one
	owner   *stm.Owner // of the present program
	core    *engine.Owner
	ctx     context.Context
	cancel  context.CancelFunc
	reached [Vars]uint64 // versions seen so far
}

func (w *world) reset(p *Program, o *orders) {
	if w.other == nil {
		w.other = stm.NewOwner()
	}
	w.owner = w.other
	if p.Default {
		w.owner = stm.Default()
	}
	w.numbers, w.pairs, w.sums, w.reached = [Vars]number{}, [Vars]pair{}, [Vars]sum{}, [Vars]uint64{}
	for i, x := range p.Init {
		w.vars[i] = w.variable(p, i, x)
		w.cells[i] = engine.CellOf(w.vars[i].stmVar())
	}
	w.core = engine.OwnerOf(w.cells[0])
	w.core.Reset()
	l := p.Limits
	engine.SetLimits(max(l.Stride, 1), max(l.Clashes, 1), max(l.Spins, 1), max(l.Tries, 1))
	w.ctx, w.cancel = nil, nil
	if p.cancels() {
		ctx, cancel := context.WithCancel(context.Background())
		w.ctx, w.cancel = watched{ctx, o}, cancel
	}
}

func (w *world) variable(p *Program, i, x int) variable {
	if p.Sums {
		return w.sum(i, x)
	}
	options := []tvar.Option{tvar.In(w.owner)}
	if p.Pairs {
		if p.Merges {
			options = append(options, tvar.Merge(func(b, m, t [2]int) ([2]int, error) { return both(one(m) + one(t) - one(b)), nil }))
		}
		w.pairs[i].v.Init(both(x), options...)
		return &w.pairs[i]
	}
	if p.Merges {
		options = append(options, tvar.Merge(func(b, m, t int) (int, error) { return m + t - b, nil }))
	}
	w.numbers[i].v.Init(x, options...)
	return &w.numbers[i]
}

func (w *world) sum(i, x int) variable {
	if w.parts == nil {
		w.parts = map[*stm.Owner]*engine.Rare{}
	}
	if w.parts[w.owner] == nil {
		core := (*engine.Owner)(unsafe.Pointer(w.owner)) // what stm.Owner begins with
		w.parts[w.owner] = engine.PartsOf(core, func(*engine.Cell) string { return "a sum" })
	}
	s := &w.sums[i]
	s.of = w.parts[w.owner]
	engine.InitPartWith(&s.cell, s.of, 0, engine.Raw, engine.Value{Raw: uint64(x)})
	return s
}

// values returns what the variables hold when nobody is at work any more.
func (w *world) values() (all [Vars]int) {
	for i, v := range w.vars {
		if _, isLocked, _ := w.cells[i].State(); isLocked {
			all[i] = -1 // left behind by somebody who waits for ever
			continue
		}
		all[i] = v.load()
	}
	return all
}

func (p *Program) cancels() bool {
	for _, calls := range p.Threads {
		for i := range calls {
			if calls[i].Form == Cancel {
				return true
			}
		}
	}
	return false
}

// watched is a context that asks the scheduler before it tells.
type watched struct {
	context.Context
	o *orders
}

func (c watched) Err() error {
	c.o.before(access{at: c.address(), kind: load})
	return c.Context.Err()
}

// address is what package shared takes for the address of the context's channel.
func (c watched) address() unsafe.Pointer {
	done := c.Done()
	return *(*unsafe.Pointer)(unsafe.Pointer(&done))
}

var _ shared.Scheduler = (*orders)(nil)
