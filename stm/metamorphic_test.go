package stm_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Programs of transactions that all overlap and commit in a given order. Their first attempts have run
// before the first one commits, so that whoever relied on what another one changed has to run again.
// What they read, and what they leave, must be what one after the other gives; under locks, under an
// owner goroutine and under transactions; and it must not change when something changes that does not matter.

type verb int

const (
	get     verb = iota // and note
	set                 // to a number
	add                 // a number
	move                // the value of another variable to this one
	commute             // an addition
	verbs
)

type deed struct {
	verb     verb
	on, from int
	n        int
}

// A story is a transaction, with the number by which it is known whatever its place in the order.
type story struct {
	id    int
	deeds []deed
}

func (s story) readsOnly() bool {
	return !slices.ContainsFunc(s.deeds, func(a deed) bool { return a.verb != get })
}

// touches returns the variables that a story uses.
func (s story) touches() map[int]bool {
	on := map[int]bool{}
	for _, a := range s.deeds {
		on[a.on] = true
		if a.verb == move {
			on[a.from] = true
		}
	}
	return on
}

const actors = 6 // variables that the stories are about

func drawStories(r *rand.Rand) (stories []story) {
	for id := range 2 + r.IntN(6) {
		s := story{id: id}
		for range 1 + r.IntN(4) {
			s.deeds = append(s.deeds, deed{verb(r.IntN(int(verbs))), r.IntN(actors), r.IntN(actors), r.IntN(9) + 1})
		}
		stories = append(stories, s)
	}
	return stories
}

// An aftermath is what the stories noted, by id, and the last values of the variables.
type aftermath struct {
	notes map[int][]int
	last  []int
}

// words is what a story works on.
type words interface {
	get(i int) int
	set(i, n int)
	commute(i, n int)
}

// tell performs a story and returns its notes.
func (s story) tell(w words) (notes []int) {
	for _, a := range s.deeds {
		switch a.verb {
		case get:
			notes = append(notes, w.get(a.on))
		case set:
			w.set(a.on, a.n)
		case add:
			w.set(a.on, w.get(a.on)+a.n)
		case move:
			w.set(a.on, w.get(a.from))
		case commute:
			w.commute(a.on, a.n)
		}
	}
	return notes
}

// alone performs the stories one after the other.
func alone(stories []story) aftermath {
	w := make(plainWords, actors)
	result := aftermath{notes: map[int][]int{}, last: w}
	for _, s := range stories {
		result.notes[s.id] = s.tell(w)
	}
	return result
}

type plainWords []int

func (w plainWords) get(i int) int    { return w[i] }
func (w plainWords) set(i, n int)     { w[i] = n }
func (w plainWords) commute(i, n int) { w[i] += n }

// A theatre is where stories are performed: perform runs a transaction, whose body may run again.
type theatre struct {
	name    string
	perform func(s story, body func(words))
	look    func(i int) int
	overlap bool // the body may wait
}

// overlapping performs the stories so that they commit in their order.
func (h theatre) overlapping(stories []story) aftermath {
	result := aftermath{notes: map[int][]int{}}
	notes := make([][]int, len(stories))
	ready, turns := make(chan int, len(stories)), make([]chan struct{}, len(stories)+1)
	for i := range turns {
		turns[i] = make(chan struct{})
	}
	for i, s := range stories {
		go func() {
			// What reads only may take effect when it reads, so its turn comes before.
			inside := h.overlap && !s.readsOnly()
			if !inside {
				ready <- i
				<-turns[i]
			}
			first := inside
			h.perform(s, func(w words) {
				notes[i] = s.tell(w)
				if first {
					first = false
					ready <- i
					<-turns[i]
				}
			})
			close(turns[i+1])
		}()
	}
	for range stories {
		<-ready
	}
	close(turns[0])
	<-turns[len(stories)]
	for i, s := range stories {
		result.notes[s.id] = notes[i]
	}
	for i := range actors {
		result.last = append(result.last, h.look(i))
	}
	return result
}

// ofType is variables of one type that stand for ints.
type ofType[T any] struct {
	vars   []*tvar.TVar[T]
	pack   func(int) T
	unpack func(T) int
}

type ofTypeWords[T any] struct {
	ofType[T]
	tx *stm.Tx
}

func (w ofTypeWords[T]) get(i int) int { return w.unpack(w.vars[i].Get(w.tx)) }
func (w ofTypeWords[T]) set(i, n int)  { w.vars[i].Set(w.tx, w.pack(n)) }
func (w ofTypeWords[T]) commute(i, n int) {
	w.vars[i].Commute(w.tx, func(old T) T { return w.pack(w.unpack(old) + n) })
}

// stage performs stories on variables of a type, with options. Every second story is a held checkout.
func stage[T any](name string, o *stm.Owner, pack func(int) T, unpack func(T) int, options ...tvar.Option) theatre {
	on := ofType[T]{pack: pack, unpack: unpack}
	for i := range actors {
		on.vars = append(on.vars, tvar.New(pack(0), append(options, tvar.In(o), tvar.Name(fmt.Sprint(name, i)))...))
	}
	return theatre{
		name:    name,
		overlap: true,
		look:    func(i int) int { return unpack(on.vars[i].Load()) },
		perform: func(s story, body func(words)) {
			fn := func(tx *stm.Tx) error { body(ofTypeWords[T]{on, tx}); return nil }
			switch {
			case s.readsOnly() && s.id%3 == 0:
				must(o.View(background, fn))
			case s.id%2 == 0:
				must(o.Atomically(background, fn))
			default:
				for errors.Is(checkout(o, fn), stm.ErrClash) {
				}
			}
		},
	}
}

// inTurn has nobody begin before it is its turn.
func inTurn(h theatre) theatre {
	h.overlap = false
	return h
}

// behind performs stories on the memory of a discipline that has no second attempts.
func behind(t *testing.T, name string) theatre {
	d, ok := discipline.Find(name)
	require.True(t, ok)
	m := d.Memory(actors)
	t.Cleanup(m.Close)
	return theatre{
		name:    name,
		perform: func(_ story, body func(words)) { m.Update(func(w discipline.Words) { body(memoryWords{w}) }) },
		look: func(i int) (n int) {
			m.View(func(w discipline.Words) { n = int(w.Get(i)) })
			return n
		},
	}
}

type memoryWords struct{ discipline.Words }

func (w memoryWords) get(i int) int    { return int(w.Get(i)) }
func (w memoryWords) set(i, n int)     { w.Set(i, int64(n)) }
func (w memoryWords) commute(i, n int) { w.set(i, w.get(i)+n) }

// owners are all ways in which an owner can be made.
func owners() map[string]*stm.Owner {
	return map[string]*stm.Owner{"default owner": stm.Default(), "new owner": stm.NewOwner()}
}

// theatres are the ways in which stories can be performed, none of which makes a difference.
func theatres(t *testing.T) (all []theatre) {
	same := func(n int) int { return n }
	for name, o := range owners() {
		all = append(all,
			stage(name+", ints", o, same, same),
			// A transaction that sets what is there already only reads, and so need not keep to the order.
			inTurn(stage(name+", ints that compare", o, same, same, tvar.Equal(func(a, b int) bool { return a == b }))),
			stage(name+", ints that are cloned", o, same, same, tvar.Clone(same)),
			stage(name+", ints that merge", o, same, same, tvar.Merge(func(_, mine, _ int) (int, error) { return mine, nil })),
			stage(name+", pointers", o, func(n int) *int { return &n }, func(p *int) int { return *p }),
			stage(name+", strings", o, func(n int) string { return string(rune(n)) }, func(s string) int { return int([]rune(s)[0]) }),
		)
	}
	return append(all, behind(t, "mutex"), behind(t, "queue"))
}

// TestOneCommitOrderOneOutcome performs each program everywhere: under locks, behind an owner goroutine,
// and in transactions on variables of several types, with several options, under several owners.
func TestOneCommitOrderOneOutcome(t *testing.T) {
	clashes := uint64(0)
	for seed := range uint64(rounds(200)) {
		stories := drawStories(rand.New(rand.NewPCG(seed, 1)))
		want := alone(stories)
		before := stm.Default().Stats().Clashes.Total()
		for _, h := range theatres(t) {
			require.Equal(t, want, h.overlapping(stories), "seed %d, %s: %v", seed, h.name, stories)
		}
		clashes += stm.Default().Stats().Clashes.Total() - before
	}
	require.Greater(t, clashes, uint64(4*rounds(200)), "transactions did not overlap")
}

// TestRenamingVariablesChangesNothing but their names.
func TestRenamingVariablesChangesNothing(t *testing.T) {
	alike(t, func(r *rand.Rand, stories []story) ([]story, func(aftermath) aftermath) {
		names := r.Perm(actors)
		renamed := mapDeeds(stories, func(a deed) deed {
			a.on, a.from = names[a.on], names[a.from]
			return a
		})
		return renamed, func(o aftermath) aftermath {
			last := make([]int, actors)
			for i, name := range names {
				last[i] = o.last[name]
			}
			return aftermath{o.notes, last}
		}
	})
}

func mapDeeds(stories []story, change func(deed) deed) (changed []story) {
	for _, s := range stories {
		c := story{id: s.id}
		for _, a := range s.deeds {
			c.deeds = append(c.deeds, change(a))
		}
		changed = append(changed, c)
	}
	return changed
}

// TestSwappingIndependentTransactionsChangesNothing.
func TestSwappingIndependentTransactionsChangesNothing(t *testing.T) {
	swaps := 0
	alike(t, func(_ *rand.Rand, stories []story) ([]story, func(aftermath) aftermath) {
		swapped := slices.Clone(stories)
		for i := 1; i < len(swapped); i++ {
			if independent(swapped[i-1], swapped[i]) {
				swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
				swaps++
			}
		}
		return swapped, nil
	})
	require.Positive(t, swaps)
}

func independent(a, b story) bool {
	of := b.touches()
	for v := range a.touches() {
		if of[v] {
			return false
		}
	}
	return true
}

// TestInsertingReadersChangesNothing for those who were there before.
func TestInsertingReadersChangesNothing(t *testing.T) {
	alike(t, func(r *rand.Rand, stories []story) ([]story, func(aftermath) aftermath) {
		more, known := slices.Clone(stories), len(stories)
		for id := range 1 + r.IntN(4) {
			reader := story{id: known + id}
			for range 1 + r.IntN(actors) {
				reader.deeds = append(reader.deeds, deed{verb: get, on: r.IntN(actors)})
			}
			more = slices.Insert(more, r.IntN(len(more)+1), reader)
		}
		return more, func(o aftermath) aftermath {
			notes := maps.Clone(o.notes)
			maps.DeleteFunc(notes, func(id int, _ []int) bool { return id >= known })
			return aftermath{notes, o.last}
		}
	})
}

// alike performs programs as they are and changed, and wants the same of both; back undoes the change in
// an aftermath.
func alike(t *testing.T, change func(*rand.Rand, []story) (changed []story, back func(aftermath) aftermath)) {
	same := func(n int) int { return n }
	for seed := range uint64(rounds(1000)) {
		r := rand.New(rand.NewPCG(seed, 2))
		stories := drawStories(r)
		changed, back := change(r, stories)
		o := stm.NewOwner()
		before := stage("as it was", o, same, same).overlapping(stories)
		after := stage("changed", o, same, same).overlapping(changed)
		if back != nil {
			after = back(after)
		}
		require.Equal(t, before, after, "seed %d: %v, and changed %v", seed, stories, changed)
		assert.NotEmpty(t, before.notes)
	}
}
