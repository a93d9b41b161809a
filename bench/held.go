package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// Held: goroutines transfer among 10,000 accounts, while 1,000 checkouts of them are held.

const (
	estate = 10_000 // accounts
	tenure = 1000   // checkouts held
	term   = 20_000 // transfers of a goroutine after which it ends the oldest checkout and takes another
)

// holders is an estate and who holds checkouts of it.
type holders struct {
	owner    *stm.Owner
	accounts []*tvar.TVar[int]
	mu       sync.Mutex
	held     []*stm.Tx // guarded by mu, the oldest at next
	next     int       // guarded by mu
}

func openHolders(checkouts int) *holders {
	h := &holders{owner: stm.NewOwner()}
	for range estate {
		h.accounts = append(h.accounts, tvar.New(opening, tvar.In(h.owner)))
	}
	for i := range checkouts {
		h.held = append(h.held, h.checkout(i))
	}
	return h
}

// checkout is one that has read some accounts and set one.
func (h *holders) checkout(i int) *stm.Tx {
	tx := h.owner.Checkout()
	for k := range 10 {
		h.accounts[(i*37+k*811)%estate].Get(tx)
	}
	h.accounts[i*37%estate].Modify(tx, func(balance int) int { return balance + 1 })
	return tx
}

// relieve ends the oldest checkout and takes another.
func (h *holders) relieve() {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := h.next % len(h.held)
	h.held[i].Discard()
	h.held[i] = h.checkout(h.next)
	h.next++
}

func (h *holders) transfer(p *picker) {
	must(h.owner.Atomically(context.Background(), func(tx *stm.Tx) error {
		from, to := p.pair()
		h.accounts[from].Set(tx, h.accounts[from].Get(tx)-1)
		h.accounts[to].Set(tx, h.accounts[to].Get(tx)+1)
		return nil
	}))
}

// check ends all checkouts and audits.
func (h *holders) check() error {
	for i, tx := range h.held {
		if i%100 > 0 {
			tx.Discard()
			continue
		}
		total := 0
		for _, account := range h.accounts {
			total += account.Get(tx)
		}
		tx.Discard()
		if want := estate*opening + 1; total != want {
			return fmt.Errorf("a held checkout sees %d, not %d", total, want)
		}
	}
	return nil
}

func holding(checkouts int, takeTurns bool) func(int) run {
	return func(goroutines int) run {
		h := openHolders(checkouts)
		pickers := newPickers(goroutines, estate, false)
		served := make([]struct {
			transfers int
			_         [56]byte // a cache line of its own
		}, goroutines)
		return run{
			workers: goroutines,
			op: func(worker, n int) {
				for range n {
					h.transfer(&pickers[worker])
					if served[worker].transfers++; takeTurns && served[worker].transfers%term == 0 {
						h.relieve()
					}
				}
			},
			check: func([]int) error { return h.check() },
		}
	}
}
