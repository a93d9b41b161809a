package tdata_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// heldLine is what the models of queues can do. It is a value.
type heldLine interface {
	put(v, id int) (heldDeed, bool) // false if it has to wait
	take() (int, heldDeed, bool)
	untake(v, id int) heldDeed
	close() heldDeed
	clear() heldDeed
	values() []int
	isClosed() bool
	ends() []string // the parts that its length hangs on
	whole() []string
}

// heldQueue is one of the queues.
type heldQueue struct {
	aQueue
	first heldLine
	all   func(*stm.Tx) []int
}

func (q *heldQueue) begin() any { return q.first }
func (q *heldQueue) show(s any) string {
	return showLine(s.(heldLine).values(), s.(heldLine).isClosed())
}
func (q *heldQueue) look(tx *stm.Tx) string { return showLine(q.all(tx), q.Closed(tx)) }

func showLine(values []int, closed bool) string { return fmt.Sprint(values, len(values), closed) }

func taken(v int, ok bool, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case !ok:
		return "none"
	}
	return fmt.Sprint(v)
}

func (q *heldQueue) op(rnd *rand.Rand, _ any, id int) heldOp {
	v := rnd.IntN(8)
	switch rnd.IntN(20) {
	case 0, 1, 2, 3, 4, 5:
		return q.putOp(v, id)
	case 6, 7, 8, 9, 10:
		return q.takeOp()
	case 11, 12:
		return q.tryTakeOp()
	case 13, 14:
		return q.peekOp()
	case 15:
		return heldOp{text: fmt.Sprintf("Untake(%d)", v),
			do:   func(tx *stm.Tx) string { q.Untake(tx, v); return "" },
			spec: func(s any, _ string) heldDeed { return s.(heldLine).untake(v, id) }}
	case 16:
		return heldOp{text: "Clear()",
			do:    func(tx *stm.Tx) string { q.Clear(tx); return "" },
			alone: func() string { q.Purge(); return "" },
			spec:  func(s any, _ string) heldDeed { return s.(heldLine).clear() }}
	case 17:
		return heldOp{text: "Len()",
			do:    func(tx *stm.Tx) string { return fmt.Sprint(q.Len(tx)) },
			alone: func() string { return fmt.Sprint(q.Size()) },
			spec: func(s any, _ string) heldDeed {
				return heldDeed{want: fmt.Sprint(len(s.(heldLine).values())), relies: s.(heldLine).ends()}
			}}
	case 18:
		return heldOp{text: "All()",
			do:    func(tx *stm.Tx) string { return fmt.Sprint(q.all(tx)) },
			alone: func() string { return fmt.Sprint(q.Snapshot()) },
			spec: func(s any, _ string) heldDeed {
				return heldDeed{want: fmt.Sprint(s.(heldLine).values()), relies: s.(heldLine).whole()}
			}}
	}
	if rnd.IntN(3) > 0 {
		return q.closedOp()
	}
	return heldOp{text: "Close()",
		do:    func(tx *stm.Tx) string { q.Close(tx); return "" },
		alone: func() string { q.Shut(); return "" },
		spec:  func(s any, _ string) heldDeed { return s.(heldLine).close() }}
}

func (q *heldQueue) putOp(v, id int) heldOp {
	op := heldOp{text: fmt.Sprintf("Put(%d)", v),
		do: func(tx *stm.Tx) string {
			return orBlocked(tx, func(tx *stm.Tx) string { return fmt.Sprint(q.Put(tx, v)) })
		},
		spec: func(state any, _ string) heldDeed {
			s := state.(heldLine)
			d, ok := s.put(v, id)
			d.want = "<nil>"
			switch {
			case s.isClosed():
				d.want = tdata.ErrClosed.Error()
			case !ok:
				d.want = "blocked"
			}
			return d
		}}
	if bounded, ok := q.aQueue.(*tdata.BoundedQueue[int]); ok {
		spec := op.spec
		op.alone = func() string { return fmt.Sprint(bounded.TrySend(v)) }
		op.spec = func(s any, got string) heldDeed {
			d := spec(s, got)
			if got == "true" || got == "false" {
				d.want = fmt.Sprint(d.want == "<nil>")
			}
			return d
		}
	} else {
		op.alone = func() string { return fmt.Sprint(q.Send(background, v)) }
	}
	return op
}

func (q *heldQueue) takeOp() heldOp {
	return heldOp{text: "Take()",
		do: func(tx *stm.Tx) string {
			return orBlocked(tx, func(tx *stm.Tx) string { v, err := q.Take(tx); return taken(v, true, err) })
		},
		spec: func(state any, _ string) heldDeed {
			v, d, ok := state.(heldLine).take()
			return blocked(state.(heldLine), v, d, ok)
		}}
}

// blocked is what it is to take or look, or to wait.
func blocked(s heldLine, v int, d heldDeed, ok bool) heldDeed {
	d.want = fmt.Sprint(v)
	switch {
	case !ok && s.isClosed():
		d.want = tdata.ErrClosed.Error()
	case !ok:
		d.want = "blocked"
	}
	return d
}

func (q *heldQueue) tryTakeOp() heldOp {
	return heldOp{text: "TryTake()",
		do:    func(tx *stm.Tx) string { v, ok := q.TryTake(tx); return taken(v, ok, nil) },
		alone: func() string { v, ok := q.TryReceive(); return taken(v, ok, nil) },
		spec: func(state any, _ string) heldDeed {
			v, d, ok := state.(heldLine).take()
			d.want = taken(v, ok, nil)
			return d
		}}
}

func (q *heldQueue) peekOp() heldOp {
	return heldOp{text: "Peek()",
		do: func(tx *stm.Tx) string {
			return orBlocked(tx, func(tx *stm.Tx) string { v, err := q.Peek(tx); return taken(v, true, err) })
		},
		spec: func(state any, _ string) heldDeed {
			v, d, ok := state.(heldLine).take()
			return blocked(state.(heldLine), v, heldDeed{relies: append(d.relies, d.changes...)}, ok)
		}}
}

func (q *heldQueue) closedOp() heldOp {
	return heldOp{text: "Closed()",
		do: func(tx *stm.Tx) string { return fmt.Sprint(q.Closed(tx)) },
		spec: func(state any, _ string) heldDeed {
			d := heldDeed{want: fmt.Sprint(state.(heldLine).isClosed()), relies: []string{"~end"}}
			switch state.(type) {
			case boundedLine, rankedLine:
				d.relies = []string{"closed"}
			}
			return d
		}}
}

// chainLine is a Queue: a head, where values are taken, and an end, where they are put. Who has seen the end relies, after a
// Rebase, on what was put last having no next (docs/checkouts.md), so that part is coarse for all but those who put.
type chainLine struct {
	list   []int
	closed bool
}

func (s chainLine) values() []int   { return s.list }
func (s chainLine) isClosed() bool  { return s.closed }
func (s chainLine) ends() []string  { return []string{"head", "~end"} }
func (s chainLine) whole() []string { return s.ends() }

func (s chainLine) put(v, _ int) (heldDeed, bool) {
	if s.closed {
		return heldDeed{relies: []string{"~end"}}, true
	}
	return s.append(v), true
}

// append changes the end alone.
func (s chainLine) append(v int) heldDeed {
	return heldDeed{relies: []string{"~end"}, changes: []string{"end"}, adds: []string{"~end"}, effect: func(s any) any {
		now := s.(chainLine)
		now.list = append(slices.Clone(now.list), v)
		return now
	}}
}

func (s chainLine) take() (int, heldDeed, bool) {
	if len(s.list) == 0 {
		return 0, heldDeed{relies: s.ends()}, false
	}
	return s.list[0], heldDeed{changes: []string{"head"}, effect: func(s any) any {
		now := s.(chainLine)
		now.list = now.list[1:]
		return now
	}}, true
}

func (s chainLine) untake(v, _ int) heldDeed {
	if len(s.list) == 0 {
		d := s.append(v)
		d.relies = []string{"head", "~end"}
		return d
	}
	return heldDeed{changes: []string{"head"}, effect: func(s any) any {
		now := s.(chainLine)
		now.list = slices.Insert(slices.Clone(now.list), 0, v)
		return now
	}}
}

func (s chainLine) close() heldDeed {
	if s.closed {
		return heldDeed{relies: []string{"~end"}}
	}
	return heldDeed{changes: []string{"end"}, adds: []string{"~end"}, effect: func(s any) any {
		now := s.(chainLine)
		now.closed = true
		return now
	}}
}

// clear drops what was there, and cuts the chain in front of it, which a put may have gone over.
func (s chainLine) clear() heldDeed {
	n := len(s.list)
	if n == 0 {
		return heldDeed{relies: s.ends()}
	}
	return heldDeed{changes: []string{"head"}, relies: []string{"~end"}, adds: []string{"~end"}, effect: func(s any) any {
		now := s.(chainLine)
		now.list = now.list[n:]
		return now
	}}
}

// boundedLine is a BoundedQueue: a ring of places, on which values are piled that were put back. Where the first value is, and
// where there is room, is told by the places, so these parts are coarse.
type boundedLine struct {
	places     map[int][]int // by their number, the first value first; without those where there is room
	head, tail int
	capacity   int
	closed     bool
}

func (s boundedLine) part(number int) string { return fmt.Sprint("~place", number%s.capacity) }
func (s boundedLine) isClosed() bool         { return s.closed }
func (s boundedLine) ends() []string {
	if len(s.values()) == 0 {
		return []string{"~head", s.part(s.head)}
	}
	return []string{"~head", s.part(s.head), "~tail"}
}

func (s boundedLine) whole() []string {
	all := []string{"~head", "~tail"}
	for i := s.head; i < s.tail; i++ {
		all = append(all, s.part(i))
	}
	return all
}

func (s boundedLine) values() []int {
	all := []int{}
	for i := s.head; i < s.tail; i++ {
		all = append(all, s.places[i%s.capacity]...)
	}
	return all
}

// set is a deed that changes variables to what they are in another state.
func (s boundedLine) set(relies, changes []string, to boundedLine) heldDeed {
	return heldDeed{relies: relies, changes: changes, effect: func(state any) any {
		now := state.(boundedLine)
		now.places = maps.Clone(now.places)
		for _, part := range changes {
			switch part {
			case "~head":
				now.head = to.head
			case "~tail":
				now.tail = to.tail
			case "closed":
				now.closed = to.closed
			case "~closed":
			default:
				var at int
				_, _ = fmt.Sscanf(part, "~place%d", &at)
				now.places[at] = to.places[at]
			}
		}
		return now
	}}
}

func (s boundedLine) put(v, _ int) (heldDeed, bool) {
	at := s.tail % s.capacity
	if s.closed || len(s.places[at]) > 0 {
		return heldDeed{relies: []string{"~tail", "closed", s.part(at)}}, s.closed
	}
	to := s
	to.places, to.tail = with(s.places, at, []int{v}), s.tail+1
	return s.set([]string{"closed"}, []string{"~tail", s.part(at)}, to), true
}

func (s boundedLine) take() (int, heldDeed, bool) {
	at := s.head % s.capacity
	pile := s.places[at]
	if len(pile) == 0 {
		return 0, heldDeed{relies: []string{"~head", "~tail", "~closed", s.part(at)}}, false
	}
	to := s
	to.places = with(s.places, at, pile[1:])
	if len(pile) > 1 {
		return pile[0], s.set([]string{"~head"}, []string{s.part(at)}, to), true
	}
	to.head = s.head + 1
	return pile[0], s.set(nil, []string{"~head", s.part(at)}, to), true
}

func (s boundedLine) untake(v, _ int) heldDeed {
	at := s.head % s.capacity
	to := s
	to.places = with(s.places, at, append([]int{v}, s.places[at]...))
	if len(s.places[at]) > 0 {
		return s.set([]string{"~head"}, []string{s.part(at)}, to)
	}
	to.tail = s.tail + 1
	return s.set([]string{"~head"}, []string{s.part(at), "~tail"}, to)
}

func (s boundedLine) close() heldDeed {
	if s.closed {
		return heldDeed{relies: []string{"closed"}}
	}
	to := s
	to.closed = true
	d := s.set([]string{s.part(s.tail), s.part(s.tail + s.capacity - 1)}, []string{"closed", "~closed"}, to)
	d.adds = []string{"~tail", s.part(s.tail)}
	return d
}

func (s boundedLine) clear() heldDeed {
	if s.head == s.tail {
		return heldDeed{relies: []string{"~head", "~tail", s.part(s.head)}}
	}
	to, changes := s, []string{"~head"}
	to.places, to.head = maps.Clone(s.places), s.tail
	for i := s.head; i < s.tail; i++ {
		changes = append(changes, s.part(i))
		delete(to.places, i%s.capacity)
	}
	return s.set([]string{"~tail"}, changes, to)
}

// rankedLine is a PriorityQueue: a list in order, in which each value has a link to the next. A put changes the link that it
// divides, a take the first one and the head.
type rankedLine struct {
	list   []rankedItem
	head   int // whose link leads to the first
	closed bool
}

type rankedItem struct{ value, id int }

func (s rankedLine) isClosed() bool { return s.closed }
func (s rankedLine) ends() []string { return []string{"size"} }
func (s rankedLine) whole() []string {
	all := []string{"!list", "head", linkPart(s.head)}
	for _, item := range s.list {
		all = append(all, linkPart(item.id))
	}
	return all
}

func (s rankedLine) values() []int {
	all := []int{}
	for _, item := range s.list {
		all = append(all, item.value)
	}
	return all
}

func linkPart(id int) string { return fmt.Sprint("link", id) }

func (s rankedLine) put(v, id int) (heldDeed, bool) {
	if s.closed {
		return heldDeed{relies: []string{"closed"}}, true
	}
	d := s.insert(v, id, func(other int) bool { return other <= v })
	d.relies = append(d.relies, "closed")
	return d, true
}

func (s rankedLine) untake(v, id int) heldDeed {
	return s.insert(v, id, func(other int) bool { return other < v })
}

// insert puts a value behind another one.
func (s rankedLine) insert(v, id int, before func(int) bool) heldDeed {
	behind, relies := s.head, []string{"!list", "head"}
	for _, item := range s.list {
		if before(item.value) {
			behind, relies = item.id, []string{"!list"}
		}
	}
	return heldDeed{relies: relies, changes: []string{linkPart(behind)}, adds: []string{"size"}, effect: func(s any) any {
		now := s.(rankedLine)
		at := 1 + slices.IndexFunc(now.list, func(item rankedItem) bool { return item.id == behind })
		now.list = slices.Insert(slices.Clone(now.list), at, rankedItem{v, id})
		return now
	}}
}

func (s rankedLine) take() (int, heldDeed, bool) {
	if len(s.list) == 0 {
		return 0, heldDeed{relies: []string{"!list", "head", linkPart(s.head), "~closed"}}, false
	}
	first := s.list[0]
	return first.value, heldDeed{relies: []string{"!list"}, changes: []string{"head", linkPart(s.head)}, adds: []string{"size"},
		effect: func(s any) any {
			now := s.(rankedLine)
			now.list, now.head = now.list[1:], first.id
			return now
		}}, true
}

func (s rankedLine) close() heldDeed {
	if s.closed {
		return heldDeed{relies: []string{"closed"}}
	}
	return heldDeed{changes: []string{"closed"}, adds: []string{"~closed"}, effect: func(s any) any {
		now := s.(rankedLine)
		now.closed = true
		return now
	}}
}

// clear begins a new list, with another first link.
func (s rankedLine) clear() heldDeed {
	if len(s.list) == 0 {
		return heldDeed{relies: []string{"size"}}
	}
	return heldDeed{changes: []string{"!list", "size"}, effect: func(state any) any {
		now := state.(rankedLine)
		now.list, now.head = nil, -1-s.list[0].id
		return now
	}}
}

func TestHeldQueuesAreTheirModels(t *testing.T) {
	queue := func(q *tdata.Queue[int]) *heldQueue {
		return &heldQueue{q, chainLine{}, func(tx *stm.Tx) []int { return slices.AppendSeq([]int{}, q.All(tx)) }}
	}
	worlds := map[string]heldWorld{
		"Queue": func(*testing.T) (*stm.Owner, []heldStructure) {
			o := stm.NewOwner()
			return o, []heldStructure{queue(tdata.NewQueue[int](tdata.In(o)))}
		},
		"zero Queue": func(*testing.T) (*stm.Owner, []heldStructure) {
			return stm.Default(), []heldStructure{queue(new(tdata.Queue[int]))}
		},
		"BoundedQueue": func(*testing.T) (*stm.Owner, []heldStructure) {
			o := stm.NewOwner()
			q := tdata.NewBoundedQueue[int](3, tdata.In(o))
			return o, []heldStructure{&heldQueue{q, boundedLine{capacity: 3, places: map[int][]int{}},
				func(tx *stm.Tx) []int { return slices.AppendSeq([]int{}, q.All(tx)) }}}
		},
		"PriorityQueue": func(*testing.T) (*stm.Owner, []heldStructure) {
			o := stm.NewOwner()
			q := tdata.NewPriorityQueue(cmp.Compare[int], tdata.In(o))
			return o, []heldStructure{&heldQueue{q, rankedLine{},
				func(tx *stm.Tx) []int { return slices.AppendSeq([]int{}, q.All(tx)) }}}
		},
	}
	for name, w := range worlds {
		t.Run(name, func(t *testing.T) { w.holds(t, 40) })
	}
}
