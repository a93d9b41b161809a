package model

import (
	"testing"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Sizes of the objects that are checked: small, so that they are soon full or empty.
const (
	accounts  = 3
	balance   = 2
	capacity  = 2
	resources = 2
	seats     = 4
	words     = 3
)

// Check checks every object that a discipline offers against its model, in a subtest each. The options
// are proptest's.
func Check(t *testing.T, d discipline.Discipline, options ...proptest.Option) []proptest.Report {
	t.Helper()
	var reports []proptest.Report
	for _, o := range Objects(d) {
		t.Run(o.Name, func(t *testing.T) {
			report, err := o.Find(append([]proptest.Option{proptest.InBubble(t)}, options...)...)
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
	Find func(options ...proptest.Option) (proptest.Report, error)
}

// Objects returns the objects that a discipline offers. Where it says that it cannot do "Pair.TakeAny"
// the model does without.
func Objects(d discipline.Discipline) (all []Object) {
	add := func(name string, offered bool, find func(options ...proptest.Option) (proptest.Report, error)) {
		if offered {
			all = append(all, Object{name, find})
		}
	}
	pair := Pair()
	if _, cannot := d.Cannot["Pair.TakeAny"]; cannot {
		pair = PairWithoutTakeAny()
	}
	add("Counter", d.Counter != nil, finder(Counter(), CounterImpl(d.Name, d.Counter)))
	add("Bank", d.Bank != nil, finder(Bank(accounts, balance), BankImpl(d.Name, d.Bank, accounts, balance)))
	add("Cache", d.Cache != nil, finder(Cache(capacity), CacheImpl(d.Name, d.Cache, capacity)))
	add("Buffer", d.Buffer != nil, finder(Buffer(capacity), BufferImpl(d.Name, d.Buffer, capacity)))
	add("Pool", d.Pool != nil, finder(Pool(resources), PoolImpl(d.Name, d.Pool, resources)))
	add("Pair", d.Pair != nil, finder(pair, PairImpl(d.Name, d.Pair)))
	add("Table", d.Table != nil, finder(Table(seats), TableImpl(d.Name, d.Table, seats)))
	add("Index", d.Index != nil, finder(Index(), IndexImpl(d.Name, d.Index)))
	add("Latch", d.Latch != nil, finder(Latch(), LatchImpl(d.Name, d.Latch)))
	add("Memory", d.Memory != nil, finder(Memory(words), MemoryImpl(d.Name, d.Memory, words)))
	return all
}

func finder[S any](spec proptest.Spec[S, Command, Result], impl proptest.Impl[Command, Result]) func(...proptest.Option) (proptest.Report, error) {
	return func(options ...proptest.Option) (proptest.Report, error) {
		return proptest.Find(spec, []proptest.Impl[Command, Result]{impl}, options...)
	}
}
