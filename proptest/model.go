package proptest

// A validity says whether the commands of a program may be given.
type validity uint8

const (
	valid validity = iota
	invalid
	tooLarge // to be looked through; so is every program with more commands
)

// A model answers questions about programs by running the spec.
type model[S, C, R any] struct {
	spec *Spec[S, C, R]
	pre  bool // the spec has a precondition; without one there is less to ask
}

// maxStates bounds the states visited and compared to see whether a program is valid; a program that needs
// more is not used.
const maxStates = 100_000

// valid reports whether every command of the program may be given in whatever order the commands take
// effect, and no command of the prefix waits for ever.
//
// The orders form a lattice of positions: how many commands each client is through. All states that a
// position can be reached in are carried from position to position, in layers of equal sum.
func (m model[S, C, R]) valid(p program[C]) bool { return m.check(p) == valid }

func (m model[S, C, R]) check(p program[C]) validity {
	state := m.spec.Init
	for _, c := range p.prefix {
		if !m.spec.Pre(state, c.value) || m.spec.Blocks(state, c.value) {
			return invalid
		}
		state, _ = m.spec.Step(state, c.value)
	}
	if !m.pre {
		return valid
	}
	w := walk[S, C, R]{model: m}
	w.suffix(w.interleave(state, p.clients), p.suffix)
	return w.found
}

type position [maxClients]uint16

// A spot is a position with the states that it can be reached in. Spots are kept in order, so that what a walk
// finds first is the same each time.
type spot[S any] struct {
	at     position
	states []S
}

// A walk looks through the states that a program can reach, until one is found in which a command may not be
// given, or there are too many.
type walk[S, C, R any] struct {
	model[S, C, R]
	visited int
	found   validity
}

// interleave returns the states in which all clients can be through.
func (w *walk[S, C, R]) interleave(start S, clients [][]command[C]) []S {
	total := 0
	for _, c := range clients {
		total += len(c)
	}
	layer := []spot[S]{{states: []S{start}}}
	for range total {
		var next []spot[S]
		index := map[position]int{}
		for _, from := range layer {
			for i, c := range clients {
				if int(from.at[i]) == len(c) {
					continue
				}
				to := from.at
				to[i]++
				if _, known := index[to]; !known {
					index[to] = len(next)
					next = append(next, spot[S]{at: to})
				}
				reached := &next[index[to]].states
				*reached = w.step(*reached, from.states, c[from.at[i]].value)
				if w.found != valid {
					return nil
				}
			}
		}
		layer = next
	}
	return layer[0].states // none if every order ends in waiting
}

func (w *walk[S, C, R]) suffix(states []S, suffix []command[C]) {
	for _, c := range suffix {
		states = w.step(nil, states, c.value)
	}
}

// step adds the states that a command leads to from others, unless it waits there.
func (w *walk[S, C, R]) step(reached, from []S, c C) []S {
	for _, s := range from {
		if w.visited++; w.visited > maxStates {
			w.found = tooLarge
		} else if !w.spec.Pre(s, c) {
			w.found = invalid
		}
		if w.found != valid {
			return nil
		}
		if !w.spec.Blocks(s, c) {
			after, _ := w.spec.Step(s, c)
			reached = w.add(reached, after)
		}
	}
	return reached
}

func (w *walk[S, C, R]) add(states []S, s S) []S {
	for _, known := range states {
		w.visited++
		if w.spec.Equal(known, s) {
			return states
		}
	}
	return append(states, s)
}
