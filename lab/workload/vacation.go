package workload

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/words"
)

// Vacation is STAMP's vacation (Minh, Chung, Kozyrakis and Olukotun, "STAMP: Stanford Transactional
// Applications for Multi-Processing", IISWC 2008), rewritten from the paper: a travel agency whose tables
// are trees. As there, low has 2 queries a task over 90 % of the rows and 98 % reservations, high 4 over
// 60 % and 90 %. The tables are smaller, 256 rows each, and a customer may hold 16 reservations at most,
// since this one goes on for as long as it is measured.
var Vacation = Workload{
	Name: "vacation",
	Explain: "STAMP's vacation: reservations of cars, flights and rooms, deletions of customers with all they have, and " +
		"changes of the offer, on tables that are trees. An operation is one task of a client, one transaction. Tables have " +
		"256 rows, where STAMP's have 16,384 and more, so there are more clashes and less of the machine's memory is in play.",
	Cases: []string{"low", "high"},
	Needs: []string{"Memory"},
	Rate:  5000,
	New: func(s Setup) (*Load, error) {
		v := newVacation(s)
		memory := s.Discipline.Memory(v.heap.End())
		random := s.Rand(-1)
		for id := range int64(vacationRows) {
			memory.Update(func(w discipline.Words) { v.offerAll(w, random, id) })
		}
		booked := make([]tally, s.Goroutines)
		return &Load{
			Objects: []Object{memory},
			Worker:  func(i int) Op { return v.client(memory, s.Rand(i), i, &booked[i].n) },
			Check: func(uint64) (wrong error) {
				memory.View(func(w discipline.Words) { wrong = v.check(w, sum(booked)) })
				return wrong
			},
		}, nil
	},
}

const (
	vacationRows  = 256 // of each table, and customers
	vacationKinds = 3   // cars, flights, rooms
	vacationHolds = 16  // reservations of one customer
)

// What a row of a table has beyond its key.
const (
	rowTotal = words.Payload + iota
	rowFree
	rowPrice
)

// What a customer has beyond its number: a list of blocks, each a reservation.
const (
	customerFirst = words.Payload + iota
	customerCount
)

const (
	reservationNext = iota
	reservationKind
	reservationID
	reservationPrice
)

type vacation struct {
	heap      words.Heap
	rows      [vacationKinds]words.Tree
	customers words.Tree
	queries   int // a task
	reach     int64
	reserve   int // percent of the tasks
}

func newVacation(s Setup) *vacation {
	v := &vacation{queries: 2, reach: vacationRows * 90 / 100, reserve: 98}
	if s.Case == "high" {
		v.queries, v.reach, v.reserve = 4, vacationRows*60/100, 90
	}
	blocks := (vacationKinds+1)*vacationRows + vacationRows*vacationHolds
	v.heap = words.NewHeap(1+vacationKinds+1, s.Goroutines, blocks)
	for kind := range v.rows {
		v.rows[kind] = words.Tree{Root: 1 + kind, Heap: v.heap}
	}
	v.customers = words.Tree{Root: 1 + vacationKinds, Heap: v.heap}
	return v
}

func (v *vacation) offerAll(w discipline.Words, random *rand.Rand, id int64) {
	for kind := range v.rows {
		v.offer(w, 0, kind, id, 100*(1+id%5), price(random))
	}
}

func price(random *rand.Rand) int64 { return 50 + 10*random.Int64N(5) }

// client returns what one client does. It keeps the sum of what it has booked, less what it cancelled.
func (v *vacation) client(memory discipline.Memory, random *rand.Rand, shard int, booked *int64) Op {
	wishes := make([]wish, v.queries)
	return func(context.Context) error {
		for i := range wishes {
			wishes[i] = wish{random.IntN(vacationKinds), random.Int64N(v.reach), price(random), random.IntN(2) == 0}
		}
		task, customer := random.IntN(100), random.Int64N(v.reach)
		var money int64
		memory.Update(func(w discipline.Words) {
			switch money = 0; {
			case task < v.reserve:
				money = v.book(w, shard, customer, wishes)
			case task%2 == 0:
				money = -v.forget(w, shard, customer)
			default:
				v.change(w, shard, wishes)
			}
		})
		*booked += money
		return nil
	}
}

// A wish is one query of a task.
type wish struct {
	kind  int
	id    int64
	price int64
	add   bool
}

// book reserves the dearest that is free of each kind that was asked for, and returns what it costs.
func (v *vacation) book(w discipline.Words, shard int, customer int64, wishes []wish) (money int64) {
	var best [vacationKinds]int64 // prices
	var id [vacationKinds]int64
	for _, wish := range wishes {
		row := v.rows[wish.kind].Find(w, wish.id)
		if row != 0 && w.Get(row+rowFree) > 0 && w.Get(row+rowPrice) > best[wish.kind] {
			best[wish.kind], id[wish.kind] = w.Get(row+rowPrice), wish.id
		}
	}
	for kind, price := range best {
		if price > 0 && v.reserveOne(w, shard, customer, kind, id[kind]) {
			money += price
		}
	}
	return money
}

func (v *vacation) reserveOne(w discipline.Words, shard int, customer int64, kind int, id int64) bool {
	c := v.customers.Insert(w, shard, customer)
	count := w.Get(c + customerCount)
	if count == vacationHolds {
		return false
	}
	row := v.rows[kind].Find(w, id)
	w.Set(row+rowFree, w.Get(row+rowFree)-1)
	r := v.heap.Alloc(w, shard)
	w.Set(r+reservationNext, w.Get(c+customerFirst))
	w.Set(r+reservationKind, int64(kind))
	w.Set(r+reservationID, id)
	w.Set(r+reservationPrice, w.Get(row+rowPrice))
	w.Set(c+customerFirst, int64(r))
	w.Set(c+customerCount, count+1)
	return true
}

// forget deletes a customer, frees all that he had, and returns what that had cost.
func (v *vacation) forget(w discipline.Words, shard int, customer int64) (money int64) {
	c := v.customers.Find(w, customer)
	if c == 0 {
		return 0
	}
	for r, n := int(w.Get(c+customerFirst)), 0; r != 0; n++ {
		if n > vacationHolds {
			panic(words.Torn)
		}
		row := v.rows[w.Get(r+reservationKind)].Find(w, w.Get(r+reservationID))
		w.Set(row+rowFree, w.Get(row+rowFree)+1)
		money += w.Get(r + reservationPrice)
		next := int(w.Get(r + reservationNext))
		v.heap.Free(w, shard, r)
		r = next
	}
	v.customers.Delete(w, shard, customer)
	return money
}

// change adds to the offer or takes from it, 100 at a time.
func (v *vacation) change(w discipline.Words, shard int, wishes []wish) {
	for _, wish := range wishes {
		if wish.add {
			v.offer(w, shard, wish.kind, wish.id, 100, wish.price)
		} else {
			v.withdraw(w, shard, wish.kind, wish.id, 100)
		}
	}
}

func (v *vacation) offer(w discipline.Words, shard, kind int, id, n, price int64) {
	row := v.rows[kind].Insert(w, shard, id)
	w.Set(row+rowTotal, w.Get(row+rowTotal)+n)
	w.Set(row+rowFree, w.Get(row+rowFree)+n)
	w.Set(row+rowPrice, price)
}

// withdraw takes n of a row away if so many are free, and the row with the last of them.
func (v *vacation) withdraw(w discipline.Words, shard, kind int, id, n int64) {
	row := v.rows[kind].Find(w, id)
	if row == 0 || w.Get(row+rowFree) < n {
		return
	}
	w.Set(row+rowFree, w.Get(row+rowFree)-n)
	w.Set(row+rowTotal, w.Get(row+rowTotal)-n)
	if w.Get(row+rowTotal) == 0 {
		v.rows[kind].Delete(w, shard, id)
	}
}

// check wants every reservation to be of an existing row, what is reserved of a row to be what is not
// free, and all reservations together to cost what the clients remember to have booked.
func (v *vacation) check(w discipline.Words, booked int64) (wrong error) {
	var used [vacationKinds]map[int64]int64
	for kind := range used {
		used[kind] = map[int64]int64{}
	}
	v.customers.Each(w, func(customer int64, c int) bool {
		count := int64(0)
		for r := int(w.Get(c + customerFirst)); r != 0; r = int(w.Get(r + reservationNext)) {
			used[w.Get(r+reservationKind)][w.Get(r+reservationID)]++
			booked -= w.Get(r + reservationPrice)
			count++
		}
		wrong = errors.Join(wrong, Want(fmt.Sprintf("reservations of customer %d", customer), count, w.Get(c+customerCount)))
		return true
	})
	for kind, rows := range v.rows {
		rows.Each(w, func(id int64, row int) bool {
			total, free := w.Get(row+rowTotal), w.Get(row+rowFree)
			wrong = errors.Join(wrong, Want(fmt.Sprintf("row %d of table %d, reserved", id, kind), total-free, used[kind][id]))
			if free < 0 || total < free {
				wrong = errors.Join(wrong, fmt.Errorf("row %d of table %d has %d of %d free", id, kind, free, total))
			}
			delete(used[kind], id)
			return true
		})
		wrong = errors.Join(wrong, Want(fmt.Sprintf("reservations of what table %d does not have", kind), int64(len(used[kind])), 0))
	}
	return errors.Join(wrong, Want("what clients booked beyond what is reserved", booked, 0))
}
