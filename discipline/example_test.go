package discipline_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rinse-go/rinse/discipline"
)

// find is Find for names that are known.
func find(name string) discipline.Discipline {
	d, ok := discipline.Find(name)
	if !ok {
		panic(name)
	}
	return d
}

// The same transfer under every discipline that has a bank.
func Example() {
	for _, d := range discipline.All() {
		if d.Bank == nil {
			fmt.Println(d.Name, "cannot:", d.Cannot["Bank"])
			continue
		}
		bank := d.Bank(2, 50)
		bank.Transfer(0, 1, 20)
		if bank.Balance(0) != 30 || bank.Total() != 100 {
			fmt.Println(d.Name, "is wrong")
		}
		bank.Close()
	}
	// Output: atomic cannot: a transfer changes two words, and an audit reads all at one moment; an instruction does one
}

func ExampleAll() {
	for _, d := range discipline.All() {
		fmt.Print(d.Name, " ")
	}
	// Output: actors anacrolix atomic checkout cow green loop mutex pool process queue queue-batched rwmutex stm striped
}

func ExampleFind() {
	d, ok := discipline.Find("atomic")
	fmt.Println(d.Name, ok)
	_, ok = discipline.Find("hope")
	fmt.Println(ok)
	// Output:
	// atomic true
	// false
}

func ExampleDiscipline() {
	d := find("atomic")
	fmt.Println(d.Counter != nil, d.Bank != nil)
	fmt.Println(d.Cannot["Bank"])
	// Output:
	// true false
	// a transfer changes two words, and an audit reads all at one moment; an instruction does one
}

func ExampleCounter() {
	c := find("queue").Counter()
	defer c.Close()
	c.Add(41) // sent and forgotten, but not lost
	fmt.Println(c.Inc(), c.Value())
	// Output: 42 42
}

func ExampleBank() {
	b := find("striped").Bank(2, 100)
	defer b.Close()
	fmt.Println(b.Transfer(0, 1, 30), b.Transfer(0, 1, 300))
	fmt.Println(b.Balance(0), b.Balance(1), b.Total())
	// Output:
	// true false
	// 70 130 200
}

func ExampleCache() {
	c := find("cow").Cache(2)
	defer c.Close()
	c.Put(1, 10)
	c.Put(2, 20)
	c.Put(1, 11) // known, so that it stays the first one
	c.Put(3, 30)
	fmt.Println(c.Get(1))
	fmt.Println(c.Get(3))
	fmt.Println(c.Len())
	// Output:
	// 0 false
	// 30 true
	// 2
}

func ExampleBuffer() {
	b := find("stm").Buffer(1)
	defer b.Close()
	fmt.Println(b.Put(context.Background(), 1))
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(b.Put(ctx, 2)) // it is full
	fmt.Println(b.Take(context.Background()))
	// Output:
	// <nil>
	// context deadline exceeded
	// 1 <nil>
}

func ExamplePool() {
	p := find("mutex").Pool(2)
	defer p.Close()
	ctx := context.Background()
	first, _ := p.Acquire(ctx)
	second, _ := p.Acquire(ctx)
	p.Release(second)
	p.Release(first)
	again, _ := p.Acquire(ctx) // the one that has been parked longest
	fmt.Println(first, second, again)
	// Output: 0 1 1
}

func ExamplePair() {
	p := find("loop").Pair()
	defer p.Close()
	p.Put(0, 7)
	fmt.Println(p.Move(0))
	fmt.Println(p.Lens())
	fmt.Println(p.TakeAny(context.Background()))
	// Output:
	// 7 true
	// [0 1]
	// 7 <nil>
}

func ExampleTable() {
	t := find("green").Table(5)
	defer t.Close()
	fmt.Println(t.PickUp(context.Background(), 0), t.PickUp(context.Background(), 2))
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(t.PickUp(ctx, 1)) // its neighbours eat
	t.PutDown(0)
	t.PutDown(2)
	fmt.Println(t.PickUp(context.Background(), 1))
	// Output:
	// <nil> <nil>
	// context deadline exceeded
	// <nil>
}

func ExampleIndex() {
	x := find("rwmutex").Index()
	defer x.Close()
	for key := range int64(10) {
		x.Put(key, 100*key)
	}
	fmt.Println(x.Delete(4), x.Delete(4))
	fmt.Println(x.Get(5))
	fmt.Println(x.Scan(3, 6))
	// Output:
	// true false
	// 500 true
	// 2 800
}

func ExampleLatch() {
	l := find("actors").Latch()
	defer l.Close()
	passed := make(chan error)
	go func() { passed <- l.Wait(context.Background()) }()
	l.Open()
	fmt.Println(<-passed, l.Wait(context.Background()))
	// Output: <nil> <nil>
}

func ExampleMemory() {
	m := find("stm").Memory(3)
	defer m.Close()
	m.Update(func(w discipline.Words) {
		w.Set(0, 1)
		w.Set(2, w.Get(0)+1)
	})
	m.View(func(w discipline.Words) { fmt.Println(w.Get(0), w.Get(1), w.Get(2)) })
	// Output: 1 0 2
}

func ExampleClasher() {
	c := find("stm").Counter()
	defer c.Close()
	c.Inc()
	fmt.Println(c.(discipline.Clasher).Clashes())
	// Output: 0
}

func ExamplePipeline() {
	double := func(inbox <-chan int, outbox chan<- int) {
		for n := range inbox {
			outbox <- 2 * n
		}
	}
	odd := func(inbox <-chan int, outbox chan<- int) {
		for n := range inbox {
			outbox <- n + 1
		}
	}
	write := func(inbox <-chan int, outbox chan<- string) {
		for n := range inbox {
			outbox <- fmt.Sprint("number ", n)
		}
	}
	numbers, texts := make(chan int, 3), make(chan string, 3)
	numbers <- 1
	numbers <- 2
	close(numbers)
	discipline.Pipeline(double, odd, write)(numbers, texts)
	fmt.Println(<-texts, "and", <-texts)
	// Output: number 3 and number 5
}

func ExampleRunChild() {
	discipline.RunChild() // first thing in main: a child process does not get beyond it

	c := find("process").Counter() // in another process
	defer c.Close()
	c.Add(2)
	fmt.Println(c.Value())
	// Output: 2
}

func ExampleErrCannot() {
	fmt.Println(discipline.ErrCannot)
	// Output: discipline: this operation cannot be done this way
}

func ExampleErrChildDied() {
	err := fmt.Errorf("%w: signal: killed", discipline.ErrChildDied)
	fmt.Println(errors.Is(err, discipline.ErrChildDied))
	// Output: true
}
