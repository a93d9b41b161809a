package main

import (
	"context"
	"math/rand/v2"
	"time"
)

// A helper is a reindeer or an elf.
type helper struct {
	name  string
	group *group
	away  time.Duration // between visits, on average
	busy  time.Duration // with Santa
}

// work visits Santa over and over, until the context sends the helper home.
func (h helper) work(ctx context.Context) error {
	for {
		err := h.visit(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (h helper) visit(ctx context.Context) error {
	if err := sleep(ctx, h.away/2+rand.N(h.away)); err != nil {
		return err
	}
	p, err := h.group.join(ctx, h.name)
	if err != nil {
		return err
	}
	if err := h.group.enter(ctx, p); err != nil {
		return err
	}
	if err := sleep(ctx, h.busy); err != nil {
		return err
	}
	return h.group.leave(ctx, p)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
