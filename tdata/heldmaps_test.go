package tdata_test

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// heldTable is what maps have in common.
type heldTable interface {
	Get(*stm.Tx, int) (int, bool)
	Has(*stm.Tx, int) bool
	Set(*stm.Tx, int, int)
	GetOrSet(*stm.Tx, int, int) (int, bool)
	Delete(*stm.Tx, int) (int, bool)
	Clear(*stm.Tx)
	Len(*stm.Tx) int
	All(*stm.Tx) iter.Seq2[int, int]
	Load(int) (int, bool)
	Store(int, int)
	LoadOrStore(int, int) (int, bool)
	Remove(int) (int, bool)
	Purge()
	Size() int
}

// heldModifiable is what maps have, and sets have not.
type heldModifiable interface {
	Modify(*stm.Tx, int, func(int, bool) (int, bool)) (int, bool)
	Update(int, func(int, bool) (int, bool)) (int, bool)
}

// heldOrder is what has an order.
type heldOrder interface {
	Range(tx *stm.Tx, from, to int) iter.Seq2[int, int]
	RangeBackward(tx *stm.Tx, from, to int) iter.Seq2[int, int]
	From(*stm.Tx, int) iter.Seq2[int, int]
	Before(*stm.Tx, int) iter.Seq2[int, int]
	Min(*stm.Tx) (int, int, bool)
	Max(*stm.Tx) (int, int, bool)
	Floor(*stm.Tx, int) (int, int, bool)
	Ceiling(*stm.Tx, int) (int, int, bool)
}

// heldMap is a map or a set, with or without an order, whose model is a Go map. That of a set has zeros.
type heldMap struct {
	heldTable
	ordered heldOrder // nil if there is no order
	keys    int
	set     bool
}

func (m *heldMap) begin() any        { return map[int]int{} }
func (m *heldMap) show(s any) string { return fmt.Sprint(s) }
func (m *heldMap) look(tx *stm.Tx) string {
	all := maps.Collect(m.All(tx))
	if n := m.Len(tx); n != len(all) {
		return fmt.Sprintf("%v, and Len is %d", all, n)
	}
	return fmt.Sprint(all)
}

func (m *heldMap) snapshotAt(moment *tdata.Moment) func() string {
	var all func() iter.Seq2[int, int]
	switch t := m.heldTable.(type) {
	case *tdata.Map[int, int]:
		all = t.SnapshotAt(moment).All
	case *tdata.OrderedMap[int, int]:
		all = t.SnapshotAt(moment).All
	case interface {
		at(*tdata.Moment) func() iter.Seq[int]
	}:
		keys := t.at(moment)
		all = func() iter.Seq2[int, int] { return zeros(keys()) }
	}
	return func() string { return fmt.Sprint(maps.Collect(all())) }
}

// deed completes what is done with a key. To be used is to be given a place, if there is an order, which changes gaps.
func (m *heldMap) deed(k int, d heldDeed) heldDeed {
	d.relies = append(d.relies, keyPart(k))
	if m.ordered != nil {
		d.marks = append(d.marks, gapPart(k))
	}
	return d
}

func keyPart(k int) string { return fmt.Sprint("key", k) }
func gapPart(k int) string { return fmt.Sprint("~gap", k) }

// put is what it is to give a key a value, and drop to delete it.
func (m *heldMap) put(s map[int]int, k, v int, want string) heldDeed {
	if m.set && hasKey(s, k) {
		return m.deed(k, heldDeed{want: want})
	}
	d := heldDeed{want: want, changes: []string{keyPart(k)}, effect: func(s any) any { return with(s.(map[int]int), k, v) }}
	if _, found := s[k]; !found {
		d.adds = []string{"size"}
	}
	return m.deed(k, d)
}

func (m *heldMap) drop(s map[int]int, k int, want string) heldDeed {
	if _, found := s[k]; !found {
		return m.deed(k, heldDeed{want: want})
	}
	return m.deed(k, heldDeed{want: want, changes: []string{keyPart(k)}, adds: []string{"size"},
		effect: func(s any) any { return without(s.(map[int]int), k) }})
}

// all relies on every key.
func (m *heldMap) all(s map[int]int, d heldDeed) heldDeed {
	d.relies = append(d.relies, "~size")
	if m.ordered == nil {
		d.relies = append(d.relies, "size")
	} else {
		d = m.span(d, -1, m.keys)
	}
	for k := range s {
		d.relies = append(d.relies, keyPart(k))
	}
	return d
}

// span relies on all keys and gaps of a range.
func (m *heldMap) span(d heldDeed, from, to int) heldDeed {
	for k := from; k <= to; k++ {
		d.relies = append(d.relies, gapPart(k), "~"+keyPart(k))
	}
	return d
}

func (m *heldMap) op(rnd *rand.Rand, state any, _ int) heldOp {
	k, v := rnd.IntN(m.keys), rnd.IntN(100)
	if rnd.IntN(3) > 0 {
		k %= 6
	}
	if m.set {
		v = 0
	}
	op := m.draw(rnd, k, v)
	op.gated = m.ordered != nil
	spec := op.spec
	op.spec = func(state any, got string) heldDeed { return alsoCoarse(spec(state, got)) }
	return op
}

// alsoCoarse has changes of keys be changes of the ranges that they are in.
func alsoCoarse(d heldDeed) heldDeed {
	for _, part := range d.changes {
		d.adds = append(d.adds, "~"+part)
	}
	return d
}

func (m *heldMap) draw(rnd *rand.Rand, k, v int) heldOp {
	if m.ordered != nil && rnd.IntN(3) == 0 {
		return m.inOrder(rnd, k)
	}
	keep := rnd.IntN(2) == 0
	modify := func(int, bool) (int, bool) { return v, keep }
	switch rnd.IntN(16) {
	case 0, 1, 2:
		return heldOp{text: fmt.Sprintf("Get(%d)", k),
			do:    func(tx *stm.Tx) string { return fmt.Sprint(m.Get(tx, k)) },
			alone: func() string { return fmt.Sprint(m.Load(k)) },
			spec: func(s any, _ string) heldDeed {
				return m.deed(k, heldDeed{want: m.pair(s.(map[int]int), k)})
			}}
	case 3:
		return heldOp{text: fmt.Sprintf("Has(%d)", k),
			do: func(tx *stm.Tx) string { return fmt.Sprint(m.Has(tx, k)) },
			spec: func(s any, _ string) heldDeed {
				_, found := s.(map[int]int)[k]
				return m.deed(k, heldDeed{want: fmt.Sprint(found)})
			}}
	case 4, 5, 6:
		return heldOp{text: fmt.Sprintf("Set(%d, %d)", k, v),
			do:    func(tx *stm.Tx) string { m.Set(tx, k, v); return "" },
			alone: func() string { m.Store(k, v); return "" },
			spec:  func(s any, _ string) heldDeed { return m.put(s.(map[int]int), k, v, "") }}
	case 7, 8, 9:
		return heldOp{text: fmt.Sprintf("Delete(%d)", k),
			do:    func(tx *stm.Tx) string { return fmt.Sprint(m.Delete(tx, k)) },
			alone: func() string { return fmt.Sprint(m.Remove(k)) },
			spec: func(s any, _ string) heldDeed {
				return m.drop(s.(map[int]int), k, m.pair(s.(map[int]int), k))
			}}
	case 10, 11:
		return heldOp{text: fmt.Sprintf("GetOrSet(%d, %d)", k, v),
			do:    func(tx *stm.Tx) string { return fmt.Sprint(m.GetOrSet(tx, k, v)) },
			alone: func() string { return fmt.Sprint(m.LoadOrStore(k, v)) },
			spec: func(s any, _ string) heldDeed {
				if _, found := s.(map[int]int)[k]; found {
					return m.deed(k, heldDeed{want: m.pair(s.(map[int]int), k)})
				}
				return m.put(s.(map[int]int), k, v, fmt.Sprint(v, false))
			}}
	case 12, 13:
		mod, ok := m.heldTable.(heldModifiable)
		if !ok {
			return m.many(rnd)
		}
		return heldOp{text: fmt.Sprintf("Modify(%d, %d, %v)", k, v, keep),
			do:    func(tx *stm.Tx) string { return fmt.Sprint(mod.Modify(tx, k, modify)) },
			alone: func() string { return fmt.Sprint(mod.Update(k, modify)) },
			spec: func(s any, got string) heldDeed {
				if keep {
					return m.put(s.(map[int]int), k, v, fmt.Sprint(v, true))
				}
				return m.drop(s.(map[int]int), k, fmt.Sprint(v, false))
			}}
	case 14:
		return m.whole(rnd)
	}
	return m.many(rnd)
}

func (m *heldMap) pair(s map[int]int, k int) string {
	v, found := s[k]
	return fmt.Sprint(v, found)
}

// whole asks for all of the map, or clears it.
func (m *heldMap) whole(rnd *rand.Rand) heldOp {
	switch rnd.IntN(4) {
	case 0:
		return heldOp{text: "Clear()",
			do:    func(tx *stm.Tx) string { m.Clear(tx); return "" },
			alone: func() string { m.Purge(); return "" },
			spec: func(state any, _ string) heldDeed {
				s := state.(map[int]int)
				d := m.all(s, heldDeed{})
				if len(s) == 0 {
					return d
				}
				d.adds = []string{"size"}
				for k := range s {
					d.changes = append(d.changes, keyPart(k))
				}
				d.effect = func(state any) any {
					now := maps.Clone(state.(map[int]int))
					maps.DeleteFunc(now, func(k, _ int) bool { _, found := s[k]; return found })
					return now
				}
				return d
			}}
	case 1:
		return heldOp{text: "All()",
			do:   func(tx *stm.Tx) string { return fmt.Sprint(maps.Collect(m.All(tx))) },
			spec: func(s any, _ string) heldDeed { return m.all(s.(map[int]int), heldDeed{want: m.show(s)}) }}
	}
	return heldOp{text: "Len()",
		do:    func(tx *stm.Tx) string { return fmt.Sprint(m.Len(tx)) },
		alone: func() string { return fmt.Sprint(m.Size()) },
		spec: func(s any, _ string) heldDeed {
			return heldDeed{want: fmt.Sprint(len(s.(map[int]int))), relies: []string{"size"}}
		}}
}

// many gets so many keys that the read set is put in order.
func (m *heldMap) many(rnd *rand.Rand) heldOp {
	keys := make([]int, 12)
	for i := range keys {
		keys[i] = rnd.IntN(m.keys)
	}
	return heldOp{text: fmt.Sprint("Get", keys),
		do: func(tx *stm.Tx) (all string) {
			for _, k := range keys {
				all += fmt.Sprint(m.Get(tx, k))
			}
			return all
		},
		spec: func(s any, _ string) (d heldDeed) {
			for _, k := range keys {
				d = m.deed(k, d)
				d.want += m.pair(s.(map[int]int), k)
			}
			return d
		}}
}

// inOrder asks for a range or a neighbour.
func (m *heldMap) inOrder(rnd *rand.Rand, from int) heldOp {
	to := from + rnd.IntN(8)
	o := m.ordered
	ranged := func(text string, backward bool, from, to int, seq func(*stm.Tx) iter.Seq2[int, int]) heldOp {
		return heldOp{text: text,
			do: func(tx *stm.Tx) (all string) {
				for k, v := range seq(tx) {
					all += fmt.Sprintf("%d:%d ", k, v)
				}
				return all
			},
			spec: func(s any, _ string) heldDeed { return m.ranged(s.(map[int]int), from, to, backward) }}
	}
	switch rnd.IntN(10) {
	case 0, 1:
		return ranged(fmt.Sprintf("Range(%d, %d)", from, to), false, from, to,
			func(tx *stm.Tx) iter.Seq2[int, int] { return o.Range(tx, from, to) })
	case 2, 3:
		return ranged(fmt.Sprintf("RangeBackward(%d, %d)", from, to), true, from, to,
			func(tx *stm.Tx) iter.Seq2[int, int] { return o.RangeBackward(tx, from, to) })
	case 4:
		return ranged(fmt.Sprintf("From(%d)", from), false, from, m.keys,
			func(tx *stm.Tx) iter.Seq2[int, int] { return o.From(tx, from) })
	case 5:
		return ranged(fmt.Sprintf("Before(%d)", to), true, 0, to,
			func(tx *stm.Tx) iter.Seq2[int, int] { return o.Before(tx, to) })
	case 6:
		return m.neighbour("Min()", 0, m.keys, false, o.Min)
	case 7:
		return m.neighbour("Max()", 0, m.keys, true, o.Max)
	case 8:
		return m.neighbour(fmt.Sprintf("Floor(%d)", from), 0, from+1, true,
			func(tx *stm.Tx) (int, int, bool) { return o.Floor(tx, from) })
	}
	return m.neighbour(fmt.Sprintf("Ceiling(%d)", from), from, m.keys, false,
		func(tx *stm.Tx) (int, int, bool) { return o.Ceiling(tx, from) })
}

// ranged is what it is to go through the keys from one on and before another.
func (m *heldMap) ranged(s map[int]int, from, to int, backward bool) heldDeed {
	d := heldDeed{}
	keys := slices.Sorted(maps.Keys(s))
	if backward {
		slices.Reverse(keys)
	}
	for _, k := range keys {
		if from <= k && k < to {
			d.want += fmt.Sprintf("%d:%d ", k, s[k])
			d.relies = append(d.relies, keyPart(k))
		}
	}
	d.marks = append(d.marks, gapPart(from), gapPart(to))
	return m.span(d, from, to)
}

// neighbour is the first key of a range, or the last.
func (m *heldMap) neighbour(text string, from, to int, last bool, find func(*stm.Tx) (int, int, bool)) heldOp {
	return heldOp{text: text,
		do: func(tx *stm.Tx) string { return fmt.Sprint(find(tx)) },
		spec: func(state any, _ string) heldDeed {
			s, d := state.(map[int]int), heldDeed{want: "0 0 false"}
			low, high := from, to
			for _, k := range slices.Sorted(maps.Keys(s)) {
				if k < from || k >= to || high != to {
					continue
				}
				d.want, d.relies = fmt.Sprint(k, s[k], true), []string{keyPart(k)}
				if last {
					low = k
				} else {
					high = k
				}
			}
			d.marks = append(d.marks, gapPart(from), gapPart(to-1), gapPart(to))
			return m.span(d, low, high)
		}}
}

// act has other keys come and go, so many that the places of those that were deleted are let go of.
func (m *heldMap) act(r *heldRun, rnd *rand.Rand, at int) {
	if m.ordered != nil || m.set || rnd.IntN(4) > 0 {
		return
	}
	r.note("others come and go")
	for k := range 300 {
		m.Store(1000+k, 0)
	}
	for k := range 300 {
		m.Remove(1000 + k)
	}
	r.change(nil, at, []string{"size", "~size"})
}

// heldSet and heldOrderedSet are sets as maps of zeros.
type heldSet struct{ *intSet }

type intSet = tdata.Set[int]

func (s heldSet) Get(tx *stm.Tx, k int) (int, bool)         { return 0, s.Has(tx, k) }
func (s heldSet) Set(tx *stm.Tx, k, _ int)                  { s.Add(tx, k) }
func (s heldSet) GetOrSet(tx *stm.Tx, k, _ int) (int, bool) { return 0, !s.Add(tx, k) }
func (s heldSet) Delete(tx *stm.Tx, k int) (int, bool)      { return 0, s.intSet.Delete(tx, k) }
func (s heldSet) All(tx *stm.Tx) iter.Seq2[int, int]        { return zeros(s.intSet.All(tx)) }
func (s heldSet) Load(k int) (int, bool)                    { return 0, s.Contains(k) }
func (s heldSet) Store(k, _ int)                            { s.Insert(k) }
func (s heldSet) LoadOrStore(k, _ int) (int, bool)          { return 0, !s.Insert(k) }
func (s heldSet) Remove(k int) (int, bool)                  { return 0, s.intSet.Remove(k) }
func (s heldSet) at(m *tdata.Moment) func() iter.Seq[int]   { return s.SnapshotAt(m).All }

type heldOrderedSet struct{ *tdata.OrderedSet[int] }

func (s heldOrderedSet) Get(tx *stm.Tx, k int) (int, bool)         { return 0, s.Has(tx, k) }
func (s heldOrderedSet) Set(tx *stm.Tx, k, _ int)                  { s.Add(tx, k) }
func (s heldOrderedSet) GetOrSet(tx *stm.Tx, k, _ int) (int, bool) { return 0, !s.Add(tx, k) }
func (s heldOrderedSet) Delete(tx *stm.Tx, k int) (int, bool)      { return 0, s.OrderedSet.Delete(tx, k) }
func (s heldOrderedSet) All(tx *stm.Tx) iter.Seq2[int, int]        { return zeros(s.OrderedSet.All(tx)) }
func (s heldOrderedSet) Load(k int) (int, bool)                    { return 0, s.Contains(k) }
func (s heldOrderedSet) Store(k, _ int)                            { s.Insert(k) }
func (s heldOrderedSet) LoadOrStore(k, _ int) (int, bool)          { return 0, !s.Insert(k) }
func (s heldOrderedSet) Remove(k int) (int, bool)                  { return 0, s.OrderedSet.Remove(k) }
func (s heldOrderedSet) at(m *tdata.Moment) func() iter.Seq[int]   { return s.SnapshotAt(m).All }

func (s heldOrderedSet) Range(tx *stm.Tx, from, to int) iter.Seq2[int, int] {
	return zeros(s.OrderedSet.Range(tx, from, to))
}

func (s heldOrderedSet) RangeBackward(tx *stm.Tx, from, to int) iter.Seq2[int, int] {
	return zeros(s.OrderedSet.RangeBackward(tx, from, to))
}

func (s heldOrderedSet) From(tx *stm.Tx, from int) iter.Seq2[int, int] {
	return zeros(s.OrderedSet.From(tx, from))
}

func (s heldOrderedSet) Before(tx *stm.Tx, to int) iter.Seq2[int, int] {
	return zeros(s.OrderedSet.Before(tx, to))
}

func (s heldOrderedSet) Min(tx *stm.Tx) (int, int, bool) { return zero(s.OrderedSet.Min(tx)) }
func (s heldOrderedSet) Max(tx *stm.Tx) (int, int, bool) { return zero(s.OrderedSet.Max(tx)) }
func (s heldOrderedSet) Floor(tx *stm.Tx, k int) (int, int, bool) {
	return zero(s.OrderedSet.Floor(tx, k))
}

func (s heldOrderedSet) Ceiling(tx *stm.Tx, k int) (int, int, bool) {
	return zero(s.OrderedSet.Ceiling(tx, k))
}

func zero(k int, found bool) (int, int, bool) { return k, 0, found }

func zeros(keys iter.Seq[int]) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for k := range keys {
			if !yield(k, 0) {
				return
			}
		}
	}
}

func TestHeldMapsAreTheirModels(t *testing.T) {
	worlds := map[string]heldWorld{
		"Map": func(*testing.T) (*stm.Owner, []heldStructure) {
			o := stm.NewOwner()
			return o, []heldStructure{&heldMap{heldTable: tdata.NewMap[int, int](tdata.In(o)), keys: 40}}
		},
		"zero Map": func(*testing.T) (*stm.Owner, []heldStructure) {
			return stm.Default(), []heldStructure{&heldMap{heldTable: new(tdata.Map[int, int]), keys: 40}}
		},
		"OrderedMap": func(*testing.T) (*stm.Owner, []heldStructure) {
			o := stm.NewOwner()
			m := tdata.NewOrderedMap[int, int](tdata.In(o))
			return o, []heldStructure{&heldMap{heldTable: m, ordered: m, keys: 20}}
		},
		"Set": func(*testing.T) (*stm.Owner, []heldStructure) {
			o := stm.NewOwner()
			return o, []heldStructure{&heldMap{heldTable: heldSet{tdata.NewSet[int](tdata.In(o))}, keys: 40, set: true}}
		},
		"OrderedSet": func(*testing.T) (*stm.Owner, []heldStructure) {
			o := stm.NewOwner()
			s := heldOrderedSet{tdata.NewOrderedSet[int](tdata.In(o))}
			return o, []heldStructure{&heldMap{heldTable: s, ordered: s, keys: 20, set: true}}
		},
	}
	for name, w := range worlds {
		t.Run(name, func(t *testing.T) { w.holds(t, 25) })
	}
}
