package tdata_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

var ctx = context.Background()

// Three structures change in one step, or none of them.
func Example() {
	todo := tdata.NewSet[string](tdata.Named("todo"))
	owners := tdata.NewMap[string, string]()
	var taken tdata.Counter
	todo.Insert("laundry")

	take := func(job, who string) error {
		return stm.Atomically(ctx, func(tx *stm.Tx) error {
			if !todo.Delete(tx, job) {
				return errors.New(job + " is not to be done")
			}
			owners.Set(tx, job, who)
			taken.Add(tx, 1)
			return nil
		})
	}
	fmt.Println(take("laundry", "ann"), take("laundry", "bob"))
	who, _ := owners.Load("laundry")
	fmt.Println(who, taken.Load())
	// Output:
	// <nil> laundry is not to be done
	// ann 1
}

func ExampleCounter() {
	var visits tdata.Counter
	visits.Increase(2)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		visits.Add(tx, 1)
		return nil
	})
	fmt.Println(visits.Load())
	// Output: 3
}

func ExampleNewCounter() {
	visits := tdata.NewCounter(tdata.Named("visits"))
	fmt.Println(visits.Load())
	// Output: 0
}

func ExampleCounter_Add() {
	var served, left tdata.Counter
	left.Increase(10)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		served.Add(tx, 1)
		left.Add(tx, -1)
		return nil
	})
	fmt.Println(served.Load(), left.Load())
	// Output: 1 9
}

func ExampleCounter_Get() {
	var n tdata.Counter
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		n.Add(tx, 5)
		fmt.Println(n.Get(tx))
		return nil
	})
	// Output: 5
}

func ExampleCounter_Set() {
	var n tdata.Counter
	n.Increase(7)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		n.Set(tx, 1)
		return nil
	})
	fmt.Println(n.Load())
	// Output: 1
}

func ExampleCounter_Increase() {
	var n tdata.Counter
	n.Increase(7)
	n.Increase(-2)
	fmt.Println(n.Load())
	// Output: 5
}

func ExampleCounter_Load() {
	var n tdata.Counter
	fmt.Println(n.Load())
	// Output: 0
}

func ExampleCounter_MarshalJSON() {
	var n tdata.Counter
	n.Increase(7)
	text, _ := json.Marshal(map[string]*tdata.Counter{"visits": &n})
	fmt.Println(string(text))
	// Output: {"visits":7}
}

func ExampleNamed() {
	stock := tdata.NewMap[string, int](tdata.Named("stock"))
	stock.Store("apples", 3)

	mine := stm.Checkout()
	defer mine.Discard()
	stock.Set(mine, "apples", 2)
	stock.Store("apples", 0) // meanwhile, somebody else
	_, err := mine.Commit()

	var clash *stm.ClashError
	if errors.As(err, &clash) {
		fmt.Println(clash.Vars[0].Name)
	}
	// Output: stock["apples"]
}

func ExampleIn() {
	plant := stm.NewOwner()
	parts := tdata.NewMap[string, int](tdata.In(plant))
	_ = plant.Atomically(ctx, func(tx *stm.Tx) error {
		parts.Set(tx, "wheel", 4)
		return nil
	})
	fmt.Println(parts.Size())
	// Output: 1
}

func ExampleNow() {
	var stock, sold tdata.Map[string, int]
	stock.Store("apples", 3)

	moment := tdata.Now(stm.Default())
	defer moment.Close()
	before, after := stock.SnapshotAt(moment), sold.SnapshotAt(moment)

	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		stock.Delete(tx, "apples")
		sold.Set(tx, "apples", 3)
		return nil
	})
	fmt.Println(before.Len(), after.Len())
	// Output: 1 0
}

func ExampleMoment() {
	var m tdata.Map[string, int]
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	m.Store("late", 1)
	fmt.Println(m.SnapshotAt(moment).Len(), m.Size())
	// Output: 0 1
}

func ExampleMoment_Close() {
	moment := tdata.Now(stm.Default())
	moment.Close()
	moment.Close() // does nothing
	fmt.Println("closed")
	// Output: closed
}
