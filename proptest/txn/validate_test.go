package txn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/txn"
)

func TestMalformedHistoriesAreTold(t *testing.T) {
	for _, c := range []struct {
		name    string
		history txn.History
		says    string
	}{
		{"variable twice", txn.History{Vars: []txn.Var{txn.Int("x", 0), txn.List("x")}}, `variable "x" is declared twice`},
		{"variable without name", txn.History{Vars: []txn.Var{txn.Int("", 0)}}, "variable number 1 has no name"},
		{"list with a value", txn.History{Vars: []txn.Var{{Name: "l", List: true, Initial: 1}}}, "lists begin empty"},
		{"variable unknown", xy(at(1, 1, 2, txn.Read("z", 0))), `T1: read z = 0: variable "z" is not declared: add it to Vars`},
		{"int as list", xy(at(1, 1, 2, txn.ReadList("x"))), `"x" is an int: use Read and Write`},
		{"list as int", xy(at(1, 1, 2, txn.Write("l", 1))), `"l" is a list: use ReadList and Append`},
		{"no kind", xy(at(1, 1, 2, txn.Op{Var: "x"})), "operation of unknown kind 0 on x"},
		{"no outcome", xy(as(at(1, 1, 2), 0)), "T1 has no outcome: set Committed"},
		{"bad outcome", xy(as(at(1, 1, 2), 9)), "T1 has outcome 9"},
		{"end before start", xy(at(1, 5, 4)), "T1 ends (4) before it starts (5)"},
		{"element twice", xy(
			as(at(1, 1, 2, txn.Append("l", 7)), txn.Aborted),
			at(1, 3, 4, txn.Append("l", 7)),
		), "T2: append 7 to l: T1 appended it already"},
		{"one within the other", xy(at(1, 1, 9), at(1, 2, 3)), "client 1 runs T2 [2, 3] within T1 [1, 9]"},
		{"same start", xy(at(1, 1, 2), at(1, 1, 3)), "client 1 starts T1 and T2 at the same time (1)"},
		{"on after unknown", xy(as(at(1, 1, 0), txn.Unknown), at(1, 4, 5)), "client 1 goes on with T2 after T1, whose outcome is unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.history.Validate()
			require.ErrorIs(t, err, txn.ErrMalformed)
			require.ErrorContains(t, err, c.says)
			for _, check := range []func(txn.History, txn.Level) (txn.Verdict, error){txn.BruteForce, txn.Cycles, txn.Check} {
				_, err := check(c.history, txn.Opaque)
				require.ErrorIs(t, err, txn.ErrMalformed)
			}
			_, err = txn.Snapshots(c.history)
			require.ErrorIs(t, err, txn.ErrMalformed)
		})
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	h := xy()
	for i := range 30 {
		h.Attempts = append(h.Attempts, at(i, 5, 4))
	}
	err := h.Validate()
	require.ErrorContains(t, err, "T10 ends (4) before it starts (5)")
	require.ErrorContains(t, err, "and 20 more")
	require.NotContains(t, err.Error(), "T11")
}

func TestWhatIsWellFormedIsTaken(t *testing.T) {
	require.NoError(t, txn.History{}.Validate())
	require.NoError(t, xy(
		at(1, 1, 1), // no time passes
		at(1, 2, 5),
		at(1, 4, 7), // overlaps: the boundary between the two is not known exactly
		as(at(1, 8, 0), txn.Unknown),
		at(2, 1, 9, txn.Append("l", 1), txn.Append("m", 1)),
	).Validate())
}

func TestCyclesAndSnapshotsTellWhatTheyCannotJudge(t *testing.T) {
	_, err := txn.Cycles(xy(at(1, 1, 2, txn.Read("x", 0))), txn.Opaque)
	require.ErrorContains(t, err, "T1 uses x, an int")
	_, err = txn.Cycles(xy(), 0)
	require.ErrorContains(t, err, "use Serializable")
	_, err = txn.Snapshots(xy(at(1, 1, 2, txn.Write("x", 0))))
	require.ErrorContains(t, err, "T1 writes and committed without a Version")
	_, err = txn.Snapshots(xy(as(at(1, 1, 2, txn.Write("x", 0)), txn.Unknown)))
	require.ErrorContains(t, err, "outcome is unknown")
}
