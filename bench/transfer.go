package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	anacrolix "github.com/anacrolix/stm"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

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
