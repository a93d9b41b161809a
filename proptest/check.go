package proptest

import (
	"errors"
	"fmt"
	"testing"
)

// Check generates programs for the spec, runs each implementation through them under every scheduler, and
// fails the test with a [Failure] for each implementation that is wrong. If t is a *testing.T, controlled
// runs happen in synctest bubbles, see [InBubble].
func Check[S, C, R any](t testing.TB, spec Spec[S, C, R], impls []Impl[C, R], options ...Option) Report {
	t.Helper()
	report, err := Find(spec, impls, append(bubbleOf(t), options...)...)
	if err != nil {
		t.Error(err)
	}
	return report
}

func bubbleOf(t testing.TB) []Option {
	if t, isTest := t.(*testing.T); isTest {
		return []Option{InBubble(t)}
	}
	return nil
}

// Find is Check without a test: the error joins a *[Failure] for each implementation that is wrong, or
// says what is wrong with the spec.
func Find[S, C, R any](spec Spec[S, C, R], impls []Impl[C, R], options ...Option) (Report, error) {
	total := Report{Spec: spec.Name}
	c, err := prepare(&spec, impls, options)
	if err != nil {
		return total, err
	}
	total.Seed = c.seed
	pre := spec.Pre != nil
	spec = spec.withDefaults()
	var failures []error
	for _, impl := range impls {
		s := newSearch(c, &spec, pre, impl)
		f, err := s.supervised(s.run)
		total.add(s.counts())
		if err != nil {
			return total, err
		}
		if f != nil {
			failures = append(failures, f)
		}
	}
	return total, errors.Join(failures...)
}

// prepare refuses what cannot work.
func prepare[S, C, R any](spec *Spec[S, C, R], impls []Impl[C, R], options []Option) (config, error) {
	if err := spec.validate(); err != nil {
		return config{}, err
	}
	if len(impls) == 0 {
		return config{}, fmt.Errorf("proptest: no implementation of %q given", spec.Name)
	}
	names := map[string]bool{}
	for i, impl := range impls {
		if impl.New == nil {
			return config{}, fmt.Errorf("proptest: implementation %d of %q, %q, has no New", i, spec.Name, impl.Name)
		}
		if names[impl.Name] {
			return config{}, fmt.Errorf("proptest: two implementations of %q are named %q: give them different names", spec.Name, impl.Name)
		}
		names[impl.Name] = true
	}
	return newConfig(options)
}

// Replay runs the program and the schedule of a failure that was printed before, and fails the test with
// it. If nothing is wrong any more it says so and returns nil. A failure found on real threads is looked
// for again, not repeated exactly.
func Replay[S, C, R any](t testing.TB, spec Spec[S, C, R], impls []Impl[C, R], token string, options ...Option) *Failure {
	t.Helper()
	f, err := Reproduce(spec, impls, token, append(bubbleOf(t), options...)...)
	switch {
	case err != nil:
		t.Error(err)
	case f != nil:
		t.Error(f)
	default:
		t.Log("proptest: the replayed program does not fail")
	}
	return f
}

// Reproduce is Replay without a test. It returns nil, nil if nothing is wrong any more.
func Reproduce[S, C, R any](spec Spec[S, C, R], impls []Impl[C, R], token string, options ...Option) (*Failure, error) {
	c, err := prepare(&spec, impls, options)
	if err != nil {
		return nil, err
	}
	t, err := parseToken(token)
	if err != nil {
		return nil, err
	}
	pre := spec.Pre != nil
	spec = spec.withDefaults()
	c.shape = t.shape
	for _, impl := range impls {
		s := newSearch(c, &spec, pre, impl)
		if s.about() == t.about {
			return s.supervised(func() (*Failure, error) { return s.replay(t) })
		}
	}
	return nil, fmt.Errorf("proptest: replay token %q belongs to another spec or implementation than those of %q", token, spec.Name)
}

func (s *search[S, C, R]) replay(t token) (*Failure, error) {
	g := s.generator()
	p, err := g.generate(t.seed)
	if err != nil {
		return nil, err
	}
	p, found := s.follow(p, t.path)
	if !found || p.size() == 0 {
		return nil, fmt.Errorf("proptest: replay token %q does not fit: spec %q draws or shrinks other programs than it did when "+
			"the token was printed", t, s.spec.Name)
	}
	s.watch.begin(situation{program: p.print(s.spec.Print), scheduler: "Replay", token: t.String(), report: s.report})
	if t.schedule == nil {
		if f := s.try(p, t.seed); f != nil {
			return s.present(f, t), nil
		}
		return nil, nil
	}
	f := s.rerun(p, t.schedule)
	if f.kind == 0 {
		return nil, nil
	}
	return s.present(f, t), nil
}
