package stm_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long something that must happen may take, on a machine that has other things to do, before the test calls
// it a hang. Nothing waits for it in a test that passes.
const patience = 4 * time.Minute

var (
	background = context.Background()
	epoch      = time.Unix(0, 0)
	errUser    = errors.New("the user's own error")
)

// raced tells whether the race detector is on. It bears 8,128 goroutines and makes everything ten times slower.
var raced = sync.OnceValue(func() bool {
	info, _ := debug.ReadBuildInfo()
	for _, setting := range info.Settings {
		if setting.Key == "-race" {
			return setting.Value == "true"
		}
	}
	return false
})

// rounds is n, or a part of it where rounds are slow or time is short.
func rounds(n int) int {
	if raced() {
		n /= 4
	}
	if testing.Short() {
		n /= 4
	}
	return max(n, 1)
}

// ints makes n variables of one owner.
func ints(o *stm.Owner, n, value int) []*tvar.TVar[int] {
	vars := make([]*tvar.TVar[int], n)
	for i := range vars {
		vars[i] = tvar.New(value, tvar.In(o))
	}
	return vars
}

// elsewhere runs fn on another goroutine and returns when that goroutine has ended, by Goexit too.
func elsewhere(fn func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	<-done
}

// soon runs fn on another goroutine and fails the test if it does not end.
func soon(t *testing.T, what string, fn func()) {
	t.Helper()
	arrives(t, what, start(fn))
}

// start runs fn on another goroutine and returns a channel that is closed when it has ended.
func start(fn func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	return done
}

// arrives fails the test if nothing comes from the channel.
func arrives[T any](t *testing.T, what string, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		stacks := make([]byte, 1<<16)
		t.Fatalf("hangs: %s\n%s", what, stacks[:runtime.Stack(stacks, true)])
	}
	return v
}

// crowd runs fn on n goroutines and returns when all have ended.
func crowd(t *testing.T, n int, fn func(i int)) {
	t.Helper()
	soon(t, "the crowd", func() {
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { fn(i) })
		}
		all.Wait()
	})
}

// meanwhile calls fn over and over on n goroutines until the function that it returns is called.
func meanwhile(n int, fn func(i int)) (stop func()) {
	var all sync.WaitGroup
	var over atomic.Bool
	for i := range n {
		all.Go(func() {
			for !over.Load() {
				fn(i)
				runtime.Gosched() // or others wait for a whole time slice where cores are few
			}
		})
	}
	return sync.OnceFunc(func() {
		over.Store(true)
		all.Wait()
	})
}

// leaksNothing fails the test if it ends with more goroutines than there are now.
func leaksNothing(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for end := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(end) {
				stacks := make([]byte, 1<<16)
				t.Errorf("%d goroutines, were %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
				return
			}
		}
	})
}

// heap is the live heap in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// form is one way to run a function as a transaction until it has committed or returned an error.
type form struct {
	name string
	run  func(*stm.Owner, func(*stm.Tx) error) error
}

// again marks an attempt that clashed.
func again(err error) bool { return errors.Is(err, stm.ErrClash) }

var (
	formAtomically = form{"Atomically", func(o *stm.Owner, fn func(*stm.Tx) error) error {
		return o.Atomically(background, fn)
	}}
	formDo = form{"DoIn", func(o *stm.Owner, fn func(*stm.Tx) error) error {
		_, err := stm.DoIn(background, o, func(tx *stm.Tx) (int, error) { return 1, fn(tx) })
		return err
	}}
	formTry = form{"Try", func(o *stm.Owner, fn func(*stm.Tx) error) error {
		for {
			if err := o.Try(fn); !again(err) {
				return err
			}
			runtime.Gosched()
		}
	}}
	formIrrevocably = form{"Irrevocably", func(o *stm.Owner, fn func(*stm.Tx) error) error {
		return o.Irrevocably(background, fn)
	}}
	formHeld = form{"Checkout", func(o *stm.Owner, fn func(*stm.Tx) error) error {
		for {
			if err := checkout(o, fn); !again(err) {
				return err
			}
		}
	}}
	formView = form{"View", func(o *stm.Owner, fn func(*stm.Tx) error) error {
		return o.View(background, fn)
	}}

	// These two give up when they clash: nothing bounds how often they would have to run beside busy writers.
	onceTry  = form{"Try", (*stm.Owner).Try}
	onceHeld = form{"Checkout", checkout}

	// updates are the forms that may write.
	updates = []form{formAtomically, formDo, formTry, formIrrevocably, formHeld}
	// patient are forms for reading beside busy writers.
	patient = []form{formAtomically, formDo, formIrrevocably, formView, onceTry, onceHeld}
	// optimistic are the forms that may write and do not shut the gate at once.
	optimistic = []form{formAtomically, formDo, formTry, formHeld}
)

// unlessClash is the error of a form that gives up when it clashes, if it is anything but that.
func unlessClash(err error) error {
	if again(err) {
		return nil
	}
	return err
}

// checkout runs fn in a checkout and commits it, once.
func checkout(o *stm.Owner, fn func(*stm.Tx) error) error {
	tx := o.Checkout()
	defer tx.Discard()
	if err := fn(tx); err != nil {
		return err
	}
	_, err := tx.Commit()
	return err
}

// mustAtomically runs fn and panics if it does not commit; for goroutines that must not fail a test themselves.
func mustAtomically(o *stm.Owner, fn func(*stm.Tx)) {
	err := o.Atomically(background, func(tx *stm.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		panic(err)
	}
}

// seen is a variable's value and version.
type seen struct {
	value int
	token token.Token
}

func look(vars ...*tvar.TVar[int]) []seen {
	all := make([]seen, len(vars))
	for i, v := range vars {
		all[i].value, all[i].token = v.LoadToken()
	}
	return all
}

// version is that of the variable's last change.
func version[T any](v *tvar.TVar[T]) uint64 {
	_, at := v.LoadToken()
	return at.Version()
}

// healthy checks that nothing stands in the way of anybody: nothing locked, gate open, no waiter lost.
func healthy(t *testing.T, o *stm.Owner, vars ...*tvar.TVar[int]) {
	t.Helper()
	touch := func(tx *stm.Tx) error {
		for _, v := range vars {
			v.Set(tx, v.Get(tx)+1)
		}
		return nil
	}
	before := look(vars...)
	soon(t, "transactions afterwards", func() {
		assert.NoError(t, o.Try(touch), "something is locked, or the gate is shut")
		for _, f := range []form{formAtomically, formIrrevocably, formHeld} {
			assert.NoError(t, f.run(o, touch), f.name)
		}
		for _, v := range vars {
			v.Update(func(n int) int { return n + 1 })
			v.Store(v.Load() + 1)
		}
	})
	for i, now := range look(vars...) {
		require.Equal(t, before[i].value+6, now.value)
		require.Greater(t, now.token.Version(), before[i].token.Version())
	}
}
