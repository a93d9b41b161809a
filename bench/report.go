package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// A report is what all rounds gave, and where and how they were run.
type report struct {
	benchmarks []benchmark
	operations map[string]int // by benchmark
	rounds     []round
	began      time.Time
	command    string
}

// head is one line for each thing that a figure must not be quoted without.
func (r report) head() []string {
	return []string{
		"goos: " + runtime.GOOS,
		"goarch: " + runtime.GOARCH,
		"pkg: github.com/rinse-go/rinse/bench",
		"cpu: " + cpu(),
		fmt.Sprintf("cores: %d", runtime.GOMAXPROCS(0)),
		"go: " + runtime.Version(),
		"date: " + r.began.UTC().Format("2006-01-02 15:04 MST"),
		"command: " + r.command,
	}
}

// cpu is the processor's name, where the system tells it in a file.
func cpu() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(info)) {
			if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return "unknown"
}

// print writes the table and the bars.
func (r report) print(w io.Writer) error {
	buffer := bufio.NewWriter(w)
	for _, line := range r.head() {
		fmt.Fprintln(buffer, line)
	}
	fmt.Fprintf(buffer, "\nns an operation, all goroutines together: median (worst) of %d\n\n", len(r.rounds))
	r.table(buffer)
	fmt.Fprintln(buffer)
	r.bars(buffer)
	return buffer.Flush()
}

// table has a row for each variant of each workload, and a column for each number of goroutines.
func (r report) table(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	columns := r.columns()
	fmt.Fprint(table, "workload\tvariant\t")
	for _, goroutines := range columns {
		fmt.Fprintf(table, "g=%d\t", goroutines)
	}
	fmt.Fprintln(table, "allocs\tB\talso, at the most goroutines")
	for _, row := range r.rows() {
		fmt.Fprintf(table, "%s\t%s\t", row[0].workload, row[0].variant.name)
		for _, goroutines := range columns {
			cell := ""
			for _, b := range row {
				if b.goroutines == goroutines && b.setup != nil {
					cell = r.times(b)
				}
			}
			fmt.Fprintf(table, "%s\t", cell)
		}
		last := row[len(row)-1]
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.median(row[0], "allocs/op"), r.median(row[0], "B/op"), r.also(last))
	}
}

// columns are the numbers of goroutines of all timed benchmarks.
func (r report) columns() []int {
	seen := map[int]bool{}
	for _, b := range r.benchmarks {
		if b.setup != nil {
			seen[b.goroutines] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// rows groups the benchmarks by workload and variant.
func (r report) rows() (rows [][]benchmark) {
	at := map[[2]string]int{}
	for _, b := range r.benchmarks {
		key := [2]string{b.workload, b.variant.name}
		if _, ok := at[key]; !ok {
			at[key] = len(rows)
			rows = append(rows, nil)
		}
		rows[at[key]] = append(rows[at[key]], b)
	}
	return rows
}

// values are one figure of one benchmark, by round.
func (r report) values(b benchmark, unit string) (values []float64) {
	for _, round := range r.rounds {
		if s, ok := round[b.name()]; ok {
			values = append(values, s[unit])
		}
	}
	return values
}

func (r report) times(b benchmark) string {
	values := r.values(b, "ns/op")
	if len(values) == 0 {
		return "WRONG"
	}
	return fmt.Sprintf("%s (%s)", number(median(values)), number(worst(values)))
}

func (r report) median(b benchmark, unit string) string {
	values := r.values(b, unit)
	if len(values) == 0 || b.weigh != nil {
		return ""
	}
	return fmt.Sprintf("%.4g", math.Round(median(values)*100)/100)
}

// also gives all further figures: the worst of those that are a maximum, the median of the others.
func (r report) also(b benchmark) string {
	all := sample{}
	for _, round := range r.rounds {
		maps.Copy(all, round[b.name()])
	}
	var parts []string
	for _, unit := range all.units() {
		switch value := r.values(b, unit); {
		case slices.Contains(usual, unit):
		case strings.HasSuffix(unit, "-max"):
			parts = append(parts, number(worst(value))+" "+unit)
		default:
			parts = append(parts, number(median(value))+" "+unit)
		}
	}
	return strings.Join(parts, ", ")
}

// bars lists what was to be reached, and whether it was.
func (r report) bars(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	fmt.Fprintln(table, "bar\tmeasured\tto reach\t\t")
	for _, b := range bars {
		sign := "≤"
		if b.atLeast {
			sign = "≥"
		}
		measured := "-"
		if value := b.measured(r.rounds); !math.IsNaN(value) {
			measured = number(value)
		}
		fmt.Fprintf(table, "%s\t%s\t%s %v %s\t%s\n", b.claim, measured, sign, b.limit, b.unit, b.verdict(r.rounds))
	}
}

// number has three digits that matter, and never an exponent.
func number(value float64) string {
	if math.Abs(value) >= 100 {
		return fmt.Sprintf("%.0f", value)
	}
	rounded, err := strconv.ParseFloat(fmt.Sprintf("%.3g", value), 64)
	must(err)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// write gives every measurement in the format of go test -bench, as benchstat reads it.
func (r report) write(w io.Writer) error {
	buffer := bufio.NewWriter(w)
	for _, line := range r.head() {
		fmt.Fprintln(buffer, line)
	}
	fmt.Fprintln(buffer)
	for _, round := range r.rounds {
		for _, b := range r.benchmarks {
			s, ok := round[b.name()]
			if !ok {
				continue
			}
			fmt.Fprintf(buffer, "Benchmark%s-%d\t%d", b.name(), runtime.GOMAXPROCS(0), r.operations[b.name()])
			for _, unit := range s.units() {
				fmt.Fprintf(buffer, "\t%.6g %s", s[unit], unit)
			}
			fmt.Fprintln(buffer)
		}
	}
	return buffer.Flush()
}
