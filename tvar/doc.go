// Package tvar has the variables that transactions share.
//
// A [TVar] holds a value of one type, and the version of its last change. It is read and changed in
// the transactions of package stm, together with others, or alone:
//
//	var hits tvar.TVar[int]                              // the zero value is ready, and 0
//	users := tvar.New(map[string]int{}, tvar.Name("users"))
//
//	hits.Update(func(n int) int { return n + 1 })        // alone
//
//	err := stm.Atomically(ctx, func(tx *stm.Tx) error {  // together
//		if users.Get(tx)["ann"] == 0 {
//			return errors.New("no such user")
//		}
//		hits.Set(tx, hits.Get(tx)+1)
//		return nil
//	})
//
// # Inside a transaction and outside
//
// Methods that take a *stm.Tx see and change that transaction's snapshot, and nobody else notices
// before it commits: [TVar.Get], [TVar.Set], [TVar.Modify], [TVar.Commute]. The others are
// transactions of one variable by themselves: [TVar.Load], [TVar.Store], [TVar.Update],
// [TVar.LoadToken], [TVar.Watch]. They keep all promises of package stm, so two Loads in a row never see half of a
// commit, the new value first and then an old one. Inside a transaction function use the first kind
// only: a Load there is not a part of the transaction.
//
// # Values are shared
//
// A TVar keeps what it is given, and gives it to everybody. Do not change what a value that was read
// or set points to: not the elements of a slice, not the entries of a map, not the fields behind a
// pointer. Set a changed copy instead, or have the variable copy by [Clone]. An old value may still be
// in use by a snapshot after the variable has been given another one.
//
// Equality of values means nothing, unless [Equal] says so: each Set is a change, with a version of its
// own, also to the same value. So NaN, functions, and types that cannot be compared are values like
// any others.
//
// # What it costs
//
// A TVar takes 32 bytes. One that was given a name, Clone or Equal, or that somebody has waited on or
// that was changed under a held checkout, takes more for the record that says so. A value of up to
// eight bytes without pointers, and a value that is one pointer (also a map, a channel or a function),
// is kept in place and written without allocation. All others, strings, slices and interfaces
// included, are kept behind a pointer, and cost one allocation of their size a write.
//
// A Load is a few machine instructions. An Update of a variable that nobody else is changing costs
// about twice as much as a use of a mutex.
//
// # When not to use it
//
// For a single counter or flag that is never changed together with anything else, sync/atomic is
// faster. A large map in one TVar makes every change of it clash with every other, and copies it each
// time: use a variable for each entry, or for each bucket, as examples/wordcount does.
//
// # Where the idea is from
//
// Haskell's TVar. Commute is Clojure's; the token of a value is the entity tag of HTTP.
package tvar
