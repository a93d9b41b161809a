package main

import (
	"errors"
	"fmt"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

var (
	errFunds  = errors.New("insufficient funds")
	errClosed = errors.New("account is closed")
)

// An account is two variables. Its methods take a transaction, so that callers
// can put several of them together and still have one indivisible change.
type account struct {
	holder  string // immutable
	balance tvar.TVar[int]
	closed  tvar.TVar[bool]
}

func newAccount(holder string) *account {
	a := &account{holder: holder}
	a.balance.Init(0, tvar.Name("balance of "+holder))
	a.closed.Init(false, tvar.Name("closed flag of "+holder))
	return a
}

// deposit puts amount in and returns the new balance.
func (a *account) deposit(tx *stm.Tx, amount int) (int, error) {
	if a.closed.Get(tx) {
		return 0, fmt.Errorf("%s: %w", a.holder, errClosed)
	}
	return a.balance.Modify(tx, func(n int) int { return n + amount }), nil
}

// withdraw takes amount out and returns the new balance, or errFunds.
func (a *account) withdraw(tx *stm.Tx, amount int) (int, error) {
	if a.balance.Get(tx) < amount {
		return 0, fmt.Errorf("%s: %w", a.holder, errFunds)
	}
	return a.balance.Modify(tx, func(n int) int { return n - amount }), nil
}

// await gives up the attempt until the account holds amount. The transaction
// sleeps, and runs again when something that it read has changed.
func (a *account) await(tx *stm.Tx, amount int) {
	tx.Check(a.balance.Get(tx) >= amount)
}

// settle moves everything to another account and closes this one.
func (a *account) settle(tx *stm.Tx, to *account) (moved int, err error) {
	moved = a.balance.Get(tx)
	if _, err := a.withdraw(tx, moved); err != nil {
		return 0, err
	}
	if _, err := to.deposit(tx, moved); err != nil {
		return 0, err
	}
	a.closed.Set(tx, true)
	return moved, nil
}
