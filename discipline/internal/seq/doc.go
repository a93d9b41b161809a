// Package seq has the objects of package discipline for use by one goroutine at a time, and a desk at
// which requests to one of them are served. The disciplines that keep an object in one place, behind a
// lock or a goroutine, share them; so they differ in nothing but how they get at it.
package seq

import "fmt"

// AtLeastOne panics if there is none of what an object needs.
func AtLeastOne(n int, what string) {
	if n < 1 {
		panic(fmt.Sprintf("discipline: %d %s: want at least one", n, what))
	}
}

// Within panics if there is no such thing; the others are numbered from 0 to n-1.
func Within(i, n int, what string) {
	if i < 0 || i >= n {
		panic(fmt.Sprintf("discipline: there is no %s %d; they are numbered from 0 to %d", what, i, n-1))
	}
}

// NotAcquired panics because of a resource that nobody has.
func NotAcquired(resource int) {
	panic(fmt.Sprintf("discipline: release of resource %d, which nobody has acquired", resource))
}
