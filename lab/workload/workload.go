// Package workload is what the lab has every discipline do, and how it knows that it was done right.
//
// Each workload is a file. One of your own needs a name, what it is about, and a New that sets up the
// shared object, says what goroutine i does again and again, and checks in the end that nothing is lost:
//
//	var Tickets = workload.Workload{
//		Name:    "tickets",
//		Explain: "Everybody draws a number.",
//		Needs:   []string{"Counter"},
//		New: func(s workload.Setup) (*workload.Load, error) {
//			tickets := s.Discipline.Counter()
//			return &workload.Load{
//				Objects: []workload.Object{tickets},
//				Worker: func(int) workload.Op {
//					return func(context.Context) error { tickets.Inc(); return nil }
//				},
//				Check: func(done uint64) error { return workload.Want("tickets", tickets.Value(), int64(done)) },
//			}, nil
//		},
//	}
package workload

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rinse-go/rinse/discipline"
)

// A Workload is something to do with shared state.
type Workload struct {
	Name    string   // short, lower case
	Explain string   // what is done and what that shows, in a sentence or two
	Cases   []string // such as "99/1" and "90/10"; nil if there is one only

	// Needs are the objects ("Pair") and operations ("Pair.Move") that a discipline must offer. One that
	// does not is refused with the reason that it gives.
	Needs []string

	// Rate is how many operations a second arrive when latency is measured, for all goroutines together.
	// It is the same for every discipline, so that their latencies compare. 0 is DefaultRate.
	Rate float64

	// Goroutines are how many there are, instead of what was asked for; nil if any number will do.
	Goroutines []int

	// New sets up one measurement. It is not timed. Its error may be one of Refuse.
	New func(Setup) (*Load, error)
}

// DefaultRate is the Rate of workloads that give none.
const DefaultRate = 20_000

// A Setup says what is measured.
type Setup struct {
	Discipline *discipline.Discipline
	Case       string // one of Cases; empty if there are none
	Goroutines int
	Seed       uint64 // from which all that is random must follow
}

// Rand returns the random numbers of goroutine i, always the same for one seed.
func (s Setup) Rand(i int) *rand.Rand {
	name := fnv.New64a()
	fmt.Fprintf(name, "%s/%d", s.Case, i)
	return rand.New(rand.NewPCG(s.Seed, name.Sum64()))
}

// A Load is one measurement that is ready to start. Either Worker or Measure is set.
type Load struct {
	// Worker returns what goroutine i, from 0, does again and again. It is called once for each, before
	// the clock starts. All goroutines end between two operations, so Check finds nothing half done.
	Worker func(i int) Op

	// Beside is what one more goroutine does meanwhile, again and again, if it is set. It is not
	// counted among the operations; how often it was done is reported by this unit, such as "audits/s".
	Beside     Op
	BesideUnit string

	// Together says that operations wait for each other (one puts what the other takes), so that there is
	// no sense in having them arrive by the clock: latency is measured from start to end of each.
	Together bool

	// Measure measures by itself, for about as long as it is told, what is not one operation after another.
	Measure func(ctx context.Context, about time.Duration) (Figures, error)

	// Check says what is wrong with the result, knowing how many operations were done, warm-up and all. A
	// measurement whose result is wrong is not reported. A Load with a Worker must have one; a
	// Measure may check by itself.
	Check func(done uint64) error

	// Objects are closed in this order at the end, and their clashes counted.
	Objects []Object
}

// An Op is one operation. It returns an error if the discipline failed or its result is wrong, and the
// context's if that ends a wait; then it has had no effect, and does not count.
type Op func(context.Context) error

// An Object is what the goroutines of a load share. If it is a [discipline.Clasher], its clashes are counted.
type Object interface{ Close() }

// Figures are what a Measure has measured.
type Figures struct {
	Ops       uint64
	Elapsed   time.Duration
	Latencies []time.Duration    // of some or all operations
	Memory    float64            // bytes a goroutine
	Extra     map[string]float64 // by unit
}

// Refuse returns an error that says why a discipline cannot do what is asked.
func Refuse(reason string) error { return Refused(reason) }

// Refused is the error of Refuse.
type Refused string

func (r Refused) Error() string { return string(r) }

// Cannot says why a discipline cannot do this workload, or nothing if it can.
func (w *Workload) Cannot(d *discipline.Discipline) error {
	for _, need := range w.Needs {
		if reason, ok := d.Cannot[need]; ok {
			return Refused(reason)
		}
		object, _, _ := strings.Cut(need, ".")
		if reason, ok := d.Cannot[object]; ok {
			return Refused(reason)
		}
		if maker := reflect.ValueOf(d).Elem().FieldByName(object); !maker.IsValid() || maker.IsNil() {
			return Refused("it has no " + object)
		}
	}
	return nil
}

// All returns the workloads of the lab, in the order in which they are shown.
func All() []Workload {
	return []Workload{
		Counter, Bank, Cache, Buffer, Move, Either, Philosophers, Pool, Index, Scan, WakeUp, Waiting,
		Vacation, KMeans, STMBench7,
	}
}

// Want is an error if a figure is not the one that it has to be.
func Want(what string, got, want int64) error {
	if got != want {
		return fmt.Errorf("%s: got %d, want %d", what, got, want)
	}
	return nil
}

// A tally is what one goroutine counts, on cache lines of its own.
type tally struct {
	n int64
	_ [120]byte
}

func sum(tallies []tally) (total int64) {
	for i := range tallies {
		total += tallies[i].n
	}
	return total
}

// A holder sees to it that one goroutine at a time has something.
type holder struct {
	held atomic.Bool
	uses int64 // by who holds it
	_    [112]byte
}

// take is false if somebody has it.
func (h *holder) take() bool {
	if !h.held.CompareAndSwap(false, true) {
		return false
	}
	h.uses++
	return true
}

func (h *holder) give() { h.held.Store(false) }

func uses(holders []holder) (n int64) {
	for i := range holders {
		n += holders[i].uses
	}
	return n
}
