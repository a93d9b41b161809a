package workload

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	accounts = 1024
	balance  = 1000
)

// Bank is the textbook's: what is moved must neither be lost nor seen twice.
var Bank = Workload{
	Name: "bank",
	Explain: "Transfers between two of 1,024 accounts, at random, while one more goroutine adds up all of them every " +
		"millisecond, and has to find the same total always.",
	Needs: []string{"Bank"},
	New: func(s Setup) (*Load, error) {
		bank := s.Discipline.Bank(accounts, balance)
		moved := make([][]int64, s.Goroutines) // by goroutine and account
		return &Load{
			Objects: []Object{bank},
			Worker: func(i int) Op {
				random := s.Rand(i)
				mine := make([]int64, accounts)
				moved[i] = mine
				return func(context.Context) error {
					from, to, amount := random.IntN(accounts), random.IntN(accounts-1), random.Int64N(100)
					if to >= from {
						to++
					}
					if bank.Transfer(from, to, amount) {
						mine[from] -= amount
						mine[to] += amount
					}
					return nil
				}
			},
			Beside: func(ctx context.Context) error {
				select {
				case <-time.After(time.Millisecond):
				case <-ctx.Done():
					return ctx.Err()
				}
				return Want("the audit", bank.Total(), accounts*balance)
			},
			BesideUnit: "audits/s",
			Check: func(uint64) error {
				wrong := Want("the total", bank.Total(), accounts*balance)
				for a := range accounts {
					want := int64(balance)
					for _, mine := range moved {
						want += mine[a]
					}
					wrong = errors.Join(wrong, Want(fmt.Sprintf("account %d", a), bank.Balance(a), want))
				}
				return wrong
			},
		}, nil
	},
}
