package tdata_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// heldPoolState is a Pool: what is in it, and what is to be destroyed now.
type heldPoolState struct {
	items  map[int]poolItem
	ending []int
	closed bool
}

type poolItem struct {
	lent  int // by which operation; 0: idle
	stale bool
}

// heldPool is a Pool of numbers, each of which is parked once. Where in the pool they are is not known, so parts are coarse. With
// resets it is reset and closed too.
type heldPool struct {
	*tdata.Pool[int]
	size      int
	resets    bool
	handles   map[string]*tdata.Resource[int] // by operation and value
	destroyed []int
	committed heldPoolState // what all see
}

func (p *heldPool) begin() any           { return heldPoolState{items: map[int]poolItem{}} }
func (p *heldPool) show(any) string      { return "" } // see after
func (p *heldPool) look(*stm.Tx) string  { return "" }
func itemPart(v int) string              { return fmt.Sprint("~item", v) }
func (p *heldPool) key(id, v int) string { return fmt.Sprint(id, " ", v) }

func (s heldPoolState) idle() (all []int) {
	for v, item := range s.items {
		if item.lent == 0 {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}

// become is a deed by which some of what is there becomes something else, which is nothing if it is to be destroyed.
func become(d heldDeed, to map[int]*poolItem, destroy bool) heldDeed {
	for v := range to {
		d.changes = append(d.changes, itemPart(v))
	}
	d.relies = append(d.relies, "~reset") // which changes every place
	d.adds = append(d.adds, "~any")
	d.effect = func(state any) any {
		now := state.(heldPoolState)
		now.items = maps.Clone(now.items)
		for v, item := range to {
			delete(now.items, v)
			if item != nil {
				now.items[v] = *item
			} else if destroy {
				now.ending = append(slices.Clone(now.ending), v)
			}
		}
		return now
	}
	return d
}

func (p *heldPool) op(rnd *rand.Rand, state any, id int) heldOp {
	s := state.(heldPoolState)
	var lent []int
	for v, item := range s.items {
		if item.lent != 0 {
			lent = append(lent, v)
		}
	}
	slices.Sort(lent)
	switch n := rnd.IntN(24); {
	case n < 5:
		return p.parkOp(id)
	case n < 11:
		return p.borrowOp(id)
	case n < 20 && len(lent) > 0:
		return p.giveBackOp(rnd, s, lent[rnd.IntN(len(lent))])
	case n == 20:
		return p.borrowAllOp(id)
	case p.resets && n == 21 && rnd.IntN(2) == 0:
		return heldOp{text: "Reset()",
			do:    func(tx *stm.Tx) string { p.Reset(tx); return "" },
			alone: func() string { p.Renew(); return "" },
			spec:  func(s any, _ string) heldDeed { return s.(heldPoolState).reset() }}
	case p.resets && n == 22 && rnd.IntN(8) == 0:
		return heldOp{text: "Close()",
			do: func(tx *stm.Tx) string { p.Close(tx); return "" },
			spec: func(s any, _ string) heldDeed {
				d := s.(heldPoolState).reset()
				effect := d.effect
				d.changes = append(d.changes, "~closed")
				d.effect = func(s any) any {
					now := effect(s).(heldPoolState)
					now.closed = true
					return now
				}
				return d
			}}
	}
	return p.borrowOp(id)
}

func (s heldPoolState) reset() heldDeed {
	to := map[int]*poolItem{}
	for _, v := range s.idle() {
		to[v] = nil
	}
	d := become(heldDeed{relies: []string{"~any"}, changes: []string{"~era", "~reset"}}, to, true)
	effect := d.effect
	d.effect = func(s any) any {
		now := effect(s).(heldPoolState)
		for v, item := range now.items {
			item.stale = item.lent != 0
			now.items[v] = item
		}
		return now
	}
	return d
}

func (p *heldPool) parkOp(v int) heldOp {
	return heldOp{text: fmt.Sprintf("Park(%d)", v),
		do: func(tx *stm.Tx) string {
			return orBlocked(tx, func(tx *stm.Tx) string { return fmt.Sprint(p.Park(tx, v)) })
		},
		spec: func(state any, _ string) heldDeed {
			s := state.(heldPoolState)
			switch {
			case s.closed:
				return heldDeed{want: tdata.ErrPoolClosed.Error(), relies: []string{"~closed"}}
			case len(s.items)+len(s.ending) == p.size:
				return heldDeed{want: "blocked", relies: []string{"~closed", "~any"}}
			}
			d := heldDeed{want: "<nil>", relies: []string{"~closed", "~era", "~free"}, adds: []string{"~free", "~back"}}
			used := maps.Clone(s.items)
			maps.Copy(used, p.committed.items)
			if len(used) >= p.size { // no place is free for all and for this one
				d.relies = append(d.relies, "~any")
			}
			return become(d, map[int]*poolItem{v: {}}, false)
		}}
}

// borrowOp takes what the pool chooses. A place of which something has come back may be looked at.
func (p *heldPool) borrowOp(id int) heldOp {
	tell := func(r *tdata.Resource[int]) string {
		if r == nil {
			return "none"
		}
		p.handles[p.key(id, r.Value())] = r
		return fmt.Sprint(r.Value())
	}
	return heldOp{text: fmt.Sprint("TryBorrow() as ", id),
		do: func(tx *stm.Tx) string { return tell(p.TryBorrow(tx)) },
		alone: func() string {
			r, _ := p.TryAcquire()
			return tell(r)
		},
		spec: func(state any, got string) heldDeed {
			s := state.(heldPoolState)
			for _, v := range s.idle() {
				if fmt.Sprint(v) == got {
					d := heldDeed{want: got, relies: []string{"~back"}}
					if !slices.Contains(p.committed.idle(), v) { // nothing is idle for all, so it had to look at every place
						d.relies = []string{"~any"}
					}
					return become(d, map[int]*poolItem{v: {lent: id}}, false)
				}
			}
			if len(s.idle()) > 0 {
				return heldDeed{want: fmt.Sprint("one of ", s.idle())}
			}
			return heldDeed{want: "none", relies: []string{"~any"}}
		}}
}

func (p *heldPool) borrowAllOp(id int) heldOp {
	return heldOp{text: fmt.Sprint("BorrowAll() as ", id),
		do: func(tx *stm.Tx) string {
			all := []int{}
			for _, r := range p.BorrowAll(tx) {
				p.handles[p.key(id, r.Value())] = r
				all = append(all, r.Value())
			}
			slices.Sort(all)
			return fmt.Sprint(all)
		},
		spec: func(state any, _ string) heldDeed {
			s, to := state.(heldPoolState), map[int]*poolItem{}
			for _, v := range s.idle() {
				to[v] = &poolItem{lent: id}
			}
			d := heldDeed{want: fmt.Sprint(s.idle()), relies: []string{"~any"}}
			if len(to) == 0 {
				return d
			}
			return become(d, to, false)
		}}
}

// giveBackOp gives something back, or drops or hijacks it.
func (p *heldPool) giveBackOp(rnd *rand.Rand, s heldPoolState, v int) heldOp {
	lent := s.items[v].lent
	r := p.handles[p.key(lent, v)]
	way := []string{"Return", "Return", "Return", "Drop", "Hijack"}[rnd.IntN(5)]
	op := heldOp{text: fmt.Sprintf("%s(%d)", way, v), spec: func(state any, _ string) heldDeed {
		s := state.(heldPoolState)
		item, ok := s.items[v]
		switch {
		case !ok || item.lent != lent:
			return heldDeed{want: "panic"}
		case way == "Hijack":
			return become(heldDeed{adds: []string{"~free"}}, map[int]*poolItem{v: nil}, false)
		case way == "Drop" || item.stale:
			return become(heldDeed{relies: []string{"~era"}}, map[int]*poolItem{v: nil}, true)
		}
		return become(heldDeed{relies: []string{"~era"}, adds: []string{"~back"}}, map[int]*poolItem{v: {}}, false)
	}}
	switch way {
	case "Return":
		op.do, op.alone = func(tx *stm.Tx) string { r.Return(tx); return "" }, func() string { r.Release(); return "" }
	case "Drop":
		op.do, op.alone = func(tx *stm.Tx) string { r.Drop(tx); return "" }, func() string { r.Destroy(); return "" }
	case "Hijack":
		op.do = func(tx *stm.Tx) string { r.Hijack(tx); return "" }
	}
	return op
}

// after checks that what has left was destroyed, once, and that the pool counts what is there.
func (p *heldPool) after(r *heldRun, state any, changed func(string)) any {
	s := state.(heldPoolState)
	slices.Sort(p.destroyed)
	r.same(fmt.Sprint(slices.Sorted(slices.Values(s.ending))), fmt.Sprint(p.destroyed), "destroyed")
	for _, v := range s.ending {
		changed(itemPart(v))
		changed("~any")
		changed("~free")
	}
	p.destroyed, s.ending = nil, nil
	stats := p.Stats()
	idle := len(s.idle())
	r.same(fmt.Sprint(idle, len(s.items)-idle, 0, 0), fmt.Sprint(stats.Idle, stats.Borrowed, stats.Making, stats.Destroying), "stats")
	p.committed = s
	return s
}

func TestHeldPoolsAreTheirModels(t *testing.T) {
	heldWorld(func(*testing.T) (*stm.Owner, []heldStructure) {
		o := stm.NewOwner()
		p := &heldPool{size: 4, resets: true, handles: map[string]*tdata.Resource[int]{}}
		p.Pool = tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 4, Destroy: func(v int) { p.destroyed = append(p.destroyed, v) }}, tdata.In(o))
		return o, []heldStructure{p}
	}).holds(t, 25)
}
