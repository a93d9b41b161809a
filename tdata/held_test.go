package tdata_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// Structures in checkouts that are held while others commit, against sequential models. A generator chooses, by a seed, what is
// done next: in one of several open checkouts, in a transaction function, or as a transaction of its own; beside them, with the
// gate shut too; and who commits, is rebased, discarded, or just dropped. What is asserted:
//
//  1. An operation returns what its model returns on what the checkout began with and its own changes (opacity).
//  2. Who commits changes would have got the same results at that moment: the model does all of it again there, also what was
//     undone in between, and the results are the same (strict serializability). Who fails, or is given up, leaves no trace.
//  3. After each commit the structures hold what the models do, and snapshots what they held when they were taken.
//  4. A commit clashes only if a part that it relied on was changed by others since.
//  5. A Rebase conflicts exactly if a part was changed on both sides. Otherwise the changes are done again on what is there, and
//     the results so far no longer matter, but the parts that they hang on do (docs/checkouts.md).
//
// All of it happens on one goroutine, but for those who wait in a line. So a seed leads to the same history each time, as far as
// structures do not draw lots themselves: for the hashes of keys, and for heights in skip lists.

var (
	heldSeeds = flag.Int("held.seeds", 0, "how many histories of held checkouts each test tries")
	heldFrom  = flag.Uint64("held.from", 0, "the seed of the first one")
	heldLong  = flag.Int("held.steps", 120, "the steps of a history")
)

// A heldStructure is a structure and its model. States are values: nothing changes a state that is there.
type heldStructure interface {
	begin() any
	op(rnd *rand.Rand, state any, id int) heldOp // the id is another each time
	show(state any) string
	look(tx *stm.Tx) string // what show returns of the state that the transaction sees
}

// A heldOp is one operation.
type heldOp struct {
	text  string
	do    func(tx *stm.Tx) string
	alone func() string // the same as a transaction of its own, if there is one
	spec  func(state any, got string) heldDeed
	gated bool // it may wait for the gate
}

// A heldDeed is what an operation does, by its model. Parts are names. One that begins with ~ stands for more than one
// variable, so that not each change of it is a clash. One that begins with ! is relied on by a Rebase too.
type heldDeed struct {
	want    string
	relies  []string
	changes []string            // parts that are relied on, and changed if it commits
	adds    []string            // parts that are changed if it commits, and not relied on
	marks   []string            // parts that are changed at once, commit or not
	effect  func(state any) any // nil: nothing changes
}

// What some structures have as well.
type (
	heldSnapshots interface { // snapshots that are held
		snapshotAt(m *tdata.Moment) func() string
	}
	heldAftermath interface { // something to be done after a commit; it names the parts that changed once more
		after(r *heldRun, state any, changed func(part string)) any
	}
	heldEnding interface { // something to be done in the end
		end()
	}
	heldActor interface { // something that is more than one transaction
		act(r *heldRun, rnd *rand.Rand, at int)
	}
)

// A heldEntry is an operation that was done, or a number of them that were undone.
type heldEntry struct {
	at     int
	op     heldOp
	got    string
	deed   heldDeed
	undone []heldEntry
	block  bool
	kept   bool // by a Rebase: its result does not matter any more
}

// A heldTx is a transaction under way.
type heldTx struct {
	name    string
	tx      *stm.Tx
	first   int // when it began, and
	base    int // what it is based on by now
	sees    []any
	log     []heldEntry
	relies  map[string]bool // on these parts, and
	firm    map[string]bool // on these not only by changing them
	rebased bool
}

// A heldChange is when a part was changed, and who did it without having committed.
type heldChange struct {
	time int
	by   *heldTx
}

// A heldRun is one history.
type heldRun struct {
	owner   *stm.Owner
	parts   []heldStructure
	now     []any
	left    []any // what the last commit left, before its aftermath, and
	leftAt  int   // when
	time    int
	ids     int
	changed map[string][]heldChange
	open    [4]*heldTx
	shots   [2]*heldShot
	gate    bool // it is shut
	within  int
	trace   []string
	count   map[string]int
}

// A heldShot is a moment and what the structures were like.
type heldShot struct {
	moment *tdata.Moment
	looks  []func() string
	wants  []string
}

type heldFailure string

func (r *heldRun) failf(format string, args ...any) { panic(heldFailure(fmt.Sprintf(format, args...))) }

func (r *heldRun) note(format string, args ...any) {
	r.trace = append(r.trace, strings.Repeat("  ", r.within)+fmt.Sprintf(format, args...))
}

func (r *heldRun) same(want, got, what string) {
	if want != got {
		r.failf("%s: want %s, got %s", what, want, got)
	}
}

func (r *heldRun) begin(name string, tx *stm.Tx) *heldTx {
	return &heldTx{name: name, tx: tx, first: r.time, base: r.time, sees: slices.Clone(r.now), relies: map[string]bool{}, firm: map[string]bool{}}
}

// change notes that parts have changed.
func (r *heldRun) change(by *heldTx, at int, parts ...[]string) {
	r.time++
	for _, part := range slices.Concat(parts...) {
		name := fmt.Sprint(at, part)
		r.changed[name] = append(r.changed[name], heldChange{r.time, by})
	}
}

// changedFor reports whether a part has changed for a transaction. What changed at once may be taken back at any time.
func (r *heldRun) changedFor(s *heldTx, name string) bool {
	return slices.ContainsFunc(r.changed[name], func(c heldChange) bool {
		return c.time > s.base && c.by == nil || c.time > s.first && c.by != nil && c.by != s
	})
}

// draw draws an operation.
func (r *heldRun) draw(rnd *rand.Rand, at int, states []any) heldOp {
	r.ids++
	return r.parts[at].op(rnd, states[at], r.ids)
}

// do does an operation in a transaction.
func (r *heldRun) do(s *heldTx, rnd *rand.Rand) {
	at := rnd.IntN(len(r.parts))
	op := r.draw(rnd, at, s.sees)
	if r.gate && op.gated {
		return
	}
	r.note("%s %s", s.name, op.text)
	r.record(s, at, op, op.do(s.tx))
}

// record notes an operation that was done, by (1).
func (r *heldRun) record(s *heldTx, at int, op heldOp, got string) {
	r.trace[len(r.trace)-1] += " → " + got
	deed := op.spec(s.sees[at], got)
	r.same(deed.want, got, op.text)
	for _, part := range slices.Concat(deed.relies, deed.changes) {
		s.relies[fmt.Sprint(at, part)] = true
	}
	for _, part := range deed.relies {
		s.firm[fmt.Sprint(at, part)] = true
	}
	r.change(s, at, deed.marks)
	s.log = append(s.log, heldEntry{at: at, op: op, got: got, deed: deed})
	if deed.effect != nil {
		s.sees[at] = deed.effect(s.sees[at])
	}
}

// step does something in a transaction.
func (r *heldRun) step(s *heldTx, rnd *rand.Rand, depth int) {
	switch n := rnd.IntN(14); {
	case n == 0 && depth < 2:
		undo := rnd.IntN(2) == 0
		_ = s.tx.Nested(func(*stm.Tx) error { return r.block(s, rnd, depth, undo) })
	case n == 1 && depth < 2:
		undo := rnd.IntN(2) == 0
		_ = s.tx.OrElse(func(tx *stm.Tx) error {
			tx.Check(r.block(s, rnd, depth, undo) == nil)
			return nil
		}, func(*stm.Tx) error { return r.block(s, rnd, depth, false) })
	default:
		r.do(s, rnd)
	}
}

var errUndo = errors.New("undo")

// block does some steps that may be undone together.
func (r *heldRun) block(s *heldTx, rnd *rand.Rand, depth int, undo bool) error {
	r.note("%s savepoint", s.name)
	sees, log := slices.Clone(s.sees), len(s.log)
	for range 1 + rnd.IntN(4) {
		r.step(s, rnd, depth+1)
	}
	if !undo {
		return nil
	}
	r.note("%s back to the savepoint", s.name)
	undone := slices.Clone(s.log[log:])
	s.sees, s.log = sees, append(s.log[:log], heldEntry{block: true, undone: undone})
	return errUndo
}

// writes lists the entries that change something.
func (s *heldTx) writes() []heldEntry {
	return slices.DeleteFunc(slices.Clone(s.log), func(e heldEntry) bool { return e.deed.effect == nil })
}

// again does what is in a log once more, on other states, and reports the first result that is another one.
func again(states []any, log []heldEntry) (_ []any, differs string) {
	states = slices.Clone(states)
	for _, e := range log {
		if e.block {
			if _, differs = again(states, e.undone); differs != "" {
				return states, differs
			}
			continue
		}
		deed := e.deed
		if !e.kept {
			if deed = e.op.spec(states[e.at], e.got); deed.want != e.got {
				return states, fmt.Sprintf("%s → %s, and %s when it committed", e.op.text, e.got, deed.want)
			}
		}
		if deed.effect != nil {
			states[e.at] = deed.effect(states[e.at])
		}
	}
	return states, ""
}

// committed has the model be what a transaction has left, by (2) and (3).
func (r *heldRun) committed(s *heldTx) {
	writes := s.writes()
	if len(writes) == 0 {
		return
	}
	now, differs := again(r.now, s.log)
	if differs != "" {
		r.failf("%s committed: %s", s.name, differs)
	}
	r.now = now
	for _, e := range writes {
		r.change(nil, e.at, e.deed.changes, e.deed.adds)
	}
	r.left, r.leftAt = r.now, r.time
	r.now = slices.Clone(r.now)
	r.aftermath()
}

// aftermath has structures do what comes after a commit, and compares all with their models.
func (r *heldRun) aftermath() {
	synctest.Wait() // until all who can go on have
	for i, p := range r.parts {
		if p, ok := p.(heldAftermath); ok {
			r.now[i] = p.after(r, r.now[i], func(part string) { r.change(nil, i, []string{part}) })
		}
	}
	r.check(r.now)
}

// check compares the structures with their models.
func (r *heldRun) check(states []any) {
	err := r.owner.View(background, func(tx *stm.Tx) error {
		for i, p := range r.parts {
			r.same(p.show(states[i]), p.look(tx), fmt.Sprintf("%T holds", p))
		}
		return nil
	})
	if err != nil {
		r.failf("view: %v", err)
	}
}

// mayClash reports whether a part that a transaction relied on has changed, and mustClash whether so has one that it relies on
// by name, since the results do not tell.
func (r *heldRun) mayClash(s *heldTx) bool {
	for name := range s.relies {
		if r.changedFor(s, name) {
			return true
		}
	}
	return false
}

func (r *heldRun) mustClash(s *heldTx) bool {
	if !s.rebased {
		return false
	}
	firm := maps.Clone(s.firm)
	for _, e := range s.writes() {
		for _, part := range e.deed.changes {
			firm[fmt.Sprint(e.at, part)] = true
		}
	}
	for name := range firm {
		if !strings.Contains(name, "~") && r.changedFor(s, name) {
			return true
		}
	}
	return false
}

// push commits a checkout in one way or another, by (4), and reports whether it got through.
func (r *heldRun) push(s *heldTx, commit func() error) bool {
	writes, may, must := len(s.writes()) > 0, r.mayClash(s), r.mustClash(s)
	err := commit()
	switch {
	case err == nil && writes && must:
		r.failf("%s committed, and what it relied on has changed", s.name)
	case err != nil && !errors.Is(err, stm.ErrClash):
		r.failf("%s: %v", s.name, err)
	case err != nil && (!writes || !may):
		r.failf("%s clashed without a cause: %v", s.name, err)
	case err != nil:
		r.note("%s has clashed: %v", s.name, err)
		r.count["clashed"]++
		return false
	}
	r.count["committed"]++
	r.committed(s)
	return true
}

// rebase rebases a checkout, by (5).
func (r *heldRun) rebase(s *heldTx) {
	must, may := r.conflicts(s)
	err := s.tx.Rebase()
	switch {
	case err == nil && must:
		r.failf("%s was rebased over a change of what it has changed", s.name)
	case err != nil && !may:
		r.failf("%s was not rebased without a cause: %v", s.name, err)
	case err != nil:
		r.note("%s conflicts: %v", s.name, err)
		r.count["conflicts"]++
		return
	}
	r.count["rebased"]++
	s.log = s.writes()
	for i := range s.log {
		s.log[i].kept = true
	}
	s.sees, _ = again(r.now, s.log)
	s.base, s.rebased = r.time, true
}

// conflicts reports whether a Rebase must fail, and whether it may.
func (r *heldRun) conflicts(s *heldTx) (must, may bool) {
	for name := range s.relies {
		must = must || strings.Contains(name, "!") && r.changedFor(s, name)
	}
	for _, e := range s.writes() {
		for _, part := range e.deed.changes {
			if name := fmt.Sprint(e.at, part); r.changedFor(s, name) {
				must, may = must || !strings.HasPrefix(part, "~"), true
			}
		}
		for _, part := range e.deed.relies {
			may = may || strings.HasPrefix(part, "~") && r.changedFor(s, fmt.Sprint(e.at, part))
		}
		for _, part := range e.deed.adds { // who knows the sum, and adds to it, has changed it
			name := fmt.Sprint(e.at, part)
			may = may || s.relies[name] && r.changedFor(s, name)
		}
	}
	return must, must || may
}

// held does something with one of the checkouts.
func (r *heldRun) held(rnd *rand.Rand) {
	slot := rnd.IntN(len(r.open))
	s := r.open[slot]
	if s == nil {
		s = r.begin(fmt.Sprintf("%c", 'A'+slot), r.owner.Checkout())
		r.note("%s is checked out", s.name)
		r.open[slot] = s
	}
	over := false
	switch n := rnd.IntN(24); {
	case n < 2 && !r.mayNotCommit(s):
		r.note("%s commit", s.name)
		over = r.push(s, func() error { _, err := s.tx.Commit(); return err }) || rnd.IntN(2) == 0
	case n < 4 && !r.mayNotCommit(s):
		r.note("%s checkpoint", s.name)
		writes := len(s.writes()) > 0
		if r.push(s, func() error { _, err := s.tx.Checkpoint(); return err }) && writes {
			s = r.begin(s.name, s.tx)
			s.sees, s.first, s.base = slices.Clone(r.left), r.leftAt, r.leftAt
			r.open[slot] = s
		}
	case n < 6:
		r.note("%s rebase", s.name)
		r.rebase(s)
	case n == 6:
		over = true
	case n == 7 && rnd.IntN(4) == 0: // the garbage collector will find it
		r.note("%s is dropped", s.name)
		r.open[slot] = nil
	default:
		r.step(s, rnd, 0)
	}
	if over {
		r.note("%s discard", s.name)
		s.tx.Discard()
		r.open[slot] = nil
		r.check(r.now)
	}
}

// mayNotCommit reports whether a commit would wait for the gate.
func (r *heldRun) mayNotCommit(s *heldTx) bool { return r.gate }

// managed runs a transaction function, with checkouts beside it.
func (r *heldRun) managed(rnd *rand.Rand) {
	run, name := r.owner.Atomically, "atomically"
	undo := rnd.IntN(4) == 0
	if !r.gate && rnd.IntN(2) == 0 {
		run, name = r.owner.Irrevocably, "irrevocably"
	}
	var s *heldTx
	r.note("%s", name)
	r.within++
	err := run(background, func(tx *stm.Tx) error {
		if s != nil {
			r.failf("%s runs again, and nobody was there to clash with", name)
		}
		s = r.begin(name, tx)
		r.gate = name == "irrevocably"
		defer func() { r.gate = false }()
		for range 1 + rnd.IntN(5) {
			r.step(s, rnd, 0)
			if r.gate && rnd.IntN(3) == 0 {
				r.held(rnd)
			}
		}
		if undo {
			return errUndo
		}
		return nil
	})
	r.within--
	r.note("%s is over: %v", name, err)
	if undo != errors.Is(err, errUndo) || !undo && err != nil {
		r.failf("%s: %v", name, err)
	}
	if !undo {
		r.committed(s)
	}
}

// direct does an operation as a transaction of its own.
func (r *heldRun) direct(rnd *rand.Rand) {
	at := rnd.IntN(len(r.parts))
	if p, ok := r.parts[at].(heldActor); ok && rnd.IntN(4) == 0 {
		p.act(r, rnd, at)
		return
	}
	op := r.draw(rnd, at, r.now)
	if op.alone == nil {
		return
	}
	r.note("%s", op.text)
	s := r.begin("alone", nil)
	r.record(s, at, op, op.alone())
	r.committed(s)
}

// snapshot takes a snapshot, looks at one, or closes one.
func (r *heldRun) snapshot(rnd *rand.Rand) {
	slot := rnd.IntN(len(r.shots))
	if r.shots[slot] == nil {
		r.note("snapshot %d is taken", slot)
		shot := &heldShot{moment: tdata.Now(r.owner)}
		for i, p := range r.parts {
			if p, ok := p.(heldSnapshots); ok {
				shot.looks = append(shot.looks, p.snapshotAt(shot.moment))
				shot.wants = append(shot.wants, r.parts[i].show(r.now[i]))
			}
		}
		r.shots[slot] = shot
		return
	}
	shot := r.shots[slot]
	for i, look := range shot.looks {
		r.same(shot.wants[i], look(), fmt.Sprintf("snapshot %d", slot))
	}
	if rnd.IntN(3) == 0 {
		r.note("snapshot %d is closed", slot)
		shot.moment.Close()
		r.shots[slot] = nil
	}
}

// turn does the next thing.
func (r *heldRun) turn(rnd *rand.Rand) {
	switch n := rnd.IntN(20); {
	case n < 3:
		r.direct(rnd)
	case n < 5:
		r.managed(rnd)
	case n == 5:
		r.snapshot(rnd)
	default:
		r.held(rnd)
	}
}

// end gives up all that is open.
func (r *heldRun) end() {
	for _, s := range r.open {
		if s != nil {
			s.tx.Discard()
		}
	}
	for _, shot := range r.shots {
		if shot != nil {
			shot.moment.Close()
		}
	}
	for _, p := range r.parts {
		if p, ok := p.(heldEnding); ok {
			p.end()
		}
	}
}

// heldWorld makes an owner and structures.
type heldWorld func(t *testing.T) (*stm.Owner, []heldStructure)

// history is a bubble, in which nobody goes on but while this goroutine waits, with run in it.
func (w heldWorld) history(t *testing.T, seed uint64, steps []int, count map[string]int) (trace []string, failure string) {
	synctest.Test(t, func(t *testing.T) { trace, failure = w.run(t, seed, steps, count) })
	return trace, failure
}

// run runs some steps of the history of a seed, each of which goes its own way whatever the others are. It returns what was
// done and why it failed, if it did.
func (w heldWorld) run(t *testing.T, seed uint64, steps []int, count map[string]int) (trace []string, failure string) {
	r := &heldRun{changed: map[string][]heldChange{}, count: count}
	r.owner, r.parts = w(t)
	for _, p := range r.parts {
		r.now = append(r.now, p.begin())
	}
	defer func() {
		trace = r.trace
		switch failed := recover().(type) {
		case nil:
		case heldFailure:
			failure = string(failed)
		default:
			failure = fmt.Sprintf("panic: %v", failed)
		}
		r.end()
	}()
	for _, i := range steps {
		r.turn(rand.New(rand.NewPCG(seed, uint64(i))))
	}
	r.check(r.now)
	return nil, ""
}

// shrink leaves out steps as long as the history fails.
func (w heldWorld) shrink(t *testing.T, seed uint64, steps []int) (trace []string, failure string) {
	for size := len(steps) / 2; size > 0; {
		shorter := false
		for at := 0; at+size <= len(steps); {
			less := slices.Delete(slices.Clone(steps), at, at+size)
			if tr, f := w.history(t, seed, less, map[string]int{}); f != "" {
				steps, trace, failure, shorter = less, tr, f, true
			} else {
				at += size
			}
		}
		if !shorter {
			size /= 2
		}
	}
	return trace, failure
}

// holds tries histories, so many under the race detector and unless the flag says otherwise.
func (w heldWorld) holds(t *testing.T, seeds int) {
	if *heldSeeds > 0 {
		seeds = *heldSeeds
	}
	count := map[string]int{}
	steps := make([]int, *heldLong)
	for i := range steps {
		steps[i] = i
	}
	for seed := *heldFrom; seed < *heldFrom+uint64(seeds); seed++ {
		trace, failure := w.history(t, seed, steps, count)
		if failure == "" {
			continue
		}
		if tr, f := w.shrink(t, seed, steps); f != "" {
			trace, failure = tr, f
		}
		t.Fatalf("%s\n%s\ngo test ./tdata -run '%s' -held.from %d -held.seeds 1",
			strings.Join(trace, "\n"), failure, t.Name(), seed)
	}
	for _, what := range []string{"committed", "clashed", "rebased", "conflicts"} {
		require.Positive(t, count[what], what)
	}
	t.Log(count)
}

// orBlocked is what fn returns, or that it has to wait.
func orBlocked(tx *stm.Tx, fn func(*stm.Tx) string) (result string) {
	_ = tx.OrElse(
		func(tx *stm.Tx) error { result = fn(tx); return nil },
		func(*stm.Tx) error { result = "blocked"; return nil },
	)
	return result
}

// with returns a copy of a map that has one value more, and without one that has one less.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	m = maps.Clone(m)
	m[k] = v
	return m
}

func without[K comparable, V any](m map[K]V, k K) map[K]V {
	m = maps.Clone(m)
	delete(m, k)
	return m
}

func hasKey[K comparable, V any](m map[K]V, k K) bool {
	_, ok := m[k]
	return ok
}
