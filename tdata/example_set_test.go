package tdata_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

func ExampleSet() {
	var s tdata.Set[int]
	s.Insert(3)
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		s.Delete(tx, 3)
		s.Add(tx, 4)
		return nil
	})
	fmt.Println(s.Contains(3), s.Contains(4))
	// Output: false true
}

func ExampleNewSet() {
	s := tdata.NewSet[int](tdata.Named("seen"))
	fmt.Println(s.Size())
	// Output: 0
}

func ExampleSet_Has() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Has(tx, 3), s.Has(tx, 4))
		return nil
	})
	// Output: true false
}

func ExampleSet_Add() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Add(tx, 3), s.Add(tx, 4))
		return nil
	})
	// Output: false true
}

func ExampleSet_Delete() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Delete(tx, 3), s.Delete(tx, 4))
		return nil
	})
	// Output: true false
}

func ExampleSet_Clear() {
	s := tdata.NewSet[int]()
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

func ExampleSet_Len() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(s.Len(tx))
		return nil
	})
	// Output: 2
}

func ExampleSet_All() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Sorted(s.All(tx)))
		return nil
	})
	// Output: [1 3]
}

func ExampleSet_Union() {
	a := tdata.NewSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Sorted(a.Union(tx, b)))
		return nil
	})
	// Output: [1 2 3]
}

func ExampleSetSnapshot_Union() {
	a := tdata.NewSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	fmt.Println(slices.Sorted(a.SnapshotAt(moment).Union(b.SnapshotAt(moment))))
	// Output: [1 2 3]
}

func ExampleSet_Intersection() {
	a := tdata.NewSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Sorted(a.Intersection(tx, b)))
		return nil
	})
	// Output: [2]
}

func ExampleSetSnapshot_Intersection() {
	a := tdata.NewSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	fmt.Println(slices.Sorted(a.SnapshotAt(moment).Intersection(b.SnapshotAt(moment))))
	// Output: [2]
}

func ExampleSet_Difference() {
	a := tdata.NewSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println(slices.Sorted(a.Difference(tx, b)))
		return nil
	})
	// Output: [1]
}

func ExampleSetSnapshot_Difference() {
	a := tdata.NewSet[int]()
	for _, k := range []int{1, 2} {
		a.Insert(k)
	}
	b := tdata.NewSet[int]()
	for _, k := range []int{2, 3} {
		b.Insert(k)
	}
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	fmt.Println(slices.Sorted(a.SnapshotAt(moment).Difference(b.SnapshotAt(moment))))
	// Output: [1]
}

func ExampleSet_Contains() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	fmt.Println(s.Contains(3), s.Contains(4))
	// Output: true false
}

func ExampleSet_Insert() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	fmt.Println(s.Insert(3), s.Insert(4))
	// Output: false true
}

func ExampleSet_Remove() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	fmt.Println(s.Remove(3), s.Remove(4))
	// Output: true false
}

func ExampleSet_Size() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	fmt.Println(s.Size())
	// Output: 2
}

func ExampleSet_Snapshot() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	s.Remove(3)
	fmt.Println(now.Has(3), s.Contains(3))
	// Output: true false
}

func ExampleSet_SnapshotAt() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	moment := tdata.Now(stm.Default())
	defer moment.Close()
	s.Remove(3)
	fmt.Println(s.SnapshotAt(moment).Len())
	// Output: 2
}

func ExampleSet_MarshalJSON() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	text, _ := json.Marshal(s)
	fmt.Println(string(text))
	// Output: [1,3]
}

func ExampleSetSnapshot() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	s.Insert(5)
	fmt.Println(now.Len(), s.Size())
	// Output: 2 3
}

func ExampleSetSnapshot_Has() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(now.Has(3), now.Has(4))
	// Output: true false
}

func ExampleSetSnapshot_Len() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(now.Len())
	// Output: 2
}

func ExampleSetSnapshot_All() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	fmt.Println(slices.Sorted(now.All()))
	// Output: [1 3]
}

func ExampleSetSnapshot_MarshalJSON() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	defer now.Close()
	text, _ := json.Marshal(now)
	fmt.Println(string(text))
	// Output: [1,3]
}

func ExampleSetSnapshot_Close() {
	s := tdata.NewSet[int]()
	for _, k := range []int{3, 1} {
		s.Insert(k)
	}
	now := s.Snapshot()
	now.Close()
	fmt.Println("closed")
	// Output: closed
}

func ExampleSet_Purge() {
	s := tdata.NewSet[int]()
	s.Insert(3)
	s.Insert(1)
	s.Purge()
	fmt.Println(s.Size(), s.Contains(3))
	// Output: 0 false
}
