package txn

import (
	"cmp"
	"fmt"
	"slices"
)

// What lists give away. Elements are unique, so an element names the attempt that appended it, and a list that was
// read is the order of the appends up to then. Let order be the longest list read from a variable. Then
//
//  1. every other read is a prefix of order, or there is no serial order;
//  2. what was appended but is not in order was appended after all of order, and in which order nobody saw;
//  3. so a history is explained by the serial orders that agree with these edges, and by no others:
//     ww, from the appender of an element of order to that of the next;
//     wr, from the appender of the last element read to the reader;
//     rw, from the reader to the appender of the next element, or, having read all of order, to every appender of
//     an element outside it;
//     ww, from the appender of order's last element to every appender of an element outside it;
//  4. except for what a read shows by itself, an aborted, garbage, duplicate or intermediate element, which no
//     order explains.
//
// An attempt's own appends are taken off what it read first.

// listRead is what an attempt read of a variable that others had appended.
type listRead struct {
	attempt, v int32
	list       []int
}

// lists is the analysis of one history at one level.
type lists struct {
	c         *compiled
	level     Level
	counts    []bool        // by attempt: it is to be explained
	effective []bool        // by attempt: its appends count
	reads     []listRead    // one for an attempt and variable
	order     [][]int       // by variable: the longest list read
	position  []map[int]int // by variable: where an element is in order
	partial   []map[int]bool
	anomalies []Anomaly
}

func newLists(c *compiled, level Level) *lists {
	l := &lists{c: c, level: level, counts: make([]bool, len(c.Attempts)), effective: make([]bool, len(c.Attempts)),
		order: make([][]int, len(c.Vars)), position: make([]map[int]int, len(c.Vars)), partial: make([]map[int]bool, len(c.Vars))}
	for v := range c.Vars {
		l.position[v], l.partial[v] = map[int]int{}, map[int]bool{}
	}
	return l
}

// analyse finds the order of each variable, and what is wrong without looking at any cycle.
func (l *lists) analyse() {
	l.choose()
	l.separateOwn()
	l.findOrders()
	for v := range l.order {
		l.checkOrder(int32(v))
	}
	l.checkOwn()
	l.checkIntermediate()
}

// choose settles which attempts the level is about and whose appends count: those that committed and those of
// unknown outcome that somebody read from.
func (l *lists) choose() {
	var todo []int32
	unknown := false
	for i, a := range l.c.Attempts {
		l.effective[i] = a.Outcome == Committed
		l.counts[i] = a.Outcome == Committed || l.level.allAttempts()
		unknown = unknown || a.Outcome == Unknown
		if l.counts[i] {
			todo = append(todo, int32(i))
		}
	}
	for unknown && len(todo) > 0 {
		reader := todo[len(todo)-1]
		todo = append(todo[:len(todo)-1], l.believe(reader)...)
	}
}

// believe makes those count whom the reader read from, and gives those that are news.
func (l *lists) believe(reader int32) (news []int32) {
	for _, op := range l.c.steps[reader] {
		for _, element := range op.list {
			s, known := l.c.sources[op.v][element]
			if !known || s.attempt == reader || l.effective[s.attempt] || l.c.Attempts[s.attempt].Outcome != Unknown {
				continue
			}
			l.effective[s.attempt] = true
			if !l.counts[s.attempt] {
				l.counts[s.attempt] = true
				news = append(news, s.attempt)
			}
		}
	}
	return news
}

// view is what an attempt has seen and done so far to one variable.
type view struct {
	attempt int32 // that it is of
	read    bool
	others  []int // what it read, without its own
	own     []int // what it appended
}

// separateOwn fills reads.
func (l *lists) separateOwn() {
	views := make([]view, len(l.c.Vars))
	for v := range views {
		views[v].attempt = -1
	}
	for i := range l.c.Attempts {
		for _, op := range l.c.steps[i] {
			seen := &views[op.v]
			if seen.attempt != int32(i) {
				*seen = view{attempt: int32(i)}
			}
			switch {
			case op.Kind == KindReadList && l.counts[i]:
				l.separate(seen, op)
			case op.Kind == KindAppend:
				if n := len(seen.own); n > 0 {
					l.partial[op.v][seen.own[n-1]] = true
				}
				seen.own = append(seen.own, op.value)
			}
		}
	}
}

// separate takes one read apart into what others and what the attempt itself appended.
func (l *lists) separate(seen *view, op step) {
	i, name := int(seen.attempt), l.name(op.v)
	split := len(op.list) - len(seen.own)
	if split < 0 || !slices.Equal(op.list[split:], seen.own) {
		l.report(Internal, []int{i}, "T%d read %s, which does not end in what it had itself appended, %s",
			i+1, l.show(op.v, op.list), abridged(seen.own))
		return
	}
	others := op.list[:split]
	if seen.read && !slices.Equal(others, seen.others) {
		l.report(Internal, []int{i}, "T%d read %s, and before that %s = %s without its own appends",
			i+1, l.show(op.v, op.list), name, abridged(seen.others))
		return
	}
	if !seen.read {
		seen.read, seen.others = true, others
		l.reads = append(l.reads, listRead{seen.attempt, op.v, others})
	}
}

// maxAnomalies bounds how many anomalies of either sort, cycles and others, are put into words.
const maxAnomalies = 100

func (l *lists) report(p Phenomenon, attempts []int, format string, args ...any) {
	if len(l.anomalies) < maxAnomalies {
		l.anomalies = append(l.anomalies, l.c.describe(p, attempts, format, args...))
	}
}

// findOrders takes the longest read of each variable for its order, and drops the reads that contradict it.
func (l *lists) findOrders() {
	longest := make([]int, len(l.order))
	for i, r := range l.reads {
		if len(r.list) > len(l.order[r.v]) {
			l.order[r.v], longest[r.v] = r.list, i
		}
	}
	told := make([]bool, len(l.order))
	l.reads = slices.DeleteFunc(slices.Clone(l.reads), func(r listRead) bool {
		if slices.Equal(r.list, l.order[r.v][:len(r.list)]) {
			return false
		}
		if !told[r.v] {
			other := l.reads[longest[r.v]]
			l.report(Incompatible, []int{int(r.attempt), int(other.attempt)}, "T%d read %s, T%d read %s: neither begins the other",
				r.attempt+1, l.show(r.v, r.list), other.attempt+1, l.show(r.v, other.list))
		}
		told[r.v] = true
		return true
	})
	for v, order := range l.order {
		for p, element := range order {
			if _, twice := l.position[v][element]; !twice {
				l.position[v][element] = p
			}
		}
	}
}

// checkOrder looks at each element of a variable's order by itself.
func (l *lists) checkOrder(v int32) {
	count := map[int32]int32{} // by attempt: how many of its elements came so far
	for p, element := range l.order[v] {
		s, known := l.c.sources[v][element]
		switch {
		case l.position[v][element] != p:
			l.blame(Duplicate, v, p, "in which %d is twice", element)
		case !known:
			l.blame(Garbage, v, p, "in which nobody appended %d", element)
		case !l.effective[s.attempt]:
			l.blame(G1a, v, p, "in which %d is from T%d, which never committed", element, s.attempt+1)
		case s.nth != count[s.attempt]:
			l.blame(Incompatible, v, p, "in which %d is out of the order in which T%d appended", element, s.attempt+1)
		}
		count[s.attempt]++
	}
}

// blame reports an anomaly of the element at a position of the order, with who appended it and the attempt that
// read it with the fewest others.
func (l *lists) blame(p Phenomenon, v int32, position int, format string, args ...any) {
	if len(l.anomalies) == maxAnomalies {
		return // the search below is not for thousands
	}
	var shortest *listRead
	for i, r := range l.reads {
		if r.v == v && len(r.list) > position && (shortest == nil || len(r.list) < len(shortest.list)) {
			shortest = &l.reads[i]
		}
	}
	reader := int(shortest.attempt)
	attempts := []int{reader}
	if s, known := l.c.sources[v][l.order[v][position]]; known && int(s.attempt) != reader {
		attempts = []int{int(s.attempt), reader}
	}
	l.report(p, attempts, "T%d read %s, %s", reader+1, l.show(v, shortest.list), fmt.Sprintf(format, args...))
}

// checkOwn looks for attempts that read, as if it were another's, what they appended only later.
func (l *lists) checkOwn() {
	for from := 0; from < len(l.reads); {
		attempt := l.reads[from].attempt
		read := map[int32][]int{}
		for ; from < len(l.reads) && l.reads[from].attempt == attempt; from++ {
			read[l.reads[from].v] = l.reads[from].list
		}
		for _, op := range l.c.steps[attempt] {
			p, shown := l.position[op.v][op.value]
			if op.Kind == KindAppend && shown && p < len(read[op.v]) {
				l.report(Internal, []int{int(attempt)}, "T%d read %s before it appended %d itself",
					attempt+1, l.show(op.v, read[op.v]), op.value)
			}
		}
	}
}

// checkIntermediate looks for reads that end amid what one attempt appended.
func (l *lists) checkIntermediate() {
	for _, r := range l.reads {
		if len(r.list) == 0 {
			continue
		}
		last := r.list[len(r.list)-1]
		if s := l.c.sources[r.v][last]; l.partial[r.v][last] && s.attempt != r.attempt {
			l.report(G1b, []int{int(s.attempt), int(r.attempt)}, "T%d read %s, but T%d appended more to it after %d",
				r.attempt+1, l.show(r.v, r.list), s.attempt+1, last)
		}
	}
}

// writerAt is the attempt that appended the element at a position of the order, or -1 if its append does not count.
func (l *lists) writerAt(v int32, p int) int32 {
	s, known := l.c.sources[v][l.order[v][p]]
	if !known || !l.effective[s.attempt] {
		return -1
	}
	return s.attempt
}

// readBy is what the attempt read, its own appends left out. The reads are sorted by attempt.
func (l *lists) readBy(attempt, v int32) []int {
	from, _ := slices.BinarySearchFunc(l.reads, attempt, func(r listRead, a int32) int { return cmp.Compare(r.attempt, a) })
	for _, r := range l.reads[from:] {
		if r.v == v {
			return r.list
		}
	}
	return nil
}

func (l *lists) name(v int32) string { return l.c.Vars[v].Name }

func (l *lists) show(v int32, list []int) string {
	return fmt.Sprintf("%s = %s", l.name(v), abridged(list))
}
