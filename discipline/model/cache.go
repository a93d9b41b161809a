package model

import (
	"context"
	"math/rand"
	"slices"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// An Entry is a key with its value.
type Entry struct{ Key, Value int64 }

// Cache is a map with a capacity, its entries in the order in which their keys were first put.
func Cache(capacity int) proptest.Spec[[]Entry, Command, Result] {
	return proptest.Spec[[]Entry, Command, Result]{
		Name: "cache",
		Gen: draw(func(r *rand.Rand) Command {
			key := int64(r.Intn(capacity + 2))
			switch r.Intn(5) {
			case 0:
				return command("len")
			case 1, 2:
				return command("get", key)
			}
			return command("put", key, int64(r.Intn(10)))
		}),
		Step: func(entries []Entry, c Command) ([]Entry, Result) {
			at := slices.IndexFunc(entries, func(e Entry) bool { return e.Key == c.A })
			switch c.Op {
			case "len":
				return entries, number(int64(len(entries)))
			case "get":
				if at < 0 {
					return entries, Result{}
				}
				return entries, number(entries[at].Value)
			}
			after := slices.Clone(entries)
			if at >= 0 {
				after[at].Value = c.B
				return after, done
			}
			if len(after) == capacity {
				after = after[1:]
			}
			return append(after, Entry{c.A, c.B}), done
		},
		Equal:  slices.Equal[[]Entry],
		Shrink: simpler,
	}
}

// CacheImpl makes an implementation of [Cache] with the same capacity.
func CacheImpl(name string, make func(capacity int) discipline.Cache, capacity int) proptest.Impl[Command, Result] {
	open := func() discipline.Cache { return make(capacity) }
	return implement(name, open, onCache)
}

// onCache has a command carried out.
func onCache(_ context.Context, o discipline.Cache, c Command) Result {
	switch c.Op {
	case "len":
		return number(int64(o.Len()))
	case "get":
		return maybe(o.Get(int(c.A)))
	}
	o.Put(int(c.A), c.B)
	return done
}
