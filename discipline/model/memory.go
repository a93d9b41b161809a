package model

import (
	"context"
	"math/rand"
	"slices"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Memory is words, on which the commands run a few functions: add to one word and return it; move from one
// to another as much as there is, up to an amount; double one if it is even, else set another to its value;
// read two; and add up all.
func Memory(words int) proptest.Spec[[]int64, Command, Result] {
	return proptest.Spec[[]int64, Command, Result]{
		Name: "memory",
		Init: make([]int64, words),
		Gen: draw(func(r *rand.Rand) Command {
			word := func() int64 { return int64(r.Intn(words)) }
			switch r.Intn(6) {
			case 0:
				return command("sum")
			case 1:
				return command("read", word(), word())
			case 2:
				return command("double", word(), word())
			case 3:
				return command("move", word(), word(), int64(r.Intn(3)+1))
			}
			return command("add", word(), int64(r.Intn(3)+1))
		}),
		Step: func(state []int64, c Command) ([]int64, Result) {
			w := plainWords(slices.Clone(state))
			return w, onWords(w, words, c)
		},
		Equal:  slices.Equal[[]int64],
		Shrink: simpler,
	}
}

type plainWords []int64

func (w plainWords) Get(word int) int64        { return w[word] }
func (w plainWords) Set(word int, value int64) { w[word] = value }

// onWords is what a command does.
func onWords(w discipline.Words, words int, c Command) Result {
	a, b := int(c.A), int(c.B)
	switch c.Op {
	case "add":
		w.Set(a, w.Get(a)+c.B)
		return number(w.Get(a))
	case "move":
		amount := min(c.C, w.Get(a))
		w.Set(a, w.Get(a)-amount)
		w.Set(b, w.Get(b)+amount)
		return number(amount)
	case "double":
		if n := w.Get(a); n%2 == 0 {
			w.Set(a, 2*n)
		} else {
			w.Set(b, n)
		}
		return done
	case "read":
		return Result{N: w.Get(a), M: w.Get(b), OK: true}
	}
	sum := int64(0)
	for i := range words {
		sum += w.Get(i)
	}
	return number(sum)
}

// MemoryImpl makes an implementation of [Memory] with as many words.
func MemoryImpl(name string, make func(words int) discipline.Memory, words int) proptest.Impl[Command, Result] {
	open := func() discipline.Memory { return make(words) }
	return implement(name, open, onMemory(words))
}

// onMemory has a command carried out on as many words.
func onMemory(words int) func(context.Context, discipline.Memory, Command) Result {
	return func(_ context.Context, o discipline.Memory, c Command) (result Result) {
		run := func(w discipline.Words) { result = onWords(w, words, c) }
		if c.Op == "sum" || c.Op == "read" {
			o.View(run)
		} else {
			o.Update(run)
		}
		return result
	}
}
