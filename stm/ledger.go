package stm

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/rinse-go/rinse/internal/engine"
)

// A ledger counts an owner's commits. An atomic addition a commit would cost a sixth of a small
// transaction, so each descriptor has a page that only its present user writes, without atomics.
//
// Stats reads a page while somebody may be writing it. That is a data race which the Go memory model
// bounds, because a page is one machine word: the read gets some count that was written and not yet
// overwritten, hence the exact one if the writer's commit happened before. The race detector is told.
type ledger struct {
	mu      sync.Mutex
	pages   map[*page]struct{} // guarded by mu: of the descriptors there are
	retired uint64             // guarded by mu: total of those that are gone
}

// page is a line of its own, so that counting on two cores does not collide. It outlives its
// descriptor, and so does what must be given back after that.
type page struct {
	commits uint
	pin     atomic.Pointer[engine.Pin] // of a held checkout
	_       [64 - 16]byte
}

// open returns a new page for tx, to be closed when tx is garbage.
func (l *ledger) open(tx *Tx) *page {
	p := new(page)
	runtime.AddCleanup(tx, tx.owner.forget, p)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages == nil {
		l.pages = map[*page]struct{}{}
	}
	l.pages[p] = struct{}{}
	return p
}

// forget gives back what the descriptor of a page has left, now that nobody can use it any more.
func (o *Owner) forget(p *page) {
	if pin := p.pin.Swap(nil); pin != nil && engine.Sweeps {
		o.core.Unpin(pin)
	}
	o.ledger.close(p)
}

func (l *ledger) close(p *page) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retired += uint64(p.read())
	delete(l.pages, p)
}

func (l *ledger) total() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.retired
	for p := range l.pages {
		n += uint64(p.read())
	}
	return n
}

//go:norace
func (p *page) read() uint { return p.commits }

//go:norace
func (p *page) count() { p.commits++ }
