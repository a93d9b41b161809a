package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/rinse-go/rinse/stm"
)

// A day tells what goes on in a bank.
type day struct {
	out  io.Writer
	err  error // the first of out
	bank *bank
}

func (d *day) say(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.out, format+"\n", args...)
	}
}

// pass tells the whole day.
func (d *day) pass(ctx context.Context, tellers, transfers int) error {
	before := stm.Default().Stats()
	if err := d.morning(ctx, tellers, transfers); err != nil {
		return err
	}
	tilda, lloyd := d.bank.open("Tilda"), d.bank.open("Lloyd")
	if err := d.noon(ctx, tilda, lloyd); err != nil {
		return err
	}
	if err := d.afternoon(ctx, tilda, lloyd); err != nil {
		return err
	}
	return d.evening(ctx, stm.Default().Stats().Sub(before))
}

// morning is many transfers at once, and audits all the while.
func (d *day) morning(ctx context.Context, tellers, transfers int) error {
	const each = 1000
	for _, holder := range []string{"Ada", "Blaise", "Carl", "Dorothy", "Emmy", "Fermat", "Grace", "Hypatia"} {
		if _, err := d.bank.payIn(ctx, d.bank.open(holder), each); err != nil {
			return err
		}
	}
	d.say("Morning: everybody starts with %s", comma(each))
	start := time.Now()
	r, err := hold(ctx, d.bank, tellers, transfers)
	if err != nil {
		return err
	}
	took := time.Since(start)
	total, err := d.bank.audit(ctx)
	if err != nil {
		return err
	}
	d.say("  %d tellers made %s transfers in %v", tellers, comma(r.done), took.Round(time.Millisecond))
	d.say("  %s more were refused: insufficient funds", comma(r.refused))
	d.say("  %s audits meanwhile each found %s in all\n", comma(r.audits), comma(total))
	for _, a := range d.bank.accounts.Load() {
		balance := a.balance.Load()
		d.say("  %-8s %6s %s", a.holder, comma(balance), strings.Repeat("▪", balance*40/total))
	}
	return nil
}

// noon is a payment that waits for cover.
func (d *day) noon(ctx context.Context, tenant, landlord *account) error {
	const rent, wage = 1000, 400
	d.say("\nNoon: Tilda owes Lloyd a rent of %s", comma(rent))

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tooLittle := make(chan struct{})
	notYet := func() {
		select {
		case tooLittle <- struct{}{}:
		case <-ctx.Done():
		}
	}
	paid := make(chan error, 1)
	var left receipt
	go func() {
		var err error
		left, err = payWhenCovered(ctx, tenant, landlord, rent, notYet)
		paid <- err
	}()

	for {
		select {
		case <-tooLittle:
			balance, err := d.bank.payIn(ctx, tenant, wage)
			if err != nil {
				return err
			}
			d.say("  too little, so the payment sleeps; then a wage of %d makes it %s", wage, comma(balance))
		case err := <-paid:
			if err != nil {
				return err
			}
			d.say("  it woke and paid: Lloyd has %s, Tilda %d", comma(left.to), left.from)
			return nil
		}
	}
}

// afternoon is a checkout held while a clerk is away, which clashes.
func (d *day) afternoon(ctx context.Context, tilda, lloyd *account) error {
	d.say("\nAfternoon: Tilda closes her account")
	tx := stm.Checkout()
	defer tx.Discard()
	moved, err := tilda.settle(tx, lloyd)
	if err != nil {
		return err
	}
	d.say("  the clerk checks it out, notes %d for Lloyd, and leaves for a stamp", moved)
	if _, err := d.bank.payIn(ctx, tilda, 25); err != nil {
		return err
	}
	d.say("  meanwhile a late 25 is paid in")
	_, err = tx.Commit()
	clash, ok := errors.AsType[*stm.ClashError](err)
	if !ok {
		return fmt.Errorf("the closing must clash, but gave %v", err)
	}
	for _, v := range clash.Vars {
		d.say("  the commit clashes: the %s has changed", v.Name)
	}
	return d.closeAgain(ctx, tilda, lloyd)
}

// closeAgain closes the account on what it holds now.
func (d *day) closeAgain(ctx context.Context, tilda, lloyd *account) error {
	moved, err := stm.Do(ctx, func(tx *stm.Tx) (int, error) { return tilda.settle(tx, lloyd) })
	if err != nil {
		return err
	}
	d.say("  rinse and repeat: %d goes to Lloyd, and the account is closed", moved)
	_, err = transfer(ctx, lloyd, tilda, 1)
	if !errors.Is(err, errClosed) {
		return fmt.Errorf("paying into a closed account must fail, but gave %v", err)
	}
	d.say("  Lloyd tries to send 1 back: %v", err)
	return nil
}

// evening is the last audit.
func (d *day) evening(ctx context.Context, stats stm.Stats) error {
	total, err := d.bank.audit(ctx)
	if err != nil {
		return err
	}
	d.say("\nEvening: %s was paid in, and every bit of it is there", comma(total))
	clashes := stats.Clashes
	d.say("  %s commits, %s clashes", comma(stats.Commits), comma(clashes.Total()))
	d.say("  (%s met by a read, %s at commit, %s on a busy variable, %s at the gate)",
		comma(clashes.Read), comma(clashes.Commit), comma(clashes.Busy), comma(clashes.Gate))
	d.say("  %s retries, %s of them slept", comma(stats.Retries), comma(stats.Waits))
	return d.err
}

func comma[N int | uint64](n N) string { return humanize.Comma(int64(n)) }
