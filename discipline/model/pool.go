package model

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/proptest"
)

// Pool is resources that are lent and parked. Its state is those that are parked, in the order in which
// they will be lent. A release of one that is not lent is refused.
func Pool(resources int) proptest.Spec[[]int64, Command, Result] {
	var all []int64
	for i := range resources {
		all = append(all, int64(i))
	}
	return proptest.Spec[[]int64, Command, Result]{
		Name: "pool",
		Init: all,
		Gen: draw(func(r *rand.Rand) Command {
			return []Command{command("acquire"), command("release", int64(r.Intn(resources)))}[r.Intn(2)]
		}),
		Blocks: func(parked []int64, c Command) bool { return c.Op == "acquire" && len(parked) == 0 },
		Step: func(parked []int64, c Command) ([]int64, Result) {
			if c.Op == "acquire" {
				return parked[1:], number(parked[0])
			}
			if slices.Contains(parked, c.A) {
				return parked, Result{}
			}
			return append(slices.Clone(parked), c.A), done
		},
		Equal:  slices.Equal[[]int64],
		Shrink: simpler,
	}
}

// PoolImpl makes an implementation of [Pool] with as many resources. Release of a resource that is not
// lent must panic with a text that says "nobody has acquired".
func PoolImpl(name string, make func(resources int) discipline.Pool, resources int) proptest.Impl[Command, Result] {
	open := func() discipline.Pool { return make(resources) }
	return implement(name, open, onPool)
}

// onPool has a command carried out.
func onPool(ctx context.Context, o discipline.Pool, c Command) Result {
	if c.Op == "acquire" {
		resource, err := o.Acquire(ctx)
		return maybe(int64(resource), err == nil)
	}
	return whether(released(o, int(c.A)))
}

// released is Release, and false if that has refused.
func released(o discipline.Pool, resource int) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			if !strings.Contains(fmt.Sprint(p), "nobody has acquired") {
				panic(p)
			}
			ok = false
		}
	}()
	o.Release(resource)
	return true
}
