//go:build rinsesched

package engine_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/proptest/sched"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// waits are scenarios in which somebody sleeps. If a wake-up is lost the run is stuck.
var waits = map[string]scenario{
	"a waiter and a commit": {
		tasks: func(p *pair) []func() { return []func(){p.await(p.x, 1), p.atomically(p.set(1))} },
		end:   func(p *pair) { p.finally(1, 1) },
	},
	"a waiter and a store": {
		tasks: func(p *pair) []func() { return []func(){p.await(p.x, 1), func() { p.x.Store(1) }} },
		end:   func(p *pair) { p.finally(1, 0) },
	},
	"two waiters and two changes": {
		tasks: func(p *pair) []func() {
			return []func(){p.await(p.x, 2), p.await(p.x, 3), func() { p.x.Store(1); p.x.Store(2); p.x.Store(3) }}
		},
		end: func(p *pair) { p.finally(3, 0) },
	},
	"a waiter for either": {
		tasks: func(p *pair) []func() {
			either := p.atomically(func(tx *stm.Tx) {
				_ = tx.OrElse(
					func(tx *stm.Tx) error { tx.Check(p.x.Get(tx) == 1); return nil },
					func(tx *stm.Tx) error { tx.Check(p.y.Get(tx) == 1); return nil })
			})
			return []func(){either, func() { p.y.Store(2); p.y.Store(1) }}
		},
		end: func(p *pair) { p.finally(0, 1) },
	},
	"a view that waits": {
		tasks: func(p *pair) []func() {
			return []func(){p.view(func(tx *stm.Tx) { p.equal(tx); tx.Check(p.x.Get(tx) == 2) }), func() {
				p.atomically(p.set(1))()
				p.atomically(p.tes(2))()
			}}
		},
		end: func(p *pair) { p.finally(2, 2) },
	},
	"ping-pong": {
		tasks: func(p *pair) []func() {
			turn := func(from, to int) func() {
				return p.atomically(func(tx *stm.Tx) { tx.Check(p.x.Get(tx) == from); p.x.Set(tx, to) })
			}
			return []func(){func() { turn(0, 1)(); turn(2, 3)() }, func() { turn(1, 2)(); turn(3, 4)() }}
		},
		end: func(p *pair) { p.finally(4, 0) },
	},
	"one who is irrevocable": {
		tasks: func(p *pair) []func() {
			return []func(){p.once(p.both), p.atomically(p.both), p.atomically(p.tes(5))}
		},
		end: func(p *pair) { p.finally(p.x.Load(), p.x.Load()) },
	},
	"two who are irrevocable, and single updates": {
		tasks: func(p *pair) []func() {
			return []func(){
				p.once(func(tx *stm.Tx) { p.x.Modify(tx, plusOne) }),
				p.once(func(tx *stm.Tx) { p.x.Commute(tx, plusOne) }),
				func() { p.x.Update(plusOne) },
			}
		},
		end: func(p *pair) { p.finally(3, 0) },
	},
}

// await waits until v is n, and complains if it is woken when nothing has changed.
func (p *pair) await(v *tvar.TVar[int], n int) func() {
	before := -1
	return p.atomically(func(tx *stm.Tx) {
		now := v.Get(tx)
		if now == before {
			p.fail("woken by nothing")
		}
		before = now
		tx.Check(now >= n)
	})
}

// once runs fn irrevocably and complains if it runs twice.
func (p *pair) once(fn func(*stm.Tx)) func() {
	return func() {
		runs := 0
		p.must(p.owner.Irrevocably(background, func(tx *stm.Tx) error { runs++; fn(tx); return nil }))
		if runs != 1 {
			p.fail("an irrevocable transaction ran %d times", runs)
		}
	}
}

// TestManySchedulesWithSleepersAreRight is TestManySchedulesAreRight for those who sleep on channels.
func TestManySchedulesWithSleepersAreRight(t *testing.T) {
	for name, s := range waits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				strategy := &lazy{seed: rand.Uint64(), runs: 1_000}
				if testing.Short() {
					strategy.runs = 200
				}
				defer func() { shared.Hook = nil }()
				for run := range sched.Explore(strategy, sched.InBubble()) {
					check(t, s, run, stm.NewOwner())
				}
			})
		})
	}
}
