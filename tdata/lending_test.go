//go:build rinsesched

package tdata_test

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/rinse-go/rinse/proptest"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// What is lent, interrupted before every access to memory that others see too: all who wait get it in the end, and nobody
// gets what is not there. Only one client runs at a time, so the tests count in plain variables.

// lendingSpec has commands that take something and give it back: each says ok.
func lendingSpec(commands ...string) proptest.Spec[struct{}, string, string] {
	return proptest.Spec[struct{}, string, string]{
		Name: "lending",
		Gen:  proptest.Commands(func(r *rand.Rand) string { return commands[r.Intn(len(commands))] }),
		Step: func(struct{}, string) (struct{}, string) { return struct{}{}, "ok" },
	}
}

// A lender counts what is lent of some permits.
type lender struct {
	env       *proptest.Env
	size, out int
}

// use takes n of them and gives them back.
func (l *lender) use(n int, release func(), err error) string {
	if err != nil {
		return err.Error()
	}
	l.out += n
	most := l.out
	l.env.Yield("held")
	most = max(most, l.out)
	l.out -= n
	release()
	if most > l.size {
		return fmt.Sprintf("%d of %d are lent", most, l.size)
	}
	return "ok"
}

// useIn is use for what is taken and given back in transactions.
func (l *lender) useIn(o *stm.Owner, n int, take, giveBack func(*stm.Tx)) string {
	run := func(fn func(*stm.Tx)) error {
		return o.Atomically(l.env.Context(), func(tx *stm.Tx) error { fn(tx); return nil })
	}
	err := run(take)
	return l.use(n, func() { succeed(run(giveBack)) }, err)
}

func TestFairLendersStepByStep(t *testing.T) {
	explore(t, lendingSpec("one", "one", "two", "try", "transaction"),
		proptest.Impl[string, string]{Name: "FairSemaphore", New: func(env *proptest.Env) func(string) string {
			o := stm.NewOwner()
			s, l := tdata.NewFairSemaphore(2, tdata.In(o)), &lender{env: env, size: 2}
			return func(c string) string {
				switch c {
				case "try":
					if release, ok := s.TryHold(1); ok {
						return l.use(1, release, nil)
					}
					return "ok"
				case "transaction":
					return l.useIn(o, 1, func(tx *stm.Tx) { s.Acquire(tx, 1) }, func(tx *stm.Tx) { s.Release(tx, 1) })
				}
				n := map[string]int{"one": 1, "two": 2}[c]
				release, err := s.Hold(env.Context(), int64(n))
				return l.use(n, release, err)
			}
		}})
	explore(t, lendingSpec("read", "read", "write", "transaction"),
		proptest.Impl[string, string]{Name: "RWLock", New: func(env *proptest.Env) func(string) string {
			const readers = 10
			o := stm.NewOwner()
			lock, l := tdata.NewRWLock(tdata.In(o)), &lender{env: env, size: readers}
			return func(c string) string {
				switch c {
				case "read":
					unlock, err := lock.HoldRead(env.Context())
					return l.use(1, unlock, err)
				case "write":
					unlock, err := lock.HoldWrite(env.Context())
					return l.use(readers, unlock, err)
				}
				return l.useIn(o, readers, lock.Lock, lock.Unlock)
			}
		}})
}

// A clockedPool is one whose resources are numbered by when they were begun.
type clockedPool struct {
	*tdata.Pool[int]
	now    int
	live   map[int]bool
	lent   map[int]bool
	before int // when the last Reset began of those that have ended: what is older is gone
	wrong  string
}

func newClockedPool(env *proptest.Env, o *stm.Owner) *clockedPool {
	p := &clockedPool{live: map[int]bool{}, lent: map[int]bool{}}
	p.Pool = tdata.NewPool(tdata.PoolConfig[int]{
		MaxSize: 2,
		New: func(context.Context) (int, error) {
			made := p.tick()
			env.Yield("being made")
			p.live[made] = true
			p.check(len(p.live) <= 2, "too many live")
			return made, nil
		},
		Destroy: func(made int) {
			p.check(p.live[made] && !p.lent[made], "destroyed twice, or while lent")
			delete(p.live, made)
		},
	}, tdata.In(o))
	return p
}

func (p *clockedPool) tick() int { p.now++; return p.now }

func (p *clockedPool) check(ok bool, what string) {
	if !ok {
		p.wrong = what
	}
}

// use has a resource used that was borrowed when those before since were gone.
func (p *clockedPool) use(env *proptest.Env, r *tdata.Resource[int], since int) {
	made := r.Value()
	p.check(!p.lent[made], "lent twice")
	p.check(p.live[made], "not live")
	p.check(made >= since, "from before a Reset")
	p.lent[made] = true
	env.Yield("lent")
	delete(p.lent, made)
}

func (p *clockedPool) run(env *proptest.Env, o *stm.Owner, c string) string {
	switch since := p.before; c {
	case "acquire":
		if r, err := p.Acquire(env.Context()); err == nil {
			p.use(env, r, since)
			r.Release()
		} else {
			p.check(false, err.Error())
		}
	case "try":
		if r, ok := p.TryAcquire(); ok {
			p.use(env, r, since)
			r.Destroy()
		}
	case "transaction":
		var r *tdata.Resource[int]
		_ = o.Atomically(env.Context(), func(tx *stm.Tx) error { r = p.TryBorrow(tx); return nil })
		if r != nil {
			p.use(env, r, since)
			_ = o.Atomically(env.Context(), func(tx *stm.Tx) error { r.Return(tx); return nil })
		}
	case "warm":
		_, err := p.Warm(env.Context())
		p.check(err == nil, "not warmed")
	case "renew":
		began := p.tick()
		p.Renew()
		p.before = max(p.before, began)
	}
	if p.wrong != "" {
		return p.wrong
	}
	return "ok"
}

func TestPoolLendsStepByStep(t *testing.T) {
	explore(t, lendingSpec("acquire", "acquire", "acquire", "try", "transaction", "warm", "renew"),
		proptest.Impl[string, string]{Name: "Pool", New: func(env *proptest.Env) func(string) string {
			o := stm.NewOwner()
			p := newClockedPool(env, o)
			return func(c string) string { return p.run(env, o, c) }
		}})
}
