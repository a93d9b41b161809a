package proptest

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/rinse-go/rinse/proptest/sched"
)

const (
	ok      = porcupine.Ok
	unknown = porcupine.Unknown
)

// A search looks for a program and a schedule under which one implementation is wrong.
type search[S, C, R any] struct {
	config
	spec       *Spec[S, C, R]
	impl       Impl[C, R]
	model      model[S, C, R]
	linearizer linearizer[S, C, R]
	report     Report
	watch      *watchdog
	desk       *desk
}

func newSearch[S, C, R any](c config, spec *Spec[S, C, R], pre bool, impl Impl[C, R]) *search[S, C, R] {
	return &search[S, C, R]{
		config:     c,
		spec:       spec,
		impl:       impl,
		model:      model[S, C, R]{spec: spec, pre: pre},
		linearizer: linearizer[S, C, R]{spec: spec, timeout: c.patience / 4},
		report:     Report{Spec: spec.Name, Seed: c.seed},
	}
}

// supervised does the work of a search under a watchdog and returns what it found; an error is one of the
// spec. What hangs is left behind.
func (s *search[S, C, R]) supervised(work func() (*Failure, error)) (f *Failure, err error) {
	s.watch = newWatchdog(s.patience)
	s.desk = openDesk()
	end, stacks := s.watch.supervise(func() {
		defer s.desk.close()
		defer recoverSpec(&err)
		f, err = work()
	})
	switch end {
	case hung:
		return s.interrupted(Hang, fmt.Sprintf("nothing has happened for %v of real time; %s", s.patience, stacks)), nil
	case exited:
		return s.interrupted(Stopped, "the search was ended from inside: the race detector has found a data race, see its report, or\n"+
			"the implementation has ended its goroutine, by FailNow of the test or by runtime.Goexit\n"), nil
	}
	if err != nil {
		err = fmt.Errorf("%w (seed %#x)", err, s.seed)
	}
	return f, err
}

// counts returns the report, as of the last program begun where the work was left behind: it may still be
// running.
func (s *search[S, C, R]) counts() Report {
	if s.watch.abandoned.Load() {
		return s.watch.current().report
	}
	return s.report
}

// interrupted is the failure of a search that did not come to its end by itself.
func (s *search[S, C, R]) interrupted(kind Kind, explain string) *Failure {
	c := s.watch.current()
	return &Failure{
		Spec: s.spec.Name, Impl: s.impl.Name, Kind: kind, Seed: s.seed, Program: c.program, Scheduler: c.scheduler,
		Token: c.token, explain: explain,
	}
}

func (s *search[S, C, R]) generator() *generator[S, C, R] {
	return &generator[S, C, R]{spec: s.spec, shape: s.shape, model: s.model, beat: s.watch.mustBeat}
}

// mostEmpty is how many programs in a row may come out empty before the precondition is to blame.
const mostEmpty = 20

// run is the whole search.
func (s *search[S, C, R]) run() (*Failure, error) {
	g := s.generator()
	defer func() { s.report.Discarded = g.discarded }()
	empty := 0
	for i := uint64(0); s.report.Programs < s.programs; i++ {
		seed := mix(s.seed, i)
		p, err := g.generate(seed)
		if err != nil {
			return nil, err
		}
		if len(p.clients) == 0 {
			if empty++; empty == mostEmpty {
				return nil, fmt.Errorf("proptest: the precondition of spec %q cannot be satisfied: of %d commands "+
					"drawn, no client may be given one", s.spec.Name, g.discarded)
			}
			continue
		}
		if err := s.model.pure(p.values()); err != nil {
			return nil, err
		}
		empty = 0
		s.report.Programs++
		if f := s.try(p, seed); f != nil {
			return s.conclude(seed, f), nil
		}
	}
	return s.judgeUnknown(), nil
}

// mix makes the seed of one program from the seed of all (splitmix64).
func mix(seed, i uint64) uint64 {
	z := seed + (i+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// try runs one program under all schedulers.
func (s *search[S, C, R]) try(p program[C], seed uint64) *finding[C, R] {
	for _, scheduler := range s.schedulers {
		s.watch.begin(situation{
			program:   p.print(s.spec.Print),
			scheduler: scheduler.String(),
			token:     s.token(seed, nil, nil).String(),
			report:    s.report,
		})
		f := s.under(scheduler, p, seed)
		if f != nil {
			return f
		}
	}
	return nil
}

// under runs one program under one scheduler.
func (s *search[S, C, R]) under(scheduler Scheduler, p program[C], seed uint64) *finding[C, R] {
	if scheduler.repeats > 0 {
		return s.stress(p, scheduler.repeats)
	}
	strategy := scheduler.begin(seed)
	f := s.explore(p, strategy, false)
	if f != nil && f.kind == Leak { // one of many schedules: which one?
		if g := s.explore(p, scheduler.begin(seed), true); g != nil {
			f = g
		}
	}
	if strategy.complete() {
		s.report.Complete++
	}
	return f
}

// explore runs a program under each schedule of a strategy, many to a bubble unless told.
func (s *search[S, C, R]) explore(p program[C], strategy *phases, apart bool) (f *finding[C, R]) {
	for f == nil && !strategy.done {
		var last *execution[C, R]
		lost := false
		left := within(s.bubble, func() {
			for run := range sched.Explore(strategy, s.sched()...) {
				last = controlled(run, s.impl, p, s.spec.Print, s.bubble != nil, false)
				s.report.Schedules++
				f = s.judge(p, last)
				lost = run.Lost()
				if f != nil || apart || !s.watch.beat() {
					return
				}
			}
		})
		if f == nil && left && !lost {
			f = &finding[C, R]{kind: Leak, program: p, execution: last}
		}
		s.watch.mustBeat()
	}
	return f
}

func (s *search[S, C, R]) sched() []sched.Option {
	options := []sched.Option{sched.MaxSteps(s.maxSteps)}
	if s.bubble != nil {
		options = append(options, sched.InBubble())
	}
	return options
}

// stress runs a program on real threads.
func (s *search[S, C, R]) stress(p program[C], repeats int) (f *finding[C, R]) {
	for i := 0; i < repeats && f == nil; i++ {
		var e *execution[C, R]
		rested := true
		left := within(s.bubble, func() {
			e = uncontrolled(s.impl, p, s.spec.Print, s.bubble != nil, s.patience/4)
			s.report.Stressed++
			f = s.judge(p, e)
			rested = len(returnedOnly(e.history)) == len(e.history)
		})
		if f == nil && left && rested {
			f = &finding[C, R]{kind: Leak, program: p, execution: e, stressed: true}
		}
		s.watch.mustBeat()
	}
	return f
}

// decide checks a history, outside the bubble because a time limit needs real time.
func (s *search[S, C, R]) decide(history []Op[C, R]) (v verdict) {
	if s.linearizer.obvious(history) {
		return ok
	}
	s.desk.do(func() { v = s.linearizer.check(history) })
	return v
}

// judgeUnknown fails where too many histories were not decided.
func (s *search[S, C, R]) judgeUnknown() *Failure {
	if float64(s.report.Unknown) <= s.unknown*float64(s.report.Histories) {
		return nil
	}
	return &Failure{
		Spec: s.spec.Name, Impl: s.impl.Name, Kind: Undecided, Seed: s.seed,
		explain: fmt.Sprintf("%d of %d histories were not decided: operations did not return within %v, or the histories are\n"+
			"too large to check; use fewer commands, a Partition, or WithUnknown to allow more\n",
			s.report.Unknown, s.report.Histories, s.patience/4),
	}
}

// A desk is a goroutine outside every bubble that does work for those inside.
type desk struct {
	jobs    chan func()
	replies chan any // what the job panicked with
}

func openDesk() *desk {
	d := &desk{jobs: make(chan func()), replies: make(chan any)}
	go func() {
		for job := range d.jobs {
			d.replies <- attempt(job)
		}
	}()
	return d
}

func attempt(job func()) (panicked any) {
	defer func() { panicked = recover() }()
	job()
	return nil
}

func (d *desk) do(job func()) {
	d.jobs <- job
	if p := <-d.replies; p != nil {
		panic(p)
	}
}

func (d *desk) close() { close(d.jobs) }
