package tdata_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// shutGate has a transaction shut the gate of an owner until open is called.
func shutGate(o *stm.Owner) (open func()) {
	shut, goOn, opened := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		opened <- o.Irrevocably(background, func(*stm.Tx) error {
			close(shut)
			<-goOn
			return nil
		})
	}()
	<-shut
	return func() {
		close(goOn)
		succeed(<-opened)
		synctest.Wait()
	}
}

// A kept call is one that can block, of something that has all there is to take.
type keptCall struct {
	call func(context.Context) (release func(), err error)
	last func(t *testing.T) // checks that everything can be taken, or has ended
}

func releasing(r *tdata.Resource[int], err error) (func(), error) {
	if err != nil {
		return nil, err
	}
	return r.Release, nil
}

// keptCalls makes one of each, of which nobody holds anything.
func keptCalls(o *stm.Owner) map[string]keptCall {
	free := func(call func(context.Context) (func(), error)) keptCall {
		return keptCall{call, func(t *testing.T) {
			release, err := call(t.Context())
			require.NoError(t, err)
			release()
		}}
	}
	plain, fair := tdata.NewSemaphore(1, tdata.In(o)), tdata.NewFairSemaphore(1, tdata.In(o))
	lock := tdata.NewRWLock(tdata.In(o))
	limiter := tdata.NewRateLimiter(tdata.RateConfig{Rate: 0.1, Burst: 1}, tdata.In(o))
	empty, _ := newPlant().poolIn(o, 1)
	idle, _ := newPlant().poolIn(o, 1)
	ending, _ := newPlant().poolIn(o, 1)
	_, err := idle.Warm(background)
	succeed(err)
	return map[string]keptCall{
		"Semaphore":     free(func(ctx context.Context) (func(), error) { return plain.Hold(ctx, 1) }),
		"FairSemaphore": free(func(ctx context.Context) (func(), error) { return fair.Hold(ctx, 1) }),
		"HoldRead":      free(lock.HoldRead),
		"HoldWrite":     free(lock.HoldWrite),
		"Pool, idle":    free(func(ctx context.Context) (func(), error) { return releasing(idle.Acquire(ctx)) }),
		"Pool, empty":   free(func(ctx context.Context) (func(), error) { return releasing(empty.Acquire(ctx)) }),
		"Shutdown": {
			func(ctx context.Context) (func(), error) { return nil, ending.Shutdown(ctx) },
			func(t *testing.T) { assert.NoError(t, ending.Shutdown(t.Context())) },
		},
		"RateLimiter": {
			func(ctx context.Context) (func(), error) { return func() {}, limiter.Wait(ctx) },
			func(t *testing.T) { assert.Equal(t, 1., limiter.LoadTokens()) },
		},
	}
}

// While another transaction has the gate shut, a call that can block ends with its context, and has taken nothing.
func TestAShutGateDoesNotKeepOneWhoseContextEnds(t *testing.T) {
	for name := range keptCalls(stm.NewOwner()) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := stm.NewOwner()
				c := keptCalls(o)[name]
				open := shutGate(o)
				h := hold(c.call)
				assert.False(t, h.has(), "the gate is shut")
				h.cancel()
				assert.True(t, h.has(), "the context has ended")
				assert.Equal(t, context.Canceled, <-h.ended)
				open()
				c.last(t)
			})
		})
	}
}

// One that waits, and gives up while another transaction has the gate shut, holds up nobody once that is open.
func TestAShutGateDoesNotKeepOneWhoGivesUp(t *testing.T) {
	for name := range keptCalls(stm.NewOwner()) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := stm.NewOwner()
				c := keptCalls(o)[name]
				if name == "HoldRead" || name == "Shutdown" {
					return // would not wait for another one
				}
				first := hold(c.call)
				require.True(t, first.has())
				second := hold(c.call)
				require.False(t, second.has(), "it is taken")
				open := shutGate(o)
				second.cancel()
				require.True(t, second.has(), "the context has ended")
				assert.Equal(t, context.Canceled, <-second.ended)
				open()
				third := hold(c.call)
				first.release()
				if name == "RateLimiter" {
					time.Sleep(10 * time.Second) // of the bubble's time: for one token, not for two
				}
				assert.True(t, third.has(), "the second has gone")
			})
		})
	}
}

// What New has made while the gate was shut, for one whose context has ended meanwhile, is idle.
func TestAShutGateDoesNotLoseWhatNewHasMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		goOn := make(chan error)
		slow := func(context.Context) (int, error) { return 5, <-goOn }
		p := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1, New: slow}, tdata.In(o))
		acquire := func(ctx context.Context) (func(), error) { return releasing(p.Acquire(ctx)) }
		for _, failure := range []error{errNoSuch, nil} {
			h := hold(acquire)
			open := shutGate(o)
			goOn <- failure
			if failure == nil {
				assert.False(t, h.has(), "the gate is shut")
				h.cancel()
				failure = context.Canceled
			}
			require.True(t, h.has())
			assert.Equal(t, failure, <-h.ended)
			assert.Equal(t, 1, p.Stats().Making)
			open()
			assert.Zero(t, p.Stats().Making)
		}
		assert.Equal(t, 1, p.Stats().Idle)
	})
}
