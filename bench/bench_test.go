package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

func BenchmarkCounter(b *testing.B)               { benchmarkWorkload(b, "Counter") }
func BenchmarkTransferShared(b *testing.B)        { benchmarkWorkload(b, "TransferShared") }
func BenchmarkTransferOwn(b *testing.B)           { benchmarkWorkload(b, "TransferOwn") }
func BenchmarkRead1(b *testing.B)                 { benchmarkWorkload(b, "Read1") }
func BenchmarkRead16(b *testing.B)                { benchmarkWorkload(b, "Read16") }
func BenchmarkRead256(b *testing.B)               { benchmarkWorkload(b, "Read256") }
func BenchmarkLoad(b *testing.B)                  { benchmarkWorkload(b, "Load") }
func BenchmarkStore(b *testing.B)                 { benchmarkWorkload(b, "Store") }
func BenchmarkTransferAudited(b *testing.B)       { benchmarkWorkload(b, "TransferAudited") }
func BenchmarkTransferBesideSpinner(b *testing.B) { benchmarkWorkload(b, "TransferBesideSpinner") }
func BenchmarkHeld(b *testing.B)                  { benchmarkWorkload(b, "Held") }
func BenchmarkElder(b *testing.B)                 { benchmarkWorkload(b, "Elder") }
func BenchmarkPingPong(b *testing.B)              { benchmarkWorkload(b, "PingPong") }
func BenchmarkHerd(b *testing.B)                  { benchmarkWorkload(b, "Herd") }
func BenchmarkMillion(b *testing.B)               { benchmarkWorkload(b, "Million") }
func BenchmarkWaiting(b *testing.B)               { benchmarkWorkload(b, "Waiting") }

// benchmarkWorkload runs every benchmark of a workload under go test, so that its flags for profiles apply.
func benchmarkWorkload(b *testing.B, workload string) {
	for _, bm := range benchmarks() {
		if bm.workload == workload {
			b.Run(strings.TrimPrefix(bm.name(), workload+"/"), func(b *testing.B) {
				if bm.weigh != nil {
					weigh(b, bm)
				} else {
					perform(b, bm)
				}
			})
		}
	}
}

func weigh(b *testing.B, bm benchmark) {
	for range b.N {
		s, err := bm.weigh()
		if err != nil {
			b.Fatal(err)
		}
		reportMetrics(b, s)
	}
}

func perform(b *testing.B, bm benchmark) {
	r := bm.setup(bm.goroutines)
	done := make([]int, r.workers)
	b.ReportAllocs()
	elapsed := r.perform(b.N, done, b.ResetTimer)
	b.StopTimer()
	if err := r.finish(done); err != nil {
		b.Fatal(err)
	}
	if r.also != nil {
		reportMetrics(b, r.also())
	}
	b.ReportMetric(float64(elapsed.Nanoseconds())/float64(b.N*max(1, r.per)), "ns/op")
}

func reportMetrics(b *testing.B, s sample) {
	for unit, value := range s {
		b.ReportMetric(value, unit)
	}
}

func TestEveryBenchmarkIsRightAndEveryBarIsMeasured(t *testing.T) {
	figures := round{}
	for _, bm := range benchmarks() {
		t.Run(bm.name(), func(t *testing.T) {
			s, err := bm.measure(100)
			if err != nil {
				t.Error(err)
			}
			figures[bm.name()] = s
		})
	}
	for _, b := range bars {
		if math.IsNaN(b.measured([]round{figures})) && !t.Failed() {
			t.Errorf("no benchmark measures %q", b.claim)
		}
	}
}

func TestEveryWorkloadIsABenchmarkOfGoTest(t *testing.T) {
	source, err := os.ReadFile("bench_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range workloads {
		call := fmt.Sprintf("func Benchmark%s(b *testing.B) ", w.name)
		if !strings.Contains(string(source), call) {
			t.Errorf("no %q", call)
		}
	}
}

// Every check must find the mistake that its workload is made to find.
func TestAWrongResultIsRefused(t *testing.T) {
	for name, setup := range map[string]func(int) run{
		"lost increment": counting(func() counter {
			c := mutexCounter()
			add := c.add
			c.add = func(n int) { add(n - n%2) }
			return c
		}),
		"lost transfer":   sharing(func(n int) bank { return &forgetful{mutexBank: openMutex(n).(*mutexBank)} }),
		"torn audit":      audited(func(n int) bank { return &torn{openMutex(n).(*mutexBank)} }),
		"wrong read":      reading(16, func(int) reader { return rinseReader(15) }),
		"lost store":      storing(func() storer { return storer{store: func(int, int) {}, load: rinseStore().load} }),
		"elder undone":    elder(openMutex, func(b *mutexBank) int { return b.raiseAll() - b.lowerOne() }),
		"missed wake-up":  herding(func() herd { return hasty{newCondHerd()} }),
		"uneven pingpong": pingPong(func() baton { return &deaf{baton: newChannelBaton()} }),
	} {
		t.Run(name, func(t *testing.T) {
			bm := benchmark{workload: "Broken", goroutines: 2, stretch: 1, variant: variant{name: name, setup: setup}}
			if s, err := bm.measure(1001); err == nil {
				t.Errorf("taken for right: %v", s)
			}
		})
	}
}

// forgetful loses a transfer now and then.
type forgetful struct {
	*mutexBank
	transfers atomic.Int64
}

func (b *forgetful) transfer(p *picker, n int) {
	if b.transfers.Add(1) == 2 {
		p.pair()
		n--
	}
	b.mutexBank.transfer(p, n)
}

// torn sees 1 of somebody's transfer twice.
type torn struct{ *mutexBank }

func (b *torn) audit() (total, looks int) {
	total, looks = b.mutexBank.audit()
	return total + 1, looks
}

func (b *mutexBank) lowerOne() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.balances[0]--
	return 0
}

// hasty tells of a generation that is yet to come.
type hasty struct{ herd }

func (h hasty) await(seen int) int { return h.herd.await(seen) + 1 }

// deaf takes part in every second turn only.
type deaf struct {
	baton
	turns atomic.Int64
}

func (d *deaf) pass(me int) bool {
	if me == pong && d.turns.Add(1) == 3 {
		d.baton.pass(me)
	}
	return d.baton.pass(me)
}

func TestARunPerformsExactlyWhatItIsTold(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		for _, n := range []int{1, 7, 8, 1000, 4099} {
			var performed atomic.Int64
			r := run{workers: workers, op: func(_, n int) { performed.Add(int64(n)) }}
			done := make([]int, workers)
			r.perform(n, done, func() {})
			if got := int(performed.Load()); got != n || sum(done) != n {
				t.Errorf("%d workers performed %d operations and counted %d, not %d", workers, got, sum(done), n)
			}
		}
	}
}

func TestBarsTellMetFromMissed(t *testing.T) {
	rounds := []round{{"a": {"ns/op": 30}, "b": {"ns/op": 10}}, {"a": {"ns/op": 80}, "b": {"ns/op": 20}}, {}}
	atMost, atLeast := bar{figure: ratio("a", "b"), limit: 3.5}, bar{figure: ratio("a", "b"), limit: 3.6, atLeast: true}
	strict := bar{figure: ratio("a", "b"), limit: 3.5, over: worst}
	relaxed := strict
	relaxed.or = &atMost
	absent := bar{figure: ratio("a", "c"), limit: 1}
	for want, b := range map[string]bar{
		"met": atMost, "MISSED": atLeast, "met otherwise": relaxed, "not measured": absent,
	} {
		if got := b.verdict(rounds); got != want {
			t.Errorf("%v of %v: %s, not %s", b.measured(rounds), b.limit, got, want)
		}
	}
	if got := strict.verdict(rounds); got != "MISSED" {
		t.Errorf("the worst of 3 and 4 is %v: %s", strict.measured(rounds), got)
	}
	if got := loss("b", "a")(rounds[0]); math.Abs(got+200) > 1e-9 {
		t.Errorf("three times the throughput is a loss of %v %%", got)
	}
}

var line = regexp.MustCompile(`^Benchmark[A-Z]\S*-\d+\t\d+(\t\d\S* \S+)+$`)

func TestTheReportShowsEveryMeasurement(t *testing.T) {
	all := benchmarks()
	r := report{benchmarks: all[:3], operations: map[string]int{}, command: "go run ./bench"}
	r.rounds = []round{
		{all[0].name(): {"ns/op": 12.3, "allocs/op": 0}, all[1].name(): {"ns/op": 1e6, "looks-max": 1}},
		{all[0].name(): {"ns/op": 34.5, "allocs/op": 0}, all[1].name(): {"ns/op": 3e6, "looks-max": 2}},
	}
	var table, lines bytes.Buffer
	if err := errors.Join(r.print(&table), r.write(&lines)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"23.4 (34.5)", "2000000 (3000000)", "2 looks-max", "WRONG", "command: go run ./bench"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in the table:\n%s", want, table.String())
		}
	}
	_, measurements, _ := strings.Cut(lines.String(), "\n\n")
	for _, got := range strings.Split(strings.TrimSpace(measurements), "\n") {
		if !line.MatchString(got) {
			t.Errorf("%q is not a line of go test -bench", got)
		}
	}
	if got := strings.Count(measurements, "\n"); got != 4 {
		t.Errorf("%d lines for 4 measurements", got)
	}
}
