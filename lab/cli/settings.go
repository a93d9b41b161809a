package cli

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rinse-go/rinse/lab/result"
)

// settings are the flags of run.
type settings struct {
	workloads, disciplines []string
	goroutines, procs      []int
	rounds                 int
	time, warmUp           time.Duration
	seed                   uint64
	full, costs            bool
	from, out              string
}

func (s *settings) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&s.full, "full", false, "measure all workloads with more goroutines and for longer")
	f.StringSliceVar(&s.workloads, "workloads", nil, `which: names, or one case as in "cache/90/10"; "all"`)
	f.StringSliceVar(&s.disciplines, "disciplines", nil, `under which; "all" unless given`)
	f.IntSliceVar(&s.goroutines, "goroutines", nil, "how many goroutines, one after the other")
	f.IntSliceVar(&s.procs, "procs", nil, "values of GOMAXPROCS, one after the other")
	f.IntVar(&s.rounds, "rounds", 0, "how often each is measured; six at least give an interval")
	f.DurationVar(&s.time, "time", 0, "how long for throughput, and again for latency")
	f.DurationVar(&s.warmUp, "warm-up", 0, "how long to work before that")
	f.Uint64Var(&s.seed, "seed", 1, "from which all random choices follow")
	f.BoolVar(&s.costs, "costs", true, "measure what sharing costs on this machine, too, to extrapolate")
	f.StringVar(&s.from, "from", "", "measure the same as in this `file` of results")
	f.StringVar(&s.out, "out", "", "`file` for the results; text and page are put beside it\n(default lab-results/TIME.jsonl)")
	_ = cmd.MarkFlagFilename("from", "jsonl")
	_ = cmd.MarkFlagFilename("out", "jsonl")
}

// complete puts in what was not given: from a file of results, or of the part or the whole.
func (s *settings) complete(cmd *cobra.Command) error {
	if err := s.check(cmd); err != nil {
		return err
	}
	if s.from != "" {
		if err := s.repeat(cmd.Flags()); err != nil {
			return err
		}
	}
	preset := part()
	if s.full {
		preset = whole()
	}
	if s.workloads == nil {
		s.workloads = preset.workloads
	}
	if s.disciplines == nil {
		s.disciplines = []string{every}
	}
	if s.goroutines == nil {
		s.goroutines = preset.goroutines
	}
	if s.procs == nil {
		s.procs = preset.procs
	}
	if s.rounds == 0 {
		s.rounds = preset.rounds
	}
	if s.time == 0 {
		s.time = preset.time
	}
	if s.warmUp == 0 {
		s.warmUp = preset.warmUp
	}
	s.goroutines, s.procs = unique(s.goroutines), unique(s.procs)
	return nil
}

// part is what is measured by default: a first answer in less than a minute.
func part() settings {
	return settings{
		workloads:  []string{"counter/inc", "bank", "cache/90/10", "move"},
		goroutines: []int{1, max(2, runtime.NumCPU())},
		procs:      []int{runtime.NumCPU()},
		rounds:     6, time: 15 * time.Millisecond, warmUp: 3 * time.Millisecond,
	}
}

// whole is what is measured by --full.
func whole() settings {
	w := settings{workloads: []string{every}, rounds: 6, time: 60 * time.Millisecond, warmUp: 10 * time.Millisecond}
	cores := runtime.NumCPU()
	for n := 1; n <= 4*max(2, cores); n *= 2 {
		w.goroutines = append(w.goroutines, n)
	}
	for n := 1; n < cores; n *= 2 {
		w.procs = append(w.procs, n)
	}
	w.procs = append(w.procs, cores)
	return w
}

// most is how many goroutines can be measured: each has histograms of its own.
const most = 4096

// check wants what was given to make sense.
func (s *settings) check(cmd *cobra.Command) error {
	given := func(flag string) bool { return cmd.Flags().Changed(flag) }
	for flag, numbers := range map[string][]int{"goroutines": s.goroutines, "procs": s.procs} {
		for _, n := range numbers {
			if n < 1 || n > most {
				return usage("--%s %d: it has to be from 1 to %d", flag, n, most)
			}
		}
		if given(flag) && len(numbers) == 0 {
			return usage("--%s needs at least one number", flag)
		}
	}
	if given("rounds") && s.rounds < 1 {
		return usage("--rounds %d: at least 1 is needed to measure anything", s.rounds)
	}
	for flag, d := range map[string]time.Duration{"time": s.time, "warm-up": s.warmUp} {
		if given(flag) && d <= 0 {
			return usage("--%s %s: it has to be longer than nothing", flag, d)
		}
	}
	for flag, names := range map[string][]string{"workloads": s.workloads, "disciplines": s.disciplines} {
		if given(flag) && len(names) == 0 {
			return usage("--%s needs at least one name", flag)
		}
	}
	return nil
}

// repeat takes what is not given from the arguments of an earlier run.
func (s *settings) repeat(given *pflag.FlagSet) error {
	earlier, err := result.Load(s.from)
	if err != nil {
		return err
	}
	var then settings
	cmd := &cobra.Command{}
	then.flags(cmd)
	if len(earlier.Args) == 0 || cmd.Flags().Parse(earlier.Args[1:]) != nil || then.check(cmd) != nil {
		return fmt.Errorf("%s: the arguments of that run are not known here: %q", s.from, earlier.Args)
	}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if mine := given.Lookup(flag.Name); !mine.Changed {
			err = mine.Value.Set(strings.Trim(flag.Value.String(), "[]"))
		}
	})
	return err
}

// args are what has to be given to measure the same again.
func (s *settings) args() []string {
	args := []string{
		"run",
		"--workloads", strings.Join(s.workloads, ","),
		"--disciplines", strings.Join(s.disciplines, ","),
		"--goroutines", joined(s.goroutines),
		"--procs", joined(s.procs),
		"--rounds", fmt.Sprint(s.rounds),
		"--time", s.time.String(),
		"--warm-up", s.warmUp.String(),
		"--seed", fmt.Sprint(s.seed),
	}
	if !s.costs {
		args = append(args, "--costs=false")
	}
	return args
}
