package tdata_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// made has what a constructor or another structure has to make, and ready what is ready when it is zero.
var (
	made = []any{
		new(tdata.OrderedMap[int, int]), new(tdata.OrderedSet[int]),
		new(tdata.MapSnapshot[int, int]), new(tdata.SetSnapshot[int]),
		new(tdata.OrderedMapSnapshot[int, int]), new(tdata.OrderedSetSnapshot[int]), new(tdata.Moment),
		new(tdata.Cache[int, int]), new(tdata.Pool[int]), new(tdata.Resource[int]),
		new(tdata.BoundedQueue[int]), new(tdata.PriorityQueue[int]), new(tdata.Subscription[int]),
		new(tdata.Barrier), new(tdata.Arrival),
	}
	ready = []any{
		new(tdata.Counter), new(tdata.Map[int, int]), new(tdata.Set[int]), new(tdata.Queue[int]), new(tdata.Topic[int]),
		new(tdata.RWLock), new(tdata.Latch), new(tdata.Promise[int]), new(tdata.RateLimiter), new(tdata.Reservation),
		new(tdata.Semaphore), new(tdata.FairSemaphore),
	}
)

// What is used without having been made says what it is, whatever is done with it first.
func TestWhatWasNotMadeSaysSo(t *testing.T) {
	for _, zero := range made {
		saysSo(t, reflect.ValueOf(zero))
		saysSo(t, reflect.Zero(reflect.TypeOf(zero)))
	}
	for _, zero := range ready {
		saysSo(t, reflect.Zero(reflect.TypeOf(zero)))
	}
}

func saysSo(t *testing.T, of reflect.Value) {
	kind, _, _ := strings.Cut(of.Type().Elem().Name(), "[")
	for i := range of.NumMethod() {
		method := of.Type().Method(i).Name
		told, _ := callWithoutContext(of.Method(i)).(string)
		assert.True(t, strings.HasPrefix(told, "tdata: ") && strings.Contains(told, kind), "%s.%s, nil: %t: %q", kind, method, of.IsNil(), told)
	}
}

// What is zero and ready does not mind what is done with it first, or says clearly what is wrong.
func TestWhatIsReadyNeedNotBeMade(t *testing.T) {
	for _, zero := range ready {
		of := reflect.TypeOf(zero)
		for i := range of.NumMethod() {
			switch told := callWithoutContext(reflect.New(of.Elem()).Method(i)).(type) {
			case nil:
			case runtime.Error:
				t.Errorf("%v.%s: %v", of, of.Method(i).Name, told)
			default:
				assert.True(t, strings.HasPrefix(fmt.Sprint(told), "tdata: "), "%v.%s: %v", of, of.Method(i).Name, told)
			}
		}
	}
}

// callWithoutContext calls a method in a transaction that is undone, with a context that has ended, and returns what it
// panicked with.
func callWithoutContext(method reflect.Value) (told any) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	defer func() { told = recover() }()
	_ = stm.Default().Try(func(tx *stm.Tx) error {
		var with []reflect.Value
		for i := range method.Type().NumIn() {
			switch in := method.Type().In(i); {
			case in == reflect.TypeFor[context.Context]():
				with = append(with, reflect.ValueOf(over))
			case in == reflect.TypeFor[*stm.Tx]():
				with = append(with, reflect.ValueOf(tx))
			case in == reflect.TypeFor[*tdata.Moment]():
				with = append(with, reflect.ValueOf(moment))
			case in == reflect.TypeFor[error]():
				with = append(with, reflect.ValueOf(errRejected))
			case in.Kind() == reflect.Func:
				with = append(with, reflect.MakeFunc(in, func([]reflect.Value) (out []reflect.Value) {
					for i := range in.NumOut() {
						out = append(out, reflect.Zero(in.Out(i)))
					}
					return out
				}))
			default:
				with = append(with, reflect.Zero(in))
			}
		}
		method.Call(with)
		return errRejected
	})
	return nil
}

// The zero RateLimiter allows nothing, as that of golang.org/x/time/rate, until it is told otherwise.
func TestTheZeroRateLimiterAllowsNothingYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l tdata.RateLimiter
		assert.False(t, l.Allow())
		assert.ErrorIs(t, l.Wait(t.Context()), tdata.ErrOverBurst)
		r := l.Reserve()
		assert.False(t, r.OK())
		r.Cancel()
		inTx(stm.Default(), func(tx *stm.Tx) {
			assert.False(t, l.TryTake(tx, 1))
			assert.ErrorIs(t, l.Take(tx, 1), tdata.ErrOverBurst)
			assert.False(t, l.TakeAhead(tx, 1).OK())
		})
		l.StoreBurst(2)
		l.StoreRate(1)
		assert.False(t, l.Allow(), "it was empty")
		start := time.Now()
		assert.NoError(t, l.Wait(t.Context()))
		assert.Equal(t, time.Second, time.Since(start))
		time.Sleep(time.Minute) // of the bubble's time
		assert.True(t, l.AllowN(2))
		assert.False(t, l.Allow())
		r = l.Reserve()
		assert.Equal(t, time.Second, r.Delay())
		r.Cancel()
		assert.Zero(t, l.LoadTokens())
		inTx(stm.Default(), func(tx *stm.Tx) { l.TakeAhead(tx, 1).Undo(tx) })
	})
	var none tdata.Reservation
	assert.False(t, none.OK())
	assert.Equal(t, time.Duration(math.MaxInt64), none.Delay())
	none.Cancel()
}
