package txn_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rinse-go/rinse/proptest/txn"
)

// noUndo runs one transaction at a time, and never thought of those that do not commit.
type noUndo struct {
	mu      sync.Mutex
	changed *sync.Cond
}

func newNoUndo() txn.STM {
	m := &noUndo{}
	m.changed = sync.NewCond(&m.mu)
	return m
}

type variable[T any] struct{ value T }

func (v *variable[T]) Get(txn.Tx) T        { return v.value }
func (v *variable[T]) Set(_ txn.Tx, new T) { v.value = new }

func (m *noUndo) NewInt(_ string, initial int) txn.Cell[int] { return &variable[int]{initial} }
func (m *noUndo) NewList(string) txn.Cell[[]int]             { return &variable[[]int]{} }

type again struct{}

func (again) Retry() { panic(again{}) }

func (m *noUndo) Atomically(_ context.Context, body func(txn.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.changed.Broadcast()
	for {
		err, retried := m.try(body)
		if !retried {
			return err
		}
		m.changed.Broadcast()
		m.changed.Wait()
	}
}

func (m *noUndo) try(body func(txn.Tx) error) (err error, retried bool) {
	defer func() {
		if p := recover(); p == (again{}) {
			retried = true
		} else if p != nil {
			panic(p)
		}
	}()
	return body(again{}), false
}

// An adapter for a memory with a bug, and what the suite says of it. In a test, call Conformance.
func ExampleAdapter() {
	report := txn.Run(txn.Adapter{Name: "no undo", New: newNoUndo},
		txn.Rounds(0), txn.Patience(time.Millisecond))
	for _, property := range report.Roots() {
		fmt.Println(property)
	}
	fmt.Println(report.Result(txn.AtomicOnError).Detail)
	// Output:
	// no dirty read
	// atomic on error
	// atomic on panic
	// atomic on retry
	// writes, then an error: not serializable:
	// no serial order: every order of these attempts was tried
	//     T1 client 1 [1, 3] aborted: write x = 1, write y = 2
	//     T2 client 2 [4, 6] committed: read x = 1, read y = 2
	//   the furthest it goes is no attempt at all, and then
	//     T2 cannot be next: it read x = 1, which is 0
}
