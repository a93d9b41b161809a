package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The pauses of these tests pass in synctest's bubble, in no real time.

func TestNobodyStarves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		if err := run(t.Context(), &out, []string{"-meals", "500"}); err != nil {
			t.Fatalf("%v, after\n%s", err, out.String())
		}
		for _, name := range []string{"Plato", "Laozi", "Rumi", "Sappho", "Hannah"} {
			if want := fmt.Sprintf("  %-6s  500 meals, hungry ", name); !strings.Contains(out.String(), want) {
				t.Errorf("output lacks %q; it is\n%s", want, out.String())
			}
		}
	})
}

func TestATableOfTwoSharesBothForks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &dinner{out: new(strings.Builder), table: seat("Marx", "Engels"), meals: 50}
		if err := d.serve(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestForksAreTakenBothOrNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := seat("A", "B", "C")[0]
		p.right.taken.Store(true)
		picked := false
		go func() { picked = p.pick(t.Context()) == nil }()

		synctest.Wait()
		if picked || p.left.taken.Load() {
			t.Errorf("picked %v, left fork taken %v, want neither while the right one is away", picked, p.left.taken.Load())
		}
		p.right.taken.Store(false)
		synctest.Wait()
		if !picked || !p.left.taken.Load() || !p.right.taken.Load() {
			t.Error("did not take both forks when they were free")
		}
	})
}

func TestAGripOnAForkInUseIsFound(t *testing.T) {
	p := seat("A", "B")[0]
	p.left.hand.Lock() // in use, yet not marked as taken
	if err := p.pick(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestAGlanceFindsNeighboursThatEat(t *testing.T) {
	table := seat("A", "B", "C", "D")
	table[0].doing.Store(eating)
	table[2].doing.Store(eating)
	if _, err := glance(t.Context(), table); err != nil {
		t.Errorf("A and C: %v", err)
	}
	table[2].doing.Store(thinking)
	table[3].doing.Store(eating)
	if _, err := glance(t.Context(), table); err == nil {
		t.Error("D and A: no error")
	}
}

func TestAMissingMealIsFound(t *testing.T) {
	d := &dinner{out: new(strings.Builder), table: seat("A", "B"), meals: 1}
	d.table[0].meals.Store(1)
	if err := d.count(); err == nil {
		t.Error("no error, though B had nothing")
	}
}

func TestInterruptLaysEveryForkBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		d := &dinner{out: new(strings.Builder), table: seat("A", "B", "C"), meals: 1000}
		if err := d.serve(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
		}
		for _, p := range d.table {
			if p.left.taken.Load() {
				t.Errorf("%s's left fork is not back", p.name)
			}
		}
	})
}

func TestBadFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-meals", "0"}, {"spaghetti"}, {"-meals", "some"}} {
		if err := run(t.Context(), new(strings.Builder), args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
