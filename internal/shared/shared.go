// Package shared is what the engine's goroutines share memory by: atomic values, mutexes, channels.
//
// They are the standard library's own, by another name. With the build tag rinsesched they ask a
// [Scheduler] before each access, so that tests run the engine in every order there is. Whatever
// goes through this package is explored; nothing that is shared may go around it, except counters.
package shared
