package txn_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/txn"
)

// under gives an attempt the versions that it claims.
func under(snapshot, version uint64, a txn.Attempt) txn.Attempt {
	a.Snapshot, a.Version = snapshot, version
	return a
}

func TestSnapshotsComparesReadsWithClaims(t *testing.T) {
	made := []txn.Attempt{
		under(1, 2, at(1, 1, 2, txn.Read("x", 0), txn.Write("x", 1), txn.Write("x", 2), txn.Read("x", 2), txn.Append("l", 1))),
		under(2, 5, at(1, 3, 4, txn.Write("x", 3), txn.Append("l", 2), txn.Append("l", 3), txn.ReadList("l", 1, 2, 3))),
	}
	for _, c := range []struct {
		name   string
		reader txn.Attempt
		says   string // "": it is right
	}{
		{"before all", under(1, 0, at(2, 1, 9, txn.Read("x", 0), txn.ReadList("l"), txn.Read("y", 0))), ""},
		{"at a version", under(2, 0, at(2, 1, 9, txn.Read("x", 2), txn.ReadList("l", 1))), ""},
		{"between versions", under(4, 0, at(2, 1, 9, txn.Read("x", 2), txn.ReadList("l", 1))), ""},
		{"after all", under(7, 0, at(2, 1, 9, txn.Read("x", 3), txn.ReadList("l", 1, 2, 3))), ""},
		{"own writes", under(2, 9, at(2, 1, 9, txn.Append("l", 9), txn.ReadList("l", 1, 9), txn.Write("x", 8), txn.Read("x", 8))), ""},
		{"an aborted attempt", under(4, 0, as(at(2, 1, 9, txn.Read("x", 2)), txn.Aborted)), ""},
		{"no claim", at(2, 1, 9, txn.Read("x", 77)), ""},
		{"too new", under(4, 0, at(2, 1, 9, txn.Read("x", 3))), "T3 at version 4 read x = 3, but it is 2 there, made by T1 at version 2"},
		{"too old", under(5, 0, at(2, 1, 9, txn.Read("x", 2))), "T3 at version 5 read x = 2, but it is 3 there, made by T2 at version 5"},
		{"too early", under(1, 0, at(2, 1, 9, txn.Read("x", 2))), "but it is 0 there, as it was at first"},
		{"aborted and wrong", under(4, 0, as(at(2, 1, 9, txn.Read("x", 3)), txn.Aborted)), "T3 at version 4 read x = 3"},
		{"half a commit", under(5, 0, at(2, 1, 9, txn.ReadList("l", 1, 2))), "read l = [1 2], but it is [1 2 3] there"},
		{"own append lost", under(2, 9, at(2, 1, 9, txn.Append("l", 9), txn.ReadList("l", 1))), "read l = [1], but it is [1 9] there"},
		{"own write lost", under(2, 9, at(2, 1, 9, txn.Write("x", 9), txn.Read("x", 2))), "read x = 2, but it is 9 there"},
		{"own version too low", under(3, 3, at(2, 1, 9, txn.Write("x", 9))), "T3 read version 3 and made version 3"},
		{"version reused", under(4, 5, at(2, 1, 9, txn.Write("x", 9))), "T2 and T3 both made version 5 of x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := txn.Snapshots(xy(append(made[:2:2], c.reader)...))
			require.NoError(t, err)
			require.Equal(t, c.says == "", v.OK(), "%v", v)
			require.Contains(t, v.String(), c.says)
		})
	}
}

// TestSnapshotsAgreesWithReplay holds the checker against a replay of all commits up to the snapshot.
func TestSnapshotsAgreesWithReplay(t *testing.T) {
	wrong := 0
	for seed := range uint64(3_000) {
		g := generator{rand.New(rand.NewPCG(seed, 5)), 8, 4, true, false}
		h := g.history()
		for i := range h.Attempts { // made in this order
			h.Attempts[i].Version, h.Attempts[i].Snapshot = uint64(i+2), uint64(1+g.IntN(i+1))
		}
		want := true
		for i, a := range h.Attempts {
			want = want && legal(upTo(h, a.Snapshot, i))
		}
		v, err := txn.Snapshots(h)
		require.NoError(t, err)
		require.Equal(t, want, v.OK(), "seed %d\n%v%v", seed, h, v)
		if !want {
			wrong++
		}
	}
	require.Greater(t, wrong, 300)
	require.Less(t, wrong, 2_700)
}

// upTo is a run of what committed up to the version, reads left out, and then of attempt i.
func upTo(h txn.History, version uint64, i int) (txn.History, []int, map[int]bool) {
	var order []int
	attempts := slices.Clone(h.Attempts)
	for j, a := range attempts {
		if a.Version <= version && a.Outcome == txn.Committed {
			order = append(order, j)
			attempts[j].Ops = slices.DeleteFunc(slices.Clone(a.Ops), func(o txn.Op) bool {
				return o.Kind == txn.KindRead || o.Kind == txn.KindReadList
			})
		}
	}
	return txn.History{Vars: h.Vars, Attempts: attempts}, append(order, i), nil
}
