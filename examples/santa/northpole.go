package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rinse-go/rinse/stm"
)

// A northPole is where Santa works. It tells what goes on there.
type northPole struct {
	out      io.Writer
	err      error // the first of out
	reindeer *group
	elves    *group

	deliveries, advice, contests int // Santa only
}

func newNorthPole(w io.Writer) *northPole {
	return &northPole{out: w, reindeer: newGroup(9), elves: newGroup(3)}
}

func (n *northPole) say(format string, args ...any) {
	if n.err == nil {
		_, n.err = fmt.Fprintf(n.out, format+"\n", args...)
	}
}

// open lets everybody work until Santa was woken that many times.
func (n *northPole) open(ctx context.Context, rounds int) error {
	all, ctx := errgroup.WithContext(ctx)
	working, goHome := context.WithCancel(ctx)
	for _, h := range n.helpers() {
		all.Go(func() error { return h.work(working) })
	}
	all.Go(func() error {
		defer goHome()
		return n.serve(ctx, rounds)
	})
	return all.Wait()
}

func (n *northPole) helpers() (all []helper) {
	for name := range strings.FieldsSeq("Dasher Dancer Prancer Vixen Comet Cupid Donner Blitzen Rudolph") {
		all = append(all, helper{name, n.reindeer, 110 * time.Millisecond, 60 * time.Millisecond})
	}
	for name := range strings.FieldsSeq("Alva Birk Dagny Elof Frida Gorm Hilda Ivar Jorun Kettil") {
		all = append(all, helper{name, n.elves, 24 * time.Millisecond, 18 * time.Millisecond})
	}
	return all
}

// A visit is who got to see Santa.
type visit struct {
	party
	group     *group
	bothReady bool // when Santa chose
}

// choose sleeps until a group is ready. If both are, it takes the reindeer.
func (n *northPole) choose(ctx context.Context) (visit, error) {
	return stm.Do(ctx, func(tx *stm.Tx) (visit, error) {
		v := visit{bothReady: n.reindeer.ready(tx) && n.elves.ready(tx)}
		take := func(g *group) func(*stm.Tx) error {
			return func(tx *stm.Tx) error {
				v.group, v.party = g, g.await(tx)
				return nil
			}
		}
		err := tx.OrElse(take(n.reindeer), take(n.elves))
		return v, err
	})
}

// serve is Santa's work.
func (n *northPole) serve(ctx context.Context, rounds int) error {
	n.say("Santa sleeps.")
	for round := range rounds {
		v, err := n.choose(ctx)
		if err != nil {
			return err
		}
		if err := n.check(v); err != nil {
			return err
		}
		n.tell(round+1, v)
		if err := n.receive(ctx, v); err != nil {
			return err
		}
	}
	n.say("\nDeliveries %d, advice %d.", n.deliveries, n.advice)
	n.say("Both at the door %d, and the reindeer went first.", n.contests)
	return n.err
}

// tell says who goes in, and counts.
func (n *northPole) tell(round int, v visit) {
	if v.group == n.reindeer {
		n.deliveries++
		n.say("%3d  Ho! Ho! Ho! All nine reindeer are back,", round)
		n.say("     %s last. Off to deliver toys!", v.names[8])
	} else {
		n.advice++
		n.say("%3d  %s, %s and %s want advice.", round, v.names[0], v.names[1], v.names[2])
	}
	if v.bothReady {
		n.contests++
		n.say("     (Three elves at the door have to wait.)")
	}
}

var errPriority = errors.New("the elves went in although the reindeer were ready")

// check makes sure of the reindeer's priority.
func (n *northPole) check(v visit) error {
	if v.bothReady && v.group != n.reindeer {
		return errPriority
	}
	return nil
}

// receive leads a party in and out again, and makes sure that, in between, it and
// nobody else is with Santa.
func (n *northPole) receive(ctx context.Context, v visit) error {
	if err := v.in.open(ctx, v.group.size); err != nil {
		return err
	}
	err := stm.View(ctx, func(tx *stm.Tx) error {
		all := n.reindeer.inside.Get(tx) + n.elves.inside.Get(tx)
		if v.group.inside.Get(tx) != v.group.size || all != v.group.size {
			return fmt.Errorf("%d are with Santa, of whom %d were let in", all, v.group.size)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.out.open(ctx, v.group.size)
}
