// Package tdata has data structures that transactions share: maps, sets, counters, queues, caches and the
// like, in the place of those that a mutex would guard.
//
// They compose. Every method that takes a *stm.Tx is a part of that transaction, with all other structures
// and variables that it uses: a job moves from a queue to a map and is counted, or nothing happens at
// all; and whoever waits can wait for any of them.
//
//	err := stm.Atomically(ctx, func(tx *stm.Tx) error {
//		job := jobs.Take(tx)             // waits until there is one
//		running.Set(tx, job.ID, job)
//		started.Add(tx, 1)
//		return nil
//	})
//
// # Which one
//
//	Counter         adding from everywhere, reading seldom; exact. atomic.Int64, where nothing else has to
//	                change in the same step; tvar.TVar[int], where it is read as often as it is changed
//	Map, Set        by key. sync.Map, where single keys are all there is to it; a Go map in a tvar.TVar,
//	                copied for each change, where it is small and seldom changed
//	OrderedMap,     by key in order: ranges, neighbours, first and last. It costs several times as much as a
//	OrderedSet      Map
//	Cache           as Map, but bounded, with expiry, and loaded on demand
//	Queue,          first in first out, without and with a bound. A channel, where taking is all that
//	BoundedQueue    happens in a step
//	PriorityQueue   the first in some order
//	Topic           every subscriber gets every message
//	Semaphore, RWLock, Latch, Barrier    to wait for what is not in variables. Within a transaction nothing
//	                needs a lock
//	Promise         one value or error, later
//	Pool            a few resources that are lent out
//	RateLimiter     so and so many a second
//
// Where a single lock that is held for nanoseconds would do, it is faster; docs/tdata-maps.md says by how
// much.
//
// # Inside and outside
//
// As with [tvar.TVar], methods that take a *stm.Tx see and change the transaction's snapshot. The others
// are transactions of their own, named differently (Get and Load, Set and Store, Delete and Remove, Clear and
// Purge); call them outside of transaction functions. They cost less where one variable is all that changes.
//
// Inside a transaction function they do something else than it seems: the transaction does not see what they
// change if it has looked already, does not undo it, and runs again, with them, if it clashes. One that clashed so
// often that it runs alone waits for them, and so for itself, for ever; in stm's Irrevocably that is so from
// the start. With -tags rinsedebug those panic there that cannot do without a
// transaction; Map.Load, Queue.Send and others that can do not.
//
// # Clashes
//
// Transactions that use different keys, or different ends of a queue, do not clash. What a transaction
// relies on is what it has asked for: the value of a key or its absence, the number of keys if it asks
// for the number, all of a range if it goes through a range. Structures that grow do so outside of
// transactions, a piece at a time. Each type says what else there is to know.
//
// In a clash report a structure is called by its name, given by [Named], and a part of it by its key,
// stock["apples"], or by what it is, jobs.head. Those that have no name are called by their type,
// tdata.Map[string,int]["apples"]. But of a Latch or a Promise without a name, which are often made for one use, and of a
// Queue, Topic, RWLock or RateLimiter that was not made by its constructor, there is only the type of the variable. So
// name what you want to find again.
//
// # Snapshots
//
// Snapshot of a map or set returns it as it is now, in constant time; it is read while writers go on, by as many
// goroutines as you like, and must be closed. That of a queue returns its values, and that of a cache iterates over
// its entries; they copy, and need not be closed. [Now] returns a [Moment], from which snapshots of several
// maps and sets are taken that belong together. Within a transaction, and in a View, everything is a
// snapshot anyway.
//
// # JSON
//
// Maps and caches are written as JSON objects, sets and queues as arrays, and counters as numbers, as they
// are at one moment; but not read, since to read into a structure that others use could mean to replace what is
// there or to add to it. Read into a Go map or slice, and say which, in a transaction if it has to be one step:
//
//	var read map[string]int
//	if err := json.Unmarshal(text, &read); err != nil {
//		return err
//	}
//	for name, n := range read {
//		stock.Store(name, n)
//	}
//
// # Owners
//
// A structure belongs to one owner, the default one unless [In] says otherwise, and takes part in the
// transactions of that owner alone.
package tdata
