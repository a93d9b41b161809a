package txn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/txn"
)

// at makes a committed attempt.
func at(client int, start, end int64, ops ...txn.Op) txn.Attempt {
	return txn.Attempt{Client: client, Start: start, End: end, Ops: ops, Outcome: txn.Committed}
}

// as gives an attempt another outcome.
func as(a txn.Attempt, outcome txn.Outcome) txn.Attempt {
	a.Outcome = outcome
	return a
}

// xy makes a history of two ints and two lists.
func xy(attempts ...txn.Attempt) txn.History {
	return txn.History{
		Vars:     []txn.Var{txn.Int("x", 0), txn.Int("y", 0), txn.List("l"), txn.List("m")},
		Attempts: attempts,
	}
}

// levels are what a history satisfies, weakest first.
type levels struct{ serializable, strict, opaque bool }

var classics = []struct {
	name    string
	history txn.History
	want    levels
}{
	{"empty", xy(), levels{true, true, true}},
	{"one after the other", xy(
		at(1, 1, 2, txn.Read("x", 0), txn.Write("x", 1), txn.Read("x", 1)),
		at(2, 3, 4, txn.Read("x", 1)),
	), levels{true, true, true}},
	{"lost update", xy(
		at(1, 1, 4, txn.Read("x", 0), txn.Write("x", 1)),
		at(2, 2, 3, txn.Read("x", 0), txn.Write("x", 2)),
	), levels{}},
	{"write skew", xy(
		at(1, 1, 4, txn.Read("x", 0), txn.Write("y", 1)),
		at(2, 2, 3, txn.Read("y", 0), txn.Write("x", 1)),
	), levels{}},
	{"stale read", xy(
		at(1, 1, 2, txn.Write("x", 1)),
		at(2, 3, 4, txn.Read("x", 0)),
	), levels{serializable: true}},
	{"touching ends are concurrent", xy(
		at(1, 1, 3, txn.Write("x", 1)),
		at(2, 3, 4, txn.Read("x", 0)),
	), levels{true, true, true}},
	{"torn read of one that committed", xy(
		at(1, 1, 4, txn.Read("x", 0), txn.Read("y", 1)),
		at(2, 2, 3, txn.Write("x", 1), txn.Write("y", 1)),
	), levels{}},
	{"torn read of one that aborted", xy(
		as(at(1, 1, 4, txn.Read("x", 0), txn.Read("y", 1)), txn.Aborted),
		at(2, 2, 3, txn.Write("x", 1), txn.Write("y", 1)),
	), levels{serializable: true, strict: true}},
	{"aborted read", xy(
		as(at(1, 1, 4, txn.Write("x", 7)), txn.Aborted),
		at(2, 2, 3, txn.Read("x", 7)),
	), levels{}},
	{"read of a commit that nobody heard of", xy(
		as(at(1, 1, 0, txn.Write("x", 7)), txn.Unknown),
		at(2, 2, 3, txn.Read("x", 7)),
	), levels{true, true, true}},
	{"a commit that nobody heard of cannot be undone", xy(
		as(at(1, 1, 0, txn.Write("x", 7)), txn.Unknown),
		at(2, 2, 3, txn.Read("x", 7)),
		at(2, 4, 5, txn.Read("x", 0)),
	), levels{serializable: true}},
	{"torn read of one that nobody heard of", xy(
		as(at(1, 1, 0, txn.Read("x", 0), txn.Read("y", 1)), txn.Unknown),
		at(2, 2, 3, txn.Write("x", 1), txn.Write("y", 1)),
	), levels{serializable: true, strict: true}},
	{"the client's own order", xy(
		as(at(1, 1, 6, txn.Read("x", 1)), txn.Aborted),
		as(at(1, 5, 9, txn.Read("x", 0)), txn.Aborted), // overlaps: the exact boundary is not known
		at(2, 2, 3, txn.Write("x", 1)),
	), levels{serializable: true, strict: true}},
	{"lists, in order", xy(
		at(1, 1, 9, txn.ReadList("l"), txn.Append("l", 1), txn.ReadList("l", 1)),
		at(2, 2, 9, txn.Append("l", 2)),
		at(3, 3, 9, txn.ReadList("l", 1, 2)),
	), levels{true, true, true}},
	{"lists, lost update", xy(
		at(1, 1, 9, txn.ReadList("l"), txn.Append("l", 1)),
		at(2, 2, 9, txn.ReadList("l"), txn.Append("l", 2)),
	), levels{}},
}

func TestBruteForceJudgesTheClassics(t *testing.T) {
	for _, c := range classics {
		t.Run(c.name, func(t *testing.T) {
			for level, want := range map[txn.Level]bool{
				txn.Serializable: c.want.serializable, txn.StrictSerializable: c.want.strict, txn.Opaque: c.want.opaque,
			} {
				verdict, err := txn.BruteForce(c.history, level)
				require.NoError(t, err)
				require.Equal(t, want, verdict.OK(), "%v\n%v%v", level, c.history, verdict)
			}
		})
	}
}

func TestBruteForceRefusesWhatItCannotSearch(t *testing.T) {
	var long txn.History
	for i := range txn.MaxBruteForce + 1 {
		long.Attempts = append(long.Attempts, at(i, 1, 2))
	}
	_, err := txn.BruteForce(long, txn.Opaque)
	require.ErrorIs(t, err, txn.ErrTooLarge)

	wide := xy()
	for i := range 20 {
		wide.Attempts = append(wide.Attempts, at(i, 1, 2, txn.Append("l", i)))
	}
	wide.Attempts = append(wide.Attempts, at(99, 1, 2, txn.ReadList("l", 19, 18, 0, 1000)))
	_, err = txn.BruteForce(wide, txn.Serializable)
	require.ErrorIs(t, err, txn.ErrTooLarge)

	_, err = txn.BruteForce(xy(), txn.Level(9))
	require.ErrorContains(t, err, "use Serializable")
}
