package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

const afterTheRush = `
Noon: Tilda owes Lloyd a rent of 1,000
  too little, so the payment sleeps; then a wage of 400 makes it 400
  too little, so the payment sleeps; then a wage of 400 makes it 800
  too little, so the payment sleeps; then a wage of 400 makes it 1,200
  it woke and paid: Lloyd has 1,000, Tilda 200

Afternoon: Tilda closes her account
  the clerk checks it out, notes 200 for Lloyd, and leaves for a stamp
  meanwhile a late 25 is paid in
  the commit clashes: the balance of Tilda has changed
  rinse and repeat: 225 goes to Lloyd, and the account is closed
  Lloyd tries to send 1 back: Tilda: account is closed

Evening: 9,225 was paid in, and every bit of it is there
`

func TestTheDayEndsWithRightBooks(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out, []string{"-tellers", "8", "-transfers", "300"}); err != nil {
		t.Fatalf("%v, after\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), afterTheRush) {
		t.Errorf("output lacks%s\nit is\n%s", afterTheRush, out.String())
	}
}

func TestEveryTransferIsDoneOrRefused(t *testing.T) {
	b := &bank{}
	for _, holder := range []string{"Ada", "Ben", "Cleo"} {
		payIn(t, b, b.open(holder), 600)
	}
	r, err := hold(t.Context(), b, 4, 500)
	if err != nil {
		t.Fatal(err)
	}
	if r.done+r.refused != 4*500 || r.audits < 1 {
		t.Errorf("%+v: want 2000 transfers in all, and an audit", r)
	}
}

func TestAuditFindsMissingMoney(t *testing.T) {
	b := &bank{}
	ada := b.open("Ada")
	payIn(t, b, ada, 10)
	if total, err := b.audit(t.Context()); total != 10 || err != nil {
		t.Errorf("audit gave %d, %v, want 10 and no error", total, err)
	}
	ada.balance.Store(9)
	if _, err := b.audit(t.Context()); err == nil {
		t.Error("audit did not find that 1 is missing")
	}
}

func TestAFailedTransferChangesNothing(t *testing.T) {
	b := &bank{}
	rich, poor, gone := b.open("rich"), b.open("poor"), b.open("gone")
	payIn(t, b, rich, 100)
	gone.closed.Store(true)

	for _, tt := range []struct {
		from, to *account
		want     error
	}{
		{poor, rich, errFunds},
		{rich, gone, errClosed},
	} {
		if _, err := transfer(t.Context(), tt.from, tt.to, 50); !errors.Is(err, tt.want) {
			t.Errorf("%s to %s: error %v, want %v", tt.from.holder, tt.to.holder, err, tt.want)
		}
	}
	if r, p, g := rich.balance.Load(), poor.balance.Load(), gone.balance.Load(); r != 100 || p != 0 || g != 0 {
		t.Errorf("balances are %d, %d, %d, want 100, 0, 0", r, p, g)
	}
}

func TestAPaymentSleepsUntilItIsCovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{}
		from, to := b.open("from"), b.open("to")
		looks, paid := 0, false
		go func() {
			_, err := payWhenCovered(t.Context(), from, to, 30, func() { looks++ })
			paid = err == nil
		}()
		for wages := range 3 {
			synctest.Wait()
			if paid || looks != wages+1 {
				t.Fatalf("after %d wages: paid %v, %d looks in vain, want no payment and %d", wages, paid, looks, wages+1)
			}
			payIn(t, b, from, 10)
		}
		synctest.Wait()
		if !paid || from.balance.Load() != 0 || to.balance.Load() != 30 {
			t.Errorf("paid %v, %d left, %d arrived, want true, 0, 30", paid, from.balance.Load(), to.balance.Load())
		}
	})
}

func TestACancelledPaymentChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := &bank{}
		from, to := b.open("from"), b.open("to")
		var err error
		go func() { _, err = payWhenCovered(ctx, from, to, 30, func() {}) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
		payIn(t, b, from, 30)
		synctest.Wait()
		if got := to.balance.Load(); got != 0 {
			t.Errorf("%d arrived, want 0", got)
		}
	})
}

func TestInterruptEndsTheDay(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, new(strings.Builder), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestBadFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-tellers", "0"}, {"-transfers", "-1"}, {"now"}, {"-tellers", "many"}} {
		if err := run(t.Context(), new(strings.Builder), args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

func payIn(t *testing.T, b *bank, to *account, amount int) {
	t.Helper()
	if _, err := b.payIn(t.Context(), to, amount); err != nil {
		t.Fatal(err)
	}
}
