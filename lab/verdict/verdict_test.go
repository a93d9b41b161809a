package verdict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/lab/internal/synthetic"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/verdict"
)

// A builder makes up runs of which one knows what is to be said.
type builder struct {
	run    result.Run
	random *rand.Rand
	rounds int
}

func build(rounds int) *builder {
	return &builder{random: rand.New(rand.NewPCG(1, 1)), rounds: rounds, run: result.Run{Version: result.Version}}
}

// add adds measurements of so many million operations a second, with 1 % of noise.
func (b *builder) add(workload, of, discipline string, goroutines int, millions float64) {
	for round := range b.rounds {
		b.run.Points = append(b.run.Points, result.Point{
			Key:   result.Key{Workload: workload, Case: of, Discipline: discipline, Goroutines: goroutines, Procs: 2},
			Round: round, Ops: uint64(millions * 1e6 * math.Exp(0.01*b.random.NormFloat64())), Elapsed: time.Second,
		})
	}
}

func (b *builder) refuse(workload, discipline, why string) {
	b.run.Refusals = append(b.run.Refusals, result.Refusal{Key: result.Key{Workload: workload, Discipline: discipline}, Cannot: why})
}

func TestAClearWinner(t *testing.T) {
	b := build(8)
	for _, g := range []int{1, 2, 8} {
		b.add("bank", "", "mutex", g, 20)
		b.add("bank", "", "stm", g, 10)
		b.add("bank", "", "queue", g, 3)
	}
	assert.Equal(t, []string{"For bank: with 1 to 8 goroutines `mutex` wins by 2.0× (±0.1) over `stm`."}, verdict.Sentences(&b.run))
	require.Len(t, verdict.Losses(&b.run), 1)
	assert.Regexp(t, "^At bank throughout; worst with (1|2|8) goroutines?, where `stm` loses by 2.[01]× \\(±0.1\\) to `mutex`\\.$",
		verdict.Losses(&b.run)[0])
}

func TestNoClaimWithoutSignificance(t *testing.T) {
	b := build(8)
	b.add("bank", "", "mutex", 1, 20)
	b.add("bank", "", "rwmutex", 1, 20.1)
	b.add("bank", "", "stm", 1, 20)
	assert.Equal(t, []string{"For bank: with 1 goroutine `mutex`, `rwmutex` and `stm` cannot be told apart."}, verdict.Sentences(&b.run))
	assert.Empty(t, verdict.Losses(&b.run))
}

func TestTiesThatBeatTheRest(t *testing.T) {
	b := build(8)
	b.add("bank", "", "mutex", 1, 20)
	b.add("bank", "", "rwmutex", 1, 20)
	b.add("bank", "", "stm", 1, 5)
	assert.Equal(t, []string{"For bank: with 1 goroutine `mutex` and `rwmutex` cannot be told apart, and the best of them wins by " +
		"4.0× (±0.1) over `stm`."}, verdict.Sentences(&b.run))
}

func TestAWinnerThatChanges(t *testing.T) {
	b := build(8)
	for _, g := range []int{1, 2, 4, 8} {
		b.add("bank", "", "mutex", g, 20)
		b.add("bank", "", "striped", g, 10*float64(g)*0.9)
	}
	got := verdict.Sentences(&b.run)[0]
	assert.Regexp(t, "^For bank: up to 2 goroutines `mutex` wins by .* over `striped` \\(with 2\\) to 2\\.\\d× .* over `striped` \\(with 1\\); "+
		"from 4 goroutines on `striped` wins by 1\\.8× .* \\(with 4\\) to 3\\.6× .* \\(with 8\\)\\.$", got)
}

// Cases that come out the same are said together, and writes are said in percent.
func TestCasesTogether(t *testing.T) {
	b := build(8)
	for _, of := range []string{"99/1", "90/10", "50/50"} {
		b.add("cache", of, "cow", 1, 20)
		b.add("cache", of, "mutex", 1, map[string]float64{"99/1": 5, "90/10": 5, "50/50": 40}[of])
	}
	assert.Equal(t, []string{
		"For cache up to 10 % writes: with 1 goroutine `cow` wins by 4.0× (±0.1) over `mutex`.",
		"For cache at 50 % writes: with 1 goroutine `mutex` wins by 2.0× (±0.1) over `cow`.",
	}, verdict.Sentences(&b.run))

	for i := range b.run.Points {
		if p := &b.run.Points[i]; p.Case == "90/10" && p.Discipline == "mutex" {
			p.Ops *= 8
		}
	}
	assert.Equal(t, []string{
		"For cache at 1 % writes: with 1 goroutine `cow` wins by 4.0× (±0.1) over `mutex`.",
		"For cache from 10 % writes on: with 1 goroutine `mutex` wins by 2.0× (±0.1) over `cow`.",
	}, verdict.Sentences(&b.run))
}

func TestFewRounds(t *testing.T) {
	b := build(3)
	b.add("bank", "", "mutex", 1, 20)
	b.add("bank", "", "stm", 1, 1)
	assert.Equal(t, []string{"For bank: with 1 goroutine nothing can be told from 3 rounds each, since it takes 4."}, verdict.Sentences(&b.run))
	assert.Empty(t, verdict.Losses(&b.run))

	alone := build(1)
	alone.add("bank", "", "mutex", 1, 20)
	assert.Equal(t, []string{"For bank: with 1 goroutine only `mutex` was measured."}, verdict.Sentences(&alone.run))
	assert.Empty(t, verdict.Sentences(&result.Run{}))
}

// If nothing differs, then of many studies hardly any may be said to.
func TestChanceWinsNothing(t *testing.T) {
	b := build(6)
	const studies = 200
	for i := range studies {
		for _, d := range []string{"mutex", "rwmutex", "queue", "stm", "cow", "atomic"} {
			b.add(fmt.Sprint("w", i), "", d, 1, 20)
		}
	}
	wins := 0
	for _, s := range verdict.Sentences(&b.run) {
		wins += strings.Count(s, "wins")
	}
	assert.Less(t, wins, studies*8/100)
}

func TestLessMemoryWins(t *testing.T) {
	b := build(8)
	b.add("waiting", "", "mutex", 1000, 1)
	b.add("waiting", "", "stm", 1000, 10)
	for i := range b.run.Points {
		p := &b.run.Points[i]
		p.Memory = map[string]float64{"mutex": 2000, "stm": 3000}[p.Discipline] + float64(p.Round)
	}
	assert.Equal(t, []string{"For waiting, by memory: with 1,000 goroutines `mutex` wins by 1.5× (±0.1) over `stm`."}, verdict.Sentences(&b.run))
}

// Latencies compare only if operations arrived at the same rate.
func TestLatencies(t *testing.T) {
	b := build(8)
	b.add("bank", "", "mutex", 4, 1)
	b.add("bank", "", "stm", 4, 1)
	for i := range b.run.Points {
		p := &b.run.Points[i]
		ns := map[string]int{"mutex": 3000, "stm": 1000}[p.Discipline] + p.Round
		p.Latency = &result.Latency{Rate: 20_000, Count: 1000, P99: time.Duration(ns)}
	}
	assert.Equal(t, []string{"For bank, by p99 latency: with 4 goroutines `stm` wins by 3.0× (±0.1) over `mutex`."},
		verdict.LatencySentences(&b.run))
	b.add("bank", "", "queue", 4, 1)
	for i := range b.run.Points {
		if p := &b.run.Points[i]; p.Discipline == "queue" {
			p.Latency, p.Extra = &result.Latency{Rate: 20_000, Count: 10, P99: 1}, map[string]float64{"unserved-share": 0.5}
		}
	}
	assert.Equal(t, []string{"For bank, by p99 latency: with 4 goroutines `stm` wins by 3.0× (±0.1) over `mutex`; `queue` left out " +
		"wherever more than 1 % of what arrived was not served."}, verdict.LatencySentences(&b.run))
	b.run.Points[0].Latency.Rate = 10_000
	assert.Empty(t, verdict.LatencySentences(&b.run))
}

func TestReasons(t *testing.T) {
	b := build(8)
	b.add("bank", "", "stm", 4, 20)
	for i := range b.run.Points {
		p := &b.run.Points[i]
		p.Clashes, p.Allocs, p.Bytes, p.GCShare = p.Ops/10, 2, 96, 0.15
		one := *p
		one.Procs, one.Ops = 1, p.Ops/2
		b.run.Points = append(b.run.Points, one)
	}
	assert.Equal(t, []string{
		"2.0× (±0.1) faster on 2 cores than on 1", "0.1 clashes an operation", "2 allocations (96 B) an operation",
		"15 % of the CPU time for collecting garbage",
	}, verdict.Verdicts(&b.run)[0].Reasons("stm", 4))
}

func TestWhich(t *testing.T) {
	run := synthetic.Run(7, 6)
	run.Refusals = append(run.Refusals, result.Refusal{Key: result.Key{Workload: "bank", Discipline: "stm"}, Error: "lost 3"})
	var b strings.Builder
	require.NoError(t, verdict.Which(&b, run))
	page := b.String()
	for _, want := range []string{
		"- machine: Synthetic 9000, 2 cores, linux/amd64, kernel 6.1.0, go1.26.8\n", "- command: `go run ./lab run -seed 7 all`\n",
		"- date: 2026-11-24 06:00 UTC; commit: 0123abc; seed: 7\n", "## Where Rinse loses\n", "\n- At counter throughout",
		"- `cow` at buffer and wakeup: cannot: an immutable value has nothing to wait on\n", "- `stm` at bank: not counted: lost 3\n",
	} {
		assert.Contains(t, page, want)
	}
	// The bars of a table's rows are as many as those of its head.
	var bars int
	for line := range strings.Lines(page) {
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if strings.HasPrefix(line, "|---") {
			bars = n
		}
		if n > 0 && bars > 0 {
			assert.Equal(t, bars, n, line)
		}
		if n == 0 {
			bars = 0
		}
	}
}

func TestOddRuns(t *testing.T) {
	for name, run := range synthetic.Odd() {
		var b strings.Builder
		require.NoError(t, verdict.Which(&b, run))
		assert.Empty(t, regexp.MustCompile(`NaN|Inf|%!|<script`).FindString(outsideCode(b.String())), name)
		for _, s := range append(verdict.Sentences(run), verdict.Losses(run)...) {
			assert.Zero(t, strings.Count(s, "`")%2, "%s: %s", name, s)
			assert.NotContains(t, s, "\u202e", name)
		}
	}
}

// outsideCode takes out what is in backticks, which is shown as it stands.
func outsideCode(markdown string) string {
	return regexp.MustCompile("`[^`]*`").ReplaceAllString(markdown, "")
}

func TestWrites(t *testing.T) {
	for of, want := range map[string]int{"99/1": 1, "50/50": 50, "0/100": 100} {
		got, ok := verdict.Writes(of)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	for _, of := range []string{"", "short", "99/2", "1/2/3", "-1/101", "a/b"} {
		_, ok := verdict.Writes(of)
		assert.False(t, ok, of)
	}
}

func ExampleSentences() {
	b := build(8)
	b.add("bank", "", "mutex", 1, 20)
	b.add("bank", "", "stm", 1, 10)
	for _, sentence := range verdict.Sentences(&b.run) {
		fmt.Println(sentence)
	}
	// Output: For bank: with 1 goroutine `mutex` wins by 2.0× (±0.1) over `stm`.
}

func ExampleWhich() {
	b := build(8)
	b.refuse("bank", "atomic", "an instruction changes one word")
	var page strings.Builder
	if err := verdict.Which(&page, &b.run); err != nil {
		panic(err)
	}
	fmt.Println(page.String()[strings.Index(page.String(), "- `atomic`"):])
	// Output: - `atomic` at bank: cannot: an instruction changes one word
}
