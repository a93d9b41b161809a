package tdata_test

import (
	"cmp"
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
	"github.com/stretchr/testify/require"

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

// Whatever takes a context says so if it is nil, also where nothing has to wait.
func TestANilContextIsRefused(t *testing.T) {
	one := tdata.CacheConfig[int, int]{Capacity: 1}
	semaphore, fair := tdata.NewSemaphore(1), tdata.NewFairSemaphore(1)
	limiter := tdata.NewRateLimiter(tdata.RateConfig{Rate: 1, Burst: 1})
	pool := tdata.NewPool(tdata.PoolConfig[int]{MaxSize: 1, New: func(context.Context) (int, error) { return 1, nil }})
	values := []any{
		semaphore, fair, new(tdata.RWLock), new(tdata.Latch), tdata.NewBarrier(1), new(tdata.Promise[int]), limiter, pool,
		tdata.NewCache(one), new(tdata.Queue[int]), tdata.NewBoundedQueue[int](1), tdata.NewPriorityQueue(cmp.Compare[int]),
		new(tdata.Topic[int]), new(tdata.Topic[int]).Follow(),
	}
	calls := map[string]reflect.Value{
		"Chan": reflect.ValueOf(tdata.Chan[int]), "Each": reflect.ValueOf(tdata.Each[int]),
		"Feed": reflect.ValueOf(func(ctx context.Context, put func(*stm.Tx, int) error) error {
			return tdata.Feed(ctx, make(chan int), put)
		}),
		"Await of a settled promise": reflect.ValueOf(func(ctx context.Context) (int, error) {
			p := new(tdata.Promise[int])
			require.NoError(t, p.Settle(1, nil))
			return p.Await(ctx)
		}),
		"Fetch of what is there": reflect.ValueOf(func(ctx context.Context) (int, error) {
			c := tdata.NewCache(one)
			c.Store(1, 1)
			return c.Fetch(ctx, 1, func(context.Context, int) (int, error) { return 0, nil })
		}),
		"Fetch of NaN": reflect.ValueOf(func(ctx context.Context) (int, error) {
			c := tdata.NewCache(tdata.CacheConfig[float64, int]{Capacity: 1})
			return c.Fetch(ctx, math.NaN(), func(context.Context, float64) (int, error) { return 0, nil })
		}),
	}
	for _, value := range values {
		of := reflect.ValueOf(value)
		for i := range of.NumMethod() {
			if in := of.Method(i).Type(); in.NumIn() > 0 && in.In(0) == reflect.TypeFor[context.Context]() {
				calls[of.Type().String()+"."+of.Type().Method(i).Name] = of.Method(i)
			}
		}
	}
	assert.Greater(t, len(calls), 25)
	for name, call := range calls {
		told := panicValueOf(func() { callWith(call, nil, nil) })
		assert.Contains(t, []any{"tdata: nil context", "stm: nil context"}, told, name)
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
func callWithoutContext(method reflect.Value) any {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	return panicValueOf(func() {
		_ = stm.Default().Try(func(tx *stm.Tx) error {
			callWith(method, over, tx)
			return errRejected
		})
	})
}

func panicValueOf(fn func()) (value any) {
	defer func() { value = recover() }()
	fn()
	return nil
}

// callWith calls a function with a context and a transaction, and else with what does little.
func callWith(fn reflect.Value, ctx context.Context, tx *stm.Tx) {
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	var with []reflect.Value
	for i := range fn.Type().NumIn() {
		if fn.Type().IsVariadic() && i == fn.Type().NumIn()-1 {
			break
		}
		arg := reflect.New(fn.Type().In(i)).Elem()
		switch in := arg.Addr().Interface().(type) {
		case *context.Context:
			*in = ctx
		case **stm.Tx:
			*in = tx
		case **tdata.Moment:
			*in = moment
		case *error:
			*in = errRejected
		}
		if arg.Kind() == reflect.Func {
			arg.Set(reflect.MakeFunc(arg.Type(), func([]reflect.Value) (out []reflect.Value) {
				for i := range arg.Type().NumOut() {
					out = append(out, reflect.Zero(arg.Type().Out(i)))
				}
				return out
			}))
		}
		with = append(with, arg)
	}
	fn.Call(with)
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
