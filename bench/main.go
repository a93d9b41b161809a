// Bench measures Rinse beside its peers: every workload under every variant, in one run, because figures of
// different runs do not compare. It prints one table, and what was to be reached.
//
//	go run ./bench            # ten rounds, some minutes
//	go run ./bench -short     # some seconds: shows that everything works, not how fast
//	go run ./bench -run 'Transfer.*/g=2' -out transfer.txt && benchstat transfer.txt
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 10, "measure everything so many `times`, in turn")
	span := flag.Duration("time", 40*time.Millisecond, "how long one measurement takes, roughly")
	short := flag.Bool("short", false, "three rounds of a millisecond each")
	pattern := flag.String("run", "", "only benchmarks whose name, such as Counter/rinse/g=2, matches `regexp`")
	out := flag.String("out", "", "write every measurement to `file`, in the format of go test -bench")
	flag.Parse()
	if *short {
		*rounds, *span = 3, time.Millisecond
	}
	if err := bench(*pattern, *rounds, *span, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench measures what matches the pattern and prints the report, also if some result was wrong.
func bench(pattern string, rounds int, span time.Duration, out string) error {
	chosen, err := matching(pattern)
	if err != nil {
		return err
	}
	r := report{
		benchmarks: chosen,
		operations: map[string]int{},
		began:      time.Now(),
		command:    strings.Join(append([]string{"go run ./bench"}, os.Args[1:]...), " "),
	}
	wrong := r.measure(rounds, span)
	if err := r.print(os.Stdout); err != nil {
		return errors.Join(wrong, err)
	}
	if out == "" {
		return wrong
	}
	return errors.Join(wrong, r.save(out))
}

// matching lists the benchmarks whose name matches the pattern.
func matching(pattern string) (chosen []benchmark, err error) {
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	for _, b := range benchmarks() {
		if expression.MatchString(b.name()) {
			chosen = append(chosen, b)
		}
	}
	if chosen == nil {
		return nil, fmt.Errorf("no benchmark matches %q; names are like %s", pattern, benchmarks()[0].name())
	}
	return chosen, nil
}

// measure measures all benchmarks in turn, round by round. The figures of a benchmark that was wrong once are refused,
// and the error says so.
func (r *report) measure(rounds int, span time.Duration) error {
	wrong := map[string]error{}
	for n := range rounds + 1 {
		r.progress(n, rounds)
		figures := round{}
		for _, b := range r.benchmarks {
			if name := b.name(); wrong[name] == nil {
				var err error
				if n == 0 {
					r.operations[name], err = b.calibrate(span)
				} else {
					figures[name], err = b.measure(r.operations[name])
				}
				if err != nil {
					wrong[name] = fmt.Errorf("%s: %w", name, err)
				}
			}
		}
		if n > 0 {
			r.rounds = append(r.rounds, figures)
		}
	}
	var errs []error
	for name, err := range wrong {
		errs = append(errs, err)
		for _, figures := range r.rounds {
			delete(figures, name)
		}
	}
	return errors.Join(errs...)
}

func (r *report) progress(n, rounds int) {
	step := "calibrating"
	if n > 0 {
		step = fmt.Sprintf("round %d of %d", n, rounds)
	}
	fmt.Fprintf(os.Stderr, "%5.1fs  %s, %d benchmarks\n", time.Since(r.began).Seconds(), step, len(r.benchmarks))
}

// save writes every measurement to a file.
func (r *report) save(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(r.write(file), file.Close())
}
