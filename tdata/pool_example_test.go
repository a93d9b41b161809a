package tdata_test

import (
	"context"
	"fmt"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
	"github.com/rinse-go/rinse/tvar"
)

// dial stands for what is costly to make.
func dial(context.Context) (string, error) { return "connection", nil }

// A connection and a job for it are taken in one step.
func ExamplePool() {
	conns := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 10, New: dial})
	jobs := tvar.New([]string{"sweep", "mop"})
	_, _ = conns.Warm(context.Background())

	var conn *tdata.Resource[string]
	var job string
	err := stm.Atomically(context.Background(), func(tx *stm.Tx) (err error) {
		list := jobs.Get(tx)
		tx.Check(len(list) > 0)
		job = list[0]
		jobs.Set(tx, list[1:])
		conn, err = conns.Borrow(tx)
		return err
	})
	fmt.Println(job, "by", conn.Value(), err)
	conn.Release()
	// Output: sweep by connection <nil>
}

func ExampleNewPool() {
	p := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 2, New: dial}, tdata.Named("connections"))
	a, err := p.Acquire(context.Background())
	fmt.Println(a.Value(), err)
	// Output: connection <nil>
}

func ExamplePoolConfig() {
	p := tdata.NewPool(tdata.PoolConfig[string]{
		MaxSize: 2,
		New:     dial,
		Destroy: func(conn string) { fmt.Println("closing", conn) },
	})
	a, _ := p.Acquire(context.Background())
	a.Destroy()
	// Output: closing connection
}

func ExamplePool_Acquire() {
	p := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 1, New: dial})
	a, _ := p.Acquire(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), 1)
	defer cancel()
	_, err := p.Acquire(ctx)
	fmt.Println(err)
	a.Release()
	_, err = p.Acquire(context.Background())
	fmt.Println(err)
	// Output:
	// context deadline exceeded
	// <nil>
}

func ExamplePool_Borrow() {
	p := parked("a")
	r, err := stm.Do(context.Background(), p.Borrow) // waits until one is idle
	fmt.Println(r.Value(), err)
	// Output: a <nil>
}

// parked returns a pool of resources that the caller has made.
func parked(values ...string) *tdata.Pool[string] {
	p := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 5})
	for _, v := range values {
		_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error { return p.Park(tx, v) })
	}
	return p
}

func ExamplePool_TryBorrow() {
	p := parked("a")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(p.TryBorrow(tx).Value())
		fmt.Println(p.TryBorrow(tx) == nil)
		return nil
	})
	// Output:
	// a
	// true
}

func ExamplePool_BorrowAll() {
	p := parked("good", "bad")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		for _, r := range p.BorrowAll(tx) {
			if r.Value() == "bad" {
				r.Drop(tx)
			} else {
				r.Return(tx)
			}
		}
		return nil
	})
	fmt.Println(p.Stats().Idle)
	// Output: 1
}

func ExamplePool_Park() {
	p := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 1})
	err := stm.Atomically(context.Background(), func(tx *stm.Tx) error { return p.Park(tx, "a") })
	fmt.Println(err, p.Stats().Idle)
	// Output: <nil> 1
}

func ExamplePool_Warm() {
	p := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 1, New: dial})
	fmt.Println(p.Warm(context.Background()))
	fmt.Println(p.Warm(context.Background())) // it is full
	// Output:
	// true <nil>
	// false <nil>
}

func ExamplePool_TryAcquire() {
	p := parked("connection")
	r, ok := p.TryAcquire()
	fmt.Println(r.Value(), ok)
	_, ok = p.TryAcquire()
	fmt.Println(ok)
	// Output:
	// connection true
	// false
}

func ExamplePool_Reset() {
	p := parked("connection")
	address := tvar.New("10.0.0.1")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		address.Set(tx, "10.0.0.2")
		p.Reset(tx) // what was dialled before goes with the old address
		return nil
	})
	fmt.Println(p.Stats().Idle)
	// Output: 0
}

func ExamplePool_Renew() {
	p := parked("connection")
	p.Renew()
	fmt.Println(p.Stats().Idle)
	// Output: 0
}

func ExamplePool_Close() {
	p := parked("a")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		p.Close(tx)
		return nil
	})
	_, err := p.Acquire(context.Background())
	fmt.Println(err)
	// Output: tdata: closed: Pool
}

func ExamplePool_Shutdown() {
	p := tdata.NewPool(tdata.PoolConfig[string]{
		MaxSize: 2,
		New:     dial,
		Destroy: func(conn string) { fmt.Println("closing", conn) },
	})
	_, _ = p.Warm(context.Background())
	fmt.Println(p.Shutdown(context.Background()))
	// Output:
	// closing connection
	// <nil>
}

func ExamplePool_Stats() {
	p := parked("a", "b")
	_, _ = p.Acquire(context.Background())
	s := p.Stats()
	fmt.Println(s.Idle, s.Borrowed, s.MaxSize)
	// Output: 1 1 5
}

func ExamplePoolStats() {
	fmt.Println(parked("a").Stats().Idle)
	// Output: 1
}

func ExamplePoolStats_Size() {
	fmt.Println(parked("a", "b").Stats().Size())
	// Output: 2
}

func ExampleResource() {
	p := parked("a")
	r, _ := p.Acquire(context.Background())
	defer r.Release()
	fmt.Println("using", r.Value())
	// Output: using a
}

func ExampleResource_Value() {
	r, _ := parked("a").Acquire(context.Background())
	fmt.Println(r.Value())
	// Output: a
}

func ExampleResource_Return() {
	p := parked("a")
	done := tvar.New(0)
	r, _ := p.Acquire(context.Background())
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		r.Return(tx)
		done.Set(tx, done.Get(tx)+1)
		return nil
	})
	fmt.Println(p.Stats().Idle, done.Load())
	// Output: 1 1
}

func ExampleResource_Release() {
	p := parked("a")
	r, _ := p.Acquire(context.Background())
	r.Release()
	fmt.Println(p.Stats().Idle)
	// Output: 1
}

func ExampleResource_Drop() {
	p := parked("broken")
	r, _ := p.Acquire(context.Background())
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		r.Drop(tx)
		return p.Park(tx, "new")
	})
	fmt.Println(p.Stats().Size())
	// Output: 1
}

func ExampleResource_Destroy() {
	p := parked("broken")
	r, _ := p.Acquire(context.Background())
	r.Destroy()
	fmt.Println(p.Stats().Size())
	// Output: 0
}

func ExampleResource_Hijack() {
	p := parked("a")
	r, _ := p.Acquire(context.Background())
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		fmt.Println(r.Hijack(tx), "is mine")
		return nil
	})
	fmt.Println(p.Stats().Size())
	// Output:
	// a is mine
	// 0
}

func ExampleResource_Made() {
	clock := newFakeClock()
	p := tdata.NewPool(tdata.PoolConfig[string]{MaxSize: 1, New: dial, Clock: clock})
	r, _ := p.Acquire(context.Background())
	fmt.Println(r.Made().Equal(clock.Now()))
	// Output: true
}

func ExampleResource_LastUsed() {
	r, _ := parked("a").Acquire(context.Background())
	fmt.Println(r.LastUsed().IsZero())
	// Output: true
}
