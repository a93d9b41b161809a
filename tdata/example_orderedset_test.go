package tdata_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

func ExampleOrderedSet() {
	s := tdata.NewOrderedSet[int]()
	s.Insert(3)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		s.Delete(tx, 3)
		s.Add(tx, 4)
		return nil
	})
	fmt.Println(s.Contains(3), s.Contains(4))
	// Output: false true
}

func ExampleNewOrderedSet() {
	s := tdata.NewOrderedSet[int](tdata.Named("seen"))
	fmt.Println(s.Size())
	// Output: 0
}

func ExampleOrderedSet_Has() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Has(tx, 3), s.Has(tx, 4))
		return nil
	})
	// Output: true false
}

func ExampleOrderedSet_Add() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Add(tx, 3), s.Add(tx, 4))
		return nil
	})
	// Output: false true
}

func ExampleOrderedSet_Delete() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Delete(tx, 3), s.Delete(tx, 4))
		return nil
	})
	// Output: true false
}

func ExampleOrderedSet_Clear() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		s.Clear(tx)
		return nil
	})
	fmt.Println(s.Size())
	// Output: 0
}

func ExampleOrderedSet_Len() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Len(tx))
		return nil
	})
	// Output: 2
}

func ExampleOrderedSet_All() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(s.All(tx)))
		return nil
	})
	// Output: [1 3]
}

func ExampleOrderedSet_Union() {
	a := tdata.NewOrderedSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewOrderedSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(a.Union(tx, b)))
		return nil
	})
	// Output: [1 2 3]
}

func ExampleOrderedSetSnapshot_Union() {
	a := tdata.NewOrderedSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewOrderedSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	fmt.Println(slices.Collect(a.SnapshotAt(moment).Union(b.SnapshotAt(moment))))
	// Output: [1 2 3]
}

func ExampleOrderedSet_Intersection() {
	a := tdata.NewOrderedSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewOrderedSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(a.Intersection(tx, b)))
		return nil
	})
	// Output: [2]
}

func ExampleOrderedSetSnapshot_Intersection() {
	a := tdata.NewOrderedSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewOrderedSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	fmt.Println(slices.Collect(a.SnapshotAt(moment).Intersection(b.SnapshotAt(moment))))
	// Output: [2]
}

func ExampleOrderedSet_Difference() {
	a := tdata.NewOrderedSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewOrderedSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(a.Difference(tx, b)))
		return nil
	})
	// Output: [1]
}

func ExampleOrderedSetSnapshot_Difference() {
	a := tdata.NewOrderedSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewOrderedSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	fmt.Println(slices.Collect(a.SnapshotAt(moment).Difference(b.SnapshotAt(moment))))
	// Output: [1]
}

func ExampleOrderedSet_Contains() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	fmt.Println(s.Contains(3), s.Contains(4))
	// Output: true false
}

func ExampleOrderedSet_Insert() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	fmt.Println(s.Insert(3), s.Insert(4))
	// Output: false true
}

func ExampleOrderedSet_Remove() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	fmt.Println(s.Remove(3), s.Remove(4))
	// Output: true false
}

func ExampleOrderedSet_Size() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	fmt.Println(s.Size())
	// Output: 2
}

func ExampleOrderedSet_Snapshot() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	s.Remove(3)
	fmt.Println(now.Has(3), s.Contains(3))
	// Output: true false
}

func ExampleOrderedSet_SnapshotAt() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	s.Remove(3)
	fmt.Println(s.SnapshotAt(moment).Len())
	// Output: 2
}

func ExampleOrderedSet_MarshalJSON() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	text, _ := json.Marshal(s)
	fmt.Println(string(text))
	// Output: [1,3]
}

func ExampleOrderedSetSnapshot() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	s.Insert(5)
	fmt.Println(now.Len(), s.Size())
	// Output: 2 3
}

func ExampleOrderedSetSnapshot_Has() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(now.Has(3), now.Has(4))
	// Output: true false
}

func ExampleOrderedSetSnapshot_Len() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(now.Len())
	// Output: 2
}

func ExampleOrderedSetSnapshot_All() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(slices.Collect(now.All()))
	// Output: [1 3]
}

func ExampleOrderedSetSnapshot_MarshalJSON() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	text, _ := json.Marshal(now)
	fmt.Println(string(text))
	// Output: [1,3]
}

func ExampleOrderedSetSnapshot_Close() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	now.Close()
	fmt.Println("closed")
	// Output: closed
}

func ExampleNewOrderedSetFunc() {
	s := tdata.NewOrderedSetFunc(func(a, b int) int { return b - a })
	s.Insert(1)
	s.Insert(2)
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(s.All(tx)))
		return nil
	})
	// Output: [2 1]
}

func ExampleOrderedSet_Min() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Min(tx))
		return nil
	})
	// Output: 1 true
}

func ExampleOrderedSetSnapshot_Min() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(now.Min())
	// Output: 1 true
}

func ExampleOrderedSet_Max() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Max(tx))
		return nil
	})
	// Output: 5 true
}

func ExampleOrderedSetSnapshot_Max() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(now.Max())
	// Output: 5 true
}

func ExampleOrderedSet_Floor() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Floor(tx, 4))
		return nil
	})
	// Output: 3 true
}

func ExampleOrderedSetSnapshot_Floor() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(now.Floor(4))
	// Output: 3 true
}

func ExampleOrderedSet_Ceiling() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Ceiling(tx, 4))
		return nil
	})
	// Output: 5 true
}

func ExampleOrderedSetSnapshot_Ceiling() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(now.Ceiling(4))
	// Output: 5 true
}

func ExampleOrderedSet_Backward() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(s.Backward(tx)))
		return nil
	})
	// Output: [5 3 1]
}

func ExampleOrderedSetSnapshot_Backward() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(slices.Collect(now.Backward()))
	// Output: [5 3 1]
}

func ExampleOrderedSet_Range() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(s.Range(tx, 1, 5)))
		return nil
	})
	// Output: [1 3]
}

func ExampleOrderedSetSnapshot_Range() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(slices.Collect(now.Range(1, 5)))
	// Output: [1 3]
}

func ExampleOrderedSet_RangeBackward() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(s.RangeBackward(tx, 1, 5)))
		return nil
	})
	// Output: [3 1]
}

func ExampleOrderedSetSnapshot_RangeBackward() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(slices.Collect(now.RangeBackward(1, 5)))
	// Output: [3 1]
}

func ExampleOrderedSet_From() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(s.From(tx, 3)))
		return nil
	})
	// Output: [3 5]
}

func ExampleOrderedSetSnapshot_From() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	s.Remove(3)
	fmt.Println(slices.Collect(now.From(3)))
	// Output: [3 5]
}

func ExampleOrderedSet_Before() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Collect(s.Before(tx, 5)))
		return nil
	})
	// Output: [3 1]
}

func ExampleOrderedSetSnapshot_Before() {
	s := tdata.NewOrderedSet[int]()
	for _, k := range []int{3, 1, 5} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	s.Remove(3)
	fmt.Println(slices.Collect(now.Before(5)))
	// Output: [3 1]
}

func ExampleOrderedSet_Purge() {
	s := tdata.NewOrderedSet[int]()
	s.Insert(3)
	s.Insert(1)
	s.Purge()
	fmt.Println(s.Size(), s.Contains(3))
	// Output: 0 false
}
