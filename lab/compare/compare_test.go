package compare_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/lab/compare"
	"github.com/rinse-go/rinse/lab/internal/synthetic"
	"github.com/rinse-go/rinse/lab/result"
)

func text(t *testing.T, table compare.Table) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, table.Write(&b))
	return b.String()
}

// slower makes all points of a discipline at a workload take twice as long.
func slower(run *result.Run, workload, discipline string) {
	for i := range run.Points {
		if p := &run.Points[i]; p.Workload == workload && p.Discipline == discipline {
			p.Ops /= 2
		}
	}
}

func TestWhatBecameWorse(t *testing.T) {
	old, changed := synthetic.Run(1, 6), synthetic.Run(1, 6)
	slower(changed, "bank", "stm")
	table := compare.Compare(old, changed)
	assert.Equal(t, 8, table.Regressions(), "with 1, 2, 4 and 8 goroutines at GOMAXPROCS 1 and 2")
	for _, r := range table.Rows {
		if r.Verdict == compare.Worse {
			assert.Equal(t, "bank stm throughput", r.Workload+" "+r.Discipline+" "+r.Metric.Name)
			assert.InDelta(t, 0.5, r.By.Value, 0.05)
		}
	}
	assert.Regexp(t, `bank +stm +8 +2 +throughput +.* 0\.5× .* worse +p = 0\.0022`, text(t, table))

	back := compare.Compare(changed, old)
	assert.Zero(t, back.Regressions())
	assert.Contains(t, text(t, back), "0 became worse and 8 better")
}

// Two runs of the same thing differ by chance, and chance must not end a build.
func TestChanceIsNoRegression(t *testing.T) {
	assert.Zero(t, compare.Compare(synthetic.Run(1, 6), again(6, 2)).Regressions())
	assert.Zero(t, compare.Compare(synthetic.Run(1, 4), again(4, 3)).Regressions())
}

// again is a run of the same thing, up to 4 % slower at each point.
func again(rounds int, noise uint64) *result.Run {
	run := synthetic.Run(1, rounds)
	random := rand.New(rand.NewPCG(noise, 0))
	for i := range run.Points {
		run.Points[i].Elapsed += time.Duration(random.Int64N(int64(run.Points[i].Elapsed) / 25))
	}
	return run
}

func TestMoreAllocationsAreWorse(t *testing.T) {
	old, changed := synthetic.Run(1, 6), synthetic.Run(1, 6)
	for i := range changed.Points {
		if p := &changed.Points[i]; p.Workload == "bank" && p.Discipline == "mutex" {
			p.Allocs++
		}
	}
	table := compare.Compare(old, changed)
	assert.Equal(t, 8, table.Regressions())
	assert.Contains(t, text(t, table), "from 0")
}

func TestTooFewRoundsSaySo(t *testing.T) {
	old, changed := synthetic.Run(1, 3), synthetic.Run(1, 3)
	slower(changed, "bank", "stm")
	table := compare.Compare(old, changed)
	assert.Zero(t, table.Regressions())
	assert.Contains(t, table.Summary(), "some have 3 rounds; it takes 4 of each")
}

func TestWhatIsInOneRunOnly(t *testing.T) {
	old, changed := synthetic.Run(1, 6), synthetic.Run(1, 6)
	old.Points, changed.Points = old.Points[48:], changed.Points[:len(changed.Points)-48]
	changed.CPU, changed.Partial, changed.Cores = "Another\n", true, 64
	table := compare.Compare(old, changed)
	assert.Len(t, table.OnlyOld, 8)
	assert.Len(t, table.OnlyNew, 8)
	got := text(t, table)
	assert.Contains(t, got, "caution: the CPU differs: Synthetic 9000, then Another\n")
	assert.Contains(t, got, "caution: the number of cores differs\n")
	assert.Contains(t, got, "caution: a run was interrupted")
	assert.Contains(t, got, "only in the new run: counter mutex, 1 goroutine, GOMAXPROCS 1\n")
}

func TestNothingInCommon(t *testing.T) {
	table := compare.Compare(synthetic.Run(1, 6), &result.Run{})
	assert.Contains(t, text(t, table), "nothing to compare")
	assert.Zero(t, table.Regressions())
}

func TestOddRuns(t *testing.T) {
	for name, run := range synthetic.Odd() {
		table := compare.Compare(run, run)
		assert.Zero(t, table.Regressions(), name)
		got := text(t, table)
		assert.NotContains(t, got, "NaN", name)
		for _, r := range table.Rows {
			assert.False(t, math.IsNaN(r.By.Value), "%s: %v", name, r)
		}
	}
}

func ExampleCompare() {
	old, changed := synthetic.Run(1, 6), synthetic.Run(1, 6)
	slower(changed, "bank", "stm")
	table := compare.Compare(old, changed)
	fmt.Println(table.Summary())
	fmt.Println(table.Regressions() > 0)
	// Output:
	// of 6,044 figures, 8 became worse and 0 better; the others did not change, as far as this can tell
	// true
}
