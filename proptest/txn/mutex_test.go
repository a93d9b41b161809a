package txn_test

import (
	"context"
	"sync"

	"github.com/rinse-go/rinse/proptest/txn"
)

// mutexSTM runs one transaction at a time and undoes what an aborted one wrote. It is as correct as it is slow.
type mutexSTM struct {
	mu      sync.Mutex
	changed *sync.Cond
}

func newMutexSTM() txn.STM {
	m := &mutexSTM{}
	m.changed = sync.NewCond(&m.mu)
	return m
}

type mutexCell[T any] struct{ value T }

func (c *mutexCell[T]) Get(txn.Tx) T { return c.value }

func (c *mutexCell[T]) Set(tx txn.Tx, value T) {
	t, old := tx.(*mutexTx), c.value
	t.undo = append(t.undo, func() { c.value = old })
	c.value = value
}

func (m *mutexSTM) NewInt(_ string, initial int) txn.Cell[int] { return &mutexCell[int]{initial} }
func (m *mutexSTM) NewList(string) txn.Cell[[]int]             { return &mutexCell[[]int]{} }

type mutexTx struct{ undo []func() }

type retryPanic struct{}

func (*mutexTx) Retry() { panic(retryPanic{}) }

// rollback undoes what was written since there were n writes.
func (t *mutexTx) rollback(n int) {
	for i := len(t.undo) - 1; i >= n; i-- {
		t.undo[i]()
	}
	t.undo = t.undo[:n]
}

func (t *mutexTx) OrElse(left, right func(txn.Tx) error) error {
	mark := len(t.undo)
	if err, retried := catchRetry(t, left); !retried {
		return err
	}
	t.rollback(mark)
	return right(t)
}

// catchRetry runs a body and tells whether it retried.
func catchRetry(t txn.Tx, body func(txn.Tx) error) (err error, retried bool) {
	defer func() {
		switch p := recover(); p.(type) {
		case nil:
		case retryPanic:
			retried = true
		default:
			panic(p)
		}
	}()
	return body(t), false
}

func (m *mutexSTM) Atomically(ctx context.Context, body func(txn.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stop := context.AfterFunc(ctx, m.changed.Broadcast)
	defer stop()
	for ctx.Err() == nil {
		t := &mutexTx{}
		committed := false
		err, retried := func() (error, bool) {
			defer func() {
				if !committed {
					t.rollback(0)
				}
			}()
			err, retried := catchRetry(t, body)
			committed = err == nil && !retried
			return err, retried
		}()
		if !retried {
			m.changed.Broadcast()
			return err
		}
		m.changed.Wait()
	}
	return ctx.Err()
}
