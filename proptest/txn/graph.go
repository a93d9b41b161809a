package txn

import (
	"cmp"
	"slices"
)

// edgeKind says why one node comes before another. Kinds are bits, so that searches can be limited to some.
type edgeKind uint8

const (
	writeWrite edgeKind = 1 << iota
	writeRead
	readWrite
	realTime
	sameClient

	timeEdges = realTime | sameClient
	anyEdge   = writeWrite | writeRead | readWrite | timeEdges
)

// An edge says that from comes before to, on account of variable v if it is a dependency.
type edge struct {
	from, to int32
	kind     edgeKind
	v        int32
}

// graph has the attempts as nodes, by their index, and after them barriers: nodes that stand for "all of these come
// before all of those" with as many edges as there are nodes, not pairs.
type graph struct {
	nodes int32
	edges []edge  // sorted by from, once built
	first []int32 // by node: where its edges begin

	marks  []mark // of the last run of components
	run    int32
	visits []visit // of the last search for a path
	search int32
}

func (g *graph) add(from, to int32, kind edgeKind, v int32) {
	if from != to && from >= 0 && to >= 0 {
		g.edges = append(g.edges, edge{from, to, kind, v})
	}
}

func (g *graph) barrier() int32 {
	g.nodes++
	return g.nodes - 1
}

// graph builds the dependencies between the attempts that count.
func (l *lists) graph() *graph {
	g := &graph{nodes: int32(len(l.c.Attempts))}
	l.addDependencies(g)
	l.addTails(g)
	if l.level.realTime() {
		l.addClients(g)
		l.addRealTime(g)
	}
	g.index()
	return g
}

// addDependencies adds what the elements in the orders tell.
func (l *lists) addDependencies(g *graph) {
	for v, order := range l.order {
		for p := 1; p < len(order); p++ {
			g.add(l.writerAt(int32(v), p-1), l.writerAt(int32(v), p), writeWrite, int32(v))
		}
	}
	for _, r := range l.reads {
		n := len(r.list)
		if n > 0 {
			g.add(l.writerAt(r.v, n-1), r.attempt, writeRead, r.v)
		}
		if n < len(l.order[r.v]) {
			g.add(r.attempt, l.writerAt(r.v, n), readWrite, r.v)
		}
	}
}

// tail is what happened after the last element of a variable's order.
type tail struct {
	readers []int32 // of the whole order
	writers []int32 // of elements outside it
}

// addTails adds what is known about elements that were never read.
func (l *lists) addTails(g *graph) {
	tails := make([]tail, len(l.order))
	for _, r := range l.reads {
		if len(r.list) == len(l.order[r.v]) {
			tails[r.v].readers = append(tails[r.v].readers, r.attempt)
		}
	}
	for i, steps := range l.c.steps {
		if !l.effective[i] {
			continue
		}
		for _, op := range steps {
			_, read := l.position[op.v][op.value]
			t := &tails[op.v]
			if n := len(t.writers); op.Kind == KindAppend && !read && (n == 0 || t.writers[n-1] != int32(i)) {
				t.writers = append(t.writers, int32(i))
			}
		}
	}
	for v := range tails {
		l.addTail(g, int32(v), tails[v])
	}
}

// addTail orders the tail of one variable. A barrier would make one who both read all of the order and appended
// come before itself; but such a one comes before all other writers, and takes the barrier's place.
func (l *lists) addTail(g *graph, v int32, t tail) {
	last := int32(-1)
	if n := len(l.order[v]); n > 0 {
		last = l.writerAt(v, n-1)
	}
	t.writers = slices.DeleteFunc(t.writers, func(w int32) bool { return w == last })
	if len(t.writers) == 0 {
		return
	}
	middle, after := common(t), readWrite
	if middle < 0 {
		middle, after = g.barrier(), writeWrite
		g.add(last, middle, writeWrite, v)
	}
	for _, r := range t.readers {
		g.add(r, middle, readWrite, v)
	}
	for _, w := range t.writers {
		g.add(middle, w, after, v)
	}
}

// common is one who is among both the readers and the writers, or -1. Both are sorted.
func common(t tail) int32 {
	for _, w := range t.writers {
		if _, both := slices.BinarySearch(t.readers, w); both {
			return w
		}
	}
	return -1
}

// addClients adds the order in which each client made its attempts.
func (l *lists) addClients(g *graph) {
	for _, mine := range l.c.clients {
		last := int32(-1)
		for _, i := range mine {
			if l.counts[i] {
				g.add(last, i, sameClient, -1)
				last = i
			}
		}
	}
}

// addRealTime adds that what ended before another started comes before it. All that ended since the last barrier
// lead to a new one as soon as something starts, the barriers lead from one to the next, and the newest to what
// starts: a linear number of edges for a quadratic number of pairs.
func (l *lists) addRealTime(g *graph) {
	barrier := int32(-1)
	var ended []int32
	for _, e := range l.events() {
		if e.end {
			ended = append(ended, e.attempt)
			continue
		}
		if len(ended) > 0 {
			next := g.barrier()
			g.add(barrier, next, realTime, -1)
			for _, i := range ended {
				g.add(i, next, realTime, -1)
			}
			barrier, ended = next, ended[:0]
		}
		g.add(barrier, e.attempt, realTime, -1)
	}
}

type event struct {
	at      int64
	end     bool
	attempt int32
}

// events are the starts and ends of the attempts that count, in their order; starts first at the same moment.
func (l *lists) events() []event {
	var events []event
	for i, a := range l.c.Attempts {
		if !l.counts[i] {
			continue
		}
		events = append(events, event{a.Start, false, int32(i)})
		if a.Outcome != Unknown {
			events = append(events, event{a.End, true, int32(i)})
		}
	}
	slices.SortFunc(events, func(a, b event) int {
		if order := cmp.Compare(a.at, b.at); order != 0 || a.end == b.end {
			return order
		}
		if a.end {
			return 1
		}
		return -1
	})
	return events
}

// index sorts the edges by where they come from.
func (g *graph) index() {
	g.first = make([]int32, g.nodes+1)
	for _, e := range g.edges {
		g.first[e.from+1]++
	}
	for n := range g.nodes {
		g.first[n+1] += g.first[n]
	}
	sorted := make([]edge, len(g.edges))
	next := slices.Clone(g.first)
	for _, e := range g.edges {
		sorted[next[e.from]] = e
		next[e.from]++
	}
	g.edges = sorted
}

func (g *graph) from(n int32) []edge { return g.edges[g.first[n]:g.first[n+1]] }
