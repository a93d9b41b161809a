package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

type activity string

const (
	thinking activity = "thinks"
	hungry   activity = "waits"
	eating   activity = "eats"
)

// A fork lies on the table or is taken.
type fork struct {
	taken tvar.TVar[bool]
	hand  sync.Mutex // never contended if taken is right; pick checks it
}

type philosopher struct {
	name        string // immutable, as are the forks
	left, right *fork
	doing       tvar.TVar[activity]
	meals       tvar.TVar[int]
	hunger      time.Duration // the longest ever; own goroutine only
}

// seat lays a table with a fork between every two neighbours.
func seat(names ...string) []*philosopher {
	forks := make([]fork, len(names))
	table := make([]*philosopher, len(names))
	for i, name := range names {
		p := &philosopher{name: name, left: &forks[i], right: &forks[(i+1)%len(forks)]}
		p.doing.Init(thinking)
		table[i] = p
	}
	return table
}

// dine eats that many meals, thinking before each.
func (p *philosopher) dine(ctx context.Context, meals int) error {
	for range meals {
		if err := pause(ctx); err != nil {
			return err
		}
		p.doing.Store(hungry)
		since := time.Now()
		if err := p.pick(ctx); err != nil {
			return err
		}
		p.hunger = max(p.hunger, time.Since(since))
		// The forks go back even if the meal is interrupted.
		if err := errors.Join(pause(ctx), p.putDown()); err != nil {
			return err
		}
	}
	return nil
}

// pick takes both forks, once both are free.
func (p *philosopher) pick(ctx context.Context) error {
	err := stm.Atomically(ctx, func(tx *stm.Tx) error {
		tx.Check(!p.left.taken.Get(tx) && !p.right.taken.Get(tx))
		p.left.taken.Set(tx, true)
		p.right.taken.Set(tx, true)
		p.doing.Set(tx, eating)
		return nil
	})
	if err != nil {
		return err
	}
	for _, f := range []*fork{p.left, p.right} {
		if !f.hand.TryLock() {
			return fmt.Errorf("%s grips a fork that a neighbour holds", p.name)
		}
	}
	return nil
}

// putDown lays both forks back, which wakes the neighbours that wait for them.
// No context can stop it.
func (p *philosopher) putDown() error {
	p.left.hand.Unlock()
	p.right.hand.Unlock()
	return stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		p.left.taken.Set(tx, false)
		p.right.taken.Set(tx, false)
		p.doing.Set(tx, thinking)
		p.meals.Modify(tx, func(n int) int { return n + 1 })
		return nil
	})
}

// A glimpse of the table is true of one moment.
type glimpse struct {
	doing []activity
	meals int // eaten so far, by all
}

// glance looks at the whole table. It is an error if two neighbours eat.
func glance(ctx context.Context, table []*philosopher) (glimpse, error) {
	var g glimpse
	err := stm.View(ctx, func(tx *stm.Tx) error {
		g = glimpse{} // a view may run twice
		for _, p := range table {
			g.doing = append(g.doing, p.doing.Get(tx))
			g.meals += p.meals.Get(tx)
		}
		return nil
	})
	if err != nil {
		return glimpse{}, err
	}
	for i, p := range table {
		next := (i + 1) % len(table)
		if g.doing[i] == eating && g.doing[next] == eating {
			return g, fmt.Errorf("neighbours %s and %s eat at once", p.name, table[next].name)
		}
	}
	return g, nil
}

// pause is the time it takes to think or to eat.
func pause(ctx context.Context) error {
	return sleep(ctx, time.Millisecond+rand.N(3*time.Millisecond))
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
