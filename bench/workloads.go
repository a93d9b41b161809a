package main

import (
	"context"
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	anacrolix "github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/stm"
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

// beside starts a goroutine that calls each again and again until the run is closed.
func (r run) beside(each func()) run {
	var stop atomic.Bool
	var ended sync.WaitGroup
	ended.Go(func() {
		for !stop.Load() {
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

// Counter: every goroutine increments one shared number.

type counter struct {
	add   func(n int)
	value func() int
	close func()
}

func counting(open func() counter) func(int) run {
	return func(goroutines int) run {
		c := open()
		return run{
			workers: goroutines,
			op:      func(_, n int) { c.add(n) },
			close:   c.close,
			check: func(done []int) error {
				if got, want := c.value(), sum(done); got != want {
					return fmt.Errorf("the counter is %d after %d increments", got, want)
				}
				return nil
			},
		}
	}
}

func rinseCounter() counter {
	count := tvar.New(0)
	return counter{value: count.Load, add: func(n int) {
		ctx := context.Background()
		for range n {
			must(stm.Atomically(ctx, func(tx *stm.Tx) error {
				count.Set(tx, count.Get(tx)+1)
				return nil
			}))
		}
	}}
}

func rinseModifyCounter() counter {
	count := tvar.New(0)
	return counter{value: count.Load, add: func(n int) {
		ctx := context.Background()
		for range n {
			must(stm.Atomically(ctx, func(tx *stm.Tx) error {
				count.Modify(tx, func(c int) int { return c + 1 })
				return nil
			}))
		}
	}}
}

func rinseUpdateCounter() counter {
	count := tvar.New(0)
	return counter{value: count.Load, add: func(n int) {
		for range n {
			count.Update(func(c int) int { return c + 1 })
		}
	}}
}

func anacrolixCounter() counter {
	count := anacrolix.NewVar(0)
	return counter{value: func() int { return anacrolix.AtomicGet(count) }, add: func(n int) {
		for range n {
			anacrolix.Atomically(anacrolix.VoidOperation(func(tx *anacrolix.Tx) {
				count.Set(tx, count.Get(tx)+1)
			}))
		}
	}}
}

// lockedInt is a number and the lock that guards it.
type lockedInt struct {
	mu sync.Mutex
	n  int // guarded by mu
}

func mutexCounter() counter {
	count := new(lockedInt)
	return counter{value: func() int { return count.n }, add: func(n int) {
		for range n {
			count.mu.Lock()
			count.n++
			count.mu.Unlock()
		}
	}}
}

func rwmutexCounter() counter {
	var mu sync.RWMutex
	count := 0
	return counter{value: func() int { return count }, add: func(n int) {
		for range n {
			mu.Lock()
			count++
			mu.Unlock()
		}
	}}
}

func ownerCounter() counter {
	count := 0
	requests, closeOwner := owner(func(reply chan<- int) {
		count++
		reply <- count
	})
	return counter{value: func() int { return count }, close: closeOwner, add: func(n int) {
		reply := make(chan int, 1)
		for range n {
			requests <- reply
			<-reply
		}
	}}
}

// owner starts the one goroutine that serves every request, in turn; closeOwner ends it.
func owner[R any](serve func(R)) (requests chan R, closeOwner func()) {
	requests = make(chan R)
	var ended sync.WaitGroup
	ended.Go(func() {
		for request := range requests {
			serve(request)
		}
	})
	return requests, func() {
		close(requests)
		ended.Wait()
	}
}

func atomicCounter() counter {
	var count atomic.Int64
	return counter{value: func() int { return int(count.Load()) }, add: func(n int) {
		for range n {
			count.Add(1)
		}
	}}
}

// Transfer: every goroutine moves 1 between two of the bank's accounts, picked at random.

const (
	accounts = 1024
	opening  = 1000 // the balance of each account at first
)

type bank interface {
	transfer(p *picker, n int) // n transfers between accounts that p picks
	balance(account int) int   // when nothing runs
	audit() (total, looks int) // all accounts, consistently, and how often it took to look
	close()
}

// banks gives a variant of the workload for every kind of bank.
func banks(workload func(open func(int) bank) func(int) run) []variant {
	return []variant{
		{name: "rinse", setup: workload(openRinse)},
		{name: "rinse-modify", setup: workload(openRinseModify)},
		{name: "anacrolix", setup: workload(openAnacrolix)},
		{name: "mutex", setup: workload(openMutex)},
		{name: "mutex-each", setup: workload(openMutexEach)},
		{name: "rwmutex", setup: workload(openRWMutex)},
		{name: "owner", setup: workload(openOwner)},
	}
}

// withFloor adds what two plain atomic adds cost, which no audit could make sense of.
func withFloor(workload func(open func(int) bank) func(int) run) []variant {
	return append(banks(workload), variant{name: "atomic", setup: workload(openAtomic)})
}

// A picker picks pairs of accounts in [base, base+size), by xorshift: cheap, and the same for every variant.
type picker struct {
	state, base, size uint64
	_                 [40]byte // a cache line of its own
}

func (p *picker) pair() (from, to uint64) {
	x := p.state
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	p.state = x
	from = (x & (1<<32 - 1)) * p.size >> 32
	to = from + 1 + (x>>32)*(p.size-1)>>32
	if to >= p.size {
		to -= p.size
	}
	return p.base + from, p.base + to
}

// newPickers gives each goroutine its picker: all of them over all accounts, or each over a block of its own.
func newPickers(goroutines, accounts int, own bool) []picker {
	pickers := make([]picker, goroutines)
	for g := range pickers {
		pickers[g] = picker{state: 0x9E3779B97F4A7C15 * uint64(g+1), size: uint64(accounts)}
		if own {
			pickers[g].size = uint64(accounts / goroutines)
			pickers[g].base = uint64(g) * pickers[g].size
		}
	}
	return pickers
}

func sharing(open func(int) bank) func(int) run {
	return func(goroutines int) run { return transferring(open(accounts), goroutines, false) }
}

func owning(open func(int) bank) func(int) run {
	return func(goroutines int) run { return transferring(open(accounts), goroutines, true) }
}

func transferring(b bank, goroutines int, own bool) run {
	pickers := newPickers(goroutines, accounts, own)
	return run{
		workers: goroutines,
		op:      func(worker, n int) { b.transfer(&pickers[worker], n) },
		close:   b.close,
		check: func(done []int) error {
			return checkBalances(b, newPickers(goroutines, accounts, own), done)
		},
	}
}

// checkBalances makes the same transfers again, one after the other, and compares every account.
func checkBalances(b bank, pickers []picker, done []int) error {
	var want [accounts]int
	for worker := range pickers {
		for range done[worker] {
			from, to := pickers[worker].pair()
			want[from]--
			want[to]++
		}
	}
	for i := range want {
		if got := b.balance(i) - opening; got != want[i] {
			return fmt.Errorf("account %d changed by %d, its transfers come to %d", i, got, want[i])
		}
	}
	return nil
}

func audited(open func(int) bank) func(int) run {
	return func(goroutines int) run {
		b := open(accounts)
		audits, wrong, most := 0, 0, 0
		var began, ended time.Time
		r := transferring(b, goroutines, false).beside(func() {
			if audits == 0 {
				began = time.Now()
			}
			total, looks := b.audit()
			if total != accounts*opening {
				wrong++
			}
			audits++
			most = max(most, looks)
			ended = time.Now()
		})
		balances := r.check
		r.check = func(done []int) error {
			if wrong > 0 {
				return fmt.Errorf("%d of %d audits saw a wrong total", wrong, audits)
			}
			return balances(done)
		}
		r.also = func() sample {
			return sample{"looks-max": float64(most), "audits/s": float64(audits) / ended.Sub(began).Seconds()}
		}
		return r
	}
}

func besideSpinner(open func(int) bank) func(int) run {
	return func(goroutines int) run { return sharing(open)(goroutines).beside(func() {}) }
}

type rinseBank []*tvar.TVar[int]

func openRinse(accounts int) bank { return newRinseBank(accounts) }

func newRinseBank(accounts int) rinseBank {
	b := make(rinseBank, accounts)
	for i := range b {
		b[i] = tvar.New(opening)
	}
	return b
}

func (b rinseBank) transfer(p *picker, n int) {
	ctx := context.Background()
	picks := *p
	for range n {
		i, j := picks.pair()
		from, to := b[i], b[j]
		must(stm.Atomically(ctx, func(tx *stm.Tx) error {
			from.Set(tx, from.Get(tx)-1)
			to.Set(tx, to.Get(tx)+1)
			return nil
		}))
	}
	*p = picks
}

func (b rinseBank) balance(account int) int { return b[account].Load() }

func (b rinseBank) audit() (total, looks int) {
	must(stm.View(context.Background(), func(tx *stm.Tx) error {
		looks++
		total = 0
		for _, account := range b {
			total += account.Get(tx)
		}
		return nil
	}))
	return total, looks
}

func (rinseBank) close() {}

// raiseAll adds 1 to every account and tells in how many attempts.
func (b rinseBank) raiseAll() (attempts int) {
	must(stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		attempts = tx.Attempt()
		for _, account := range b {
			account.Set(tx, account.Get(tx)+1)
		}
		return nil
	}))
	return attempts
}

// appraise reads every account and adds as much to the first as keeps the total a multiple of their number: a torn
// total would break that. It tells in how many attempts.
func (b rinseBank) appraise() (attempts int) {
	must(stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		attempts = tx.Attempt()
		total := 0
		for _, account := range b {
			total += account.Get(tx)
		}
		b[0].Set(tx, b[0].Get(tx)+len(b)-total%len(b))
		return nil
	}))
	return attempts
}

type rinseModifyBank struct{ rinseBank }

func openRinseModify(accounts int) bank { return rinseModifyBank{newRinseBank(accounts)} }

func (b rinseModifyBank) transfer(p *picker, n int) {
	ctx := context.Background()
	picks := *p
	for range n {
		i, j := picks.pair()
		from, to := b.rinseBank[i], b.rinseBank[j]
		must(stm.Atomically(ctx, func(tx *stm.Tx) error {
			from.Modify(tx, func(balance int) int { return balance - 1 })
			to.Modify(tx, func(balance int) int { return balance + 1 })
			return nil
		}))
	}
	*p = picks
}

type anacrolixBank []*anacrolix.Var[int]

func openAnacrolix(accounts int) bank {
	b := make(anacrolixBank, accounts)
	for i := range b {
		b[i] = anacrolix.NewVar(opening)
	}
	return b
}

func (b anacrolixBank) transfer(p *picker, n int) {
	picks := *p
	for range n {
		i, j := picks.pair()
		from, to := b[i], b[j]
		anacrolix.Atomically(anacrolix.VoidOperation(func(tx *anacrolix.Tx) {
			from.Set(tx, from.Get(tx)-1)
			to.Set(tx, to.Get(tx)+1)
		}))
	}
	*p = picks
}

func (b anacrolixBank) balance(account int) int { return anacrolix.AtomicGet(b[account]) }

func (b anacrolixBank) audit() (total, looks int) {
	total = anacrolix.Atomically(func(tx *anacrolix.Tx) int {
		looks++
		total := 0
		for _, account := range b {
			total += account.Get(tx)
		}
		return total
	})
	return total, looks
}

func (anacrolixBank) close() {}

type mutexBank struct {
	mu       sync.Mutex
	balances []int // guarded by mu
}

func openMutex(accounts int) bank { return &mutexBank{balances: openings(accounts)} }

func openings(accounts int) []int {
	balances := make([]int, accounts)
	for i := range balances {
		balances[i] = opening
	}
	return balances
}

func (b *mutexBank) transfer(p *picker, n int) {
	picks := *p
	for range n {
		from, to := picks.pair()
		b.mu.Lock()
		b.balances[from]--
		b.balances[to]++
		b.mu.Unlock()
	}
	*p = picks
}

func (b *mutexBank) balance(account int) int { return b.balances[account] }

func (b *mutexBank) audit() (total, looks int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return sum(b.balances), 1
}

func (*mutexBank) close() {}

func (b *mutexBank) raiseAll() (attempts int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.balances {
		b.balances[i]++
	}
	return 1
}

// mutexEachBank has a lock for each account; whoever needs several takes them in order.
type mutexEachBank []*lockedInt

func openMutexEach(accounts int) bank {
	b := make(mutexEachBank, accounts)
	for i := range b {
		b[i] = &lockedInt{n: opening}
	}
	return b
}

func (b mutexEachBank) transfer(p *picker, n int) {
	picks := *p
	for range n {
		i, j := picks.pair()
		from, to := b[i], b[j]
		first, second := from, to
		if j < i {
			first, second = to, from
		}
		first.mu.Lock()
		second.mu.Lock()
		from.n--
		to.n++
		second.mu.Unlock()
		first.mu.Unlock()
	}
	*p = picks
}

func (b mutexEachBank) balance(account int) int { return b[account].n }

func (b mutexEachBank) audit() (total, looks int) {
	return sumLocked(b), 1
}

func sumLocked(numbers []*lockedInt) (total int) {
	for _, number := range numbers {
		number.mu.Lock()
		total += number.n
	}
	for _, number := range numbers {
		number.mu.Unlock()
	}
	return total
}

func (mutexEachBank) close() {}

type rwmutexBank struct {
	mu       sync.RWMutex
	balances []int // guarded by mu
}

func openRWMutex(accounts int) bank { return &rwmutexBank{balances: openings(accounts)} }

func (b *rwmutexBank) transfer(p *picker, n int) {
	picks := *p
	for range n {
		from, to := picks.pair()
		b.mu.Lock()
		b.balances[from]--
		b.balances[to]++
		b.mu.Unlock()
	}
	*p = picks
}

func (b *rwmutexBank) balance(account int) int { return b.balances[account] }

func (b *rwmutexBank) audit() (total, looks int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return sum(b.balances), 1
}

func (*rwmutexBank) close() {}

type ownerBank struct {
	balances   []int // the owner's alone
	requests   chan bankRequest
	closeOwner func()
}

type bankRequest struct {
	from, to uint64
	audit    bool
	reply    chan<- int
}

func openOwner(accounts int) bank {
	b := &ownerBank{balances: openings(accounts)}
	b.requests, b.closeOwner = owner(func(request bankRequest) {
		if request.audit {
			request.reply <- sum(b.balances)
			return
		}
		b.balances[request.from]--
		b.balances[request.to]++
		request.reply <- b.balances[request.from]
	})
	return b
}

func (b *ownerBank) transfer(p *picker, n int) {
	reply := make(chan int, 1)
	picks := *p
	for range n {
		from, to := picks.pair()
		b.requests <- bankRequest{from: from, to: to, reply: reply}
		<-reply
	}
	*p = picks
}

func (b *ownerBank) balance(account int) int { return b.balances[account] }

func (b *ownerBank) audit() (total, looks int) {
	reply := make(chan int, 1)
	b.requests <- bankRequest{audit: true, reply: reply}
	return <-reply, 1
}

func (b *ownerBank) close() { b.closeOwner() }

// atomicBank is the floor: what two plain atomic adds to two cache lines cost.
type atomicBank []*cacheLine

type cacheLine struct {
	n atomic.Int64
	_ [56]byte
}

func openAtomic(accounts int) bank {
	b := make(atomicBank, accounts)
	for i := range b {
		b[i] = new(cacheLine)
		b[i].n.Store(opening)
	}
	return b
}

func (b atomicBank) transfer(p *picker, n int) {
	picks := *p
	for range n {
		from, to := picks.pair()
		b[from].n.Add(-1)
		b[to].n.Add(1)
	}
	*p = picks
}

func (b atomicBank) balance(account int) int { return int(b[account].n.Load()) }

func (atomicBank) audit() (total, looks int) { panic("bench: two separate adds cannot be audited") }

func (atomicBank) close() {}

// Elder: one transaction over many accounts, which short transfers keep overtaking.

const elderAccounts = 300

func elder[B bank](open func(int) bank, oversee func(B) (attempts int)) func(int) run {
	return func(goroutines int) run {
		b := open(elderAccounts)
		most := 0
		r := run{workers: 1, close: b.close, op: func(_, n int) {
			for range n {
				most = max(most, oversee(b.(B))-1)
			}
		}}
		pickers := newPickers(goroutines, elderAccounts, false)
		for g := range pickers {
			r = r.beside(func() { b.transfer(&pickers[g], 64) })
		}
		r.check = func(done []int) error {
			if most > stm.MaxClashes {
				return fmt.Errorf("an elder clashed %d times, more than stm.MaxClashes", most)
			}
			total := 0
			for i := range elderAccounts {
				total += b.balance(i)
			}
			if want := elderAccounts * (opening + done[0]); total != want {
				return fmt.Errorf("the accounts come to %d, not %d", total, want)
			}
			return nil
		}
		r.also = func() sample { return sample{"clashes-max": float64(most)} }
		return r
	}
}

// Read: every goroutine sums the same variables, which nobody writes, in one consistent look.

// A reader looks n times and returns the sum of all it has read; the variables hold 1, 2, 3, …
type reader struct {
	read  func(n int) int
	close func()
}

func readers(size int) []variant {
	return []variant{
		{name: "rinse", setup: reading(size, rinseReader)},
		{name: "anacrolix", setup: reading(size, anacrolixReader)},
		{name: "mutex", setup: reading(size, mutexReader)},
		{name: "mutex-each", setup: reading(size, mutexEachReader)},
		{name: "rwmutex", setup: reading(size, rwmutexReader)},
		{name: "owner", setup: reading(size, ownerReader)},
		{name: "atomic", setup: reading(size, atomicReader)}, // the floor: not one consistent look
	}
}

func reading(size int, open func(size int) reader) func(int) run {
	return func(goroutines int) run {
		r := open(size)
		sums := make([]int, goroutines)
		return run{
			workers: goroutines,
			op:      func(worker, n int) { sums[worker] += r.read(n) },
			close:   r.close,
			check: func(done []int) error {
				for worker := range done {
					if want := done[worker] * size * (size + 1) / 2; sums[worker] != want {
						return fmt.Errorf("%d reads came to %d, not %d", done[worker], sums[worker], want)
					}
				}
				return nil
			},
		}
	}
}

func rinseVars(size int) []*tvar.TVar[int] {
	vars := make([]*tvar.TVar[int], size)
	for i := range vars {
		vars[i] = tvar.New(i + 1)
	}
	return vars
}

func rinseReader(size int) reader {
	vars := rinseVars(size)
	return reader{read: func(n int) (total int) {
		ctx := context.Background()
		for range n {
			seen := 0
			must(stm.View(ctx, func(tx *stm.Tx) error {
				seen = 0
				for _, v := range vars {
					seen += v.Get(tx)
				}
				return nil
			}))
			total += seen
		}
		return total
	}}
}

func rinseLoad(int) reader {
	v := tvar.New(1)
	return reader{read: func(n int) (total int) {
		for range n {
			total += v.Load()
		}
		return total
	}}
}

func anacrolixReader(size int) reader {
	vars := make([]*anacrolix.Var[int], size)
	for i := range vars {
		vars[i] = anacrolix.NewVar(i + 1)
	}
	return reader{read: func(n int) (total int) {
		for range n {
			total += anacrolix.Atomically(func(tx *anacrolix.Tx) int {
				seen := 0
				for _, v := range vars {
					seen += v.Get(tx)
				}
				return seen
			})
		}
		return total
	}}
}

func anacrolixLoad(int) reader {
	v := anacrolix.NewVar(1)
	return reader{read: func(n int) (total int) {
		for range n {
			total += anacrolix.AtomicGet(v)
		}
		return total
	}}
}

// oneToSize is 1, 2, …, size.
func oneToSize(size int) []int {
	numbers := make([]int, size)
	for i := range numbers {
		numbers[i] = i + 1
	}
	return numbers
}

func mutexReader(size int) reader {
	var mu sync.Mutex
	numbers := oneToSize(size)
	return reader{read: func(n int) (total int) {
		for range n {
			mu.Lock()
			total += sum(numbers)
			mu.Unlock()
		}
		return total
	}}
}

func mutexEachReader(size int) reader {
	numbers := make([]*lockedInt, size)
	for i := range numbers {
		numbers[i] = &lockedInt{n: i + 1}
	}
	return reader{read: func(n int) (total int) {
		for range n {
			total += sumLocked(numbers)
		}
		return total
	}}
}

func rwmutexReader(size int) reader {
	var mu sync.RWMutex
	numbers := oneToSize(size)
	return reader{read: func(n int) (total int) {
		for range n {
			mu.RLock()
			total += sum(numbers)
			mu.RUnlock()
		}
		return total
	}}
}

func ownerReader(size int) reader {
	numbers := oneToSize(size)
	requests, closeOwner := owner(func(reply chan<- int) { reply <- sum(numbers) })
	return reader{close: closeOwner, read: func(n int) (total int) {
		reply := make(chan int, 1)
		for range n {
			requests <- reply
			total += <-reply
		}
		return total
	}}
}

func atomicReader(size int) reader {
	numbers := make([]atomic.Int64, size)
	for i := range numbers {
		numbers[i].Store(int64(i + 1))
	}
	return reader{read: func(n int) (total int) {
		for range n {
			for i := range numbers {
				total += int(numbers[i].Load())
			}
		}
		return total
	}}
}

// Store: every goroutine overwrites one shared variable with numbers that tell who wrote them.

type storer struct {
	store func(n, first int) // first, first+1, … first+n-1
	load  func() int
}

// workerBits are the lower ones, in which workers count; above is who it was.
const workerBits = bits.UintSize - 24

func storing(open func() storer) func(int) run {
	return func(goroutines int) run {
		s := open()
		next := make([]int, goroutines)
		for worker := range next {
			next[worker] = worker << workerBits
		}
		return run{
			workers: goroutines,
			op: func(worker, n int) {
				s.store(n, next[worker])
				next[worker] += n
			},
			check: func([]int) error {
				got := s.load()
				if worker := got >> workerBits; worker >= goroutines || got+1 != next[worker] {
					return fmt.Errorf("the last value is %#x, which no goroutine stored last", got)
				}
				return nil
			},
		}
	}
}

func rinseStore() storer {
	v := tvar.New(0)
	return storer{load: v.Load, store: func(n, first int) {
		for i := range n {
			v.Store(first + i)
		}
	}}
}

func anacrolixStore() storer {
	v := anacrolix.NewVar(0)
	return storer{load: func() int { return anacrolix.AtomicGet(v) }, store: func(n, first int) {
		for i := range n {
			anacrolix.AtomicSet(v, first+i)
		}
	}}
}

func mutexStore() storer {
	v := new(lockedInt)
	return storer{load: func() int { return v.n }, store: func(n, first int) {
		for i := range n {
			v.mu.Lock()
			v.n = first + i
			v.mu.Unlock()
		}
	}}
}

func atomicStore() storer {
	var v atomic.Int64
	return storer{load: func() int { return int(v.Load()) }, store: func(n, first int) {
		for i := range n {
			v.Store(int64(first + i))
		}
	}}
}

// PingPong: two goroutines take turns, each asleep while it is the other's.

const ping, pong, over = 0, 1, 2

type baton interface {
	pass(me int) bool // waits for me's turn and gives it to the other; false if the game is over
	end()             // waits for ping's turn and ends the game
}

func pingPong(newBaton func() baton) func(int) run {
	return func(goroutines int) run {
		batons := make([]baton, goroutines/2)
		returned := make([]int, len(batons))
		var ended sync.WaitGroup
		for i := range batons {
			batons[i] = newBaton()
			ended.Go(func() {
				for batons[i].pass(pong) {
					returned[i]++
				}
			})
		}
		return run{
			workers: len(batons),
			per:     2,
			op: func(worker, n int) {
				for range n {
					batons[worker].pass(ping)
				}
			},
			close: func() {
				for _, b := range batons {
					b.end()
				}
				ended.Wait()
			},
			check: func(done []int) error {
				for i := range done {
					if returned[i] != done[i] {
						return fmt.Errorf("%d pings, %d pongs", done[i], returned[i])
					}
				}
				return nil
			},
		}
	}
}

type rinseBaton struct{ turn *tvar.TVar[int] }

func newRinseBaton() baton { return rinseBaton{tvar.New(ping)} }

func (b rinseBaton) pass(me int) (more bool) {
	must(stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		turn := b.turn.Get(tx)
		tx.Check(turn == me || turn == over)
		more = turn == me
		if more {
			b.turn.Set(tx, 1-me)
		}
		return nil
	}))
	return more
}

func (b rinseBaton) end() {
	must(stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		tx.Check(b.turn.Get(tx) == ping)
		b.turn.Set(tx, over)
		return nil
	}))
}

type anacrolixBaton struct{ turn *anacrolix.Var[int] }

func newAnacrolixBaton() baton { return anacrolixBaton{anacrolix.NewVar(ping)} }

func (b anacrolixBaton) pass(me int) bool {
	return anacrolix.Atomically(func(tx *anacrolix.Tx) bool {
		turn := b.turn.Get(tx)
		tx.Assert(turn == me || turn == over)
		if turn == me {
			b.turn.Set(tx, 1-me)
		}
		return turn == me
	})
}

func (b anacrolixBaton) end() {
	anacrolix.Atomically(anacrolix.VoidOperation(func(tx *anacrolix.Tx) {
		tx.Assert(b.turn.Get(tx) == ping)
		b.turn.Set(tx, over)
	}))
}

type condBaton struct {
	mu   sync.Mutex
	cond sync.Cond
	turn int // guarded by mu
}

func newCondBaton() baton {
	b := &condBaton{turn: ping}
	b.cond.L = &b.mu
	return b
}

func (b *condBaton) pass(me int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.turn != me && b.turn != over {
		b.cond.Wait()
	}
	if b.turn == over {
		return false
	}
	b.turn = 1 - me
	b.cond.Signal()
	return true
}

func (b *condBaton) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.turn != ping {
		b.cond.Wait()
	}
	b.turn = over
	b.cond.Signal()
}

type channelBaton [2]chan struct{}

func newChannelBaton() baton {
	b := channelBaton{make(chan struct{}, 1), make(chan struct{}, 1)}
	b[ping] <- struct{}{}
	return b
}

func (b channelBaton) pass(me int) bool {
	if _, more := <-b[me]; !more {
		return false
	}
	b[1-me] <- struct{}{}
	return true
}

func (b channelBaton) end() {
	<-b[ping]
	close(b[pong])
}

// Herd: one goroutine counts a generation up, all the others wait for it, and it goes on when all have seen it.

type herd interface {
	announce()          // counts up by one and wakes all
	await(seen int) int // the generation, as soon as it is not seen any more
}

func herding(newHerd func() herd) func(int) run {
	return func(waiters int) run {
		h := newHerd()
		var over atomic.Bool
		var missed, left atomic.Int64
		var ended sync.WaitGroup
		all := make(chan struct{}, 1)
		for range waiters {
			ended.Go(func() {
				for seen, last := 0, false; !last; seen++ {
					if h.await(seen) != seen+1 {
						missed.Add(1)
					}
					last = over.Load()
					if left.Add(-1) == 0 {
						all <- struct{}{}
					}
				}
			})
		}
		announce := func() {
			left.Store(int64(waiters))
			h.announce()
			<-all
		}
		return run{
			workers: 1,
			per:     waiters,
			op: func(_, n int) {
				for range n {
					announce()
				}
			},
			close: func() {
				over.Store(true)
				announce()
				ended.Wait()
			},
			check: func([]int) error {
				if n := missed.Load(); n > 0 {
					return fmt.Errorf("%d times a waiter missed a generation", n)
				}
				return nil
			},
		}
	}
}

type rinseHerd struct{ generation *tvar.TVar[int] }

func newRinseHerd() herd { return rinseHerd{tvar.New(0)} }

func (h rinseHerd) announce() {
	h.generation.Update(func(generation int) int { return generation + 1 })
}

func (h rinseHerd) await(seen int) int {
	now, err := stm.Do(context.Background(), func(tx *stm.Tx) (int, error) {
		now := h.generation.Get(tx)
		tx.Check(now != seen)
		return now, nil
	})
	must(err)
	return now
}

type anacrolixHerd struct{ generation *anacrolix.Var[int] }

func newAnacrolixHerd() herd { return anacrolixHerd{anacrolix.NewVar(0)} }

func (h anacrolixHerd) announce() {
	anacrolix.AtomicModify(h.generation, func(generation int) int { return generation + 1 })
}

func (h anacrolixHerd) await(seen int) int {
	return anacrolix.Atomically(func(tx *anacrolix.Tx) int {
		now := h.generation.Get(tx)
		tx.Assert(now != seen)
		return now
	})
}

type condHerd struct {
	mu         sync.Mutex
	cond       sync.Cond
	generation int // guarded by mu
}

func newCondHerd() herd {
	h := &condHerd{}
	h.cond.L = &h.mu
	return h
}

func (h *condHerd) announce() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.generation++
	h.cond.Broadcast()
}

func (h *condHerd) await(seen int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.generation == seen {
		h.cond.Wait()
	}
	return h.generation
}

// channelHerd closes a channel for every generation; the next one's is in place before.
type channelHerd struct {
	generation atomic.Pointer[channelGeneration]
}

type channelGeneration struct {
	number int
	over   chan struct{}
}

func newChannelHerd() herd {
	h := &channelHerd{}
	h.generation.Store(&channelGeneration{over: make(chan struct{})})
	return h
}

func (h *channelHerd) announce() {
	old := h.generation.Load()
	h.generation.Store(&channelGeneration{number: old.number + 1, over: make(chan struct{})})
	close(old.over)
}

func (h *channelHerd) await(seen int) int {
	if now := h.generation.Load(); now.number == seen {
		<-now.over
	}
	return h.generation.Load().number
}
