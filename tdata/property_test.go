package tdata_test

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/rinse-go/rinse/proptest"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// The models: what each structure does when one client uses it. Their implementations are used by several
// clients at a time, on real threads, with the race detector watching.

// A command is one operation, or a transaction of two.
type command struct {
	what string
	key  int
	to   int
}

func (c command) String() string { return fmt.Sprintf("%s(%d,%d)", c.what, c.key, c.to) }

func drawing(whats ...string) func(r *rand.Rand) command {
	return func(r *rand.Rand) command { return command{whats[r.Intn(len(whats))], r.Intn(4), r.Intn(4)} }
}

// state is a map as a string would have it: immutable, and easily compared.
type state map[int]int

func (s state) with(k, v int) state {
	s = maps.Clone(s)
	s[k] = v
	return s
}

func (s state) without(k int) state {
	s = maps.Clone(s)
	delete(s, k)
	return s
}

func (s state) String() string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "%d:%d ", k, s[k])
	}
	return b.String()
}

// among returns the keys in [from, to), in order, with their values.
func (s state) among(from, to int) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(s)) {
		if k >= from && k < to {
			fmt.Fprintf(&b, "%d:%d ", k, s[k])
		}
	}
	return b.String()
}

// mapModel is the model of a map, ordered or not.
func mapModel(s state, c command) (state, string) {
	v, found := s[c.key]
	before := fmt.Sprint(v, found)
	switch c.what {
	case "get", "load":
		return s, before
	case "set", "store":
		return s.with(c.key, c.to), before
	case "delete", "remove":
		return s.without(c.key), before
	case "add", "update":
		return s.with(c.key, v+1), before
	case "move":
		if !found {
			return s, before
		}
		return s.without(c.key).with(c.to, v), before
	case "clear", "purge":
		return state{}, ""
	case "len", "size":
		return s, fmt.Sprint(len(s))
	case "all", "view", "snapshot":
		return s, s.String()
	case "ascend", "range":
		return s, s.among(c.key, c.to+1)
	case "min":
		return s, firstOf(s.among(0, 9))
	case "floor":
		all := strings.Fields(s.among(0, c.key+1))
		if len(all) == 0 {
			return s, "none"
		}
		return s, all[len(all)-1]
	}
	panic(c.what)
}

func firstOf(text string) string {
	if all := strings.Fields(text); len(all) > 0 {
		return all[0]
	}
	return "none"
}

func mapSpec(name string, whats ...string) proptest.Spec[state, command, string] {
	return proptest.Spec[state, command, string]{
		Name:  name,
		Init:  state{},
		Gen:   proptest.Commands(drawing(whats...)),
		Step:  mapModel,
		Equal: func(a, b state) bool { return maps.Equal(a, b) },
	}
}

var common = []string{"get", "load", "set", "set", "store", "store", "delete", "delete", "remove", "add", "update", "move", "move",
	"clear", "purge", "len", "size", "all", "view", "snapshot"}

func text(all func(func(int, int) bool)) string {
	s := state{}
	for k, v := range all {
		s[k] = v
	}
	return s.String()
}

// shared executes what both kinds of maps can do.
func shared(owner *stm.Owner, m dictionary[int, int], c command) string {
	plus := func(v int, _ bool) (int, bool) { return v + 1, true }
	before := func(v int, found bool) string { return fmt.Sprint(v, found) }
	result := ""
	tx := func(fn func(tx *stm.Tx)) string {
		succeed(owner.Atomically(background, func(tx *stm.Tx) error { fn(tx); return nil }))
		return result
	}
	switch c.what {
	case "get":
		return tx(func(tx *stm.Tx) { result = before(m.Get(tx, c.key)) })
	case "load":
		return before(m.Load(c.key))
	case "set":
		return tx(func(tx *stm.Tx) { result = before(m.Get(tx, c.key)); m.Set(tx, c.key, c.to) })
	case "store", "update":
		m.(interface {
			Update(int, func(int, bool) (int, bool)) (int, bool)
		}).Update(c.key, func(v int, found bool) (int, bool) {
			result = before(v, found)
			if c.what == "update" {
				return plus(v, found)
			}
			return c.to, true
		})
		return result
	case "delete":
		return tx(func(tx *stm.Tx) { result = before(m.Delete(tx, c.key)) })
	case "remove":
		return before(m.Remove(c.key))
	case "add":
		return tx(func(tx *stm.Tx) { result = before(m.Get(tx, c.key)); m.Modify(tx, c.key, plus) })
	case "move":
		return tx(func(tx *stm.Tx) {
			v, found := m.Delete(tx, c.key)
			if result = before(v, found); found {
				m.Set(tx, c.to, v)
			}
		})
	case "clear":
		return tx(m.Clear)
	case "purge":
		m.Purge()
		return ""
	case "len":
		return tx(func(tx *stm.Tx) { result = fmt.Sprint(m.Len(tx)) })
	case "size":
		return fmt.Sprint(m.Size())
	case "all":
		return tx(func(tx *stm.Tx) { result = text(m.All(tx)) })
	case "view":
		succeed(owner.View(background, func(tx *stm.Tx) error { result = text(m.All(tx)); return nil }))
		return result
	}
	panic(c.what)
}

func succeed(err error) {
	if err != nil {
		panic(err)
	}
}

var stressed = []proptest.Option{
	proptest.WithShape(proptest.Shape{Clients: 3, PerClient: 4, Prefix: 3, Suffix: 2}),
	proptest.WithSchedulers(proptest.Stress(20)),
	proptest.WithPrograms(150),
}

var mapImpl = proptest.Impl[command, string]{
	Name: "tdata.Map",
	New: func(*proptest.Env) func(command) string {
		owner := stm.NewOwner()
		m := tdata.NewMap[int, int](tdata.In(owner))
		return func(c command) string {
			if c.what == "snapshot" {
				s := m.Snapshot()
				defer s.Close()
				return text(s.All())
			}
			return shared(owner, hashed{m}, c)
		}
	},
}

func TestMapIsLinearizable(t *testing.T) {
	proptest.Check(t, mapSpec("map", common...), []proptest.Impl[command, string]{mapImpl}, stressed...)
}

var orderedWhats = append(slices.Clone(common), "ascend", "range", "ascend", "range", "min", "floor", "floor")

var orderedMapImpl = proptest.Impl[command, string]{
	Name: "tdata.OrderedMap",
	New: func(*proptest.Env) func(command) string {
		owner := stm.NewOwner()
		m := tdata.NewOrderedMap[int, int](tdata.In(owner))
		return func(c command) string { return inOrderOnly(owner, m, c) }
	},
}

func TestOrderedMapIsLinearizable(t *testing.T) {
	proptest.Check(t, mapSpec("ordered map", orderedWhats...), []proptest.Impl[command, string]{orderedMapImpl}, stressed...)
}

// inOrderOnly executes what only an ordered map can do, and the rest.
func inOrderOnly(owner *stm.Owner, m *tdata.OrderedMap[int, int], c command) (result string) {
	one := func(k, v int, found bool) string {
		if !found {
			return "none"
		}
		return fmt.Sprintf("%d:%d", k, v)
	}
	list := func(tx *stm.Tx) {
		var b strings.Builder
		for k, v := range m.Range(tx, c.key, c.to+1) {
			fmt.Fprintf(&b, "%d:%d ", k, v)
		}
		result = b.String()
	}
	tx := func(fn func(tx *stm.Tx)) string {
		succeed(owner.Atomically(background, func(tx *stm.Tx) error { fn(tx); return nil }))
		return result
	}
	switch c.what {
	case "snapshot":
		s := m.Snapshot()
		defer s.Close()
		return text(s.Backward())
	case "ascend":
		succeed(owner.View(background, func(tx *stm.Tx) error { list(tx); return nil }))
		return result
	case "range":
		return tx(list)
	case "min":
		return tx(func(tx *stm.Tx) { result = one(m.Min(tx)) })
	case "floor":
		return tx(func(tx *stm.Tx) { result = one(m.Floor(tx, c.key)) })
	}
	return shared(owner, inOrder{m}, c)
}

func TestCounterIsLinearizable(t *testing.T) {
	spec := proptest.Spec[int, command, int]{
		Name: "counter",
		Gen:  proptest.Commands(drawing("add", "increase", "increase", "get", "load", "view", "set")),
		Step: func(n int, c command) (int, int) {
			switch c.what {
			case "add", "increase":
				return n + c.key, 0
			case "set":
				return c.key, n
			}
			return n, n
		},
	}
	proptest.Check(t, spec, []proptest.Impl[command, int]{{
		Name: "tdata.Counter",
		New: func(env *proptest.Env) func(command) int {
			owner := stm.NewOwner()
			n := tdata.NewCounter(tdata.In(owner))
			return func(c command) (result int) {
				tx := func(fn func(tx *stm.Tx)) {
					succeed(owner.Atomically(background, func(tx *stm.Tx) error { fn(tx); return nil }))
				}
				switch c.what {
				case "add":
					tx(func(tx *stm.Tx) { n.Add(tx, int64(c.key)) })
				case "increase":
					n.Increase(int64(c.key))
				case "get":
					tx(func(tx *stm.Tx) { result = int(n.Get(tx)) })
				case "view":
					succeed(owner.View(background, func(tx *stm.Tx) error { result = int(n.Get(tx)); return nil }))
				case "set":
					tx(func(tx *stm.Tx) { result = int(n.Get(tx)); n.Set(tx, int64(c.key)) })
				case "load":
					return int(n.Load())
				}
				return result
			}
		},
	}}, stressed...)
}
