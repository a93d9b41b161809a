package proptest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rinse-go/rinse/proptest/sched"
)

// A Failure is a counterexample: a program, as small as it could be made, and an interleaving of its
// clients under which an implementation is wrong.
type Failure struct {
	Spec, Impl  string
	Kind        Kind
	Seed        uint64 // of the whole check, for WithSeed
	Program     string // one line for each part
	Commands    int    // of the program
	Preemptions int    // how often a client is interrupted
	Scheduler   string // what found it, where that cannot be repeated
	Log         string // what happened, a line for each event; the same for every replay
	Token       string // for Replay
	HTML        string // the page written, if asked

	ladder  string
	explain string
	drawn   int // commands of the program as it was drawn
}

// Error returns the whole story.
func (f *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "proptest: %s: implementation %q is wrong: %s\n", f.Spec, f.Impl, f.Kind)
	if f.Program != "" {
		b.WriteString("\nprogram")
		if f.drawn > f.Commands {
			fmt.Fprintf(&b, ", shrunk from %d commands to %d", f.drawn, f.Commands)
		}
		fmt.Fprintf(&b, "\n%s", f.Program)
	}
	if f.ladder != "" {
		fmt.Fprintf(&b, "\ninterleaving, %s\n%s", plural(f.Preemptions, "preemption"), f.ladder)
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimRight(f.explain, "\n"))
	if f.HTML != "" {
		fmt.Fprintf(&b, "\npage: %s\n", f.HTML)
	}
	b.WriteString("\n")
	if f.Token != "" {
		fmt.Fprintf(&b, "replay: proptest.Replay(t, spec, impls, %q)\n", f.Token)
	}
	fmt.Fprintf(&b, "seed:   proptest.WithSeed(%#x)\n", f.Seed)
	return b.String()
}

func plural(n int, noun string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// conclude makes a Failure of a finding: shrinks it, runs it once more to write down what happens, and
// explains it.
func (s *search[S, C, R]) conclude(seed uint64, first *finding[C, R]) *Failure {
	f, path := s.shrink(first)
	result := s.present(f, s.token(seed, path, f.execution.schedule))
	result.drawn = first.program.size()
	return result
}

// present tells a finding without shrinking it.
func (s *search[S, C, R]) present(f *finding[C, R], t token) *Failure {
	result := &Failure{
		Spec: s.spec.Name, Impl: s.impl.Name, Kind: f.kind, Seed: s.seed,
		Program: f.program.print(s.spec.Print), Commands: f.program.size(),
		Preemptions: f.execution.preemptions, Token: t.String(),
	}
	e, steady := f.execution, true
	if !f.stressed {
		e, steady = s.retrace(f)
		result.Log = eventLog(e.rows)
		result.ladder = ladder(e.rows, len(f.program.clients))
	} else {
		result.Scheduler = "Stress"
	}
	result.explain = s.story(f.kind, e)
	if f.stressed {
		result.explain += "found on real threads only: an implementation that calls env.Yield before each shared access can be\n" +
			"interleaved step by step, and replayed exactly\n"
	}
	if !steady {
		result.explain += "beware: under the same schedule this came out differently the next time; the implementation depends\n" +
			"on more than the order of its steps\n"
	}
	s.page(result, e.history)
	return result
}

// retrace runs a finding's schedule again, writing down every step, twice; steady tells whether it failed
// as before, and in the same way both times.
func (s *search[S, C, R]) retrace(f *finding[C, R]) (e *execution[C, R], steady bool) {
	steady = true
	var first string
	for i := range 2 {
		again := s.rerun(f.program, f.execution.schedule)
		e = again.execution
		if i == 0 {
			first = eventLog(e.rows)
		}
		steady = steady && again.kind == f.kind && eventLog(e.rows) == first
	}
	return e, steady
}

// rerun runs a program under one schedule, traced. The finding's kind is 0 if nothing is wrong.
func (s *search[S, C, R]) rerun(p program[C], schedule sched.Schedule) (f *finding[C, R]) {
	counts := s.report
	defer func() { s.report = counts }()
	f = &finding[C, R]{program: p}
	lost := false
	left := within(s.bubble, func() {
		for run := range sched.Explore(sched.Replay(schedule), s.sched()...) {
			f.execution = controlled(run, s.impl, p, s.spec.Print, s.bubble != nil, true)
			if g := s.judge(p, f.execution); g != nil {
				f = g
			}
			lost = run.Lost()
		}
	})
	if f.kind == 0 && left && !lost {
		f.kind = Leak
	}
	return f
}

// story says what is wrong, kind by kind.
func (s *search[S, C, R]) story(kind Kind, e *execution[C, R]) string {
	switch kind {
	case NotLinearizable:
		return "no order of these operations explains what came back; the model follows this far:\n" + s.explain(e.history)
	case Deadlock:
		return "nobody can go on, but the model lets somebody:\n" + s.explain(e.history)
	case Livelock:
		return fmt.Sprintf("the program had not ended after %d steps\n", len(e.schedule))
	case Leak:
		return "goroutines remained after the program: end them in env.Cleanup, or when env.Context is done\n"
	case NotDeterministic:
		return "the same schedule led to other steps than before: the implementation depends on more than the order of\n" +
			"its steps, such as the order of a map, the time, goroutines of its own that race, or clients that are woken\n" +
			"at once and race for a sync.Mutex (use env.Mutex)\n"
	case Panic:
		var p *panicError
		if errors.As(e.err, &p) {
			return p.Error() + "\n" + trimStack(p.stack)
		}
	}
	return ""
}

// explain lets the model explain a history, outside the bubble.
func (s *search[S, C, R]) explain(history []Op[C, R]) (text string) {
	s.desk.do(func() { text = s.linearizer.explain(history) })
	return text
}

// trimStack keeps where the implementation was when it panicked, without addresses, which differ from run
// to run.
func trimStack(stack []byte) string {
	var b strings.Builder
	lines := strings.Split(string(stack), "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		function := lines[i]
		if ours(function) || strings.HasPrefix(function, "runtime") || strings.HasPrefix(function, "panic(") ||
			strings.HasPrefix(function, "iter.") || strings.HasPrefix(function, "created by") {
			continue
		}
		place := strings.TrimSpace(lines[i+1])
		place, _, _ = strings.Cut(place, " +0x")
		fmt.Fprintf(&b, "  at %s\n", place[strings.LastIndexByte(place, '/')+1:])
	}
	return b.String()
}

var unsafeInName = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// page writes porcupine's page about the history, if asked.
func (s *search[S, C, R]) page(f *Failure, history []Op[C, R]) {
	if s.html == "" || len(history) == 0 {
		return
	}
	path := filepath.Join(s.html, unsafeInName.ReplaceAllString(s.spec.Name+"-"+s.impl.Name, "_")+".html")
	s.desk.do(func() {
		if err := s.writePage(path, history); err != nil {
			f.explain += fmt.Sprintf("the page could not be written: %v\n", err)
			return
		}
		f.HTML = path
	})
}

func (s *search[S, C, R]) writePage(path string, history []Op[C, R]) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(s.linearizer.html(history, file), file.Close())
}
