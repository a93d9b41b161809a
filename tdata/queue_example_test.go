package tdata_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

func ExampleQueue() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	var done tdata.Queue[string]
	_ = jobs.Send(context.Background(), "wash")
	// A job is taken and entered as done in one step, or nothing happens.
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		job, _ := jobs.Take(tx)
		return done.Put(tx, job)
	})
	fmt.Println(jobs.Size(), done.Snapshot())
	// Output: 0 [wash]
}

func ExampleNewQueue() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	fmt.Println(jobs.Size())
	// Output: 0
}

func ExampleQueue_Put() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		_ = jobs.Put(tx, "a")
		_ = jobs.Put(tx, "b")
		return nil
	})
	fmt.Println(jobs.Snapshot())
	// Output: [a b]
}

func ExampleQueue_Take() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		first, err := jobs.Take(tx)
		fmt.Println(first, err)
		return nil
	})
	// Output: a <nil>
}

func ExampleQueue_TryTake() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		for range 3 {
			fmt.Println(jobs.TryTake(tx))
		}
		return nil
	})
	// Output:
	// a true
	// b true
	//  false
}

func ExampleQueue_Peek() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		first, _ := jobs.Peek(tx)
		fmt.Println(first, jobs.Len(tx))
		return nil
	})
	// Output: a 2
}

func ExampleQueue_Untake() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		job, _ := jobs.Take(tx)
		jobs.Untake(tx, job) // not today
		return nil
	})
	fmt.Println(jobs.Snapshot())
	// Output: [a b]
}

func ExampleQueue_Close() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Close(tx)
		fmt.Println(jobs.Put(tx, "c"))
		return nil
	})
	// Output: tdata: closed
}

func ExampleQueue_Closed() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Close(tx)
		fmt.Println(jobs.Closed(tx), jobs.Len(tx))
		return nil
	})
	// Output: true 2
}

func ExampleQueue_Len() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(jobs.Len(tx))
		return nil
	})
	// Output: 2
}

func ExampleQueue_Clear() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Clear(tx)
		return nil
	})
	fmt.Println(jobs.Size())
	// Output: 0
}

func ExampleQueue_All() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		for job := range jobs.All(tx) {
			fmt.Println(job)
		}
		return nil
	})
	// Output:
	// a
	// b
}

func ExampleQueue_Send() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	fmt.Println(jobs.Send(context.Background(), "a"))
	fmt.Println(jobs.Snapshot())
	// Output:
	// <nil>
	// [a]
}

func ExampleQueue_Receive() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	jobs.Shut()
	for range 3 {
		fmt.Println(jobs.Receive(context.Background()))
	}
	// Output:
	// a <nil>
	// b <nil>
	//  tdata: closed
}

func ExampleQueue_TryReceive() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.TryReceive())
	// Output: a true
}

func ExampleQueue_Shut() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	jobs.Shut()
	fmt.Println(jobs.Send(context.Background(), "a"))
	// Output: tdata: closed
}

func ExampleQueue_Size() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.Size())
	// Output: 2
}

func ExampleQueue_Snapshot() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.Snapshot(), jobs.Size())
	// Output: [a b] 2
}

func ExampleQueue_MarshalJSON() {
	jobs := tdata.NewQueue[string](tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	text, _ := json.Marshal(jobs)
	fmt.Println(string(text))
	// Output: ["a","b"]
}

func ExampleBoundedQueue() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	var done tdata.Queue[string]
	_ = jobs.Send(context.Background(), "wash")
	// A job is taken and entered as done in one step, or nothing happens.
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		job, _ := jobs.Take(tx)
		return done.Put(tx, job)
	})
	fmt.Println(jobs.Size(), done.Snapshot())
	// Output: 0 [wash]
}

func ExampleNewBoundedQueue() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	fmt.Println(jobs.Size())
	// Output: 0
}

func ExampleBoundedQueue_Put() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		_ = jobs.Put(tx, "a")
		_ = jobs.Put(tx, "b")
		return nil
	})
	fmt.Println(jobs.Snapshot())
	// Output: [a b]
}

func ExampleBoundedQueue_Take() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		first, err := jobs.Take(tx)
		fmt.Println(first, err)
		return nil
	})
	// Output: a <nil>
}

func ExampleBoundedQueue_TryTake() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		for range 3 {
			fmt.Println(jobs.TryTake(tx))
		}
		return nil
	})
	// Output:
	// a true
	// b true
	//  false
}

func ExampleBoundedQueue_Peek() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		first, _ := jobs.Peek(tx)
		fmt.Println(first, jobs.Len(tx))
		return nil
	})
	// Output: a 2
}

func ExampleBoundedQueue_Untake() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		job, _ := jobs.Take(tx)
		jobs.Untake(tx, job) // not today
		return nil
	})
	fmt.Println(jobs.Snapshot())
	// Output: [a b]
}

func ExampleBoundedQueue_Close() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Close(tx)
		fmt.Println(jobs.Put(tx, "c"))
		return nil
	})
	// Output: tdata: closed
}

func ExampleBoundedQueue_Closed() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Close(tx)
		fmt.Println(jobs.Closed(tx), jobs.Len(tx))
		return nil
	})
	// Output: true 2
}

func ExampleBoundedQueue_Len() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(jobs.Len(tx))
		return nil
	})
	// Output: 2
}

func ExampleBoundedQueue_Clear() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Clear(tx)
		return nil
	})
	fmt.Println(jobs.Size())
	// Output: 0
}

func ExampleBoundedQueue_All() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		for job := range jobs.All(tx) {
			fmt.Println(job)
		}
		return nil
	})
	// Output:
	// a
	// b
}

func ExampleBoundedQueue_Send() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	fmt.Println(jobs.Send(context.Background(), "a"))
	fmt.Println(jobs.Snapshot())
	// Output:
	// <nil>
	// [a]
}

func ExampleBoundedQueue_Receive() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	jobs.Shut()
	for range 3 {
		fmt.Println(jobs.Receive(context.Background()))
	}
	// Output:
	// a <nil>
	// b <nil>
	//  tdata: closed
}

func ExampleBoundedQueue_TryReceive() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.TryReceive())
	// Output: a true
}

func ExampleBoundedQueue_Shut() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	jobs.Shut()
	fmt.Println(jobs.Send(context.Background(), "a"))
	// Output: tdata: closed
}

func ExampleBoundedQueue_Size() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.Size())
	// Output: 2
}

func ExampleBoundedQueue_Snapshot() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.Snapshot(), jobs.Size())
	// Output: [a b] 2
}

func ExampleBoundedQueue_MarshalJSON() {
	jobs := tdata.NewBoundedQueue[string](3, tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	text, _ := json.Marshal(jobs)
	fmt.Println(string(text))
	// Output: ["a","b"]
}

func ExamplePriorityQueue() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	var done tdata.Queue[string]
	_ = jobs.Send(context.Background(), "wash")
	// A job is taken and entered as done in one step, or nothing happens.
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		job, _ := jobs.Take(tx)
		return done.Put(tx, job)
	})
	fmt.Println(jobs.Size(), done.Snapshot())
	// Output: 0 [wash]
}

func ExampleNewPriorityQueue() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	fmt.Println(jobs.Size())
	// Output: 0
}

func ExamplePriorityQueue_Put() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		_ = jobs.Put(tx, "a")
		_ = jobs.Put(tx, "b")
		return nil
	})
	fmt.Println(jobs.Snapshot())
	// Output: [a b]
}

func ExamplePriorityQueue_Take() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		first, err := jobs.Take(tx)
		fmt.Println(first, err)
		return nil
	})
	// Output: a <nil>
}

func ExamplePriorityQueue_TryTake() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		for range 3 {
			fmt.Println(jobs.TryTake(tx))
		}
		return nil
	})
	// Output:
	// a true
	// b true
	//  false
}

func ExamplePriorityQueue_Peek() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		first, _ := jobs.Peek(tx)
		fmt.Println(first, jobs.Len(tx))
		return nil
	})
	// Output: a 2
}

func ExamplePriorityQueue_Untake() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		job, _ := jobs.Take(tx)
		jobs.Untake(tx, job) // not today
		return nil
	})
	fmt.Println(jobs.Snapshot())
	// Output: [a b]
}

func ExamplePriorityQueue_Close() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Close(tx)
		fmt.Println(jobs.Put(tx, "c"))
		return nil
	})
	// Output: tdata: closed
}

func ExamplePriorityQueue_Closed() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Close(tx)
		fmt.Println(jobs.Closed(tx), jobs.Len(tx))
		return nil
	})
	// Output: true 2
}

func ExamplePriorityQueue_Len() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(jobs.Len(tx))
		return nil
	})
	// Output: 2
}

func ExamplePriorityQueue_Clear() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		jobs.Clear(tx)
		return nil
	})
	fmt.Println(jobs.Size())
	// Output: 0
}

func ExamplePriorityQueue_All() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		for job := range jobs.All(tx) {
			fmt.Println(job)
		}
		return nil
	})
	// Output:
	// a
	// b
}

func ExamplePriorityQueue_Send() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	fmt.Println(jobs.Send(context.Background(), "a"))
	fmt.Println(jobs.Snapshot())
	// Output:
	// <nil>
	// [a]
}

func ExamplePriorityQueue_Receive() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	jobs.Shut()
	for range 3 {
		fmt.Println(jobs.Receive(context.Background()))
	}
	// Output:
	// a <nil>
	// b <nil>
	//  tdata: closed
}

func ExamplePriorityQueue_TryReceive() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.TryReceive())
	// Output: a true
}

func ExamplePriorityQueue_Shut() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	jobs.Shut()
	fmt.Println(jobs.Send(context.Background(), "a"))
	// Output: tdata: closed
}

func ExamplePriorityQueue_Size() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.Size())
	// Output: 2
}

func ExamplePriorityQueue_Snapshot() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	fmt.Println(jobs.Snapshot(), jobs.Size())
	// Output: [a b] 2
}

func ExamplePriorityQueue_MarshalJSON() {
	jobs := tdata.NewPriorityQueue(cmp.Compare[string], tdata.Named("jobs"))
	_ = jobs.Send(context.Background(), "a")
	_ = jobs.Send(context.Background(), "b")
	text, _ := json.Marshal(jobs)
	fmt.Println(string(text))
	// Output: ["a","b"]
}

func ExampleBoundedQueue_Cap() {
	jobs := tdata.NewBoundedQueue[string](1)
	fmt.Println(jobs.Cap())
	// Output: 1
}

func ExampleBoundedQueue_TryPut() {
	jobs := tdata.NewBoundedQueue[string](1)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(jobs.TryPut(tx, "a"), jobs.TryPut(tx, "b"))
		return nil
	})
	// Output: true false
}

func ExampleBoundedQueue_TrySend() {
	jobs := tdata.NewBoundedQueue[string](1)
	fmt.Println(jobs.TrySend("a"), jobs.TrySend("b"))
	// Output: true false
}

func ExampleQueue_Purge() {
	q, ctx := tdata.NewQueue[string](), context.Background()
	_, _ = q.Send(ctx, "wash"), q.Send(ctx, "dry")
	q.Purge()
	fmt.Println(q.Size(), q.Send(ctx, "iron"), q.Snapshot())
	// Output: 0 <nil> [iron]
}

func ExampleBoundedQueue_Purge() {
	q, ctx := tdata.NewBoundedQueue[string](2), context.Background()
	_, _ = q.Send(ctx, "wash"), q.Send(ctx, "dry")
	q.Purge()
	fmt.Println(q.Size(), q.Send(ctx, "iron"), q.Snapshot())
	// Output: 0 <nil> [iron]
}

func ExamplePriorityQueue_Purge() {
	q, ctx := tdata.NewPriorityQueue(cmp.Compare[string]), context.Background()
	_, _ = q.Send(ctx, "wash"), q.Send(ctx, "dry")
	q.Purge()
	fmt.Println(q.Size(), q.Send(ctx, "iron"), q.Snapshot())
	// Output: 0 <nil> [iron]
}
