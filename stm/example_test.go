package stm_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// Two accounts and a transfer between them: nobody ever sees the money in neither or in both.
func Example() {
	ctx := context.Background()
	alice, bob := tvar.New(100), tvar.New(0)

	transfer := func(amount int) error {
		return stm.Atomically(ctx, func(tx *stm.Tx) error {
			if alice.Get(tx) < amount {
				return errors.New("not enough money")
			}
			alice.Set(tx, alice.Get(tx)-amount)
			bob.Set(tx, bob.Get(tx)+amount)
			return nil
		})
	}
	fmt.Println(transfer(30), alice.Load(), bob.Load())
	fmt.Println(transfer(80), alice.Load(), bob.Load())
	// Output:
	// <nil> 70 30
	// not enough money 70 30
}

// An example with a queue: the consumer waits for work, the producer need not know that anybody does.
func Example_queue() {
	ctx := context.Background()
	queue := tvar.New[[]string](nil)

	take := func() (string, error) {
		return stm.Do(ctx, func(tx *stm.Tx) (string, error) {
			waiting := queue.Get(tx)
			tx.Check(len(waiting) > 0)
			queue.Set(tx, waiting[1:])
			return waiting[0], nil
		})
	}
	var consumer sync.WaitGroup
	consumer.Go(func() {
		for range 2 {
			fmt.Println(take())
		}
	})
	queue.Update(func(waiting []string) []string { return append(waiting[:len(waiting):len(waiting)], "wash") })
	queue.Update(func(waiting []string) []string { return append(waiting[:len(waiting):len(waiting)], "rinse") })
	consumer.Wait()
	// Output:
	// wash <nil>
	// rinse <nil>
}

func ExampleAtomically() {
	stock, sold := tvar.New(3), tvar.New(0)
	err := stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		stock.Set(tx, stock.Get(tx)-1)
		sold.Set(tx, sold.Get(tx)+1)
		return nil
	})
	fmt.Println(err, stock.Load(), sold.Load())
	// Output: <nil> 2 1
}

func ExampleView() {
	low, high := tvar.New(10), tvar.New(20)
	err := stm.View(context.Background(), func(tx *stm.Tx) error {
		fmt.Println("the span is", high.Get(tx)-low.Get(tx))
		return nil
	})
	fmt.Println(err)
	// Output:
	// the span is 10
	// <nil>
}

func ExampleDo() {
	next := tvar.New(7)
	id, err := stm.Do(context.Background(), func(tx *stm.Tx) (int, error) {
		id := next.Get(tx)
		next.Set(tx, id+1)
		return id, nil
	})
	fmt.Println(id, err, next.Load())
	// Output: 7 <nil> 8
}

func ExampleDoIn() {
	owner := stm.NewOwner()
	width, height := tvar.New(3, tvar.In(owner)), tvar.New(4, tvar.In(owner))
	area, err := stm.DoIn(context.Background(), owner, func(tx *stm.Tx) (int, error) {
		return width.Get(tx) * height.Get(tx), nil
	})
	fmt.Println(area, err)
	// Output: 12 <nil>
}

func ExampleDefault() {
	visits := tvar.New(0) // belongs to the default owner
	err := stm.Default().Atomically(context.Background(), func(tx *stm.Tx) error {
		visits.Set(tx, visits.Get(tx)+1)
		return nil
	})
	fmt.Println(visits.Load(), err)
	// Output: 1 <nil>
}

// Parts of a program that have nothing to do with each other can have an owner each.
func ExampleNewOwner() {
	shop := stm.NewOwner()
	price := tvar.New(5, tvar.In(shop), tvar.Name("price"))
	err := shop.Atomically(context.Background(), func(tx *stm.Tx) error {
		price.Set(tx, 6)
		return nil
	})
	fmt.Println(price.Load(), err)
	// Output: 6 <nil>
}

func ExampleOwner() {
	owner := stm.NewOwner()
	open := tvar.New(true, tvar.In(owner))
	err := owner.View(context.Background(), func(tx *stm.Tx) error {
		fmt.Println("open:", open.Get(tx))
		return nil
	})
	fmt.Println(err)
	// Output:
	// open: true
	// <nil>
}

func ExampleOwner_Atomically() {
	owner := stm.NewOwner()
	left, right := tvar.New("L", tvar.In(owner)), tvar.New("R", tvar.In(owner))
	err := owner.Atomically(context.Background(), func(tx *stm.Tx) error {
		l, r := left.Get(tx), right.Get(tx)
		left.Set(tx, r)
		right.Set(tx, l)
		return nil
	})
	fmt.Println(left.Load(), right.Load(), err)
	// Output: R L <nil>
}

func ExampleOwner_View() {
	owner := stm.NewOwner()
	accounts := []*tvar.TVar[int]{tvar.New(60, tvar.In(owner)), tvar.New(40, tvar.In(owner))}
	total := 0
	err := owner.View(context.Background(), func(tx *stm.Tx) error {
		total = 0 // the function may run more than once
		for _, account := range accounts {
			total += account.Get(tx)
		}
		return nil
	})
	fmt.Println(total, err)
	// Output: 100 <nil>
}

// What cannot be undone, such as printing, is safe in a function that runs once.
func ExampleOwner_Irrevocably() {
	owner := stm.NewOwner()
	ticket := tvar.New(41, tvar.In(owner))
	err := owner.Irrevocably(context.Background(), func(tx *stm.Tx) error {
		ticket.Set(tx, ticket.Get(tx)+1)
		fmt.Println("printing ticket", ticket.Get(tx))
		return nil
	})
	fmt.Println(err)
	// Output:
	// printing ticket 42
	// <nil>
}

func ExampleOwner_Try() {
	owner := stm.NewOwner()
	seats := tvar.New(0, tvar.In(owner))
	book := func(tx *stm.Tx) error {
		tx.Check(seats.Get(tx) > 0)
		seats.Set(tx, seats.Get(tx)-1)
		return nil
	}
	if errors.Is(owner.Try(book), stm.ErrRetry) {
		fmt.Println("no seat now")
	}
	seats.Store(1)
	fmt.Println(owner.Try(book), seats.Load())
	// Output:
	// no seat now
	// <nil> 0
}

func ExampleOwner_Stats() {
	ctx, owner := context.Background(), stm.NewOwner()
	counter := tvar.New(0, tvar.In(owner))
	before := owner.Stats()
	for range 3 {
		_ = owner.Atomically(ctx, func(tx *stm.Tx) error { counter.Set(tx, counter.Get(tx)+1); return nil })
	}
	done := owner.Stats().Sub(before)
	fmt.Println("commits:", done.Commits, "clashes:", done.Clashes.Total())
	// Output: commits: 3 clashes: 0
}

func ExampleStats_Sub() {
	before := stm.Stats{Commits: 100, Waits: 7}
	after := stm.Stats{Commits: 140, Waits: 9}
	minute := after.Sub(before)
	fmt.Println(minute.Commits, "commits and", minute.Waits, "waits in a minute")
	// Output: 40 commits and 2 waits in a minute
}

func ExampleStats() {
	report := func(s stm.Stats) {
		fmt.Printf("%d commits, %d attempts lost, %d of them while reading\n", s.Commits, s.Clashes.Total(), s.Clashes.Read)
	}
	report(stm.Stats{Commits: 90, Clashes: stm.Causes{Read: 6, Commit: 3, Busy: 1}})
	// Output: 90 commits, 10 attempts lost, 6 of them while reading
}

func ExampleCauses_Total() {
	causes := stm.Causes{Read: 6, Commit: 3, Busy: 1}
	fmt.Println(causes.Total())
	// Output: 10
}

// A held checkout lasts as long as one likes. Nobody sees its changes before the commit, nobody is kept waiting.
func ExampleCheckout() {
	greeting := tvar.New("hello")
	held := stm.Checkout()
	defer held.Discard()

	greeting.Set(held, greeting.Get(held)+" world")
	fmt.Println(greeting.Load())

	_, err := held.Commit()
	fmt.Println(greeting.Load(), err)
	// Output:
	// hello
	// hello world <nil>
}

func ExampleOwner_Checkout() {
	owner := stm.NewOwner()
	page := tvar.New("draft", tvar.In(owner))
	held := owner.Checkout()
	defer held.Discard()

	page.Store("published") // by somebody else
	fmt.Println(page.Get(held), page.Load())
	// Output: draft published
}

func ExampleTx() {
	count := tvar.New(1)
	double := func(tx *stm.Tx) error { // what takes a Tx can be put together to larger transactions
		count.Set(tx, 2*count.Get(tx))
		return nil
	}
	err := stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		return errors.Join(double(tx), double(tx))
	})
	fmt.Println(count.Load(), err)
	// Output: 4 <nil>
}

func ExampleTx_Commit() {
	alice := tvar.New(100, tvar.Name("alice"))
	held := stm.Checkout()
	defer held.Discard()
	alice.Set(held, alice.Get(held)-10)

	alice.Store(5) // somebody else was faster

	_, err := held.Commit()
	fmt.Println(errors.Is(err, stm.ErrClash), alice.Load())
	// Output: true 5
}

func ExampleTx_Discard() {
	title := tvar.New("old")
	held := stm.Checkout()
	title.Set(held, "new")
	held.Discard()
	held.Discard() // does no harm
	fmt.Println(title.Load())
	// Output: old
}

func ExampleTx_Retry() {
	mail := tvar.New("")
	var reader sync.WaitGroup
	reader.Go(func() {
		_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
			if mail.Get(tx) == "" {
				tx.Retry() // sleeps until mail has changed, then runs the function again
			}
			fmt.Println("got", mail.Get(tx))
			return nil
		})
	})
	mail.Store("a letter")
	reader.Wait()
	// Output: got a letter
}

func ExampleTx_Check() {
	balance := tvar.New(20)
	var payer sync.WaitGroup
	payer.Go(func() {
		_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
			tx.Check(balance.Get(tx) >= 50) // waits until there is enough
			balance.Set(tx, balance.Get(tx)-50)
			return nil
		})
	})
	balance.Update(func(n int) int { return n + 40 })
	payer.Wait()
	fmt.Println(balance.Load())
	// Output: 10
}

// Take from the first queue that has something; if none has, wait for either.
func ExampleTx_OrElse() {
	urgent, normal := tvar.New[[]string](nil), tvar.New([]string{"tidy up"})
	job := ""
	take := func(queue *tvar.TVar[[]string]) func(*stm.Tx) error {
		return func(tx *stm.Tx) error {
			jobs := queue.Get(tx)
			tx.Check(len(jobs) > 0)
			job = jobs[0]
			queue.Set(tx, jobs[1:])
			return nil
		}
	}
	err := stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		return tx.OrElse(take(urgent), take(normal))
	})
	fmt.Println(job, err)
	// Output: tidy up <nil>
}

func ExampleTx_Nested() {
	orders, gifts := tvar.New(0), tvar.New(0)
	err := stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		orders.Set(tx, orders.Get(tx)+1)
		noGift := tx.Nested(func(tx *stm.Tx) error {
			gifts.Set(tx, gifts.Get(tx)+1)
			return errors.New("out of gifts")
		})
		fmt.Println("without a gift:", noGift)
		return nil
	})
	fmt.Println(orders.Load(), gifts.Load(), err)
	// Output:
	// without a gift: out of gifts
	// 1 0 <nil>
}

// A form was shown with a token. Its answer is taken only if the page is still the one that was shown.
func ExampleTx_Expect() {
	ctx := context.Background()
	page := tvar.New("first", tvar.Name("page"))
	answer := func(shown token.Token, text string) error {
		return stm.Atomically(ctx, func(tx *stm.Tx) error {
			if err := tx.Expect(shown, page); err != nil {
				return err
			}
			page.Set(tx, text)
			return nil
		})
	}
	_, shown := page.LoadToken()
	fmt.Println(answer(shown, "second"))
	fmt.Println(errors.Is(answer(shown, "another second"), stm.ErrClash), page.Load())
	// Output:
	// <nil>
	// true second
}

func ExampleTx_Token() {
	ctx := context.Background()
	name, age := tvar.New("Ann"), tvar.New(41)
	var seen token.Token
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		_, _ = name.Get(tx), age.Get(tx)
		seen = tx.Token()
		return nil
	})
	age.Store(42)
	err := stm.View(ctx, func(tx *stm.Tx) error { return tx.Expect(seen, name) })
	fmt.Println("name:", err)
	err = stm.View(ctx, func(tx *stm.Tx) error { return tx.Expect(seen, age) })
	fmt.Println("age has changed:", errors.Is(err, stm.ErrClash))
	// Output:
	// name: <nil>
	// age has changed: true
}

func ExampleTx_OnCommit() {
	order := tvar.New("")
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		order.Set(tx, "tea")
		tx.OnCommit(func() { fmt.Println("the kitchen is told:", order.Load()) })
		fmt.Println("ordering")
		return nil
	})
	// Output:
	// ordering
	// the kitchen is told: tea
}

func ExampleTx_OnCommitToken() {
	ctx := context.Background()
	page := tvar.New("old")
	var etag token.Token
	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		page.Set(tx, "new")
		tx.OnCommitToken(func(t token.Token) { etag = t })
		return nil
	})
	err := stm.View(ctx, func(tx *stm.Tx) error { return tx.Expect(etag, page) })
	fmt.Println("unchanged since its own commit:", err == nil)
	// Output: unchanged since its own commit: true
}

func ExampleTx_OnAbort() {
	seats := tvar.New(0)
	err := stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		tx.OnAbort(func() { fmt.Println("the held card is released") })
		if seats.Get(tx) == 0 {
			return errors.New("sold out")
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// the held card is released
	// sold out
}

func ExampleTx_Attempt() {
	counter := tvar.New(0)
	_ = stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		n := counter.Get(tx)
		if tx.Attempt() == 1 {
			counter.Store(10) // as if somebody else had been faster
		}
		counter.Set(tx, n+1)
		tx.OnCommit(func() { fmt.Println("done after some attempts, counter:", counter.Load()) })
		return nil
	})
	// Output: done after some attempts, counter: 11
}

func ExampleTx_Context() {
	type user struct{}
	ctx := context.WithValue(context.Background(), user{}, "ann")
	_ = stm.View(ctx, func(tx *stm.Tx) error {
		fmt.Println("asked by", tx.Context().Value(user{}))
		return nil
	})
	// Output: asked by ann
}

// A Var is a TVar of any type, so variables of different types can be named together.
func ExampleVar() {
	name, age := tvar.New("Ann"), tvar.New(41)
	person := []stm.Var{name, age}
	_, seen := age.LoadToken()
	err := stm.View(context.Background(), func(tx *stm.Tx) error { return tx.Expect(seen, person...) })
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClashError() {
	alice := tvar.New(100, tvar.Name("alice"))
	bob := tvar.New(100, tvar.Name("bob"))
	held := stm.Checkout()
	defer held.Discard()
	alice.Set(held, alice.Get(held)+bob.Get(held))
	alice.Store(1)
	bob.Store(2)

	_, err := held.Commit()
	var clash *stm.ClashError
	if errors.As(err, &clash) {
		names := map[string]string{}
		for _, v := range clash.Vars {
			names[v.Name] = map[bool]string{true: "written", false: "only read"}[v.Written]
		}
		fmt.Println(names)
	}
	// Output: map[alice:written bob:only read]
}

func ExampleErrClash() {
	draft := tvar.New("a")
	held := stm.Checkout()
	defer held.Discard()
	draft.Set(held, draft.Get(held)+"b")
	draft.Store("c")
	if _, err := held.Commit(); errors.Is(err, stm.ErrClash) {
		fmt.Println("somebody else changed it meanwhile:", draft.Load())
	}
	// Output: somebody else changed it meanwhile: c
}

func ExampleErrBlockedForever() {
	err := stm.Atomically(context.Background(), func(tx *stm.Tx) error {
		tx.Retry() // nothing has been read, so nothing could end the wait
		return nil
	})
	fmt.Println(errors.Is(err, stm.ErrBlockedForever))
	// Output: true
}

func ExampleErrReadOnly() {
	defer func() {
		err, _ := recover().(error)
		fmt.Println(errors.Is(err, stm.ErrReadOnly))
	}()
	seen := tvar.New(0, tvar.Name("seen"))
	_ = stm.View(context.Background(), func(tx *stm.Tx) error {
		seen.Set(tx, 1) // use Atomically to write
		return nil
	})
	// Output: true
}

// A form that is open for minutes: what was shown and what comes back are different requests.
func ExampleResume() {
	price := tvar.New(100, tvar.Name("price"))
	_, shown := price.LoadToken()
	field := shown.String() // travels in the form

	answer := func(field string, amount int) error {
		seen, err := token.Parse(field)
		if err != nil {
			return err
		}
		tx, err := stm.Resume(seen, price)
		if err != nil {
			return err
		}
		defer tx.Discard()
		price.Set(tx, amount)
		_, err = tx.Commit()
		return err
	}
	fmt.Println(answer(field, 110), price.Load())
	fmt.Println(errors.Is(answer(field, 120), stm.ErrClash), price.Load())
	// Output:
	// <nil> 110
	// true 110
}

func ExampleOwner_Resume() {
	shop := stm.NewOwner()
	price := tvar.New(100, tvar.Name("price"), tvar.In(shop))
	_, old := price.LoadToken()
	price.Store(90)
	_, fresh := price.LoadToken()

	_, err := shop.Resume(old, price)
	fmt.Println(errors.Is(err, stm.ErrClash))
	_, err = stm.NewOwner().Resume(fresh)
	fmt.Println(errors.Is(err, stm.ErrForeign))
	tx, err := shop.Resume(fresh, price)
	fmt.Println(err)
	defer tx.Discard()
	fmt.Println(price.Get(tx))
	// Output:
	// true
	// true
	// <nil>
	// 90
}

func ExampleTx_Rebase() {
	sum := tvar.Merge(func(base, mine, theirs int) (int, error) { return theirs + mine - base, nil })
	stock := tvar.New(10, tvar.Name("stock"), sum)
	price := tvar.New(100, tvar.Name("price"))

	tx := stm.Checkout()
	defer tx.Discard()
	stock.Set(tx, stock.Get(tx)-3)
	fmt.Println("at", price.Get(tx))

	stock.Store(9) // meanwhile, somebody else
	price.Store(90)

	_, err := tx.Commit()
	fmt.Println(errors.Is(err, stm.ErrClash))
	fmt.Println(tx.Rebase())
	fmt.Println("at", price.Get(tx))
	_, err = tx.Commit()
	fmt.Println(err, stock.Load())
	// Output:
	// at 100
	// true
	// <nil>
	// at 90
	// <nil> 6
}

func ExampleTx_Checkpoint() {
	text := tvar.New("draft")
	tx := stm.Checkout()
	defer tx.Discard()
	text.Set(tx, "draft, reviewed")
	saved, err := tx.Checkpoint()
	fmt.Println(text.Load(), err, tx.Token() == saved)
	text.Set(tx, text.Get(tx)+", corrected")
	_, err = tx.Checkpoint()
	fmt.Println(text.Load(), err)
	// Output:
	// draft, reviewed <nil> true
	// draft, reviewed, corrected <nil>
}

func ExampleTx_Label() {
	ctx := context.Background()
	price := tvar.New(100, tvar.Name("price"))
	mine := stm.Checkout()
	defer mine.Discard()
	price.Set(mine, 110)

	_ = stm.Atomically(ctx, func(tx *stm.Tx) error {
		tx.Label("ann")
		price.Set(tx, 90)
		return nil
	})
	_, err := mine.Commit()
	var clash *stm.ClashError
	if errors.As(err, &clash) {
		fmt.Println(clash.Vars[0].Name, "was changed by", clash.Vars[0].By)
	}
	// Output: price was changed by ann
}

func ExampleTx_Clashes() {
	title, text := tvar.New("title", tvar.Name("title")), tvar.New("text", tvar.Name("text"))
	tx := stm.Checkout()
	defer tx.Discard()
	text.Set(tx, title.Get(tx)+": more")
	fmt.Println(len(tx.Clashes()))
	title.Store("another title")
	for _, v := range tx.Clashes() {
		fmt.Println(v.Name, v.Written)
	}
	// Output:
	// 0
	// title false
}

func ExampleOwner_Changed() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	title, text := tvar.New("title"), tvar.New("text")
	_, shown := text.LoadToken()
	answers := make(chan string)

	stale, err := stm.Default().Changed(ctx, shown, title, text)
	fmt.Println(err)
	go text.Store("another text")
	select {
	case <-stale:
		fmt.Println("changed while you edit:", text.Load())
	case answer := <-answers:
		fmt.Println(answer)
	}
	// Output:
	// <nil>
	// changed while you edit: another text
}
