package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rinse-go/rinse/stm"
)

// accounts tells steps 2 to 5.
func (t *tour) accounts(ctx context.Context, a accounts) error {
	if err := t.fill(a); err != nil {
		return err
	}
	if err := t.clash(a); err != nil {
		return err
	}
	if err := t.repeat(a); err != nil {
		return err
	}
	return t.automate(ctx, a)
}

// fill commits several variables at once.
func (t *tour) fill(a accounts) error {
	t.say("2. Three accounts\n")
	tx := stm.Checkout()
	defer tx.Discard()
	a.one.Set(tx, 50)
	a.two.Set(tx, 100)
	if _, err := tx.Commit(); err != nil {
		return err
	}
	t.say("   One commit changes two of them, for everybody at the same moment:")
	t.balances(a)
	return nil
}

// clash lets two people check out the same accounts. The second to commit
// must be refused, because it would act on money that is gone.
func (t *tour) clash(a accounts) error {
	t.say("3. Somebody else gets there first\n")
	ann, ben := stm.Checkout(), stm.Checkout()
	defer ann.Discard()
	defer ben.Discard()

	a.gather(ann)
	t.say("   Ann moves everything into myaccount: she will have %d there.", a.mine.Get(ann))
	a.spend(ben)
	if _, err := ben.Commit(); err != nil {
		return err
	}
	t.say("   Meanwhile Ben spends 20 from one account and 30 from the other, and commits:")
	t.balances(a)

	_, err := ann.Commit()
	clash, ok := errors.AsType[*stm.ClashError](err)
	if !ok {
		return fmt.Errorf("ann's commit must clash, but gave %v", err)
	}
	t.say("   Ann commits, and it clashes. The 50 that Ben spent are not spent again:")
	t.report(clash)
	t.say("   Nothing of hers was published. Nobody touched myaccount, so it is not listed.\n")
	return nil
}

// repeat is what one does about a clash: rinse (discard, as clash did) and
// repeat on what is there now.
func (t *tour) repeat(a accounts) error {
	t.say("4. Rinse and repeat\n")
	tx := stm.Checkout()
	defer tx.Discard()
	a.gather(tx)
	if _, err := tx.Commit(); err != nil {
		return err
	}
	t.say("   Ann discards, checks out again, does the same on what is there now, commits:")
	t.balances(a)
	return nil
}

// automate lets Atomically write the loop: check out, run, commit, and all of
// it again after a clash.
func (t *tour) automate(ctx context.Context, a accounts) error {
	t.say("5. The loop, written for you\n")
	err := stm.Atomically(ctx, func(tx *stm.Tx) error {
		a.mine.Modify(tx, func(n int) int { return n - 10 })
		a.one.Modify(tx, func(n int) int { return n + 10 })
		return nil
	})
	if err != nil {
		return err
	}
	t.say("   stm.Atomically repeats until the commit succeeds. Ann gives 10 back:")
	t.balances(a)
	return nil
}

// balances reads all three in one checkout, so that the line is true of one
// moment.
func (t *tour) balances(a accounts) {
	tx := stm.Checkout()
	defer tx.Discard()
	t.say("      account_one %d, account_two %d, myaccount %d\n", a.one.Get(tx), a.two.Get(tx), a.mine.Get(tx))
}

// report says which variables somebody else changed since the checkout.
func (t *tour) report(clash *stm.ClashError) {
	t.say("      checked out under %v", clash.Base)
	for _, v := range clash.Vars {
		use := "read"
		if v.Written {
			use = "written"
		}
		t.say("      %s, %s here at version %d, is at version %d", v.Name, use, v.Base, v.Current)
	}
}
