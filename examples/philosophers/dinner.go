package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rinse-go/rinse/stm"
)

// A dinner tells what goes on at a table.
type dinner struct {
	out   io.Writer
	err   error // the first of out
	table []*philosopher
	meals int // for each
}

func (d *dinner) say(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.out, format+"\n", args...)
	}
}

// serve lets everybody eat, shows a few glances at the table, and counts.
func (d *dinner) serve(ctx context.Context) error {
	before := stm.Default().Stats()
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range d.table {
		group.Go(func() error { return p.dine(ctx, d.meals) })
	}
	group.Go(func() error { return d.watch(ctx) })
	if err := group.Wait(); err != nil {
		return err
	}

	d.say("\nAfter %v:", time.Since(start).Round(time.Millisecond))
	if err := d.count(); err != nil {
		return err
	}
	stats := stm.Default().Stats().Sub(before)
	d.say("\nNobody starved.\nNo two neighbours ate at once.")
	d.say("%d commits, %d clashes, %d retries", stats.Commits, stats.Clashes.Total(), stats.Retries)
	return d.err
}

// watch shows some glances at the table while dinner goes on.
func (d *dinner) watch(ctx context.Context) error {
	start := time.Now()
	row := "  ms"
	for _, p := range d.table {
		row += fmt.Sprintf(" %-6s", p.name)
	}
	d.say("%s", row)
	for range 12 {
		if err := sleep(ctx, 7*time.Millisecond); err != nil {
			return err
		}
		g, err := glance(ctx, d.table)
		if err != nil {
			return err
		}
		row := fmt.Sprintf("%4d", time.Since(start).Milliseconds())
		for _, activity := range g.doing {
			row += fmt.Sprintf(" %-6s", activity)
		}
		d.say("%s", strings.TrimRight(row, " "))
		if g.meals == d.meals*len(d.table) {
			break
		}
	}
	return nil
}

// count says what everybody had, and checks it.
func (d *dinner) count() error {
	for _, p := range d.table {
		had := p.meals.Load()
		if had != d.meals {
			return fmt.Errorf("%s had %d meals instead of %d", p.name, had, d.meals)
		}
		d.say("  %-6s %4d meals, hungry %v at most", p.name, had, p.hunger.Round(100*time.Microsecond))
	}
	return nil
}
