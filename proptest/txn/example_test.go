package txn_test

import (
	"fmt"
	"time"

	"github.com/rinse-go/rinse/proptest/txn"
)

// Two clients each read that the other is on call, and each goes off call.
func ExampleBruteForce() {
	h := txn.History{
		Vars: []txn.Var{txn.Int("alice", 1), txn.Int("bob", 1)},
		Attempts: []txn.Attempt{
			{Client: 1, Start: 1, End: 4, Outcome: txn.Committed,
				Ops: []txn.Op{txn.Read("bob", 1), txn.Write("alice", 0)}},
			{Client: 2, Start: 2, End: 3, Outcome: txn.Committed,
				Ops: []txn.Op{txn.Read("alice", 1), txn.Write("bob", 0)}},
		},
	}
	verdict, err := txn.BruteForce(h, txn.Serializable)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(verdict)
	// Output:
	// not serializable:
	// no serial order: every order of these attempts was tried
	//     T1 client 1 [1, 4] committed: read bob = 1, write alice = 0
	//     T2 client 2 [2, 3] committed: read alice = 1, write bob = 0
	//   the furthest it goes is T1, and then
	//     T2 cannot be next: it read alice = 1, which is 0
}

// An attempt reads one list before another transaction commits and a second list after it. It is aborted, so the
// history is strictly serializable; but it has seen a state that never was.
func ExampleCycles() {
	h := txn.History{
		Vars: []txn.Var{txn.List("l"), txn.List("m")},
		Attempts: []txn.Attempt{
			{Client: 1, Start: 1, End: 6, Outcome: txn.Aborted,
				Ops: []txn.Op{txn.ReadList("l"), txn.ReadList("m", 2)}},
			{Client: 2, Start: 2, End: 5, Outcome: txn.Committed,
				Ops: []txn.Op{txn.Append("l", 1), txn.Append("m", 2)}},
		},
	}
	for _, level := range []txn.Level{txn.StrictSerializable, txn.Opaque} {
		verdict, err := txn.Cycles(h, level)
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println(verdict)
	}
	// Output:
	// ok: strictly serializable
	// not opaque:
	// G-single (read skew or stale read): a cycle, T1 → T2 → T1
	//     T1 client 1 [1, 6] aborted: read l = [], read m = [2]
	//     T2 client 2 [2, 5] committed: append 1 to l, append 2 to m
	//   because T1 read l = [] before T2 appended 1
	//   because T2 appended 2 to m, and T1 read m = [2]
}

// A verdict without anomalies gives an order that explains the history.
func ExampleVerdict() {
	h := txn.History{
		Vars: []txn.Var{txn.Int("x", 0)},
		Attempts: []txn.Attempt{
			{Client: 1, Start: 1, End: 9, Outcome: txn.Committed, Ops: []txn.Op{txn.Read("x", 5)}},
			{Client: 2, Start: 2, End: 3, Outcome: txn.Committed, Ops: []txn.Op{txn.Write("x", 5)}},
			{Client: 3, Start: 2, End: 4, Outcome: txn.Committed, Ops: []txn.Op{txn.Read("x", 0)}},
		},
	}
	verdict, err := txn.Check(h, txn.Opaque)
	fmt.Println(verdict, verdict.Order, err)
	// Output: ok: opaque [2 1 0] <nil>
}

// An attempt claims to have read version 3, but one of its reads is newer.
func ExampleSnapshots() {
	h := txn.History{
		Vars: []txn.Var{txn.Int("x", 0)},
		Attempts: []txn.Attempt{
			{Client: 1, Start: 1, End: 2, Outcome: txn.Committed, Version: 4, Ops: []txn.Op{txn.Write("x", 1)}},
			{Client: 2, Start: 1, End: 3, Outcome: txn.Committed, Snapshot: 3, Ops: []txn.Op{txn.Read("x", 1)}},
		},
	}
	verdict, err := txn.Snapshots(h)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(verdict)
	// Output:
	// not of the snapshots it claims:
	// snapshot read: T2 at version 3 read x = 1, but it is 0 there, as it was at first
	//     T2 client 2 [1, 3] committed: read x = 1
}

func ExampleHistory_Validate() {
	h := txn.History{
		Vars: []txn.Var{txn.Int("x", 0)},
		Attempts: []txn.Attempt{
			{Client: 1, Start: 7, End: 5, Outcome: txn.Committed, Ops: []txn.Op{txn.Read("y", 1)}},
		},
	}
	fmt.Println(h.Validate())
	// Output:
	// txn: malformed history:
	// 	T1 ends (5) before it starts (7)
	// 	T1: read y = 1: variable "y" is not declared: add it to Vars
}

// A report on a memory that runs one transaction at a time. In a test, use Conformance.
func ExampleRun() {
	report := txn.Run(txn.Adapter{Name: "one mutex", New: newMutexSTM},
		txn.Rounds(10), txn.Patience(time.Millisecond))
	fmt.Println("failed:", len(report.Failed()))
	fmt.Println(txn.RetryWakeUp, report.Result(txn.RetryWakeUp).Status)
	fmt.Println(txn.HonestVersions, report.Result(txn.HonestVersions).Status)
	// Output:
	// failed: 0
	// retry wake-up pass
	// honest versions skip
}
