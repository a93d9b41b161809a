package tdata_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

func ExampleTopic() {
	var news tdata.Topic[string]
	ann, bob := news.Follow(), news.Follow()
	_ = news.Send(context.Background(), "rain")
	fmt.Println(ann.TryReceive())
	fmt.Println(bob.TryReceive())
	// Output:
	// rain true
	// rain true
}

func ExampleNewTopic() {
	news := tdata.NewTopic[string](tdata.Named("news"))
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	fmt.Println(ann.TryReceive())
	// Output: rain true
}

func ExampleTopic_Publish() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		_ = news.Publish(tx, "rain")
		return nil
	})
	fmt.Println(ann.TryReceive())
	// Output: rain true
}

func ExampleTopic_Subscribe() {
	var news tdata.Topic[string]
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		_ = news.Publish(tx, "rain")
		ann := news.Subscribe(tx)
		_ = news.Publish(tx, "sun")
		fmt.Println(ann.Take(tx))
		return nil
	})
	// Output: sun <nil>
}

func ExampleTopic_Close() {
	var news tdata.Topic[string]
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		news.Close(tx)
		fmt.Println(news.Publish(tx, "rain"))
		return nil
	})
	// Output: tdata: closed
}

func ExampleTopic_Closed() {
	var news tdata.Topic[string]
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(news.Closed(tx))
		news.Close(tx)
		fmt.Println(news.Closed(tx))
		return nil
	})
	// Output:
	// false
	// true
}

func ExampleTopic_Send() {
	var news tdata.Topic[string]
	ann := news.Follow()
	fmt.Println(news.Send(context.Background(), "rain"))
	fmt.Println(ann.TryReceive())
	// Output:
	// <nil>
	// rain true
}

func ExampleTopic_Follow() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	fmt.Println(ann.TryReceive())
	// Output: rain true
}

func ExampleTopic_Shut() {
	var news tdata.Topic[string]
	ann := news.Follow()
	news.Shut()
	_, err := ann.Receive(context.Background())
	fmt.Println(err)
	// Output: tdata: closed
}

func ExampleSubscription() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(ann.Take(tx))
		return nil
	})
	// Output: rain <nil>
}

func ExampleSubscription_Take() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(ann.Take(tx))
		return nil
	})
	// Output: rain <nil>
}

func ExampleSubscription_TryTake() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(ann.TryTake(tx))
		return nil
	})
	// Output: rain true
}

func ExampleSubscription_Untake() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		item, _ := ann.Take(tx)
		ann.Untake(tx, item)
		fmt.Println(ann.Len(tx))
		return nil
	})
	// Output: 1
}

func ExampleSubscription_Len() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(ann.Len(tx))
		return nil
	})
	// Output: 1
}

func ExampleSubscription_Skip() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		ann.Skip(tx)
		fmt.Println(ann.Len(tx))
		return nil
	})
	// Output: 0
}

func ExampleSubscription_Close() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		ann.Close(tx)
		_, err := ann.Take(tx)
		fmt.Println(err)
		return nil
	})
	// Output: tdata: closed
}

func ExampleSubscription_Receive() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	fmt.Println(ann.Receive(context.Background()))
	// Output: rain <nil>
}

func ExampleSubscription_TryReceive() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	fmt.Println(ann.TryReceive())
	// Output: rain true
}

func ExampleSubscription_Stop() {
	var news tdata.Topic[string]
	ann := news.Follow()
	_ = news.Send(context.Background(), "rain")
	ann.Stop()
	_, err := ann.Receive(context.Background())
	fmt.Println(err)
	// Output: tdata: closed
}

func ExampleSemaphore() {
	connections := tdata.NewSemaphore(3)
	release, err := connections.Hold(context.Background(), 2)
	if err != nil {
		return
	}
	defer release()
	_, ok := connections.TryHold(2)
	fmt.Println(ok)
	// Output: false
}

func ExampleNewSemaphore() {
	connections := tdata.NewSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(connections.Free(tx))
		return nil
	})
	// Output: 3
}

func ExampleSemaphore_Acquire() {
	connections := tdata.NewSemaphore(3)
	var jobs tdata.Queue[string]
	_ = jobs.Send(context.Background(), "wash")
	// A job and what it takes, together or not at all.
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		connections.Acquire(tx, 2)
		job, err := jobs.Take(tx)
		fmt.Println(job, connections.Free(tx))
		return err
	})
	// Output: wash 1
}

func ExampleSemaphore_TryAcquire() {
	connections := tdata.NewSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(connections.TryAcquire(tx, 2), connections.TryAcquire(tx, 2))
		return nil
	})
	// Output: true false
}

func ExampleSemaphore_Release() {
	connections := tdata.NewSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		connections.Acquire(tx, 2)
		connections.Release(tx, 1)
		fmt.Println(connections.Free(tx))
		return nil
	})
	// Output: 2
}

func ExampleSemaphore_Free() {
	connections := tdata.NewSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(connections.Free(tx))
		return nil
	})
	// Output: 3
}

func ExampleSemaphore_Hold() {
	connections := tdata.NewSemaphore(3)
	release, err := connections.Hold(context.Background(), 3)
	fmt.Println(err)
	release()
	// Output: <nil>
}

func ExampleSemaphore_TryHold() {
	connections := tdata.NewSemaphore(3)
	release, ok := connections.TryHold(3)
	fmt.Println(ok)
	release()
	// Output: true
}

func ExampleFairSemaphore() {
	connections := tdata.NewFairSemaphore(3)
	release, err := connections.Hold(context.Background(), 2)
	if err != nil {
		return
	}
	defer release()
	_, ok := connections.TryHold(2)
	fmt.Println(ok)
	// Output: false
}

func ExampleNewFairSemaphore() {
	connections := tdata.NewFairSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(connections.Free(tx))
		return nil
	})
	// Output: 3
}

func ExampleFairSemaphore_Acquire() {
	connections := tdata.NewFairSemaphore(3)
	var jobs tdata.Queue[string]
	_ = jobs.Send(context.Background(), "wash")
	// A job and what it takes, together or not at all.
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		connections.Acquire(tx, 2)
		job, err := jobs.Take(tx)
		fmt.Println(job, connections.Free(tx))
		return err
	})
	// Output: wash 1
}

func ExampleFairSemaphore_TryAcquire() {
	connections := tdata.NewFairSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(connections.TryAcquire(tx, 2), connections.TryAcquire(tx, 2))
		return nil
	})
	// Output: true false
}

func ExampleFairSemaphore_Release() {
	connections := tdata.NewFairSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		connections.Acquire(tx, 2)
		connections.Release(tx, 1)
		fmt.Println(connections.Free(tx))
		return nil
	})
	// Output: 2
}

func ExampleFairSemaphore_Free() {
	connections := tdata.NewFairSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(connections.Free(tx))
		return nil
	})
	// Output: 3
}

func ExampleFairSemaphore_Hold() {
	connections := tdata.NewFairSemaphore(3)
	release, err := connections.Hold(context.Background(), 3)
	fmt.Println(err)
	release()
	// Output: <nil>
}

func ExampleFairSemaphore_TryHold() {
	connections := tdata.NewFairSemaphore(3)
	release, ok := connections.TryHold(3)
	fmt.Println(ok)
	release()
	// Output: true
}

func ExampleFairSemaphore_Waiting() {
	connections := tdata.NewFairSemaphore(3)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(connections.Waiting(tx))
		return nil
	})
	// Output: 0
}

func ExampleRWLock() {
	var file tdata.RWLock
	unlock, err := file.HoldWrite(context.Background())
	if err != nil {
		return
	}
	defer unlock()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(file.TryRLock(tx))
		return nil
	})
	// Output: false
}

func ExampleNewRWLock() {
	file := tdata.NewRWLock()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(file.TryLock(tx))
		return nil
	})
	// Output: true
}

func ExampleRWLock_Lock() {
	a, b := tdata.NewRWLock(), tdata.NewRWLock()
	// Both, in whatever order: no deadlock.
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		a.Lock(tx)
		b.Lock(tx)
		return nil
	})
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(a.TryLock(tx), b.TryLock(tx))
		return nil
	})
	// Output: false false
}

func ExampleRWLock_TryLock() {
	file := tdata.NewRWLock()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(file.TryLock(tx), file.TryLock(tx))
		return nil
	})
	// Output: true false
}

func ExampleRWLock_Unlock() {
	file := tdata.NewRWLock()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		file.Lock(tx)
		file.Unlock(tx)
		fmt.Println(file.TryLock(tx))
		return nil
	})
	// Output: true
}

func ExampleRWLock_RLock() {
	file := tdata.NewRWLock()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		file.RLock(tx)
		file.RLock(tx)
		fmt.Println(file.TryLock(tx))
		return nil
	})
	// Output: false
}

func ExampleRWLock_TryRLock() {
	file := tdata.NewRWLock()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(file.TryRLock(tx), file.TryRLock(tx))
		return nil
	})
	// Output: true true
}

func ExampleRWLock_RUnlock() {
	file := tdata.NewRWLock()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		file.RLock(tx)
		file.RUnlock(tx)
		fmt.Println(file.TryLock(tx))
		return nil
	})
	// Output: true
}

func ExampleRWLock_HoldWrite() {
	file := tdata.NewRWLock()
	unlock, err := file.HoldWrite(context.Background())
	fmt.Println(err)
	unlock()
	// Output: <nil>
}

func ExampleRWLock_HoldRead() {
	file := tdata.NewRWLock()
	one, _ := file.HoldRead(context.Background())
	two, err := file.HoldRead(context.Background())
	fmt.Println(err)
	one()
	two()
	// Output: <nil>
}

func ExampleLatch() {
	started := tdata.NewLatch(2)
	for range 2 {
		go started.Arrive()
	}
	fmt.Println(started.Await(context.Background()))
	// Output: <nil>
}

func ExampleNewLatch() {
	started := tdata.NewLatch(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(started.Left(tx))
		return nil
	})
	// Output: 2
}

func ExampleLatch_CountDown() {
	started := tdata.NewLatch(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		started.CountDown(tx)
		fmt.Println(started.Left(tx))
		return nil
	})
	// Output: 1
}

func ExampleLatch_Wait() {
	var open tdata.Latch
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		open.Wait(tx)
		fmt.Println("open")
		return nil
	})
	// Output: open
}

func ExampleLatch_Open() {
	started := tdata.NewLatch(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(started.Open(tx))
		return nil
	})
	// Output: false
}

func ExampleLatch_Left() {
	started := tdata.NewLatch(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(started.Left(tx))
		return nil
	})
	// Output: 2
}

func ExampleLatch_Arrive() {
	started := tdata.NewLatch(2)
	started.Arrive()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(started.Left(tx))
		return nil
	})
	// Output: 1
}

func ExampleLatch_Await() {
	started := tdata.NewLatch(2)
	go started.Arrive()
	go started.Arrive()
	fmt.Println(started.Await(context.Background()))
	// Output: <nil>
}

func ExampleBarrier() {
	round := tdata.NewBarrier(2)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { fmt.Println(round.Await(context.Background())) })
	}
	all.Wait()
	// Output:
	// <nil>
	// <nil>
}

func ExampleNewBarrier() {
	round := tdata.NewBarrier(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(round.Arrived(tx))
		return nil
	})
	// Output: 0
}

func ExampleBarrier_Arrive() {
	round := tdata.NewBarrier(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		first := round.Arrive(tx)
		fmt.Println(first.Over(tx))
		round.Arrive(tx)
		fmt.Println(first.Over(tx))
		return nil
	})
	// Output:
	// false
	// true
}

func ExampleBarrier_Arrived() {
	round := tdata.NewBarrier(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		round.Arrive(tx)
		fmt.Println(round.Arrived(tx))
		return nil
	})
	// Output: 1
}

func ExampleBarrier_Await() {
	round := tdata.NewBarrier(2)
	go func() { _ = round.Await(context.Background()) }()
	fmt.Println(round.Await(context.Background()))
	// Output: <nil>
}

func ExampleArrival() {
	round := tdata.NewBarrier(2)
	var mine *tdata.Arrival
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		mine = round.Arrive(tx)
		return nil
	})
	go func() { _ = round.Await(context.Background()) }()
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		mine.Wait(tx)
		return nil
	})
	fmt.Println("both have arrived")
	// Output: both have arrived
}

func ExampleArrival_Wait() {
	alone := tdata.NewBarrier(1)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		alone.Arrive(tx).Wait(tx)
		fmt.Println("passed")
		return nil
	})
	// Output: passed
}

func ExampleArrival_Over() {
	round := tdata.NewBarrier(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(round.Arrive(tx).Over(tx))
		return nil
	})
	// Output: false
}

func ExampleArrival_Leave() {
	round := tdata.NewBarrier(2)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(round.Arrive(tx).Leave(tx), round.Arrived(tx))
		return nil
	})
	// Output: true 0
}

func ExamplePromise() {
	var answer tdata.Promise[int]
	go func() { _ = answer.Settle(42, nil) }()
	fmt.Println(answer.Await(context.Background()))
	// Output: 42 <nil>
}

func ExampleNewPromise() {
	answer := tdata.NewPromise[int](tdata.Named("answer"))
	_ = answer.Settle(0, errors.New("no answer"))
	fmt.Println(answer.Await(context.Background()))
	// Output: 0 no answer
}

func ExamplePromise_Resolve() {
	var answer tdata.Promise[int]
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(answer.Resolve(tx, 42))
		fmt.Println(answer.Resolve(tx, 43))
		return nil
	})
	// Output:
	// <nil>
	// tdata: the promise is settled already
}

func ExamplePromise_Reject() {
	var answer tdata.Promise[int]
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		_ = answer.Reject(tx, errors.New("no answer"))
		fmt.Println(answer.Get(tx))
		return nil
	})
	// Output: 0 no answer
}

func ExamplePromise_Get() {
	var answer tdata.Promise[int]
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		_ = answer.Resolve(tx, 42)
		fmt.Println(answer.Get(tx))
		return nil
	})
	// Output: 42 <nil>
}

func ExamplePromise_TryGet() {
	var answer tdata.Promise[int]
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(answer.TryGet(tx))
		return nil
	})
	// Output: 0 <nil> false
}

func ExamplePromise_Settle() {
	var answer tdata.Promise[int]
	fmt.Println(answer.Settle(42, nil))
	fmt.Println(answer.Await(context.Background()))
	// Output:
	// <nil>
	// 42 <nil>
}

func ExamplePromise_Await() {
	var answer tdata.Promise[int]
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := answer.Await(ctx)
	fmt.Println(err)
	// Output: context canceled
}

func ExampleOneOf() {
	var urgent, normal, retry tdata.Queue[string]
	var quit tvar.TVar[bool]
	_ = normal.Send(context.Background(), "wash")
	next := tdata.OneOf(urgent.Take, normal.Take, retry.Take, tdata.When[string](&quit, errors.New("quit")))
	fmt.Println(stm.Do(context.Background(), next))
	quit.Store(true)
	_, err := stm.Do(context.Background(), next)
	fmt.Println(err)
	// Output:
	// wash <nil>
	// quit
}

func ExampleWhen() {
	var quit tvar.TVar[bool]
	quit.Store(true)
	_, err := stm.Do(context.Background(), tdata.When[int](&quit, errors.New("quit")))
	fmt.Println(err)
	// Output: quit
}

func ExampleUntil() {
	var urgent, normal tdata.Queue[string]
	var quit tvar.TVar[bool]
	_ = normal.Send(context.Background(), "wash")
	urgent.Shut()
	normal.Shut()
	next := tdata.Until(&quit, errors.New("quit"), tdata.OneOf(urgent.Take, normal.Take))
	for job, err := range tdata.Each(context.Background(), next) { // until the queues are empty, or quit is set
		fmt.Println(job, err)
	}
	// Output: wash <nil>
}

func ExampleChan() {
	var jobs tdata.Queue[string]
	_ = jobs.Send(context.Background(), "wash")
	ctx, cancel := context.WithCancel(context.Background())
	values, wait := tdata.Chan(ctx, jobs.Take, jobs.Untake)
	select {
	case job := <-values:
		fmt.Println(job)
	case <-ctx.Done():
	}
	cancel()
	fmt.Println(wait())
	// Output:
	// wash
	// context canceled
}

func ExampleEach() {
	var jobs tdata.Queue[string]
	_ = jobs.Send(context.Background(), "wash")
	_ = jobs.Send(context.Background(), "rinse")
	jobs.Shut()
	for job, err := range tdata.Each(context.Background(), jobs.Take) {
		fmt.Println(job, err)
	}
	// Output:
	// wash <nil>
	// rinse <nil>
}

func ExampleFeed() {
	var jobs tdata.Queue[string]
	values := make(chan string, 2)
	values <- "wash"
	values <- "rinse"
	close(values)
	fmt.Println(tdata.Feed(context.Background(), values, jobs.Put), jobs.Snapshot())
	// Output: <nil> [wash rinse]
}

// failing is what a broken source does, and what becomes of it.
func failing() (failure *tdata.PanicError) {
	broken := func(*stm.Tx) (string, error) { panic(errors.New("no more soap")) }
	values, wait := tdata.Chan(context.Background(), broken, func(*stm.Tx, string) {})
	for job := range values {
		fmt.Println(job)
	}
	defer func() { failure, _ = recover().(*tdata.PanicError) }()
	_ = wait()
	return nil
}

func ExamplePanicError() {
	fmt.Println(failing().Value)
	// Output: no more soap
}

func ExamplePanicError_Error() {
	text, _, _ := strings.Cut(failing().Error(), "\n") // and the stack
	fmt.Println(text)
	// Output: no more soap
}

func ExamplePanicError_Unwrap() {
	fmt.Println(errors.Unwrap(failing()))
	// Output: no more soap
}

func ExampleUnsentError() {
	var jobs tdata.Queue[string]
	jobs.Shut()
	values := make(chan string, 1)
	values <- "wash"
	err := tdata.Feed(context.Background(), values, jobs.Put)
	var unsent *tdata.UnsentError[string]
	if errors.As(err, &unsent) {
		fmt.Println(unsent.Value, unsent.Err)
	}
	// Output: wash tdata: closed
}

func ExampleUnsentError_Error() {
	var jobs tdata.Queue[string]
	jobs.Shut()
	values := make(chan string, 1)
	values <- "wash"
	err := tdata.Feed(context.Background(), values, jobs.Put)
	fmt.Println(err)
	// Output: tdata: a received value was not put: tdata: closed
}

func ExampleUnsentError_Unwrap() {
	var jobs tdata.Queue[string]
	jobs.Shut()
	values := make(chan string, 1)
	values <- "wash"
	err := tdata.Feed(context.Background(), values, jobs.Put)
	fmt.Println(errors.Is(err, tdata.ErrClosed))
	// Output: true
}
