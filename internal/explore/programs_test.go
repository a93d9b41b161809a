//go:build rinsesched

package explore

import "math/rand/v2"

// bodies returns every sequence of one to most reads and writes of two variables.
func bodies(most int) [][]Op {
	letters := []Op{r(x), r(y), w(x, 0), w(y, 0)}
	var all [][]Op
	level := [][]Op{nil}
	for range most {
		var longer [][]Op
		for _, b := range level {
			for _, op := range letters {
				longer = append(longer, append(b[:len(b):len(b)], op))
			}
		}
		all, level = append(all, longer...), longer
	}
	return all
}

// transactions returns a program of one transaction a thread. Every write has a value of its own.
func transactions(bodies ...[]Op) *Program {
	p := &Program{}
	for thread, b := range bodies {
		mine := make([]Op, len(b))
		for i, op := range b {
			if op.Act == Write {
				op.Value = 10*(thread+1) + i
			}
			mine[i] = op
		}
		p.Threads = append(p.Threads, []Call{{Body: mine}})
	}
	return p
}

// dice draws programs.
type dice struct {
	*rand.Rand
	last int // value written
}

func (d *dice) value() int {
	d.last++
	return d.last
}

// program draws a program of two threads or three.
func (d *dice) program() *Program {
	threads, calls := 2, 2
	if d.IntN(3) == 0 {
		threads, calls = 3, 1
	}
	p := &Program{Pairs: d.IntN(4) == 0, Sums: d.IntN(4) == 0, Default: d.IntN(4) == 0}
	p.Limits = Limits{Stride: uint64(1 + d.IntN(3)), Clashes: 1 + d.IntN(2)}
	for range threads {
		var thread []Call
		for range 1 + d.IntN(calls) {
			thread = append(thread, d.call())
		}
		p.Threads = append(p.Threads, thread)
	}
	return p
}

func (d *dice) call() Call {
	switch n := d.IntN(20); {
	case n < 8:
		return atomically(d.body(3, Await, Commute, OrElse, Nested, Fail, Explode, OnCommit, OnAbort, OnToken, Expect)...)
	case n < 10:
		return view(d.reads(3)...)
	case n < 12:
		return irrevocably(d.body(2, Await, Commute, OrElse, Nested, Explode)...)
	case n < 14:
		return try(d.body(2, Await, Commute, OnAbort)...)
	case n < 16:
		return held(d.body(3, Nested, Fail, OnAbort, Expect)...)
	case n < 17:
		return single(LoadToken, d.IntN(Vars), 0)
	}
	form := []Form{Load, Store, Update}[d.IntN(3)]
	return single(form, d.IntN(Vars), d.value())
}

func (d *dice) reads(most int) (list []Op) {
	for range 1 + d.IntN(most) {
		if d.IntN(6) == 0 {
			list = append(list, expect(d.IntN(2)))
			continue
		}
		list = append(list, r(d.IntN(Vars)))
	}
	return list
}

// body draws operations: half of them plain reads and writes, the others of the given kinds as well.
func (d *dice) body(most int, kinds ...Act) (list []Op) {
	for range 1 + d.IntN(most) {
		act := []Act{Read, Write, Add}[d.IntN(3)]
		if d.IntN(2) == 0 {
			act = kinds[d.IntN(len(kinds))]
		}
		op := Op{Act: act, Var: d.IntN(2), Value: d.value()}
		switch act {
		case Await:
			op.Value = 1
		case Nested:
			op.Body = [][]Op{append(d.body(2, OnAbort), fail)[d.IntN(2):]}
		case OrElse:
			op.Body = [][]Op{append(d.body(2, OnCommit), await(d.IntN(2), 1)), d.body(2, Await, OnCommit)}
		}
		list = append(list, op)
	}
	return list
}
