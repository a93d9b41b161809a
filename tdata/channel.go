package tdata

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"

	"github.com/rinse-go/rinse/stm"
)

// Chan returns a channel that is fed with what take returns, one value after another: with [Queue.Take] or [OneOf], say. So what
// transactions put can be received in a select with other channels and timers. The values are taken by a goroutine, one at a time, each
// in a transaction of its own on the owner that the option [In] names, the default one without; of the other options it makes no use.
//
// The goroutine ends, and the channel is closed, when ctx ends or take returns an error; [ErrClosed] is the usual one. wait waits for that
// and returns ctx's error, or take's error unless it was [ErrClosed]. Who stops receiving has to end ctx, or the goroutine is left waiting.
//
// No value is lost: the channel has no buffer, so that a value is either received or still with the goroutine; and one which that has taken
// when ctx ends is given to untake, in a transaction that ctx does not end. That may be [Queue.Untake], which puts it back to the front. In between
// somebody else may have taken what came after it.
//
// take and untake run on that goroutine. If one of them panics, the channel is closed, and the panic goes on in wait, as a
// [*PanicError]: so do call wait when the channel is closed, or you take a panic, as any error, for the end. A value that untake
// panicked with is lost. If one of them calls runtime.Goexit, wait returns an error that says so.
func Chan[T any](
	ctx context.Context, take func(*stm.Tx) (T, error), untake func(*stm.Tx, T), options ...Option,
) (values <-chan T, wait func() error) {
	mustHave(ctx != nil, "context")
	if take == nil || untake == nil {
		panic("tdata: Chan: nil function")
	}
	o := originOf(options)
	out, done := make(chan T), make(chan struct{})
	ended := errGoexit // unless pump returns or panics
	var panicked *PanicError
	go func() {
		defer close(done)
		defer close(out)
		defer func() {
			if r := recover(); r != nil {
				panicked = &PanicError{r, debug.Stack()}
			}
		}()
		ended = pump(ctx, &o, take, untake, out)
	}()
	return out, func() error {
		<-done
		if panicked != nil {
			panic(panicked)
		}
		return ended
	}
}

var errGoexit = errors.New("tdata: Chan: a function called runtime.Goexit")

// pump sends what take returns until that or ctx ends it.
func pump[T any](
	ctx context.Context, o *origin, take func(*stm.Tx) (T, error), untake func(*stm.Tx, T), out chan<- T,
) error {
	for {
		value, err := stm.DoIn(ctx, o.in(), take)
		if errors.Is(err, ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case out <- value:
		case <-ctx.Done():
			alone(o, func(tx *stm.Tx) { untake(tx, value) })
			return ctx.Err()
		}
	}
}

// Each returns an iterator over what take returns, one value after another, without a goroutine: the body of the loop runs when a value
// has been taken, and the next one is taken when it has run. Each value is taken in a transaction of its own on the owner that the
// option [In] names, the default one without.
//
// The loop ends when take returns [ErrClosed]. It ends with the error, and a value that means nothing, when take returns another, or ctx
// ends. No value is lost: what has been taken has been given to the loop.
func Each[T any](ctx context.Context, take func(*stm.Tx) (T, error), options ...Option) iter.Seq2[T, error] {
	mustHave(ctx != nil, "context")
	if take == nil {
		panic("tdata: Each: nil function")
	}
	o := originOf(options)
	return func(yield func(T, error) bool) {
		for {
			value, err := stm.DoIn(ctx, o.in(), take)
			if errors.Is(err, ErrClosed) || !yield(value, err) || err != nil {
				return
			}
		}
	}
}

// Feed puts what it receives from a channel, one value after another: with [Queue.Put], say, or [Topic.Publish]. Each is put in a transaction
// of its own on the owner that the option [In] names, the default one without. It runs until the channel is closed, and returns nil then.
//
// If ctx ends, or put returns an error, [ErrClosed] say, Feed returns that. If it has received a value then which it could not put, the error
// is an [*UnsentError] that has the value, so that it is not lost. When ctx ends, a value that has been received is still put if that
// can be done without waiting.
func Feed[T any](
	ctx context.Context, values <-chan T, put func(*stm.Tx, T) error, options ...Option,
) error {
	mustHave(ctx != nil, "context")
	if values == nil || put == nil {
		panic("tdata: Feed: nil channel or function")
	}
	o := originOf(options)
	for {
		select {
		case value, ok := <-values:
			if !ok {
				return nil
			}
			if err := feed(ctx, &o, value, put); err != nil {
				return &UnsentError[T]{value, err}
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// feed puts a value. If ctx ends it tries once more, without waiting.
func feed[T any](ctx context.Context, o *origin, value T, put func(*stm.Tx, T) error) error {
	err := o.in().Atomically(ctx, func(tx *stm.Tx) error { return put(tx, value) })
	if err == nil || ctx.Err() == nil {
		return err
	}
	var failed error
	alone(o, func(tx *stm.Tx) {
		failed = tx.OrElse(
			func(tx *stm.Tx) error { return put(tx, value) },
			func(tx *stm.Tx) error { return ctx.Err() },
		)
	})
	return failed
}

// A PanicError is what wait of [Chan] panics with if a function of Chan has panicked, on its goroutine.
type PanicError struct {
	Value any    // what the function panicked with
	Stack []byte // of that goroutine, as of runtime/debug.Stack
}

// Error returns the value and the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("%v\n\n%s", e.Value, e.Stack) }

// Unwrap returns the value if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// An UnsentError is returned by [Feed] if it has received a value and could not put it.
type UnsentError[T any] struct {
	Value T     // what was received
	Err   error // why it was not put
}

// Error says what was not put, and why.
func (e *UnsentError[T]) Error() string {
	return fmt.Sprintf("tdata: a received value was not put: %v", e.Err)
}

// Unwrap returns why the value was not put.
func (e *UnsentError[T]) Unwrap() error { return e.Err }
