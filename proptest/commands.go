package proptest

import (
	"math/rand"
	"reflect"
	"slices"

	"github.com/leanovate/gopter"
)

// Commands makes a generator of commands from a function that draws one. It is the direct way to mix
// commands of several kinds, also where C is an interface.
//
// Commands shrink by being drawn again from smaller numbers: r.Intn gives 0, or whatever is smaller than what
// it gave and still shows the failure. So let draw prefer what is simple at 0, and depend on r alone. A
// [Spec]'s Shrink takes the place of this. (The idea is Hypothesis's: MacIver, Donaldson, Test-Case Reduction
// via Test-Case Generation, ECOOP 2020.)
func Commands[C any](draw func(r *rand.Rand) C) gopter.Gen {
	of := reflect.TypeFor[C]()
	return func(p *gopter.GenParameters) *gopter.GenResult {
		t := &tape{more: p.Rng}
		command := draw(rand.New(t))
		s := &redrawer[C]{draw: draw, drawn: []redrawn[C]{{command, t.numbers}}}
		return &gopter.GenResult{Result: command, ResultType: of, Shrinker: s.shrink}
	}
}

// A redrawer knows the smallest numbers that each command was drawn from.
type redrawer[C any] struct {
	draw  func(r *rand.Rand) C
	drawn []redrawn[C] // different commands
}

type redrawn[C any] struct {
	command C
	numbers []int64
}

func (s *redrawer[C]) find(command any) int {
	return slices.IndexFunc(s.drawn, func(d redrawn[C]) bool { return reflect.DeepEqual(any(d.command), command) })
}

// shrink draws again with one number smaller, and offers what comes from smaller numbers than the command does.
func (s *redrawer[C]) shrink(command any) gopter.Shrink {
	at := s.find(command)
	if at < 0 {
		return gopter.NoShrink
	}
	var simpler []any
	for i := 0; i < len(s.drawn[at].numbers); i++ {
		for _, smaller := range smallerThan(s.drawn[at].numbers[i]) {
			if to := s.redraw(at, i, smaller); to >= 0 && to != at && less(s.drawn[to].numbers, s.drawn[at].numbers) {
				simpler = append(simpler, s.drawn[to].command)
			}
		}
	}
	return func() (any, bool) {
		if len(simpler) == 0 {
			return nil, false
		}
		next := simpler[0]
		simpler = simpler[1:]
		return next, true
	}
}

// redraw draws from the numbers of a command with one of them changed, and returns the place of what it draws. It
// is -1 where draw panics, as it does if the numbers make it draw for ever.
func (s *redrawer[C]) redraw(at, i int, number int64) (to int) {
	to = -1
	if i >= len(s.drawn[at].numbers) { // there were more, see below
		return to
	}
	defer func() { _ = recover() }()
	t := &tape{numbers: slices.Clone(s.drawn[at].numbers), replay: true}
	t.numbers[i] = number
	c := s.draw(rand.New(t))
	numbers := t.numbers[:min(t.read, len(t.numbers))]
	if to = s.find(c); to < 0 {
		s.drawn = append(s.drawn, redrawn[C]{c, numbers})
		return len(s.drawn) - 1
	}
	if less(numbers, s.drawn[to].numbers) {
		s.drawn[to].numbers = numbers
	}
	return to
}

// smallerThan are numbers to try for a number of math/rand, of which Intn and its like take the upper half.
func smallerThan(n int64) (all []int64) {
	for _, upper := range []int64{0, 1, 2, 4, 8, 32, n>>32 - 1} {
		if smaller := upper << 32; smaller >= 0 && smaller < n && !slices.Contains(all, smaller) {
			all = append(all, smaller)
		}
	}
	return all
}

// less orders the numbers that commands are drawn from: fewer first, then the smaller.
func less(a, b []int64) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return slices.Compare(a, b) < 0
}

// A tape is a source of numbers that are written down, or read from what was written. After its end there are
// zeros, but not without end.
type tape struct {
	more    *rand.Rand // to be written down
	numbers []int64
	replay  bool
	read    int
}

func (t *tape) Seed(int64) {}

func (t *tape) Int63() int64 {
	if !t.replay {
		t.numbers = append(t.numbers, t.more.Int63())
		return t.numbers[len(t.numbers)-1]
	}
	t.read++
	switch {
	case t.read <= len(t.numbers):
		return t.numbers[t.read-1]
	case t.read > len(t.numbers)+1000:
		panic("proptest: these numbers make draw go on for ever")
	}
	return 0
}
