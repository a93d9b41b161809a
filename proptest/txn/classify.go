package txn

// maxLooks bounds the work on one component with many anti-dependencies: beyond it a cycle with one of them may be
// overlooked and reported as one with several.
const maxLooks = 1 << 20

// classify names the strongest phenomenon in a component, and gives a short cycle that shows it. What holds without
// the real-time order is the stronger, then what needs fewer kinds of dependencies.
func (g *graph) classify(component []int32) (Phenomenon, []edge) {
	for _, time := range []edgeKind{0, timeEdges} {
		suffix := Phenomenon("")
		if time != 0 {
			suffix = realTimeSuffix
		}
		if cycle := g.cycle(component, writeWrite|time); cycle != nil {
			return G0 + suffix, cycle
		}
		if cycle := g.cycle(component, writeWrite|writeRead|time); cycle != nil {
			return G1c + suffix, cycle
		}
		if cycle := g.cycleWithOne(component, writeWrite|writeRead|time); cycle != nil {
			return GSingle + suffix, cycle
		}
		if cycle := g.cycle(component, writeWrite|writeRead|readWrite|time); cycle != nil {
			return G2 + suffix, cycle
		}
	}
	panic("txn: a strongly connected component without a cycle")
}

// cycle gives a short cycle of edges of these kinds, or nil.
func (g *graph) cycle(among []int32, kinds edgeKind) []edge {
	const starts = 16
	var shortest []edge
	for _, component := range g.components(kinds, among) {
		if len(component) == 1 {
			continue
		}
		for _, n := range component[:min(starts, len(component))] {
			cycle := g.path(n, n, kinds, nil)
			if shortest == nil || len(cycle) < len(shortest) {
				shortest = cycle
			}
		}
		return shortest
	}
	return nil
}

// cycleWithOne gives a short cycle of one anti-dependency and otherwise edges of these kinds, or nil.
func (g *graph) cycleWithOne(among []int32, kinds edgeKind) []edge {
	g.components(0, among) // marks who is among them
	looks := maxLooks
	var shortest []edge
	for _, n := range among {
		for _, e := range g.from(n) {
			if e.kind != readWrite || g.marks[e.to].run != g.run || looks < 0 {
				continue
			}
			if back := g.path(e.to, n, kinds, &looks); back != nil && (shortest == nil || len(back)+1 < len(shortest)) {
				shortest = append([]edge{e}, back...)
			}
			if len(shortest) == 2 {
				return shortest
			}
		}
	}
	return shortest
}

// visit is how a search first came to a node.
type visit struct {
	search int32
	via    int32 // the edge
}

// path gives a shortest path of at least one edge between two nodes, among those marked by the last run, by edges
// of these kinds; or nil. It counts down looks for every edge, if given, and gives up below zero.
func (g *graph) path(from, to int32, kinds edgeKind, looks *int) []edge {
	if g.visits == nil {
		g.visits = make([]visit, g.nodes)
	}
	g.search++
	for queue := []int32{from}; len(queue) > 0; queue = queue[1:] {
		for k := g.first[queue[0]]; k < g.first[queue[0]+1]; k++ {
			e := g.edges[k]
			if looks != nil {
				*looks--
			}
			if e.kind&kinds == 0 || g.marks[e.to].run != g.run || g.visits[e.to].search == g.search {
				continue
			}
			g.visits[e.to] = visit{g.search, k}
			if e.to == to {
				return g.trace(from, to)
			}
			queue = append(queue, e.to)
		}
		if looks != nil && *looks < 0 {
			return nil
		}
	}
	return nil
}

// trace follows the visits back from the end of a path.
func (g *graph) trace(from, to int32) []edge {
	var back []edge
	for n := to; len(back) == 0 || n != from; {
		e := g.edges[g.visits[n].via]
		back = append(back, e)
		n = e.from
	}
	path := make([]edge, len(back))
	for i, e := range back {
		path[len(back)-1-i] = e
	}
	return path
}
