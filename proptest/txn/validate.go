package txn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrMalformed is found by errors.Is in what the checkers return for a history that makes no sense.
var ErrMalformed = errors.New("txn: malformed history")

// Validate reports what is wrong with the history's form, all of it at once, as an error for which errors.Is finds
// ErrMalformed. Every checker calls it first. A history is well formed if
//
//   - variables have distinct, non-empty names, and every operation is on a declared variable of its kind;
//   - every attempt has an outcome and does not end before it starts;
//   - no element is appended twice to a list, not even by an aborted attempt;
//   - the attempts of one client follow one another, and none follows one of unknown outcome.
func (h History) Validate() error {
	_, err := compile(h)
	return err
}

// step is an Op whose variable is a number.
type step struct {
	Kind  Kind
	v     int32
	value int
	list  []int
}

// source says who appended an element: the attempt, and which of its appends to that list it was.
type source struct{ attempt, nth int32 }

// compiled is a valid history in the form that checkers want.
type compiled struct {
	History
	steps   [][]step
	sources []map[int]source // by list variable: element → who appended it
	clients [][]int32        // attempts of each client, in order
}

func compile(h History) (*compiled, error) {
	c := &compiled{History: h, steps: make([][]step, len(h.Attempts)), sources: make([]map[int]source, len(h.Vars))}
	var problems problems
	numbers := c.declare(&problems)
	for i := range h.Attempts {
		c.compileAttempt(i, numbers, &problems)
	}
	c.orderClients(&problems)
	return c, problems.err()
}

// declare numbers the variables.
func (c *compiled) declare(p *problems) map[string]int32 {
	numbers := make(map[string]int32, len(c.Vars))
	for i, v := range c.Vars {
		if _, twice := numbers[v.Name]; twice {
			p.add("variable %q is declared twice: give each variable one name", v.Name)
		}
		if v.Name == "" {
			p.add("variable number %d has no name", i+1)
		}
		if v.List && v.Initial != 0 {
			p.add("list %q has an initial value: lists begin empty", v.Name)
		}
		numbers[v.Name] = int32(i)
		c.sources[i] = map[int]source{}
	}
	return numbers
}

func (c *compiled) compileAttempt(i int, numbers map[string]int32, p *problems) {
	a := &c.Attempts[i]
	if a.Outcome < Committed || a.Outcome > Unknown {
		p.add("T%d has %v: set Committed, Aborted or Unknown", i+1, a.Outcome)
	}
	if a.Outcome != Unknown && a.End < a.Start {
		p.add("T%d ends (%d) before it starts (%d)", i+1, a.End, a.Start)
	}
	appended := map[int32]int32{}
	for _, o := range a.Ops {
		v, known := numbers[o.Var]
		switch {
		case !known:
			p.add("T%d: %v: variable %q is not declared: add it to Vars", i+1, o, o.Var)
			continue
		case o.Kind < KindRead || o.Kind > KindAppend:
			p.add("T%d: operation of unknown kind %d on %s", i+1, o.Kind, o.Var)
			continue
		case o.Kind.onList() != c.Vars[v].List:
			p.add("T%d: %v: %q is %s", i+1, o, o.Var, c.Vars[v].noun())
			continue
		}
		c.steps[i] = append(c.steps[i], step{o.Kind, v, o.Value, o.List})
		if o.Kind == KindAppend {
			c.compileAppend(i, o, v, appended[v], p)
			appended[v]++
		}
	}
}

func (c *compiled) compileAppend(i int, o Op, v, nth int32, p *problems) {
	if first, twice := c.sources[v][o.Value]; twice {
		p.add("T%d: %v: T%d appended it already: use each element once, also when an attempt is run again",
			i+1, o, first.attempt+1)
		return
	}
	c.sources[v][o.Value] = source{int32(i), nth}
}

// orderClients sorts the attempts by client and checks that each client did one thing after the other.
func (c *compiled) orderClients(p *problems) {
	order := make([]int32, len(c.Attempts))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		a, b := &c.Attempts[i], &c.Attempts[j]
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && c.Attempts[order[to]].Client == c.Attempts[order[from]].Client {
			c.checkFollows(int(order[to-1]), int(order[to]), p)
			to++
		}
		c.clients = append(c.clients, order[from:to])
		from = to
	}
}

func (c *compiled) checkFollows(i, j int, p *problems) {
	a, b := &c.Attempts[i], &c.Attempts[j]
	switch {
	case a.Outcome == Unknown:
		p.add("client %d goes on with T%d after T%d, whose outcome is unknown: give it a new number", a.Client, j+1, i+1)
	case a.Start == b.Start:
		p.add("client %d starts T%d and T%d at the same time (%d)", a.Client, i+1, j+1, a.Start)
	case b.Outcome != Unknown && b.End < a.End:
		p.add("client %d runs T%d [%d, %d] within T%d [%d, %d]: a client does one thing after the other",
			a.Client, j+1, b.Start, b.End, i+1, a.Start, a.End)
	}
}

func (v Var) noun() string {
	if v.List {
		return "a list: use ReadList and Append"
	}
	return "an int: use Read and Write"
}

// problems collects what is wrong, the first few in words.
type problems struct {
	texts []string
	more  int
}

func (p *problems) add(format string, args ...any) {
	if len(p.texts) == 10 {
		p.more++
		return
	}
	p.texts = append(p.texts, fmt.Sprintf(format, args...))
}

func (p *problems) err() error {
	if len(p.texts) == 0 {
		return nil
	}
	text := strings.Join(p.texts, "\n\t")
	if p.more > 0 {
		text += fmt.Sprintf("\n\tand %d more", p.more)
	}
	return fmt.Errorf("%w:\n\t%s", ErrMalformed, text)
}
