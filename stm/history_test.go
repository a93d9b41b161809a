package stm_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A history is what transactions on a few variables saw and did. Each variable holds the list of those
// that wrote it, and each writer appends itself; so a read tells all writers before it, and the order of
// everybody follows from what each has seen:
//
//	the one before in a list   → the one after
//	the last one that is read  → the reader
//	the reader                 → the first one that it has not read
//	whoever ended              → whoever began later
//
// There is an equivalent serial order, which keeps real time, exactly if this has no cycle. Attempts that
// failed are in it as well, as readers: that is opacity.
type history struct {
	o     *stm.Owner
	vars  []*tvar.TVar[[]int]
	time  atomic.Int64
	ids   atomic.Int64
	mu    sync.Mutex
	tries []*try
}

// A try is one execution of a transaction function, or one operation outside transactions.
type try struct {
	id         int
	start, end int64         // it took place between these instants
	reads      map[int][]int // by variable: whom it has seen there, before it wrote itself
	writes     map[int]bool
	committed  bool
}

func newHistory(vars int) *history {
	h := &history{o: stm.NewOwner()}
	for range vars {
		h.vars = append(h.vars, tvar.New([]int(nil), tvar.In(h.o)))
	}
	return h
}

func (h *history) begin(from int64) *try {
	return &try{id: int(h.ids.Add(1)), start: from, reads: map[int][]int{}, writes: map[int]bool{}}
}

func (h *history) end(t *try, committed bool) {
	t.end = h.time.Add(1)
	t.committed = committed
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tries = append(h.tries, t)
}

func with(list []int, id int) []int { return append(slices.Clip(list), id) }

// step runs one random transaction.
func (h *history) step(random *rand.Rand) {
	pick := random.Perm(len(h.vars))
	switch kind := random.IntN(20); {
	case kind < 2:
		h.single(pick[0], kind == 0)
	case kind < 8:
		h.run(formAtomically, pick[:1+random.IntN(4)], random.IntN(3), nil)
	case kind < 11:
		h.run(formView, pick[:1+random.IntN(4)], 0, nil)
	case kind < 12:
		h.run(formIrrevocably, pick[:2], 1, nil)
	case kind < 15:
		h.run(onceTry, pick[:3], 1, nil)
	case kind < 18:
		h.run(onceHeld, pick[:2+random.IntN(3)], random.IntN(3), nil)
	case kind < 19:
		h.run(formAtomically, pick[:3], 2, errUser)
	default:
		h.commute(pick[:2])
	}
}

// run reads the picked variables in one transaction, and appends to the first of them.
func (h *history) run(f form, pick []int, appends int, fail error) {
	var last *try
	from := h.time.Add(1) // a snapshot may be older than the execution that reads it, but not than this
	err := f.run(h.o, func(tx *stm.Tx) error {
		if last != nil {
			h.end(last, false)
		}
		last = h.begin(from)
		defer func() { from = h.time.Add(1) }()
		for i, v := range pick {
			last.reads[v] = h.vars[v].Get(tx)
			if i < appends {
				h.vars[v].Set(tx, with(last.reads[v], last.id))
				last.writes[v] = true
			}
			if i%2 == 1 {
				runtime.Gosched()
			}
		}
		return fail
	})
	if err != nil && !errors.Is(err, stm.ErrClash) && !errors.Is(err, fail) {
		panic(err)
	}
	h.end(last, err == nil)
}

// single is an operation on one variable outside transactions.
func (h *history) single(v int, write bool) {
	t := h.begin(h.time.Add(1))
	if write {
		h.vars[v].Update(func(list []int) []int { t.reads[v] = list; return with(list, t.id) })
		t.writes[v] = true
	} else {
		t.reads[v] = h.vars[v].Load()
	}
	h.end(t, true)
}

// commute appends to variables without having read them.
func (h *history) commute(pick []int) {
	var last *try
	from := h.time.Add(1)
	mustAtomically(h.o, func(tx *stm.Tx) {
		if last != nil {
			h.end(last, false)
		}
		last = h.begin(from)
		id := last.id
		for _, v := range pick {
			h.vars[v].Commute(tx, func(list []int) []int { return with(list, id) })
			last.writes[v] = true
		}
	})
	h.end(last, true)
}

// check returns what is wrong with the history, or nothing.
func (h *history) check() string {
	byID := map[int]*try{}
	for _, t := range h.tries {
		byID[t.id] = t
	}
	g := graph{}
	for v := range h.vars {
		final := h.vars[v].Load()
		if problem := h.checkList(v, final, byID); problem != "" {
			return problem
		}
		for i := range final[:max(len(final)-1, 0)] {
			g.edge(final[i], final[i+1])
		}
		for _, t := range h.tries {
			list, ok := t.reads[v]
			if !ok {
				continue
			}
			if len(list) > len(final) || !slices.Equal(list, final[:len(list)]) {
				return fmt.Sprintf("try %d saw a state of variable %d that never was: %v", t.id, v, list)
			}
			if len(list) > 0 {
				g.edge(list[len(list)-1], t.id)
			}
			if len(list) < len(final) {
				g.edge(t.id, final[len(list)])
			}
		}
	}
	g.realTime(h.tries)
	if cycle := g.cycle(); cycle != nil {
		return fmt.Sprintf("each of these comes before the next, and the last before the first: %v", describe(cycle, byID))
	}
	return ""
}

// checkList finds who is in a variable's list and must not be, or is missing.
func (h *history) checkList(v int, final []int, byID map[int]*try) string {
	seen := map[int]bool{}
	for _, id := range final {
		if t := byID[id]; seen[id] || t == nil || !t.committed || !t.writes[v] {
			return fmt.Sprintf("variable %d was written by %d twice, or though it failed", v, id)
		}
		seen[id] = true
	}
	for _, t := range h.tries {
		if t.committed && t.writes[v] && !seen[t.id] {
			return fmt.Sprintf("the write of try %d to variable %d is lost", t.id, v)
		}
	}
	return ""
}

// A graph says who comes before whom.
type graph map[int]map[int]bool

func (g graph) edge(from, to int) {
	if from == to {
		return
	}
	if g[from] == nil {
		g[from] = map[int]bool{}
	}
	g[from][to] = true
}

// realTime adds the order of those that do not overlap, by way of a chain of instants (negative nodes).
func (g graph) realTime(tries []*try) {
	for _, t := range tries {
		g.edge(int(-t.start), t.id)
		g.edge(t.id, int(-t.end))
	}
	var instants []int
	for _, t := range tries {
		instants = append(instants, int(-t.start), int(-t.end))
	}
	slices.Sort(instants)
	slices.Reverse(instants)
	for i := 1; i < len(instants); i++ {
		g.edge(instants[i-1], instants[i])
	}
}

// cycle returns a cycle, if there is one: it takes away whoever has nobody before him, again and again;
// of those who remain everybody has somebody before him, so walking backwards ends in a cycle.
func (g graph) cycle() []int {
	before := map[int]map[int]bool{}
	for from, all := range g {
		for to := range all {
			if before[to] == nil {
				before[to] = map[int]bool{}
			}
			before[to][from] = true
		}
	}
	var free []int
	for node := range g {
		if len(before[node]) == 0 {
			free = append(free, node)
		}
	}
	for len(free) > 0 {
		node := free[len(free)-1]
		free = free[:len(free)-1]
		for to := range g[node] {
			if delete(before[to], node); len(before[to]) == 0 {
				delete(before, to)
				free = append(free, to)
			}
		}
	}
	var walk []int
	for node := range before {
		for !slices.Contains(walk, node) {
			walk = append(walk, node)
			for node = range before[node] {
				break
			}
		}
		slices.Reverse(walk)
		return walk[:slices.Index(walk, node)+1]
	}
	return nil
}

// describe shows the tries of a cycle.
func describe(cycle []int, byID map[int]*try) (lines []string) {
	for _, id := range cycle {
		if t := byID[id]; t != nil {
			seen := map[int]int{}
			for v, list := range t.reads {
				seen[v] = len(list)
			}
			lines = append(lines, fmt.Sprintf("\ntry %d [%d,%d] committed %v, saw %v, wrote %v",
				id, t.start, t.end, t.committed, seen, slices.Collect(maps.Keys(t.writes))))
		}
	}
	return lines
}
