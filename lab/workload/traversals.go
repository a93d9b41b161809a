package workload

import (
	"fmt"
	"math/rand/v2"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/words"
)

// A traversal is one operation of STMBench7, within a transaction. It returns a result where the
// paper's does, and whether that can be the right one.
type traversal struct {
	name   string
	writes bool
	run    func(*traveller, discipline.Words) error
}

var (
	shortReads = []traversal{
		{"ST1", false, func(t *traveller, w discipline.Words) error { return t.onPath(w, t.look) }},
		{"ST2", false, func(t *traveller, w discipline.Words) error { return t.document(w, t.search) }},
		{"ST3", false, func(t *traveller, w discipline.Words) error { return t.upwards(w, t.look) }},
		{"ST4", false, (*traveller).titles},
		{"ST5", false, (*traveller).outdated},
		{"ST9", false, func(t *traveller, w discipline.Words) error { return t.component(w, t.look) }},
	}
	shortWrites = []traversal{
		{"ST6", true, func(t *traveller, w discipline.Words) error { return t.onPath(w, t.swap) }},
		{"ST7", true, func(t *traveller, w discipline.Words) error { return t.document(w, t.rewrite) }},
		{"ST8", true, func(t *traveller, w discipline.Words) error { return t.upwards(w, t.redateAssembly) }},
		{"ST10", true, func(t *traveller, w discipline.Words) error { return t.component(w, t.swap) }},
	}
	longReads = []traversal{
		{"T1", false, func(t *traveller, w discipline.Words) error { return t.all(w, everyAtom, t.look) }},
		{"T4", false, func(t *traveller, w discipline.Words) error { return t.all(w, documents, t.search) }},
		{"T6", false, func(t *traveller, w discipline.Words) error { return t.all(w, rootAtom, t.look) }},
		{"Q6", false, (*traveller).newer},
		{"Q7", false, (*traveller).everyPart},
	}
	longWrites = []traversal{
		{"T2a", true, func(t *traveller, w discipline.Words) error { return t.all(w, rootAtom, t.swap) }},
		{"T2b", true, func(t *traveller, w discipline.Words) error { return t.all(w, everyAtom, t.swap) }},
		{"T2c", true, func(t *traveller, w discipline.Words) error { return t.all(w, everyAtom, t.swapFourTimes) }},
		{"T3a", true, func(t *traveller, w discipline.Words) error { return t.all(w, rootAtom, t.redate) }},
		{"T3b", true, func(t *traveller, w discipline.Words) error { return t.all(w, everyAtom, t.redate) }},
		{"T3c", true, func(t *traveller, w discipline.Words) error { return t.all(w, everyAtom, t.redateFourTimes) }},
		{"T5", true, func(t *traveller, w discipline.Words) error { return t.all(w, documents, t.rewrite) }},
	}
)

// A change is what was changed where. See toggleDate.
type change struct {
	what  changed
	where int // word
}

type changed uint8

const (
	swapped   changed = iota // the atomic part that begins there
	redated                  // that word
	rewritten                // the document that begins there
)

// A traveller is one goroutine of STMBench7. What a traversal draws at random is drawn before it runs, so
// that it goes the same way if it has to run again.
type traveller struct {
	d       *design
	random  *rand.Rand
	id      int
	path    [designLevels]int
	last    int // which atomic part of the composite at the end of the path
	part    int64
	sample  [10]int
	made    []change       // by the traversal under way
	changes map[change]int // by all that were done
	visited [designAtomics]bool
	sink    int64
}

func newTraveller(d *design, random *rand.Rand, id int) *traveller {
	return &traveller{d: d, random: random, id: id, changes: map[change]int{}}
}

func (t *traveller) travel(memory discipline.Memory, m mix) (err error) {
	what := m.draw(t.random)
	t.draw()
	within := memory.View
	if what.writes {
		within = memory.Update
	}
	within(func(w discipline.Words) {
		t.made = t.made[:0]
		err = what.run(t, w)
	})
	for _, c := range t.made {
		t.changes[c]++
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what.name, err)
	}
	return nil
}

func (t *traveller) draw() {
	for i := range t.path {
		t.path[i] = t.random.IntN(designFan)
	}
	t.last = t.random.IntN(designAtomics)
	t.part = t.random.Int64N(designParts)
	for i := range t.sample {
		t.sample[i] = t.random.IntN(designComposites)
	}
}

// The things that are done to what a traversal comes by.

func (t *traveller) look(w discipline.Words, at int) { t.sink += w.Get(at) + w.Get(at+1) + w.Get(at+2) }

func (t *traveller) swap(w discipline.Words, atomic int) {
	swap(w, atomic)
	t.made = append(t.made, change{swapped, atomic})
}

func (t *traveller) swapFourTimes(w discipline.Words, atomic int) {
	for range 4 {
		t.swap(w, atomic)
	}
}

func (t *traveller) redate(w discipline.Words, atomic int) {
	t.d.redate(w, atomic)
	t.made = append(t.made, change{redated, atomic + atomicDate})
}

func (t *traveller) redateFourTimes(w discipline.Words, atomic int) {
	for range 4 {
		t.redate(w, atomic)
	}
}

func (t *traveller) redateAssembly(w discipline.Words, assembly int) {
	w.Set(assembly+assemblyDate, toggleDate(w.Get(assembly+assemblyDate)))
	t.made = append(t.made, change{redated, assembly + assemblyDate})
}

func (t *traveller) search(w discipline.Words, document int) {
	for i := range designWords {
		if w.Get(document+i) == wordI {
			t.sink++
		}
	}
}

func (t *traveller) rewrite(w discipline.Words, document int) {
	toggleText(w, document)
	t.made = append(t.made, change{rewritten, document})
}

// The ways through the design.

// down goes from the root to a composite part at random.
func (t *traveller) down(w discipline.Words) int {
	at := t.d.root
	for _, child := range t.path {
		at = int(w.Get(at + assemblyBelow + child))
	}
	return at
}

// onPath goes down to one atomic part: ST1 and ST6.
func (t *traveller) onPath(w discipline.Words, do func(discipline.Words, int)) error {
	first := int(w.Get(t.down(w) + compositeRoot))
	do(w, first+t.last*atomicSize)
	return nil
}

// document goes down to one document: ST2 and ST7.
func (t *traveller) document(w discipline.Words, do func(discipline.Words, int)) error {
	do(w, int(w.Get(t.down(w)+compositeDocument)))
	return nil
}

// component goes down to all atomic parts of one composite part: ST9 and ST10.
func (t *traveller) component(w discipline.Words, do func(discipline.Words, int)) error {
	return Want("atomic parts", int64(t.graph(w, t.down(w), do)), designAtomics)
}

// graph goes depth first through the atomic parts of a composite part.
func (t *traveller) graph(w discipline.Words, composite int, do func(discipline.Words, int)) int {
	first := int(w.Get(composite + compositeRoot))
	t.visited = [designAtomics]bool{}
	return t.deeper(w, first, first, do)
}

func (t *traveller) deeper(w discipline.Words, first, atomic int, do func(discipline.Words, int)) int {
	number := (atomic - first) / atomicSize
	if t.visited[number] {
		return 0
	}
	t.visited[number] = true
	do(w, atomic)
	n := 1
	for to := range designConnections {
		n += t.deeper(w, first, int(w.Get(atomic+atomicTo+to)), do)
	}
	return n
}

// upwards goes from an atomic part, found by its id, to all assemblies above it, once each: ST3 and ST8.
func (t *traveller) upwards(w discipline.Words, do func(discipline.Words, int)) error {
	node := t.d.ids.Find(w, t.part)
	if node == 0 {
		return fmt.Errorf("atomic part %d is lost", t.part)
	}
	composite := int(w.Get(int(w.Get(node+words.Payload)) + atomicComposite))
	seen := map[int]bool{}
	for i := range int(w.Get(composite + compositeUses)) {
		for at := int(w.Get(composite + compositeUsers + i)); at != 0 && !seen[at]; at = int(w.Get(at + assemblyParent)) {
			seen[at] = true
			do(w, at)
		}
	}
	return nil
}

// titles goes from some documents to the base assemblies that use their parts: ST4.
func (t *traveller) titles(w discipline.Words) error {
	for _, c := range t.sample {
		composite := t.d.composites[c]
		for i := range int(w.Get(composite + compositeUses)) {
			t.sink += w.Get(int(w.Get(composite+compositeUsers+i)) + assemblyDate)
		}
	}
	return nil
}

// outdated counts the base assemblies older than one of their parts: ST5.
func (t *traveller) outdated(w discipline.Words) error {
	for _, base := range t.d.bases {
		if isOutdated(w, base) {
			t.sink++
		}
	}
	return nil
}

func isOutdated(w discipline.Words, base int) bool {
	for i := range designFan {
		if w.Get(int(w.Get(base+assemblyBelow+i))+compositeDate) > w.Get(base+assemblyDate) {
			return true
		}
	}
	return false
}

// What a long traversal comes by in a composite part.
type stops int

const (
	everyAtom stops = iota
	rootAtom
	documents
)

// all goes from the root through all assemblies: T1 to T6.
func (t *traveller) all(w discipline.Words, at stops, do func(discipline.Words, int)) error {
	want := designBases * designFan
	if at == everyAtom {
		want *= designAtomics
	}
	return Want("visits", int64(t.below(w, t.d.root, at, do)), int64(want))
}

func (t *traveller) below(w discipline.Words, assembly int, at stops, do func(discipline.Words, int)) (visits int) {
	base := w.Get(assembly+assemblyBase) == 1
	for i := range designFan {
		child := int(w.Get(assembly + assemblyBelow + i))
		if base {
			visits += t.stop(w, child, at, do)
		} else {
			visits += t.below(w, child, at, do)
		}
	}
	return visits
}

func (t *traveller) stop(w discipline.Words, composite int, at stops, do func(discipline.Words, int)) int {
	switch at {
	case rootAtom:
		do(w, int(w.Get(composite+compositeRoot)))
	case documents:
		do(w, int(w.Get(composite+compositeDocument)))
	default:
		return t.graph(w, composite, do)
	}
	return 1
}

// newer counts the assemblies above an outdated base assembly: Q6.
func (t *traveller) newer(w discipline.Words) error {
	t.newerBelow(w, t.d.root)
	return nil
}

func (t *traveller) newerBelow(w discipline.Words, assembly int) (found bool) {
	if w.Get(assembly+assemblyBase) == 1 {
		return isOutdated(w, assembly)
	}
	for i := range designFan {
		found = t.newerBelow(w, int(w.Get(assembly+assemblyBelow+i))) || found
	}
	if found {
		t.sink += w.Get(assembly + assemblyDate)
	}
	return found
}

// everyPart goes through the index of all atomic parts: Q7.
func (t *traveller) everyPart(w discipline.Words) error {
	n := int64(0)
	t.d.ids.Each(w, func(_ int64, node int) bool {
		t.look(w, int(w.Get(node+words.Payload)))
		n++
		return true
	})
	return Want("atomic parts", n, designParts)
}
