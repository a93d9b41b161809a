package model

import (
	"math"
	"math/rand/v2"
	"slices"
)

// An operation is a row of steps, as a core goes through them.
type step struct {
	time   float64 // nanoseconds
	at     place
	spread int // how many such places there are, of which one is taken at random; 0 and 1: one
}

// A place is where a step is taken.
type place int

const (
	alone  place = iota // nobody else is concerned
	server              // one core at a time, in the order of arrival: a lock, an owner, a cache line
)

// A design is how a discipline shares one kind of state, in the model.
type design struct {
	steps []step // of an operation that changes something
	reads []step // of one that only reads; nil: as the others
	share float64

	// handOver is the time that a server takes longer if another core was there last.
	handOver float64

	// Optimistic operations run, and in the end clash with each that was done meanwhile with a
	// probability of clash. Then they run again: at once, or in turns if they queue.
	optimistic bool
	clash      float64
	inTurns    bool

	jitter float64 // share of each time that is random: 0 none, 1 all of it (exponential)
}

// An outcome is what a simulation comes to.
type outcome struct {
	throughput float64 // operations a second
	clashes    float64 // an operation
}

// A core goes through the steps of its operation again and again.
type core struct {
	id      int
	now     float64 // when its next step begins
	steps   []step
	next    int
	began   uint64 // how many operations were done when this attempt began
	again   bool   // it has clashed and waits for its turn
	reading bool
}

// A simulation is a closed loop of cores, one goroutine on each. It is a discrete-event simulation: what
// happens next is always the step of the core that is least far in time, so that a server needs no queue
// but the time until which it is taken.
type simulation struct {
	design
	random  *rand.Rand
	cores   cores
	free    []float64 // by server: when it is free
	last    []int     // and which core was there
	done    uint64    // operations
	changes uint64    // of them, those that changed something
	clashes uint64
}

// simulate runs a design on so many cores, for so many operations after as many for warming up (at least
// four of each core).
func simulate(d design, cores int, operations int, random *rand.Rand) outcome {
	s := newSimulation(d, cores, random)
	operations = max(operations, 4*cores)
	s.run(uint64(operations))
	start, clashes, done := s.cores[0].now, s.clashes, s.done
	s.run(done + uint64(operations))
	elapsed := s.cores[0].now - start
	n := float64(s.done - done)
	return outcome{throughput: n / elapsed * 1e9, clashes: float64(s.clashes-clashes) / n}
}

// turn is the server of those that take turns after a clash.
const turn = 0

func newSimulation(d design, n int, random *rand.Rand) *simulation {
	servers := 1
	for _, st := range append(d.steps, d.reads...) {
		servers = max(servers, 1+max(1, st.spread))
	}
	s := &simulation{design: d, random: random, free: make([]float64, servers), last: make([]int, servers)}
	for i := range n {
		c := &core{id: i}
		s.begin(c)
		c.now = s.random.Float64() * s.total(c.steps) // so that they do not march in step
		s.cores = append(s.cores, c)
	}
	for i := range slices.Backward(s.cores) {
		s.cores.settle(i)
	}
	return s
}

func (s *simulation) total(steps []step) (time float64) {
	for _, st := range steps {
		time += st.time
	}
	return time
}

// run goes on until so many operations are done in all.
func (s *simulation) run(until uint64) {
	for s.done < until {
		c := s.cores[0]
		if c.next < len(c.steps) {
			s.take(c)
		} else {
			s.end(c)
		}
		s.cores.settle(0)
	}
}

func (s *simulation) begin(c *core) {
	c.steps, c.reading = s.steps, false
	if s.reads != nil && s.random.Float64() < s.share {
		c.steps, c.reading = s.reads, true
	}
	// Who meets what others take turns for takes turns as well.
	crowded := s.inTurns && !c.reading && s.free[turn] > c.now
	c.next, c.again, c.began = 0, crowded && s.random.Float64() < s.clash, s.changes
}

func (s *simulation) take(c *core) {
	st := c.steps[c.next]
	c.next++
	time := s.vary(st.time)
	if st.at == alone && !(c.again && c.next == 1) {
		c.now += time
		return
	}
	index := turn
	if st.at == server {
		index = 1 + s.random.IntN(max(1, st.spread))
	}
	s.serve(c, index, time)
}

// serve has a core wait for a server, and use it.
func (s *simulation) serve(c *core, index int, time float64) {
	begin := math.Max(c.now, s.free[index])
	if s.last[index] != c.id {
		begin += s.handOver
		s.last[index] = c.id
	}
	c.now = begin + time
	s.free[index] = c.now
}

// end ends an attempt: the operation is done, or has clashed and is tried again.
func (s *simulation) end(c *core) {
	if s.optimistic && !c.reading && s.clashed(c) {
		s.clashes++
		c.next, c.began, c.again = 0, s.changes, s.inTurns
		return
	}
	s.done++
	if !c.reading {
		s.changes++
	}
	s.begin(c)
}

// clashed decides whether one of the changes since the attempt began was in its way. Who takes turns
// does so with those it would clash with.
func (s *simulation) clashed(c *core) bool {
	if c.again {
		return false
	}
	changes := s.changes - c.began
	return changes > 0 && s.clash > 0 && s.random.Float64() > math.Pow(1-s.clash, float64(changes))
}

func (s *simulation) vary(time float64) float64 {
	if s.jitter == 0 {
		return time
	}
	return time * (1 - s.jitter + s.jitter*s.random.ExpFloat64())
}

// cores are a binary heap by time. Only the first one ever changes, and only to a later time.
type cores []*core

// settle moves the core at i down to where it belongs.
func (c cores) settle(i int) {
	for {
		first := 2*i + 1
		if first >= len(c) {
			return
		}
		if second := first + 1; second < len(c) && c[second].now < c[first].now {
			first = second
		}
		if c[i].now <= c[first].now {
			return
		}
		c[i], c[first] = c[first], c[i]
		i = first
	}
}
