package tvar_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// kind is one type of value with some of its values, each made afresh on every call, so that a variable holds the
// only reference to what was put in it.
type kind[T any] struct {
	same  func(a, b T) bool
	fresh []func() T
}

// payload is what pointers point to: it can tell whether its memory has been reused.
type payload struct {
	numbers [4]uint64
	text    *string
}

func newPayload(n uint64) *payload {
	text := fmt.Sprint("payload ", n)
	return &payload{numbers: [4]uint64{n, ^n, n, ^n}, text: &text}
}

func samePayload(a, b *payload) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.numbers == b.numbers && *a.text == *b.text
}

type (
	celsius float64
	flag    bool
	title   string
	names   []string
	table   map[string]int
	action  func() int
	link    *payload
	holder  struct{ only *payload }
	nested  struct{ in struct{ holder [1]holder } }
	pair    struct{ low, high int32 }
	padded  struct {
		small int8
		large int32
	}
	uncomparable struct {
		_ [0]func()
		n int
	}
	record struct {
		id    uint64
		name  string
		tags  []string
		owner *payload
		extra any
	}
	failure struct{ text string }
	node    struct {
		value int
		next  *tvar.TVar[*node]
	}
)

func (f *failure) Error() string { return "failure " + f.text }

func TestNumbersAndBools(t *testing.T) {
	plain(t, false, true)
	plain(t, flag(true), flag(false))
	plain[int](t, 1, -1, math.MinInt, math.MaxInt)
	plain[int8](t, 1, -1, math.MinInt8, math.MaxInt8)
	plain[int16](t, 1, -1, math.MinInt16, math.MaxInt16)
	plain[int32](t, 1, -1, math.MinInt32, math.MaxInt32)
	plain[int64](t, 1, -1, math.MinInt64, math.MaxInt64)
	plain[uint](t, 1, math.MaxUint)
	plain[uint8](t, 1, math.MaxUint8)
	plain[uint16](t, 1, math.MaxUint16)
	plain[uint32](t, 1, math.MaxUint32)
	plain[uint64](t, 1, math.MaxUint64)
	plain[uintptr](t, 1, math.MaxUint)
	plain[complex64](t, 1, complex(-1, math.MaxFloat32))
	plain(t, complex(1, -1), complex(math.Inf(1), math.MaxFloat64))
	plain(t, time.Second, -time.Hour)
}

func TestFloatsKeepTheirBits(t *testing.T) {
	same64 := func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
	values(t, same64, 1, math.Copysign(0, -1), math.NaN(), math.Float64frombits(0xfff8dead0000beef),
		math.Inf(-1), math.SmallestNonzeroFloat64)
	same32 := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
	values(t, same32, 1, math.Float32frombits(0x80000000), math.Float32frombits(0xffc0beef), float32(math.Inf(1)))
	sameNamed := func(a, b celsius) bool { return same64(float64(a), float64(b)) }
	values(t, sameNamed, 36.6, celsius(math.NaN()))
}

func TestStrings(t *testing.T) {
	equal := func(a, b string) bool { return a == b }
	kind[string]{equal, []func() string{
		func() string { return fmt.Sprint("a ", 1) },
		func() string { return "" },
		func() string { return strings.Repeat("long ", 20_000) },
		func() string { return string([]byte{0, 0xff, 0}) },
	}}.check(t)
	plain(t, title("a"), title("b"))
}

func TestSlicesKeepLengthAndNilness(t *testing.T) {
	same := func(a, b []*payload) bool {
		return (a == nil) == (b == nil) && slices.EqualFunc(a, b, samePayload)
	}
	kind[[]*payload]{same, []func() []*payload{
		func() []*payload { return []*payload{newPayload(1), nil, newPayload(2)} },
		func() []*payload { return []*payload{} },
		func() []*payload { return nil },
		func() []*payload { return slices.Repeat([]*payload{newPayload(3)}, 100) },
	}}.check(t)
	sameNames := func(a, b names) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }
	values(t, sameNames, names{"a"}, names{}, nil)
}

func TestMapsChannelsAndFunctions(t *testing.T) {
	sameMap := func(a, b map[int]*payload) bool {
		return (a == nil) == (b == nil) && maps.EqualFunc(a, b, samePayload)
	}
	kind[map[int]*payload]{sameMap, []func() map[int]*payload{
		func() map[int]*payload { return map[int]*payload{1: newPayload(1), 2: newPayload(2)} },
		func() map[int]*payload { return map[int]*payload{} },
		func() map[int]*payload { return nil },
	}}.check(t)
	sameTable := func(a, b table) bool { return (a == nil) == (b == nil) && maps.Equal(a, b) }
	values(t, sameTable, table{"a": 1}, table{}, nil)

	sameChan := func(a, b chan *payload) bool { return cap(a) == cap(b) && len(a) == len(b) }
	kind[chan *payload]{sameChan, []func() chan *payload{
		func() chan *payload { c := make(chan *payload, 3); c <- newPayload(1); return c },
		func() chan *payload { return make(chan *payload) },
		func() chan *payload { return nil },
	}}.check(t)

	sameAction := func(a, b action) bool { return a == nil && b == nil || a != nil && b != nil && a() == b() }
	closure := func(n int) func() action {
		return func() action { kept := newPayload(uint64(n)); return func() int { return int(kept.numbers[2]) } }
	}
	kind[action]{sameAction, []func() action{
		closure(1), closure(2), func() action { return nil }, func() action { return func() int { return 3 } },
	}}.check(t)
	sameFunc := func(a, b func() int) bool { return sameAction(a, b) }
	kind[func() int]{sameFunc, []func() func() int{
		func() func() int { return closure(1)() }, func() func() int { return nil },
	}}.check(t)
}

func TestPointers(t *testing.T) {
	one, two, none := func() *payload { return newPayload(1) }, func() *payload { return newPayload(2) }, func() *payload { return nil }
	kind[*payload]{samePayload, []func() *payload{one, two, none}}.check(t)

	sameLink := func(a, b link) bool { return samePayload(a, b) }
	kind[link]{sameLink, []func() link{
		func() link { return one() }, func() link { return nil }, func() link { return two() },
	}}.check(t)

	sameUnsafe := func(a, b unsafe.Pointer) bool { return samePayload((*payload)(a), (*payload)(b)) }
	kind[unsafe.Pointer]{sameUnsafe, []func() unsafe.Pointer{
		func() unsafe.Pointer { return unsafe.Pointer(newPayload(1)) }, func() unsafe.Pointer { return nil },
	}}.check(t)
	plain(t, new(struct{}), nil)
	sameDeep := func(a, b **payload) bool { return (a == nil) == (b == nil) && (a == nil || samePayload(*a, *b)) }
	kind[**payload]{sameDeep, []func() **payload{
		func() **payload { p := newPayload(1); return &p }, func() **payload { return nil },
	}}.check(t)
}

// TestPointerShapes is about types that are one pointer without being pointer types.
func TestPointerShapes(t *testing.T) {
	sameHolder := func(a, b holder) bool { return samePayload(a.only, b.only) }
	kind[holder]{sameHolder, []func() holder{
		func() holder { return holder{newPayload(1)} }, func() holder { return holder{} },
	}}.check(t)
	sameArray := func(a, b [1]*payload) bool { return samePayload(a[0], b[0]) }
	kind[[1]*payload]{sameArray, []func() [1]*payload{
		func() [1]*payload { return [1]*payload{newPayload(1)} }, func() [1]*payload { return [1]*payload{} },
	}}.check(t)
	inner := func(n nested) *payload { return n.in.holder[0].only }
	sameNested := func(a, b nested) bool { return samePayload(inner(a), inner(b)) }
	kind[nested]{sameNested, []func() nested{
		func() (n nested) { n.in.holder[0].only = newPayload(1); return n }, func() nested { return nested{} },
	}}.check(t)

	type mapHolder struct{ only table }
	sameMap := func(a, b mapHolder) bool { return maps.Equal(a.only, b.only) }
	values(t, sameMap, mapHolder{table{"a": 1}}, mapHolder{})
	type funcHolder struct{ only action }
	sameFunc := func(a, b funcHolder) bool { return a.only == nil || b.only == nil || a.only() == b.only() }
	values(t, sameFunc, funcHolder{func() int { return 1 }}, funcHolder{})
	type leading struct {
		_    struct{}
		only *payload
	}
	sameLeading := func(a, b leading) bool { return samePayload(a.only, b.only) }
	kind[leading]{sameLeading, []func() leading{func() leading { return leading{only: newPayload(1)} }}}.check(t)
	type trailing struct {
		only *payload
		_    struct{}
	}
	sameTrailing := func(a, b trailing) bool { return samePayload(a.only, b.only) }
	kind[trailing]{sameTrailing, []func() trailing{func() trailing { return trailing{only: newPayload(1)} }}}.check(t)
}

func TestInterfaces(t *testing.T) {
	var none *payload
	kind[any]{sameAny, []func() any{
		func() any { return newPayload(1) },
		func() any { return nil },
		func() any { return none },
		func() any { return 1 },
		func() any { return int64(math.MaxInt64) },
		func() any { return math.NaN() },
		func() any { return fmt.Sprint("text ", 1) },
		func() any { return []int{1, 2} },
		func() any { return map[string][]int{"a": {1}} },
		func() any { return func() {} },
		func() any { return struct{}{} },
		func() any { return record{id: 1, extra: []any{newPayload(2)}} },
		func() any { return [3]any{1, nil, newPayload(3)} },
	}}.check(t)

	var silent *failure
	sameError := func(a, b error) bool { return sameAny(a, b) }
	kind[error]{sameError, []func() error{
		func() error { return &failure{fmt.Sprint(1)} },
		func() error { return nil },
		func() error { return silent },
		func() error { return errors.New("other") },
		func() error { return context.Canceled },
	}}.check(t)
	sameStringer := func(a, b fmt.Stringer) bool { return sameAny(a, b) }
	values[fmt.Stringer](t, sameStringer, time.Second, nil, reflect.ValueOf("a"))
}

func TestSmallStructsAndArrays(t *testing.T) {
	plain(t, pair{1, -1}, pair{math.MinInt32, math.MaxInt32})
	plain(t, padded{-1, 1}, padded{1, -1})
	plain(t, [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, [8]byte{7: 255})
	plain(t, [7]byte{1, 2, 3, 4, 5, 6, 7}, [7]byte{6: 255})
	plain(t, [3]byte{1, 2, 3}, [3]byte{2: 255})
	plain(t, [5]int8{-1, -2, -3, -4, -5}, [5]int8{4: 1})
	plain(t, [2]float32{1, 2}, [2]float32{-1, -2})
	plain(t, [1]int{1}, [1]int{-1})
	plain(t, struct{ b [2]bool }{[2]bool{true, false}}, struct{ b [2]bool }{[2]bool{false, true}})
	values(t, func(a, b uncomparable) bool { return a.n == b.n }, uncomparable{n: 1}, uncomparable{n: -1})
}

func TestStructsAndArraysBeyondAWord(t *testing.T) {
	plain(t, [9]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, [9]byte{8: 255})
	plain(t, [2]int{1, 2}, [2]int{-1, -2})
	plain(t, [2]*byte{nil, nil})
	plain(t, [4096]byte{1, 4095: 2}, [4096]byte{4095: 1})
	plain(t, time.Unix(1, 2).UTC(), time.Time{})
	same := func(a, b record) bool { return reflect.DeepEqual(a, b) }
	kind[record]{same, []func() record{
		func() record {
			return record{1, fmt.Sprint("name ", 1), []string{"a", fmt.Sprint("b", 1)}, newPayload(1), newPayload(2)}
		},
		func() record { return record{} },
		func() record { return record{id: 2, extra: map[string]any{"a": newPayload(3)}} },
	}}.check(t)
	sameMany := func(a, b [100]*payload) bool { return slices.EqualFunc(a[:], b[:], samePayload) }
	kind[[100]*payload]{sameMany, []func() [100]*payload{
		func() [100]*payload { return [100]*payload{newPayload(1), 99: newPayload(2)} },
	}}.check(t)
}

func TestValuesOfNoSize(t *testing.T) {
	plain(t, struct{}{})
	plain(t, [0]int{})
	plain(t, [0]*payload{})
	plain(t, struct {
		a struct{}
		b [0]string
	}{})
	values(t, func(a, b [0]func()) bool { return true }, [0]func(){})
}

// TestAValueOfNoSizeIsStillAChange shows a signal without data: there is nothing to see but the version.
func TestAValueOfNoSizeIsStillAChange(t *testing.T) {
	owner := stm.NewOwner()
	signal := tvar.New(struct{}{}, tvar.In(owner))
	_, seen := signal.LoadToken()
	require.False(t, changed(t, owner, seen, signal))
	signal.Store(struct{}{})
	require.True(t, changed(t, owner, seen, signal))
}

func TestVariablesOfVariables(t *testing.T) {
	last := &node{value: 2, next: tvar.New[*node](nil)}
	first := tvar.New(&node{value: 1, next: tvar.New(last)})
	last = nil
	churn()
	assert.Equal(t, 1, first.Load().value)
	assert.Equal(t, 2, first.Load().next.Load().value)
	assert.Nil(t, first.Load().next.Load().next.Load())
}

// TestWhatWasOverwrittenIsLetGo shows that no variable, history, pool or descriptor keeps an old value alive.
func TestWhatWasOverwrittenIsLetGo(t *testing.T) {
	overwrite := map[string]func(*tvar.TVar[*payload]){
		"Store":  func(v *tvar.TVar[*payload]) { v.Store(nil) },
		"Update": func(v *tvar.TVar[*payload]) { v.Update(func(*payload) *payload { return nil }) },
		"Modify": func(v *tvar.TVar[*payload]) {
			do(t, nil, func(tx *stm.Tx) error { v.Modify(tx, func(*payload) *payload { return nil }); return nil })
		},
		"Commute": func(v *tvar.TVar[*payload]) {
			do(t, nil, func(tx *stm.Tx) error { v.Commute(tx, func(*payload) *payload { return nil }); return nil })
		},
		"under a pin that goes": func(v *tvar.TVar[*payload]) {
			held := stm.Checkout()
			v.Get(held)
			v.Store(nil)
			held.Discard()
		},
	}
	for name, overwrite := range overwrite {
		t.Run(name, func(t *testing.T) {
			v, boxed := tvar.New[*payload](nil), tvar.New(holderOf(nil))
			old, oldBoxed := storeWeak(v), storeWeakBoxed(boxed)
			overwrite(v)
			boxed.Store(holderOf(nil))
			for range 10 { // pools give up what they hold after two collections
				churn()
			}
			assert.Nil(t, old.Value(), "the old value is still referenced")
			assert.Nil(t, oldBoxed.Value(), "the old boxed value is still referenced")
			runtime.KeepAlive(v)
			runtime.KeepAlive(boxed)
		})
	}
}

// TestADroppedVariableIsLetGo: descriptors that go on being used do not hold on to what they once worked on.
func TestADroppedVariableIsLetGo(t *testing.T) {
	for name, use := range map[string]func(owner *stm.Owner, all []*tvar.TVar[*payload]){
		"read": func(owner *stm.Owner, all []*tvar.TVar[*payload]) {
			do(t, owner, func(tx *stm.Tx) error {
				for _, v := range all {
					v.Get(tx)
				}
				return nil
			})
		},
		"viewed": func(owner *stm.Owner, all []*tvar.TVar[*payload]) {
			assert.NoError(t, owner.View(t.Context(), func(tx *stm.Tx) error {
				for _, v := range all {
					v.Get(tx)
				}
				return nil
			}))
		},
		"written": func(owner *stm.Owner, all []*tvar.TVar[*payload]) {
			do(t, owner, func(tx *stm.Tx) error {
				for _, v := range all {
					v.Set(tx, newPayload(2))
				}
				return nil
			})
		},
		"commuted": func(owner *stm.Owner, all []*tvar.TVar[*payload]) {
			do(t, owner, func(tx *stm.Tx) error {
				for _, v := range all {
					v.Commute(tx, func(p *payload) *payload { return p })
				}
				return nil
			})
		},
		"written and undone": func(owner *stm.Owner, all []*tvar.TVar[*payload]) {
			do(t, owner, func(tx *stm.Tx) error {
				_ = tx.Nested(func(tx *stm.Tx) error {
					for _, v := range all {
						v.Set(tx, v.Get(tx))
					}
					return errOwn
				})
				return nil
			})
		},
		"given up": func(owner *stm.Owner, all []*tvar.TVar[*payload]) {
			_ = owner.Try(func(tx *stm.Tx) error {
				for _, v := range all {
					v.Set(tx, v.Get(tx))
				}
				tx.Retry()
				return nil
			})
		},
		"pinned": func(owner *stm.Owner, all []*tvar.TVar[*payload]) {
			held := owner.Checkout()
			for _, v := range all {
				v.Get(held)
				v.Store(newPayload(3))
			}
			held.Discard()
		},
	} {
		for _, count := range []int{4, 100, 10_000} {
			t.Run(fmt.Sprint(name, " ", count), func(t *testing.T) {
				// On one processor the same descriptor serves every time, and no collection loses it.
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
				owner := stm.NewOwner()
				stays := tvar.New(0, tvar.In(owner))
				gone := useAndDrop(owner, count, use)
				for range 5 {
					do(t, owner, func(tx *stm.Tx) error { stays.Set(tx, stays.Get(tx)+1); return nil })
					churn()
				}
				kept := 0
				for _, v := range gone {
					if v.Value() != nil {
						kept++
					}
				}
				assert.Zero(t, kept, "variables that nobody has any more")
				runtime.KeepAlive(owner)
			})
		}
	}
}

// useAndDrop makes variables, uses them, and returns what can tell whether they are still there, and their values.
//
//go:noinline
func useAndDrop(owner *stm.Owner, count int, use func(*stm.Owner, []*tvar.TVar[*payload])) []weak.Pointer[payload] {
	var all []*tvar.TVar[*payload]
	var values []weak.Pointer[payload]
	for range count {
		value := newPayload(1)
		all, values = append(all, tvar.New(value, tvar.In(owner))), append(values, weak.Make(value))
	}
	use(owner, all)
	for _, v := range all {
		values = append(values, weak.Make(v.Load()))
	}
	return values
}

// twoWords holds a pointer without being one.
type twoWords struct {
	only *payload
	_    int
}

func holderOf(p *payload) twoWords { return twoWords{only: p} }

//go:noinline
func storeWeak(v *tvar.TVar[*payload]) weak.Pointer[payload] {
	p := newPayload(1)
	v.Store(p)
	return weak.Make(p)
}

//go:noinline
func storeWeakBoxed(v *tvar.TVar[twoWords]) weak.Pointer[payload] {
	p := newPayload(1)
	v.Store(holderOf(p))
	return weak.Make(p)
}

// plain checks values that can be compared with ==.
func plain[T comparable](t *testing.T, all ...T) {
	t.Helper()
	values(t, func(a, b T) bool { return a == b }, all...)
}

func values[T any](t *testing.T, same func(a, b T) bool, all ...T) {
	t.Helper()
	k := kind[T]{same: same}
	for _, value := range all {
		k.fresh = append(k.fresh, func() T { return value })
	}
	k.check(t)
}

// check puts every value of the kind through every operation, collecting garbage in between.
func (k kind[T]) check(t *testing.T) {
	t.Helper()
	// The zero value is one of every kind.
	k.fresh = append(k.fresh, func() (zero T) { return zero })
	t.Run(reflect.TypeFor[T]().String(), func(t *testing.T) {
		t.Run("zero value", k.zeroValue)
		t.Run("New and Init", k.created)
		t.Run("outside a transaction", k.single)
		t.Run("inside a transaction", k.inside)
		t.Run("undone", k.undone)
		t.Run("held", k.held)
		t.Run("by many", k.concurrent)
	})
}

func (k kind[T]) require(t *testing.T, i int, got T, how string) {
	t.Helper()
	if want := k.fresh[i](); !k.same(want, got) {
		t.Fatalf("%s: got %#v, want %#v", how, got, want)
	}
}

func (k kind[T]) zeroValue(t *testing.T) {
	var v tvar.TVar[T]
	zero := len(k.fresh) - 1
	k.require(t, zero, v.Load(), "Load")
	got, _ := v.LoadToken()
	k.require(t, zero, got, "LoadToken")
	do(t, nil, func(tx *stm.Tx) error { k.require(t, zero, v.Get(tx), "Get"); return nil })
	assert.Empty(t, v.Name())

	var written tvar.TVar[T]
	for i := range k.fresh {
		written.Store(k.fresh[i]())
		churn()
		k.require(t, i, written.Load(), "Store on a zero TVar")
	}
	var inside, modified, updated, commuted tvar.TVar[T]
	do(t, nil, func(tx *stm.Tx) error {
		inside.Set(tx, k.fresh[0]())
		modified.Modify(tx, func(old T) T { k.require(t, zero, old, "Modify"); return k.fresh[0]() })
		commuted.Commute(tx, func(old T) T { k.require(t, zero, old, "Commute"); return k.fresh[0]() })
		return nil
	})
	updated.Update(func(old T) T { k.require(t, zero, old, "Update"); return k.fresh[0]() })
	churn()
	for _, v := range []*tvar.TVar[T]{&inside, &modified, &updated, &commuted} {
		k.require(t, 0, v.Load(), "first write to a zero TVar")
	}
}

func (k kind[T]) created(t *testing.T) {
	var vars []*tvar.TVar[T]
	fields := make([]struct{ before, v, after tvar.TVar[T] }, len(k.fresh))
	for i := range k.fresh {
		vars = append(vars, tvar.New(k.fresh[i]()))
		fields[i].v.Init(k.fresh[i](), tvar.Name("field"))
	}
	churn()
	for i := range k.fresh {
		k.require(t, i, vars[i].Load(), "New")
		k.require(t, i, fields[i].v.Load(), "Init")
		k.require(t, len(k.fresh)-1, fields[i].before.Load(), "the field before")
		k.require(t, len(k.fresh)-1, fields[i].after.Load(), "the field after")
		assert.Equal(t, "field", fields[i].v.Name())
	}
}

func (k kind[T]) single(t *testing.T) {
	v := tvar.New(k.fresh[0](), tvar.In(stm.NewOwner()))
	current := 0
	for i := range k.fresh {
		v.Store(k.fresh[i]())
		churn()
		k.require(t, i, v.Load(), "Load after Store")
		k.require(t, i, v.Load(), "Load again")
		got, _ := v.LoadToken()
		k.require(t, i, got, "LoadToken")
		current = i
	}
	for i := range k.fresh {
		result := v.Update(func(old T) T { k.require(t, current, old, "Update's argument"); return k.fresh[i]() })
		churn()
		k.require(t, i, result, "Update's result")
		k.require(t, i, v.Load(), "Load after Update")
		current = i
	}
}

func (k kind[T]) inside(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(k.fresh[0](), tvar.In(owner))
	other := tvar.New(k.fresh[0](), tvar.In(owner))
	current := 0
	for i := range k.fresh {
		do(t, owner, func(tx *stm.Tx) error {
			k.require(t, current, v.Get(tx), "Get")
			v.Set(tx, k.fresh[i]())
			churn()
			k.require(t, i, v.Get(tx), "Get of an own write")
			result := other.Modify(tx, func(old T) T {
				k.require(t, current, old, "Modify's argument")
				return v.Get(tx)
			})
			churn()
			k.require(t, i, result, "Modify's result")
			return nil
		})
		churn()
		current = i
		require.NoError(t, owner.View(t.Context(), func(tx *stm.Tx) error {
			k.require(t, i, v.Get(tx), "Get in a View")
			k.require(t, i, other.Get(tx), "Get in a View")
			return nil
		}))
	}
	for i := range k.fresh {
		do(t, owner, func(tx *stm.Tx) error {
			v.Commute(tx, func(old T) T { k.require(t, current, old, "Commute's argument"); return k.fresh[i]() })
			churn()
			return nil
		})
		churn()
		k.require(t, i, v.Load(), "Load after Commute")
		current = i
	}
	got, err := stm.DoIn(t.Context(), owner, func(tx *stm.Tx) (T, error) { return v.Get(tx), nil })
	require.NoError(t, err)
	k.require(t, current, got, "DoIn")
}

func (k kind[T]) undone(t *testing.T) {
	owner := stm.NewOwner()
	refused := errors.New("refused")
	v := tvar.New(k.fresh[0](), tvar.In(owner))
	for i := range k.fresh {
		err := owner.Atomically(t.Context(), func(tx *stm.Tx) error { v.Set(tx, k.fresh[i]()); return refused })
		require.Equal(t, refused, err)
		do(t, owner, func(tx *stm.Tx) error {
			err := tx.Nested(func(tx *stm.Tx) error { v.Set(tx, k.fresh[i]()); return refused })
			require.Equal(t, refused, err)
			churn()
			k.require(t, 0, v.Get(tx), "Get after an undone Set")
			return nil
		})
		churn()
		k.require(t, 0, v.Load(), "Load after an undone Set")
	}
}

func (k kind[T]) held(t *testing.T) {
	owner := stm.NewOwner()
	v := tvar.New(k.fresh[0](), tvar.In(owner))
	for i := range k.fresh {
		v.Store(k.fresh[0]())
		pinned, writer := owner.Checkout(), owner.Checkout()
		writer.OnAbort(func() { t.Error("the writer must commit") })
		v.Set(writer, k.fresh[i]())
		churn()
		k.require(t, i, v.Get(writer), "Get of an own write in a held checkout")
		k.require(t, 0, v.Load(), "Load beside a held checkout")
		_, err := writer.Commit()
		require.NoError(t, err)
		v.Store(k.fresh[0]())
		v.Store(k.fresh[i]())
		churn()
		k.require(t, 0, v.Get(pinned), "Get at a pin")
		pinned.Discard()
		churn()
		k.require(t, i, v.Load(), "Load after the pin has gone")
	}
}

// concurrent has two goroutines write pairs of equal values while two others look for an unequal pair and one
// collects garbage.
func (k kind[T]) concurrent(t *testing.T) {
	const rounds = 50
	owner := stm.NewOwner()
	a, b := tvar.New(k.fresh[0](), tvar.In(owner)), tvar.New(k.fresh[0](), tvar.In(owner))
	oneOfOurs := func(got T) bool {
		return slices.ContainsFunc(k.fresh, func(fresh func() T) bool { return k.same(fresh(), got) })
	}
	var all sync.WaitGroup
	for worker := range 2 {
		all.Go(func() {
			for round := range rounds {
				i := (round + worker) % len(k.fresh)
				do(t, owner, func(tx *stm.Tx) error { a.Set(tx, k.fresh[i]()); b.Set(tx, k.fresh[i]()); return nil })
			}
		})
		all.Go(func() {
			for range rounds {
				assert.NoError(t, owner.View(t.Context(), func(tx *stm.Tx) error {
					assert.True(t, k.same(a.Get(tx), b.Get(tx)), "a torn pair")
					return nil
				}))
				assert.True(t, oneOfOurs(a.Load()), "a torn value")
			}
		})
	}
	all.Go(func() { runtime.GC() })
	all.Wait()
}

// sameAny compares what is in two interfaces: NaN is the same as NaN, functions are the same if both are nil or not.
func sameAny(a, b any) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	switch a := a.(type) {
	case float64:
		return math.Float64bits(a) == math.Float64bits(b.(float64))
	case func():
		return (a == nil) == (b.(func()) == nil)
	}
	return reflect.DeepEqual(a, b)
}

var junk [2]any

// churn collects garbage and fills what was freed, so that a value nobody kept alive is overwritten.
func churn() {
	runtime.GC()
	type scanned struct{ a, b, c, d *uint64 }
	noise := uint64(0xa5a5a5a5a5a5a5a5)
	var pointers []*scanned
	var bytes [][]byte
	for i := range 200 {
		pointers = append(pointers, &scanned{&noise, &noise, &noise, &noise})
		size := 8 << (i % 6)
		bytes = append(bytes, slices.Repeat([]byte{0xa5}, size))
	}
	junk = [2]any{pointers, bytes}
}

// do runs fn in a transaction that must commit; a nil owner is the default one.
func do(t *testing.T, owner *stm.Owner, fn func(*stm.Tx) error) {
	t.Helper()
	if owner == nil {
		owner = stm.Default()
	}
	assert.NoError(t, owner.Atomically(context.Background(), fn))
}
