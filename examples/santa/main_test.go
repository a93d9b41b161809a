package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rinse-go/rinse/stm"
)

// The pauses of these tests pass in synctest's bubble, in no real time.

func TestSantaIsWokenThatManyTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		n := newNorthPole(&out)
		if err := n.open(t.Context(), 500); err != nil {
			t.Fatalf("%v, after\n%s", err, out.String())
		}
		if n.deliveries+n.advice != 500 || n.deliveries == 0 || n.advice == 0 {
			t.Errorf("%d deliveries and %d times advice, want 500 in all, and some of each", n.deliveries, n.advice)
		}
		if n.contests == 0 {
			t.Error("the two groups never met at the door, so the priority was not tried")
		}
		if want := fmt.Sprintf("\nDeliveries %d, advice %d.\n", n.deliveries, n.advice); !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q; it is\n%s", want, out.String())
		}
	})
}

func TestReindeerGoFirst(t *testing.T) {
	n := newNorthPole(new(strings.Builder))
	gather(t, n.elves) // first at the door
	gather(t, n.reindeer)

	for i, want := range []*group{n.reindeer, n.elves} {
		v, err := n.choose(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v.group != want || len(v.names) != want.size || v.bothReady != (i == 0) {
			t.Errorf("choice %d: %+v, want %d names and both ready only at first", i+1, v, want.size)
		}
		if err := n.check(v); err != nil {
			t.Errorf("choice %d: %v", i+1, err)
		}
	}
}

func TestElvesBeforeReadyReindeerAreFound(t *testing.T) {
	n := newNorthPole(new(strings.Builder))
	if err := n.check(visit{group: n.elves, bothReady: true}); !errors.Is(err, errPriority) {
		t.Errorf("error %v, want %v", err, errPriority)
	}
}

func TestSantaSleepsUntilEitherGroupIsReady(t *testing.T) {
	for _, who := range []string{"reindeer", "elves"} {
		synctest.Test(t, func(t *testing.T) {
			n := newNorthPole(new(strings.Builder))
			want := map[string]*group{"reindeer": n.reindeer, "elves": n.elves}[who]
			var chosen *group
			go func() {
				v, _ := n.choose(t.Context())
				chosen = v.group
			}()
			for range want.size {
				synctest.Wait()
				if chosen != nil {
					t.Fatalf("%s: Santa woke before they were complete", who)
				}
				join(t, want)
			}
			synctest.Wait()
			if chosen != want {
				t.Errorf("%s: complete, but Santa did not take them", who)
			}
		})
	}
}

func TestAFullGroupKeepsOthersOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(2)
		gather(t, g)
		var late party
		go func() { late, _ = g.join(t.Context(), "late") }()
		synctest.Wait()
		if late.in != nil {
			t.Fatal("a third joined a group of two")
		}
		var first party
		err := stm.Atomically(t.Context(), func(tx *stm.Tx) error {
			first = g.await(tx)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(late.names) != 1 || late.in == first.in || late.out == first.out {
			t.Errorf("late got %+v, want the next party, with gates other than %+v", late, first)
		}
	})
}

func TestAGateLetsSoManyThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var g gate
		passed, opened := make(chan bool, 3), false
		for range 3 {
			go func() {
				err := stm.Atomically(ctx, func(tx *stm.Tx) error { g.pass(tx); return nil })
				if err == nil {
					passed <- true
				}
			}()
		}
		synctest.Wait()
		if len(passed) != 0 {
			t.Errorf("%d passed a gate that is shut", len(passed))
		}
		go func() { opened = g.open(ctx, 2) == nil }()
		synctest.Wait()
		if len(passed) != 2 || !opened {
			t.Errorf("%d passed, opener back %v, want 2 and true", len(passed), opened)
		}
		cancel()
	})
}

func TestAStrangerWithSantaIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNorthPole(new(strings.Builder))
		n.elves.inside.Store(1)
		var parties []party
		for range n.reindeer.size {
			parties = append(parties, join(t, n.reindeer))
		}
		v, err := n.choose(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parties {
			go n.reindeer.enter(t.Context(), p)
		}
		if err := n.receive(t.Context(), v); err == nil {
			t.Error("no error, though an elf is in with the reindeer")
		}
	})
}

func TestInterruptSendsEverybodyHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := run(ctx, new(strings.Builder), []string{"-rounds", "1000000"})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

func TestBadFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-rounds", "0"}, {"now"}, {"-rounds", "all"}} {
		if err := run(t.Context(), new(strings.Builder), args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

// gather lets a whole group join.
func gather(t *testing.T, g *group) {
	t.Helper()
	for range g.size {
		join(t, g)
	}
}

func join(t *testing.T, g *group) party {
	t.Helper()
	p, err := g.join(t.Context(), "somebody")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
