package report_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/rinse-go/rinse/lab/internal/synthetic"
	"github.com/rinse-go/rinse/lab/report"
	"github.com/rinse-go/rinse/lab/result"
)

// small is a run of few workloads and disciplines, so that tests take little time.
func small(workloads ...string) *result.Run {
	run := synthetic.Run(7, 6)
	keep := func(k result.Key) bool {
		return slices.Contains(workloads, k.Workload) && strings.Contains("mutex queue atomic stm", k.Discipline)
	}
	run.Points = slices.DeleteFunc(run.Points, func(p result.Point) bool { return !keep(p.Key) })
	run.Refusals = slices.DeleteFunc(run.Refusals, func(r result.Refusal) bool { return !keep(r.Key) })
	return run
}

func write(t *testing.T, run *result.Run, options report.Options) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, report.Write(&b, run, options))
	return b.String()
}

// walk calls see for each node.
func walk(n *html.Node, see func(*html.Node)) {
	see(n)
	for child := range n.ChildNodes() {
		walk(child, see)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf returns the words in a node, without scripts and styles.
func textOf(n *html.Node) string {
	var b strings.Builder
	walk(n, func(n *html.Node) {
		if n.Type == html.TextNode && (n.Parent == nil || n.Parent.Data != "script" && n.Parent.Data != "style") {
			b.WriteString(n.Data + " ")
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	return root
}

func TestEveryFigureHasItsCommand(t *testing.T) {
	run := small("counter", "bank")
	figures := 0
	walk(parse(t, write(t, run, explained)), func(n *html.Node) {
		if n.Data == "figcaption" {
			figures++
			for _, want := range []string{run.Command, run.CPU, "2026-11-24 06:00 UTC"} {
				assert.Contains(t, textOf(n), want)
			}
		}
	})
	assert.Equal(t, 2*5, figures)
}

func TestPageTellsTheRun(t *testing.T) {
	run := small("counter", "bank")
	run.Partial = true
	text := textOf(parse(t, write(t, run, explained)))
	for _, want := range []string{
		"Synthetic 9000", "2 cores", "kernel 6.1.0", "go1.26.8", "0123abc", "seed 7", run.Command,
		"This run was interrupted", "Everybody adds one.", "Dijkstra, 1965", "Where Rinse loses", "p99 latency",
		"Before it saw what two cores do", "a cache line from the core that wrote it last to another 45 ns",
	} {
		assert.Contains(t, text, want)
	}
}

// A discipline that cannot do something says so wherever one looks for it: there are no holes.
func TestRefusalsAreWords(t *testing.T) {
	run := small("counter", "bank")
	run.Refusals = append(run.Refusals, result.Refusal{
		Key: result.Key{Workload: "bank", Discipline: "yours", Goroutines: 1, Procs: 2}, Error: "lost 3 of 100",
	})
	page := parse(t, write(t, run, report.Options{}))
	text := textOf(page)
	assert.Contains(t, text, "cannot: single words only: nothing holds two of them together")
	assert.Contains(t, text, "not counted: lost 3 of 100")
	cells := 0
	walk(page, func(n *html.Node) {
		if n.Data == "td" && attribute(n.Parent, "class") != "cannot" && attribute(n, "class") != "same" {
			cells++
			if textOf(n) == "" {
				t.Errorf("a hole in a table, beside %q", textOf(n.Parent))
			}
		}
	})
	assert.Greater(t, cells, 80)
}

// Every plot has a name and words for those who do not see it, and its figures in a table.
func TestPlotsCanBeReadWithoutEyes(t *testing.T) {
	page := parse(t, write(t, small("counter"), report.Options{}))
	ids := map[string]*html.Node{}
	walk(page, func(n *html.Node) {
		if id := attribute(n, "id"); id != "" {
			assert.Nil(t, ids[id], "two elements are called %s", id)
			ids[id] = n
		}
	})
	plots := 0
	walk(page, func(n *html.Node) {
		switch {
		case n.Data == "svg":
			plots++
			assert.Equal(t, "img", attribute(n, "role"))
			for name := range strings.FieldsSeq(attribute(n, "aria-labelledby")) {
				require.NotNil(t, ids[name], name)
				assert.NotEmpty(t, textOf(ids[name]))
			}
		case n.Data == "a" && strings.HasPrefix(attribute(n, "href"), "#"):
			assert.NotNil(t, ids[attribute(n, "href")[1:]], "a link to nowhere: %s", attribute(n, "href"))
		case n.Data == "th":
			assert.NotEmpty(t, attribute(n, "scope"))
		}
	})
	assert.Equal(t, 5, plots)
}

func TestOddRunsMakePages(t *testing.T) {
	for name, run := range synthetic.Odd() {
		run.Points = run.Points[:min(150, len(run.Points))]
		raw := write(t, run, report.Options{})
		text := textOf(parse(t, raw))
		assert.Empty(t, regexp.MustCompile(`NaN|[+-]Inf|%!`).FindString(text), name)
		assert.NotEmpty(t, text)
		if name == "markup" {
			assert.Contains(t, text, `<script>alert("x")</script>`, "as words")
			assert.False(t, strings.Contains(raw, `<script>alert`), "as a script")
		}
	}
}

func TestModelIsHeldAgainstOtherMachines(t *testing.T) {
	other := small("counter")
	other.CPU = "Bigger 1"
	for i := range other.Points {
		if p := &other.Points[i]; p.Procs == 2 && p.Goroutines == 4 {
			p.Procs = 4
		}
	}
	page := write(t, small("counter"), report.Options{Validate: []*result.Run{other}})
	text := textOf(parse(t, page))
	assert.Contains(t, text, "Held against Bigger 1")
	assert.Contains(t, text, "Shown what one and two cores of it do, the model was off by a factor of")

	page = write(t, small("counter"), report.Options{Validate: []*result.Run{{CPU: "Small 1"}}})
	assert.Contains(t, textOf(parse(t, page)), "no measurements with more than two cores")
}

func TestSameRunSamePage(t *testing.T) {
	one, two := small("counter"), small("counter")
	assert.True(t, write(t, one, explained) == write(t, two, explained))
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFullDisk(t *testing.T) {
	assert.ErrorContains(t, report.Write(full{}, synthetic.Odd()["one point"], report.Options{}), "no space left")
}

func TestPlotsAsFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "plots")
	names, err := report.WritePlots(dir, small("counter"), []string{"svg", "png"})
	require.NoError(t, err)
	assert.Contains(t, names, filepath.Join(dir, "counter-throughput.svg"))
	assert.Contains(t, names, filepath.Join(dir, "counter-extrapolated.png"))
	for _, name := range names {
		info, err := os.Stat(name)
		require.NoError(t, err)
		assert.Greater(t, info.Size(), int64(1000))
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, len(names), "nothing half written is left")

	_, err = report.WritePlots(filepath.Join(names[0], "x"), synthetic.Odd()["one point"], []string{"svg"})
	assert.Error(t, err)
	_, err = report.WritePlots(t.TempDir(), synthetic.Odd()["one point"], []string{"gif"})
	assert.ErrorContains(t, err, `format "gif" is not known`)
}

func ExampleWrite() {
	run := small("counter")
	if err := report.Write(io.Discard, run, report.Options{}); err != nil {
		panic(err)
	}
	// Output:
}
