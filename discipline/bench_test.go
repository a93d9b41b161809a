package discipline_test

import (
	"testing"

	"github.com/rinse-go/rinse/discipline"
)

// The benchmarks are to see that a change of a discipline does it no harm; the lab is to compare them.
func benchEach(b *testing.B, object func(d discipline.Discipline) (op func(i int), end func())) {
	for _, d := range discipline.All() {
		op, end := object(d)
		if op == nil {
			continue
		}
		b.Run(d.Name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				op(i)
			}
		})
		end()
	}
}

func BenchmarkCounterInc(b *testing.B) {
	benchEach(b, func(d discipline.Discipline) (func(int), func()) {
		c := d.Counter()
		return func(int) { c.Inc() }, c.Close
	})
}

func BenchmarkBankTransfer(b *testing.B) {
	benchEach(b, func(d discipline.Discipline) (func(int), func()) {
		if d.Bank == nil {
			return nil, nil
		}
		bank := d.Bank(1024, 1000)
		return func(i int) { bank.Transfer(i%1024, i*7%1024, 1) }, bank.Close
	})
}

func BenchmarkCacheGet(b *testing.B) {
	benchEach(b, func(d discipline.Discipline) (func(int), func()) {
		if d.Cache == nil {
			return nil, nil
		}
		cache := d.Cache(1000)
		for i := range 1000 {
			cache.Put(i, int64(i))
		}
		return func(i int) { cache.Get(i % 1000) }, cache.Close
	})
}

func BenchmarkCachePut(b *testing.B) {
	benchEach(b, func(d discipline.Discipline) (func(int), func()) {
		if d.Cache == nil {
			return nil, nil
		}
		cache := d.Cache(1000)
		return func(i int) { cache.Put(i%2000, int64(i)) }, cache.Close
	})
}

func BenchmarkIndexScan100(b *testing.B) {
	benchEach(b, func(d discipline.Discipline) (func(int), func()) {
		if d.Index == nil {
			return nil, nil
		}
		index := d.Index()
		for i := range int64(10_000) {
			index.Put(i, i)
		}
		return func(i int) { index.Scan(int64(i%9900), int64(i%9900)+100) }, index.Close
	})
}

func BenchmarkMemoryUpdate10(b *testing.B) {
	benchEach(b, func(d discipline.Discipline) (func(int), func()) {
		if d.Memory == nil {
			return nil, nil
		}
		memory := d.Memory(10_000)
		return func(i int) {
			memory.Update(func(w discipline.Words) {
				for j := range 10 {
					word := (i*31 + j*977) % 10_000
					w.Set(word, w.Get(word)+1)
				}
			})
		}, memory.Close
	})
}
