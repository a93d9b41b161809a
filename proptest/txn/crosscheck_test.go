package txn_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/txn"
)

// The checkers are held against one another: Cycles against BruteForce on lists, and BruteForce against an oracle
// that tries permutations with no cleverness at all.

var allLevels = []txn.Level{txn.Serializable, txn.StrictSerializable, txn.Opaque}

// generator makes random small histories: a serial run, spread over time, and then disturbed.
type generator struct {
	*rand.Rand
	attempts, clients int
	ints              bool // ints as well as lists
	unknown           bool // attempts of unknown outcome as well
}

func (g generator) history() txn.History {
	h := txn.History{Vars: []txn.Var{txn.List("l"), txn.List("m")}}
	if g.ints {
		h.Vars = append(h.Vars, txn.Int("x", 0), txn.Int("y", 0))
	}
	element := 0
	for range 1 + g.IntN(g.attempts) {
		a := txn.Attempt{Client: g.IntN(g.clients), Outcome: txn.Committed}
		if g.IntN(4) == 0 {
			a.Outcome = txn.Aborted
		}
		seen := h
		if n := len(h.Attempts); n > 0 && g.IntN(3) == 0 { // an old snapshot
			seen.Attempts = h.Attempts[:n-1-g.IntN(min(n, 2))]
		}
		ints, lists := state(seen)
		for range 1 + g.IntN(3) {
			a.Ops = append(a.Ops, g.op(h.Vars[g.IntN(len(h.Vars))], ints, lists, &element))
		}
		h.Attempts = append(h.Attempts, a)
	}
	g.spread(&h)
	for range g.IntN(4) {
		g.disturb(&h)
	}
	return h
}

// state runs the committed attempts in their order.
func state(h txn.History) (map[string]int, map[string][]int) {
	ints, lists := map[string]int{}, map[string][]int{}
	for _, a := range h.Attempts {
		if a.Outcome == txn.Committed {
			for _, op := range a.Ops {
				apply(op, ints, lists)
			}
		}
	}
	return ints, lists
}

func apply(op txn.Op, ints map[string]int, lists map[string][]int) {
	switch op.Kind {
	case txn.KindWrite:
		ints[op.Var] = op.Value
	case txn.KindAppend:
		lists[op.Var] = append(slices.Clone(lists[op.Var]), op.Value)
	}
}

func (g generator) op(v txn.Var, ints map[string]int, lists map[string][]int, element *int) txn.Op {
	*element++
	op := txn.Write(v.Name, g.IntN(3))
	switch write := g.IntN(2) == 0; {
	case v.List && write:
		op = txn.Append(v.Name, *element)
	case v.List:
		op = txn.ReadList(v.Name, lists[v.Name]...)
	case !write:
		op = txn.Read(v.Name, ints[v.Name])
	}
	apply(op, ints, lists)
	return op
}

// spread gives each attempt an interval that contains its place in the serial run.
func (g generator) spread(h *txn.History) {
	last := map[int]int64{}
	for i := range h.Attempts {
		a := &h.Attempts[i]
		place := int64(10 * (i + 1))
		a.Start = max(place-int64(g.IntN(25)), last[a.Client]+1)
		a.End = place + int64(g.IntN(25))
		for _, later := range h.Attempts[i+1:] { // leave room for the client's next
			if later.Client == a.Client {
				a.End = min(a.End, place+1)
			}
		}
		last[a.Client] = a.End
	}
}

// disturb makes one random change, after which the history may still be explained, or not.
func (g generator) disturb(h *txn.History) {
	a := &h.Attempts[g.IntN(len(h.Attempts))]
	op := &a.Ops[g.IntN(len(a.Ops))]
	switch g.IntN(5) {
	case 0: // a shorter list, or an older int
		op.List = op.List[:len(op.List)-min(len(op.List), 1+g.IntN(2))]
		if op.Kind == txn.KindRead {
			op.Value = g.IntN(3)
		}
	case 1: // another outcome
		a.Outcome = txn.Committed + txn.Aborted - min(a.Outcome, txn.Aborted)
	case 2: // what another attempt read
		b := h.Attempts[g.IntN(len(h.Attempts))]
		other := b.Ops[g.IntN(len(b.Ops))]
		if other.Kind == op.Kind && op.Kind == txn.KindReadList {
			op.List = other.List
		}
	case 3: // two elements in the wrong order, one that nobody appended, or one twice
		op.List = slices.Clone(op.List)
		if n := len(op.List); n > 1 && g.IntN(4) > 0 {
			op.List[n-1], op.List[n-2] = op.List[n-2], op.List[n-1]
		} else if n > 0 && g.IntN(4) == 0 {
			op.List[0] = 1000 + g.IntN(2)
		} else if n > 0 && g.IntN(4) == 0 {
			op.List = append(op.List, op.List[0])
		}
	case 4:
		if g.unknown {
			g.forget(h)
		}
	}
}

// forget makes the last attempt of some client unknown.
func (g generator) forget(h *txn.History) {
	client := g.IntN(g.clients)
	var last *txn.Attempt
	for i := range h.Attempts {
		if a := &h.Attempts[i]; a.Client == client && (last == nil || a.Start > last.Start) {
			last = a
		}
	}
	if last != nil {
		last.Outcome = txn.Unknown
	}
}

func TestCyclesAgreesWithBruteForce(t *testing.T) {
	const histories = 5_000
	verdicts, phenomena := map[string]int{}, map[txn.Phenomenon]int{}
	for seed := range uint64(histories) {
		g := generator{rand.New(rand.NewPCG(seed, 1)), 9, 4, false, seed%2 == 0}
		h := g.history()
		for _, level := range allLevels {
			brute, err := txn.BruteForce(h, level)
			require.NoError(t, err, "seed %d\n%v", seed, h)
			cycles, err := txn.Cycles(h, level)
			require.NoError(t, err, "seed %d\n%v", seed, h)
			require.Equal(t, brute.OK(), cycles.OK(), "seed %d, %v\n%v\nbrute force: %v\ncycles: %v", seed, level, h, brute, cycles)
			for _, v := range []txn.Verdict{brute, cycles} {
				requireOrderExplains(t, h, v)
			}
			verdicts[fmt.Sprintf("%v: %v", level, brute.OK())]++
			for _, a := range cycles.Anomalies {
				phenomena[a.Phenomenon]++
			}
		}
	}
	t.Log(verdicts)
	t.Log(phenomena)
	for _, p := range []txn.Phenomenon{
		txn.G0, txn.G1a, txn.G1b, txn.G1c, txn.GSingle, txn.G2, txn.GSingle + "-realtime",
		txn.Internal, txn.Garbage, txn.Duplicate, txn.Incompatible,
	} {
		require.Positive(t, phenomena[p], p)
	}
	for _, level := range allLevels { // the comparison means something only if both verdicts are common
		require.Greater(t, verdicts[fmt.Sprintf("%v: true", level)], histories/10)
		require.Greater(t, verdicts[fmt.Sprintf("%v: false", level)], histories/10)
	}
}

func TestBruteForceAgreesWithEveryPermutation(t *testing.T) {
	const histories = 4_000
	for seed := range uint64(histories) {
		g := generator{rand.New(rand.NewPCG(seed, 2)), 5, 3, true, seed%2 == 0}
		h := g.history()
		for _, level := range allLevels {
			brute, err := txn.BruteForce(h, level)
			require.NoError(t, err)
			require.Equal(t, permutes(h, level), brute.OK(), "seed %d, %v\n%v\n%v", seed, level, h, brute)
			requireOrderExplains(t, h, brute)
			for _, a := range brute.Anomalies { // the attempts that it shows are proof enough
				shown := txn.History{Vars: h.Vars}
				for _, i := range a.Attempts {
					shown.Attempts = append(shown.Attempts, h.Attempts[i])
				}
				require.False(t, permutes(shown, level), "seed %d, %v\n%v\n%v", seed, level, h, brute)
			}
		}
	}
}

// requireOrderExplains runs the attempts in the order that the verdict gives and compares what they read.
func requireOrderExplains(t *testing.T, h txn.History, v txn.Verdict) {
	t.Helper()
	unknown := slices.ContainsFunc(h.Attempts, func(a txn.Attempt) bool { return a.Outcome == txn.Unknown })
	if !v.OK() || unknown {
		return
	}
	var due []int
	for i, a := range h.Attempts {
		if v.Level == txn.Opaque || a.Outcome == txn.Committed {
			due = append(due, i)
		}
	}
	require.ElementsMatch(t, due, v.Order, "%v%v", h, v)
	require.True(t, legal(h, v.Order, map[int]bool{}), "order %v of\n%v", v.Order, h)
	if v.Level != txn.Serializable {
		require.True(t, timely(h, v.Order), "order %v of\n%v", v.Order, h)
	}
}

// legal runs attempts one after the other. An attempt of unknown outcome has effects if it is in believed.
func legal(h txn.History, order []int, believed map[int]bool) bool {
	ints, lists := map[string]int{}, map[string][]int{}
	for _, i := range order {
		a := h.Attempts[i]
		mine, myLists := clone(ints, lists)
		for _, op := range a.Ops {
			if op.Kind == txn.KindRead && mine[op.Var] != op.Value ||
				op.Kind == txn.KindReadList && !slices.Equal(myLists[op.Var], op.List) {
				return false
			}
			apply(op, mine, myLists)
		}
		if a.Outcome == txn.Committed || believed[i] {
			ints, lists = mine, myLists
		}
	}
	return true
}

func clone(ints map[string]int, lists map[string][]int) (map[string]int, map[string][]int) {
	a, b := map[string]int{}, map[string][]int{}
	for k, v := range ints {
		a[k] = v
	}
	for k, v := range lists {
		b[k] = v
	}
	return a, b
}

// timely reports that the order puts nobody before one who ended before they started, or before their client's
// earlier attempt.
func timely(h txn.History, order []int) bool {
	for p, i := range order {
		for _, j := range order[p+1:] {
			a, b := h.Attempts[i], h.Attempts[j]
			if b.Outcome != txn.Unknown && b.End < a.Start || a.Client == b.Client && b.Start < a.Start {
				return false
			}
		}
	}
	return true
}

// permutes is the oracle: some permutation of some choice of the unknown explains the history.
func permutes(h txn.History, level txn.Level) bool {
	var fixed, unknown []int
	for i, a := range h.Attempts {
		switch {
		case a.Outcome == txn.Unknown:
			unknown = append(unknown, i)
		case a.Outcome == txn.Committed || level == txn.Opaque:
			fixed = append(fixed, i)
		}
	}
	for choice := range 1 << len(unknown) {
		chosen, believed := slices.Clone(fixed), map[int]bool{}
		for k, i := range unknown {
			believed[i] = choice>>k&1 == 1
			if believed[i] || level == txn.Opaque {
				chosen = append(chosen, i)
			}
		}
		if permutation(chosen, 0, func(order []int) bool {
			return legal(h, order, believed) && (level == txn.Serializable || timely(h, order))
		}) {
			return true
		}
	}
	return false
}

func permutation(of []int, from int, good func([]int) bool) bool {
	if from == len(of) {
		return good(of)
	}
	for i := from; i < len(of); i++ {
		of[from], of[i] = of[i], of[from]
		if permutation(of, from+1, good) {
			return true
		}
		of[from], of[i] = of[i], of[from]
	}
	return false
}
