package model

import (
	"context"
	"maps"
	"math/rand"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Index is an ordered map.
func Index() proptest.Spec[map[int64]int64, Command, Result] { return index(int64(small.keys)) }

// index is one of which commands use so many keys.
func index(keys int64) proptest.Spec[map[int64]int64, Command, Result] {
	return proptest.Spec[map[int64]int64, Command, Result]{
		Name: "index",
		Gen: draw(func(r *rand.Rand) Command {
			key := r.Int63n(keys)
			switch r.Intn(6) {
			case 0:
				return command("get", key)
			case 1:
				return command("delete", key)
			case 2:
				return command("scan", key/2, key+keys/3)
			}
			return command("put", key, int64(r.Intn(10)))
		}),
		Step:   stepIndex,
		Equal:  maps.Equal[map[int64]int64, map[int64]int64],
		Shrink: simpler,
	}
}

func stepIndex(m map[int64]int64, c Command) (map[int64]int64, Result) {
	value, there := m[c.A]
	switch c.Op {
	case "get":
		return m, maybe(value, there)
	case "scan":
		all := number(0)
		for key, value := range m {
			if c.A <= key && key < c.B {
				all.N++
				all.M += value
			}
		}
		return m, all
	}
	after := maps.Clone(m)
	if c.Op == "delete" {
		delete(after, c.A)
		return after, whether(there)
	}
	if after == nil {
		after = map[int64]int64{}
	}
	after[c.A] = c.B
	return after, done
}

// IndexImpl makes an implementation of [Index].
func IndexImpl(name string, make func() discipline.Index) proptest.Impl[Command, Result] {
	return implement(name, make, onIndex)
}

// onIndex has a command carried out.
func onIndex(_ context.Context, o discipline.Index, c Command) Result {
	switch c.Op {
	case "get":
		return maybe(o.Get(c.A))
	case "delete":
		return whether(o.Delete(c.A))
	case "scan":
		count, sum := o.Scan(c.A, c.B)
		return Result{N: int64(count), M: sum, OK: true}
	}
	o.Put(c.A, c.B)
	return done
}
