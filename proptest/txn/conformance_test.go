package txn_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest/txn"
)

func TestMutexPassesEverything(t *testing.T) {
	adapter := txn.Adapter{Name: "one mutex", New: newMutexSTM}
	txn.Conformance(t, adapter, txn.Seed(1), txn.Patience(2*time.Millisecond), txn.Deadline(time.Minute))
	require.Equal(t, txn.Passed, txn.Run(adapter, txn.Rounds(0), txn.Patience(time.Millisecond), txn.Deadline(time.Minute)).Result(txn.OrElseLaws).Status)
}

// TestEveryBugIsFoundAndNamed runs broken memories through the suite: what fails is what should, and nothing else.
func TestEveryBugIsFoundAndNamed(t *testing.T) {
	type list = []txn.Property
	general := list{txn.Opacity, txn.StrictSerializability}
	noHistory := append(list{txn.HonestVersions}, general...) // explains what was read
	for _, c := range []struct {
		bug   bug
		roots list
		also  list // fails on account of the roots
		may   list // fails on account of the roots if the schedule is right
	}{
		{noBug, nil, nil, nil},
		{noReadValidation, list{txn.NoTornRead}, list{txn.Opacity, txn.HonestVersions}, nil},
		{readersUnchecked, list{txn.ReadSnapshot}, with(noHistory, txn.NoTornRead), nil},
		{lostUpdate, list{txn.NoLostUpdate}, noHistory, nil},
		{firstCommitterWins, list{txn.NoWriteSkew}, general, nil},
		{dirtyRead, list{txn.NoDirtyRead}, noHistory, list{txn.NoLostUpdate}},
		{staleRead, list{txn.RealTimeOrder}, general, nil},
		{partialOnError, list{txn.AtomicOnError}, with(noHistory, txn.OrElseLaws), nil},
		{errorSwallowed, list{txn.AtomicOnError}, with(noHistory, txn.OrElseLaws), nil},
		{partialOnPanic, list{txn.AtomicOnPanic}, noHistory, nil},
		{lockedOnPanic, list{txn.AtomicOnPanic}, nil, nil},
		{panicSwallowed, list{txn.AtomicOnPanic}, nil, nil},
		{partialOnRetry, list{txn.AtomicOnRetry}, noHistory, nil},
		{wakeNobody, list{txn.RetryWakeUp}, nil, list{txn.OrElseLaws}},
		{wakeOne, list{txn.RetryWakeUp}, nil, nil},
		{wakeOnFirstRead, list{txn.RetryWakeUp}, nil, list{txn.OrElseLaws}},
		{wakeMissed, list{txn.RetryWakeUp}, nil, list{txn.OrElseLaws}},
		{leftLeaks, list{txn.OrElseLaws}, noHistory, nil},
		{rightOnError, list{txn.OrElseLaws}, nil, nil},
		{wakeOnRightOnly, list{txn.OrElseLaws}, nil, nil},
		{wrongVersionClaimed, list{txn.HonestVersions}, nil, nil},
	} {
		t.Run(string(c.bug), func(t *testing.T) {
			t.Parallel()
			adapter := txn.Adapter{Name: "toy: " + string(c.bug), New: func() txn.STM { return newToy(c.bug) }}
			report := inBubble(t, adapter, txn.Seed(2), txn.Rounds(30))
			t.Log(report)
			require.ElementsMatch(t, c.roots, report.Roots())
			sure := slices.DeleteFunc(report.Failed(), func(p txn.Property) bool { return slices.Contains(c.may, p) })
			require.ElementsMatch(t, slices.Concat(c.roots, c.also), sure)
			require.Zero(t, report.Unjudged)
		})
	}
}

// inBubble runs the suite where time passes only while all wait for something that nobody gives them: who hangs there
// does hang, however slow the machine is. The memory must not block on a lock for long, which a bubble does not see.
func inBubble(t *testing.T, a txn.Adapter, options ...txn.Option) (report txn.Report) {
	t.Helper()
	synctest.Test(t, func(*testing.T) { report = txn.Run(a, options...) })
	return report
}

func with(list []txn.Property, more ...txn.Property) []txn.Property { return slices.Concat(list, more) }

// idle is a memory that has variables and runs no transaction as it should.
type idle struct {
	txn.STM
	atomically func() error // hangs if there is none
}

func (m idle) Atomically(ctx context.Context, _ func(txn.Tx) error) error {
	if m.atomically == nil {
		<-ctx.Done() // the run is over
		return ctx.Err()
	}
	return m.atomically()
}

// TestAMemoryThatRunsNothingIsToldOnce: not by every property, each after its own deadline.
func TestAMemoryThatRunsNothingIsToldOnce(t *testing.T) {
	for want, atomically := range map[string]func() error{
		"client 1 hangs (waited 10s)":                               nil,
		"client 1: a transaction panicked by itself: oh":            func() error { panic("oh") },
		"client 1: a transaction failed by itself: oh":              func() error { return errors.New("oh") },
		"client 1: Atomically returned nil, but the body never ran": func() error { return nil },
	} {
		report := inBubble(t, txn.Adapter{Name: "idle", New: func() txn.STM { return idle{newMutexSTM(), atomically} }})
		require.Equal(t, []txn.Property{txn.StrictSerializability}, report.Failed())
		require.Equal(t, "a transaction that does nothing: "+want, report.Result(txn.StrictSerializability).Detail)
		require.Equal(t, txn.Skipped, report.Result(txn.NoTornRead).Status)
		require.Equal(t, 1, report.Result(txn.StrictSerializability).Runs)
	}
}

func TestAnAdapterWithoutAMemoryIsRefused(t *testing.T) {
	require.PanicsWithValue(t, `txn: adapter "x" has no New`, func() { txn.Run(txn.Adapter{Name: "x"}) })
	require.PanicsWithValue(t, `txn: New of adapter "x" returned nil`, func() {
		txn.Run(txn.Adapter{Name: "x", New: func() txn.STM { return nil }})
	})
}
