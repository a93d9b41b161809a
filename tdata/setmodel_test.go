package tdata_test

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/proptest"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// A keySet is what Set and OrderedSet have in common.
type keySet interface {
	Has(tx *stm.Tx, key int) bool
	Add(tx *stm.Tx, key int) bool
	Delete(tx *stm.Tx, key int) bool
	Clear(tx *stm.Tx)
	Len(tx *stm.Tx) int
	Contains(key int) bool
	Insert(key int) bool
	Remove(key int) bool
	Purge()
	Size() int
}

// bits is a set of small numbers.
type bits uint8

func (b bits) has(k int) bool { return b&(1<<k) != 0 }

func (b bits) list() (keys []int) {
	for k := range 8 {
		if b.has(k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// setModel is the model of a set.
func setModel(s bits, c command) (bits, string) {
	was := fmt.Sprint(s.has(c.key))
	switch c.what {
	case "add", "insert":
		return s | 1<<c.key, fmt.Sprint(!s.has(c.key))
	case "delete", "remove":
		return s &^ (1 << c.key), was
	case "move":
		if s.has(c.key) {
			s = s&^(1<<c.key) | 1<<c.to
		}
		return s, was
	case "clear", "purge":
		return 0, ""
	case "len", "size":
		return s, fmt.Sprint(len(s.list()))
	case "all", "snapshot":
		return s, fmt.Sprint(s.list())
	case "from", "snapshot from":
		return s, fmt.Sprint((s &^ (1<<c.key - 1)).list())
	case "before", "snapshot before":
		before := (s & (1<<c.key - 1)).list()
		slices.Reverse(before)
		return s, fmt.Sprint(before)
	}
	return s, was
}

// useSet executes a command; all and snapshot give the keys.
func useSet(owner *stm.Owner, s keySet, all func(*stm.Tx) []int, snapshot func() []int, c command) (result string) {
	switch c.what {
	case "contains":
		return fmt.Sprint(s.Contains(c.key))
	case "insert":
		return fmt.Sprint(s.Insert(c.key))
	case "remove":
		return fmt.Sprint(s.Remove(c.key))
	case "purge":
		s.Purge()
		return ""
	case "size":
		return fmt.Sprint(s.Size())
	case "snapshot":
		return fmt.Sprint(snapshot())
	}
	succeed(owner.Atomically(background, func(tx *stm.Tx) error {
		switch result = ""; c.what {
		case "has":
			result = fmt.Sprint(s.Has(tx, c.key))
		case "add":
			result = fmt.Sprint(s.Add(tx, c.key))
		case "delete":
			result = fmt.Sprint(s.Delete(tx, c.key))
		case "move":
			was := s.Delete(tx, c.key)
			if result = fmt.Sprint(was); was {
				s.Add(tx, c.to)
			}
		case "clear":
			s.Clear(tx)
		case "len":
			result = fmt.Sprint(s.Len(tx))
		case "all":
			result = fmt.Sprint(all(tx))
		}
		return nil
	}))
	return result
}

func TestSetsAreLinearizable(t *testing.T) {
	gen := proptest.Commands(drawing("has", "contains", "add", "add", "insert", "insert", "delete", "remove", "move", "move",
		"clear", "purge", "len", "size", "all", "snapshot"))
	spec := proptest.Spec[bits, command, string]{Name: "set", Gen: gen, Step: setModel}
	proptest.Check(t, spec, []proptest.Impl[command, string]{
		{Name: "tdata.Set", New: func(*proptest.Env) func(command) string {
			owner := stm.NewOwner()
			s := tdata.NewSet[int](tdata.In(owner))
			return func(c command) string {
				return useSet(owner, s, func(tx *stm.Tx) []int { return slices.Sorted(s.All(tx)) }, func() []int {
					now := s.Snapshot()
					defer now.Close()
					return slices.Sorted(now.All())
				}, c)
			}
		}},
		{Name: "tdata.OrderedSet", New: func(*proptest.Env) func(command) string {
			owner := stm.NewOwner()
			s := tdata.NewOrderedSet[int](tdata.In(owner))
			return func(c command) string {
				return useSet(owner, s, func(tx *stm.Tx) []int { return slices.Collect(s.All(tx)) }, func() []int {
					now := s.Snapshot()
					defer now.Close()
					return slices.Collect(now.All())
				}, c)
			}
		}},
	}, stressed...)
}

func TestHalvesOfAnOrderedSetAreLinearizable(t *testing.T) {
	gen := proptest.Commands(drawing("add", "insert", "delete", "remove", "move", "move", "from", "before",
		"snapshot from", "snapshot before"))
	spec := proptest.Spec[bits, command, string]{Name: "ordered set, halves", Gen: gen, Step: setModel}
	proptest.Check(t, spec, []proptest.Impl[command, string]{{
		Name: "tdata.OrderedSet",
		New: func(*proptest.Env) func(command) string {
			owner := stm.NewOwner()
			s := tdata.NewOrderedSet[int](tdata.In(owner))
			return func(c command) string { return halfOf(owner, s, c) }
		},
	}}, stressed...)
}

// halfOf executes a command that asks for all keys on one side, and the rest.
func halfOf(owner *stm.Owner, s *tdata.OrderedSet[int], c command) string {
	var keys []int
	inside := func(half func(*stm.Tx, int) iter.Seq[int]) {
		succeed(owner.Atomically(background, func(tx *stm.Tx) error {
			keys = slices.Collect(half(tx, c.key))
			return nil
		}))
	}
	outside := func(half func(*tdata.OrderedSetSnapshot[int], int) iter.Seq[int]) {
		now := s.Snapshot()
		defer now.Close()
		keys = slices.Collect(half(now, c.key))
	}
	switch c.what {
	case "from":
		inside(s.From)
	case "before":
		inside(s.Before)
	case "snapshot from":
		outside((*tdata.OrderedSetSnapshot[int]).From)
	case "snapshot before":
		outside((*tdata.OrderedSetSnapshot[int]).Before)
	default:
		return useSet(owner, s, nil, nil, c)
	}
	return fmt.Sprint(keys)
}
