// Package stm runs transactions on variables in memory: version control for variables.
//
// A transaction checks out a consistent snapshot of some variables, changes its own copies, and
// commits: all its changes become visible at once, or none. If somebody else got there first the
// commit clashes, and the transaction is run again on what is there now. Variables have a type and
// live in package tvar; this package has the transactions, and the owner that decides them.
//
//	alice, bob := tvar.New(100), tvar.New(0)
//
//	err := stm.Atomically(ctx, func(tx *stm.Tx) error {
//		tx.Check(alice.Get(tx) >= 30) // wait until there is enough
//		alice.Modify(tx, func(n int) int { return n - 30 })
//		bob.Modify(tx, func(n int) int { return n + 30 })
//		return nil
//	})
//
// # Which form to use
//
//   - [Atomically] reads and changes variables, and runs its function until it commits. [Do] is the
//     same for functions with a result.
//   - [View] reads many variables as they are at one moment. It disturbs no writer, and writers make
//     it start over once at most.
//   - [Checkout] hands out the transaction itself, to hold for as long as you like: while a user
//     edits a form, say. [Tx.Commit] then tells by a [*ClashError] what others have changed meanwhile,
//     [Tx.Rebase] takes that over, and [Tx.Checkpoint] commits on the way. [Owner.Changed] gives notice.
//   - [Resume] goes on under a token that was made earlier: in another request, or before a file was
//     saved.
//   - [Owner.Try] makes one attempt and returns whatever came of it.
//   - [Owner.Irrevocably] runs its function once and cannot clash, for effects that cannot be undone.
//   - For one variable alone no transaction is needed: see Load, Store and Update in package tvar.
//
// Inside a transaction, [Tx.Retry] and [Tx.Check] wait until something that was read changes,
// [Tx.OrElse] tries another way instead of waiting, [Tx.Nested] undoes a part, [Tx.Expect] checks
// that variables are as a token says, and [Tx.OnCommit] is the place for effects. Functions that take
// a *Tx compose: call two in one transaction, and both happen or neither.
//
// # What is promised
//
//  1. Opacity: every attempt, also one that will fail, sees one consistent state of its owner's
//     variables. A torn read never reaches your code.
//  2. Strict serializability: what commits, single-variable operations included, is as if it had
//     happened one after another, in an order that agrees with real time.
//  3. All or nothing: an attempt that returns an error, panics, calls runtime.Goexit, clashes or is
//     cancelled changes nothing.
//  4. Read-only work never disturbs writers, and on a pinned snapshot it never fails.
//  5. Progress: some transaction always commits, and each one after [MaxClashes] clashes at most.
//  6. Waiting is exact: Retry wakes when something that was read changes, and for nothing else.
//  7. Your code runs on your goroutine: panics surface there with their own value.
//
// In the terms of the Go memory model, a commit is synchronized before every operation that
// observes it.
//
// # Rules of use
//
//   - A transaction function may be run several times. Let it have no effects but on variables; give
//     the others to [Tx.OnCommit], or use [Owner.Irrevocably].
//   - Values are shared, not copied. Treat what you read as immutable and Set a new value, or give
//     the variable tvar.Clone.
//   - A Tx belongs to one goroutine, and ends with the function, Commit or Discard that ends it.
//   - Inside a transaction function use the methods that take the *Tx, and start no other transaction.
//   - Do not wait in a transaction function but by Retry: no locks, no channels, no network. The longer
//     it takes, the more it clashes; and while one that clashed too often runs alone, others wait.
//   - Do not recover the panics of this package. One that is recovered all the same cannot make an
//     attempt commit that has clashed.
//   - End every held checkout: defer [Tx.Discard].
//
// Misuse panics with an error that says which variable it was and what to do instead, and for which
// errors.Is finds [ErrClosed], [ErrForeign], [ErrReadOnly], [ErrManaged] or [ErrHeld]. Three mistakes
// cost too much to notice always: a *Tx used after its end while its descriptor serves another
// transaction, a *Tx used by two goroutines, and a transaction started inside a transaction function.
// Build and test with
//
//	go test -tags rinsedebug ./...
//
// to have them noticed.
//
// # What it costs
//
// A small transaction costs four to ten times as much as locking and unlocking a mutex, and allocates
// nothing for values that fit a word; a read costs some nanoseconds. Transactions on different
// variables do not slow each other down. Transactions on the same variable take turns once they have
// clashed. A held checkout costs memory: the old value of each variable that others overwrite while it
// is open, one a variable at most. Figures, with the machine and the command, are in the README;
// measure yours with go run ./bench in a clone.
//
// # When not to use it
//
// One variable that everybody writes all the time is served best by sync/atomic or a mutex, and so is
// anything that one mutex guards without trouble. Transactions pay off when an operation touches
// several variables that are not known beforehand, when operations have to be composed, when one has
// to wait for a condition on several variables, when long readers must not stop writers, or when a
// change is prepared slowly and must not overwrite what others did in the meantime. Nothing here is
// durable or distributed: variables live and end with the process.
//
// # Where the ideas are from
//
// Retry and OrElse: Harris, Marlow, Peyton Jones and Herlihy, "Composable Memory Transactions" (2005).
// The protocol: Dice, Shalev and Shavit, "Transactional Locking II" (2006); Riegel, Felber and Fetzer,
// "A Lazy Snapshot Algorithm with Eager Validation" (2006). Irrevocable transactions: Welc, Saha and
// Adl-Tabatabai (2008). Opacity: Guerraoui and Kapałka, "On the Correctness of Transactional Memory"
// (2008). Commute: Clojure. The owner, its tokens and the held checkout: Kamaelia's STM for Python.
package stm
