package tdata_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
)

var background = context.Background()

// commit runs fn as a transaction that must commit.
func commit(t testing.TB, owner *stm.Owner, fn func(tx *stm.Tx)) {
	t.Helper()
	require.NoError(t, owner.Atomically(background, func(tx *stm.Tx) error { fn(tx); return nil }))
}

// look runs fn as a read-only transaction.
func look(t testing.TB, owner *stm.Owner, fn func(tx *stm.Tx)) {
	t.Helper()
	require.NoError(t, owner.View(background, func(tx *stm.Tx) error { fn(tx); return nil }))
}

// atOnceOn runs work on a number of goroutines, which start at the same time.
func atOnceOn(goroutines int, work func(g int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		wg.Go(func() {
			<-start
			work(g)
		})
	}
	close(start)
	wg.Wait()
}
