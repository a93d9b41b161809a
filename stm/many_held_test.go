package stm_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"weak"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A thousand checkouts on ten thousand variables: what they cost is bounded by how many variables are
// overwritten while they are held, and it is gone when they are.
func TestManyHeldCheckoutsCostWhatIsOverwritten(t *testing.T) {
	const (
		variables, checkouts = 10_000, 1000
		oldValue             = 160 // bytes, with what finds it
		itself               = 1500
	)
	o := stm.NewOwner()
	v := ints(o, variables, 1)
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name        string
		overwritten int // variables, over and over
		between     bool
		kept        int // old values at the most
	}{
		{"nothing", 0, false, 0},
		{"all taken first", variables, false, variables},
		{"taken between", 50, true, 50 * checkouts},
	} {
		t.Run(c.name, func(t *testing.T) {
			overwrite := func() {
				for _, x := range v[:c.overwritten] {
					x.Update(plusOne)
				}
			}
			before := heap()
			values := make([]int, 0, checkouts)
			held := make([]*stm.Tx, 0, checkouts)
			for range checkouts {
				held, values = append(held, o.Checkout()), append(values, v[0].Load())
				if c.between {
					overwrite()
				}
			}
			for range 3 {
				overwrite()
			}
			cost := heap() - before
			t.Logf("%d bytes for %d old values", cost, c.kept)
			assert.Less(t, cost, int64(checkouts*itself+c.kept*oldValue))
			for i, tx := range held {
				require.Equal(t, values[i], v[0].Get(tx))
				require.Equal(t, values[i], v[49].Get(tx))
			}
			random.Shuffle(checkouts, func(i, j int) { held[i], held[j] = held[j], held[i] })
			for _, tx := range held {
				tx.Discard()
			}
			clear(held)
			soon(t, "the end of all that was kept", func() { // by cleanups too, which run when they have a turn
				for heap()-before >= checkouts*200 { // the slices are left, and what the race detector knows
				}
			})
		})
	}
	healthy(t, o, v[0])
}

// block is large enough to share its memory with nothing else.
type block [128]byte

// A checkout that nobody has any more, and that nobody has ended, holds on to nothing once the garbage
// collector has found it.
func TestADroppedCheckoutDoesNotPinForEver(t *testing.T) {
	for name, use := range map[string]func(tx *stm.Tx, x *tvar.TVar[*block]){
		"at once":             func(*stm.Tx, *tvar.TVar[*block]) {},
		"after a read":        func(tx *stm.Tx, x *tvar.TVar[*block]) { x.Get(tx) },
		"after a clash":       func(tx *stm.Tx, x *tvar.TVar[*block]) { x.Set(tx, nil); x.Store(new(block)); _, _ = tx.Commit() },
		"after Rebase":        func(tx *stm.Tx, x *tvar.TVar[*block]) { x.Get(tx); _ = tx.Rebase() },
		"after Checkpoint":    func(tx *stm.Tx, x *tvar.TVar[*block]) { x.Set(tx, new(block)); _, _ = tx.Checkpoint() },
		"referring to itself": func(tx *stm.Tx, _ *tvar.TVar[*block]) { tx.OnAbort(func() { tx.Discard() }) },
		"by a panic in a hook": func(tx *stm.Tx, x *tvar.TVar[*block]) {
			x.Set(tx, new(block))
			tx.OnCommit(func() { panic(errUser) })
			assert.Panics(t, func() { _, _ = tx.Checkpoint() })
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(new(block), tvar.In(o))
			aborted := false
			old := func() weak.Pointer[block] {
				tx := o.Checkout()
				tx.OnAbort(func() { aborted = true })
				use(tx, x)
				old := weak.Make(x.Load())
				x.Store(new(block))
				runtime.KeepAlive(tx)
				return old
			}()
			soon(t, "the garbage collector", func() {
				for old.Value() != nil {
					runtime.GC()
				}
			})
			assert.False(t, aborted, "nobody's goroutine runs hooks")
			after := weak.Make(x.Load())
			x.Store(new(block))
			runtime.GC()
			assert.Nil(t, after.Value(), "nothing is kept for anybody now")
			runtime.KeepAlive(x)
		})
	}
}

// While somebody has it, it is held, however long ago it was used.
func TestACheckoutThatSomebodyHasIsNotDropped(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(1, tvar.In(o))
	tx := o.Checkout()
	for i := range 5 {
		x.Store(10 + i)
		runtime.GC()
	}
	assert.Equal(t, 1, x.Get(tx))
	tx.Discard()
	resurrected := make(chan *stm.Tx, 1)
	func() {
		owner := &struct{ tx *stm.Tx }{o.Checkout()}
		runtime.SetFinalizer(owner, func(owner *struct{ tx *stm.Tx }) { resurrected <- owner.tx })
	}()
	x.Store(20)
	soon(t, "the finalizer", func() {
		for len(resurrected) == 0 {
			runtime.GC()
		}
	})
	tx = <-resurrected
	x.Store(30)
	runtime.GC()
	assert.Equal(t, 14, x.Get(tx), "one that a finalizer has brought back is held as well")
	tx.Discard()
	healthy(t, o, x)
}

// A token names no variable and keeps none alive; what is asked about is named by who asks.
func TestATokenKeepsNoVariableAlive(t *testing.T) {
	o := stm.NewOwner()
	x, y := tvar.New(0, tvar.In(o)), tvar.New(0, tvar.In(o))
	y.Store(1)
	_, at := x.LoadToken()
	_, fresh := y.LoadToken()
	gone := weak.Make(x)
	stale, err := o.Changed(t.Context(), fresh, y)
	require.NoError(t, err)
	x = nil
	soon(t, "the garbage collector", func() {
		for gone.Value() != nil {
			runtime.GC()
		}
	})
	assert.ErrorIs(t, expect(o, at, y), stm.ErrClash)
	tx, err := o.Resume(fresh, y)
	require.NoError(t, err)
	tx.Discard()
	y.Store(2)
	assert.True(t, isTold(stale))
}
