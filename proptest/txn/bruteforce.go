package txn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// The complete search over orders. A state of the search is the set of attempts placed so far and the value of each
// variable; what can still follow depends on nothing else. Two things keep it small:
//
//  1. A state is explored once.
//  2. An attempt without effects that may come next and whose reads are right is placed at once, and nothing else is
//     tried in its stead: it changes no value and only frees others, so in any order that works it can be moved here.

// MaxBruteForce is the greatest number of attempts that BruteForce takes.
const MaxBruteForce = 64

// maxStates bounds the search, to give up in seconds instead of hours.
const maxStates = 1 << 16

// ErrTooLarge is found by errors.Is in what BruteForce returns for a history that it cannot search.
var ErrTooLarge = errors.New("txn: history too large to try every order")

// BruteForce looks for a serial order that explains the history, by trying all of them. It is complete for any
// history of ints and lists, and takes time exponential in the number of attempts that overlap. If no order exists
// the verdict shows the longest one that worked so far, and why nothing could follow. The error is about histories
// that it cannot judge: ErrMalformed or ErrTooLarge.
func BruteForce(h History, level Level) (Verdict, error) {
	c, err := compile(h)
	if err = errors.Join(err, level.validate()); err != nil {
		return Verdict{}, err
	}
	s, err := newSearch(c, level)
	if err != nil {
		return Verdict{}, err
	}
	found, err := s.run()
	if err != nil {
		return Verdict{}, err
	}
	if found {
		return Verdict{Level: level, Order: s.order}, nil
	}
	return Verdict{Level: level, Anomalies: []Anomaly{s.smallest().explain()}}, nil
}

// search is one run over the orders of the attempts in all. Attempts are bits, by their index in the history.
type search struct {
	c      *compiled
	level  Level
	all    uint64
	before []uint64 // by attempt: those that must come first
	state  values
	order  []int
	seen   map[string]struct{}
	best   []int  // the longest order that worked
	at     values // the state after it
	states int
}

// values holds what each variable has; lists are never changed in place.
type values struct {
	ints  []int
	lists [][]int
}

func (v values) clone() values { return values{slices.Clone(v.ints), slices.Clone(v.lists)} }

func newSearch(c *compiled, level Level) (*search, error) {
	if n := len(c.Attempts); n > MaxBruteForce {
		return nil, fmt.Errorf("%w: %d attempts, at most %d: use Cycles, or a shorter history", ErrTooLarge, n, MaxBruteForce)
	}
	s := &search{c: c, level: level, before: make([]uint64, len(c.Attempts))}
	for i := range c.Attempts {
		if level.allAttempts() || c.Attempts[i].Outcome != Aborted {
			s.all |= 1 << i
		}
	}
	if level.realTime() {
		s.addRealTime()
	}
	return s, nil
}

func (s *search) addRealTime() {
	for i := range s.c.Attempts {
		for j := range s.c.Attempts {
			a, b := &s.c.Attempts[i], &s.c.Attempts[j]
			if a.Outcome != Unknown && a.End < b.Start {
				s.before[j] |= 1 << i
			}
		}
	}
	for _, mine := range s.c.clients {
		for k := 1; k < len(mine); k++ {
			for _, earlier := range mine[:k] {
				s.before[mine[k]] |= 1 << earlier
			}
		}
	}
}

// run searches from the beginning.
func (s *search) run() (bool, error) {
	s.state = values{make([]int, len(s.c.Vars)), make([][]int, len(s.c.Vars))}
	for i, v := range s.c.Vars {
		s.state.ints[i] = v.Initial
	}
	s.seen, s.order, s.best, s.states = map[string]struct{}{}, nil, nil, 0
	s.at = s.state.clone()
	found := s.extend(0)
	if s.states > maxStates {
		return false, fmt.Errorf("%w: gave up after %d states: fewer attempts should overlap", ErrTooLarge, maxStates)
	}
	return found, nil
}

// extend places the attempts that are not yet placed, in every order, until one works.
func (s *search) extend(placed uint64) bool {
	if len(s.order) > len(s.best) {
		s.best, s.at = slices.Clone(s.order), s.state.clone()
	}
	if placed == s.all {
		return true
	}
	if s.known(placed) {
		return false
	}
	ready := s.ready(placed)
	for _, i := range ready {
		if s.harmless(i) && s.wrong(i, s.state) == "" {
			return s.place(i, placed, s.state)
		}
	}
	return slices.ContainsFunc(ready, func(i int) bool { return s.try(i, placed) })
}

// try places attempt i next in each of the ways it can have ended.
func (s *search) try(i int, placed uint64) bool {
	ok := s.wrong(i, s.state) == ""
	unknown := s.c.Attempts[i].Outcome == Unknown
	if ok && s.c.Attempts[i].Outcome != Aborted && s.place(i, placed, s.after(i)) {
		return true
	}
	// One of unknown outcome that did not commit: its reads count at some levels, its writes never.
	return unknown && (ok || !s.level.allAttempts()) && s.place(i, placed, s.state)
}

// place goes on with attempt i as the next one, which leads to the state given.
func (s *search) place(i int, placed uint64, next values) bool {
	old := s.state
	s.state, s.order = next, append(s.order, i)
	if s.extend(placed | 1<<i) {
		return true
	}
	s.state, s.order = old, s.order[:len(s.order)-1]
	return false
}

// ready lists the attempts that may come next by the order required.
func (s *search) ready(placed uint64) []int {
	var ready []int
	for rest := s.all &^ placed; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		if s.before[i]&s.all&^placed == 0 {
			ready = append(ready, i)
		}
	}
	return ready
}

// harmless reports that attempt i has no effects.
func (s *search) harmless(i int) bool {
	a := &s.c.Attempts[i]
	return a.Outcome == Aborted || !a.writes()
}

// wrong tells what is wrong with the reads of attempt i if it runs in the state given, or "".
func (s *search) wrong(i int, state values) string {
	if !s.c.Attempts[i].reads() {
		return ""
	}
	state = state.clone()
	for _, op := range s.c.steps[i] {
		switch have := state.ints[op.v]; {
		case op.Kind == KindRead && have != op.value:
			return fmt.Sprintf("it read %s = %d, which is %d", s.c.Vars[op.v].Name, op.value, have)
		case op.Kind == KindReadList && !slices.Equal(state.lists[op.v], op.list):
			return fmt.Sprintf("it read %s = %v, which is %v",
				s.c.Vars[op.v].Name, abridged(op.list), abridged(state.lists[op.v]))
		}
		state.apply(op)
	}
	return ""
}

// after is the state once attempt i has committed.
func (s *search) after(i int) values {
	next := s.state.clone()
	for _, op := range s.c.steps[i] {
		next.apply(op)
	}
	return next
}

func (v values) apply(op step) {
	switch op.Kind {
	case KindWrite:
		v.ints[op.v] = op.value
	case KindAppend:
		v.lists[op.v] = append(slices.Clip(v.lists[op.v]), op.value)
	}
}

// known reports whether this state was explored before, and remembers it. It also says so when the budget is spent.
func (s *search) known(placed uint64) bool {
	if s.states++; s.states > maxStates {
		return true
	}
	key := binary.AppendUvarint(nil, placed)
	for i := range s.state.ints {
		key = binary.AppendVarint(key, int64(s.state.ints[i]))
		key = binary.AppendUvarint(key, uint64(len(s.state.lists[i])))
		for _, element := range s.state.lists[i] {
			key = binary.AppendVarint(key, int64(element))
		}
	}
	_, known := s.seen[string(key)]
	s.seen[string(key)] = struct{}{}
	return known
}

// smallest drops attempts of which nobody left has read anything, for as long as what is left still has no order.
// (If it had one, that of all attempts would be one for those left.)
func (s *search) smallest() *search {
	for again := true; again; {
		again = false
		for rest := s.all; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros64(rest)
			if s.readers(i) != 0 {
				continue
			}
			s.all &^= 1 << i
			if found, err := s.run(); found || err != nil {
				s.all |= 1 << i
			} else {
				again = true
			}
		}
	}
	_, _ = s.run() // a search that ended before ends again
	return s
}

// readers are the others who have read what attempt i wrote, or an equal value.
func (s *search) readers(i int) (readers uint64) {
	for rest := s.all &^ (1 << i); rest != 0; rest &= rest - 1 {
		j := bits.TrailingZeros64(rest)
		if slices.ContainsFunc(s.c.steps[j], func(op step) bool { return s.wrote(i, op) }) {
			readers |= 1 << j
		}
	}
	return readers
}

// wrote reports that attempt i wrote something that the operation read.
func (s *search) wrote(i int, read step) bool {
	return slices.ContainsFunc(s.c.steps[i], func(op step) bool {
		switch {
		case op.v != read.v:
			return false
		case read.Kind == KindRead:
			return op.Kind == KindWrite && op.value == read.value
		}
		return read.Kind == KindReadList && op.Kind == KindAppend && slices.Contains(read.list, op.value)
	})
}

// explain shows the longest order that worked and why nothing can follow it.
func (s *search) explain() Anomaly {
	var b strings.Builder
	var attempts []int
	fmt.Fprintf(&b, "%s: every order of these attempts was tried\n", NoOrder)
	for i := range s.c.Attempts {
		if s.all>>i&1 == 1 || s.c.Attempts[i].Outcome == Aborted && s.readers(i) != 0 {
			attempts = append(attempts, i)
			fmt.Fprintf(&b, "    %s\n", s.c.line(i))
		}
	}
	fmt.Fprintf(&b, "  the furthest it goes is%s, and then\n", names(s.best))
	var placed uint64
	for _, i := range s.best {
		placed |= 1 << i
	}
	for rest := s.all &^ placed; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		fmt.Fprintf(&b, "    T%d cannot be next: %s\n", i+1, s.obstacle(i, placed))
	}
	return Anomaly{Phenomenon: NoOrder, Attempts: attempts, text: b.String()}
}

// obstacle tells why attempt i cannot follow the longest order.
func (s *search) obstacle(i int, placed uint64) string {
	if missing := s.before[i] & s.all &^ placed; missing != 0 {
		return fmt.Sprintf("T%d ended before it started", bits.TrailingZeros64(missing)+1)
	}
	if wrong := s.wrong(i, s.at); wrong != "" {
		return wrong
	}
	return "nothing that is left could follow it"
}

func names(order []int) string {
	if len(order) == 0 {
		return " no attempt at all"
	}
	var b strings.Builder
	for _, i := range order {
		fmt.Fprintf(&b, " T%d", i+1)
	}
	return b.String()
}
