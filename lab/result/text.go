package result

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// WriteText writes r in Go's benchmark text format, which benchstat reads. Refusals are comments.
func (r *Run) WriteText(w io.Writer) error {
	buffer := bufio.NewWriter(w)
	for _, config := range [][2]string{
		{"goos", r.OS}, {"goarch", r.Arch}, {"pkg", "github.com/rinse-go/rinse/lab"}, {"cpu", r.CPU},
		{"cores", fmt.Sprint(r.Cores)}, {"kernel", r.Kernel}, {"go", r.Go}, {"commit", r.Commit},
		{"start", r.Start.UTC().Format("2006-01-02T15:04:05Z")}, {"seed", fmt.Sprint(r.Seed)}, {"command", r.Command},
	} {
		if config[1] != "" {
			fmt.Fprintf(buffer, "%s: %s\n", config[0], config[1])
		}
	}
	if r.Partial {
		fmt.Fprintln(buffer, "partial: interrupted before it was complete")
	}
	fmt.Fprintln(buffer)
	for i := range r.Points {
		fmt.Fprintln(buffer, r.Points[i].text())
	}
	for _, refusal := range r.Refusals {
		reason := strings.Fields(refusal.Cannot + refusal.Error) // on one line
		fmt.Fprintf(buffer, "# %s: %s\n", refusal.benchmark(), strings.Join(reason, " "))
	}
	return buffer.Flush()
}

func (p *Point) text() string {
	var b strings.Builder
	ops := float64(p.Ops)
	fmt.Fprintf(&b, "%s\t%d\t%.5g ns/op", p.benchmark(), p.Ops, float64(p.Elapsed)/ops)
	fmt.Fprintf(&b, "\t%.5g ops/s\t%.5g clashes/op", ops/p.Elapsed.Seconds(), float64(p.Clashes)/ops)
	fmt.Fprintf(&b, "\t%.5g B/op\t%.5g allocs/op\t%.4g gc-share", p.Bytes, p.Allocs, p.GCShare)
	if p.Memory > 0 {
		fmt.Fprintf(&b, "\t%.5g B/goroutine", p.Memory)
	}
	if l := p.Latency; l != nil {
		fmt.Fprintf(&b, "\t%d p50-ns\t%d p99-ns\t%d p99.9-ns\t%d max-ns",
			l.P50.Nanoseconds(), l.P99.Nanoseconds(), l.P999.Nanoseconds(), l.Max.Nanoseconds())
	}
	for _, unit := range slices.Sorted(maps.Keys(p.Extra)) {
		fmt.Fprintf(&b, "\t%.5g %s", p.Extra[unit], unit)
	}
	return b.String()
}

// benchmark is the name of a benchmark: one part for each part of the key that there is.
func (k Key) benchmark() string {
	name := "Benchmark" + strings.ToUpper(word(k.Workload)[:1]) + word(k.Workload)[1:]
	if k.Case != "" {
		name += "/case=" + word(k.Case)
	}
	return fmt.Sprintf("%s/discipline=%s/goroutines=%d-%d", name, word(k.Discipline), k.Goroutines, k.Procs)
}

// word makes one word of a name, with nothing in it that has a meaning in the name of a benchmark.
func word(name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '/':
			return ':'
		case unicode.IsSpace(r) || !unicode.IsPrint(r):
			return '_'
		}
		return r
	}, name)
	if clean == "" {
		return "_"
	}
	return clean
}
