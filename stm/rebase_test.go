package stm_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sum merges changes of a number.
func sum(base, mine, theirs int) (int, error) { return mine + theirs - base, nil }

func equal(a, b int) bool { return a == b }

// Every combination of what this side and the other side did to a variable.
func TestRebaseVariableByVariable(t *testing.T) {
	set := func(to int) func(*stm.Tx, *tvar.TVar[int]) {
		return func(tx *stm.Tx, x *tvar.TVar[int]) { x.Set(tx, to) }
	}
	modify := func(tx *stm.Tx, x *tvar.TVar[int]) { x.Modify(tx, func(n int) int { return n + 5 }) }
	commute := func(tx *stm.Tx, x *tvar.TVar[int]) { x.Commute(tx, func(n int) int { return n + 5 }) }
	get := func(tx *stm.Tx, x *tvar.TVar[int]) { x.Get(tx) }
	both := func(fns ...func(*stm.Tx, *tvar.TVar[int])) func(*stm.Tx, *tvar.TVar[int]) {
		return func(tx *stm.Tx, x *tvar.TVar[int]) {
			for _, fn := range fns {
				fn(tx, x)
			}
		}
	}
	merge, eq := tvar.Merge(sum), tvar.Equal(equal)
	const clash, unseen = -1, -2 // a Get would make a commute a change like others
	for _, c := range []struct {
		name     string
		options  []tvar.Option
		mine     func(*stm.Tx, *tvar.TVar[int])
		theirs   []int // stored one after the other; it begins as 1
		inTx, at int   // afterwards, in the checkout and once it has committed
	}{
		{"neither", nil, nil, nil, 1, 1},
		{"mine only", nil, modify, nil, 6, 6},
		{"theirs only", nil, nil, []int{50}, 50, 50},
		{"theirs only, read here", nil, get, []int{50}, 50, 50},
		{"both", nil, modify, []int{50}, clash, 0},
		{"both, blind", nil, set(6), []int{50}, clash, 0},
		{"both, back and forth", nil, modify, []int{50, 1}, clash, 0},
		{"both with Merge", []tvar.Option{merge}, modify, []int{50}, 55, 55},
		{"both with Merge, blind", []tvar.Option{merge}, set(6), []int{50, 60}, 65, 65},
		{"mine only with Merge", []tvar.Option{merge}, modify, nil, 6, 6},
		{"commuted", nil, commute, []int{50}, unseen, 55},
		{"commuted with Merge", []tvar.Option{merge}, commute, []int{50}, unseen, 55},
		{"read, then commuted", nil, both(get, commute), []int{50}, unseen, 55},
		{"commuted, then read", nil, both(commute, get), []int{50}, clash, 0},
		{"commuted, then read, with Merge", []tvar.Option{merge}, both(commute, get), []int{50}, 55, 55},
		{"the same on both sides, and nobody can tell", nil, set(50), []int{50}, clash, 0},
		{"the same on both sides", []tvar.Option{eq}, set(50), []int{50}, 50, 50},
		{"there and back on their side", []tvar.Option{eq}, modify, []int{50, 1}, 6, 6},
		{"there and back on my side", []tvar.Option{eq}, both(modify, set(1)), []int{50}, 50, 50},
		{"there and back on both", []tvar.Option{eq}, both(modify, set(1)), []int{50, 1}, 1, 1},
		{"both with Equal", []tvar.Option{eq}, modify, []int{50}, clash, 0},
		{"both with Equal and Merge", []tvar.Option{eq, merge}, modify, []int{50}, 55, 55},
		{"merged to theirs", []tvar.Option{eq, tvar.Merge(func(_, _, theirs int) (int, error) { return theirs, nil })}, modify, []int{50}, 50, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(1, append(c.options, tvar.In(o), tvar.Name("x"))...)
			other := tvar.New(7, tvar.In(o))
			tx := o.Checkout()
			defer tx.Discard()
			other.Set(tx, 8)
			if c.mine != nil {
				c.mine(tx, x)
			}
			for _, n := range c.theirs {
				x.Store(n)
			}
			theirs := version(x)
			err := tx.Rebase()
			if c.inTx == clash {
				report := clashes(t, err)
				assert.Equal(t, map[string]stm.VarClash{"x": {Name: "x", Current: theirs, Written: true}}, report)
				return
			}
			require.NoError(t, err)
			if c.inTx != unseen {
				assert.Equal(t, c.inTx, x.Get(tx))
			}
			_, err = tx.Commit()
			require.NoError(t, err)
			assert.Equal(t, c.at, x.Load())
			assert.Equal(t, 8, other.Load())
			if slices.Contains(c.theirs, c.at) && c.options != nil {
				assert.Equal(t, theirs, version(x), "it was left as it was")
			}
			healthy(t, o, x, other)
		})
	}
}

// All or nothing: with one variable that cannot be merged, none is.
func TestRebaseMovesAllOrNothing(t *testing.T) {
	errMerge := errors.New("no way")
	for name, merge := range map[string]func(base, mine, theirs int) (int, error){
		"none":  nil,
		"error": func(int, int, int) (int, error) { return 0, errMerge },
		"panic": func(int, int, int) (int, error) { panic(errMerge) },
	} {
		t.Run(name, func(t *testing.T) {
			o := stm.NewOwner()
			options := []tvar.Option{tvar.In(o), tvar.Name("stuck")}
			if merge != nil {
				options = append(options, tvar.Merge(func(b, m, t int) (int, error) { return merge(b, m, t) }))
			}
			good := tvar.New(1, tvar.In(o), tvar.Name("good"), tvar.Merge(sum))
			read := tvar.New(1, tvar.In(o), tvar.Name("read"))
			stuck := tvar.New(1, options...)
			tx := o.Checkout()
			defer tx.Discard()
			at := tx.Token()
			write(tx, good)
			write(tx, stuck)
			read.Get(tx)
			for _, x := range []*tvar.TVar[int]{good, read, stuck} {
				x.Store(50)
			}
			for range 2 {
				err := failureOf(tx.Rebase)
				if name == "panic" {
					assert.Equal(t, errMerge, err)
				} else {
					report := clashes(t, err)
					require.Len(t, report, 1)
					require.Contains(t, report, "stuck")
					assert.Equal(t, name == "error", errors.Is(err, errMerge))
					var full *stm.ClashError
					require.ErrorAs(t, err, &full)
					assert.Equal(t, at, full.Base)
				}
				assert.Equal(t, at, tx.Token())
				assert.Equal(t, []int{2, 1, 2}, []int{good.Get(tx), read.Get(tx), stuck.Get(tx)})
			}
			_, err := tx.Commit()
			assert.Len(t, clashes(t, err), 3, "it relies on what it did")
			assert.Equal(t, uint64(3), o.Stats().Pins)
			tx.Discard()
			healthy(t, o, good, read, stuck)
		})
	}
}

// Others may commit while Merge functions run: the checkout is moved to one state all the same.
func TestOthersCommitDuringRebase(t *testing.T) {
	o := stm.NewOwner()
	var x, y *tvar.TVar[int]
	meddle := func(base, mine, theirs int) (int, error) {
		elsewhere(func() {
			mustAtomically(o, func(tx *stm.Tx) { x.Set(tx, 1000); y.Set(tx, 1000) })
		})
		return sum(base, mine, theirs)
	}
	x = tvar.New(0, tvar.In(o), tvar.Name("x"), tvar.Merge(meddle))
	y = tvar.New(0, tvar.In(o), tvar.Name("y"), tvar.Merge(sum))
	z := tvar.New(0, tvar.In(o), tvar.Name("z"))
	tx := o.Checkout()
	defer tx.Discard()
	write(tx, x)
	write(tx, y)
	mustAtomically(o, func(tx *stm.Tx) { x.Set(tx, 10); y.Set(tx, 10) })
	require.NoError(t, tx.Rebase())
	assert.Equal(t, []int{11, 11}, []int{x.Get(tx), y.Get(tx)})
	_, err := tx.Commit()
	assert.Len(t, clashes(t, err), 2, "what came during the merge has not been merged")
	z.Store(7)
	require.NoError(t, tx.Rebase())
	assert.Equal(t, []int{1001, 1001, 7}, []int{x.Get(tx), y.Get(tx), z.Get(tx)})
	_, err = tx.Commit()
	assert.Len(t, clashes(t, err), 2, "it meddles each time")
}

// A merge is based on what the last one was merged with.
func TestRebaseAgainAndAgain(t *testing.T) {
	o := stm.NewOwner()
	var bases [][3]int
	x := tvar.New(0, tvar.In(o), tvar.Merge(func(base, mine, theirs int) (int, error) {
		bases = append(bases, [3]int{base, mine, theirs})
		return sum(base, mine, theirs)
	}))
	tx := o.Checkout()
	defer tx.Discard()
	last := tx.Token()
	x.Set(tx, 1)
	for i := range 3 {
		x.Store(10 * (i + 1))
		require.NoError(t, tx.Rebase())
		require.NoError(t, tx.Rebase(), "with nothing new")
		assert.Greater(t, tx.Token().Version(), last.Version())
		last = tx.Token()
	}
	assert.Equal(t, [][3]int{{0, 1, 10}, {10, 11, 20}, {20, 21, 30}}, bases)
	x.Set(tx, 100)
	at, err := tx.Commit()
	require.NoError(t, err)
	assert.NoError(t, expect(o, at, x))
	assert.Equal(t, 100, x.Load())
}

// What a local change was computed from does not change it, but is what is there, and relied on.
func TestRebaseTakesOverWhatWasOnlyRead(t *testing.T) {
	o := stm.NewOwner()
	price, total := tvar.New(10, tvar.In(o), tvar.Name("price")), tvar.New(0, tvar.In(o), tvar.Name("total"))
	tx := o.Checkout()
	defer tx.Discard()
	total.Set(tx, 3*price.Get(tx))
	price.Store(20)
	require.NoError(t, tx.Rebase())
	assert.Equal(t, []int{20, 30}, []int{price.Get(tx), total.Get(tx)})
	price.Store(21)
	_, err := tx.Commit()
	assert.Contains(t, clashes(t, err), "price")
}

func TestHooksSurviveRebase(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o), tvar.Merge(sum))
	var calls []string
	var at token.Token
	tx := o.Checkout()
	both(tx, "it", &calls)
	tx.OnCommitToken(func(t token.Token) { at = t })
	write(tx, x)
	x.Store(10)
	require.NoError(t, tx.Rebase())
	assert.Empty(t, calls)
	done, err := tx.Commit()
	require.NoError(t, err)
	assert.Equal(t, done, at)
	assert.Equal(t, []string{"commit it"}, calls)
	assert.Equal(t, 11, x.Load())
}

func TestMergeMustNotUseTheCheckout(t *testing.T) {
	o := stm.NewOwner()
	var tx *stm.Tx
	var x *tvar.TVar[int]
	var failures []error
	x = tvar.New(0, tvar.In(o), tvar.Merge(func(base, mine, theirs int) (int, error) {
		for _, use := range uses {
			failures = append(failures, failureOf(func() error { return use(tx, x) }))
		}
		for _, use := range []func() error{tx.Rebase, func() error { _, err := tx.Commit(); return err }, func() error { tx.Discard(); return nil }} {
			failures = append(failures, failureOf(use))
		}
		return sum(base, mine, theirs)
	}))
	tx = o.Checkout()
	write(tx, x)
	x.Store(10)
	require.NoError(t, tx.Rebase())
	require.Len(t, failures, len(uses)+3)
	for _, err := range failures {
		assert.ErrorIs(t, err, stm.ErrClosed)
	}
	_, err := tx.Commit()
	require.NoError(t, err)
	assert.Equal(t, 11, x.Load())
}

func TestMergeOfValuesThatAreChangedInPlace(t *testing.T) {
	o := stm.NewOwner()
	tags := tvar.New([]string{"a"}, tvar.In(o), tvar.Clone(slices.Clone[[]string]), tvar.Merge(func(base, mine, theirs []string) ([]string, error) {
		base[0], mine[0], theirs[0] = "scribbled", "scribbled", "scribbled"
		return append(theirs, mine[len(base):]...), nil
	}))
	tx := o.Checkout()
	defer tx.Discard()
	tags.Set(tx, append(tags.Get(tx), "mine"))
	tags.Store([]string{"a", "theirs"})
	other := o.Checkout()
	defer other.Discard()
	require.NoError(t, tx.Rebase())
	assert.Equal(t, []string{"scribbled", "theirs", "mine"}, tags.Get(tx))
	assert.Equal(t, []string{"a", "theirs"}, tags.Load())
	assert.Equal(t, []string{"a", "theirs"}, tags.Get(other))
}

// A large edit over a large read set, against a model.
func TestRebaseOfManyVariables(t *testing.T) {
	o := stm.NewOwner()
	const n = 500
	vars := make([]*tvar.TVar[int], n)
	for i := range vars {
		vars[i] = tvar.New(0, tvar.In(o), tvar.Merge(sum))
	}
	tx := o.Checkout()
	defer tx.Discard()
	want := make([]int, n)
	for round := 1; round < 4; round++ {
		for i, x := range vars {
			switch (i + round) % 4 {
			case 0:
				x.Modify(tx, func(k int) int { return k + 1 })
				want[i]++
			case 1:
				x.Get(tx)
			case 2:
				x.Commute(tx, func(k int) int { return k + 1 })
				want[i]++
			}
			if (i+round)%3 == 0 {
				x.Update(func(k int) int { return k + 100 })
				want[i] += 100
			}
		}
		require.NoError(t, tx.Rebase())
	}
	_, err := tx.Commit()
	require.NoError(t, err)
	for i, x := range vars {
		require.Equal(t, want[i], x.Load(), "variable %d", i)
	}
}
