package proptest

import (
	"iter"
	"slices"
)

// Shrinking takes the first of a program's candidates that still fails, and starts over with that, until
// none fails. Candidates come in this order:
//
//  1. without a client;
//  2. without a run of commands of one part, long runs first;
//  3. a client's first command moved to the end of the prefix;
//  4. one command with a simpler value.
//
// At last the schedule is made one with as few preemptions as possible. Every candidate satisfies the
// precondition, and a candidate fails only if it is wrong in the same way as the program was. Which
// candidates were taken is kept: together with the seed it is the program, for a replay.

const (
	maxShrinks      = 2000 // candidates tried in all
	maxSimpler      = 30   // simpler values tried for one command
	shrinkSchedules = 1000 // schedules for each number of preemptions, for one candidate
)

func (s *search[S, C, R]) shrink(f *finding[C, R]) (*finding[C, R], []int) {
	var path []int
	hunt := s.huntControlled
	if f.stressed {
		if g := s.huntControlled(f.program, f.kind); g != nil {
			f = g
		} else {
			hunt = s.huntStressed
		}
	}
	for {
		smaller, index := s.smaller(f, hunt)
		if smaller == nil {
			return s.fewestPreemptions(f), path
		}
		f, path = smaller, append(path, index)
	}
}

// smaller returns the first candidate that still fails, and its place among the candidates.
func (s *search[S, C, R]) smaller(f *finding[C, R], hunt func(program[C], Kind) *finding[C, R]) (*finding[C, R], int) {
	index := -1
	for candidate := range s.candidates(f.program) {
		index++
		if s.report.Shrinks >= maxShrinks {
			break
		}
		if !s.model.valid(candidate) {
			continue
		}
		s.report.Shrinks++
		if g := hunt(candidate, f.kind); g != nil {
			return g, index
		}
	}
	return nil, 0
}

// huntControlled looks for the same kind of failure under controlled schedulers: thoroughly where few
// preemptions show it, and with luck where it takes many.
func (s *search[S, C, R]) huntControlled(p program[C], kind Kind) *finding[C, R] {
	counts := s.report
	defer func() { counts.Shrinks = s.report.Shrinks; s.report = counts }()
	for _, scheduler := range []Scheduler{Exhaustive(2, 3*shrinkSchedules), PCT(3, shrinkSchedules/5), Random(shrinkSchedules / 5)} {
		if f := s.under(scheduler, p, 1); f != nil && f.kind == kind {
			return f
		}
	}
	return nil
}

// huntStressed does so on real threads.
func (s *search[S, C, R]) huntStressed(p program[C], kind Kind) *finding[C, R] {
	counts := s.report
	defer func() { counts.Shrinks = s.report.Shrinks; s.report = counts }()
	repeats := 50
	for _, scheduler := range s.schedulers {
		repeats = max(repeats, 4*scheduler.repeats)
	}
	if f := s.stress(p, repeats); f != nil && f.kind == kind {
		return f
	}
	return nil
}

// fewestPreemptions looks for a schedule that interrupts less.
func (s *search[S, C, R]) fewestPreemptions(f *finding[C, R]) *finding[C, R] {
	if f.stressed || f.execution.preemptions == 0 {
		return f
	}
	counts := s.report
	defer func() { s.report = counts }()
	scheduler := Exhaustive(f.execution.preemptions-1, 20*shrinkSchedules)
	if g := s.under(scheduler, f.program, 1); g != nil && g.kind == f.kind {
		return g
	}
	return f
}

// candidates are the programs that are one step smaller.
func (s *search[S, C, R]) candidates(p program[C]) iter.Seq[program[C]] {
	return func(yield func(program[C]) bool) {
		_ = s.withoutClients(p, yield) && s.withoutChunks(p, yield) &&
			s.withHeadsFirst(p, yield) && s.withSimplerValues(p, yield)
	}
}

func (s *search[S, C, R]) withoutClients(p program[C], yield func(program[C]) bool) bool {
	for i := range p.clients {
		q := p.clone()
		q.clients = slices.Delete(q.clients, i, i+1)
		if q.size() > 0 && !yield(q.tidy()) {
			return false
		}
	}
	return true
}

func (s *search[S, C, R]) withoutChunks(p program[C], yield func(program[C]) bool) bool {
	for i, section := range p.sections() {
		for size := len(*section); size > 0; size /= 2 {
			for at := 0; at+size <= len(*section); at += size {
				q := p.clone()
				part := q.sections()[i]
				*part = slices.Delete(*part, at, at+size)
				if q.tidy().size() > 0 && !yield(q.tidy()) {
					return false
				}
			}
		}
	}
	return true
}

func (s *search[S, C, R]) withHeadsFirst(p program[C], yield func(program[C]) bool) bool {
	for i := range p.clients {
		q := p.clone()
		q.prefix = append(q.prefix, q.clients[i][0])
		q.clients[i] = q.clients[i][1:]
		if !yield(q.tidy()) {
			return false
		}
	}
	return true
}

func (s *search[S, C, R]) withSimplerValues(p program[C], yield func(program[C]) bool) bool {
	for i, section := range p.sections() {
		for j, c := range *section {
			for value := range s.simpler(c) {
				q := p.clone()
				(*q.sections()[i])[j].value = value
				if !yield(q) {
					return false
				}
			}
		}
	}
	return true
}

// simpler are the values that a command may be replaced by: those of the spec or those of its generator,
// which are made to pass the generator's sieve again.
func (s *search[S, C, R]) simpler(c command[C]) iter.Seq[C] {
	return func(yield func(C) bool) {
		if s.spec.Shrink != nil {
			for _, value := range s.spec.Shrink(c.value) {
				if !yield(value) {
					return
				}
			}
			return
		}
		for _, value := range c.simpler() {
			if !yield(value) {
				return
			}
		}
	}
}

// simpler asks the generator of a command for simpler values, as many as it has to offer before it panics:
// some of gopter's shrinkers do, and the failure that is being shrunk is worth more than their values.
func (c command[C]) simpler() (values []C) {
	if c.shrink == nil {
		return nil
	}
	defer func() { _ = recover() }()
	next := c.shrink(c.value)
	for range maxSimpler {
		value, more := next()
		if !more {
			break
		}
		if simpler, fits := value.(C); fits && (c.sieve == nil || c.sieve(value)) {
			values = append(values, simpler)
		}
	}
	return values
}

// tidy drops clients that have nothing to do; without clients there is only one sequential part.
func (p program[C]) tidy() program[C] {
	p.clients = slices.DeleteFunc(slices.Clone(p.clients), func(c []command[C]) bool { return len(c) == 0 })
	if len(p.clients) == 0 {
		p.prefix, p.suffix = slices.Concat(p.prefix, p.suffix), nil
	}
	return p
}

// follow repeats the steps of an earlier shrinking.
func (s *search[S, C, R]) follow(p program[C], path []int) (program[C], bool) {
	for _, want := range path {
		index, found := -1, false
		for candidate := range s.candidates(p) {
			if index++; index == want {
				p, found = candidate, true
				break
			}
		}
		if !found {
			return p, false
		}
	}
	return p, true
}
