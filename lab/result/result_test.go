package result_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"

	"github.com/rinse-go/rinse/lab/result"
)

func sample() *result.Run {
	key := result.Key{Workload: "cache", Case: "90/10", Discipline: "stm", Goroutines: 8, Procs: 2}
	return &result.Run{
		Version: result.Version, Command: "go run ./lab run --seed 7", Args: []string{"run", "--seed", "7"},
		Start: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC), Seed: 7, CPU: "a CPU", Cores: 2,
		OS: "linux", Arch: "amd64", Kernel: "6.1", Go: "go1.26.8", Commit: "0123abc+changes", Overhead: 2.5, Late: 30000, Partial: true,
		Points: []result.Point{{
			Key: key, Round: 1, Ops: 1000, Elapsed: time.Millisecond, Clashes: 10, Allocs: 1, Bytes: 16, GCShare: 0.01, Memory: 2048,
			Latency: &result.Latency{
				Rate: 20000, Count: 900, P50: 1000, P99: 2000, P999: 3000, Max: 4000,
				Buckets: []result.Bucket{{Quantile: 0.5, Value: 1000}},
			},
			Extra: map[string]float64{"audits/s": 12},
		}},
		Refusals: []result.Refusal{
			{Key: key, Cannot: "it has no keys"},
			{Key: key, Error: "3 of 5 were lost"},
		},
	}
}

func written(t *testing.T, r *result.Run) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.Write(&b))
	return b.String()
}

func TestARunIsReadAsItWasWritten(t *testing.T) {
	back, err := result.Read(strings.NewReader(written(t, sample())))
	require.NoError(t, err)
	assert.Equal(t, sample(), back)
}

// Whatever is missing at the end of a file, down to its last byte that matters, is noticed.
func TestAFileCutShortIsNoticed(t *testing.T) {
	whole := strings.TrimSuffix(written(t, sample()), "\n")
	for cut := range len(whole) {
		_, err := result.Read(strings.NewReader(whole[:cut]))
		require.ErrorIs(t, err, result.ErrFormat, "cut at byte %d", cut)
	}
	lines := strings.SplitAfter(whole, "\n")
	missing := strings.Join(append(lines[:1:1], lines[2:]...), "")
	_, err := result.Read(strings.NewReader(missing))
	assert.ErrorContains(t, err, "its end counts 1 points and 2 refusals, there are 0 and 2")
}

func TestAnotherVersionIsRefused(t *testing.T) {
	other := strings.Replace(written(t, sample()), `"version":1`, `"version":99`, 1)
	_, err := result.Read(strings.NewReader(other))
	require.ErrorIs(t, err, result.ErrFormat)
	assert.ErrorContains(t, err, `it is in format 99, this lab has format 1: measure again, or use the lab of commit 0123abc+changes`)
}

func TestWhatIsNoResultIsRefused(t *testing.T) {
	for name, content := range map[string]string{
		"empty":        "",
		"text":         "BenchmarkX 1 2 ns/op\n",
		"other JSON":   `{"hello": "world"}`,
		"no version":   `{"run": {}}`,
		"wrong type":   `{"run": {"version": 1, "seed": "x"}}`,
		"strange line": strings.Split(written(t, sample()), "\n")[0] + "\n{}\n",
	} {
		_, err := result.Read(strings.NewReader(content))
		assert.ErrorIs(t, err, result.ErrFormat, name)
	}
}

func TestBenchstatReadsTheText(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, sample().WriteText(&text))
	reader := benchfmt.NewReader(&text, "sample")
	results := 0
	for reader.Scan() {
		switch r := reader.Result().(type) {
		case *benchfmt.Result:
			results++
			assert.Equal(t, "Cache/case=90:10/discipline=stm/goroutines=8-2", string(r.Name))
			assert.Equal(t, 1000, r.Iters)
			for unit, want := range map[string]float64{
				"sec/op": 1e-6, "clashes/op": 0.01, "B/op": 16, "allocs/op": 1, "gc-share": 0.01, "B/goroutine": 2048,
				"p50-sec": 1e-6, "p99.9-sec": 3e-6, "max-sec": 4e-6, "audits/s": 12,
			} {
				got, ok := r.Value(unit)
				assert.True(t, ok, unit)
				assert.InEpsilon(t, want, got, 1e-9, unit)
			}
			assert.Equal(t, "7", r.GetConfig("seed"))
			assert.Equal(t, "go run ./lab run --seed 7", r.GetConfig("command"))
		case *benchfmt.SyntaxError:
			t.Errorf("benchstat does not understand: %v", r)
		}
	}
	require.NoError(t, reader.Err())
	assert.Equal(t, 1, results)
}

func TestAFullDiskIsAnErrorAndLeavesTheDeviceAlone(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full")
	}
	assert.ErrorContains(t, sample().Save("/dev/full"), "no space left")
	assert.ErrorContains(t, sample().SaveText("/dev/full"), "no space left")
	info, err := os.Stat("/dev/full")
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeCharDevice)
}

// Somebody who writes and fails leaves the old content and nothing else.
func TestNoHalfFileIsLeft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.jsonl")
	require.NoError(t, sample().Save(path))
	err := result.Replace(path, func(w io.Writer) error {
		_, _ = w.Write([]byte("half"))
		return os.ErrClosed
	})
	require.ErrorIs(t, err, os.ErrClosed)
	back, err := result.Load(path)
	require.NoError(t, err)
	assert.Equal(t, sample(), back)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

func TestAnUnwritableFolderIsNamed(t *testing.T) {
	err := sample().Save(filepath.Join(t.TempDir(), "missing", "a.jsonl"))
	require.Error(t, err)
	assert.ErrorContains(t, err, "missing")
}
