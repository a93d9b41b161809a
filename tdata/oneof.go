package tdata

import (
	"errors"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// OneOf makes a transaction function of several: it returns what the first of them returns that need not wait, in their order, be that a
// value or an error. One that returns [ErrClosed] is passed over; if all do, so does OneOf. If nothing else is left but to wait, it waits for
// what any of them waits for, and is woken by nothing else. It panics if there are none, or one is nil.
//
// Methods such as [Queue.Take], [Subscription.Take] and [Promise.Get] are such functions, and so is what [When] returns. So to wait for a
// job from any of three queues, or for a flag, or for the end of a context, is
//
//	job, err := stm.Do(ctx, tdata.OneOf(urgent.Take, normal.Take, retry.Take, tdata.When[Job](quit, errQuit)))
//
// It does not return [ErrClosed] then, since a flag does not close: once the queues are closed and empty it waits for the flag alone. To end
// with the queues too, use [Until].
//
// Those that come first are preferred, as long as they have something. Of those that are not chosen nothing is taken.
//
// It is orElse, from Harris, Marlow, Peyton Jones and Herlihy, "Composable Memory Transactions" (2005).
func OneOf[T any](takes ...func(*stm.Tx) (T, error)) func(*stm.Tx) (T, error) {
	if len(takes) == 0 {
		panic("tdata: OneOf: no function; it would wait forever")
	}
	for _, take := range takes {
		if take == nil {
			panic("tdata: OneOf: nil function")
		}
	}
	return func(tx *stm.Tx) (value T, err error) {
		closed := 0
		alternatives := make([]func(*stm.Tx) error, 0, len(takes)+1)
		for _, take := range takes {
			alternatives = append(alternatives, func(tx *stm.Tx) (err error) {
				if value, err = take(tx); errors.Is(err, ErrClosed) {
					closed++
					tx.Retry()
				}
				return err
			})
		}
		alternatives = append(alternatives, func(tx *stm.Tx) error {
			tx.Check(closed == len(takes))
			return ErrClosed
		})
		err = tx.OrElse(alternatives...)
		return value, err
	}
}

// When returns a transaction function that waits, by Retry, until a flag is set, and then returns the error: an alternative for
// [OneOf]. It never returns [ErrClosed]; if what else there is may close, use [Until]. It panics if the flag or the error is nil.
func When[T any](flag *tvar.TVar[bool], err error) func(*stm.Tx) (T, error) {
	if flag == nil || err == nil {
		panic("tdata: When: nil flag or error")
	}
	return func(tx *stm.Tx) (none T, _ error) {
		tx.Check(flag.Get(tx))
		return none, err
	}
}

// Until makes a transaction function of another: it returns what take returns, [ErrClosed] for one, and if take has to wait, also waits, by
// Retry, until a flag is set, and then returns the error. So to have a job from any of three queues as long as one is open, and no flag is
// set, and the context has not ended, is
//
//	job, err := stm.Do(ctx, tdata.Until(quit, errQuit, tdata.OneOf(urgent.Take, normal.Take, retry.Take)))
//
// As long as take has something, it is taken, whatever the flag says. Until panics if the flag, the error or take is nil.
func Until[T any](flag *tvar.TVar[bool], err error, take func(*stm.Tx) (T, error)) func(*stm.Tx) (T, error) {
	if take == nil {
		panic("tdata: Until: nil function")
	}
	stop := When[T](flag, err)
	return func(tx *stm.Tx) (value T, err error) {
		err = tx.OrElse(
			func(tx *stm.Tx) (err error) { value, err = take(tx); return err },
			func(tx *stm.Tx) (err error) { value, err = stop(tx); return err },
		)
		return value, err
	}
}
