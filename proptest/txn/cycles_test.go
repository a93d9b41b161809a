package txn_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/txn"
)

// lm makes a history of two lists.
func lm(attempts ...txn.Attempt) txn.History {
	return txn.History{Vars: []txn.Var{txn.List("l"), txn.List("m")}, Attempts: attempts}
}

// smallest has each phenomenon in its smallest form.
var smallest = []struct {
	want    txn.Phenomenon
	history txn.History
	says    []string
}{
	{txn.G0, lm(
		at(1, 1, 9, txn.Append("l", 1), txn.Append("m", 1)),
		at(2, 1, 9, txn.Append("l", 2), txn.Append("m", 2)),
		at(3, 1, 9, txn.ReadList("l", 1, 2), txn.ReadList("m", 2, 1)),
	), []string{
		"T1 appended 1 to l before T2 appended 2, as the reads of l show",
		"T2 appended 2 to m before T1 appended 1, as the reads of m show",
	}},
	{txn.G1a, lm(
		as(at(1, 1, 9, txn.Append("l", 1)), txn.Aborted),
		at(2, 1, 9, txn.ReadList("l", 1)),
	), []string{"T2 read l = [1], in which 1 is from T1, which never committed"}},
	{txn.G1b, lm(
		at(1, 1, 9, txn.Append("l", 1), txn.Append("l", 2)),
		at(2, 1, 9, txn.ReadList("l", 1)),
		at(3, 1, 9, txn.ReadList("l", 1, 2)),
	), []string{"T2 read l = [1], but T1 appended more to it after 1"}},
	{txn.G1c, lm(
		at(1, 1, 9, txn.Append("l", 1), txn.ReadList("m", 2)),
		at(2, 1, 9, txn.Append("m", 2), txn.ReadList("l", 1)),
	), []string{"T1 appended 1 to l, and T2 read l = [1]", "T2 appended 2 to m, and T1 read m = [2]"}},
	{txn.GSingle, lm(
		at(1, 1, 9, txn.ReadList("l"), txn.ReadList("m", 2)),
		at(2, 1, 9, txn.Append("l", 1), txn.Append("m", 2)),
	), []string{"T1 read l = [] before T2 appended 1", "T2 appended 2 to m, and T1 read m = [2]"}},
	{txn.G2, lm(
		at(1, 1, 9, txn.ReadList("l"), txn.Append("m", 1)),
		at(2, 1, 9, txn.ReadList("m"), txn.Append("l", 2)),
	), []string{"T1 read l = [] before T2 appended 2", "T2 read m = [] before T1 appended 1"}},
	{txn.G0 + "-realtime", lm(
		at(1, 1, 2, txn.Append("l", 1)),
		at(2, 3, 4, txn.Append("l", 2)),
		at(3, 5, 6, txn.ReadList("l", 2, 1)),
	), []string{"T1 ended (2) before T2 started (3)"}},
	{txn.G1c + "-realtime", lm(
		at(1, 1, 2, txn.ReadList("l", 1)),
		at(2, 3, 4, txn.Append("l", 1)),
	), []string{"T1 ended (2) before T2 started (3)", "T2 appended 1 to l, and T1 read l = [1]"}},
	{txn.GSingle + "-realtime", lm(
		at(1, 1, 2, txn.Append("l", 1)),
		at(2, 3, 4, txn.ReadList("l")),
	), []string{"T1 ended (2) before T2 started (3)", "T2 read l = [] before T1 appended 1"}},
	{txn.G2 + "-realtime", lm(
		at(1, 1, 2, txn.Append("m", 2)),
		at(2, 3, 4, txn.ReadList("l")),
		at(3, 1, 9, txn.ReadList("m"), txn.Append("l", 1)),
	), []string{"T1 ended (2) before T2 started (3)", "T2 read l = [] before T3 appended 1", "T3 read m = [] before T1 appended 2"}},
	{txn.GSingle + "-realtime", lm( // by the order of one client
		as(at(1, 1, 6, txn.ReadList("l", 1)), txn.Aborted),
		as(at(1, 5, 9, txn.ReadList("l")), txn.Aborted),
		at(2, 1, 9, txn.Append("l", 1)),
	), []string{"T1 came before T2 in client 1"}},
	{txn.G0, lm( // by what was appended and never read
		at(1, 1, 9, txn.Append("l", 1), txn.Append("m", 9)),
		at(2, 1, 9, txn.Append("m", 2), txn.Append("l", 8)),
		at(3, 1, 9, txn.ReadList("l", 1)),
		at(4, 1, 9, txn.ReadList("m", 2)),
	), []string{"T1 appended 1 to l before T2 appended 8, which no read shows, so it came later"}},
	{txn.G2, lm( // lost update: both read all of l, and nobody read it again
		at(1, 1, 9, txn.ReadList("l"), txn.Append("l", 1)),
		at(2, 1, 9, txn.ReadList("l"), txn.Append("l", 2)),
	), []string{"T1 read l = [] before T2 appended 2", "T2 read l = [] before T1 appended 1"}},
	{txn.Internal, lm(
		at(1, 1, 9, txn.Append("l", 1), txn.ReadList("l")),
	), []string{"T1 read l = [], which does not end in what it had itself appended, [1]"}},
	{txn.Internal, lm(
		at(1, 1, 9, txn.ReadList("l"), txn.ReadList("l", 1)),
		at(2, 1, 9, txn.Append("l", 1)),
	), []string{"T1 read l = [1], and before that l = [] without its own appends"}},
	{txn.Internal, lm(
		at(1, 1, 9, txn.ReadList("l", 1), txn.Append("l", 1)),
	), []string{"T1 read l = [1] before it appended 1 itself"}},
	{txn.Garbage, lm(at(1, 1, 9, txn.ReadList("l", 5))), []string{"T1 read l = [5], in which nobody appended 5"}},
	{txn.Duplicate, lm(
		at(1, 1, 9, txn.Append("l", 5)),
		at(2, 1, 9, txn.ReadList("l", 5, 5)),
	), []string{"T2 read l = [5 5], in which 5 is twice"}},
	{txn.Incompatible, lm(
		at(1, 1, 9, txn.Append("l", 1)),
		at(2, 1, 9, txn.Append("l", 2)),
		at(3, 1, 9, txn.ReadList("l", 1)),
		at(4, 1, 9, txn.ReadList("l", 2)),
	), []string{"T4 read l = [2], T3 read l = [1]: neither begins the other"}},
	{txn.Incompatible, lm(
		at(1, 1, 9, txn.Append("l", 1), txn.Append("l", 2)),
		at(2, 1, 9, txn.ReadList("l", 2, 1)),
	), []string{"in which 2 is out of the order in which T1 appended"}},
}

func TestCyclesNamesThePhenomenon(t *testing.T) {
	for _, c := range smallest {
		t.Run(string(c.want), func(t *testing.T) {
			v, err := txn.Cycles(c.history, txn.Opaque)
			require.NoError(t, err)
			require.False(t, v.OK())
			require.Equal(t, c.want, v.Anomalies[0].Phenomenon, "%v", v)
			require.True(t, v.Has(c.want.Base()))
			for _, says := range c.says {
				require.Contains(t, v.String(), says)
			}
			brute, err := txn.BruteForce(c.history, txn.Opaque)
			require.NoError(t, err)
			require.False(t, brute.OK())
			aborted := c.history.Attempts[0].Outcome == txn.Aborted && c.want != txn.G1a
			serializable, err := txn.Cycles(c.history, txn.Serializable)
			require.NoError(t, err)
			require.Equal(t, c.want.RealTime() || aborted, serializable.OK(), "%v", serializable)
		})
	}
}

// TestOneMistakeIsToldOnce looks for anomalies that are only the shadow of another.
func TestOneMistakeIsToldOnce(t *testing.T) {
	for _, h := range []txn.History{
		lm( // what T1 appended last nobody read
			at(1, 1, 9, txn.Append("l", 1), txn.Append("l", 2)),
			at(2, 1, 9, txn.ReadList("l", 1)),
		),
		lm( // T2 both read all and appended what nobody read
			at(1, 1, 9, txn.Append("l", 1)),
			at(2, 1, 9, txn.ReadList("l", 1), txn.Append("l", 2)),
			at(3, 1, 9, txn.ReadList("l", 1), txn.Append("l", 3)),
		),
	} {
		v, err := txn.Cycles(h, txn.Opaque)
		require.NoError(t, err)
		require.Len(t, v.Anomalies, 1, "%v", v)
	}
}

// chain makes a long history that is right: clients append to and read from lists that are replaced by fresh ones
// when they are full, so that the size of what is read grows with the number of attempts and no faster.
func chain(attempts int, seed uint64) txn.History {
	const clients, active, full = 8, 16, 32
	r := rand.New(rand.NewPCG(seed, 3))
	var h txn.History
	lists := make([]txn.Var, active)
	state := make([][]int, active)
	renew := func(i int) {
		lists[i], state[i] = txn.List(fmt.Sprintf("l%d", len(h.Vars))), nil
		h.Vars = append(h.Vars, lists[i])
	}
	for i := range lists {
		renew(i)
	}
	last := make([]int64, clients)
	for n := range attempts {
		client, place := n%clients, int64(10*n+10)
		a := at(client, max(last[client]+1, place-int64(r.IntN(60))), place+int64(r.IntN(9)))
		last[client] = a.End
		for range 3 {
			i := r.IntN(active)
			a.Ops = append(a.Ops, txn.ReadList(lists[i].Name, state[i]...))
			if r.IntN(2) == 0 {
				element := len(state[i]) + 1
				a.Ops = append(a.Ops, txn.Append(lists[i].Name, element))
				state[i] = append(slices.Clip(state[i]), element)
			}
			if len(state[i]) == full {
				renew(i)
			}
		}
		h.Attempts = append(h.Attempts, a)
	}
	return h
}

func TestCyclesFindsOneMistakeInALongHistory(t *testing.T) {
	h := chain(5_000, 1)
	v, err := txn.Cycles(h, txn.Opaque)
	require.NoError(t, err)
	require.True(t, v.OK(), "%v", v)
	require.Len(t, v.Order, len(h.Attempts))

	hidden := &h.Attempts[2_500] // forgets what it saw last in one list
	for i := range hidden.Ops {
		if op := &hidden.Ops[i]; op.Kind == txn.KindReadList && len(op.List) > 0 {
			op.List = op.List[:len(op.List)-1]
			break
		}
	}
	v, err = txn.Cycles(h, txn.Opaque)
	require.NoError(t, err)
	require.False(t, v.OK())
	require.Contains(t, v.Anomalies[0].Attempts, 2_500, "%v", v)
}

// TestCyclesIsQuickOnAHopelessHistory gives it one large component, of reads that are all out of date.
func TestCyclesIsQuickOnAHopelessHistory(t *testing.T) {
	h := chain(10_000, 2)
	r := rand.New(rand.NewPCG(1, 4))
	for i := range h.Attempts {
		for j := range h.Attempts[i].Ops {
			if op := &h.Attempts[i].Ops[j]; op.Kind == txn.KindReadList {
				op.List = op.List[:len(op.List)-r.IntN(min(len(op.List), 4)+1)]
			}
		}
	}
	began := time.Now()
	v, err := txn.Cycles(h, txn.Opaque)
	require.NoError(t, err)
	require.False(t, v.OK())
	require.Less(t, time.Since(began), 2*time.Minute, "it takes no search without an end")
	require.Less(t, strings.Count(v.String(), "\n"), 200)
}
