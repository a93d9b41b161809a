package main

import (
	"sync"
	"sync/atomic"

	anacrolix "github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/tvar"
)

// workloads is what is measured. Every variant of a workload does the same work on the same picks, is written the
// way a user would write it, and has its result checked.
var workloads = []workload{
	{name: "Counter", goroutines: []int{1, 2, 8}, variants: []variant{
		{name: "rinse", setup: counting(rinseCounter)},
		{name: "rinse-modify", setup: counting(rinseModifyCounter)},
		{name: "rinse-update", setup: counting(rinseUpdateCounter)},
		{name: "anacrolix", setup: counting(anacrolixCounter)},
		{name: "mutex", setup: counting(mutexCounter)},
		{name: "rwmutex", setup: counting(rwmutexCounter)},
		{name: "owner", setup: counting(ownerCounter)},
		{name: "atomic", setup: counting(atomicCounter)},
	}},
	{name: "TransferShared", goroutines: []int{1, 2, 8}, variants: withFloor(sharing)},
	{name: "TransferOwn", goroutines: []int{1, 2, 8}, variants: withFloor(owning)},
	{name: "Read1", goroutines: []int{1, 2, 8}, variants: readers(1)},
	{name: "Read16", goroutines: []int{1, 2, 8}, variants: readers(16)},
	{name: "Read256", goroutines: []int{1, 2, 8}, variants: readers(256)},
	{name: "Load", goroutines: []int{1, 2, 8}, variants: []variant{
		{name: "rinse", setup: reading(1, rinseLoad)},
		{name: "anacrolix", setup: reading(1, anacrolixLoad)},
		{name: "mutex", setup: reading(1, mutexReader)},
		{name: "rwmutex", setup: reading(1, rwmutexReader)},
		{name: "atomic", setup: reading(1, atomicReader)},
	}},
	{name: "Store", goroutines: []int{1, 2, 8}, variants: []variant{
		{name: "rinse", setup: storing(rinseStore)},
		{name: "anacrolix", setup: storing(anacrolixStore)},
		{name: "mutex", setup: storing(mutexStore)},
		{name: "atomic", setup: storing(atomicStore)},
	}},
	// The same writers twice: beside a goroutine that sums all accounts again and again, and beside one that only spins.
	{name: "TransferAudited", goroutines: []int{2}, stretch: 5, variants: banks(audited)},
	{name: "TransferBesideSpinner", goroutines: []int{2}, stretch: 5, variants: banks(besideSpinner)},
	// One goroutine's transaction over 300 accounts against g goroutines that transfer among them.
	{name: "Elder", goroutines: []int{4}, stretch: 2, variants: []variant{
		{name: "rinse", setup: elder(openRinse, rinseBank.raiseAll)},
		{name: "rinse-reads", setup: elder(openRinse, rinseBank.appraise)},
		{name: "mutex", setup: elder(openMutex, (*mutexBank).raiseAll)},
	}},
	// Transfers among 10,000 accounts: by themselves, beside 1,000 checkouts that are held, and beside 1,000 that are
	// ended and taken anew, one of them after every 100,000 transfers of a goroutine.
	{name: "Held", goroutines: []int{1, 2}, variants: []variant{
		{name: "rinse-none", setup: holding(0, false)},
		{name: "rinse", setup: holding(tenure, false)},
		{name: "rinse-turnover", setup: holding(tenure, true)},
	}},
	// An operation is one hand-over to a goroutine that waits for it; half of the g goroutines play against the others.
	{name: "PingPong", goroutines: []int{2, 8}, variants: []variant{
		{name: "rinse", setup: pingPong(newRinseBaton)},
		{name: "anacrolix", setup: pingPong(newAnacrolixBaton)},
		{name: "cond", setup: pingPong(newCondBaton)},
		{name: "channel", setup: pingPong(newChannelBaton)},
	}},
	// An operation is the wake-up of one of the g waiters, all of which wait for the same variable.
	{name: "Herd", goroutines: []int{1, 2, 8, 1000}, variants: []variant{
		{name: "rinse", setup: herding(newRinseHerd)},
		{name: "anacrolix", setup: herding(newAnacrolixHerd)},
		{name: "cond", setup: herding(newCondHerd)},
		{name: "channel", setup: herding(newChannelHerd)},
	}},
	{name: "Million", goroutines: []int{1}, variants: []variant{
		{name: "rinse", weigh: million(func() *tvar.TVar[int] { return tvar.New(0) })},
		{name: "anacrolix", weigh: million(func() *anacrolix.Var[int] { return anacrolix.NewVar(0) })},
		{name: "mutex", weigh: million(func() *lockedInt { return new(lockedInt) })},
		{name: "atomic", weigh: million(func() *atomic.Int64 { return new(atomic.Int64) })},
	}},
	{name: "Waiting", goroutines: []int{crowd}, variants: []variant{
		{name: "rinse", weigh: waiting(rinseWaiters)},
		{name: "rinse-herd", weigh: waiting(rinseHerdWaiters)},
		{name: "anacrolix", weigh: waiting(anacrolixWaiters)},
		{name: "cond", weigh: waiting(condWaiters)},
		{name: "channel", weigh: waiting(channelWaiters)},
	}},
}

// A workload is one question, asked of several ways of sharing state.
type workload struct {
	name       string
	goroutines []int
	stretch    int // measured for so many times the usual time; 0 is once
	variants   []variant
}

// A variant is one way of sharing state: setup makes a timed run ready, weigh measures memory. One of them is set.
type variant struct {
	name  string
	setup func(goroutines int) run
	weigh func() (sample, error)
}

// A run is a workload made ready under one variant for a number of goroutines.
type run struct {
	workers int                    // goroutines that call op
	op      func(worker, n int)    // performs n operations
	per     int                    // figures are per so many parts of an operation; 0 is 1
	close   func()                 // ends the goroutines setup started; may be nil
	check   func(done []int) error // after close, given the operations of each worker
	also    func() sample          // further figures, after close; may be nil
}

// beside starts a goroutine that calls each again and again until the run is closed, and once at least.
func (r run) beside(each func()) run {
	var stop atomic.Bool
	var ended sync.WaitGroup
	ended.Go(func() {
		for each(); !stop.Load(); {
			each()
		}
	})
	inner := r.close
	r.close = func() {
		stop.Store(true)
		ended.Wait()
		if inner != nil {
			inner()
		}
	}
	return r
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}
