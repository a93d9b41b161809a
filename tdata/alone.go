package tdata

import (
	"context"
	"fmt"

	"github.com/rinse-go/rinse/stm"
)

// runAlone runs fn as a transaction of its own, which nothing can end but its commit; viewAlone as one that only reads.
func runAlone(owner *stm.Owner, fn func(*stm.Tx)) {
	must(owner.Atomically(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil }))
}

func viewAlone(owner *stm.Owner, fn func(*stm.Tx)) {
	must(owner.View(context.Background(), func(tx *stm.Tx) error { fn(tx); return nil }))
}

func must(err error) {
	if err != nil {
		panic(fmt.Errorf("tdata: %w", err))
	}
}

// alone is runAlone on the owner of an origin.
func alone(o *origin, fn func(*stm.Tx)) { runAlone(o.in(), fn) }

// seen returns what fn finds at one moment, in a View.
func seen[R any](o *origin, fn func(*stm.Tx) R) (result R) {
	viewAlone(o.in(), func(tx *stm.Tx) { result = fn(tx) })
	return result
}

// soon is runAlone for one who must not wait any more. If it cannot commit, since another transaction has the gate shut,
// it is left to a goroutine of its own: until the gate is open, nobody else commits anything either.
func soon(owner *stm.Owner, fn func(*stm.Tx)) {
	for range stm.MaxClashes {
		if owner.Try(func(tx *stm.Tx) error { fn(tx); return nil }) == nil {
			return
		}
	}
	go runAlone(owner, fn)
}
