package proptest

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"

	"github.com/leanovate/gopter"
)

// A Shape bounds the programs that are generated: so many clients with up to so many commands each, at
// least one, after a sequential prefix and before a sequential suffix of up to so many commands.
type Shape struct {
	Clients, PerClient, Prefix, Suffix int
}

func (s Shape) validate() error {
	if s.Clients < 1 || s.PerClient < 1 || s.Prefix < 0 || s.Suffix < 0 || s.Clients > maxClients {
		return fmt.Errorf("proptest: shape %+v: want 1 to %d clients, at least one command each, and no negative number",
			s, maxClients)
	}
	return nil
}

const maxClients = 26

// A program is a sequential prefix, parallel clients and a sequential suffix.
type program[C any] struct {
	prefix  []command[C]
	clients [][]command[C]
	suffix  []command[C]
}

// A command keeps what its generator said about it, because a shrunk value must still pass the sieve.
type command[C any] struct {
	value  C
	shrink gopter.Shrinker
	sieve  func(any) bool
}

func (p program[C]) size() int {
	n := len(p.prefix) + len(p.suffix)
	for _, c := range p.clients {
		n += len(c)
	}
	return n
}

func (p program[C]) clone() program[C] {
	q := program[C]{prefix: slices.Clone(p.prefix), suffix: slices.Clone(p.suffix)}
	for _, c := range p.clients {
		q.clients = append(q.clients, slices.Clone(c))
	}
	return q
}

// sections returns the parts of a program, to be changed in place.
func (p *program[C]) sections() []*[]command[C] {
	s := []*[]command[C]{&p.prefix}
	for i := range p.clients {
		s = append(s, &p.clients[i])
	}
	return append(s, &p.suffix)
}

// values are all commands, part by part.
func (p program[C]) values() (all []C) {
	for _, section := range p.sections() {
		for _, c := range *section {
			all = append(all, c.value)
		}
	}
	return all
}

func (p program[C]) print(show func(C) string) string {
	var b strings.Builder
	line := func(who string, cs []command[C]) {
		if len(cs) == 0 {
			return
		}
		words := make([]string, len(cs))
		for i, c := range cs {
			words[i] = show(c.value)
		}
		fmt.Fprintf(&b, "  %-9s %s\n", who, strings.Join(words, "; "))
	}
	line("first", p.prefix)
	for i, c := range p.clients {
		line("client "+clientName(i), c)
	}
	line("then", p.suffix)
	return b.String()
}

// clientName is a, b, …; the sequential parts have no name.
func clientName(i int) string {
	if i < 0 {
		return "-"
	}
	return string(rune('a' + i))
}

// A generator draws programs for a spec.
type generator[S, C, R any] struct {
	spec      *Spec[S, C, R]
	shape     Shape
	random    *rand.Rand
	params    *gopter.GenParameters
	model     model[S, C, R]
	beat      func() // called now and then
	full      bool   // the program cannot take more commands
	discarded int    // commands that could not be given where they were drawn
}

// triesPerCommand bounds the search for a command that may be given.
const triesPerCommand = 50

// generate draws the program of a seed. It is incomplete, or empty, where no command could be found.
func (g *generator[S, C, R]) generate(seed uint64) (program[C], error) {
	g.params = gopter.DefaultGenParameters().CloneWithSeed(int64(seed))
	g.random, g.full = g.params.Rng, false
	var p program[C]
	if err := g.fill(&p, &p.prefix, g.random.Intn(g.shape.Prefix+1)); err != nil {
		return p, err
	}
	p.clients = make([][]command[C], g.shape.Clients)
	for i := range p.clients {
		if err := g.fill(&p, &p.clients[i], 1+g.random.Intn(g.shape.PerClient)); err != nil {
			return p, err
		}
	}
	p.clients = slices.DeleteFunc(p.clients, func(c []command[C]) bool { return len(c) == 0 })
	err := g.fill(&p, &p.suffix, g.random.Intn(g.shape.Suffix+1))
	return p, err
}

// fill appends up to n commands to a section of the program, each such that the program stays valid, as long as
// that can be told.
func (g *generator[S, C, R]) fill(p *program[C], section *[]command[C], n int) error {
	for tries := 0; len(*section) < n && tries < triesPerCommand && !g.full; tries++ {
		g.beat()
		c, ok, err := g.draw()
		if err != nil {
			return err
		}
		if ok {
			*section = append(*section, c)
			found := g.model.check(*p)
			if found == valid {
				tries = 0
				continue
			}
			g.full = found == tooLarge
			*section = (*section)[:len(*section)-1]
		}
		g.discarded++
	}
	return nil
}

func (g *generator[S, C, R]) draw() (_ command[C], ok bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("proptest: the generator of spec %q panicked: %v", g.spec.Name, p)
		}
	}()
	result := g.spec.Gen(g.params)
	value, ok := result.Retrieve()
	if !ok {
		return command[C]{}, false, nil
	}
	c, ok := value.(C)
	if !ok {
		return command[C]{}, false, fmt.Errorf("proptest: the generator of spec %q made a %T, not a %T", g.spec.Name, value, *new(C))
	}
	return command[C]{value: c, shrink: result.Shrinker, sieve: result.Sieve}, true, nil
}
