package main

import (
	"fmt"

	"github.com/rinse-go/rinse/stm"
)

// Elder: one transaction over many accounts, which short transfers keep overtaking.

const elderAccounts = 300

func elder[B bank](open func(int) bank, oversee func(B) (attempts int)) func(int) run {
	return func(goroutines int) run {
		b := open(elderAccounts)
		most := 0
		r := run{workers: 1, close: b.close, op: func(_, n int) {
			for range n {
				most = max(most, oversee(b.(B))-1)
			}
		}}
		pickers := newPickers(goroutines, elderAccounts, false)
		for g := range pickers {
			r = r.beside(func() { b.transfer(&pickers[g], 64) })
		}
		r.check = func(done []int) error {
			if most > stm.MaxClashes {
				return fmt.Errorf("an elder clashed %d times, more than stm.MaxClashes", most)
			}
			total := 0
			for i := range elderAccounts {
				total += b.balance(i)
			}
			if want := elderAccounts * (opening + done[0]); total != want {
				return fmt.Errorf("the accounts come to %d, not %d", total, want)
			}
			return nil
		}
		r.also = func() sample { return sample{"clashes-max": float64(most)} }
		return r
	}
}
