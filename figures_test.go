package rinse_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the figures of docs/figures.txt into the README")

// The README's tables: what is in a row and a column, and the name of that in the report of bench.

type column struct{ title, variant string }

type row struct {
	title, workload string
	ours            string // the variant under the first column, if it is not rinse
}

type table struct {
	what    string
	columns []column
	rows    []row
	figure  func(figures, string) string
}

var tables = []table{
	{
		what: "one operation",
		columns: []column{
			{"Rinse", "rinse"}, {"one mutex", "mutex"}, {"a mutex each", "mutex-each"}, {"one RWMutex", "rwmutex"},
			{"owner goroutine", "owner"}, {"anacrolix/stm", "anacrolix"}, {"plain atomics, not consistent", "atomic"},
		},
		rows: []row{
			{title: "counter, `Atomically`", workload: "Counter"},
			{title: "counter, `Update`", workload: "Counter", ours: "rinse-update"},
			{title: "transfer, 2 of 1,024 shared accounts", workload: "TransferShared"},
			{title: "transfer, each among its own accounts", workload: "TransferOwn"},
			{title: "transfer, while one audits all accounts", workload: "TransferAudited"},
			{title: "transfer, while one only spins", workload: "TransferBesideSpinner"},
			{title: "`View` of 1", workload: "Read1"},
			{title: "`View` of 16", workload: "Read16"},
			{title: "`View` of 256", workload: "Read256"},
			{title: "`Load`", workload: "Load"},
			{title: "`Store`", workload: "Store"},
		},
		figure: figures.times,
	},
	{
		what: "waiting",
		columns: []column{
			{"Rinse", "rinse"}, {"`sync.Cond`", "cond"}, {"channel", "channel"}, {"anacrolix/stm", "anacrolix"},
		},
		rows: []row{
			{title: "hand-over from one to another, 2 / 8 goroutines", workload: "PingPong"},
			{title: "wake-up of one of 1 / 2 / 8 / 1,000 waiters", workload: "Herd"},
			{title: "memory of a waiting goroutine, bytes", workload: "Waiting"},
		},
		figure: figures.timesOrBytes,
	},
	{
		what: "memory",
		columns: []column{
			{"Rinse", "rinse"}, {"`int` and mutex", "mutex"}, {"atomic `int`", "atomic"}, {"anacrolix/stm", "anacrolix"},
		},
		rows:   []row{{title: "a variable, bytes", workload: "Million"}},
		figure: figures.timesOrBytes,
	},
}

const begin, end = "-update -->\n", "<!-- figures: end -->"

func TestFiguresAreThoseOfTheRun(t *testing.T) {
	readme := read(t, "README.md")
	before, rest, ok := strings.Cut(readme, begin)
	require.True(t, ok, "the README has lost the mark of where the figures begin")
	shown, after, ok := strings.Cut(rest, end)
	require.True(t, ok, "the README has lost the mark of where the figures end")

	want := markdown(t, parseFigures(t, read(t, "docs/figures.txt")))
	if *update {
		require.NoError(t, os.WriteFile("README.md", []byte(before+begin+want+end+after), 0o600))
		return
	}
	assert.Equal(t, want, shown, "run: go test . -run Figures -update")
}

// figures are the cells of bench's table, by workload/variant and column title.
type figures struct {
	head  map[string]string
	cells map[string]map[string]string
}

// parseFigures reads a report as bench prints it: lines of what it was measured on, and a table
// whose columns begin where their titles do.
func parseFigures(t *testing.T, report string) figures {
	t.Helper()
	f := figures{map[string]string{}, map[string]map[string]string{}}
	var titles [][]int
	var header string
	for line := range strings.Lines(report) {
		line = strings.TrimRight(line, "\n")
		switch key, value, isHead := strings.Cut(line, ": "); {
		case titles == nil && strings.HasPrefix(line, "workload"):
			header, titles = line, regexp.MustCompile(`\S+(?: \S+)*`).FindAllStringIndex(line, -1)
		case titles == nil && isHead:
			f.head[key] = value
		case titles != nil && line == "":
			return f
		case titles != nil:
			cells := map[string]string{}
			for i, at := range titles {
				stop := len(line)
				if i+1 < len(titles) {
					stop = min(stop, titles[i+1][0])
				}
				cells[header[at[0]:at[1]]] = strings.TrimSpace(line[min(at[0], stop):stop])
			}
			f.cells[cells["workload"]+"/"+cells["variant"]] = cells
		}
	}
	t.Fatal("docs/figures.txt is not a report of bench")
	return f
}

// times gives the medians of a row, without the worst in brackets.
func (f figures) times(name string) string {
	var times []string
	for _, goroutines := range []string{"g=1", "g=2", "g=4", "g=8", "g=1000"} {
		if median, _, _ := strings.Cut(f.cells[name][goroutines], " "); median != "" {
			times = append(times, median)
		}
	}
	return strings.Join(times, " / ")
}

var inBytes = regexp.MustCompile(`(\S+) B/`)

// timesOrBytes gives what an object weighs, where nothing was timed.
func (f figures) timesOrBytes(name string) string {
	if found := inBytes.FindStringSubmatch(f.cells[name]["also, at the most goroutines"]); found != nil {
		return found[1]
	}
	return f.times(name)
}

func markdown(t *testing.T, f figures) string {
	t.Helper()
	var b strings.Builder
	for _, key := range []string{"cpu", "cores", "go", "date", "command"} {
		require.NotEmpty(t, f.head[key], "docs/figures.txt does not say its %s", key)
	}
	fmt.Fprintf(&b, "%s, %s cores, %s/%s, %s, %s: `%s`\n", f.head["cpu"], f.head["cores"], f.head["goos"],
		f.head["goarch"], f.head["go"], f.head["date"], f.head["command"])
	for _, table := range tables {
		fmt.Fprintf(&b, "\n| %s |", table.what)
		for _, c := range table.columns {
			fmt.Fprintf(&b, " %s |", c.title)
		}
		fmt.Fprintf(&b, "\n|---|%s\n", strings.Repeat("---:|", len(table.columns)))
		for _, r := range table.rows {
			fmt.Fprintf(&b, "| %s |", r.title)
			for _, c := range table.columns {
				name := r.workload + "/" + c.variant
				if c.variant == "rinse" && r.ours != "" {
					name = r.workload + "/" + r.ours
				}
				fmt.Fprintf(&b, " %s |", table.figure(f, name))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
