//go:build rinsesched

package explore

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/proof"
	"github.com/rinse-go/rinse/proptest/sched"
)

var long = flag.Bool("long", false, "explore ten times as much")

// few is a number of schedules after which a program is left, if there are so many.
func few(n int) int {
	if *long {
		return 10 * n
	}
	return n
}

// tally counts what this run of the tests came to. Every history is decided.
var tally = proof.Figures{Of: "engine"}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if tally.Programs+tally.Mutants > 0 {
		tally.Print()
	}
	os.Exit(code)
}

// explore explores programs and wants nothing to be wrong. What is left of one after so many schedules
// is tried by chance.
func explore(t *testing.T, programs []*Program, limit int) {
	t.Helper()
	var e Explorer
	before := tally
	for _, p := range programs {
		count(t, e.Explore(p, limit))
		if cut := tally.Cut; cut > before.Cut {
			before.Cut++
			count(t, e.With(sched.PCT(uint64(cut), 3, limit/10), p))
			tally.Programs--
		}
	}
	t.Logf("%d programs, %d schedules", tally.Programs-before.Programs, tally.Schedules-before.Schedules)
}

func count(t *testing.T, r Result) {
	t.Helper()
	if r.Violation != nil {
		t.Fatal(r.Violation)
	}
	tally.Programs++
	tally.Schedules += r.Schedules
	tally.Histories += r.Histories
	if !r.Complete {
		tally.Cut++
	}
}

// TestTwoTransactions explores all 7,056 programs of two threads with a transaction of up to three
// reads and writes of two variables each, and every one of them to the end.
func TestTwoTransactions(t *testing.T) {
	var programs []*Program
	for _, a := range bodies(3) {
		for _, b := range bodies(3) {
			programs = append(programs, transactions(a, b))
		}
	}
	require.Len(t, programs, 7056)
	cut := tally.Cut
	explore(t, programs, 1_000_000)
	require.Equal(t, cut, tally.Cut)
}

// TestTwoTransactionsThatQueue is the same where a loser queues before it shuts the gate, and the clock
// goes in larger steps. It does not come to the end of every program.
func TestTwoTransactionsThatQueue(t *testing.T) {
	var programs []*Program
	for i, a := range bodies(3) {
		for _, b := range bodies(3)[i:] {
			programs = append(programs, transactions(a, b).with(Limits{Stride: 4, Clashes: 2}))
		}
	}
	explore(t, programs, few(200))
}

// TestThreeTransactions explores all programs of three threads with a transaction of up to two reads
// and writes each.
func TestThreeTransactions(t *testing.T) {
	var programs []*Program
	for i, a := range bodies(2) {
		for j, b := range bodies(2)[i:] {
			for _, c := range bodies(2)[i+j:] {
				programs = append(programs, transactions(a, b, c))
			}
		}
	}
	explore(t, programs, few(300))
}

func TestScenarios(t *testing.T) { explore(t, scenarios(), few(20_000)) }

func TestScenariosOtherwise(t *testing.T) {
	var programs []*Program
	for _, p := range scenarios() {
		a, b, c := *p, *p, *p
		programs = append(programs, a.onDefault(), b.onPairs(), c.with(Limits{Stride: 4, Clashes: 2, Tries: 2}))
	}
	explore(t, programs, few(1000))
}

func TestProgramsByChance(t *testing.T) {
	explore(t, drawn(few(1000)), few(500))
}

func drawn(n int) (programs []*Program) {
	for i := range n {
		d := &dice{Rand: rand.New(rand.NewPCG(1, uint64(i)))}
		p := d.program()
		p.Name = fmt.Sprintf("drawn %d", i)
		programs = append(programs, p)
	}
	return programs
}

// outline is what a history says about the order of calls and what they saw, and nothing else.
func outline(h *history) string {
	var b strings.Builder
	records := slices.Clone(h.records)
	slices.SortStableFunc(records, func(a, b *record) int { return a.thread - b.thread })
	for _, r := range records {
		fmt.Fprintf(&b, "%d %v %v %v:", r.thread, r.outcome, r.seen(), r.hooks)
		for i := range r.attempts {
			fmt.Fprintf(&b, " %v%v", r.attempts[i].outcome, r.attempts[i].seen)
		}
		for _, other := range records {
			fmt.Fprintf(&b, " %v", other.end > 0 && other.end < r.begin)
		}
		b.WriteByte('\n')
	}
	fmt.Fprint(&b, h.final)
	return b.String()
}

// TestNothingIsMissed compares the reduced exploration, where it comes to an end, with all schedules of
// up to two preemptions, and with schedules drawn by chance.
func TestNothingIsMissed(t *testing.T) {
	programs := append(scenarios(), drawn(few(200))...)
	for _, a := range bodies(2) {
		programs = append(programs, transactions(a, bodies(2)[7]), transactions(a, bodies(2)[13]))
	}
	compared := 0
	for _, p := range programs {
		var e Explorer
		reduced := map[string]bool{}
		e.observe = func(h *history) { reduced[outline(h)] = true }
		if !e.Explore(p, few(3000)).Complete {
			continue
		}
		compared++
		e.observe = func(h *history) {
			require.True(t, reduced[outline(h)], "%v: missed by schedule %v\n%s", p, e.orders.run.Schedule(), outline(h))
		}
		for _, s := range []sched.Strategy{sched.Exhaustive(2), sched.Random(1, few(300)), sched.PCT(1, 4, few(300))} {
			require.Nil(t, e.explore(p, few(1000), s, &orders{}).Violation)
		}
	}
	t.Logf("%d programs compared", compared)
	require.Greater(t, compared, 250)
}
