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

// heldTopicState is a Topic: all that was ever published, and where subscriptions are.
type heldTopicState struct {
	list   []int
	closed bool
	subs   map[int]subState // those that began
}

type subState struct {
	at     int // how much of the list it has had
	back   []int
	closed bool
}

// heldTopic is a Topic. Its subscriptions are known to all transactions, closed if they have not begun.
type heldTopic struct {
	*tdata.Topic[int]
	subs map[int]*tdata.Subscription[int]
}

func (h *heldTopic) begin() any { return heldTopicState{subs: map[int]subState{}} }

func (h *heldTopic) show(state any) string {
	s, lens := state.(heldTopicState), ""
	for _, id := range slices.Sorted(maps.Keys(h.subs)) {
		lens += fmt.Sprint(id, ":", s.len(id), " ")
	}
	return fmt.Sprint(s.closed, " ", lens)
}

func (h *heldTopic) look(tx *stm.Tx) string {
	lens := ""
	for _, id := range slices.Sorted(maps.Keys(h.subs)) {
		lens += fmt.Sprint(id, ":", h.subs[id].Len(tx), " ")
	}
	return fmt.Sprint(h.Closed(tx), " ", lens)
}

// sub returns a subscription, closed if it has not begun.
func (s heldTopicState) sub(id int) subState {
	if sub, ok := s.subs[id]; ok {
		return sub
	}
	return subState{closed: true}
}

func (s heldTopicState) len(id int) int {
	sub := s.sub(id)
	if sub.closed {
		return 0
	}
	return len(sub.back) + len(s.list) - sub.at
}

func cursorPart(id int) string { return fmt.Sprint("cursor", id) }
func backPart(id int) string   { return fmt.Sprint("back", id) }

// moved is a deed that changes a subscription's variables, and relies on the others.
func moved(want string, id int, to subState, changes ...string) heldDeed {
	return heldDeed{want: want, relies: []string{cursorPart(id), backPart(id)}, changes: changes, effect: func(state any) any {
		now := state.(heldTopicState)
		sub := now.sub(id)
		if slices.Contains(changes, cursorPart(id)) {
			sub.at, sub.closed = to.at, to.closed
		}
		if slices.Contains(changes, backPart(id)) {
			sub.back = to.back
		}
		now.subs = with(now.subs, id, sub)
		return now
	}}
}

func (h *heldTopic) op(rnd *rand.Rand, _ any, id int) heldOp {
	n := rnd.IntN(24)
	known := slices.Sorted(maps.Keys(h.subs))
	if n > 8 && len(known) > 0 {
		return h.subOp(rnd, known[max(0, len(known)-5)+rnd.IntN(min(5, len(known)))], id)
	}
	switch {
	case n == 0 && rnd.IntN(3) == 0:
		return heldOp{text: "Close()",
			do:    func(tx *stm.Tx) string { h.Close(tx); return "" },
			alone: func() string { h.Shut(); return "" },
			spec: func(s any, _ string) heldDeed {
				if s.(heldTopicState).closed {
					return heldDeed{relies: []string{"~end"}}
				}
				return heldDeed{changes: []string{"end"}, adds: []string{"~end"}, effect: func(state any) any {
					now := state.(heldTopicState)
					now.closed = true
					return now
				}}
			}}
	case n == 1:
		return heldOp{text: "Closed()",
			do: func(tx *stm.Tx) string { return fmt.Sprint(h.Closed(tx)) },
			spec: func(s any, _ string) heldDeed {
				return heldDeed{want: fmt.Sprint(s.(heldTopicState).closed), relies: []string{"~end"}}
			}}
	case n < 4:
		return heldOp{text: fmt.Sprint("Subscribe ", id),
			do:    func(tx *stm.Tx) string { h.subs[id] = h.Subscribe(tx); return "" },
			alone: func() string { h.subs[id] = h.Follow(); return "" },
			spec: func(s any, _ string) heldDeed {
				d := moved("", id, subState{at: len(s.(heldTopicState).list)}, cursorPart(id))
				d.relies = append(d.relies, "~end")
				return d
			}}
	}
	return heldOp{text: fmt.Sprintf("Publish(%d)", id),
		do:    func(tx *stm.Tx) string { return fmt.Sprint(h.Publish(tx, id)) },
		alone: func() string { return fmt.Sprint(h.Send(background, id)) },
		spec: func(s any, _ string) heldDeed {
			if s.(heldTopicState).closed {
				return heldDeed{want: tdata.ErrClosed.Error(), relies: []string{"~end"}}
			}
			return heldDeed{want: "<nil>", changes: []string{"end"}, adds: []string{"~end"}, effect: func(state any) any {
				now := state.(heldTopicState)
				now.list = append(slices.Clone(now.list), id)
				return now
			}}
		}}
}

// subOp is an operation of a subscription.
func (h *heldTopic) subOp(rnd *rand.Rand, id, v int) heldOp {
	sub := h.subs[id]
	switch n := rnd.IntN(12); n {
	case 0:
		return heldOp{text: fmt.Sprintf("%d: Untake(%d)", id, v),
			do: func(tx *stm.Tx) string { sub.Untake(tx, v); return "" },
			spec: func(state any, _ string) heldDeed {
				s := state.(heldTopicState).sub(id)
				if s.closed {
					return heldDeed{relies: []string{cursorPart(id)}}
				}
				s.back = append([]int{v}, s.back...)
				return moved("", id, s, backPart(id))
			}}
	case 1, 2:
		return heldOp{text: fmt.Sprintf("%d: Len()", id),
			do: func(tx *stm.Tx) string { return fmt.Sprint(sub.Len(tx)) },
			spec: func(s any, _ string) heldDeed {
				return heldDeed{want: fmt.Sprint(s.(heldTopicState).len(id)), relies: []string{cursorPart(id), backPart(id), "~end"}}
			}}
	case 3:
		return heldOp{text: fmt.Sprintf("%d: Skip()", id),
			do: func(tx *stm.Tx) string { sub.Skip(tx); return "" },
			spec: func(state any, _ string) heldDeed {
				s := state.(heldTopicState)
				if s.sub(id).closed {
					return heldDeed{relies: []string{cursorPart(id)}}
				}
				d := moved("", id, subState{at: len(s.list)}, cursorPart(id), backPart(id))
				d.relies = append(d.relies, "~end")
				return d
			}}
	case 4:
		if rnd.IntN(2) == 0 {
			return heldOp{text: fmt.Sprintf("%d: Close()", id),
				do:    func(tx *stm.Tx) string { sub.Close(tx); return "" },
				alone: func() string { sub.Stop(); return "" },
				spec: func(any, string) heldDeed {
					return moved("", id, subState{closed: true}, cursorPart(id), backPart(id))
				}}
		}
	case 5, 6, 7:
		return heldOp{text: fmt.Sprintf("%d: TryTake()", id),
			do:    func(tx *stm.Tx) string { v, ok := sub.TryTake(tx); return taken(v, ok, nil) },
			alone: func() string { v, ok := sub.TryReceive(); return taken(v, ok, nil) },
			spec:  func(s any, _ string) heldDeed { return s.(heldTopicState).take(id, "none", "none") }}
	}
	return heldOp{text: fmt.Sprintf("%d: Take()", id),
		do: func(tx *stm.Tx) string {
			return orBlocked(tx, func(tx *stm.Tx) string { v, err := sub.Take(tx); return taken(v, true, err) })
		},
		spec: func(s any, _ string) heldDeed { return s.(heldTopicState).take(id, "blocked", tdata.ErrClosed.Error()) }}
}

// take is what it is to take the next value, or to find none now, or none for ever.
func (s heldTopicState) take(id int, none, never string) heldDeed {
	sub := s.sub(id)
	switch {
	case len(sub.back) > 0:
		to := sub
		to.back = sub.back[1:]
		d := moved(fmt.Sprint(sub.back[0]), id, to, backPart(id))
		d.relies = nil
		return d
	case !sub.closed && sub.at < len(s.list):
		to := sub
		to.at++
		return moved(fmt.Sprint(s.list[sub.at]), id, to, cursorPart(id))
	case sub.closed || s.closed:
		none = never
	}
	return heldDeed{want: none, relies: []string{cursorPart(id), backPart(id), "~end"}}
}

func TestHeldTopicsAreTheirModels(t *testing.T) {
	for name, w := range map[string]heldWorld{
		"Topic": func(*testing.T) (*stm.Owner, []heldStructure) {
			o := stm.NewOwner()
			return o, []heldStructure{&heldTopic{tdata.NewTopic[int](tdata.In(o)), map[int]*tdata.Subscription[int]{}}}
		},
	} {
		t.Run(name, func(t *testing.T) { w.holds(t, 25) })
	}
}
