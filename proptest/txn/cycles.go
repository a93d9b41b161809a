package txn

import (
	"errors"
	"fmt"
	"slices"
)

// Cycles looks for dependency cycles and the other phenomena of Adya in a history of lists, as Jepsen's Elle does
// (Kingsbury and Alvaro, 2020). Since a list shows the order in which it was appended to, no orders have to be
// guessed: the time is near linear in the size of the history, the lengths of the lists that were read included.
//
// Like BruteForce it is exact: there is an anomaly if and only if no serial order explains the history. Its verdicts
// say more: which phenomenon, and why each attempt of a cycle comes before the next. The error is about histories
// that it cannot judge: malformed ones, and ones with operations on ints.
func Cycles(h History, level Level) (Verdict, error) {
	c, err := compile(h)
	if err = errors.Join(err, level.validate()); err != nil {
		return Verdict{}, err
	}
	if err := c.onlyLists(); err != nil {
		return Verdict{}, err
	}
	l := newLists(c, level)
	l.analyse()
	g := l.graph()
	most := len(l.anomalies) + maxAnomalies
	for _, component := range g.components(anyEdge, nil) {
		if len(component) > 1 && len(l.anomalies) < most {
			l.anomalies = append(l.anomalies, l.explain(g.classify(component)))
		}
	}
	verdict := Verdict{Level: level, Anomalies: l.anomalies}
	if verdict.OK() {
		verdict.Order = l.attemptsIn(g.topological())
	}
	return verdict, nil
}

// Check judges the history by Cycles if it has only lists, and by BruteForce if not.
func Check(h History, level Level) (Verdict, error) {
	if slices.ContainsFunc(h.Vars, func(v Var) bool { return !v.List }) {
		return BruteForce(h, level)
	}
	return Cycles(h, level)
}

func (c *compiled) onlyLists() error {
	for i, steps := range c.steps {
		for _, op := range steps {
			if !op.Kind.onList() {
				return fmt.Errorf("txn: T%d uses %s, an int, whose order of writes nothing shows: use BruteForce, or lists",
					i+1, c.Vars[op.v].Name)
			}
		}
	}
	return nil
}

// explain puts a cycle of edges into words.
func (l *lists) explain(p Phenomenon, cycle []edge) Anomaly {
	hops := l.hops(cycle)
	a := Anomaly{Phenomenon: p}
	route := ""
	for _, hop := range hops {
		a.Attempts = append(a.Attempts, int(hop.from))
		a.Reasons = append(a.Reasons, l.reason(hop))
		route += fmt.Sprintf("T%d → ", hop.from+1)
	}
	route += fmt.Sprintf("T%d", hops[0].from+1)
	a.text = l.c.describe(p, a.Attempts, "a cycle, %s", route).text
	for _, reason := range a.Reasons {
		a.text += fmt.Sprintf("  because %s\n", reason)
	}
	return a
}

// hops leaves out the barriers: a way through them is one edge between attempts, of the kind of its first piece.
func (l *lists) hops(cycle []edge) []edge {
	isAttempt := func(e edge) bool { return int(e.from) < len(l.c.Attempts) }
	start := slices.IndexFunc(cycle, isAttempt)
	cycle = slices.Concat(cycle[start:], cycle[:start])
	var hops []edge
	for _, e := range cycle {
		if isAttempt(e) {
			hops = append(hops, e)
		} else {
			hops[len(hops)-1].to = e.to
		}
	}
	return hops
}

// reason tells why the attempt from comes before the attempt to.
func (l *lists) reason(e edge) string {
	from, to := e.from, e.to
	switch e.kind {
	case realTime:
		return fmt.Sprintf("T%d ended (%d) before T%d started (%d)",
			from+1, l.c.Attempts[from].End, to+1, l.c.Attempts[to].Start)
	case sameClient:
		return fmt.Sprintf("T%d came before T%d in client %d", from+1, to+1, l.c.Attempts[to].Client)
	case writeRead:
		list := l.readBy(to, e.v)
		return fmt.Sprintf("T%d appended %d to %s, and T%d read %s", from+1, list[len(list)-1], l.name(e.v),
			to+1, l.show(e.v, list))
	case readWrite:
		list := l.readBy(from, e.v)
		return fmt.Sprintf("T%d read %s before T%d appended %d", from+1, l.show(e.v, list), to+1, l.nextBy(to, e.v, len(list)))
	}
	first, second, shown := l.neighbours(from, to, e.v)
	order := "which no read shows, so it came later"
	if shown {
		order = "as the reads of " + l.name(e.v) + " show"
	}
	return fmt.Sprintf("T%d appended %d to %s before T%d appended %d, %s", from+1, first, l.name(e.v), to+1, second, order)
}

// nextBy is the element that the attempt appended at the position given, or else one that was never read.
func (l *lists) nextBy(attempt, v int32, position int) int {
	if order := l.order[v]; position < len(order) && l.writerAt(v, position) == attempt {
		return order[position]
	}
	return l.unreadBy(attempt, v)
}

func (l *lists) unreadBy(attempt, v int32) int {
	for _, op := range l.c.steps[attempt] {
		if _, read := l.position[v][op.value]; op.Kind == KindAppend && op.v == v && !read {
			return op.value
		}
	}
	return 0
}

// neighbours are the elements by which one attempt's append follows another's, and whether a read shows it.
func (l *lists) neighbours(from, to, v int32) (first, second int, shown bool) {
	order := l.order[v]
	for _, op := range l.c.steps[from] {
		p, read := l.position[v][op.value]
		if op.Kind == KindAppend && op.v == v && read && p+1 < len(order) && l.writerAt(v, p+1) == to {
			return op.value, order[p+1], true
		}
	}
	return order[len(order)-1], l.unreadBy(to, v), false
}

// attemptsIn leaves only the nodes that are attempts of the level.
func (l *lists) attemptsIn(order []int32) []int {
	var attempts []int
	for _, n := range order {
		if int(n) < len(l.c.Attempts) && l.counts[n] {
			attempts = append(attempts, int(n))
		}
	}
	return attempts
}
