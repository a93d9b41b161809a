package tvar_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A cache and its size change together or not at all.
func Example() {
	ctx := context.Background()
	pages, size := tvar.New(map[string]string{}), tvar.New(0)
	add := func(name, text string) error {
		return stm.Atomically(ctx, func(tx *stm.Tx) error {
			more := maps.Clone(pages.Get(tx)) // values are shared: change a copy
			more[name] = text
			pages.Set(tx, more)
			size.Set(tx, size.Get(tx)+len(text))
			return nil
		})
	}
	fmt.Println(add("home", "welcome"), add("help", "ask"))
	fmt.Println(len(pages.Load()), size.Load())
	// Output:
	// <nil> <nil>
	// 2 10
}

// The zero value is ready: it holds the zero value of its type and belongs to the default owner.
func ExampleTVar() {
	var visits tvar.TVar[int]
	visits.Update(func(n int) int { return n + 1 })
	fmt.Println(visits.Load())
	// Output: 1
}

func ExampleNew() {
	owner := stm.NewOwner()
	plain := tvar.New(42)
	named := tvar.New("Ann", tvar.Name("user"), tvar.In(owner))
	fmt.Println(plain.Load(), named.Load(), named.Name())
	// Output: 42 Ann user
}

func ExampleName() {
	alice := tvar.New(100, tvar.Name("alice"))
	held := stm.Checkout()
	defer held.Discard()
	alice.Set(held, alice.Get(held)-1)
	alice.Store(0)
	_, err := held.Commit()
	fmt.Println(strings.Contains(err.Error(), "alice"))
	// Output: true
}

func ExampleIn() {
	shop := stm.NewOwner()
	price := tvar.New(5, tvar.In(shop), tvar.Name("price"))
	fmt.Println(shop.Try(func(tx *stm.Tx) error { price.Set(tx, 6); return nil }), price.Load())

	defer func() {
		err, _ := recover().(error)
		fmt.Println("in a transaction of another owner:", errors.Is(err, stm.ErrForeign))
	}()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error { price.Get(tx); return nil })
	// Output:
	// <nil> 6
	// in a transaction of another owner: true
}

// With Clone a map can be changed in place: everyone gets a copy of their own.
func ExampleClone() {
	counts := tvar.New(map[string]int{}, tvar.Clone(maps.Clone[map[string]int]))
	counts.Update(func(m map[string]int) map[string]int { m["rinse"]++; return m })
	mine := counts.Load()
	mine["repeat"] = 7
	fmt.Println(mine, counts.Load())
	// Output: map[repeat:7 rinse:1] map[rinse:1]
}

// With Equal a write that says the same as before is no change: no new version, nobody is woken, nobody clashes.
func ExampleEqual() {
	owner := stm.NewOwner()
	city := tvar.New("Oslo", tvar.In(owner), tvar.Equal(strings.EqualFold))
	_, seen := city.LoadToken()
	unchanged := func() bool {
		return owner.Try(func(tx *stm.Tx) error { return tx.Expect(seen, city) }) == nil
	}
	city.Store("OSLO")
	fmt.Println(city.Load(), unchanged())
	city.Store("Bergen")
	fmt.Println(city.Load(), unchanged())
	// Output:
	// Oslo true
	// Bergen false
}

// Variables that are fields get their first value and their options from Init.
func ExampleTVar_Init() {
	type account struct {
		owner   string
		balance tvar.TVar[int]
	}
	ann := &account{owner: "Ann"}
	ann.balance.Init(100, tvar.Name("Ann's balance"))
	fmt.Println(ann.balance.Load(), ann.balance.Name())
	// Output: 100 Ann's balance
}

func ExampleTVar_Get() {
	price, pieces := tvar.New(5), tvar.New(3)
	_ = stm.View(context.Background(), func(tx *stm.Tx) error {
		fmt.Println("to pay:", price.Get(tx)*pieces.Get(tx))
		return nil
	})
	// Output: to pay: 15
}

func ExampleTVar_Set() {
	first, second := tvar.New("a"), tvar.New("b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		f, s := first.Get(tx), second.Get(tx)
		first.Set(tx, s)
		second.Set(tx, f)
		return nil
	})
	fmt.Println(first.Load(), second.Load())
	// Output: b a
}

func ExampleTVar_Modify() {
	stock := tvar.New(10)
	left, err := stm.Do(context.Background(), func(tx *stm.Tx) (int, error) {
		return stock.Modify(tx, func(n int) int { return n - 3 }), nil
	})
	fmt.Println(left, err)
	// Output: 7 <nil>
}

// The total is touched by every sale. As an addition it does not matter in which order they come, none has to be
// run again because of another.
func ExampleTVar_Commute() {
	total := tvar.New(0)
	var shops sync.WaitGroup
	for shop := range 4 {
		sold := tvar.New(0)
		shops.Go(func() {
			_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
				sold.Set(tx, shop)
				total.Commute(tx, func(n int) int { return n + shop })
				return nil
			})
		})
	}
	shops.Wait()
	fmt.Println(total.Load())
	// Output: 6
}

func ExampleTVar_Load() {
	level := tvar.New("info")
	fmt.Println(level.Load())
	level.Store("debug")
	fmt.Println(level.Load())
	// Output:
	// info
	// debug
}

func ExampleTVar_Store() {
	ready := tvar.New(false)
	var waiter sync.WaitGroup
	waiter.Go(func() {
		_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error { tx.Check(ready.Get(tx)); return nil })
		fmt.Println("go")
	})
	ready.Store(true)
	waiter.Wait()
	// Output: go
}

func ExampleTVar_Update() {
	hits := tvar.New(0)
	var clients sync.WaitGroup
	for range 10 {
		clients.Go(func() { hits.Update(func(n int) int { return n + 1 }) })
	}
	clients.Wait()
	fmt.Println(hits.Load())
	// Output: 10
}

func ExampleTVar_LoadToken() {
	page := tvar.New("first")
	text, shown := page.LoadToken()
	save := func(edited string) error {
		return stm.Atomically(context.Background(), func(tx *stm.Tx) error {
			if err := tx.Expect(shown, page); err != nil {
				return err
			}
			page.Set(tx, edited)
			return nil
		})
	}
	fmt.Println(save(text+", edited"), page.Load())
	fmt.Println(errors.Is(save(text+", edited again"), stm.ErrClash), page.Load())
	// Output:
	// <nil> first, edited
	// true first, edited
}

func ExampleTVar_Name() {
	fmt.Printf("%q %q\n", tvar.New(0, tvar.Name("alice")).Name(), tvar.New(0).Name())
	// Output: "alice" ""
}

func ExampleMerge() {
	tags := tvar.New([]string{"go"}, tvar.Merge(func(base, mine, theirs []string) ([]string, error) {
		if len(theirs) < len(base) {
			return nil, errors.New("tags were removed meanwhile")
		}
		return append(slices.Clone(theirs), mine[len(base):]...), nil
	}))
	add := func(tx *stm.Tx, tag string) { tags.Set(tx, append(slices.Clone(tags.Get(tx)), tag)) }

	mine, other := stm.Checkout(), stm.Checkout()
	defer mine.Discard()
	add(mine, "stm")
	add(other, "memory")
	_, _ = other.Commit()
	fmt.Println(mine.Rebase(), tags.Get(mine))
	// Output: <nil> [go memory stm]
}

func ExampleTVar_Watch() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stock := tvar.New(3)
	for n, at := range stock.Watch(ctx) {
		fmt.Println(n, at.Version() <= stm.Default().Stats().Clock)
		if n == 0 {
			cancel() // or break
		}
		stock.Update(func(n int) int { return n - 1 })
	}
	// Output:
	// 3 true
	// 2 true
	// 1 true
	// 0 true
}
