package model

import (
	"context"
	"math/rand"
	"slices"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Bank is accounts that begin with a balance each.
func Bank(accounts int, balance int64) proptest.Spec[[]int64, Command, Result] {
	return proptest.Spec[[]int64, Command, Result]{
		Name: "bank",
		Init: slices.Repeat([]int64{balance}, accounts),
		Gen: draw(func(r *rand.Rand) Command {
			account := func() int64 { return int64(r.Intn(accounts)) }
			switch r.Intn(4) {
			case 0:
				return command("total")
			case 1:
				return command("balance", account())
			}
			return command("transfer", account(), account(), r.Int63n(balance+2))
		}),
		Step: func(balances []int64, c Command) ([]int64, Result) {
			switch c.Op {
			case "total":
				sum := int64(0)
				for _, b := range balances {
					sum += b
				}
				return balances, number(sum)
			case "balance":
				return balances, number(balances[c.A])
			}
			if balances[c.A] < c.C {
				return balances, Result{}
			}
			after := slices.Clone(balances)
			after[c.A] -= c.C
			after[c.B] += c.C
			return after, done
		},
		Equal:  slices.Equal[[]int64],
		Shrink: simpler,
	}
}

// BankImpl makes an implementation of [Bank] with the same accounts.
func BankImpl(name string, make func(accounts int, balance int64) discipline.Bank, accounts int, balance int64) proptest.Impl[Command, Result] {
	open := func() discipline.Bank { return make(accounts, balance) }
	return implement(name, open, onBank)
}

// onBank has a command carried out.
func onBank(_ context.Context, o discipline.Bank, c Command) Result {
	switch c.Op {
	case "total":
		return number(o.Total())
	case "balance":
		return number(o.Balance(int(c.A)))
	}
	return whether(o.Transfer(int(c.A), int(c.B), c.C))
}
