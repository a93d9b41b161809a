// Package explore runs small programs of transactions on the engine in every order there is, and
// checks each outcome against a sequential model.
//
// What runs is the engine's own source, built with the tag rinsesched, by which it asks a scheduler
// before every access to shared memory (package shared). Orders that differ only in the order of
// independent accesses are the same order: of each such class one is run, by dynamic partial order
// reduction. So "every order" means one of every class, with no bound on preemptions, unless a count
// says that it was cut. Memory is sequentially consistent here; what the processor may reorder is
// for the race detector.
package explore
