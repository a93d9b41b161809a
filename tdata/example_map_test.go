package tdata_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

func ExampleMap() {
	var stock tdata.Map[string, int]
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		stock.Set(tx, "apples", 3)
		stock.Set(tx, "pears", 1)
		return nil
	})
	fmt.Println(stock.Load("apples"))
	fmt.Println(stock.Load("pears"))
	// Output:
	// 3 true
	// 1 true
}

func ExampleNewMap() {
	stock := tdata.NewMap[string, int](tdata.Named("stock"))
	stock.Store("apples", 3)
	fmt.Println(stock.Size())
	// Output: 1
}

func ExampleMap_Get() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Get(tx, "apples"))
		fmt.Println(stock.Get(tx, "pears"))
		return nil
	})
	// Output:
	// 3 true
	// 0 false
}

func ExampleMap_Has() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Has(tx, "apples"), stock.Has(tx, "pears"))
		return nil
	})
	// Output: true false
}

func ExampleMap_Set() {
	var stock tdata.Map[string, int]
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		stock.Set(tx, "pears", 1)
		return nil
	})
	fmt.Println(stock.Load("pears"))
	// Output: 1 true
}

func ExampleMap_GetOrSet() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.GetOrSet(tx, "apples", 10))
		fmt.Println(stock.GetOrSet(tx, "pears", 10))
		return nil
	})
	// Output:
	// 3 true
	// 10 false
}

func ExampleMap_Modify() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	sell := func(fruit string) error {
		return stm.Atomically(ctx, func(tx *stm.Tx) error {
			stock.Modify(tx, fruit, func(n int, found bool) (int, bool) {
				tx.Check(found) // wait until there is one
				return n - 1, n > 1
			})
			return nil
		})
	}
	fmt.Println(sell("apples"))
	fmt.Println(stock.Load("apples"))
	// Output:
	// <nil>
	// 2 true
}

func ExampleMap_Delete() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Delete(tx, "apples"))
		fmt.Println(stock.Delete(tx, "apples"))
		return nil
	})
	// Output:
	// 3 true
	// 0 false
}

func ExampleMap_Clear() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		stock.Clear(tx)
		return nil
	})
	fmt.Println(stock.Size())
	// Output: 0
}

func ExampleMap_Len() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Len(tx))
		return nil
	})
	// Output: 1
}

func ExampleMap_All() {
	var stock tdata.Map[string, int]
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		total := 0
		for _, n := range stock.All(tx) {
			total += n
		}
		fmt.Println(total)
		return nil
	})
	// Output: 4
}

func ExampleMap_Keys() {
	var stock tdata.Map[string, int]
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Sorted(stock.Keys(tx)))
		return nil
	})
	// Output: [apples pears]
}

func ExampleMap_Values() {
	var stock tdata.Map[string, int]
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Sorted(stock.Values(tx)))
		return nil
	})
	// Output: [1 3]
}

func ExampleMap_Load() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	fmt.Println(stock.Load("apples"))
	// Output: 3 true
}

func ExampleMap_Store() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	stock.Store("apples", 4)
	fmt.Println(stock.Load("apples"))
	// Output: 4 true
}

func ExampleMap_LoadOrStore() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	fmt.Println(stock.LoadOrStore("apples", 10))
	fmt.Println(stock.LoadOrStore("pears", 10))
	// Output:
	// 3 true
	// 10 false
}

func ExampleMap_Update() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	stock.Update("apples", func(n int, found bool) (int, bool) { return n + 1, true })
	fmt.Println(stock.Load("apples"))
	// Output: 4 true
}

func ExampleMap_Remove() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	fmt.Println(stock.Remove("apples"))
	fmt.Println(stock.Remove("apples"))
	// Output:
	// 3 true
	// 0 false
}

func ExampleMap_Size() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	fmt.Println(stock.Size())
	// Output: 1
}

func ExampleMap_Snapshot() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	yesterday := stock.Snapshot()
	defer yesterday.Close()
	stock.Store("apples", 0)
	fmt.Println(yesterday.Get("apples"))
	// Output: 3 true
}

func ExampleMap_SnapshotAt() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	stock.Store("apples", 0)
	fmt.Println(stock.SnapshotAt(moment).Get("apples"))
	// Output: 3 true
}

func ExampleMap_MarshalJSON() {
	var stock tdata.Map[string, int]
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	text, _ := json.Marshal(&stock)
	fmt.Println(string(text))
	// Output: {"apples":3,"pears":1}
}

func ExampleMapSnapshot() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(s.Len(), stock.Size())
	// Output: 1 0
}

func ExampleMapSnapshot_Get() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(s.Get("apples"))
	// Output: 3 true
}

func ExampleMapSnapshot_Has() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(s.Has("apples"), s.Has("pears"))
	// Output: true false
}

func ExampleMapSnapshot_Len() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(s.Len())
	// Output: 1
}

func ExampleMapSnapshot_All() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	for fruit, n := range s.All() {
		fmt.Println(fruit, n)
	}
	// Output: apples 3
}

func ExampleMapSnapshot_Keys() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(slices.Collect(s.Keys()))
	// Output: [apples]
}

func ExampleMapSnapshot_Values() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(slices.Collect(s.Values()))
	// Output: [3]
}

func ExampleMapSnapshot_MarshalJSON() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	text, _ := json.Marshal(s)
	fmt.Println(string(text))
	// Output: {"apples":3}
}

func ExampleMapSnapshot_Close() {
	var stock tdata.Map[string, int]
	stock.Store("apples", 3)
	s := stock.Snapshot()
	s.Close()
	fmt.Println("closed")
	// Output: closed
}

func ExampleMap_Purge() {
	stock := tdata.NewMap[string, int]()
	stock.Store("apples", 3)
	stock.Store("pears", 1)
	stock.Purge()
	fmt.Println(stock.Size())
	// Output: 0
}

// What sync.Map has methods for is an Update with a function that compares.
func ExampleMap_Update_compareAndSwap() {
	stock := tdata.NewMap[string, int]()
	compareAndSwap := func(key string, old, new int) (swapped bool) {
		stock.Update(key, func(n int, found bool) (int, bool) {
			if swapped = found && n == old; swapped {
				return new, true
			}
			return n, found
		})
		return swapped
	}
	compareAndDelete := func(key string, old int) (deleted bool) {
		stock.Update(key, func(n int, found bool) (int, bool) {
			deleted = found && n == old
			return n, found && !deleted
		})
		return deleted
	}
	swap := func(key string, new int) (old int, found bool) {
		stock.Update(key, func(n int, is bool) (int, bool) {
			old, found = n, is
			return new, true
		})
		return old, found
	}
	stock.Store("apples", 3)
	fmt.Println(compareAndSwap("apples", 3, 4), compareAndSwap("apples", 3, 5), compareAndSwap("pears", 0, 1))
	fmt.Println(swap("apples", 6))
	fmt.Println(compareAndDelete("apples", 4), compareAndDelete("apples", 6), stock.Size())
	// Output:
	// true false false
	// 4 true
	// false true 0
}

// JSON is read into a Go map, and stored from there.
func ExampleMap_MarshalJSON_andBack() {
	stock := tdata.NewMap[string, int]()
	stock.Store("apples", 3)
	stock.Store("pears", 1)
	text, _ := json.Marshal(stock)

	var read map[string]int
	fmt.Println(json.Unmarshal(text, &read))
	again := tdata.NewMap[string, int]()
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		again.Clear(tx)
		for name, n := range read {
			again.Set(tx, name, n)
		}
		return nil
	})
	fmt.Println(again.Load("apples"))
	fmt.Println(again.Load("pears"))
	// Output:
	// <nil>
	// 3 true
	// 1 true
}
