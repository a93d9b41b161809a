// Package txn tests whether transactions are what they claim to be. It checks histories of transactions, recorded
// anywhere, and it runs any transactional memory written in Go through a suite of properties.
//
// # Histories
//
// A [History] says what the clients of some variables did, attempt by attempt: a transaction that clashed twice and
// then committed is three attempts. An [Attempt] has its client, start and end, what it read and wrote, and how it
// ended. Attempts that did not commit belong to it, because what they read matters as well: a program that runs on a
// torn read may panic or never end before anybody finds out that it cannot commit.
//
// Three levels can be asked for, each stronger than the one before: [Serializable], [StrictSerializable] and
// [Opaque]. There are three checkers:
//
//   - [BruteForce] tries every order of the attempts. It takes ints and lists, and up to 64 attempts.
//   - [Cycles] looks for cycles of dependencies, in near linear time, so that a history may be as long as memory
//     allows. It takes lists that attempts append unique elements to: a list shows in which order that happened.
//   - [Snapshots] compares reads with the versions that attempts claim to have seen.
//
// The first two are exact, each for the histories that it takes: they find an anomaly if and only if there is no
// serial order that explains the history. [Check] chooses between them.
//
// An [Anomaly] explains itself. Those of Cycles have the names of Adya and Jepsen: G0, G1a, G1b, G1c, G-single and
// G2, and a cycle that only the real-time order closes has "-realtime" added.
//
// # The suite
//
// [Conformance] is a test that a transactional memory has to pass, and [Run] reports how it fares without failing
// anything. Both take an [Adapter]: how to make a variable, how to run a transaction, how to get, set and retry.
// The suite records the attempts by itself. Directed runs pause one attempt while another client runs whole
// transactions, so that each property has schedules made to break it; random ones run on real threads.
//
// What fails is reported by its narrowest name: [Report.Roots] says "lost update" where [Report.Failed] says "opacity,
// strict serializability, lost update".
//
// # What it cannot do
//
// A suite of finitely many schedules proves a memory wrong, never right. The package does not control the scheduler,
// so a random run that found something may have to be repeated until it finds it again; the history that it shows
// is proof all the same. Whether a value was read before its writer had come to its commit is tested by a directed
// run, and not visible in a history, since operations have no times of their own: this is final-state opacity.
//
// The ideas are from Guerraoui and Kapałka, "On the Correctness of Transactional Memory" (2008), Adya, "Weak
// Consistency" (1999), and Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations"
// (2020).
package txn
