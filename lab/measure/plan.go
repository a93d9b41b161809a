package measure

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/workload"
)

// A Study is one case of one workload.
type Study struct {
	Workload *workload.Workload
	Case     string // empty if it has no cases
}

// A Plan says what is measured.
type Plan struct {
	Studies     []Study
	Disciplines []discipline.Discipline
	Goroutines  []int
	Procs       []int // GOMAXPROCS
	Rounds      int
	Settings    Settings
}

// A Step is one measurement of a plan.
type Step struct {
	result.Key
	Round      int
	workload   *workload.Workload
	discipline *discipline.Discipline
}

func (s Step) String() string {
	name := s.Workload
	if s.Case != "" {
		name += " " + s.Case
	}
	return fmt.Sprintf("%s %s %d×%d", name, s.Discipline, s.Goroutines, s.Procs)
}

// Steps returns the measurements in their order, and what cannot be measured. Disciplines change fastest,
// rounds slowest: A B C A B C.
func (p Plan) Steps() (steps []Step, refusals []result.Refusal) {
	for round := range p.Rounds {
		for key, study := range p.settings() {
			for i := range p.Disciplines {
				key.Discipline = p.Disciplines[i].Name
				err := study.Workload.Cannot(&p.Disciplines[i])
				switch {
				case err == nil:
					steps = append(steps, Step{key, round, study.Workload, &p.Disciplines[i]})
				case round == 0:
					refusals = append(refusals, result.Refusal{Key: key, Cannot: err.Error()})
				}
			}
		}
	}
	return steps, refusals
}

// settings goes through all there is but disciplines and rounds.
func (p Plan) settings() func(yield func(result.Key, Study) bool) {
	return func(yield func(result.Key, Study) bool) {
		for _, study := range p.Studies {
			goroutines := p.Goroutines
			if study.Workload.Goroutines != nil {
				goroutines = study.Workload.Goroutines
			}
			for _, procs := range p.Procs {
				for _, n := range goroutines {
					key := result.Key{Workload: study.Workload.Name, Case: study.Case, Goroutines: n, Procs: procs}
					if !yield(key, study) {
						return
					}
				}
			}
		}
	}
}

// About is how long the plan will take, by its settings alone.
func (p Plan) About() time.Duration {
	const around = 15 * time.Millisecond // set up, collect garbage, check
	steps, _ := p.Steps()
	return time.Duration(len(steps)) * (p.Settings.WarmUp + 2*p.Settings.Time + around)
}

// A Watch is told how a plan goes on.
type Watch struct {
	Step func(done, all int, next Step)
	// Keep is called from time to time, and in the end, with what has been measured so far. An error
	// of it ends the plan.
	Keep func(*result.Run) error
}

// Run goes through the plan and puts what it measures into run, which is partial until all is done. The
// error is the context's, ErrHangs, or that of Keep; what was measured before is in run.
func (p Plan) Run(ctx context.Context, run *result.Run, watch Watch) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	steps, refusals := p.Steps()
	run.Refusals, run.Partial = refusals, true
	kept := time.Now()
	for i, step := range steps {
		if refused(run, step.Key) {
			continue
		}
		watch.Step(i, len(steps), step)
		if err := p.one(ctx, run, step); err != nil {
			return errors.Join(err, watch.Keep(run))
		}
		if time.Since(kept) > 5*time.Second {
			if err := watch.Keep(run); err != nil {
				return err
			}
			kept = time.Now()
		}
	}
	run.Partial = false
	return watch.Keep(run)
}

// one makes one measurement. Its error ends the plan.
func (p Plan) one(ctx context.Context, run *result.Run, step Step) error {
	point, err := One(ctx, step.workload, step.discipline, step.Key, step.Round, p.Settings)
	var cannot workload.Refused
	switch {
	case err == nil:
		run.Points = append(run.Points, point)
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &cannot):
		refuse(run, result.Refusal{Key: step.Key, Cannot: string(cannot)})
		return nil
	case errors.Is(err, discipline.ErrCannot):
		refuse(run, result.Refusal{Key: step.Key, Cannot: brief(err)})
		return nil
	}
	refuse(run, result.Refusal{Key: step.Key, Error: brief(err)})
	if errors.Is(err, ErrHangs) {
		return fmt.Errorf("%s: %w", step, err)
	}
	return nil
}

func refused(run *result.Run, key result.Key) bool {
	for i := range run.Refusals {
		if run.Refusals[i].Key == key {
			return true
		}
	}
	return false
}

// refuse drops the figures of other rounds, too: who was wrong once may have been wrong before.
func refuse(run *result.Run, refusal result.Refusal) {
	right := run.Points[:0]
	for _, point := range run.Points {
		if point.Key != refusal.Key {
			right = append(right, point)
		}
	}
	run.Points = right
	run.Refusals = append(run.Refusals, refusal)
}

// brief is the first line of an error, with how many more there are.
func brief(err error) string {
	first, rest, more := strings.Cut(err.Error(), "\n")
	if !more {
		return first
	}
	return fmt.Sprintf("%s (and %d more)", first, 1+strings.Count(rest, "\n"))
}
