package main

import (
	"context"
	"errors"
	"math/rand/v2"

	"golang.org/x/sync/errgroup"
)

// rush counts what happened while many tellers worked at once.
type rush struct {
	done, refused int // transfers
	audits        int
}

// hold lets each teller make that many random transfers, while an auditor
// checks the books over and over.
func hold(ctx context.Context, b *bank, tellers, transfers int) (rush, error) {
	reports := make([]rush, tellers)
	closing := make(chan struct{})
	audits := 0

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		audits, err = auditUntil(ctx, b, closing)
		return err
	})
	group.Go(func() error {
		defer close(closing)
		counter, ctx := errgroup.WithContext(ctx)
		for i := range reports {
			counter.Go(func() (err error) {
				reports[i], err = serve(ctx, b, transfers)
				return err
			})
		}
		return counter.Wait()
	})
	err := group.Wait()

	total := rush{audits: audits}
	for _, r := range reports {
		total.done += r.done
		total.refused += r.refused
	}
	return total, err
}

// serve is one teller's day.
func serve(ctx context.Context, b *bank, transfers int) (rush, error) {
	var r rush
	accounts := b.accounts.Load()
	for range transfers {
		_, err := transfer(ctx, pick(accounts), pick(accounts), 1+rand.IntN(500))
		switch {
		case err == nil:
			r.done++
		case errors.Is(err, errFunds):
			r.refused++
		default:
			return r, err
		}
	}
	return r, nil
}

// auditUntil audits at least once, and until the bank closes.
func auditUntil(ctx context.Context, b *bank, closing <-chan struct{}) (audits int, err error) {
	for {
		if _, err := b.audit(ctx); err != nil {
			return audits, err
		}
		audits++
		select {
		case <-closing:
			return audits, nil
		default:
		}
	}
}

func pick(accounts []*account) *account {
	return accounts[rand.IntN(len(accounts))]
}
