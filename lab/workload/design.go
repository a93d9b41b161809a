package workload

import (
	"fmt"
	"math/rand/v2"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/words"
)

// The design is the structure of STMBench7: a tree of complex assemblies, whose leaves are base
// assemblies; each of them uses three composite parts, which may be used by several; each composite
// part has a document, and a connected graph of atomic parts. Indexes find atomic parts by id and by
// date, and documents' parts by title (which is the number of the part). The paper's sizes are
// 7 levels, 500 composite parts of 200 atomic parts, 6 connections, and documents of 20,000 letters.
const (
	designFan         = 3 // assemblies below an assembly, and composite parts of a base assembly
	designLevels      = 4
	designComposites  = 32
	designAtomics     = 20 // of a composite part
	designConnections = 3  // of an atomic part
	designWords       = 24 // of a document

	designBases = 27 // designFan to the power of designLevels-1
	designParts = designComposites * designAtomics
)

// What is where in an assembly. Below a base assembly are composite parts.
const (
	assemblyDate = iota
	assemblyParent
	assemblyBase // 1 if it is one
	assemblyBelow
	assemblySize = assemblyBelow + designFan
)

// What is where in a composite part.
const (
	compositeDate = iota
	compositeDocument
	compositeRoot // atomic part
	compositeUses // how many base assemblies
	compositeUsers
)

// What is where in an atomic part.
const (
	atomicID = iota
	atomicX
	atomicY
	atomicDate
	atomicComposite
	atomicTo
	atomicSize = atomicTo + designConnections
)

// A document is words of text, by number.
const (
	wordI = iota + 1
	wordAm
	wordThis
	wordIs
	wordOther
)

// dates of a design are from 0 to this.
const designDates = 1000

// A design is the structure as it was built: the words themselves, and where in them things are.
type design struct {
	image      plain
	root       int
	assemblies []int // complex ones, then base ones
	bases      []int
	composites []int
	documents  []int
	atomics    []int // by id
	ids, dates words.Tree
	heap       words.Heap
}

const (
	designIDs = 1 + iota // words
	designDatesRoot
	designHeap
)

// newDesign builds a design. Nothing in it is shared, so it can be looked at by all.
func newDesign(seed uint64) *design {
	random := rand.New(rand.NewPCG(seed, 7))
	d := &design{heap: words.NewHeap(designHeap, 1, 2*designParts+16)}
	d.ids, d.dates = words.Tree{Root: designIDs, Heap: d.heap}, words.Tree{Root: designDatesRoot, Heap: d.heap}
	d.image = make(plain, d.heap.End())
	for c := range designComposites {
		d.compose(random, c)
	}
	users := make([][]int, designComposites)
	d.root = d.assemble(random, 0, 1, users)
	d.assemblies = append(d.assemblies, d.bases...)
	for c, all := range users {
		d.use(c, all)
	}
	return d
}

// place adds so many words, and returns the first.
func (d *design) place(n int) int {
	at := len(d.image)
	d.image = append(d.image, make(plain, n)...)
	return at
}

func (d *design) compose(random *rand.Rand, c int) {
	document := d.place(designWords)
	for i := range designWords {
		d.image[document+i] = wordOther + random.Int64N(100)
	}
	for i := 0; i < designWords; i += 6 { // a few sentences begin with what is sought
		d.image[document+i], d.image[document+i+1] = wordI, wordAm
	}
	d.documents = append(d.documents, document)
	composite := d.place(compositeUsers + designBases*designFan)
	d.composites = append(d.composites, composite)
	d.image[composite+compositeDate] = random.Int64N(designDates)
	d.image[composite+compositeDocument] = int64(document)
	first := d.place(designAtomics * atomicSize)
	d.image[composite+compositeRoot] = int64(first)
	for i := range designAtomics {
		d.atom(random, composite, first, i)
	}
}

// atom adds an atomic part. The first connection of all is a ring, so each can be reached.
func (d *design) atom(random *rand.Rand, composite, first, i int) {
	at, id := first+i*atomicSize, int64(len(d.atomics))
	d.atomics = append(d.atomics, at)
	date := random.Int64N(designDates)
	copy(d.image[at:], plain{id, random.Int64N(1 << 20), random.Int64N(1 << 20), date, int64(composite)})
	for to := range designConnections {
		other := (i + 1) % designAtomics
		if to > 0 {
			other = random.IntN(designAtomics)
		}
		d.image[at+atomicTo+to] = int64(first + other*atomicSize)
	}
	d.image[d.ids.Insert(d.image, 0, id)+words.Payload] = int64(at)
	d.image[d.dates.Insert(d.image, 0, dateKey(date, id))+words.Payload] = int64(at)
}

func (d *design) assemble(random *rand.Rand, parent, level int, users [][]int) int {
	at := d.place(assemblySize)
	d.image[at+assemblyDate] = random.Int64N(designDates)
	d.image[at+assemblyParent] = int64(parent)
	if level == designLevels {
		d.image[at+assemblyBase] = 1
		d.bases = append(d.bases, at)
		for i := range designFan {
			c := random.IntN(designComposites)
			d.image[at+assemblyBelow+i] = int64(d.composites[c])
			users[c] = append(users[c], at)
		}
		return at
	}
	d.assemblies = append(d.assemblies, at)
	for i := range designFan {
		d.image[at+assemblyBelow+i] = int64(d.assemble(random, at, level+1, users))
	}
	return at
}

func (d *design) use(c int, users []int) {
	at := d.composites[c]
	d.image[at+compositeUses] = int64(len(users))
	for i, base := range users {
		d.image[at+compositeUsers+i] = int64(base)
	}
}

// dateKey is the key of an atomic part in the index by date.
func dateKey(date, id int64) int64 { return date<<32 | id }

// Changes are such that one done twice is undone. So which were done an odd number of times is all that
// the structure can remember, and all that has to be known to check it.

// toggleDate is the next date: one less or, if it is even, one more.
func toggleDate(date int64) int64 { return date ^ 1 }

// toggleText replaces "I am" by "This is" or, if there is none, "This is" by "I am". It returns how many.
func toggleText(w discipline.Words, document int) (n int) {
	if n = replaceText(w, document, [2]int64{wordI, wordAm}, [2]int64{wordThis, wordIs}); n == 0 {
		n = replaceText(w, document, [2]int64{wordThis, wordIs}, [2]int64{wordI, wordAm})
	}
	return n
}

func replaceText(w discipline.Words, document int, from, to [2]int64) (n int) {
	for i := document; i < document+designWords-1; i++ {
		if w.Get(i) == from[0] && w.Get(i+1) == from[1] {
			w.Set(i, to[0])
			w.Set(i+1, to[1])
			n++
		}
	}
	return n
}

func swap(w discipline.Words, atomic int) {
	x, y := w.Get(atomic+atomicX), w.Get(atomic+atomicY)
	w.Set(atomic+atomicX, y)
	w.Set(atomic+atomicY, x)
}

// redate changes the date of an atomic part, and its place in the index.
func (d *design) redate(w discipline.Words, atomic int) {
	id, date := w.Get(atomic+atomicID), w.Get(atomic+atomicDate)
	d.dates.Delete(w, 0, dateKey(date, id))
	date = toggleDate(date)
	w.Set(atomic+atomicDate, date)
	w.Set(d.dates.Insert(w, 0, dateKey(date, id))+words.Payload, int64(atomic))
}

// check compares every word with what it was, and with what must have been changed since.
func (d *design) check(w discipline.Words, travellers []*traveller) error {
	want := d.expected(travellers)
	for word := d.heap.End(); word < len(want); word++ {
		if w.Get(word) != want[word] {
			return Want(fmt.Sprintf("word %d", word), w.Get(word), want[word])
		}
	}
	count, wrong := 0, error(nil)
	last := int64(-1)
	d.dates.Each(w, func(key int64, node int) bool {
		count++
		atomic := int(w.Get(node + words.Payload))
		if key <= last || key != dateKey(want[atomic+atomicDate], want[atomic+atomicID]) {
			wrong = fmt.Errorf("the index by date has key %#x after %#x for atomic part %d", key, last, want[atomic+atomicID])
		}
		last = key
		return wrong == nil
	})
	if wrong != nil {
		return wrong
	}
	return Want("atomic parts in the index by date", int64(count), designParts)
}

// expected is the image with all changes made that were made an odd number of times.
func (d *design) expected(travellers []*traveller) plain {
	odd := map[change]bool{}
	for _, t := range travellers {
		for c, times := range t.changes {
			odd[c] = odd[c] != (times%2 == 1)
		}
	}
	want := append(plain(nil), d.image...)
	for c, yes := range odd {
		switch {
		case !yes:
		case c.what == swapped:
			swap(want, c.where)
		case c.what == rewritten:
			toggleText(want, c.where)
		case c.what == redated:
			want[c.where] = toggleDate(want[c.where])
		}
	}
	return want
}
