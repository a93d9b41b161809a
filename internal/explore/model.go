//go:build rinsesched

package explore

import "slices"

// What a call is to do, one call after the other: the specification that outcomes are checked against.

// outcome is how a call, or an attempt of one, ended.
type outcome uint8

const (
	unfinished outcome = iota
	committed
	failed    // returned the error that its function returned
	panicked  // with the value that its function panicked with
	blocked   // called Retry
	clashed   // an attempt that was interrupted; also what Try and Held report
	cancelled // returned the context's error
)

func (o outcome) String() string {
	return [...]string{"unfinished", "committed", "failed", "panicked", "blocked", "clashed", "cancelled"}[o]
}

// state is what variables hold, and when each was changed: after how many commits.
type state struct {
	values  [Vars]int
	changed [Vars]int
	commits int
	tokens  [MaxThreads]int // of each thread: the commits it knows of, plus one; 0 without a token
	pins    [MaxThreads]int // of each thread: the commits in its checkout
}

// result is what a call does on some state.
type result struct {
	outcome outcome
	seen    []int // by its reads, in order
	hooks   []int // that run after it
	aborts  []int // that run if it does not commit
	after   state
}

// apply runs a call of a thread on a state.
func (s *state) apply(c *Call, thread int) result { return s.run(c, c.Body, thread) }

// run runs a call with a body.
func (s *state) run(c *Call, body []Op, thread int) result {
	m := machine{state: *s, before: s, thread: thread}
	switch c.Form {
	case Load:
		m.see(s.values[c.Var])
	case LoadToken:
		m.see(s.values[c.Var])
		m.tokens[thread] = s.changed[c.Var] + 1
	case Store:
		m.write(c.Var, c.Value)
	case Update:
		m.write(c.Var, m.values[c.Var]+c.Value)
		m.see(m.values[c.Var])
	case Cancel:
	case Notice:
		if s.expect(c.Var, thread) == unchanged {
			return result{outcome: blocked, after: *s}
		}
	default:
		if c.Form == Resumed {
			m.see(s.expect(c.Var, thread))
			if m.seen[0] != unchanged {
				return result{outcome: clashed, seen: m.seen, after: *s}
			}
		}
		switch m.run(body) {
		case failed:
			return result{failed, m.seen, nil, m.aborts, *s}
		case panicked:
			return result{panicked, m.seen, nil, m.aborts, *s}
		case blocked:
			return result{blocked, m.seen, nil, m.aborts, *s}
		}
	}
	m.commit(c.isHeld())
	return result{committed, m.seen, m.hooks, nil, m.state}
}

func (c *Call) isHeld() bool { return c.Form >= Held && c.Form <= Chained }

// uses lists the variables of a body, each once.
func uses(body []Op) (list []int) {
	for i := range body {
		if !slices.Contains(list, body[i].Var) {
			list = append(list, body[i].Var)
		}
	}
	return list
}

// machine is a call on its way.
type machine struct {
	state
	before  *state
	thread  int
	written [Vars]bool
	seen    []int
	hooks   []int
	aborts  []int
	token   bool
}

func (m *machine) see(value int)       { m.seen = append(m.seen, value) }
func (m *machine) write(v int, to int) { m.values[v], m.written[v] = to, true }

func (m *machine) commit(held bool) {
	writes := m.written != [Vars]bool{}
	if writes {
		m.commits++
		for v, w := range m.written {
			if w {
				m.changed[v] = m.commits
			}
		}
	}
	if held && !writes {
		m.tokens[m.thread] = m.pins[m.thread] + 1
	} else if m.token || held {
		m.tokens[m.thread] = m.commits + 1
	}
}

// run runs the body of a transaction, or of a part of one; 0 means that it came to its end.
func (m *machine) run(ops []Op) outcome {
	for i := range ops {
		if o := m.step(&ops[i]); o != 0 {
			return o
		}
	}
	return 0
}

func (m *machine) step(op *Op) outcome {
	switch op.Act {
	case Read:
		m.see(m.values[op.Var])
	case Write:
		m.write(op.Var, op.Value)
	case Add, Commute:
		m.write(op.Var, m.values[op.Var]+op.Value)
		if op.Act == Add {
			m.see(m.values[op.Var])
		}
	case Await:
		m.see(m.values[op.Var])
		if m.values[op.Var] < op.Value {
			return blocked
		}
	case OrElse:
		return m.orElse(op.Body)
	case Nested:
		if o := m.part(op.Body[0]); o != failed {
			return o
		}
	case Fail:
		return failed
	case Explode:
		return panicked
	case OnCommit:
		m.hooks = append(m.hooks, op.Value)
	case OnAbort:
		m.aborts = append(m.aborts, op.Value)
	case OnToken:
		m.token = true
	case Expect:
		m.see(m.before.expect(op.Var, m.thread))
	}
	return 0
}

// What Expect tells.
const (
	unchanged = iota
	hasChanged
	noToken
)

func (s *state) expect(v, thread int) int {
	switch known := s.tokens[thread]; {
	case known == 0:
		return noToken
	case s.changed[v] >= known:
		return hasChanged
	}
	return unchanged
}

func (m *machine) orElse(alternatives [][]Op) outcome {
	for _, body := range alternatives {
		if o := m.part(body); o != blocked {
			return o
		}
	}
	return blocked
}

// part runs a body whose changes and hooks are undone unless it comes to its end.
func (m *machine) part(body []Op) outcome {
	values, written, token, hooks, aborts := m.values, m.written, m.token, len(m.hooks), len(m.aborts)
	o := m.run(body)
	if o != 0 {
		m.values, m.written, m.token, m.hooks, m.aborts = values, written, token, m.hooks[:hooks], m.aborts[:aborts]
	}
	return o
}
