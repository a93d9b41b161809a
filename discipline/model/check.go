package model

import (
	"context"
	"testing"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// sizes are those of the objects.
type sizes struct {
	accounts                                  int
	balance                                   int64
	cached, buffered, resources, seats, words int
	keys                                      int // of the index, that commands are about
}

// small objects are soon full or empty.
var small = sizes{accounts: 3, balance: 2, cached: 2, buffered: 2, resources: 2, seats: 4, words: 3, keys: 6}

// Check checks every object that a discipline offers against its model, in a subtest each. The options
// are proptest's. Where a discipline waits in the operating system ([discipline.Discipline.Kernel]) nothing
// is given that would have to wait, and the only scheduler that serves is proptest.Stress.
func Check(t *testing.T, d discipline.Discipline, options ...proptest.Option) []proptest.Report {
	t.Helper()
	var reports []proptest.Report
	for _, o := range Objects(d) {
		t.Run(o.Name, func(t *testing.T) {
			where := []proptest.Option{proptest.InBubble(t)}
			if d.Kernel {
				where = nil
			}
			report, err := o.Find(append(where, options...)...)
			if err != nil {
				t.Error(err)
			}
			reports = append(reports, report)
		})
	}
	return reports
}

// An Object is one that a discipline offers, together with its model.
type Object struct {
	Name string // "Counter"
	// Find checks it, as proptest.Find does.
	Find func(options ...proptest.Option) (proptest.Report, error)

	script func(seed int64, length int) []step
	open   func() opened
}

// opened is a fresh object.
type opened struct {
	do    func(context.Context, Command) Result
	close func()
}

// Objects returns the objects that a discipline offers. Where it says that it cannot do "Pair.TakeAny"
// the model does without.
func Objects(d discipline.Discipline) (all []Object) { return objects(d, small) }

func objects(d discipline.Discipline, of sizes) (all []Object) {
	pair := Pair()
	if _, cannot := d.Cannot["Pair.TakeAny"]; cannot {
		pair = PairWithoutTakeAny()
	}
	all = add(all, d, "Counter", d.Counter, Counter(), onCounter)
	if d.Bank != nil {
		all = add(all, d, "Bank", func() discipline.Bank { return d.Bank(of.accounts, of.balance) }, Bank(of.accounts, of.balance), onBank)
	}
	all = add(all, d, "Cache", sized(d.Cache, of.cached), Cache(of.cached), onCache)
	all = add(all, d, "Buffer", sized(d.Buffer, of.buffered), Buffer(of.buffered), onBuffer)
	all = add(all, d, "Pool", sized(d.Pool, of.resources), Pool(of.resources), onPool)
	all = add(all, d, "Pair", d.Pair, pair, onPair)
	all = add(all, d, "Table", sized(d.Table, of.seats), Table(of.seats), onTable)
	all = add(all, d, "Index", d.Index, index(int64(of.keys)), onIndex)
	all = add(all, d, "Latch", d.Latch, Latch(), onLatch)
	return add(all, d, "Memory", sized(d.Memory, of.words), Memory(of.words), onMemory(of.words))
}

// neverWaiting gives commands only where they need not wait, in whatever order.
func neverWaiting[S any](spec proptest.Spec[S, Command, Result]) proptest.Spec[S, Command, Result] {
	pre, blocks := spec.Pre, spec.Blocks
	spec.Pre = func(state S, c Command) bool { return (pre == nil || pre(state, c)) && !blocks(state, c) }
	return spec
}

// sized makes a maker of objects of one size; nil stays nil.
func sized[O any](open func(int) O, size int) func() O {
	if open == nil {
		return nil
	}
	return func() O { return open(size) }
}

// add adds an object to others, if it is offered.
func add[S any, O interface{ Close() }](all []Object, d discipline.Discipline, name string, open func() O,
	spec proptest.Spec[S, Command, Result], on func(context.Context, O, Command) Result) []Object {
	if open == nil {
		return all
	}
	waiting := spec
	if d.Kernel && spec.Blocks != nil {
		spec = neverWaiting(spec)
	}
	impls := []proptest.Impl[Command, Result]{implement(d.Name, open, on)}
	return append(all, Object{
		Name: name,
		Find: func(options ...proptest.Option) (proptest.Report, error) {
			return proptest.Find(spec, impls, options...)
		},
		script: func(seed int64, length int) []step { return script(waiting, seed, length) },
		open: func() opened {
			o := open()
			return opened{func(ctx context.Context, c Command) Result { return on(ctx, o, c) }, o.Close}
		},
	})
}
