package txn_test

import (
	"context"
	"slices"
	"sync"

	"github.com/rinse-go/rinse/proptest/txn"
)

// bug is one way to build an STM wrong.
type bug string

const (
	noBug               bug = "none"
	noReadValidation    bug = "reads are checked at commit only"
	readersUnchecked    bug = "who only reads is never checked"
	lostUpdate          bug = "what is written is not checked"
	firstCommitterWins  bug = "only what is written is checked (snapshot isolation)"
	dirtyRead           bug = "writes are seen before they are committed"
	staleRead           bug = "a first attempt sees the version before the last"
	partialOnError      bug = "an error keeps the first write"
	errorSwallowed      bug = "an error is not returned"
	partialOnPanic      bug = "a panic keeps the first write"
	lockedOnPanic       bug = "a panic keeps the lock"
	panicSwallowed      bug = "a panic becomes an error"
	partialOnRetry      bug = "Retry keeps the first write"
	wakeNobody          bug = "nobody is woken"
	wakeOne             bug = "one waiter is woken"
	wakeOnFirstRead     bug = "only a change of the first variable read wakes"
	wakeMissed          bug = "a change between Retry and sleep is missed"
	leftLeaks           bug = "what a left that retried wrote is kept"
	rightOnError        bug = "an error of left runs right"
	wakeOnRightOnly     bug = "only what right read wakes"
	wrongVersionClaimed bug = "the snapshot claimed is one too high"
)

// toy is an STM that keeps every version of every variable. Without a bug it is correct: an attempt reads at one
// version, and commits if what it read has not changed since.
type toy struct {
	bug      bug
	mu       sync.Mutex // guards everything, and is never held while a body runs
	clock    uint64
	waiters  []*toyWaiter
	live     map[*toyTx]bool
	poisoned bool // lockedOnPanic: nobody may commit any more
}

type toyWaiter struct {
	cells []*toyVar
	wake  chan struct{}
}

type toyVar struct{ versions []toyVersion }

type toyVersion struct {
	at    uint64
	value any
}

func (v *toyVar) newest() toyVersion { return v.versions[len(v.versions)-1] }

func (v *toyVar) before(snapshot uint64) toyVersion {
	for _, version := range slices.Backward(v.versions) {
		if version.at <= snapshot {
			return version
		}
	}
	return v.versions[0]
}

type toyCell[T any] struct{ *toyVar }

func (c toyCell[T]) Get(tx txn.Tx) T        { return tx.(*toyTx).get(c.toyVar).(T) }
func (c toyCell[T]) Set(tx txn.Tx, value T) { tx.(*toyTx).set(c.toyVar, value) }

func newToy(b bug) *toy { return &toy{bug: b, clock: 1, live: map[*toyTx]bool{}} }

func (s *toy) NewInt(_ string, initial int) txn.Cell[int] {
	return toyCell[int]{&toyVar{[]toyVersion{{1, initial}}}}
}

func (s *toy) NewList(string) txn.Cell[[]int] {
	return toyCell[[]int]{&toyVar{[]toyVersion{{1, []int(nil)}}}}
}

type toyWrite struct {
	v     *toyVar
	value any
}

// toyTx is an attempt. Reads and writes are in their order; the last write of a variable counts.
type toyTx struct {
	s        *toy
	snapshot uint64
	reads    []*toyVar
	seen     []uint64 // by read: the version
	writes   []toyWrite
	hooks    []func(uint64)
}

func (t *toyTx) Retry() { panic(retryPanic{}) }

func (t *toyTx) Snapshot() uint64 {
	if t.s.bug == wrongVersionClaimed {
		return t.snapshot + 1
	}
	return t.snapshot
}

func (t *toyTx) OnCommit(hook func(uint64)) { t.hooks = append(t.hooks, hook) }

func (t *toyTx) get(v *toyVar) any {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if value, ok := t.written(v); ok {
		return value
	}
	if t.s.bug == dirtyRead {
		for other := range t.s.live {
			if value, ok := other.written(v); ok {
				return value
			}
		}
	}
	found := v.before(t.snapshot)
	if t.s.bug == noReadValidation || t.s.bug == readersUnchecked {
		found = v.newest()
		if i := slices.Index(t.reads, v); i >= 0 {
			found = v.before(t.seen[i])
		}
	}
	t.reads, t.seen = append(t.reads, v), append(t.seen, found.at)
	return found.value
}

func (t *toyTx) written(v *toyVar) (any, bool) {
	for _, w := range slices.Backward(t.writes) {
		if w.v == v {
			return w.value, true
		}
	}
	return nil, false
}

func (t *toyTx) set(v *toyVar, value any) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.writes = append(t.writes, toyWrite{v, value})
}

func (t *toyTx) OrElse(left, right func(txn.Tx) error) error {
	writes, reads := len(t.writes), len(t.reads)
	err, retried := catchRetry(t, left)
	if !retried && (err == nil || t.s.bug != rightOnError) {
		return err
	}
	t.s.mu.Lock()
	if t.s.bug != leftLeaks {
		t.writes = t.writes[:writes]
	}
	if t.s.bug == wakeOnRightOnly {
		t.reads, t.seen = t.reads[:reads], t.seen[:reads]
	}
	t.s.mu.Unlock()
	return right(t)
}

func (s *toy) Atomically(ctx context.Context, body func(txn.Tx) error) error {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		t := s.begin(attempt)
		err, retried := t.run(body)
		switch {
		case retried:
			t.abort(s.bug == partialOnRetry)
			s.wait(ctx, t)
		case err != nil:
			t.abort(s.bug == partialOnError)
			if s.bug == errorSwallowed {
				return nil
			}
			return err
		case t.commit():
			return nil
		default:
			s.block(ctx)
		}
	}
	return ctx.Err()
}

func (s *toy) begin(attempt int) *toyTx {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &toyTx{s: s, snapshot: s.clock}
	if s.bug == staleRead && attempt == 1 && s.clock > 1 {
		t.snapshot--
	}
	s.live[t] = true
	return t
}

// run runs the body and cleans up after a panic or Goexit.
func (t *toyTx) run(body func(txn.Tx) error) (err error, retried bool) {
	returned := false
	defer func() {
		if returned {
			return
		}
		t.abort(t.s.bug == partialOnPanic)
		t.s.mu.Lock()
		t.s.poisoned = t.s.bug == lockedOnPanic
		t.s.mu.Unlock()
		if t.s.bug == panicSwallowed && recover() != nil {
			err = context.Canceled
		}
	}()
	err, retried = catchRetry(t, body)
	returned = true
	return err, retried
}

func (t *toyTx) abort(partial bool) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	delete(t.s.live, t)
	if partial && len(t.writes) > 0 {
		t.publish(t.writes[:1])
	}
}

func (t *toyTx) commit() bool {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	delete(t.s.live, t)
	if t.s.poisoned || !t.valid() {
		return false
	}
	if len(t.writes) > 0 {
		t.publish(t.writes)
	}
	return true
}

// valid reports whether the attempt may commit: who only reads may, at the snapshot.
func (t *toyTx) valid() bool {
	if len(t.writes) == 0 && t.s.bug != noReadValidation {
		return true
	}
	if t.s.bug == firstCommitterWins {
		return !slices.ContainsFunc(t.writes, func(w toyWrite) bool { return w.v.newest().at > t.snapshot })
	}
	for i, v := range t.reads {
		_, overwrites := t.written(v)
		if v.newest().at != t.seen[i] && !(overwrites && t.s.bug == lostUpdate) {
			return false
		}
	}
	return true
}

func (t *toyTx) publish(writes []toyWrite) {
	t.s.clock++
	for _, w := range writes {
		if w.v.newest().at == t.s.clock {
			w.v.versions[len(w.v.versions)-1].value = w.value
			continue
		}
		w.v.versions = append(w.v.versions, toyVersion{t.s.clock, w.value})
	}
	for _, hook := range t.hooks {
		hook(t.s.clock)
	}
	t.s.wake(writes)
}

// wake lets those waiters go who read what was written.
func (s *toy) wake(writes []toyWrite) {
	if s.bug == wakeNobody {
		return
	}
	woken := 0
	s.waiters = slices.DeleteFunc(s.waiters, func(w *toyWaiter) bool {
		hit := slices.ContainsFunc(writes, func(write toyWrite) bool { return slices.Contains(w.cells, write.v) })
		if !hit || s.bug == wakeOne && woken > 0 {
			return false
		}
		woken++
		close(w.wake)
		return true
	})
}

// block hangs whoever wants to commit after a panic kept the lock.
func (s *toy) block(ctx context.Context) {
	s.mu.Lock()
	poisoned := s.poisoned
	s.mu.Unlock()
	if poisoned {
		<-ctx.Done()
	}
}

// wait sleeps until something that the attempt read has changed.
func (s *toy) wait(ctx context.Context, t *toyTx) {
	s.mu.Lock()
	w := &toyWaiter{slices.Clone(t.reads), make(chan struct{})}
	if s.bug == wakeOnFirstRead {
		w.cells = w.cells[:1]
	}
	changed := slices.ContainsFunc(w.cells, func(v *toyVar) bool {
		return v.newest().at != t.seen[slices.Index(t.reads, v)]
	})
	if changed && s.bug != wakeMissed {
		s.mu.Unlock()
		return
	}
	s.waiters = append(s.waiters, w)
	s.mu.Unlock()
	select {
	case <-w.wake:
	case <-ctx.Done():
	}
}
