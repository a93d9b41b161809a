package txn

import "slices"

// tarjan is one run of Tarjan's algorithm (1972), with a stack of its own in place of recursion. What it notes about
// nodes is kept in the graph between runs, so that a run among few nodes takes little time.
type tarjan struct {
	g      *graph
	kinds  edgeKind
	run    int32
	count  int32
	stack  []int32 // nodes whose component is not yet complete
	frames []frame // the path being walked
	found  [][]int32
}

// mark is what a run notes about a node.
type mark struct {
	run        int32 // the run that the rest is about
	order, low int32 // when it was met, 0 for not yet; the earliest node on the stack that it leads to
	onStack    bool
}

// frame is a node on the path, and which of its edges is next.
type frame struct{ node, next int32 }

// components gives the strongly connected components of the graph that the edges of these kinds make among these
// nodes (all of them if nil), each after all that it leads to.
func (g *graph) components(kinds edgeKind, among []int32) [][]int32 {
	if among == nil {
		g.marks = make([]mark, g.nodes)
		for n := range g.nodes {
			among = append(among, n)
		}
	}
	g.run++
	t := &tarjan{g: g, kinds: kinds, run: g.run}
	for _, n := range among {
		g.marks[n] = mark{run: g.run}
	}
	for _, n := range among {
		if g.marks[n].order == 0 {
			t.walk(n)
		}
	}
	return t.found
}

// walk visits all that is reached from the root.
func (t *tarjan) walk(root int32) {
	t.enter(root)
	for len(t.frames) > 0 {
		f := &t.frames[len(t.frames)-1]
		if f.next == t.g.first[f.node+1] {
			t.leave(f.node)
			continue
		}
		e := t.g.edges[f.next]
		f.next++
		to := &t.g.marks[e.to]
		switch {
		case e.kind&t.kinds == 0 || to.run != t.run:
		case to.order == 0:
			t.enter(e.to)
		case to.onStack:
			from := &t.g.marks[e.from]
			from.low = min(from.low, to.order)
		}
	}
}

func (t *tarjan) enter(n int32) {
	t.count++
	t.g.marks[n] = mark{t.run, t.count, t.count, true}
	t.stack = append(t.stack, n)
	t.frames = append(t.frames, frame{n, t.g.first[n]})
}

// leave completes a node, and its component if it was the first of it to be met.
func (t *tarjan) leave(n int32) {
	m := &t.g.marks[n]
	t.frames = t.frames[:len(t.frames)-1]
	if len(t.frames) > 0 {
		parent := &t.g.marks[t.frames[len(t.frames)-1].node]
		parent.low = min(parent.low, m.low)
	}
	if m.low != m.order {
		return
	}
	start := len(t.stack) - 1
	for t.stack[start] != n {
		start--
	}
	component := slices.Clone(t.stack[start:])
	t.stack = t.stack[:start]
	for _, member := range component {
		t.g.marks[member].onStack = false
	}
	t.found = append(t.found, component)
}

// topological is an order of the nodes of a graph without cycles that agrees with all edges.
func (g *graph) topological() []int32 {
	order := slices.Concat(g.components(anyEdge, nil)...)
	slices.Reverse(order)
	return order
}
