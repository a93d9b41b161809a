package tdata_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

func ExampleOrderedMap() {
	stock := tdata.NewOrderedMap[string, int]()
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

func ExampleNewOrderedMap() {
	stock := tdata.NewOrderedMap[string, int](tdata.Named("stock"))
	stock.Store("apples", 3)
	fmt.Println(stock.Size())
	// Output: 1
}

func ExampleOrderedMap_Get() {
	stock := tdata.NewOrderedMap[string, int]()
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

func ExampleOrderedMap_Has() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Has(tx, "apples"), stock.Has(tx, "pears"))
		return nil
	})
	// Output: true false
}

func ExampleOrderedMap_Set() {
	stock := tdata.NewOrderedMap[string, int]()
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		stock.Set(tx, "pears", 1)
		return nil
	})
	fmt.Println(stock.Load("pears"))
	// Output: 1 true
}

func ExampleOrderedMap_GetOrSet() {
	stock := tdata.NewOrderedMap[string, int]()
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

func ExampleOrderedMap_Modify() {
	stock := tdata.NewOrderedMap[string, int]()
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

func ExampleOrderedMap_Delete() {
	stock := tdata.NewOrderedMap[string, int]()
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

func ExampleOrderedMap_Clear() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		stock.Clear(tx)
		return nil
	})
	fmt.Println(stock.Size())
	// Output: 0
}

func ExampleOrderedMap_Len() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Len(tx))
		return nil
	})
	// Output: 1
}

func ExampleOrderedMap_All() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		for fruit, n := range stock.All(tx) {
			fmt.Println(fruit, n)
		}
		return nil
	})
	// Output:
	// apples 3
	// pears 1
	// plums 7
}

func ExampleOrderedMap_Backward() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		for fruit, n := range stock.Backward(tx) {
			fmt.Println(fruit, n)
		}
		return nil
	})
	// Output:
	// plums 7
	// pears 1
	// apples 3
}

func ExampleOrderedMap_Keys() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(stock.Keys(tx)))
		return nil
	})
	// Output: [apples pears plums]
}

func ExampleOrderedMap_Values() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(stock.Values(tx)))
		return nil
	})
	// Output: [3 1 7]
}

func ExampleOrderedMap_Min() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Min(tx))
		return nil
	})
	// Output: apples 3 true
}

func ExampleOrderedMap_Max() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Max(tx))
		return nil
	})
	// Output: plums 7 true
}

func ExampleOrderedMap_Floor() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Floor(tx, "oranges"))
		return nil
	})
	// Output: apples 3 true
}

func ExampleOrderedMap_Ceiling() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(stock.Ceiling(tx, "oranges"))
		return nil
	})
	// Output: pears 1 true
}

func ExampleOrderedMap_Range() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		for fruit, n := range stock.Range(tx, "b", "q") {
			fmt.Println(fruit, n)
		}
		return nil
	})
	// Output:
	// pears 1
	// plums 7
}

func ExampleOrderedMap_RangeBackward() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		for fruit, n := range stock.RangeBackward(tx, "b", "q") {
			fmt.Println(fruit, n)
		}
		return nil
	})
	// Output:
	// plums 7
	// pears 1
}

func ExampleOrderedMap_From() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		for fruit, n := range stock.From(tx, "pears") {
			fmt.Println(fruit, n)
		}
		return nil
	})
	// Output:
	// pears 1
	// plums 7
}

func ExampleOrderedMap_Before() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		for fruit, n := range stock.Before(tx, "plums") {
			fmt.Println(fruit, n)
		}
		return nil
	})
	// Output:
	// pears 1
	// apples 3
}

func ExampleOrderedMap_Load() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	fmt.Println(stock.Load("apples"))
	// Output: 3 true
}

func ExampleOrderedMap_Store() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	stock.Store("apples", 4)
	fmt.Println(stock.Load("apples"))
	// Output: 4 true
}

func ExampleOrderedMap_LoadOrStore() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	fmt.Println(stock.LoadOrStore("apples", 10))
	fmt.Println(stock.LoadOrStore("pears", 10))
	// Output:
	// 3 true
	// 10 false
}

func ExampleOrderedMap_Update() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	stock.Update("apples", func(n int, found bool) (int, bool) { return n + 1, true })
	fmt.Println(stock.Load("apples"))
	// Output: 4 true
}

func ExampleOrderedMap_Remove() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	fmt.Println(stock.Remove("apples"))
	fmt.Println(stock.Remove("apples"))
	// Output:
	// 3 true
	// 0 false
}

func ExampleOrderedMap_Size() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	fmt.Println(stock.Size())
	// Output: 1
}

func ExampleOrderedMap_Snapshot() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	yesterday := stock.Snapshot()
	defer yesterday.Close()
	stock.Store("apples", 0)
	fmt.Println(yesterday.Get("apples"))
	// Output: 3 true
}

func ExampleOrderedMap_SnapshotAt() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	stock.Store("apples", 0)
	fmt.Println(stock.SnapshotAt(moment).Get("apples"))
	// Output: 3 true
}

func ExampleOrderedMap_MarshalJSON() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	text, _ := json.Marshal(stock)
	fmt.Println(string(text))
	// Output: {"apples":3,"pears":1,"plums":7}
}

func ExampleOrderedMapSnapshot() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(s.Len(), stock.Size())
	// Output: 1 0
}

func ExampleOrderedMapSnapshot_Get() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(s.Get("apples"))
	// Output: 3 true
}

func ExampleOrderedMapSnapshot_Has() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(s.Has("apples"), s.Has("pears"))
	// Output: true false
}

func ExampleOrderedMapSnapshot_Len() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(s.Len())
	// Output: 1
}

func ExampleOrderedMapSnapshot_All() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	for fruit, n := range s.All() {
		fmt.Println(fruit, n)
	}
	// Output: apples 3
}

func ExampleOrderedMapSnapshot_Keys() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(slices.Collect(s.Keys()))
	// Output: [apples]
}

func ExampleOrderedMapSnapshot_Values() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	fmt.Println(slices.Collect(s.Values()))
	// Output: [3]
}

func ExampleOrderedMapSnapshot_MarshalJSON() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("apples")
	text, _ := json.Marshal(s)
	fmt.Println(string(text))
	// Output: {"apples":3}
}

func ExampleOrderedMapSnapshot_Close() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("apples", 3)
	s := stock.Snapshot()
	s.Close()
	fmt.Println("closed")
	// Output: closed
}

func ExampleOrderedMapSnapshot_Backward() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	for fruit, n := range s.Backward() {
		fmt.Println(fruit, n)
	}
	// Output:
	// plums 7
	// pears 1
	// apples 3
}

func ExampleOrderedMapSnapshot_Min() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	fmt.Println(s.Min())
	// Output: apples 3 true
}

func ExampleOrderedMapSnapshot_Max() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	fmt.Println(s.Max())
	// Output: plums 7 true
}

func ExampleOrderedMapSnapshot_Floor() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	fmt.Println(s.Floor("pineapples"))
	// Output: pears 1 true
}

func ExampleOrderedMapSnapshot_Ceiling() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	fmt.Println(s.Ceiling("oranges"))
	// Output: pears 1 true
}

func ExampleOrderedMapSnapshot_Range() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	for fruit, n := range s.Range("b", "q") {
		fmt.Println(fruit, n)
	}
	// Output:
	// pears 1
	// plums 7
}

func ExampleOrderedMapSnapshot_RangeBackward() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	for fruit, n := range s.RangeBackward("b", "q") {
		fmt.Println(fruit, n)
	}
	// Output:
	// plums 7
	// pears 1
}

func ExampleNewOrderedMapFunc() {
	stock := tdata.NewOrderedMapFunc[string, int](func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
	stock.Store("Apples", 3)
	fmt.Println(stock.Load("apples"))
	// Output: 3 true
}

func ExampleOrderedMapSnapshot_From() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	for fruit, n := range s.From("b") {
		fmt.Println(fruit, n)
	}
	// Output:
	// pears 1
	// plums 7
}

func ExampleOrderedMapSnapshot_Before() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	stock.Store("apples", 3)
	stock.Store("plums", 7)
	s := stock.Snapshot()
	defer s.Close()
	stock.Remove("pears")
	for fruit, n := range s.Before("plums") {
		fmt.Println(fruit, n)
	}
	// Output:
	// pears 1
	// apples 3
}

func ExampleOrderedMap_Purge() {
	stock := tdata.NewOrderedMap[string, int]()
	stock.Store("pears", 1)
	before := stock.Snapshot()
	defer before.Close()
	stock.Purge()
	fmt.Println(before.Len(), stock.Size())
	// Output: 1 0
}
