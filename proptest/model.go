package proptest

// A model answers questions about programs by running the spec.
type model[S, C, R any] struct {
	spec *Spec[S, C, R]
	pre  bool // the spec has a precondition; without one there is less to ask
}

// maxStates bounds the states visited to see whether a program is valid; a program with more is not used.
const maxStates = 100_000

// valid reports whether every command of the program may be given in whatever order the commands take
// effect, and no command of the prefix waits for ever.
//
// The orders form a lattice of positions: how many commands each client is through. All states that a
// position can be reached in are carried from position to position, in layers of equal sum.
func (m model[S, C, R]) valid(p program[C]) bool {
	state := m.spec.Init
	for _, c := range p.prefix {
		if !m.spec.Pre(state, c.value) || m.spec.Blocks(state, c.value) {
			return false
		}
		state, _ = m.spec.Step(state, c.value)
	}
	if !m.pre {
		return true
	}
	ends, ok := m.interleave(state, p.clients)
	if !ok {
		return false
	}
	return m.suffixValid(ends, p.suffix)
}

type position [maxClients]uint8

// interleave returns the states in which all clients can be through, and whether Pre held all along.
func (m model[S, C, R]) interleave(start S, clients [][]command[C]) ([]S, bool) {
	total := 0
	for _, c := range clients {
		total += len(c)
	}
	layer, visited := map[position][]S{{}: {start}}, 0
	for range total {
		next := map[position][]S{}
		for at, states := range layer {
			for i, c := range clients {
				if int(at[i]) == len(c) {
					continue
				}
				to := at
				to[i]++
				for _, s := range states {
					if visited++; visited > maxStates || !m.spec.Pre(s, c[at[i]].value) {
						return nil, false
					}
					if !m.spec.Blocks(s, c[at[i]].value) {
						after, _ := m.spec.Step(s, c[at[i]].value)
						next[to] = m.add(next[to], after)
					}
				}
			}
		}
		layer = next
	}
	for _, states := range layer {
		return states, true
	}
	return nil, true // every order ends in waiting
}

func (m model[S, C, R]) suffixValid(states []S, suffix []command[C]) bool {
	for _, c := range suffix {
		var next []S
		for _, s := range states {
			if !m.spec.Pre(s, c.value) {
				return false
			}
			if !m.spec.Blocks(s, c.value) {
				after, _ := m.spec.Step(s, c.value)
				next = m.add(next, after)
			}
		}
		states = next
	}
	return true
}

func (m model[S, C, R]) add(states []S, s S) []S {
	for _, known := range states {
		if m.spec.Equal(known, s) {
			return states
		}
	}
	return append(states, s)
}
