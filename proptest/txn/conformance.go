package txn

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Conformance runs the memory through every property, each as a subtest, and logs the report.
func Conformance(t *testing.T, a Adapter, options ...Option) {
	t.Helper()
	report := Run(a, options...)
	for _, r := range report.Results {
		t.Run(string(r.Property), func(t *testing.T) {
			switch r.Status {
			case Skipped:
				t.Skip(r.Detail)
			case Failed:
				t.Errorf("%s: %s", a.Name, r.Detail)
			}
		})
	}
	t.Log(report)
}

// Run runs the memory through every property and reports what it found. It fails nothing.
//
// There are two kinds of runs. Directed ones are made to break one property, most of them with one attempt that
// pauses while another client runs whole transactions. Random ones run transactions from a seed on real threads.
// The histories of all are checked for opacity and strict serializability. So a memory that passes has not been
// proven right; one that fails a property has been proven wrong, by the history that the result shows.
//
// Run panics if the adapter has no New. A memory that runs no transaction to its end is not run any further.
func Run(a Adapter, options ...Option) Report {
	if a.New == nil {
		panic(fmt.Sprintf("txn: adapter %q has no New", a.Name))
	}
	s := settings{seed: rand.Uint64(), rounds: 100, limits: limits{patience: 20 * time.Millisecond, deadline: 10 * time.Second}}
	for _, option := range options {
		option(&s)
	}
	u := &suite{adapter: a, settings: s, results: map[Property]*Result{}, hung: map[Property]bool{}}
	for _, p := range properties {
		u.results[p] = &Result{Property: p, Status: Skipped, Detail: "no run that could tell came to its end"}
	}
	if !u.probe() {
		return u.report()
	}
	for _, s := range scenarios {
		if (s.property != OrElseLaws || u.orElse) && !u.hung[s.property] {
			u.play(s)
		}
	}
	u.playRandom()
	return u.report()
}

// Option changes how Run and Conformance go about it.
type Option func(*settings)

type settings struct {
	seed   uint64
	rounds int
	limits limits
}

// Seed repeats the programs of the random runs of a report. Their schedules are up to the machine.
func Seed(seed uint64) Option { return func(s *settings) { s.seed = seed } }

// Rounds sets the number of small random runs, of which 100 is the default; there is a long one for every ten.
func Rounds(n int) Option { return func(s *settings) { s.rounds = n } }

// Patience sets how long a paused attempt waits for the client that runs meanwhile, of which 20 ms is the default.
// A memory whose transactions never block each other is paused no longer than it needs; give it seconds, so that a
// busy machine tests it no less. One that runs a transaction under a lock waits for the whole of it, often.
func Patience(d time.Duration) Option { return func(s *settings) { s.limits.patience = d } }

// Deadline sets after how long a client counts as hanging, of which 10 s is the default.
func Deadline(d time.Duration) Option { return func(s *settings) { s.limits.deadline = d } }

// suite is one Run.
type suite struct {
	adapter   Adapter
	settings  settings
	results   map[Property]*Result
	hung      map[Property]bool // one hang is waited for, not all
	orElse    bool
	versioned bool
	counts    Report // only these
}

// probe finds out whether the memory runs transactions at all, and what its Tx can do.
func (u *suite) probe() (runs bool) {
	w := newWorld(u.adapter, u.settings.limits)
	w.spawn(func(c *client) {
		c.must(func(t *tx) error {
			_, u.orElse = t.inner.(OrElser)
			_, u.versioned = t.inner.(Versioned)
			return nil
		})
	})
	w.join()
	w.close()
	if fault := w.fault(); fault != "" {
		u.note(StrictSerializability, "a transaction that does nothing", fault, 0)
		return false
	}
	if !u.orElse {
		u.results[OrElseLaws].Detail = "this Tx is no OrElser"
	}
	if !u.versioned {
		u.results[HonestVersions].Detail = "this Tx is not Versioned"
	}
	return true
}

// record makes a run and gives what happened, what went wrong by itself, and whether nobody hangs.
func (u *suite) record(run func(*world)) (h History, fault string, complete bool) {
	w := newWorld(u.adapter, u.settings.limits)
	run(w)
	w.close()
	h, complete = w.history()
	if complete {
		u.count(h)
	}
	return h, w.fault(), complete
}

func (u *suite) count(h History) {
	u.counts.Histories++
	u.counts.Attempts += len(h.Attempts)
	for _, a := range h.Attempts {
		if a.Outcome == Aborted {
			u.counts.Aborted++
		}
	}
}

// play runs a scenario and judges it by its own property, and its history by the general ones.
func (u *suite) play(s scenario) {
	h, fault, complete := u.record(s.run)
	if complete && fault == "" {
		fault = u.judge(h, s.level)
	}
	property := s.property
	if !complete && s.waits {
		property = RetryWakeUp
	}
	u.hung[property] = u.hung[property] || !complete
	u.note(property, s.name, fault, len(h.Attempts))
	if complete {
		u.judgeGenerally(s.name, h)
	}
}

// playRandom runs random programs, judged by the general properties alone.
func (u *suite) playRandom() {
	for round := range u.settings.rounds {
		u.playProgram(small, round)
		if round%10 == 0 {
			u.playProgram(long, round)
		}
	}
}

func (u *suite) playProgram(s size, round int) {
	name := fmt.Sprintf("random run %d of seed %d, %d clients", round, u.settings.seed, s.clients)
	h, fault, complete := u.record(randomRun(s, rand.New(rand.NewPCG(u.settings.seed, uint64(round)))))
	if fault != "" {
		u.note(StrictSerializability, name, fault, len(h.Attempts))
	}
	if complete {
		u.judgeGenerally(name, h)
	}
}

// judgeGenerally checks a history for what is true of all.
func (u *suite) judgeGenerally(name string, h History) {
	n := len(h.Attempts)
	if n == 0 { // it tells nothing
		return
	}
	u.note(StrictSerializability, name, u.judge(h, StrictSerializable), n)
	u.note(Opacity, name, u.judge(h, Opaque), n)
	if u.versioned {
		verdict, err := Snapshots(h)
		u.note(HonestVersions, name, explanation(verdict, err), n)
	}
}

// judge gives what is wrong with a history, or "".
func (u *suite) judge(h History, level Level) string {
	h = used(h)
	verdict, err := Check(h, level)
	if errors.Is(err, ErrTooLarge) {
		u.counts.Unjudged++
		return ""
	}
	return explanation(verdict, err)
}

// used leaves out the variables on which nothing was done.
func used(h History) History {
	names := map[string]bool{}
	for _, a := range h.Attempts {
		for _, o := range a.Ops {
			names[o.Var] = true
		}
	}
	h.Vars = slices.DeleteFunc(slices.Clone(h.Vars), func(v Var) bool { return !names[v.Name] })
	return h
}

func explanation(v Verdict, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case v.OK():
		return ""
	}
	return v.String()
}

// note adds a run to the result of a property, and keeps the fault with the fewest attempts.
func (u *suite) note(p Property, name, fault string, attempts int) {
	r := u.results[p]
	r.Runs++
	switch {
	case fault == "":
		if r.Status == Skipped {
			r.Status, r.Detail = Passed, ""
		}
		return
	case r.Status != Failed || attempts < r.attempts:
		r.Detail, r.attempts = fmt.Sprintf("%s: %s", name, strings.TrimSpace(fault)), attempts
	}
	r.Status = Failed
	r.Failures++
}
