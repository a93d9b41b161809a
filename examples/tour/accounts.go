package main

import (
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
