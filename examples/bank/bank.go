package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A bank is its accounts and the sum that was ever paid in. The accounts must
// always add up to that sum; audit checks it.
type bank struct {
	accounts tvar.TVar[[]*account] // the slice is replaced, never changed in place
	paidIn   tvar.TVar[int]
}

// open adds an account.
func (b *bank) open(holder string) *account {
	a := newAccount(holder)
	b.accounts.Update(func(all []*account) []*account {
		return append(slices.Clip(all), a) // Clip makes append copy
	})
	return a
}

// payIn brings money from outside and returns the new balance.
func (b *bank) payIn(ctx context.Context, to *account, amount int) (int, error) {
	return stm.Do(ctx, func(tx *stm.Tx) (int, error) {
		b.paidIn.Modify(tx, func(n int) int { return n + amount })
		return to.deposit(tx, amount)
	})
}

// A receipt says what a transfer left on both sides.
type receipt struct {
	from, to int
}

// move is the part that transfer and payWhenCovered share. If the deposit fails,
// its error undoes the withdrawal as well.
func move(tx *stm.Tx, from, to *account, amount int) (r receipt, err error) {
	if r.from, err = from.withdraw(tx, amount); err != nil {
		return receipt{}, err
	}
	if r.to, err = to.deposit(tx, amount); err != nil {
		return receipt{}, err
	}
	return r, nil
}

// transfer moves amount at once, or fails with errFunds or errClosed.
func transfer(ctx context.Context, from, to *account, amount int) (receipt, error) {
	return stm.Do(ctx, func(tx *stm.Tx) (receipt, error) {
		return move(tx, from, to, amount)
	})
}

// payWhenCovered moves amount as soon as there is enough, however long that
// takes. It calls notYet after each look that found too little.
func payWhenCovered(ctx context.Context, from, to *account, amount int, notYet func()) (receipt, error) {
	return stm.Do(ctx, func(tx *stm.Tx) (receipt, error) {
		tx.OnAbort(notYet)
		from.await(tx, amount)
		return move(tx, from, to, amount)
	})
}

// audit adds up every account in one view. It sees one moment, whatever goes
// on meanwhile, and disturbs nobody.
func (b *bank) audit(ctx context.Context) (total int, err error) {
	var paidIn int
	err = stm.View(ctx, func(tx *stm.Tx) error {
		total = 0 // a view may run twice
		for _, a := range b.accounts.Get(tx) {
			total += a.balance.Get(tx)
		}
		paidIn = b.paidIn.Get(tx)
		return nil
	})
	if err == nil && total != paidIn {
		err = fmt.Errorf("the accounts hold %d, but %d was paid in", total, paidIn)
	}
	return total, err
}
