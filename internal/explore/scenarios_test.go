//go:build rinsesched

package explore

const x, y, z = 0, 1, 2

func r(v int) Op                      { return Op{Act: Read, Var: v} }
func w(v, value int) Op               { return Op{Act: Write, Var: v, Value: value} }
func add(v, n int) Op                 { return Op{Act: Add, Var: v, Value: n} }
func commute(v, n int) Op             { return Op{Act: Commute, Var: v, Value: n} }
func await(v, atLeast int) Op         { return Op{Act: Await, Var: v, Value: atLeast} }
func orElse(alternatives ...[]Op) Op  { return Op{Act: OrElse, Body: alternatives} }
func nested(ops ...Op) Op             { return Op{Act: Nested, Body: [][]Op{ops}} }
func onCommit(id, v int) Op           { return Op{Act: OnCommit, Value: id, Var: v} }
func onAbort(id int) Op               { return Op{Act: OnAbort, Value: id} }
func expect(v int) Op                 { return Op{Act: Expect, Var: v} }
func ops(list ...Op) []Op             { return list }
func atomically(body ...Op) Call      { return Call{Form: Atomically, Body: body} }
func view(body ...Op) Call            { return Call{Form: View, Body: body} }
func irrevocably(body ...Op) Call     { return Call{Form: Irrevocably, Body: body} }
func try(body ...Op) Call             { return Call{Form: Try, Body: body} }
func held(body ...Op) Call            { return Call{Form: Held, Body: body} }
func resumed(v int, body ...Op) Call  { return Call{Form: Resumed, Var: v, Body: body} }
func rebased(body ...Op) Call         { return Call{Form: Rebased, Body: body} }
func chained(body, next []Op) Call    { return Call{Form: Chained, Body: body, Next: next} }
func cancellable(c Call) Call         { c.Cancel = true; return c }
func single(form Form, v, n int) Call { return Call{Form: form, Var: v, Value: n} }
func thread(calls ...Call) []Call     { return calls }

var (
	fail    = Op{Act: Fail}
	explode = Op{Act: Explode}
	onToken = Op{Act: OnToken}
	cancel  = Call{Form: Cancel}
)

func program(name string, threads ...[]Call) *Program {
	return &Program{Name: name, Threads: threads}
}

func (p *Program) with(l Limits) *Program { p.Limits = l; return p }
func (p *Program) onPairs() *Program      { p.Pairs = true; return p }
func (p *Program) merging() *Program      { p.Merges = true; return p }
func (p *Program) onSums() *Program       { p.Sums = true; return p }
func (p *Program) onDefault() *Program    { p.Default = true; return p }

// from gives the variables first values.
func (p *Program) from(values ...int) *Program { copy(p.Init[:], values); return p }

// scenarios are programs that bring about what the engine does, by what they are about.
func scenarios() []*Program {
	var all []*Program
	for _, list := range [][]*Program{
		conflicts(), waiting(), choices(), hooks(), failures(), checkouts(), views(), gates(), commutes(), singles(), tokens(),
		resumes(), rebases(), checkpoints(), notices(),
	} {
		all = append(all, list...)
	}
	return all
}

func conflicts() []*Program {
	return []*Program{
		program("lost update", thread(atomically(add(x, 1))), thread(atomically(add(x, 10)))),
		program("lost update of pairs", thread(atomically(add(x, 1))), thread(atomically(add(x, 10)))).onPairs(),
		program("lost updates", thread(atomically(add(x, 1))), thread(atomically(add(x, 10)), atomically(add(x, 20)))),
		program("write skew", thread(atomically(r(x), r(y), w(x, 1))), thread(atomically(r(x), r(y), w(y, 2)))),
		program("crossed writes", thread(atomically(r(x), w(y, 1))), thread(atomically(r(y), w(x, 2)))),
		program("read of two", thread(atomically(r(x), r(y))), thread(atomically(w(x, 1), w(y, 1)), atomically(w(y, 2), w(x, 2)))),
		program("read of two pairs", thread(atomically(r(x), r(y))), thread(atomically(w(x, 1), w(y, 1)), atomically(w(y, 2), w(x, 2)))).onPairs(),
		program("extension", thread(atomically(r(z), r(x), r(y), w(z, 9))), thread(atomically(w(x, 1)), atomically(w(x, 2), w(y, 2)))),
		program("blind writes", thread(atomically(r(x), r(y), w(z, 9))), thread(atomically(w(x, 1)), atomically(w(x, 2)), atomically(w(y, 3)))),
		program("blind writes, large steps", thread(atomically(r(x), r(y), w(z, 9))), thread(atomically(w(x, 1)), atomically(w(x, 2)), atomically(w(y, 3)))).with(Limits{Stride: 4}),
		program("real time", thread(atomically(w(x, 1)), atomically(r(y))), thread(atomically(w(y, 1)), atomically(r(x)))),
		program("losers queue", thread(atomically(add(x, 1))), thread(atomically(add(x, 10)))).with(Limits{Clashes: 2, Spins: 1, Tries: 2}),
		program("losers queue for two", thread(atomically(r(x), w(y, 1))), thread(atomically(add(y, 10)), atomically(add(x, 20)))).with(Limits{Clashes: 2}),
		program("starving", thread(atomically(r(x), r(y), w(z, 1))), thread(atomically(w(x, 1)), atomically(w(y, 2)), atomically(w(x, 3)))),
	}
}

func waiting() []*Program {
	return []*Program{
		program("wake", thread(atomically(await(x, 1), r(y))), thread(atomically(w(x, 1)))),
		program("wake a pair", thread(atomically(await(x, 1), r(y))), thread(atomically(w(y, 1), w(x, 1)))).onPairs(),
		program("wake twice", thread(atomically(await(x, 2))), thread(atomically(w(x, 1)), atomically(w(x, 2)))),
		program("wake by Store", thread(atomically(await(x, 1))), thread(single(Store, x, 1))),
		program("wake by Update", thread(atomically(await(x, 1))), thread(single(Update, x, 1))),
		program("wake by commute", thread(atomically(await(x, 1))), thread(atomically(commute(x, 1)))),
		program("wake by checkout", thread(atomically(await(x, 1))), thread(held(w(x, 1)))),
		program("do not wake", thread(atomically(r(z), await(x, 1))), thread(atomically(w(y, 1)), atomically(w(x, 1)))),
		program("wake by the second variable", thread(atomically(r(x), await(y, 1))), thread(atomically(w(z, 1), w(y, 1)))),
		program("wait in a view", thread(view(r(y), await(x, 1))), thread(atomically(w(y, 1)), atomically(w(x, 1)))),
		program("wait irrevocably", thread(irrevocably(add(y, 1), await(x, 1))), thread(atomically(w(x, 1)))),
		program("hand over", thread(atomically(await(x, 1), w(y, 1))), thread(atomically(w(x, 1)), atomically(await(y, 1)))),
		program("nobody wakes", thread(atomically(await(x, 5))), thread(atomically(w(x, 1)))),
		program("two waiters", thread(atomically(await(x, 1))), thread(atomically(await(x, 1))), thread(atomically(w(x, 1)))),
		program("chain", thread(atomically(await(x, 1), w(y, 1))), thread(atomically(await(y, 1))), thread(single(Store, x, 1))),
		program("cancel", thread(cancellable(atomically(await(x, 1)))), thread(cancel)),
		program("cancel or wake", thread(cancellable(atomically(w(y, 1), await(x, 1)))), thread(cancel), thread(atomically(w(x, 1)))),
	}
}

func choices() []*Program {
	return []*Program{
		program("or, left", thread(atomically(orElse(ops(await(x, 1)), ops(await(y, 1))))), thread(atomically(w(x, 1)))),
		program("or, right", thread(atomically(orElse(ops(await(x, 1)), ops(await(y, 1))))), thread(atomically(w(y, 1)))),
		program("or, both", thread(atomically(orElse(ops(await(x, 1), r(z)), ops(await(y, 1), r(z))))), thread(atomically(w(x, 1))), thread(atomically(w(y, 1)))),
		program("left undone", thread(atomically(orElse(ops(w(z, 5), await(x, 1)), ops(w(y, 7))))), thread(atomically(r(z), r(y)), atomically(w(x, 1)))),
		program("left overwritten", thread(atomically(w(z, 1), orElse(ops(w(z, 5), await(x, 1)), ops(r(z))))), thread(atomically(r(z), w(x, 1)))),
		program("left fails", thread(atomically(orElse(ops(w(z, 5), r(x), fail), ops(w(y, 7))))), thread(atomically(add(x, 1), r(z)))),
		program("or in or", thread(atomically(orElse(ops(orElse(ops(w(x, 1), await(y, 1)), ops(await(z, 1)))), ops(r(x), await(z, 2))))), thread(atomically(w(z, 1)))),
		program("hooks of the left", thread(atomically(onCommit(1, x), orElse(ops(onCommit(2, x), onAbort(3), await(x, 1)), ops(onCommit(4, x), onAbort(5), add(y, 1))))), thread(atomically(add(y, 1)), atomically(w(x, 1)))),
	}
}

func hooks() []*Program {
	return []*Program{
		program("hooks", thread(atomically(onCommit(1, x), onAbort(2), add(x, 1), onAbort(3), onCommit(4, y), r(y))), thread(atomically(add(x, 1), w(y, 1)))),
		program("hooks of a waiter", thread(atomically(onAbort(1), onCommit(2, x), await(x, 1))), thread(atomically(w(x, 1)))),
		program("hooks of a failure", thread(atomically(onAbort(1), onCommit(2, x), add(x, 1), fail)), thread(atomically(add(x, 1)))),
		program("hooks of a panic", thread(atomically(onAbort(1), onCommit(2, x), add(x, 1), explode)), thread(atomically(add(x, 1)))),
		program("hooks of a part", thread(atomically(nested(onCommit(1, x), onAbort(2), r(x), fail), nested(onCommit(3, x), onAbort(4), add(x, 1)))), thread(atomically(add(x, 1)))),
		program("hooks of a view", thread(view(onCommit(1, x), onAbort(2), r(x), r(y))), thread(atomically(w(x, 1), w(y, 1)))),
		program("hooks of a checkout", thread(held(onCommit(1, x), onAbort(2), add(x, 1))), thread(atomically(add(x, 1)))),
		program("hooks of a try", thread(try(onCommit(1, x), onAbort(2), add(x, 1))), thread(atomically(add(x, 1)))),
	}
}

func failures() []*Program {
	return []*Program{
		program("error", thread(atomically(w(x, 1), r(y), w(y, 1), fail)), thread(atomically(r(x), r(y)))),
		program("panic", thread(atomically(w(x, 1), r(y), explode), atomically(add(x, 1))), thread(atomically(add(x, 1), r(y)))),
		program("error after a clash", thread(atomically(r(x), r(y), fail)), thread(atomically(w(x, 1), w(y, 1)))),
		program("part undone", thread(atomically(w(x, 1), nested(w(x, 2), w(y, 2), fail), r(x))), thread(atomically(r(x), r(y)))),
		program("panic in a part", thread(atomically(w(x, 1), nested(w(y, 2), explode))), thread(atomically(r(x), r(y)))),
		program("irrevocable error", thread(irrevocably(add(x, 1), fail), atomically(add(x, 1))), thread(atomically(add(x, 1)))),
		program("irrevocable panic", thread(irrevocably(add(x, 1), explode), atomically(add(x, 1))), thread(atomically(add(x, 1)))),
		program("panic of a loser", thread(atomically(add(x, 1), r(y), explode)), thread(atomically(add(x, 1)))).with(Limits{Clashes: 2}),
		program("checkout given up", thread(held(w(x, 1), fail), atomically(r(x))), thread(atomically(w(x, 2), w(y, 2)))),
	}
}

func checkouts() []*Program {
	return []*Program{
		program("checkout", thread(held(r(x), w(y, 5))), thread(atomically(w(x, 1)))),
		program("checkout of two", thread(held(r(x), r(y), w(z, 5))), thread(atomically(w(x, 1), w(y, 1)), atomically(w(y, 2)))),
		program("blind checkout", thread(held(w(x, 5))), thread(atomically(w(x, 1)))),
		program("reading checkout", thread(held(r(x), r(y))), thread(atomically(w(x, 1)), atomically(w(y, 1)))),
		program("reading checkout of pairs", thread(held(r(x), r(y))), thread(atomically(w(x, 1)), atomically(w(y, 1)))).onPairs(),
		program("commuting checkout", thread(held(commute(x, 1))), thread(atomically(add(x, 10)))),
		program("two checkouts", thread(held(r(x), w(y, 5))), thread(held(r(y), w(x, 6)))),
		program("checkout of old values", thread(held(r(x), r(y))), thread(single(Store, x, 1), single(Store, x, 2), single(Store, y, 3))),
		program("checkout of first values", thread(held(r(x), r(y))), thread(single(Store, x, 1), atomically(w(x, 2), w(y, 3)))).from(7, 8),
		program("checkout of first pairs", thread(held(r(x), r(y))), thread(atomically(w(x, 2), w(y, 3)))).from(7, 8).onPairs(),
		program("checkout of a first value and of zero", thread(held(r(x), r(y))), thread(atomically(w(x, 2), w(y, 3)))).from(7),
		program("checkout of what moves", thread(held(r(x))), thread(single(Store, x, 1), single(Store, y, 2), single(Store, z, 3))).from(7, 8, 9),
		program("checkout of what else moves", thread(held(r(y))), thread(single(Store, y, 1), single(Store, z, 2), single(Store, x, 3))).from(7, 8, 9),
		program("checkout of what moves otherwise", thread(held(r(z))), thread(single(Store, z, 1), single(Store, x, 2), single(Store, y, 3))).from(7, 8, 9),
		program("checkouts of old values", thread(held(r(x))), thread(atomically(w(x, 1))), thread(held(r(x)))).from(7),
		program("checkouts of a later zero", thread(held(r(x))), thread(single(Store, x, 0), held(r(x))), thread(single(Store, x, 2))).from(7),
		program("checkout and gate", thread(held(add(x, 1))), thread(irrevocably(add(x, 10)))),
		program("checkout between", thread(atomically(w(x, 1)), held(r(x), r(y))), thread(atomically(w(x, 2)), atomically(w(x, 3), w(y, 3)))),
	}
}

func views() []*Program {
	return []*Program{
		program("view", thread(view(r(x), r(y))), thread(atomically(w(x, 1), w(y, 1)))),
		program("view of pairs", thread(view(r(x), r(y))), thread(atomically(w(x, 1), w(y, 1)))).onPairs(),
		program("view, twice disturbed", thread(view(r(x), r(y))), thread(atomically(w(x, 1), w(y, 1)), atomically(w(y, 2), w(x, 2)))),
		program("view of three", thread(view(r(x), r(y), r(z))), thread(atomically(w(x, 1), w(z, 1)), single(Store, y, 2))),
		program("view, then more", thread(view(r(x), r(y)), atomically(w(z, 1))), thread(atomically(w(x, 1), w(y, 1)), atomically(w(x, 2), r(z)))),
		program("two views", thread(view(r(x), r(y))), thread(atomically(w(x, 1), w(y, 1))), thread(view(r(y), r(x)))),
		program("view of first values", thread(view(r(x), r(y))), thread(atomically(w(x, 1), w(y, 1)))).from(7, 8),
		program("view and checkout", thread(view(r(x), r(y))), thread(atomically(w(x, 1), w(y, 1))), thread(held(r(y), r(x)))),
		program("checkout outlives checkout", thread(held(r(y), r(x))), thread(atomically(w(x, 1)), atomically(w(x, 2), w(y, 2))), thread(held(r(x)))).from(7, 8),
	}
}

func gates() []*Program {
	return []*Program{
		program("irrevocable", thread(irrevocably(r(x), r(y), w(x, 1))), thread(atomically(r(x), w(y, 2)))),
		program("irrevocable and blind", thread(irrevocably(r(x), w(y, 1), r(z))), thread(atomically(w(x, 1), w(z, 1)))),
		program("two irrevocable", thread(irrevocably(add(x, 1))), thread(irrevocably(add(x, 10)))),
		program("irrevocable and Update", thread(irrevocably(r(x), r(y), w(z, 1))), thread(single(Update, x, 1), single(Update, y, 1))),
		program("irrevocable and view", thread(irrevocably(add(x, 1), add(y, 1))), thread(view(r(x), r(y)))),
		program("irrevocable commute", thread(irrevocably(commute(x, 1), r(y))), thread(single(Update, x, 10), atomically(w(y, 1)))),
		program("try", thread(try(add(x, 1))), thread(atomically(add(x, 10)))),
		program("try and gate", thread(try(add(x, 1), r(y))), thread(irrevocably(add(x, 10), add(y, 1)))),
		program("try to wait", thread(try(r(y), await(x, 1))), thread(atomically(w(y, 1)), atomically(w(x, 1)))),
		program("cancel at the gate", thread(cancellable(irrevocably(add(x, 1)))), thread(irrevocably(add(x, 10))), thread(cancel)),
	}
}

func commutes() []*Program {
	return []*Program{
		program("commute", thread(atomically(commute(x, 1))), thread(atomically(commute(x, 10)))),
		program("commute a pair", thread(atomically(commute(x, 1))), thread(atomically(commute(x, 10)))).onPairs(),
		program("commute and add", thread(atomically(commute(x, 1))), thread(atomically(add(x, 10)))),
		program("commute and read", thread(atomically(r(y), commute(x, 1))), thread(atomically(add(x, 10), w(y, 1)))),
		program("commute, then read", thread(atomically(commute(x, 1), r(x), w(y, 1))), thread(atomically(add(x, 10)))),
		program("commute twice", thread(atomically(commute(x, 1), commute(y, 1), commute(x, 2))), thread(atomically(r(y), commute(x, 10)))),
		program("commute in a part", thread(atomically(commute(x, 1), nested(commute(x, 5), commute(y, 5), fail))), thread(single(Update, x, 10))),
	}
}

func singles() []*Program {
	return []*Program{
		program("Updates", thread(single(Update, x, 1)), thread(single(Update, x, 10))),
		program("Updates of a pair", thread(single(Update, x, 1)), thread(single(Update, x, 10))).onPairs(),
		program("additions", thread(atomically(commute(x, 1))), thread(atomically(commute(x, 10)))).onSums(),
		program("additions and a read", thread(atomically(commute(x, 1), r(x))), thread(atomically(commute(x, 10)))).onSums(),
		program("Adds", thread(single(Update, x, 1)), thread(single(Update, x, 10))).onSums(),
		program("Add and transactions", thread(single(Update, x, 1)), thread(atomically(commute(x, 10), r(y))), thread(atomically(r(x), w(y, 1)))).onSums(),
		program("Add and a checkout", thread(held(r(y), r(x))), thread(single(Update, x, 1), single(Update, y, 1))).onSums(),
		program("Add and a checkout of first values", thread(held(r(y), r(x))), thread(single(Update, x, 1), single(Update, y, 1))).onSums().from(7, 8),
		program("Add and the gate", thread(irrevocably(r(x), r(y), w(x, 5))), thread(single(Update, x, 1), single(Update, y, 1))).onSums(),
		program("Add wakes", thread(atomically(await(x, 1), r(y))), thread(single(Update, x, 1))).onSums().onDefault(),
		program("Update and add", thread(single(Update, x, 1)), thread(atomically(add(x, 10), w(y, 1)))),
		program("Updates and adds", thread(single(Update, x, 1), single(Update, x, 2)), thread(atomically(add(x, 10)))).with(Limits{Clashes: 2}),
		program("Loads", thread(single(Load, x, 0), single(Load, y, 0)), thread(atomically(w(y, 1), w(x, 1)))),
		program("Loads of pairs", thread(single(Load, x, 0), single(Load, x, 0)), thread(atomically(w(x, 1)), single(Store, x, 2))).onPairs(),
		program("Loads of the default owner", thread(single(Load, x, 0), single(Load, x, 0)), thread(atomically(w(y, 1), w(x, 1)))).onDefault(),
		program("Loads of pairs of the default owner", thread(single(Load, x, 0), single(Load, x, 0)), thread(atomically(w(y, 1), w(x, 1)))).onDefault().onPairs(),
		program("Stores", thread(single(Store, x, 1), single(Store, y, 1)), thread(atomically(r(y), r(x)))),
		program("Stores and a view", thread(single(Store, x, 1), single(Store, y, 1)), thread(view(r(y), r(x)))),
		program("Store and add", thread(single(Store, x, 1)), thread(atomically(r(y), add(x, 10)))),
		program("Stores, often", thread(single(Store, x, 1), single(Store, x, 2), single(Store, x, 3)), thread(atomically(r(x), r(y), w(z, 1)))),
	}
}

func tokens() []*Program {
	return []*Program{
		program("token of a write", thread(atomically(onToken, w(x, 1)), atomically(expect(x))), thread(atomically(w(x, 2)))),
		program("token of a read", thread(atomically(onToken, r(x), w(y, 1)), atomically(expect(x), expect(y))), thread(atomically(w(x, 2)))),
		program("token of a read only", thread(atomically(onToken, r(x)), atomically(expect(x))), thread(atomically(w(x, 2)))),
		program("token of a view", thread(view(onToken, r(x), r(y)), view(expect(x), expect(y))), thread(atomically(w(x, 2)), single(Store, y, 1))),
		program("token of a checkout", thread(held(r(x), w(y, 1)), atomically(expect(x), expect(y))), thread(atomically(w(x, 2)))),
		program("token of a reading checkout", thread(held(r(x)), atomically(expect(x))), thread(single(Store, x, 2), single(Store, x, 3))),
		program("token of LoadToken", thread(single(LoadToken, x, 0), atomically(expect(x))), thread(atomically(w(x, 2)))),
		program("token of LoadToken, after a Store", thread(single(Store, x, 1), single(LoadToken, x, 0), atomically(expect(x))), thread(single(Store, x, 2))),
		program("token, then a write", thread(single(LoadToken, x, 0), atomically(expect(x), add(x, 1))), thread(single(Update, x, 10))),
		program("tokens, large steps", thread(atomically(onToken, r(x), w(y, 1)), atomically(expect(x), expect(y))), thread(atomically(w(x, 2)), atomically(w(y, 3)))).with(Limits{Stride: 4}),
	}
}

func resumes() []*Program {
	return []*Program{
		program("resume", thread(single(LoadToken, x, 0), resumed(x, add(x, 1))), thread(atomically(add(x, 10)))),
		program("resume a pair", thread(single(LoadToken, x, 0), resumed(x, add(x, 1))), thread(atomically(add(x, 10)))).onPairs(),
		program("resume, twice disturbed", thread(single(LoadToken, x, 0), resumed(x, w(y, 5))), thread(single(Store, x, 1), atomically(add(x, 10)))),
		program("resume after a checkout", thread(held(add(x, 1)), resumed(x, add(x, 2))), thread(atomically(add(x, 10)))),
		program("resume after a checkout that read", thread(held(r(x), w(y, 1)), resumed(x, r(y), w(z, 2))), thread(atomically(w(x, 10), w(y, 20)))),
		program("replay", thread(single(LoadToken, x, 0), resumed(x, add(x, 1)), resumed(x, add(x, 2))), thread(single(Store, y, 1))),
		program("resume from nothing", thread(resumed(x, add(x, 1))), thread(single(Store, x, 1))),
		program("resume, large steps", thread(atomically(onToken, r(x), w(y, 1)), resumed(x, add(y, 1))), thread(atomically(w(x, 2)), atomically(w(x, 3)))).with(Limits{Stride: 4}),
	}
}

func rebases() []*Program {
	return []*Program{
		program("rebase", thread(rebased(add(x, 1))), thread(atomically(add(x, 10)))).merging(),
		program("rebase of pairs", thread(rebased(add(x, 1))), thread(atomically(add(x, 10)))).merging().onPairs(),
		program("rebase of two", thread(rebased(add(x, 1), add(y, 2))), thread(atomically(add(x, 10), add(y, 20)))).merging(),
		program("rebase of two, one by one", thread(rebased(add(x, 1), add(y, 2))), thread(single(Update, x, 10), single(Update, y, 20))).merging(),
		program("rebase, twice disturbed", thread(rebased(add(x, 1), add(z, 1))), thread(atomically(add(x, 10)), atomically(add(x, 20), add(y, 5)))).merging(),
		program("rebase over what was read", thread(rebased(r(x), add(y, 1))), thread(atomically(w(x, 1)), atomically(w(x, 2)))).merging(),
		program("rebase that cannot merge", thread(rebased(add(x, 1), r(y))), thread(atomically(add(x, 10), w(y, 1)))),
		program("rebase over a first value", thread(rebased(add(x, 1), r(y))), thread(atomically(add(x, 10), w(y, 1)))).merging().from(7, 8),
		program("rebases of each other", thread(rebased(add(x, 1))), thread(rebased(add(x, 10)))).merging(),
		program("rebase of a commute", thread(rebased(commute(x, 1), add(y, 1))), thread(atomically(add(x, 10)), single(Update, y, 10))).merging(),
		program("rebase and a checkout", thread(rebased(add(x, 1))), thread(atomically(add(x, 10)), atomically(add(x, 20))), thread(held(r(x)))).merging(),
	}
}

func checkpoints() []*Program {
	return []*Program{
		program("checkpoint", thread(chained(ops(add(x, 1)), ops(r(x), w(y, 2)))), thread(atomically(add(x, 10)))),
		program("checkpoint of pairs", thread(chained(ops(add(x, 1)), ops(r(x), w(y, 2)))), thread(atomically(add(x, 10)))).onPairs(),
		program("checkpoint, then others", thread(chained(ops(w(x, 1)), ops(r(y), r(z)))), thread(atomically(w(y, 1), w(z, 1)))),
		program("checkpoint, then a write", thread(chained(ops(w(x, 1)), ops(r(y), w(z, 3)))), thread(single(Store, y, 1), single(Store, y, 2))),
		program("checkpoint and a checkout", thread(chained(ops(add(x, 1)), ops(r(y), add(x, 2)))), thread(held(r(x), r(y))), thread(single(Store, y, 1))),
		program("checkpoint, then a token", thread(chained(ops(add(x, 1)), ops(add(x, 2))), atomically(expect(x))), thread(atomically(add(x, 10)))),
		program("checkpoints of each other", thread(chained(ops(add(x, 1)), ops(r(x), r(y)))), thread(chained(ops(add(y, 1)), ops(r(x), r(y))))),
		program("checkpoint and gate", thread(chained(ops(add(x, 1)), ops(add(y, 1)))), thread(irrevocably(add(x, 10)))),
	}
}

func notices() []*Program {
	return []*Program{
		program("notice", thread(single(LoadToken, x, 0), single(Notice, x, 0)), thread(single(Store, x, 1))),
		program("notice of a commit", thread(single(LoadToken, x, 0), single(Notice, x, 0)), thread(atomically(w(y, 1), w(x, 1)))),
		program("notice of the last of two", thread(single(LoadToken, x, 0), single(Notice, x, 0)), thread(atomically(w(x, 1)), atomically(w(x, 2)))),
		program("no notice", thread(single(LoadToken, x, 0), single(Notice, x, 0)), thread(single(Store, y, 1))),
		program("notice after a write", thread(single(Store, x, 5), single(LoadToken, x, 0), single(Notice, x, 0)), thread(single(Store, x, 1))),
		program("notice and a waiter", thread(single(LoadToken, x, 0), single(Notice, x, 0)), thread(atomically(await(x, 1))), thread(single(Store, x, 1))),
		program("two notices", thread(single(LoadToken, x, 0), single(Notice, x, 0)), thread(single(LoadToken, x, 0), single(Notice, x, 0)), thread(single(Store, x, 1))),
		program("notice of a token of a checkout", thread(held(add(x, 1)), single(Notice, x, 0)), thread(atomically(add(x, 10)))),
	}
}
