package proptest_test

import (
	"fmt"
	"math/rand"
	"slices"
	"sync"

	"github.com/rinse-go/rinse/proptest"
)

// Five classic bugs, each with the object that it spoils, and the smallest program that shows it.

// pair is a register of two halves that belong together. A value n > 0 writes n to both; 0 reads.
var pair = proptest.Spec[int, int, [2]int]{
	Name: "pair",
	Gen:  proptest.Commands(func(r *rand.Rand) int { return r.Intn(4) }),
	Step: func(v, command int) (int, [2]int) {
		if command > 0 {
			return command, [2]int{}
		}
		return v, [2]int{v, v}
	},
	Shrink: func(command int) []int {
		if command > 1 {
			return []int{1}
		}
		return nil
	},
	Print: func(command int) string {
		if command > 0 {
			return fmt.Sprintf("write(%d)", command)
		}
		return "read()"
	},
}

func newTornPair(env *proptest.Env) func(int) [2]int {
	var left, right int
	return func(command int) [2]int {
		if command > 0 {
			env.Yield("write left")
			left = command
			env.Yield("write right")
			right = command
			return [2]int{}
		}
		env.Yield("read left")
		l := left
		env.Yield("read right")
		return [2]int{l, right}
	}
}

// stackCommand is push(value), or pop() where value is negative. pop of an empty stack returns -1.
type stackCommand int

func (c stackCommand) String() string {
	if c < 0 {
		return "pop()"
	}
	return fmt.Sprintf("push(%d)", int(c))
}

var stack = proptest.Spec[[]int, stackCommand, int]{
	Name: "stack",
	Gen: proptest.Commands(func(r *rand.Rand) stackCommand {
		if r.Intn(2) == 0 {
			return -1
		}
		return stackCommand(r.Intn(5))
	}),
	Step: func(s []int, c stackCommand) ([]int, int) {
		switch {
		case c >= 0:
			return append(slices.Clone(s), int(c)), 0
		case len(s) == 0:
			return s, -1
		}
		return s[:len(s)-1], s[len(s)-1]
	},
	Equal: slices.Equal[[]int],
	Shrink: func(c stackCommand) (simpler []stackCommand) {
		for v := stackCommand(0); v < c; v++ {
			simpler = append(simpler, v)
		}
		return simpler
	},
}

// newABAStack links nodes by index and uses the nodes of popped values again. Its compare-and-swap looks
// at the index of the top node alone, and so takes a node that was popped and pushed again for unchanged.
func newABAStack(env *proptest.Env) func(stackCommand) int {
	type node struct{ value, next int }
	nodes, free, top := []node{}, []int{}, -1
	swapTop := func(old, new int) bool {
		env.Yield("compare and swap top")
		if top != old {
			return false
		}
		top = new
		return true
	}
	push := func(value int) {
		n := len(nodes)
		if len(free) > 0 {
			n, free = free[len(free)-1], free[:len(free)-1]
			nodes[n].value = value
		} else {
			nodes = append(nodes, node{value: value})
		}
		for {
			env.Yield("read top")
			nodes[n].next = top
			if swapTop(nodes[n].next, n) {
				return
			}
		}
	}
	pop := func() int {
		for {
			env.Yield("read top")
			n := top
			if n < 0 {
				return -1
			}
			env.Yield("read node")
			old := nodes[n]
			if swapTop(n, old.next) {
				free = append(free, n)
				return old.value
			}
		}
	}
	return func(c stackCommand) int {
		if c < 0 {
			return pop()
		}
		push(int(c))
		return 0
	}
}

// bufferCommand is put(value), or take() where value is negative.
type bufferCommand int

func (c bufferCommand) String() string {
	if c < 0 {
		return "take()"
	}
	return fmt.Sprintf("put(%d)", int(c))
}

const bufferSize = 1

// buffer is a bounded buffer: put waits while it is full, take while it is empty.
var buffer = proptest.Spec[[]int, bufferCommand, int]{
	Name: "bounded buffer",
	Gen: proptest.Commands(func(r *rand.Rand) bufferCommand {
		if r.Intn(2) == 0 {
			return -1
		}
		return bufferCommand(r.Intn(5))
	}),
	Blocks: func(b []int, c bufferCommand) bool {
		if c < 0 {
			return len(b) == 0
		}
		return len(b) == bufferSize
	},
	Step: func(b []int, c bufferCommand) ([]int, int) {
		if c >= 0 {
			return append(slices.Clone(b), int(c)), 0
		}
		return b[1:], b[0]
	},
	Equal: slices.Equal[[]int],
	Shrink: func(c bufferCommand) []bufferCommand {
		if c > 0 {
			return []bufferCommand{0}
		}
		return nil
	},
}

// newSleepyBuffer looks whether it must wait, lets go of the lock, and only then waits: what happens in
// between wakes nobody.
func newSleepyBuffer(env *proptest.Env) func(bufferCommand) int {
	mu := env.Mutex("buffer")
	changed := env.Cond("changed", mu)
	var values []int
	try := func(c bufferCommand) (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if buffer.Blocks(values, c) {
			return 0, false
		}
		var result int
		values, result = buffer.Step(values, c)
		changed.Broadcast()
		return result, true
	}
	return func(c bufferCommand) int {
		for {
			if result, done := try(c); done {
				return result
			}
			mu.Lock()
			changed.Wait()
			mu.Unlock()
		}
	}
}

// newCondBuffer is how it is done: the condition is looked at under the lock that Wait lets go of.
func newCondBuffer(env *proptest.Env) func(bufferCommand) int {
	mu := env.Mutex("buffer")
	changed := env.Cond("changed", mu)
	var values []int
	return func(c bufferCommand) (result int) {
		mu.Lock()
		defer mu.Unlock()
		for buffer.Blocks(values, c) {
			changed.Wait()
		}
		values, result = buffer.Step(values, c)
		changed.Broadcast()
		return result
	}
}

// newSyncCondBuffer is newCondBuffer with the standard library's condition variable, which needs a bubble.
func newSyncCondBuffer(env *proptest.Env) func(bufferCommand) int {
	mu := env.Mutex("buffer")
	changed := sync.NewCond(mu)
	over := false
	env.Cleanup(func() {
		mu.Lock()
		over = true
		mu.Unlock()
		changed.Broadcast()
	})
	var values []int
	return func(c bufferCommand) (result int) {
		mu.Lock()
		defer mu.Unlock()
		for buffer.Blocks(values, c) && !over {
			changed.Wait()
		}
		if over {
			return 0
		}
		values, result = buffer.Step(values, c)
		changed.Broadcast()
		return result
	}
}

// newChannelBuffer is a buffered channel.
func newChannelBuffer(env *proptest.Env) func(bufferCommand) int {
	values := make(chan int, bufferSize)
	return func(c bufferCommand) int {
		env.Yield()
		if c >= 0 {
			select {
			case values <- int(c):
			case <-env.Context().Done():
			}
			return 0
		}
		select {
		case v := <-values:
			return v
		case <-env.Context().Done():
			return 0
		}
	}
}

// A transfer moves one coin from one of two accounts to the other.
type transfer struct{ from, to int }

func (t transfer) String() string { return fmt.Sprintf("transfer(%d→%d)", t.from, t.to) }

var accounts = proptest.Spec[[2]int, transfer, [2]int]{
	Name: "accounts",
	Gen: proptest.Commands(func(r *rand.Rand) transfer {
		from := r.Intn(2)
		return transfer{from, 1 - from}
	}),
	Step: func(a [2]int, t transfer) ([2]int, [2]int) {
		a[t.from]--
		a[t.to]++
		return a, a
	},
}

// newCrossingAccounts locks the account that the coin comes from first, whichever that is.
func newCrossingAccounts(env *proptest.Env) func(transfer) [2]int {
	locks := [2]proptest.Mutex{env.Mutex("account 0"), env.Mutex("account 1")}
	return newAccounts(func(t transfer) (first, second proptest.Mutex) { return locks[t.from], locks[t.to] })
}

// newOrderedAccounts locks account 0 first.
func newOrderedAccounts(env *proptest.Env) func(transfer) [2]int {
	locks := [2]proptest.Mutex{env.Mutex("account 0"), env.Mutex("account 1")}
	return newAccounts(func(transfer) (first, second proptest.Mutex) { return locks[0], locks[1] })
}

func newAccounts(order func(transfer) (first, second proptest.Mutex)) func(transfer) [2]int {
	var balance [2]int
	return func(t transfer) (result [2]int) {
		first, second := order(t)
		first.Lock()
		defer first.Unlock()
		second.Lock()
		defer second.Unlock()
		balance, result = accounts.Step(balance, t)
		return result
	}
}

// newQueueCounter has a goroutine that owns the count and serves requests.
func newQueueCounter(env *proptest.Env) func(string) int {
	type request struct {
		command string
		reply   chan int
	}
	requests := make(chan request)
	go func() {
		n := 0
		for {
			select {
			case r := <-requests:
				var result int
				n, result = counter.Step(n, r.command)
				r.reply <- result
			case <-env.Context().Done():
				return
			}
		}
	}()
	return func(command string) int {
		r := request{command, make(chan int, 1)}
		env.Yield("send")
		requests <- r
		env.Yield("receive")
		return <-r.reply
	}
}
