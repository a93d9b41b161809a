package proptest_test

import (
	"fmt"
	"math/rand"

	"github.com/rinse-go/rinse/proptest"
)

// A counter is what the first examples are about: two commands, inc and get.
var counter = proptest.Spec[int, string, int]{
	Name: "counter",
	Gen:  proptest.Commands(func(r *rand.Rand) string { return []string{"inc", "get"}[r.Intn(2)] }),
	Step: func(n int, command string) (int, int) {
		if command == "inc" {
			return n + 1, n + 1
		}
		return n, n
	},
}

// newCounter is an unsynchronised counter, with a yield point before each access to n.
func newCounter(env *proptest.Env) func(string) int {
	n := 0
	return func(command string) int {
		env.Yield("read n")
		v := n
		if command == "inc" {
			v++
			env.Yield("write n")
			n = v
		}
		return v
	}
}

func ExampleFind() {
	_, err := proptest.Find(counter,
		[]proptest.Impl[string, int]{{Name: "unsynchronised", New: newCounter}},
		proptest.WithSeed(1), proptest.WithSchedulers(proptest.Exhaustive(2, 1000)))
	fmt.Println(err)
	// Output:
}
