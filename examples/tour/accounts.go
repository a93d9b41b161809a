package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// accounts are three variables that change together or not at all.
type accounts struct {
	one, two, mine *tvar.TVar[int]
}

func openAccounts() accounts {
	return accounts{
		one:  tvar.New(0, tvar.Name("account_one")),
		two:  tvar.New(0, tvar.Name("account_two")),
		mine: tvar.New(0, tvar.Name("myaccount")),
	}
}

// fill commits several variables at once.
func (a accounts) fill(w io.Writer) error {
	fmt.Fprint(w, "2. Three accounts\n\n")
	tx := stm.Checkout()
	defer tx.Discard()
	a.one.Set(tx, 50)
	a.two.Set(tx, 100)
	if _, err := tx.Commit(); err != nil {
		return err
	}
	fmt.Fprintln(w, "   One commit changes two of them, for everybody at the same moment:")
	a.print(w)
	return nil
}

// gather moves everything into mine, in whatever checkout it is given.
func (a accounts) gather(tx *stm.Tx) {
	a.mine.Set(tx, a.mine.Get(tx)+a.one.Get(tx)+a.two.Get(tx))
	a.one.Set(tx, 0)
	a.two.Set(tx, 0)
}

// spend takes 20 from one and 30 from two.
func (a accounts) spend(tx *stm.Tx) {
	a.one.Set(tx, a.one.Get(tx)-20)
	a.two.Set(tx, a.two.Get(tx)-30)
}

// clash lets two people check out the same accounts. The second to commit
// must be refused, because it would act on money that is gone.
func (a accounts) clash(w io.Writer) error {
	fmt.Fprint(w, "3. Somebody else gets there first\n\n")
	ann, ben := stm.Checkout(), stm.Checkout()
	defer ann.Discard()
	defer ben.Discard()

	a.gather(ann)
	fmt.Fprintf(w, "   Ann moves everything into myaccount: she will have %d there.\n", a.mine.Get(ann))
	a.spend(ben)
	if _, err := ben.Commit(); err != nil {
		return err
	}
	fmt.Fprintln(w, "   Meanwhile Ben spends 20 from one account and 30 from the other, and commits:")
	a.print(w)

	_, err := ann.Commit()
	report, ok := errors.AsType[*stm.ClashError](err)
	if !ok {
		return fmt.Errorf("ann's commit must clash, but gave %v", err)
	}
	fmt.Fprintln(w, "   Ann commits, and it clashes. The 50 that Ben spent are not spent again:")
	printReport(w, report)
	fmt.Fprintln(w, "   Nothing of hers was published. Nobody touched myaccount, so it is not listed.")
	fmt.Fprintln(w)

	ann.Discard()
	return a.repeat(w)
}

// repeat is what one does about a clash: rinse (discard) and repeat, on what
// is there now.
func (a accounts) repeat(w io.Writer) error {
	fmt.Fprint(w, "4. Rinse and repeat\n\n")
	tx := stm.Checkout()
	defer tx.Discard()
	a.gather(tx)
	if _, err := tx.Commit(); err != nil {
		return err
	}
	fmt.Fprintln(w, "   Ann discards, checks out again, does the same on what is there now, commits:")
	a.print(w)
	return nil
}

// automate lets Atomically write the loop: check out, run, commit, and again
// after a clash.
func (a accounts) automate(ctx context.Context, w io.Writer) error {
	fmt.Fprint(w, "5. The loop, written for you\n\n")
	err := stm.Atomically(ctx, func(tx *stm.Tx) error {
		a.mine.Modify(tx, func(n int) int { return n - 10 })
		a.one.Modify(tx, func(n int) int { return n + 10 })
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "   stm.Atomically repeats until the commit succeeds. Ann gives 10 back:")
	a.print(w)
	return nil
}

// print reads all three in a checkout, so that the line is true of one moment.
func (a accounts) print(w io.Writer) {
	tx := stm.Checkout()
	defer tx.Discard()
	fmt.Fprintf(w, "      account_one %d, account_two %d, myaccount %d\n\n",
		a.one.Get(tx), a.two.Get(tx), a.mine.Get(tx))
}

// printReport says which variables somebody else changed since the checkout.
func printReport(w io.Writer, report *stm.ClashError) {
	fmt.Fprintf(w, "      checked out under %v\n", report.Base)
	for _, v := range report.Vars {
		use := "read"
		if v.Written {
			use = "written"
		}
		fmt.Fprintf(w, "      %s, %s here at version %d, is at version %d\n", v.Name, use, v.Base, v.Current)
	}
}
