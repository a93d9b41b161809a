//go:build rinsesched

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"unsafe"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/proptest/sched"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// A pair is two variables of one owner, and what a scenario found wrong.
type pair struct {
	owner     *stm.Owner
	x, y      *tvar.TVar[int]
	committed bool // by a held checkout
	wrong     string
}

// A scenario is what some tasks do to a pair, and what must hold when all have ended.
type scenario struct {
	tasks func(*pair) []func()
	end   func(*pair)
}

var background = context.Background()

func (p *pair) fail(format string, args ...any) {
	if p.wrong == "" {
		p.wrong = fmt.Sprintf(format, args...)
	}
}

func (p *pair) must(err error) {
	if err != nil {
		p.fail("%v", err)
	}
}

// atomically runs fn, which reports its complaint.
func (p *pair) atomically(fn func(*stm.Tx)) func() {
	return func() { p.must(p.owner.Atomically(background, func(tx *stm.Tx) error { fn(tx); return nil })) }
}

func (p *pair) view(fn func(*stm.Tx)) func() {
	return func() { p.must(p.owner.View(background, func(tx *stm.Tx) error { fn(tx); return nil })) }
}

// equal complains if the two are not the same, in whatever attempt.
func (p *pair) equal(tx *stm.Tx) {
	if x, y := p.x.Get(tx), p.y.Get(tx); x != y {
		p.fail("torn: %d, %d", x, y)
	}
}

func (p *pair) lqeua(tx *stm.Tx) {
	if y, x := p.y.Get(tx), p.x.Get(tx); x != y {
		p.fail("torn: %d, %d", x, y)
	}
}

// both adds to both; set stores to both.
func (p *pair) both(tx *stm.Tx) {
	x, y := p.x.Get(tx), p.y.Get(tx)
	if x != y {
		p.fail("torn before a write: %d, %d", x, y)
	}
	p.x.Set(tx, x+1)
	p.y.Set(tx, y+1)
}

func (p *pair) set(n int) func(*stm.Tx) {
	return func(tx *stm.Tx) { p.x.Set(tx, n); p.y.Set(tx, n) }
}

func (p *pair) tes(n int) func(*stm.Tx) {
	return func(tx *stm.Tx) { p.y.Set(tx, n); p.x.Set(tx, n) }
}

func plusOne(n int) int { return n + 1 }

func (p *pair) finally(x, y int) {
	if p.x.Load() != x || p.y.Load() != y {
		p.fail("in the end %d, %d instead of %d, %d", p.x.Load(), p.y.Load(), x, y)
	}
}

// held reads both twice in a checkout, and changes nothing.
func (p *pair) held() {
	tx := p.owner.Checkout()
	defer tx.Discard()
	p.equal(tx)
	p.lqeua(tx)
}

var scenarios = map[string]scenario{
	"writers and a reader": {
		tasks: func(p *pair) []func() {
			return []func(){p.atomically(p.both), p.atomically(p.both), p.atomically(p.equal)}
		},
		end: func(p *pair) { p.finally(2, 2) },
	},
	"blind writers and a reader": {
		tasks: func(p *pair) []func() {
			return []func(){p.atomically(p.set(1)), p.atomically(p.tes(2)), p.atomically(p.equal)}
		},
		end: func(p *pair) { p.finally(p.x.Load(), p.x.Load()) },
	},
	"a blind writer, twice, and who adds": {
		tasks: func(p *pair) []func() {
			twice := func() { p.x.Store(10); p.x.Store(20) }
			return []func(){twice, p.atomically(func(tx *stm.Tx) {
				before := p.x.Get(tx)
				p.y.Get(tx)
				if again := p.x.Get(tx); again != before {
					p.fail("%d, and then %d", before, again)
				}
				p.x.Set(tx, before+1)
			})}
		},
		end: func(p *pair) {
			if x := p.x.Load(); x != 20 && x != 21 {
				p.fail("in the end %d", x)
			}
		},
	},
	"blind writers and a view": {
		tasks: func(p *pair) []func() {
			return []func(){p.atomically(p.set(1)), p.atomically(p.tes(2)), p.view(p.equal)}
		},
		end: func(*pair) {},
	},
	"a held checkout": {
		tasks: func(p *pair) []func() {
			twice := func() { p.atomically(p.set(1))(); p.atomically(p.set(2))() }
			return []func(){twice, p.held}
		},
		end: func(*pair) {},
	},
	"a held checkout and single stores": {
		tasks: func(p *pair) []func() {
			return []func(){func() { p.x.Store(1); p.x.Store(2); p.y.Store(1) }, func() {
				tx := p.owner.Checkout()
				defer tx.Discard()
				y, x := p.y.Get(tx), p.x.Get(tx)
				if y == 1 && x != 2 {
					p.fail("torn: x %d, y %d", x, y)
				}
				if again := p.x.Get(tx); again != x {
					p.fail("x %d, and then %d", x, again)
				}
			}}
		},
		end: func(*pair) {},
	},
	"an older checkout and a newer one": {
		tasks: func(p *pair) []func() {
			writer := func() {
				for n := range 3 {
					p.atomically(p.set(n + 1))()
				}
			}
			return []func(){writer, func() {
				older := p.owner.Checkout()
				newer := p.owner.Checkout()
				p.lqeua(newer)
				newer.Discard()
				p.equal(older)
				third := p.owner.Checkout()
				p.equal(third)
				older.Discard()
				p.lqeua(third)
				third.Discard()
			}}
		},
		end: func(p *pair) { p.finally(3, 3) },
	},
	"a held checkout that commits": {
		tasks: func(p *pair) []func() {
			return []func(){p.atomically(p.both), func() {
				tx := p.owner.Checkout()
				defer tx.Discard()
				p.both(tx)
				_, err := tx.Commit()
				if p.committed = err == nil; err != nil && !errors.Is(err, stm.ErrClash) {
					p.fail("%v", err)
				}
			}}
		},
		end: func(p *pair) {
			if p.committed {
				p.finally(2, 2)
			} else {
				p.finally(1, 1)
			}
		},
	},
	"write skew": {
		tasks: func(p *pair) []func() {
			return []func(){
				p.atomically(func(tx *stm.Tx) { p.x.Set(tx, p.y.Get(tx)+1) }),
				p.atomically(func(tx *stm.Tx) { p.y.Set(tx, p.x.Get(tx)+1) }),
			}
		},
		end: func(p *pair) {
			if p.x.Load()+p.y.Load() != 3 {
				p.fail("write skew: %d, %d", p.x.Load(), p.y.Load())
			}
		},
	},
	"a later commit is not seen without an earlier one": laterWithoutEarlier(func(p *pair, fn func(*stm.Tx)) func() { return p.atomically(fn) }),
	"nor in a view": laterWithoutEarlier(func(p *pair, fn func(*stm.Tx)) func() { return p.view(fn) }),
	"nor in a held checkout": laterWithoutEarlier(func(p *pair, fn func(*stm.Tx)) func() {
		return func() {
			tx := p.owner.Checkout()
			defer tx.Discard()
			fn(tx)
		}
	}),
	"updates and a transaction": {
		tasks: func(p *pair) []func() {
			return []func(){
				func() { p.x.Update(plusOne); p.x.Update(plusOne) },
				func() { p.x.Update(plusOne) },
				p.atomically(func(tx *stm.Tx) { p.x.Modify(tx, plusOne) }),
			}
		},
		end: func(p *pair) { p.finally(4, 0) },
	},
	"commutes": {
		tasks: func(p *pair) []func() {
			add := func(tx *stm.Tx) { p.x.Commute(tx, plusOne); p.y.Commute(tx, plusOne) }
			return []func(){p.atomically(add), p.atomically(add), p.atomically(p.equal)}
		},
		end: func(p *pair) { p.finally(2, 2) },
	},
	"plain loads never see one commit half": {
		tasks: func(p *pair) []func() {
			return []func(){p.atomically(p.set(1)), p.atomically(p.tes(2)), func() {
				x := p.x.Load()
				if y := p.y.Load(); x != 0 && y == 0 {
					p.fail("x %d, then y %d", x, y)
				}
			}}
		},
		end: func(*pair) {},
	},
	"what has returned is seen": {
		tasks: func(p *pair) []func() {
			return []func(){p.atomically(p.both), func() {
				p.atomically(p.both)()
				p.view(func(tx *stm.Tx) {
					if p.y.Get(tx) == 0 || p.x.Get(tx) == 0 {
						p.fail("the past in a view")
					}
				})()
				p.atomically(func(tx *stm.Tx) {
					if p.y.Get(tx) == 0 || p.x.Get(tx) == 0 {
						p.fail("the past")
					}
				})()
			}}
		},
		end: func(p *pair) { p.finally(2, 2) },
	},
	"the token of a commit": {
		tasks: func(p *pair) []func() {
			return []func(){func() { p.x.Store(1) }, p.token(true)}
		},
		end: func(*pair) {},
	},
	"the token of a read-only commit": {
		tasks: func(p *pair) []func() {
			return []func(){p.atomically(p.set(1)), p.token(false)}
		},
		end: func(*pair) {},
	},
	"the token of a load": {
		tasks: func(p *pair) []func() {
			return []func(){func() { p.x.Store(1); p.x.Store(2) }, func() {
				x, t := p.x.LoadToken()
				p.expect(t, x)
			}}
		},
		end: func(*pair) {},
	},
}

// token commits something that relies on x, with a token, and checks later what the token tells.
func (p *pair) token(write bool) func() {
	return func() {
		var x int
		var mark token.Token
		p.atomically(func(tx *stm.Tx) {
			if x = p.x.Get(tx); write {
				p.y.Set(tx, 1)
			}
			tx.OnCommitToken(func(t token.Token) { mark = t })
		})()
		p.expect(mark, x)
	}
}

// expect complains unless the token tells rightly whether x has changed.
func (p *pair) expect(t token.Token, x int) {
	p.atomically(func(tx *stm.Tx) {
		err := tx.Expect(t, p.x)
		if now := p.x.Get(tx); (now != x) != (err != nil) || err != nil && !errors.Is(err, stm.ErrClash) {
			p.fail("was %d, is %d: %v", x, now, err)
		}
	})()
}

// laterWithoutEarlier: one transaction sees x as it was and sets y, another sets x. Who sees the x of
// the second sees the y of the first, if that saw the old x.
func laterWithoutEarlier(read func(*pair, func(*stm.Tx)) func()) scenario {
	var sawOld, torn bool
	return scenario{
		tasks: func(p *pair) []func() {
			sawOld, torn = false, false
			return []func(){
				p.atomically(func(tx *stm.Tx) {
					if sawOld = p.x.Get(tx) == 0; sawOld {
						p.y.Set(tx, 1)
					}
				}),
				func() { p.x.Store(1) },
				read(p, func(tx *stm.Tx) {
					y, x := p.y.Get(tx), p.x.Get(tx)
					torn = torn || x == 1 && y == 0
				}),
			}
		},
		end: func(p *pair) {
			if sawOld && torn {
				p.fail("a later commit was seen without an earlier one")
			}
		},
	}
}

// TestManySchedulesAreRight runs each scenario under random schedules.
func TestManySchedulesAreRight(t *testing.T) {
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { explore(t, s) }) // so that time stands still
		})
	}
}

func explore(t *testing.T, s scenario) {
	schedules := 20_000
	if testing.Short() {
		schedules = 4_000
	}
	strategy := &lazy{seed: rand.Uint64(), runs: schedules}
	defer func() { shared.Hook = nil }()
	for run := range sched.Explore(strategy) {
		o := stm.Default() // it has a short cut of its own, and its clock has gone on
		if rand.N(2) == 0 {
			o = stm.NewOwner()
		}
		check(t, s, run, o)
	}
}

// lazy is the strategy that mostly goes on with the same task: with few switches in some runs, with
// more in others. It is fair, so that tasks which spin come to an end.
type lazy struct {
	seed   uint64
	runs   int
	stay   uint64 // one in so many steps
	source rand.PCG
}

func (s *lazy) Next() bool {
	s.runs--
	s.source.Seed(s.seed, uint64(s.runs))
	s.stay = 2 << (s.source.Uint64() % 5)
	return s.runs >= 0
}

func (s *lazy) Pick(p *sched.Point) int {
	if p.LastEnabled() && s.source.Uint64()%s.stay != 0 {
		return p.Last
	}
	return p.Enabled[s.source.Uint64()%uint64(len(p.Enabled))]
}

func check(t *testing.T, s scenario, run *sched.Run, o *stm.Owner) {
	p := &pair{owner: o, x: tvar.New(0, tvar.In(o)), y: tvar.New(0, tvar.In(o))}
	tasks := s.tasks(p)
	shared.Hook = steps{run}
	err := run.Parallel(tasks...)
	shared.Hook = nil
	if err == nil {
		s.end(p)
	}
	if err != nil || p.wrong != "" {
		t.Fatalf("schedule %s: %v %s", run.Schedule(), err, p.wrong)
	}
	if engine.IsLocked(p.x) || engine.IsLocked(p.y) {
		t.Fatalf("schedule %s: left locked", run.Schedule())
	}
}

// steps passes the engine's accesses to the scheduler.
type steps struct{ run *sched.Run }

func (s steps) Access(unsafe.Pointer, bool) { s.run.Yield() }

func (s steps) Until(what string, _, _ unsafe.Pointer, _ bool, holds func() bool) {
	s.run.Yield()
	s.run.Until(holds, what)
}
