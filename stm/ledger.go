package stm

import (
	"runtime"
	"sync"
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

// page is a line of its own, so that counting on two cores does not collide.
type page struct {
	commits uint
	_       [64 - 8]byte
}

// open returns a new page for tx, to be closed when tx is garbage.
func (l *ledger) open(tx *Tx) *page {
	p := new(page)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages == nil {
		l.pages = map[*page]struct{}{}
	}
	l.pages[p] = struct{}{}
	runtime.AddCleanup(tx, l.close, p)
	return p
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
