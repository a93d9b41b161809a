package model

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func locked(outside, inside float64) design {
	return design{steps: []step{{time: outside}, {time: inside, at: server}}}
}

// Whatever the rest, a lock that is held for 50 ns cannot be passed more than 20 million times a second,
// and cores that never wait are each as fast as one.
func TestALockSaturates(t *testing.T) {
	for _, c := range []struct {
		cores int
		want  float64
	}{{1, 1e9 / 200.0}, {2, 2e9 / 200.0}, {3, 3e9 / 200.0}, {4, 1e9 / 50.0}, {16, 1e9 / 50.0}, {256, 1e9 / 50.0}} {
		got := simulate(locked(150, 50), c.cores, 5000, seeded(1)).throughput
		assert.InEpsilon(t, c.want, got, 0.01, "%d cores", c.cores)
	}
}

// With exponential times the closed loop is the machine repairman's: M/M/1 with finitely many customers,
// whose utilization has a closed form (Kleinrock, Queueing Systems I, 1975).
func TestExponentialLockIsTheMachineRepairman(t *testing.T) {
	const outside, inside = 300.0, 100.0
	for _, cores := range []int{1, 2, 4, 8, 16} {
		sum, term := 1.0, 1.0
		for k := 1; k <= cores; k++ {
			term *= float64(cores-k+1) * inside / outside
			sum += term
		}
		want := (1 - 1/sum) / inside * 1e9
		d := locked(outside, inside)
		d.jitter = 1
		got := simulate(d, cores, 40_000, seeded(2)).throughput
		assert.InEpsilon(t, want, got, 0.03, "%d cores", cores)
	}
}

// Amdahl's law is what one gets if everybody always wants the lock at the same moment, so it is a lower
// bound; the lock's own bound is the upper one, and both meet in the limit (Gunther, A New Interpretation
// of Amdahl's Law and Geometric Scalability, 2002).
func TestBetweenAmdahlsLawAndTheLocksBound(t *testing.T) {
	for _, serial := range []float64{0.05, 0.2, 0.5, 0.9} {
		for _, cores := range []int{2, 4, 16, 64, 256} {
			d := locked(100*(1-serial), 100*serial)
			d.jitter = 1
			n := float64(cores)
			speedup := simulate(d, cores, 10_000, seeded(3)).throughput / (1e9 / 100)
			amdahl := 1 / (serial + (1-serial)/n)
			assert.GreaterOrEqual(t, speedup, amdahl*0.96, "serial %g, %d cores", serial, cores)
			assert.LessOrEqual(t, speedup, math.Min(n, 1/serial)*1.04, "serial %g, %d cores", serial, cores)
		}
	}
}

// While one of n cores runs an operation, each of the others finishes one, but for those that clash
// themselves. If two meet on one of m objects with probability 1/m, k others are all missed with
// probability (1 - 1/m)^k, as with birthdays.
func TestClashesAreThoseOfBirthdays(t *testing.T) {
	const objects = 365
	for _, cores := range []int{2, 4, 23, 64} {
		d := design{steps: []step{{time: 100}}, optimistic: true, clash: 1.0 / objects}
		got := simulate(d, cores, 800_000/cores, seeded(4)).clashes
		clash := 0.0
		for range 100 {
			clash = 1 - math.Pow(1-1.0/objects, float64(cores-1)*(1-clash))
		}
		want := clash / (1 - clash) // an operation may clash several times
		assert.InEpsilon(t, want, got, 0.1, "%d cores", cores)
	}
}

func TestHandingOverCosts(t *testing.T) {
	d := locked(0, 50)
	d.handOver = 30
	assert.InEpsilon(t, 1e9/50, simulate(d, 1, 5000, seeded(5)).throughput, 0.01, "nobody to hand over to")
	assert.InEpsilon(t, 1e9/80, simulate(d, 4, 5000, seeded(5)).throughput, 0.01, "a lock that goes round")
}

// Operations that clash all the time do no better than one after the other, and no worse if they queue.
func TestTakingTurns(t *testing.T) {
	d := design{steps: []step{{time: 100}}, optimistic: true, clash: 1, inTurns: true, jitter: 0.5}
	for _, cores := range []int{2, 16, 64} {
		got := simulate(d, cores, 5_000, seeded(6)).throughput
		assert.InDelta(t, 1e9/100, got, 0.25e9/100, "%d cores", cores)
	}
}

func TestReadersDoNotClash(t *testing.T) {
	d := design{
		steps: []step{{time: 100}}, reads: []step{{time: 100}}, share: 1,
		optimistic: true, clash: 1,
	}
	got := simulate(d, 64, 5_000, seeded(7))
	assert.InEpsilon(t, 64e9/100, got.throughput, 0.01)
	assert.Zero(t, got.clashes)
}

func TestSameSeedSameOutcome(t *testing.T) {
	d := locked(100, 20)
	d.jitter, d.optimistic, d.clash = 0.7, true, 0.1
	assert.Equal(t, simulate(d, 16, 3_000, seeded(8)), simulate(d, 16, 3_000, seeded(8)))
	assert.NotEqual(t, simulate(d, 16, 3_000, seeded(8)), simulate(d, 16, 3_000, seeded(9)))
}
