package txn_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/txn"
)

func TestMutexPassesEverything(t *testing.T) {
	adapter := txn.Adapter{Name: "one mutex", New: newMutexSTM}
	txn.Conformance(t, adapter, txn.Seed(1), txn.Patience(2*time.Millisecond))
	require.Equal(t, txn.Passed, txn.Run(adapter, txn.Rounds(0), txn.Patience(time.Millisecond)).Result(txn.OrElseLaws).Status)
}

// TestEveryBugIsFoundAndNamed runs broken memories through the suite: what fails is what should, and nothing else.
func TestEveryBugIsFoundAndNamed(t *testing.T) {
	general := []txn.Property{txn.Opacity, txn.StrictSerializability}
	for _, c := range []struct {
		bug   bug
		roots []txn.Property
		also  []txn.Property // fails on account of the roots
	}{
		{noBug, nil, nil},
		{noReadValidation, []txn.Property{txn.NoTornRead}, []txn.Property{txn.Opacity, txn.HonestVersions}},
		{readersUnchecked, []txn.Property{txn.ReadSnapshot}, append(general, txn.NoTornRead, txn.HonestVersions)},
		{lostUpdate, []txn.Property{txn.NoLostUpdate}, general},
		{firstCommitterWins, []txn.Property{txn.NoWriteSkew}, general},
		{dirtyRead, []txn.Property{txn.NoDirtyRead}, append(general, txn.HonestVersions)},
		{staleRead, []txn.Property{txn.RealTimeOrder}, general},
		{partialOnError, []txn.Property{txn.AtomicOnError}, append(general, txn.HonestVersions)},
		{errorSwallowed, []txn.Property{txn.AtomicOnError}, append(general, txn.HonestVersions)},
		{partialOnPanic, []txn.Property{txn.AtomicOnPanic}, append(general, txn.HonestVersions)},
		{lockedOnPanic, []txn.Property{txn.AtomicOnPanic}, nil},
		{panicSwallowed, []txn.Property{txn.AtomicOnPanic}, nil},
		{wakeNobody, []txn.Property{txn.RetryWakeUp}, nil},
		{wakeOne, []txn.Property{txn.RetryWakeUp}, nil},
		{wakeOnFirstRead, []txn.Property{txn.RetryWakeUp}, nil},
		{wakeMissed, []txn.Property{txn.RetryWakeUp}, nil},
		{leftLeaks, []txn.Property{txn.OrElseLaws}, append(general, txn.HonestVersions)},
		{rightOnError, []txn.Property{txn.OrElseLaws}, nil},
		{wakeOnRightOnly, []txn.Property{txn.OrElseLaws}, nil},
		{wrongVersionClaimed, []txn.Property{txn.HonestVersions}, nil},
	} {
		t.Run(string(c.bug), func(t *testing.T) {
			t.Parallel()
			adapter := txn.Adapter{Name: "toy: " + string(c.bug), New: func() txn.STM { return newToy(c.bug) }}
			report := txn.Run(adapter, txn.Seed(2), txn.Rounds(30), txn.Patience(3*time.Second), txn.Deadline(time.Second))
			t.Log(report)
			require.ElementsMatch(t, c.roots, report.Roots())
			require.ElementsMatch(t, append(c.roots, c.also...), report.Failed())
			require.Zero(t, report.Unjudged)
		})
	}
}
